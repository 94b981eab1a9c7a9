-- What they sell, opportunities {from} to {until}: a customer for every five, of whom one in fifty is in a pool; one opportunity in
-- ten is a colleague's of the customer's owner. Four in five are closed, over five years. Of these three in ten met no competitor,
-- the others one, and one in ten two. One in ten is in a foreign currency, one in thirty without an amount.
set session_replication_role = replica;

insert into customers (id, name, kind, lifecycle, owner_id, pool_id, region_id, industry_id, source_id,
        phone, search_terms, search_text, phone_terms, created_at, updated_at)
    select pg_temp.id(n, 16), called.name, 'ORGANIZATION', 'CUSTOMER', case when n % 50 > 0 then pg_temp.id(n % {users} + 1, 1) end,
        case when n % 50 = 0 then pg_temp.id(n / 50 % 4 + 1, 66) end, pg_temp.pick(w.regions, n, 1), pg_temp.pick(w.industries, n, 2),
        case when n % 4 > 0 then pg_temp.pick(w.sources, n, 3) end, called.phone, called.terms, called.line, called.phones, now() - n * interval '1 second', now()
    from generate_series(({from} - 1) / 5 + 1, {until} / 5) n cross join pg_temp.words() w cross join lateral ({called CUSTOMER}) called;

insert into opportunities (id, title, search_terms, search_text, customer_id, owner_id, pipeline_id, stage_id, status, amount, currency, opened_on, closed_at,
        closing_owner_id, closing_department_id, loss_reason_id, won_by_id, main_competitor_id, created_at, updated_at)
    select pg_temp.id(n, 35), called.name, called.terms, called.line, pg_temp.id(customer, 16), pg_temp.id(owner, 1), w.pipeline, pg_temp.pick(w.stages, n, 4), status,
        case when n % 30 > 0 then pg_temp.draw(n, 5, 100000000) / 100.0 end, case when n % 10 = 4 then 'USD' else 'CNY' end,
        case when n % 10 <> 3 then current_date - age - pg_temp.draw(n, 6, 120) end,
        case when status <> 'OPEN' then now() - age * interval '1 day' - pg_temp.draw(n, 7, 86400) * interval '1 second' end,
        case when status <> 'OPEN' then pg_temp.id(owner, 1) end, case when status <> 'OPEN' then pg_temp.id((owner - 1) / 10 + 1, 2) end,
        case when status = 'LOST' and n % 7 > 0 then pg_temp.pick(w.reasons, n, 8) end,
        case when status = 'LOST' and met and n % 4 > 0 then pg_temp.id(rival, 18) end, case when met then pg_temp.id(rival, 18) end,
        now() - age * interval '1 day', now()
    from generate_series({from}, {until}) n cross join pg_temp.words() w cross join lateral ({called OPPORTUNITY}) called
    cross join lateral (select {buyer of n} as customer, pg_temp.draw(n, 9, 1825) as age, pg_temp.draw(n, 10, 50) + 1 as rival,
        pg_temp.draw(n, 11, 10) >= 3 as met, case when n % 5 = 0 then 'OPEN' else (array['WON', 'LOST', 'WON', 'LOST', 'LOST', 'WON', 'LOST', 'CANCELLED', 'LOST', 'WON'])[pg_temp.draw(n, 12, 10) + 1] end as status) a
    cross join lateral (select (case when n % 10 = 1 then pg_temp.draw(n, 13, {users}) else customer % {users} end) + 1 as owner) b;

insert into encounters (id, opportunity_id, competitor_id, is_main, created_at)
    select pg_temp.id(n, 38), pg_temp.id(n, 35), pg_temp.id(pg_temp.draw(n, 10, 50) + 1, 18), true, now()
    from generate_series({from}, {until}) n where pg_temp.draw(n, 11, 10) >= 3;
insert into encounters (id, opportunity_id, competitor_id, is_main, created_at)
    select pg_temp.id({until} + n + (1::bigint << 31), 38), pg_temp.id(n, 35), pg_temp.id((pg_temp.draw(n, 10, 50) + 1 + pg_temp.draw(n, 14, 49)) % 50 + 1, 18), false, now()
    from generate_series({from}, {until}) n where pg_temp.draw(n, 11, 10) >= 3 and n % 10 = 7;
