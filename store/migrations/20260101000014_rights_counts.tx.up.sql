-- How many records of each kind are in which hands, as it was when holding_state says that it was counted. What has changed since
-- stands in holding_changes, as it was before; an entry without an id says that the counts are good for nothing any more.
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
    seq bigint generated always as identity,
    id uuid,
    owner_id uuid,
    pool_id uuid,
    customer_id uuid,
    opportunity_id uuid,
    service_id uuid,
    restricted boolean,
    valid_until date,
    deleted_at timestamptz,
    constraint holding_changes_pkey primary key (seq)
);

--bun:split

create function note_added_holdings() returns trigger language plpgsql set search_path from current as $$
begin
    insert into holding_changes (id, deleted_at) select id, '-infinity' from added;
    return null;
end
$$;

--bun:split

create function note_changed_holding() returns trigger language plpgsql set search_path from current as $$
begin
    insert into holding_changes (id, owner_id, pool_id, customer_id, opportunity_id, service_id, restricted, valid_until, deleted_at)
        select w.id, w.owner_id, w.pool_id, w.customer_id, w.opportunity_id, w.service_id, w.restricted, w.valid_until, w.deleted_at
        from jsonb_populate_record(null::holding_changes, to_jsonb(old)) w;
    return null;
end
$$;

--bun:split

create function forget_holdings() returns trigger language plpgsql set search_path from current as $$
begin
    insert into holding_changes (id) values (null);
    return null;
end
$$;

--bun:split

create trigger customers_added after insert on customers referencing new table as added for each statement execute function note_added_holdings();

--bun:split

create trigger customers_changed after update on customers for each row
    when ((old.owner_id, old.pool_id, old.deleted_at) is distinct from (new.owner_id, new.pool_id, new.deleted_at))
    execute function note_changed_holding();

--bun:split

create trigger customers_gone after delete or truncate on customers for each statement execute function forget_holdings();

--bun:split

create trigger contacts_added after insert on contacts referencing new table as added for each statement execute function note_added_holdings();

--bun:split

create trigger contacts_changed after update on contacts for each row
    when ((old.owner_id, old.deleted_at) is distinct from (new.owner_id, new.deleted_at))
    execute function note_changed_holding();

--bun:split

create trigger contacts_gone after delete or truncate on contacts for each statement execute function forget_holdings();

--bun:split

create trigger relationships_added after insert on relationships referencing new table as added for each statement execute function note_added_holdings();

--bun:split

create trigger relationships_changed after update on relationships for each row
    when ((old.valid_until, old.deleted_at) is distinct from (new.valid_until, new.deleted_at))
    execute function note_changed_holding();

--bun:split

create trigger relationships_gone after delete or truncate on relationships for each statement execute function forget_holdings();

--bun:split

create trigger opportunities_added after insert on opportunities referencing new table as added for each statement execute function note_added_holdings();

--bun:split

create trigger opportunities_changed after update on opportunities for each row
    when ((old.owner_id, old.customer_id, old.deleted_at) is distinct from (new.owner_id, new.customer_id, new.deleted_at))
    execute function note_changed_holding();

--bun:split

create trigger opportunities_gone after delete or truncate on opportunities for each statement execute function forget_holdings();

--bun:split

create trigger services_added after insert on services referencing new table as added for each statement execute function note_added_holdings();

--bun:split

create trigger services_changed after update on services for each row
    when ((old.owner_id, old.customer_id, old.opportunity_id, old.deleted_at) is distinct from (new.owner_id, new.customer_id, new.opportunity_id, new.deleted_at))
    execute function note_changed_holding();

--bun:split

create trigger services_gone after delete or truncate on services for each statement execute function forget_holdings();

--bun:split

create trigger documents_added after insert on documents referencing new table as added for each statement execute function note_added_holdings();

--bun:split

create trigger documents_changed after update on documents for each row
    when ((old.owner_id, old.customer_id, old.opportunity_id, old.service_id, old.restricted, old.deleted_at) is distinct from (new.owner_id, new.customer_id, new.opportunity_id, new.service_id, new.restricted, new.deleted_at))
    execute function note_changed_holding();

--bun:split

create trigger documents_gone after delete or truncate on documents for each statement execute function forget_holdings();

--bun:split

create trigger activities_added after insert on activities referencing new table as added for each statement execute function note_added_holdings();

--bun:split

create trigger activities_changed after update on activities for each row
    when ((old.owner_id, old.customer_id, old.opportunity_id, old.service_id, old.deleted_at) is distinct from (new.owner_id, new.customer_id, new.opportunity_id, new.service_id, new.deleted_at))
    execute function note_changed_holding();

--bun:split

create trigger activities_gone after delete or truncate on activities for each statement execute function forget_holdings();

--bun:split

create trigger relationships_moved after update on relationships for each row
    when ((old.type_id, old.a_id, old.b_id) is distinct from (new.type_id, new.a_id, new.b_id))
    execute function forget_holdings();

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
