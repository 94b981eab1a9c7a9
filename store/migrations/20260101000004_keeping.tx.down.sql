drop table secrets;

--bun:split

drop table idempotency_keys;

--bun:split

drop table external_keys;

--bun:split

drop table audit_entries;
