update roles set permissions = permissions || array['SAVED_REPORT_EXPORT', 'DASHBOARD_EXPORT']
where code = 'administrator';
