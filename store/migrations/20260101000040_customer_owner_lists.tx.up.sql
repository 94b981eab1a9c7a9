-- Where lists begin at what belongs to the customers of some people, in the usual orders, and the few records that are attached elsewhere.
create index opportunities_customer_owner_id_idx on opportunities (customer_owner_id, created_at, id) where deleted_at is null;

--bun:split

create index opportunities_customer_owner_id_id_idx on opportunities (customer_owner_id, id) include (owner_id) where deleted_at is null;

--bun:split

create index services_customer_owner_id_idx on services (customer_owner_id, opened_at, id) include (owner_id, assignee_id) where deleted_at is null;

--bun:split

create index documents_customer_owner_id_idx on documents (customer_owner_id, uploaded_at, id) include (owner_id) where deleted_at is null;

--bun:split

create index activities_customer_owner_id_idx on activities (customer_owner_id, happened_at, id) include (owner_id, assignee_id) where deleted_at is null;

--bun:split

create index services_elsewhere_idx on services (opportunity_id) where attached_elsewhere;

--bun:split

create index documents_elsewhere_opportunity_idx on documents (opportunity_id) where attached_elsewhere;

--bun:split

create index documents_elsewhere_service_idx on documents (service_id) where attached_elsewhere;

--bun:split

create index activities_elsewhere_opportunity_idx on activities (opportunity_id) where attached_elsewhere;

--bun:split

create index activities_elsewhere_service_idx on activities (service_id) where attached_elsewhere;
