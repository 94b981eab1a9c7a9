create table uploads (
    key text not null,
    at timestamptz not null,
    constraint uploads_pkey primary key (key)
);

--bun:split

create index uploads_at_idx on uploads (at);
