alter table stage_changes drop column created_at;
