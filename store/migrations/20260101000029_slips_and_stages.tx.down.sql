drop index stage_changes_changed_at_idx;

--bun:split

drop index audit_entries_expected_close_idx;
