create table jobs (
    id uuid not null,
    kind text not null,
    state text not null,
    input jsonb not null,
    result jsonb,
    failure jsonb,
    progress double precision not null default 0,
    attempts integer not null default 0,
    owner_id uuid not null,
    holder_id uuid,
    leased_until timestamptz,
    finished_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint jobs_pkey primary key (id),
    constraint jobs_id_kind check (get_byte(uuid_send(id), 15) = 96),
    constraint jobs_owner_id_fkey foreign key (owner_id) references users (id),
    constraint jobs_state_check check (state in ('WAITING', 'RUNNING', 'DONE', 'FAILED', 'PARKED', 'CANCELLED')),
    constraint jobs_progress_check check (progress between 0 and 1),
    constraint jobs_finished_check check ((finished_at is null) = (state in ('WAITING', 'RUNNING')))
);

--bun:split

create index jobs_owner_id_idx on jobs (owner_id, created_at);

--bun:split

create index jobs_open_idx on jobs (created_at, id) where state in ('WAITING', 'RUNNING');
