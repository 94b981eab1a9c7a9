create function note_added_holdings() returns trigger language plpgsql set search_path from current as $$
begin
    insert into holding_changes (id, turn, deleted_at)
        select a.id, 1 + coalesce((select max(c.turn) from holding_changes c where c.id = a.id), 0), '-infinity' from added a;
    return null;
end
$$;

--bun:split

create function note_changed_holding() returns trigger language plpgsql set search_path from current as $$
begin
    insert into holding_changes (id, turn, owner_id, pool_id, customer_id, opportunity_id, service_id, restricted, valid_until, deleted_at)
        select w.id, 1 + coalesce((select max(c.turn) from holding_changes c where c.id = w.id), 0),
            w.owner_id, w.pool_id, w.customer_id, w.opportunity_id, w.service_id, w.restricted, w.valid_until, w.deleted_at
        from jsonb_populate_record(null::holding_changes, to_jsonb(old)) w;
    return null;
end
$$;

--bun:split

create function forget_holdings() returns trigger language plpgsql set search_path from current as $$
begin
    insert into holding_changes (id, turn, forgotten) values (gen_random_uuid(), 1, true);
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

create trigger saved_reports_added after insert on saved_reports referencing new table as added for each statement execute function note_added_holdings();

--bun:split

create trigger saved_reports_changed after update on saved_reports for each row
    when ((old.owner_id, old.deleted_at) is distinct from (new.owner_id, new.deleted_at))
    execute function note_changed_holding();

--bun:split

create trigger saved_reports_gone after delete or truncate on saved_reports for each statement execute function forget_holdings();

--bun:split

create trigger dashboards_added after insert on dashboards referencing new table as added for each statement execute function note_added_holdings();

--bun:split

create trigger dashboards_changed after update on dashboards for each row
    when ((old.owner_id, old.deleted_at) is distinct from (new.owner_id, new.deleted_at))
    execute function note_changed_holding();

--bun:split

create trigger dashboards_gone after delete or truncate on dashboards for each statement execute function forget_holdings();
