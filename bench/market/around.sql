-- What is around the customers: of everything the first customers have much and most have little, as busy draws them. What belongs to
-- a customer is its owner's, but for one in ten, which is a colleague's. One relationship in twenty has ended, one document in a
-- hundred has a list of its own.
set session_replication_role = replica;

insert into contacts (id, name, gender, phone, email, owner_id, search_terms, search_text, phone_terms, created_at, updated_at)
    select pg_temp.id(n, 17), called.name, (array['FEMALE', 'MALE'])[n % 2 + 1], called.phone, case when n % 3 = 0 then 'c' || n || '@example.com' end,
        pg_temp.id(case when n % 10 = 1 then pg_temp.draw(n, 20, {users}) else customer % {users} end + 1, 1), called.terms, called.line, called.phones,
        now() - n * interval '1 second', now()
    from generate_series(1, {contacts}) n cross join lateral ({called CONTACT}) called
    cross join lateral (select pg_temp.busy(n, 21, {customers}, 2) as customer) c;

insert into relationships (id, type_id, a_id, b_id, valid_from, valid_until, contact_role, title, is_primary, created_at, updated_at)
    select pg_temp.id(n, 20), '{works}', pg_temp.id(n, 17), pg_temp.id(pg_temp.busy(n, 21, {customers}, 2), 16), case when n % 2 = 0 then current_date - 900 end,
        case when n % 20 = 7 then current_date - pg_temp.draw(n, 22, 800) end,
        (array['DECISION_MAKER', 'INFLUENCER', 'USER', 'GATEKEEPER', 'CHAMPION', 'BUYER'])[pg_temp.draw(n, 23, 12) + 1],
        case when n % 3 > 0 then (array['采购经理', '总工程师', 'CFO', 'Head of Purchasing', '厂长', '总经理'])[pg_temp.draw(n, 24, 6) + 1] end,
        n % 8 = 1, now() - n * interval '1 second', now()
    from generate_series(1, {contacts}) n;
insert into relationships (id, type_id, a_id, b_id, strength, valid_from, valid_until, created_at, updated_at)
    select pg_temp.id({contacts} + n, 20), r.id, a, b, case when n % 5 > 0 then pg_temp.draw(n, 25, 5) + 1 end,
        case when n % 2 = 0 then current_date - 1000 end, case when n % 20 = 7 then current_date - pg_temp.draw(n, 26, 800) end, now() - n * interval '1 second', now()
    from (select distinct on (type, a, b) n, type, a, b from generate_series(1, {relationships}) n
            cross join lateral (select (array['SUPPLIES', 'SUPPLIES', 'PARTNER_OF', 'PARENT_OF', 'FRIEND_OF', 'CLASSMATE_OF', 'KNOWS', 'BUYS_FROM_COMPETITOR'])[n % 8 + 1] as type,
                case when n % 8 < 4 or n % 8 = 7 then pg_temp.id(pg_temp.busy(n, 27, {customers}, 3), 16) when n % 8 = 6 then pg_temp.id(pg_temp.draw(n, 28, {users}) + 1, 1)
                    else pg_temp.id(pg_temp.busy(n, 27, {contacts}, 2), 17) end as a,
                case when n % 8 < 4 then pg_temp.id(pg_temp.draw(n, 29, {customers}) + 1, 16) when n % 8 < 7 then pg_temp.id(pg_temp.draw(n, 29, {contacts}) + 1, 17)
                    else pg_temp.id(pg_temp.draw(n, 29, 50) + 1, 18) end as b) ends
            where a <> b order by type, a, b, n) e
    join relationship_types r on r.code = e.type;

insert into opportunity_lines (id, opportunity_id, product_id, quantity, unit_price, amount, position)
    select pg_temp.id(n, 36), pg_temp.id(n, 35), pg_temp.id(pg_temp.draw(n, 31, 200) + 1, 32), n % 9 + 1, n % 1000, n % 1000 * (n % 9 + 1), 1
    from generate_series(1, {opportunities}) n where n % 5 = 1;
insert into stage_changes (id, opportunity_id, from_stage_id, to_stage_id, from_status, to_status, changed_at, changed_by, created_at)
    select pg_temp.id(n, 37), pg_temp.id(n, 35), w.stages[1], w.stages[2], 'OPEN', 'OPEN', now() - n * interval '1 second', pg_temp.id(n % {users} + 1, 1), now() - n * interval '1 second'
    from generate_series(1, {opportunities}) n cross join pg_temp.words() w where n % 5 = 0;

