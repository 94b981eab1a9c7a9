create index audit_entries_expected_close_idx on audit_entries (record_id, at, id) where jsonb_exists(changes, 'expected_close_on');

--bun:split

create index stage_changes_changed_at_idx on stage_changes (changed_at, id);
