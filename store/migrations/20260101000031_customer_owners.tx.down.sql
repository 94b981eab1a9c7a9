alter table opportunities drop column customer_owner_id;

--bun:split

alter table services drop column customer_owner_id, drop column attached_elsewhere;

--bun:split

alter table documents drop column customer_owner_id, drop column attached_elsewhere;

--bun:split

alter table activities drop column customer_owner_id, drop column attached_elsewhere;
