create table report_usage (
    day date not null,
    kind text not null,
    name text not null,
    user_id uuid not null,
    uses bigint not null,
    last_at timestamptz not null,
    constraint report_usage_pkey primary key (day, kind, name, user_id)
);
