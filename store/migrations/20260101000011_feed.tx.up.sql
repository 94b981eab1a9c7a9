create table feed (
    seal bigint not null default 0,
    id uuid not null default gen_random_uuid(),
    at timestamptz not null default clock_timestamp(),
    kind smallint not null,
    op text not null,
    records uuid[] not null,
    sealed_at timestamptz,
    constraint feed_pkey primary key (seal, id)
);

--bun:split

create table feed_sealing (
    id integer not null,
    last bigint not null,
    cleaned bigint not null,
    constraint feed_sealing_pkey primary key (id),
    constraint feed_sealing_single check (id = 1)
);

--bun:split

insert into feed_sealing (id, last, cleaned) values (1, 0, 0);
