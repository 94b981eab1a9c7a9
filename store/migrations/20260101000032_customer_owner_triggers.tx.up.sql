create function take_customer_owner() returns trigger language plpgsql set search_path from current as $$
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

--bun:split

create function need_what_is_committed() returns void language plpgsql set search_path from current as $$
begin
    if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
        raise exception 'what belongs to a customer follows it only in a transaction that reads what others have committed'
            using errcode = 'active_sql_transaction';
    end if;
end
$$;

--bun:split

create function give_customer_owner() returns trigger language plpgsql set search_path from current as $$
declare
    holder uuid := case when new.deleted_at is null then coalesce(new.owner_id, '00000000-0000-0000-0000-000000000000') end;
begin
    perform need_what_is_committed();
    update opportunities r set customer_owner_id = holder where r.customer_id = new.id and r.customer_owner_id is distinct from holder;
    update services r set customer_owner_id = holder where r.customer_id = new.id and r.customer_owner_id is distinct from holder;
    update documents r set customer_owner_id = holder where r.customer_id = new.id and r.customer_owner_id is distinct from holder;
    update activities r set customer_owner_id = holder where r.customer_id = new.id and r.customer_owner_id is distinct from holder;
    return null;
end
$$;

--bun:split

create function move_attached() returns trigger language plpgsql set search_path from current as $$
begin
    -- Whether it is attached elsewhere is found anew by take_customer_owner, which a change of it calls.
    perform need_what_is_committed();
    if tg_table_name = 'opportunities' then
        update services r set attached_elsewhere = not r.attached_elsewhere where r.opportunity_id = new.id;
        update documents r set attached_elsewhere = not r.attached_elsewhere where r.opportunity_id = new.id;
        update activities r set attached_elsewhere = not r.attached_elsewhere where r.opportunity_id = new.id;
    else
        update documents r set attached_elsewhere = not r.attached_elsewhere where r.service_id = new.id;
        update activities r set attached_elsewhere = not r.attached_elsewhere where r.service_id = new.id;
    end if;
    return null;
end
$$;

--bun:split

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

create trigger opportunities_customer_owner_insert before insert on opportunities for each row execute function take_customer_owner();

--bun:split

create trigger opportunities_customer_owner_update before update on opportunities for each row
    when ((old.customer_id, old.customer_owner_id) is distinct from (new.customer_id, new.customer_owner_id))
    execute function take_customer_owner();

--bun:split

create trigger services_customer_owner_insert before insert on services for each row execute function take_customer_owner();

--bun:split

create trigger services_customer_owner_update before update on services for each row
    when ((old.customer_id, old.opportunity_id, old.customer_owner_id, old.attached_elsewhere) is distinct from (new.customer_id, new.opportunity_id, new.customer_owner_id, new.attached_elsewhere))
    execute function take_customer_owner();

--bun:split

create trigger documents_customer_owner_insert before insert on documents for each row execute function take_customer_owner();

--bun:split

create trigger documents_customer_owner_update before update on documents for each row
    when ((old.customer_id, old.opportunity_id, old.service_id, old.customer_owner_id, old.attached_elsewhere) is distinct from (new.customer_id, new.opportunity_id, new.service_id, new.customer_owner_id, new.attached_elsewhere))
    execute function take_customer_owner();

--bun:split

create trigger activities_customer_owner_insert before insert on activities for each row execute function take_customer_owner();

--bun:split

create trigger activities_customer_owner_update before update on activities for each row
    when ((old.customer_id, old.opportunity_id, old.service_id, old.customer_owner_id, old.attached_elsewhere) is distinct from (new.customer_id, new.opportunity_id, new.service_id, new.customer_owner_id, new.attached_elsewhere))
    execute function take_customer_owner();

--bun:split

create trigger customers_customer_owner after update on customers for each row
    when ((old.owner_id, old.deleted_at is null) is distinct from (new.owner_id, new.deleted_at is null))
    execute function give_customer_owner();

--bun:split

create trigger opportunities_attached after update on opportunities for each row
    when (old.customer_id is distinct from new.customer_id)
    execute function move_attached();

--bun:split

create trigger services_attached after update on services for each row
    when (old.customer_id is distinct from new.customer_id)
    execute function move_attached();
