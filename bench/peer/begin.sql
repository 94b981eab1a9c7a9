-- What PostGraphile is given to stand beside Guanxi: a schema with who sees what, functions for what no foreign key leads to, written by
-- hand as JSON, and policies that say what PRODUCT says of who sees a record. After the run all of it is dropped.
create schema peer;
create role bench_peer;
grant usage on schema public, peer to bench_peer;
grant select on customers, contacts, relationships, relationship_types, opportunities, stages, encounters, competitors, services, documents, document_readers, activities,
    stage_changes, users, pools, dictionary_entries, exchange_rates to bench_peer;

-- The viewer stands in settings that are made for each request.
create function peer.me() returns uuid language sql stable as $$ select current_setting('peer.me')::uuid $$;
create function peer.mine(owner uuid) returns boolean language sql stable as
    $$ select get_bit((select current_setting('peer.bits')::bytea), get_byte(uuid_send(owner), 2) * 256 + get_byte(uuid_send(owner), 3)) = 1 $$;
comment on function peer.me() is '@behavior -*';
comment on function peer.mine(uuid) is '@behavior -*';

alter table customers enable row level security;
alter table contacts enable row level security;
alter table opportunities enable row level security;
alter table services enable row level security;
alter table documents enable row level security;
alter table activities enable row level security;
alter table relationships enable row level security;
alter table encounters enable row level security;
alter table stage_changes enable row level security;

create policy peer on customers to bench_peer using (deleted_at is null and ((select current_setting('peer.all')::bool) or {mine owner_id}
    or id = any((select current_setting('peer.shared')::uuid[])::uuid[]) or pool_id = any((select current_setting('peer.pools')::uuid[])::uuid[])));
create policy peer on contacts to bench_peer using (deleted_at is null and ((select current_setting('peer.all')::bool) or {mine owner_id}
    or id = any((select current_setting('peer.shared')::uuid[])::uuid[])
    or exists (select from relationships w join customers c on c.id = w.b_id where w.a_id = contacts.id and w.type_id = '{works}' and (w.valid_until is null or w.valid_until > current_date)
        and (c.pool_id = any((select current_setting('peer.pools')::uuid[])::uuid[]) or {opens contacts}))));
create policy peer on opportunities to bench_peer using (deleted_at is null and ((select current_setting('peer.all')::bool) or {mine owner_id}
    or id = any((select current_setting('peer.shared')::uuid[])::uuid[]) or exists (select from customers c where c.id = customer_id and {opens opportunities})));
create policy peer on services to bench_peer using (deleted_at is null and ((select current_setting('peer.all')::bool) or {mine owner_id}
    or assignee_id = (select peer.me()) or id = any((select current_setting('peer.shared')::uuid[])::uuid[])
    or exists (select from customers c where c.id = customer_id and {opens services}) {through opportunities services}));
create policy peer on documents to bench_peer using (deleted_at is null and case when restricted
    then owner_id = (select peer.me()) or exists (select from document_readers l where l.document_id = documents.id and l.subject_id = (select peer.me()))
    else (select current_setting('peer.all')::bool) or {mine owner_id} or id = any((select current_setting('peer.shared')::uuid[])::uuid[])
        or exists (select from customers c where c.id = customer_id and {opens documents}) {through opportunities documents} {through services documents} end);
create policy peer on activities to bench_peer using (deleted_at is null and ((select current_setting('peer.all')::bool) or {mine owner_id}
    or assignee_id = (select peer.me()) or id = any((select current_setting('peer.shared')::uuid[])::uuid[])
    or exists (select from customers c where c.id = customer_id and {opens activities}) {through opportunities activities} {through services activities}));
create policy peer on encounters to bench_peer using (exists (select from opportunities o where o.id = opportunity_id));
create policy peer on stage_changes to bench_peer using (exists (select from opportunities o where o.id = opportunity_id));
-- Both ends of a relationship would have to be seen; a policy that asks contacts, whose policy asks relationships, goes in a circle, so
-- the functions below ask for the ends.
create policy peer on relationships to bench_peer using (deleted_at is null);

create function peer.party(id uuid) returns jsonb language sql stable as $$
    select case get_byte(uuid_send($1), 15)
        when 16 then (select jsonb_build_object('__typename', 'Customer', 'id', c.id, 'name', c.name) from public.customers c where c.id = $1)
        when 17 then (select jsonb_build_object('__typename', 'Contact', 'id', c.id, 'name', c.name) from public.contacts c where c.id = $1)
        when 18 then (select jsonb_build_object('__typename', 'Competitor', 'id', c.id, 'name', c.name) from public.competitors c where c.id = $1)
        else (select jsonb_build_object('__typename', 'User', 'id', c.id, 'name', c.name) from public.users c where c.id = $1) end $$;
comment on function peer.party(uuid) is '@behavior -*';

create function peer.customers_affiliated(c public.customers) returns jsonb language sql stable as $$
    select jsonb_build_object('totalCount', (select count(*) from public.contacts k where k.id in (select w.a_id from public.relationships w where w.b_id = c.id and w.type_id = '{works}' and (w.valid_until is null or w.valid_until > current_date))),
        'edges', (select jsonb_agg(jsonb_build_object('role', x.contact_role, 'title', x.title, 'primary', x.is_primary, 'node', jsonb_build_object('id', x.id, 'name', x.name, 'phone', x.phone, 'email', x.email)) order by x.id)
            from (select k.*, w.contact_role, w.title, w.is_primary from public.relationships w join public.contacts k on k.id = w.a_id
                where w.b_id = c.id and w.type_id = '{works}' and (w.valid_until is null or w.valid_until > current_date) order by k.id limit 10) x)) $$;

