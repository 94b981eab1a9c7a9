drop table locks;

--bun:split

drop table rights_epoch;

--bun:split

drop table sessions;

--bun:split

drop table api_tokens;

--bun:split

drop table shares;

--bun:split

drop table grants;

--bun:split

drop table user_roles;

--bun:split

drop table field_rights;

--bun:split

drop table roles;

--bun:split

drop table group_members;

--bun:split

drop table groups;

--bun:split

drop table memberships;

--bun:split

drop table departments;

--bun:split

drop table users;

--bun:split

drop table company;
