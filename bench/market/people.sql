-- Those who sell: 2,000 users in 200 departments of ten, each 21 of them one division with the first at its head. The last user sees
-- all, as an analyst; the one before him sees the first three quarters, as a director does. User 1 is a sales manager who sees 210: his division and one beside it, less one whom a DENY keeps from him; a
-- pool is his division's. All others sell, each his own.
set session_replication_role = replica;

insert into users (id, login, name, search_terms, search_text, created_at, updated_at)
    select pg_temp.id(n, 1), n::text, w.name, w.terms, w.line, now(), now() from generate_series(1, {users}) n cross join lateral ({called USER}) w;
insert into departments (id, name, parent_id, path, created_at, updated_at)
    select pg_temp.id(n, 2), 'd' || n, case when n <> head then pg_temp.id(head, 2) end,
        case when n <> head then array[pg_temp.id(head, 2), pg_temp.id(n, 2)] else array[pg_temp.id(n, 2)] end, now(), now()
    from generate_series(1, {users} / 10) n cross join lateral (select (n - 1) / 21 * 21 + 1 as head) h;
insert into memberships (id, user_id, department_id, is_primary, created_at, updated_at)
    select pg_temp.id(n, 5), pg_temp.id(n, 1), pg_temp.id((n - 1) / 10 + 1, 2), true, now(), now() from generate_series(1, {users}) n;
insert into user_roles (user_id, role_id)
    select pg_temp.id(n, 1), r.id from generate_series(1, {users}) n
    join roles r on r.code = case n when 1 then 'sales_manager' when {users} - 1 then 'sales_manager' when {users} then 'analyst' else 'sales' end;
insert into groups (id, name, created_at, updated_at) values (pg_temp.id(1, 3), 'three quarters', now(), now());
insert into group_members (group_id, user_id) select pg_temp.id(1, 3), pg_temp.id(n, 1) from generate_series(1, {users} * 3 / 4) n;
insert into grants (id, grantee_user_id, subject_id, with_sub_departments, effect, level, created_at, updated_at) values
    (pg_temp.id(1, 6), pg_temp.id(1, 1), pg_temp.id(1, 2), true, 'ALLOW', 'OBSERVE', now(), now()),
    (pg_temp.id(2, 6), pg_temp.id(1, 1), pg_temp.id({users} / 2, 1), false, 'ALLOW', 'OBSERVE', now(), now()),
    (pg_temp.id(3, 6), pg_temp.id(1, 1), pg_temp.id(105, 1), false, 'DENY', 'OBSERVE', now(), now()),
    (pg_temp.id(4, 6), pg_temp.id({users} - 1, 1), pg_temp.id(1, 3), false, 'ALLOW', 'OBSERVE', now(), now());
insert into pools (id, name, created_at, updated_at) select pg_temp.id(n, 66), 'p' || n, now(), now() from generate_series(1, 4) n;
insert into pool_members (pool_id, subject_id, with_sub_departments) values (pg_temp.id(1, 66), pg_temp.id(1, 2), true);
insert into competitors (id, name, created_at, updated_at) select pg_temp.id(n, 18), 'rival ' || n, now(), now() from generate_series(1, 50) n;
insert into products (id, name, created_at, updated_at) select pg_temp.id(n, 32), 'product ' || n, now(), now() from generate_series(1, 200) n;
insert into exchange_rates (currency, valid_on, rate)
    select 'USD', (current_date - n * interval '1 month')::date, 7 + n % 10 * 0.01 from generate_series(0, 72) n;
insert into shares (id, record_id, subject_id, with_sub_departments, level, created_at, updated_at)
    select pg_temp.id(n, 7), pg_temp.id(n * 100, 16), pg_temp.id(n % 20 + 1, 2), true, 'OBSERVE', now(), now() from generate_series(1, 1000) n
    union all
    select pg_temp.id(1000 + n, 7), pg_temp.id(n * 100, 35), pg_temp.id(n % 20 + 11, 1), false, 'OBSERVE', now(), now() from generate_series(1, 1000) n;