create function peer.customers_related(c public.customers) returns jsonb language sql stable as $$
    with edges as (select e.*, e.b_id as far, true as outward from public.relationships e where e.a_id = c.id union all select e.*, e.a_id, false from public.relationships e where e.b_id = c.id)
    select jsonb_build_object('totalCount', (select count(*) from edges e where peer.party(e.far) is not null),
        'edges', (select jsonb_agg(jsonb_build_object('label', case when x.outward then coalesce(t.name_ab_en, t.name_ab) else coalesce(t.name_ba_en, t.name_ba) end, 'other', x.other,
            'node', jsonb_build_object('id', x.id, 'type', x.type_id, 'strength', x.strength, 'from', x.valid_from, 'until', x.valid_until)) order by x.id)
            from (select * from (select e.*, peer.party(e.far) as other from edges e order by e.id offset 0) e where other is not null limit 10) x join public.relationship_types t on t.id = x.type_id)) $$;

create function peer.customers_timeline(c public.customers) returns jsonb language sql stable as $$
    select jsonb_agg(jsonb_build_object('__typename', x.type, 'id', x.id, 'at', x.at, 'summary', x.summary, 'by', (select jsonb_build_object('id', u.id, 'name', u.name) from public.users u where u.id = x.by)) order by x.at desc, x.id desc)
    from (select * from (
        (select 'Activity' as type, x.id, x.happened_at as at, x.summary, x.owner_id as by from public.activities x where x.customer_id = c.id order by x.happened_at desc, x.id desc limit 21)
        union all (select 'Service', x.id, x.opened_at, x.title, x.owner_id from public.services x where x.customer_id = c.id order by x.opened_at desc, x.id desc limit 21)
        union all (select 'Document', x.id, x.uploaded_at, x.name, x.uploaded_by from public.documents x where x.customer_id = c.id order by x.uploaded_at desc, x.id desc limit 21)
        union all (select 'StageChange', s.id, s.changed_at, f.name || ' → ' || t.name, s.changed_by from public.stage_changes s join public.opportunities o on o.id = s.opportunity_id
            left join public.stages f on f.id = s.from_stage_id left join public.stages t on t.id = s.to_stage_id where o.customer_id = c.id order by s.changed_at desc, s.id desc limit 21)) x
        order by x.at desc, x.id desc limit 21) x $$;

create function peer.customers_value(c public.customers) returns jsonb language sql stable as $$
    select jsonb_build_object('wonAmount', o.won, 'openAmount', o.open, 'opportunityCount', o.n, 'lastFollowedUpAt', a.at, 'nextFollowUpOn', a.next)
    from (select count(*) filter (where x.status <> 'CANCELLED') as n, sum(m.amount) filter (where x.status = 'WON') as won, sum(m.amount) filter (where x.status = 'OPEN') as open
        from public.opportunities x cross join lateral (select case when x.currency = 'CNY' then x.amount else round(x.amount * (select e.rate from public.exchange_rates e
            where e.currency = x.currency and e.valid_on <= coalesce(x.closed_at::date, current_date) order by e.valid_on desc limit 1), 4) end as amount) m where x.customer_id = c.id) o
    cross join (select max(x.happened_at) as at, min(x.next_follow_up_on) filter (where x.next_follow_up_on >= current_date) as next from public.activities x where x.customer_id = c.id) a $$;

create function peer.customers_network(c public.customers) returns jsonb language sql stable as $$
    with n1 as materialized (select far, row_number() over () as place from (select far from (
            select far, coalesce(max(strength), 0) as strength from (select b_id as far, strength, valid_from, valid_until from public.relationships where a_id = c.id
                union all select a_id, strength, valid_from, valid_until from public.relationships where b_id = c.id) e
            where (valid_from is null or valid_from <= current_date) and (valid_until is null or valid_until > current_date) group by far order by strength desc, far offset 0) s
            where peer.party(far) is not null limit 50) s),
        n2 as materialized (select far, row_number() over () as place from (select far from (
            select far, coalesce(max(strength), 0) as strength from (select e.b_id as far, e.strength, e.valid_from, e.valid_until from n1 join public.relationships e on e.a_id = n1.far
                union all select e.a_id, e.strength, e.valid_from, e.valid_until from n1 join public.relationships e on e.b_id = n1.far) e
            where (select count(*) from n1) < 50 and (valid_from is null or valid_from <= current_date) and (valid_until is null or valid_until > current_date)
                and far <> c.id and far not in (select far from n1) group by far order by strength desc, far offset 0) s
            where peer.party(far) is not null limit 50) s),
        ranked as materialized (select far, hops, row_number() over (order by hops, place) as nr from (select c.id as far, 0 as hops, 0::bigint as place union all select far, 1, place from n1 union all select far, 2, place from n2) a),
        nodes as materialized (select * from ranked where nr <= 50)
    select jsonb_build_object('nodes', (select jsonb_agg(jsonb_build_object('party', peer.party(far), 'hops', hops) order by nr) from nodes),
        'edges', (select jsonb_agg(jsonb_build_object('label', coalesce(t.name_ab_en, t.name_ab), 'a', e.a_id, 'b', e.b_id, 'relationship', e.id) order by e.id)
            from nodes a join public.relationships e on e.a_id = a.far join public.relationship_types t on t.id = e.type_id where coalesce(e.b_id in (select far from nodes), false)
                and (e.valid_from is null or e.valid_from <= current_date) and (e.valid_until is null or e.valid_until > current_date)),
        'truncated', (select count(*) from ranked) > (select count(*) from nodes)) $$;

grant execute on all functions in schema peer to bench_peer;
