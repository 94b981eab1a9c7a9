create table audit_entries (
    id uuid not null,
    record_id uuid not null,
    action text not null,
    at timestamptz not null,
    actor_id uuid,
    changes jsonb not null default '{}',
    constraint audit_entries_pkey primary key (id),
    constraint audit_entries_id_kind check (get_byte(uuid_send(id), 15) = 80),
    constraint audit_entries_actor_id_fkey foreign key (actor_id) references users (id)
);

--bun:split

create index audit_entries_record_id_idx on audit_entries (record_id, at, id);

--bun:split

create table external_keys (
    id uuid not null,
    source text not null,
    kind text not null,
    key text not null,
    record_id uuid not null,
    imported jsonb not null default '{}',
    imported_at timestamptz not null,
    constraint external_keys_pkey primary key (id),
    constraint external_keys_id_kind check (get_byte(uuid_send(id), 15) = 81),
    constraint external_keys_source_kind_key unique (source, kind, key)
);

--bun:split

create index external_keys_record_id_idx on external_keys (record_id);

--bun:split

create table idempotency_keys (
    user_id uuid not null,
    key text not null,
    operation text not null,
    request_hash bytea not null,
    record_id uuid,
    created_at timestamptz not null,
    constraint idempotency_keys_pkey primary key (user_id, key),
    constraint idempotency_keys_user_id_fkey foreign key (user_id) references users (id),
    constraint idempotency_keys_key_check check (char_length(key) between 1 and 255)
);

--bun:split

create index idempotency_keys_created_at_idx on idempotency_keys (created_at);

--bun:split

create table secrets (
    name text not null,
    value bytea not null,
    constraint secrets_pkey primary key (name)
);
