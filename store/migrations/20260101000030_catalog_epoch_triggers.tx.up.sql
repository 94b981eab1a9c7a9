create function bump_catalog_epoch() returns trigger language plpgsql set search_path from current as $$
begin
    update rights_epoch set catalog = catalog + 1 where id = 1;
    return null;
end
$$;

--bun:split

create trigger users_catalog_epoch after insert or update or delete or truncate on users for each statement execute function bump_catalog_epoch();

--bun:split

create trigger departments_catalog_epoch after insert or update or delete or truncate on departments for each statement execute function bump_catalog_epoch();

--bun:split

create trigger memberships_catalog_epoch after insert or update or delete or truncate on memberships for each statement execute function bump_catalog_epoch();

--bun:split

create trigger groups_catalog_epoch after insert or update or delete or truncate on groups for each statement execute function bump_catalog_epoch();

--bun:split

create trigger roles_catalog_epoch after insert or update or delete or truncate on roles for each statement execute function bump_catalog_epoch();

--bun:split

create trigger competitors_catalog_epoch after insert or update or delete or truncate on competitors for each statement execute function bump_catalog_epoch();

--bun:split

create trigger relationship_types_catalog_epoch after insert or update or delete or truncate on relationship_types for each statement execute function bump_catalog_epoch();

--bun:split

create trigger products_catalog_epoch after insert or update or delete or truncate on products for each statement execute function bump_catalog_epoch();

--bun:split

create trigger pipelines_catalog_epoch after insert or update or delete or truncate on pipelines for each statement execute function bump_catalog_epoch();

--bun:split

create trigger stages_catalog_epoch after insert or update or delete or truncate on stages for each statement execute function bump_catalog_epoch();

--bun:split

create trigger dictionaries_catalog_epoch after insert or update or delete or truncate on dictionaries for each statement execute function bump_catalog_epoch();

--bun:split

create trigger dictionary_entries_catalog_epoch after insert or update or delete or truncate on dictionary_entries for each statement execute function bump_catalog_epoch();

--bun:split

create trigger pools_catalog_epoch after insert or update or delete or truncate on pools for each statement execute function bump_catalog_epoch();
