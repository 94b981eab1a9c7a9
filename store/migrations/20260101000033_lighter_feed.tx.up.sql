create or replace function feed_records() returns trigger language plpgsql set search_path from current as $$
begin
    if pg_trigger_depth() > 1 then -- what follows from a change that is told itself
        return null;
    end if;
    insert into feed (kind, op, records)
        select tg_argv[0]::smallint, left(tg_op, 1), array(select id from changed) where exists (select from changed);
    return null;
end
$$;

--bun:split

create or replace function feed_records_by() returns trigger language plpgsql set search_path from current as $$
begin
    -- What is written often is named, and so planned once: a statement that is not reached is never held against the table.
    if tg_argv[1] = 'opportunity_id' then
        insert into feed (kind, op, records)
            select tg_argv[0]::smallint, left(tg_op, 1), array(select distinct opportunity_id from changed) where exists (select from changed);
    elsif tg_argv[1] = 'record_id' then
        insert into feed (kind, op, records)
            select tg_argv[0]::smallint, left(tg_op, 1), array(select distinct record_id from changed) where exists (select from changed);
    else
        execute format('insert into feed (kind, op, records) select $1, $2, array(select distinct %I from changed) where exists (select from changed)', tg_argv[1])
            using tg_argv[0]::smallint, left(tg_op, 1);
    end if;
    return null;
end
$$;

--bun:split

create or replace function take_customer_owner() returns trigger language plpgsql set search_path from current as $$
begin
    -- What is read stays locked to the end: whoever hands the customer over, or moves what this is attached to, comes after and finds this row.
    -- Nothing is read for what it is not attached to.
    new.customer_owner_id := null;
    if new.customer_id is not null then
        new.customer_owner_id := (select case when c.deleted_at is null then coalesce(c.owner_id, '00000000-0000-0000-0000-000000000000') end
            from customers c where c.id = new.customer_id for share);
    end if;
    if tg_table_name = 'opportunities' then
        return new;
    end if;
    new.attached_elsewhere := false;
    if new.opportunity_id is not null then
        new.attached_elsewhere := coalesce((select a.customer_id is not null and a.customer_id is distinct from new.customer_id
            from opportunities a where a.id = new.opportunity_id for share), false);
    end if;
    if tg_table_name = 'services' or new.attached_elsewhere then
        return new;
    end if;
    if new.service_id is not null then
        new.attached_elsewhere := coalesce((select a.customer_id is not null and a.customer_id is distinct from new.customer_id
            from services a where a.id = new.service_id for share), false);
    end if;
    return new;
end
$$;
