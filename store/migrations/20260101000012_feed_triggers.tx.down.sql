drop trigger users_feed_insert on users;

--bun:split

drop trigger users_feed_update on users;

--bun:split

drop trigger users_feed_delete on users;

--bun:split

drop trigger departments_feed_insert on departments;

--bun:split

drop trigger departments_feed_update on departments;

--bun:split

drop trigger departments_feed_delete on departments;

--bun:split

drop trigger groups_feed_insert on groups;

--bun:split

drop trigger groups_feed_update on groups;

--bun:split

drop trigger groups_feed_delete on groups;

--bun:split

drop trigger roles_feed_insert on roles;

--bun:split

drop trigger roles_feed_update on roles;

--bun:split

drop trigger roles_feed_delete on roles;

--bun:split

drop trigger memberships_feed_insert on memberships;

--bun:split

drop trigger memberships_feed_update on memberships;

--bun:split

drop trigger memberships_feed_delete on memberships;

--bun:split

drop trigger grants_feed_insert on grants;

--bun:split

drop trigger grants_feed_update on grants;

--bun:split

drop trigger grants_feed_delete on grants;

--bun:split

drop trigger customers_feed_insert on customers;

--bun:split

drop trigger customers_feed_update on customers;

--bun:split

drop trigger customers_feed_delete on customers;

--bun:split

drop trigger contacts_feed_insert on contacts;

--bun:split

drop trigger contacts_feed_update on contacts;

--bun:split

drop trigger contacts_feed_delete on contacts;

--bun:split

drop trigger competitors_feed_insert on competitors;

--bun:split

drop trigger competitors_feed_update on competitors;

--bun:split

drop trigger competitors_feed_delete on competitors;

--bun:split

drop trigger relationship_types_feed_insert on relationship_types;

--bun:split

drop trigger relationship_types_feed_update on relationship_types;

--bun:split

drop trigger relationship_types_feed_delete on relationship_types;

--bun:split

drop trigger relationships_feed_insert on relationships;

--bun:split

drop trigger relationships_feed_update on relationships;

--bun:split

drop trigger relationships_feed_delete on relationships;

--bun:split

drop trigger products_feed_insert on products;

--bun:split

drop trigger products_feed_update on products;

--bun:split

drop trigger products_feed_delete on products;

--bun:split

drop trigger pipelines_feed_insert on pipelines;

--bun:split

drop trigger pipelines_feed_update on pipelines;

--bun:split

drop trigger pipelines_feed_delete on pipelines;

--bun:split

drop trigger stages_feed_insert on stages;

--bun:split

drop trigger stages_feed_update on stages;

--bun:split

drop trigger stages_feed_delete on stages;

--bun:split

drop trigger opportunities_feed_insert on opportunities;

--bun:split

drop trigger opportunities_feed_update on opportunities;

--bun:split

drop trigger opportunities_feed_delete on opportunities;

--bun:split

drop trigger opportunity_lines_feed_insert on opportunity_lines;

--bun:split

drop trigger opportunity_lines_feed_update on opportunity_lines;

--bun:split

drop trigger opportunity_lines_feed_delete on opportunity_lines;

--bun:split

drop trigger stage_changes_feed_insert on stage_changes;

--bun:split

drop trigger stage_changes_feed_update on stage_changes;

--bun:split

drop trigger stage_changes_feed_delete on stage_changes;

--bun:split

drop trigger encounters_feed_insert on encounters;

--bun:split

drop trigger encounters_feed_update on encounters;

--bun:split

drop trigger encounters_feed_delete on encounters;

--bun:split

drop trigger services_feed_insert on services;

--bun:split

drop trigger services_feed_update on services;

--bun:split

drop trigger services_feed_delete on services;

--bun:split

drop trigger documents_feed_insert on documents;

--bun:split

drop trigger documents_feed_update on documents;

--bun:split

drop trigger documents_feed_delete on documents;

--bun:split

drop trigger activities_feed_insert on activities;

--bun:split

drop trigger activities_feed_update on activities;

--bun:split

drop trigger activities_feed_delete on activities;

--bun:split

drop trigger document_revisions_feed_insert on document_revisions;

--bun:split

drop trigger document_revisions_feed_update on document_revisions;

--bun:split

drop trigger document_revisions_feed_delete on document_revisions;

--bun:split

drop trigger dictionaries_feed_insert on dictionaries;

--bun:split

drop trigger dictionaries_feed_update on dictionaries;

--bun:split

drop trigger dictionaries_feed_delete on dictionaries;

--bun:split

drop trigger dictionary_entries_feed_insert on dictionary_entries;

--bun:split

drop trigger dictionary_entries_feed_update on dictionary_entries;

--bun:split

drop trigger dictionary_entries_feed_delete on dictionary_entries;

--bun:split

drop trigger pools_feed_insert on pools;

--bun:split

drop trigger pools_feed_update on pools;

--bun:split

drop trigger pools_feed_delete on pools;

--bun:split

drop trigger group_members_feed_insert on group_members;

--bun:split

drop trigger group_members_feed_update on group_members;

--bun:split

drop trigger group_members_feed_delete on group_members;

--bun:split

drop trigger user_roles_feed_insert on user_roles;

--bun:split

drop trigger user_roles_feed_update on user_roles;

--bun:split

drop trigger user_roles_feed_delete on user_roles;

--bun:split

drop trigger field_rights_feed_insert on field_rights;

--bun:split

drop trigger field_rights_feed_update on field_rights;

--bun:split

drop trigger field_rights_feed_delete on field_rights;

--bun:split

drop trigger shares_feed_insert on shares;

--bun:split

drop trigger shares_feed_update on shares;

--bun:split

drop trigger shares_feed_delete on shares;

--bun:split

drop trigger document_readers_feed_insert on document_readers;

--bun:split

drop trigger document_readers_feed_update on document_readers;

--bun:split

drop trigger document_readers_feed_delete on document_readers;

--bun:split

drop trigger pool_members_feed_insert on pool_members;

--bun:split

drop trigger pool_members_feed_update on pool_members;

--bun:split

drop trigger pool_members_feed_delete on pool_members;

--bun:split

drop trigger company_feed_insert on company;

--bun:split

drop trigger company_feed_update on company;

--bun:split

drop trigger company_feed_delete on company;

--bun:split

drop trigger currencies_feed_insert on currencies;

--bun:split

drop trigger currencies_feed_update on currencies;

--bun:split

drop trigger currencies_feed_delete on currencies;

--bun:split

drop trigger exchange_rates_feed_insert on exchange_rates;

--bun:split

drop trigger exchange_rates_feed_update on exchange_rates;

--bun:split

drop trigger exchange_rates_feed_delete on exchange_rates;

--bun:split

drop function feed_settings();

--bun:split

drop function feed_records_by();

--bun:split

drop function feed_records();
