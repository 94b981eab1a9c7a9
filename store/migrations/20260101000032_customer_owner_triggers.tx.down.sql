drop function take_customer_owner, give_customer_owner, move_attached, need_what_is_committed cascade;

--bun:split

create or replace function feed_records() returns trigger language plpgsql set search_path from current as $$
declare
    ids uuid[];
begin
    select array_agg(id) into ids from changed;
    if ids is not null then
        insert into feed (kind, op, records) values (tg_argv[0]::smallint, left(tg_op, 1), ids);
    end if;
    return null;
end
$$;
