-- What is there takes its customer's owner, while nobody writes. From then on the triggers keep it, also where a load switches others off.
lock table customers, opportunities, services, documents, activities in share row exclusive mode;

--bun:split

alter table opportunities disable trigger opportunities_feed_update, disable trigger opportunities_customer_owner_update;

--bun:split

alter table services disable trigger services_feed_update, disable trigger services_customer_owner_update;

--bun:split

alter table documents disable trigger documents_feed_update, disable trigger documents_customer_owner_update;

--bun:split

alter table activities disable trigger activities_feed_update, disable trigger activities_customer_owner_update;

--bun:split

update opportunities r set customer_owner_id = coalesce(c.owner_id, '00000000-0000-0000-0000-000000000000') from customers c where c.id = r.customer_id and c.deleted_at is null;

--bun:split

update services r set customer_owner_id = coalesce(c.owner_id, '00000000-0000-0000-0000-000000000000') from customers c where c.id = r.customer_id and c.deleted_at is null;

--bun:split

update documents r set customer_owner_id = coalesce(c.owner_id, '00000000-0000-0000-0000-000000000000') from customers c where c.id = r.customer_id and c.deleted_at is null;

--bun:split

update activities r set customer_owner_id = coalesce(c.owner_id, '00000000-0000-0000-0000-000000000000') from customers c where c.id = r.customer_id and c.deleted_at is null;

--bun:split

update services r set attached_elsewhere = true from opportunities a
    where a.id = r.opportunity_id and a.customer_id is not null and a.customer_id is distinct from r.customer_id and not r.attached_elsewhere;

--bun:split

update documents r set attached_elsewhere = true from opportunities a
    where a.id = r.opportunity_id and a.customer_id is not null and a.customer_id is distinct from r.customer_id and not r.attached_elsewhere;

--bun:split

update documents r set attached_elsewhere = true from services a
    where a.id = r.service_id and a.customer_id is not null and a.customer_id is distinct from r.customer_id and not r.attached_elsewhere;

--bun:split

update activities r set attached_elsewhere = true from opportunities a
    where a.id = r.opportunity_id and a.customer_id is not null and a.customer_id is distinct from r.customer_id and not r.attached_elsewhere;

--bun:split

update activities r set attached_elsewhere = true from services a
    where a.id = r.service_id and a.customer_id is not null and a.customer_id is distinct from r.customer_id and not r.attached_elsewhere;

--bun:split

alter table opportunities enable trigger opportunities_feed_update, enable always trigger opportunities_customer_owner_insert, enable always trigger opportunities_customer_owner_update, enable always trigger opportunities_attached;

--bun:split

alter table services enable trigger services_feed_update, enable always trigger services_customer_owner_insert, enable always trigger services_customer_owner_update, enable always trigger services_attached;

--bun:split

alter table documents enable trigger documents_feed_update, enable always trigger documents_customer_owner_insert, enable always trigger documents_customer_owner_update;

--bun:split

alter table activities enable trigger activities_feed_update, enable always trigger activities_customer_owner_insert, enable always trigger activities_customer_owner_update;

--bun:split

alter table customers enable always trigger customers_customer_owner;
