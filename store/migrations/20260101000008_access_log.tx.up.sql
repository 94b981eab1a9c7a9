create table access_log (
    id uuid not null,
    at timestamptz not null,
    user_id uuid not null,
    viewed_by uuid,
    request text not null,
    operation text,
    field text,
    record_id uuid,
    records bigint not null,
    constraint access_log_pkey primary key (id),
    constraint access_log_id_kind check (get_byte(uuid_send(id), 15) = 82),
    constraint access_log_user_id_fkey foreign key (user_id) references users (id),
    constraint access_log_viewed_by_fkey foreign key (viewed_by) references users (id)
);

--bun:split

create index access_log_at_idx on access_log (at, id);

--bun:split

create index access_log_user_id_idx on access_log (user_id, at);

--bun:split

create index access_log_record_id_idx on access_log (record_id, at) where record_id is not null;
