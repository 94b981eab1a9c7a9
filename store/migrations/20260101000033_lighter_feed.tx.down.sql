create or replace function feed_records() returns trigger language plpgsql set search_path from current as $$
declare
    ids uuid[];
begin
    if pg_trigger_depth() > 1 then -- what follows from a change that is told itself
        return null;
    end if;
    select array_agg(id) into ids from changed;
    if ids is not null then
        insert into feed (kind, op, records) values (tg_argv[0]::smallint, left(tg_op, 1), ids);
    end if;
    return null;
end
$$;

--bun:split

create or replace function feed_records_by() returns trigger language plpgsql set search_path from current as $$
declare
    ids uuid[];
begin
    execute format('select array_agg(distinct %I) from changed', tg_argv[1]) into ids;
    if ids is not null then
        insert into feed (kind, op, records) values (tg_argv[0]::smallint, left(tg_op, 1), ids);
    end if;
    return null;
end
$$;

--bun:split

create or replace function take_customer_owner() returns trigger language plpgsql set search_path from current as $$
begin
    -- What is read stays locked to the end: whoever hands the customer over, or moves what this is attached to, comes after and finds this row.
    new.customer_owner_id := (select case when c.deleted_at is null then coalesce(c.owner_id, '00000000-0000-0000-0000-000000000000') end
        from customers c where c.id = new.customer_id for share);
    if tg_table_name = 'opportunities' then
        return new;
    end if;
    new.attached_elsewhere := new.opportunity_id is not null and coalesce((select a.customer_id is not null and a.customer_id is distinct from new.customer_id
        from opportunities a where a.id = new.opportunity_id for share), false);
    if tg_table_name <> 'services' then
        new.attached_elsewhere := new.attached_elsewhere or new.service_id is not null and coalesce((select a.customer_id is not null and a.customer_id is distinct from new.customer_id
            from services a where a.id = new.service_id for share), false);
    end if;
    return new;
end
$$;
