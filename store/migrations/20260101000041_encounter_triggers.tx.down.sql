create or replace trigger encounters_feed_insert after insert on encounters referencing new table as changed for each statement execute function feed_records(38);

--bun:split

create or replace trigger encounters_feed_update after update on encounters referencing new table as changed for each statement execute function feed_records(38);

--bun:split

create or replace trigger encounters_feed_delete after delete on encounters referencing old table as changed for each statement execute function feed_records(38);

--bun:split

drop function feed_records_by_both();
