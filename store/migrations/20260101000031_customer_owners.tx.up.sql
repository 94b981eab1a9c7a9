-- Each record that has a customer carries whose that customer is: the owner of a customer that is not deleted, the zero id where it has none,
-- null without such a customer. attached_elsewhere marks the few that are attached to a record of another customer, which they belong to as well.
alter table opportunities add column customer_owner_id uuid;

--bun:split

alter table services add column customer_owner_id uuid, add column attached_elsewhere boolean not null default false;

--bun:split

alter table documents add column customer_owner_id uuid, add column attached_elsewhere boolean not null default false;

--bun:split

alter table activities add column customer_owner_id uuid, add column attached_elsewhere boolean not null default false;
