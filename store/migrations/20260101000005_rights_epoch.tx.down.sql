drop trigger company_rights_epoch on company;

--bun:split

drop trigger users_rights_epoch on users;

--bun:split

drop trigger departments_rights_epoch on departments;

--bun:split

drop trigger memberships_rights_epoch on memberships;

--bun:split

drop trigger groups_rights_epoch on groups;

--bun:split

drop trigger group_members_rights_epoch on group_members;

--bun:split

drop trigger roles_rights_epoch on roles;

--bun:split

drop trigger field_rights_rights_epoch on field_rights;

--bun:split

drop trigger user_roles_rights_epoch on user_roles;

--bun:split

drop trigger grants_rights_epoch on grants;

--bun:split

drop trigger pool_members_rights_epoch on pool_members;

--bun:split

drop function bump_rights_epoch();
