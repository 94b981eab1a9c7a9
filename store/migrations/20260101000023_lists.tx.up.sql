-- What lists are sorted by, and where those begin who see few: an index for each order that a list may ask for, of what is not deleted,
-- in the collation that names are sorted by, and of each owner's, assignee's and pool's records in their usual orders. store/index_test.go
-- holds every index against the statements that need it.
drop index customers_name_idx;

--bun:split

drop index contacts_name_idx;

--bun:split

drop index opportunities_created_at_idx;

--bun:split

drop index opportunities_closed_at_idx;

--bun:split

create index customers_name_idx on customers (name collate "zh-x-icu", id) where deleted_at is null;

--bun:split

create index customers_kind_idx on customers (kind, id) where deleted_at is null;

--bun:split

create index customers_lifecycle_idx on customers (lifecycle, id) where deleted_at is null;

--bun:split

create index customers_created_at_idx on customers (created_at, id) where deleted_at is null;

--bun:split

create index customers_updated_at_idx on customers (updated_at, id) where deleted_at is null;

--bun:split

create index contacts_name_idx on contacts (name collate "zh-x-icu", id) where deleted_at is null;

--bun:split

create index contacts_created_at_idx on contacts (created_at, id) where deleted_at is null;

--bun:split

create index contacts_updated_at_idx on contacts (updated_at, id) where deleted_at is null;

--bun:split

create index opportunities_title_idx on opportunities (title collate "zh-x-icu", id) where deleted_at is null;

--bun:split

create index opportunities_status_idx on opportunities (status, id) where deleted_at is null;

--bun:split

create index opportunities_amount_idx on opportunities (amount, id) where deleted_at is null;

--bun:split

create index opportunities_opened_on_idx on opportunities (opened_on, id) where deleted_at is null;

--bun:split

create index opportunities_expected_close_on_idx on opportunities (expected_close_on, id) where deleted_at is null;

--bun:split

create index opportunities_closed_at_idx on opportunities (closed_at, id) where deleted_at is null;

--bun:split

create index opportunities_created_at_idx on opportunities (created_at, id) where deleted_at is null;

--bun:split

create index opportunities_updated_at_idx on opportunities (updated_at, id) where deleted_at is null;

--bun:split

create index services_title_idx on services (title collate "zh-x-icu", id) where deleted_at is null;

--bun:split

create index services_status_idx on services (status, id) where deleted_at is null;

--bun:split

create index services_priority_idx on services (priority, id) where deleted_at is null;

--bun:split

create index services_opened_at_idx on services (opened_at, id) where deleted_at is null;

--bun:split

create index services_due_at_idx on services (due_at, id) where deleted_at is null;

--bun:split

create index services_closed_at_idx on services (closed_at, id) where deleted_at is null;

--bun:split

create index services_cost_idx on services (cost, id) where deleted_at is null;

--bun:split

create index services_created_at_idx on services (created_at, id) where deleted_at is null;

--bun:split

create index services_updated_at_idx on services (updated_at, id) where deleted_at is null;

--bun:split

create index documents_name_idx on documents (name collate "zh-x-icu", id) where deleted_at is null;

--bun:split

create index documents_size_idx on documents (size, id) where deleted_at is null;

--bun:split

create index documents_uploaded_at_idx on documents (uploaded_at, id) where deleted_at is null;

--bun:split

create index documents_created_at_idx on documents (created_at, id) where deleted_at is null;

--bun:split

create index documents_updated_at_idx on documents (updated_at, id) where deleted_at is null;

--bun:split

create index activities_happened_at_idx on activities (happened_at, id) where deleted_at is null;

--bun:split

create index activities_next_follow_up_on_idx on activities (next_follow_up_on, id) where deleted_at is null;

--bun:split

create index activities_created_at_idx on activities (created_at, id) where deleted_at is null;

--bun:split

create index activities_updated_at_idx on activities (updated_at, id) where deleted_at is null;

--bun:split

create index relationships_strength_idx on relationships (strength, id) where deleted_at is null;

--bun:split

