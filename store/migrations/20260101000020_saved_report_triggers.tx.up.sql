create trigger saved_reports_feed_insert after insert on saved_reports referencing new table as changed for each statement execute function feed_records(52);

--bun:split

create trigger saved_reports_feed_update after update on saved_reports referencing new table as changed for each statement execute function feed_records(52);

--bun:split

create trigger saved_reports_feed_delete after delete on saved_reports referencing old table as changed for each statement execute function feed_records(52);

--bun:split

create trigger dashboards_feed_insert after insert on dashboards referencing new table as changed for each statement execute function feed_records(53);

--bun:split

create trigger dashboards_feed_update after update on dashboards referencing new table as changed for each statement execute function feed_records(53);

--bun:split

create trigger dashboards_feed_delete after delete on dashboards referencing old table as changed for each statement execute function feed_records(53);