insert into services (id, title, search_terms, search_text, kind, status, priority, customer_id, opportunity_id, owner_id, assignee_id, opened_at, due_at, closed_at,
        cost, currency, created_at, updated_at)
    select pg_temp.id(n, 48), called.name, called.terms, called.line, (array['REPAIR', 'MAINTENANCE', 'INSTALLATION', 'COMPLAINT'])[n % 4 + 1],
        case when n % 4 > 0 then 'CLOSED' else 'OPEN' end, (array['LOW', 'NORMAL', 'HIGH'])[n % 3 + 1], pg_temp.id(customer, 16),
        case when n % 4 = 1 then pg_temp.id(sold, 35) end, pg_temp.id(owner, 1), pg_temp.id(pg_temp.draw(n, 32, {users}) + 1, 1),
        at, at + interval '3 days', case when n % 4 > 0 then at + interval '2 days' end, case when n % 3 > 0 then pg_temp.draw(n, 33, 1000000) / 100.0 end, 'CNY', at, now()
    from generate_series(1, {services}) n cross join lateral ({called SERVICE}) called
    cross join lateral (select pg_temp.draw(n, 34, {opportunities}) + 1 as sold, now() - pg_temp.draw(n, 35, 150000000) * interval '1 second' as at) s
    cross join lateral (select case when n % 4 = 1 then {buyer of sold} else pg_temp.busy(n, 36, {customers}, 2) end as customer) c
    cross join lateral (select case when n % 10 = 3 then pg_temp.draw(n, 37, {users}) else customer % {users} end + 1 as owner) o;

insert into documents (id, name, search_terms, search_text, media_type, size, sha256, storage_key, category_id, customer_id, opportunity_id, owner_id, restricted,
        uploaded_at, uploaded_by, created_at, updated_at)
    select pg_temp.id(n, 49), called.name, called.terms, called.line, 'application/pdf', pg_temp.draw(n, 38, 5000000), '', 'bench', pg_temp.pick(w.papers, n, 39),
        pg_temp.id(customer, 16), case when n % 4 = 1 then pg_temp.id(sold, 35) end, pg_temp.id(owner, 1), n % 100 = 0, at, pg_temp.id(owner, 1), at, now()
    from generate_series(1, {documents}) n cross join pg_temp.words() w cross join lateral ({called DOCUMENT}) called
    cross join lateral (select pg_temp.draw(n, 41, {opportunities}) + 1 as sold, now() - pg_temp.draw(n, 42, 150000000) * interval '1 second' as at) s
    cross join lateral (select case when n % 4 = 1 then {buyer of sold} else pg_temp.busy(n, 43, {customers}, 2) end as customer) c
    cross join lateral (select case when n % 10 = 3 then pg_temp.draw(n, 44, {users}) else customer % {users} end + 1 as owner) o;
insert into document_readers (document_id, subject_id)
    select pg_temp.id(n, 49), pg_temp.id(pg_temp.draw(n, 45, {users}) + 1, 1) from generate_series(1, {documents}) n where n % 100 = 0;

insert into activities (id, kind, summary, search_terms, search_text, happened_at, customer_id, opportunity_id, owner_id, assignee_id, next_follow_up_on, created_at, updated_at)
    select pg_temp.id(n, 50), (array['CALL', 'VISIT', 'MEETING', 'MAIL', 'MESSAGE', 'NOTE'])[n % 6 + 1], called.name, called.terms, called.line, at, pg_temp.id(customer, 16),
        case when n % 4 = 1 then pg_temp.id(sold, 35) end, pg_temp.id(owner, 1), case when n % 20 = 9 then pg_temp.id(pg_temp.draw(n, 46, {users}) + 1, 1) end,
        case when n % 30 = 0 then current_date + pg_temp.draw(n, 47, 60) - 20 end, at, now()
    from generate_series(1, {activities}) n cross join lateral ({called ACTIVITY}) called
    cross join lateral (select pg_temp.draw(n, 48, {opportunities}) + 1 as sold, now() - pg_temp.draw(n, 49, 150000000) * interval '1 second' as at) s
    cross join lateral (select case when n % 4 = 1 then {buyer of sold} else pg_temp.busy(n, 50, {customers}, 3) end as customer) c
    cross join lateral (select case when n % 10 = 3 then pg_temp.draw(n, 51, {users}) else customer % {users} end + 1 as owner) o;