create index relationships_valid_from_idx on relationships (valid_from, id) where deleted_at is null;

--bun:split

create index relationships_valid_until_order_idx on relationships (valid_until, id) where deleted_at is null;

--bun:split

create index relationships_created_at_idx on relationships (created_at, id) where deleted_at is null;

--bun:split

create index relationships_updated_at_idx on relationships (updated_at, id) where deleted_at is null;

--bun:split

create index customers_deleted_at_idx on customers (deleted_at, id) where deleted_at is not null;

--bun:split

create index contacts_deleted_at_idx on contacts (deleted_at, id) where deleted_at is not null;

--bun:split

create index opportunities_deleted_at_idx on opportunities (deleted_at, id) where deleted_at is not null;

--bun:split

create index services_deleted_at_idx on services (deleted_at, id) where deleted_at is not null;

--bun:split

create index documents_deleted_at_idx on documents (deleted_at, id) where deleted_at is not null;

--bun:split

create index activities_deleted_at_idx on activities (deleted_at, id) where deleted_at is not null;

--bun:split

create index relationships_deleted_at_idx on relationships (deleted_at, id) where deleted_at is not null;

--bun:split

create index saved_reports_deleted_at_idx on saved_reports (deleted_at, id) where deleted_at is not null;

--bun:split

create index dashboards_deleted_at_idx on dashboards (deleted_at, id) where deleted_at is not null;

--bun:split

create index customers_owner_id_name_idx on customers (owner_id, name collate "zh-x-icu", id) where deleted_at is null;

--bun:split

create index customers_owner_id_created_at_idx on customers (owner_id, created_at, id) where deleted_at is null;

--bun:split

create index customers_pool_id_name_idx on customers (pool_id, name collate "zh-x-icu", id) where deleted_at is null and pool_id is not null;

--bun:split

create index contacts_owner_id_name_idx on contacts (owner_id, name collate "zh-x-icu", id) where deleted_at is null;

--bun:split

create index opportunities_owner_id_id_idx on opportunities (owner_id, id) where deleted_at is null;

--bun:split

create index services_owner_id_opened_at_idx on services (owner_id, opened_at, id) where deleted_at is null;

--bun:split

create index services_assignee_id_opened_at_idx on services (assignee_id, opened_at, id) where deleted_at is null;

--bun:split

create index documents_owner_id_uploaded_at_idx on documents (owner_id, uploaded_at, id) where deleted_at is null;

--bun:split

create index activities_owner_id_id_idx on activities (owner_id, id) where deleted_at is null;

--bun:split

create index activities_assignee_id_happened_at_idx on activities (assignee_id, happened_at, id) where deleted_at is null and assignee_id is not null;

--bun:split

create index relationships_between_others_idx on relationships (id) where get_byte(uuid_send(a_id), 15) not in (16, 17) and get_byte(uuid_send(b_id), 15) not in (16, 17);

--bun:split

drop index customers_owner_id_idx;

--bun:split

create index customers_owner_id_idx on customers (owner_id, id) include (deleted_at);

--bun:split

drop index opportunities_customer_id_idx;

--bun:split

create index opportunities_customer_id_idx on opportunities (customer_id, created_at, id) include (deleted_at);

--bun:split

drop index services_customer_id_idx;

--bun:split

create index services_customer_id_idx on services (customer_id, opened_at, id) include (deleted_at);

--bun:split

drop index documents_customer_id_idx;

--bun:split

create index documents_customer_id_idx on documents (customer_id, uploaded_at, id) include (deleted_at);

--bun:split

drop index activities_customer_id_idx;

--bun:split

create index activities_customer_id_idx on activities (customer_id, happened_at, id) include (deleted_at);

--bun:split

drop index relationships_a_id_idx;

--bun:split

create index relationships_a_id_idx on relationships (a_id, type_id) include (b_id, valid_until, deleted_at);

--bun:split

drop index relationships_b_id_idx;

--bun:split

create index relationships_b_id_idx on relationships (b_id, type_id) include (a_id, valid_until, deleted_at);
