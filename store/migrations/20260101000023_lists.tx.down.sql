drop index relationships_b_id_idx;

--bun:split

drop index relationships_a_id_idx;

--bun:split

drop index activities_customer_id_idx;

--bun:split

drop index documents_customer_id_idx;

--bun:split

drop index services_customer_id_idx;

--bun:split

drop index opportunities_customer_id_idx;

--bun:split

drop index customers_owner_id_idx;

--bun:split

drop index relationships_between_others_idx;

--bun:split

drop index activities_assignee_id_happened_at_idx;

--bun:split

drop index activities_owner_id_id_idx;

--bun:split

drop index documents_owner_id_uploaded_at_idx;

--bun:split

drop index services_assignee_id_opened_at_idx;

--bun:split

drop index services_owner_id_opened_at_idx;

--bun:split

drop index opportunities_owner_id_id_idx;

--bun:split

drop index contacts_owner_id_name_idx;

--bun:split

drop index customers_pool_id_name_idx;

--bun:split

drop index customers_owner_id_created_at_idx;

--bun:split

drop index customers_owner_id_name_idx;

--bun:split

drop index dashboards_deleted_at_idx;

--bun:split

drop index saved_reports_deleted_at_idx;

--bun:split

drop index relationships_deleted_at_idx;

--bun:split

drop index activities_deleted_at_idx;

--bun:split

drop index documents_deleted_at_idx;

--bun:split

drop index services_deleted_at_idx;

--bun:split

drop index opportunities_deleted_at_idx;

--bun:split

drop index contacts_deleted_at_idx;

--bun:split

drop index customers_deleted_at_idx;

--bun:split

drop index relationships_updated_at_idx;

--bun:split

drop index relationships_created_at_idx;

--bun:split

drop index relationships_valid_until_order_idx;

--bun:split

drop index relationships_valid_from_idx;

--bun:split

drop index relationships_strength_idx;

--bun:split

drop index activities_updated_at_idx;

--bun:split

drop index activities_created_at_idx;

--bun:split

drop index activities_next_follow_up_on_idx;

--bun:split

drop index activities_happened_at_idx;

--bun:split

drop index documents_updated_at_idx;

--bun:split

drop index documents_created_at_idx;

--bun:split

drop index documents_uploaded_at_idx;

--bun:split

drop index documents_size_idx;

--bun:split

drop index documents_name_idx;

--bun:split

drop index services_updated_at_idx;

--bun:split

drop index services_created_at_idx;

--bun:split

drop index services_cost_idx;

--bun:split

drop index services_closed_at_idx;

--bun:split

drop index services_due_at_idx;

--bun:split

drop index services_opened_at_idx;

--bun:split

drop index services_priority_idx;

--bun:split

drop index services_status_idx;

--bun:split

drop index services_title_idx;

--bun:split

drop index opportunities_updated_at_idx;

--bun:split

drop index opportunities_created_at_idx;

--bun:split

drop index opportunities_closed_at_idx;

--bun:split

drop index opportunities_expected_close_on_idx;

--bun:split

drop index opportunities_opened_on_idx;

--bun:split

drop index opportunities_amount_idx;

--bun:split

drop index opportunities_status_idx;

--bun:split

drop index opportunities_title_idx;

--bun:split

drop index contacts_updated_at_idx;

--bun:split

drop index contacts_created_at_idx;

--bun:split

drop index contacts_name_idx;

--bun:split

drop index customers_updated_at_idx;

--bun:split

drop index customers_created_at_idx;

--bun:split

drop index customers_lifecycle_idx;

--bun:split

drop index customers_kind_idx;

--bun:split

drop index customers_name_idx;

--bun:split

create index customers_name_idx on customers (name collate "zh-x-icu", id);

--bun:split

create index contacts_name_idx on contacts (name collate "zh-x-icu", id);

--bun:split

create index opportunities_created_at_idx on opportunities (created_at, id);

--bun:split

create index opportunities_closed_at_idx on opportunities (closed_at, id);

--bun:split

create index customers_owner_id_idx on customers (owner_id, id);

--bun:split

create index opportunities_customer_id_idx on opportunities (customer_id, created_at, id);

--bun:split

create index services_customer_id_idx on services (customer_id, opened_at, id);

--bun:split

create index documents_customer_id_idx on documents (customer_id, uploaded_at, id);

--bun:split

create index activities_customer_id_idx on activities (customer_id, happened_at, id);

--bun:split

create index relationships_a_id_idx on relationships (a_id, type_id);

--bun:split

create index relationships_b_id_idx on relationships (b_id, type_id);
