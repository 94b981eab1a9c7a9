create unlogged table sign_in_tries (
    key bytea not null,
    tries timestamptz[] not null,
    failed integer not null,
    last timestamptz not null,
    constraint sign_in_tries_pkey primary key (key)
);

--bun:split

create index sign_in_tries_last_idx on sign_in_tries (last);
