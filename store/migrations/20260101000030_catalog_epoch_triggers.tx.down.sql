drop trigger users_catalog_epoch on users;

--bun:split

drop trigger departments_catalog_epoch on departments;

--bun:split

drop trigger memberships_catalog_epoch on memberships;

--bun:split

drop trigger groups_catalog_epoch on groups;

--bun:split

drop trigger roles_catalog_epoch on roles;

--bun:split

drop trigger competitors_catalog_epoch on competitors;

--bun:split

drop trigger relationship_types_catalog_epoch on relationship_types;

--bun:split

drop trigger products_catalog_epoch on products;

--bun:split

drop trigger pipelines_catalog_epoch on pipelines;

--bun:split

drop trigger stages_catalog_epoch on stages;

--bun:split

drop trigger dictionaries_catalog_epoch on dictionaries;

--bun:split

drop trigger dictionary_entries_catalog_epoch on dictionary_entries;

--bun:split

drop trigger pools_catalog_epoch on pools;

--bun:split

drop function bump_catalog_epoch();
