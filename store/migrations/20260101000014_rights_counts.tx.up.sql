-- How many records of each kind are in which hands, as it was when holding_state says that it was counted. What has changed since
-- stands in holding_changes, as it was before. An entry that is forgotten says that the counts are good for nothing any more.
create table holding_counts (
    kind text not null,
    owner_id uuid not null,
    holders uuid[] not null,
    records bigint not null,
    constraint holding_counts_pkey primary key (kind, owner_id, holders)
);

--bun:split

create index holding_counts_holders_idx on holding_counts using gin (holders);

--bun:split

create table holding_state (
    id integer not null,
    counted_on date not null,
    constraint holding_state_pkey primary key (id),
    constraint holding_state_single check (id = 1)
);

--bun:split

create table holding_changes (
    id uuid not null,
    turn integer not null,
    forgotten boolean not null default false,
    owner_id uuid,
    pool_id uuid,
    customer_id uuid,
    opportunity_id uuid,
    service_id uuid,
    restricted boolean,
    valid_until date,
    deleted_at timestamptz,
    constraint holding_changes_pkey primary key (id, turn)
);

--bun:split

create index services_opportunity_id_idx on services (opportunity_id) where opportunity_id is not null;

--bun:split

create index documents_opportunity_id_idx on documents (opportunity_id) where opportunity_id is not null;

--bun:split

create index documents_service_id_idx on documents (service_id) where service_id is not null;

--bun:split

create index activities_opportunity_id_idx on activities (opportunity_id) where opportunity_id is not null;

--bun:split

create index activities_service_id_idx on activities (service_id) where service_id is not null;

--bun:split

create index activities_assignee_id_idx on activities (assignee_id) where assignee_id is not null;

--bun:split

create index relationships_valid_until_idx on relationships (valid_until) where valid_until is not null;
