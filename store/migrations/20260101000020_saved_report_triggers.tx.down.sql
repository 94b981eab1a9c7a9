drop trigger dashboards_feed_insert on dashboards;

--bun:split

drop trigger dashboards_feed_update on dashboards;

--bun:split

drop trigger dashboards_feed_delete on dashboards;

--bun:split

drop trigger saved_reports_feed_insert on saved_reports;

--bun:split

drop trigger saved_reports_feed_update on saved_reports;

--bun:split

drop trigger saved_reports_feed_delete on saved_reports;
