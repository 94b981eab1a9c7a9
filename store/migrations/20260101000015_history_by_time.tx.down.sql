drop index audit_entries_kind_at_idx;
