drop index opportunities_customer_owner_id_idx;

--bun:split

drop index opportunities_customer_owner_id_id_idx;

--bun:split

drop index services_customer_owner_id_idx;

--bun:split

drop index documents_customer_owner_id_idx;

--bun:split

drop index activities_customer_owner_id_idx;

--bun:split

drop index services_elsewhere_idx;

--bun:split

drop index documents_elsewhere_opportunity_idx;

--bun:split

drop index documents_elsewhere_service_idx;

--bun:split

drop index activities_elsewhere_opportunity_idx;

--bun:split

drop index activities_elsewhere_service_idx;
