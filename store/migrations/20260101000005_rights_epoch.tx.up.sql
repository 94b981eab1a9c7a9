create function bump_rights_epoch() returns trigger language plpgsql set search_path from current as $$
begin
    update rights_epoch set epoch = epoch + 1 where id = 1;
    return null;
end
$$;

--bun:split

create trigger users_rights_epoch after insert or update or delete on users for each statement execute function bump_rights_epoch();

--bun:split

create trigger departments_rights_epoch after insert or update or delete on departments for each statement execute function bump_rights_epoch();

--bun:split

create trigger memberships_rights_epoch after insert or update or delete on memberships for each statement execute function bump_rights_epoch();

--bun:split

create trigger groups_rights_epoch after insert or update or delete on groups for each statement execute function bump_rights_epoch();

--bun:split

create trigger group_members_rights_epoch after insert or update or delete on group_members for each statement execute function bump_rights_epoch();

--bun:split

create trigger roles_rights_epoch after insert or update or delete on roles for each statement execute function bump_rights_epoch();

--bun:split

create trigger field_rights_rights_epoch after insert or update or delete on field_rights for each statement execute function bump_rights_epoch();

--bun:split

create trigger user_roles_rights_epoch after insert or update or delete on user_roles for each statement execute function bump_rights_epoch();

--bun:split

create trigger grants_rights_epoch after insert or update or delete on grants for each statement execute function bump_rights_epoch();

--bun:split

create trigger pool_members_rights_epoch after insert or update or delete on pool_members for each statement execute function bump_rights_epoch();

--bun:split

create trigger company_rights_epoch after insert or update or delete on company for each statement execute function bump_rights_epoch();
