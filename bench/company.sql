-- A company of {users} users in 200 departments, four divisions of fifty, with {customers} customers. User 16 sees his own, 2 a tenth
-- of all owners' (200 of 2,000), 3 three quarters' (1,500), 4 all; 5 to 14 are the people of a project, who have a role of their own.
-- Each customer has a contact, an opportunity and an activity, every third a service and a document. One opportunity in twenty
-- and one activity in ten is a colleague's; services are owned and done by a twentieth of the users, each after-sales. One
-- customer in fifty is in a pool, one in a thousand is shared with somebody, one document in a hundred has a list of its own.
set session_replication_role = replica;

insert into users (id, login, name, created_at, updated_at) select pg_temp.id(n, 1), n::text, n::text, now(), now() from generate_series(1, {users}) n;
insert into departments (id, name, parent_id, path, created_at, updated_at)
    select pg_temp.id(n, 2), n::text, case when n > 4 then pg_temp.id(n % 4 + 1, 2) end,
        case when n > 4 then array[pg_temp.id(n % 4 + 1, 2), pg_temp.id(n, 2)] else array[pg_temp.id(n, 2)] end, now(), now()
    from generate_series(1, 200) n;
insert into memberships (id, user_id, department_id, is_primary, created_at, updated_at)
    select pg_temp.id(n, 5), pg_temp.id(n, 1), pg_temp.id(n % 200 + 1, 2), true, now(), now() from generate_series(1, {users}) n;
insert into roles (id, code, name, permissions, created_at, updated_at)
    select pg_temp.id(n, 4), 'bench' || n, 'bench', array['CUSTOMER_READ', 'CONTACT_READ', 'OPPORTUNITY_READ', 'SERVICE_READ', 'DOCUMENT_READ',
        'ACTIVITY_READ', 'RELATIONSHIP_READ', 'REPORT'], now(), now()
    from generate_series(1, 2) n;
insert into user_roles (user_id, role_id) select pg_temp.id(n, 1), pg_temp.id(1, 4) from generate_series(1, {users}) n
    union all select pg_temp.id(n, 1), pg_temp.id(2, 4) from generate_series(5, 14) n;
insert into groups (id, name, created_at, updated_at) select pg_temp.id(n, 3), n::text, now(), now() from generate_series(2, 3) n;
insert into group_members (group_id, user_id)
    select pg_temp.id(2, 3), pg_temp.id(n, 1) from generate_series(1, {users} / 10) n
    union all select pg_temp.id(3, 3), pg_temp.id(n, 1) from generate_series(1, {users} * 3 / 4) n;
insert into grants (id, grantee_user_id, subject_id, everyone, effect, level, created_at, updated_at) values
    (pg_temp.id(1, 6), pg_temp.id(2, 1), pg_temp.id(2, 3), false, 'ALLOW', 'OBSERVE', now(), now()),
    (pg_temp.id(2, 6), pg_temp.id(3, 1), pg_temp.id(3, 3), false, 'ALLOW', 'OBSERVE', now(), now()),
    (pg_temp.id(3, 6), pg_temp.id(4, 1), null, true, 'ALLOW', 'OBSERVE', now(), now());
insert into pools (id, name, created_at, updated_at) select pg_temp.id(n, {pool}), n::text, now(), now() from generate_series(1, 4) n;

insert into customers (id, name, kind, lifecycle, owner_id, pool_id, created_at, updated_at)
    select pg_temp.id(n, 16), 'c' || n, 'ORGANIZATION', 'LEAD', case when n % 50 > 0 then pg_temp.id(n % {users} + 1, 1) end,
        case when n % 50 = 0 then pg_temp.id(n % 4 + 1, {pool}) end, now() - n * interval '1 second', now()
    from generate_series(1, {customers}) n;
insert into contacts (id, name, owner_id, created_at, updated_at)
    select pg_temp.id(n, 17), 'k' || n, pg_temp.id(n % {users} + 1, 1), now(), now() from generate_series(1, {customers}) n;
insert into relationships (id, type_id, a_id, b_id, created_at, updated_at)
    select pg_temp.id(n, 20), '{works}', pg_temp.id(n, 17), pg_temp.id(n, 16), now(), now() from generate_series(1, {customers}) n;
insert into opportunities (id, title, customer_id, pipeline_id, stage_id, status, amount, currency, opened_on, closed_at, owner_id, created_at, updated_at)
    select pg_temp.id(n, 35), 'o' || n, pg_temp.id(n, 16), s.pipeline_id, s.id, (array['WON', 'LOST', 'LOST', 'OPEN'])[n % 4 + 1], n % 1000, 'CNY',
        current_date - 90, case when n % 4 < 3 then now() - n % 60 * interval '1 day' end,
        pg_temp.id((n + case when n % 20 = 0 then 7 else 0 end) % {users} + 1, 1), now() - n * interval '1 second', now()
    from generate_series(1, {customers}) n cross join (select id, pipeline_id from stages order by id limit 1) s;
insert into services (id, title, kind, status, priority, customer_id, opportunity_id, owner_id, assignee_id, opened_at, created_at, updated_at)
    select pg_temp.id(n, 48), 's' || n, 'REPAIR', 'OPEN', 'NORMAL', pg_temp.id(n * 3, 16), case when n % 2 = 0 then pg_temp.id(n * 3, 35) end,
        pg_temp.id(n % ({users} / 20) * 20 + 1, 1), pg_temp.id((n + 1) % ({users} / 20) * 20 + 1, 1), now() - n * interval '1 second', now(), now()
    from generate_series(1, {customers} / 3) n;
insert into documents (id, name, media_type, size, sha256, storage_key, customer_id, opportunity_id, service_id, owner_id, restricted, uploaded_at, created_at, updated_at)
    select pg_temp.id(n, 49), 'd' || n, 'text/plain', 1, '', 'bench', pg_temp.id(n * 3, 16), case when n % 2 = 0 then pg_temp.id(n * 3, 35) end,
        case when n % 4 = 1 then pg_temp.id(n, 48) end, pg_temp.id(n * 3 % {users} + 1, 1), n % 100 = 0, now() - n * interval '1 second', now(), now()
    from generate_series(1, {customers} / 3) n;
insert into document_readers (document_id, subject_id)
    select pg_temp.id(n * 100, 49), pg_temp.id(n % {users} + 1, 1) from generate_series(1, {customers} / 300) n;
insert into activities (id, kind, summary, happened_at, customer_id, opportunity_id, owner_id, assignee_id, created_at, updated_at)
    select pg_temp.id(n, 50), 'CALL', 'a' || n, now() - n * interval '1 second', pg_temp.id(n, 16), case when n % 2 = 0 then pg_temp.id(n, 35) end,
        pg_temp.id((n + case when n % 10 = 0 then 11 else 0 end) % {users} + 1, 1), case when n % 10 = 1 then pg_temp.id((n + 2) % {users} + 1, 1) end, now(), now()
    from generate_series(1, {customers}) n;
insert into shares (id, record_id, subject_id, level, created_at, updated_at)
    select pg_temp.id(n, 7), pg_temp.id(n * 1000, 16), pg_temp.id(n % 20 + 1, 1), 'OBSERVE', now(), now() from generate_series(1, {customers} / 1000) n;
