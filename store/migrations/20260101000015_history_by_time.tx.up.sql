create index audit_entries_kind_at_idx on audit_entries (get_byte(uuid_send(record_id), 15), at);
