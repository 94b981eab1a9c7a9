create function feed_records_by_both() returns trigger language plpgsql set search_path from current as $$
declare
    ids uuid[];
begin
    -- whose they are, and whose they were
    execute format('select array_agg(%1$I) from (select %1$I from changed union select %1$I from before) as named', tg_argv[1]) into ids;
    if ids is not null then
        insert into feed (kind, op, records) values (tg_argv[0]::smallint, left(tg_op, 1), ids);
    end if;
    return null;
end
$$;

--bun:split

create or replace trigger encounters_feed_insert after insert on encounters referencing new table as changed
    for each statement execute function feed_records_by(38, 'opportunity_id');

--bun:split

create or replace trigger encounters_feed_update after update on encounters referencing old table as before new table as changed
    for each statement execute function feed_records_by_both(38, 'opportunity_id');

--bun:split

create or replace trigger encounters_feed_delete after delete on encounters referencing old table as changed
    for each statement execute function feed_records_by(38, 'opportunity_id');
