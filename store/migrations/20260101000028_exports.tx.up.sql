-- a file of a report takes out the records that it counts and names: nothing takes out a saved report or a dashboard
update roles set permissions = array_remove(array_remove(permissions, 'SAVED_REPORT_EXPORT'), 'DASHBOARD_EXPORT')
where permissions && array['SAVED_REPORT_EXPORT', 'DASHBOARD_EXPORT'];
