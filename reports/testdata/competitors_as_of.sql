with facts as (
  select o.id,
    e.competitor_id as competitor_id,
    case
      when o.status = 'OPEN' then 'OPEN'
      when o.status = 'WON' then 'WE_WON'
      when o.won_by_id = e.competitor_id then 'THEY_WON'
      when o.won_by_id is not null then 'OTHER_WON'
      when lr.loss_kind = 'NO_DECISION' then 'NOBODY_WON'
      else 'UNKNOWN'
    end as outcome,
    case when m.amount > 0 then (q.quoted_price - m.amount) / m.amount end as price_gap,
    c.region_id as k1
  from (select t.id, t.version, t.created_at, t.updated_at, t.owner_id, t.created_by, t.deleted_at, t.deletion_id, t.title, t.customer_id, t.pipeline_id, t.stage_id, t.status, t.amount as amount, t.currency, t.opened_on, t.expected_close_on, t.closed_at, t.closing_owner_id, t.closing_department_id, t.loss_reason_id, t.won_by_id, t.closing_note, t.main_competitor_id, t.main_product_id as main_product_id, t.note, t.search_terms, t.search_text, r.owner_id as holder_id from opportunities r left join (
      select e.record_id, jsonb_object_agg(c.key, c.value -> 'old' order by e.at desc, e.id desc) as was
      from audit_entries e join opportunities n on n.id = e.record_id and n.created_at <= $1::timestamptz cross join lateral jsonb_each(e.changes) as c
      where get_byte(uuid_send(e.record_id), 15) = 35 and e.at > $1::timestamptz
      group by e.record_id) as u on u.record_id = r.id
    cross join lateral (select r.id, case when jsonb_exists(u.was, 'version') then (u.was ->> 'version')::integer else r.version end as version, r.created_at, case when jsonb_exists(u.was, 'updated_at') then (u.was ->> 'updated_at')::timestamptz else r.updated_at end as updated_at, case when jsonb_exists(u.was, 'owner_id') then (u.was ->> 'owner_id')::uuid else r.owner_id end as owner_id, case when jsonb_exists(u.was, 'created_by') then (u.was ->> 'created_by')::uuid else r.created_by end as created_by, case when jsonb_exists(u.was, 'deleted_at') then (u.was ->> 'deleted_at')::timestamptz else r.deleted_at end as deleted_at, case when jsonb_exists(u.was, 'deletion_id') then (u.was ->> 'deletion_id')::uuid else r.deletion_id end as deletion_id, case when jsonb_exists(u.was, 'title') then (u.was ->> 'title')::text else r.title end as title, case when jsonb_exists(u.was, 'customer_id') then (u.was ->> 'customer_id')::uuid else r.customer_id end as customer_id, case when jsonb_exists(u.was, 'pipeline_id') then (u.was ->> 'pipeline_id')::uuid else r.pipeline_id end as pipeline_id, case when jsonb_exists(u.was, 'stage_id') then (u.was ->> 'stage_id')::uuid else r.stage_id end as stage_id, case when jsonb_exists(u.was, 'status') then (u.was ->> 'status')::text else r.status end as status, case when jsonb_exists(u.was, 'amount') then (u.was ->> 'amount')::numeric else r.amount end as amount, case when jsonb_exists(u.was, 'currency') then (u.was ->> 'currency')::text else r.currency end as currency, case when jsonb_exists(u.was, 'opened_on') then (u.was ->> 'opened_on')::date else r.opened_on end as opened_on, case when jsonb_exists(u.was, 'expected_close_on') then (u.was ->> 'expected_close_on')::date else r.expected_close_on end as expected_close_on, case when jsonb_exists(u.was, 'closed_at') then (u.was ->> 'closed_at')::timestamptz else r.closed_at end as closed_at, case when jsonb_exists(u.was, 'closing_owner_id') then (u.was ->> 'closing_owner_id')::uuid else r.closing_owner_id end as closing_owner_id, case when jsonb_exists(u.was, 'closing_department_id') then (u.was ->> 'closing_department_id')::uuid else r.closing_department_id end as closing_department_id, case when jsonb_exists(u.was, 'loss_reason_id') then (u.was ->> 'loss_reason_id')::uuid else r.loss_reason_id end as loss_reason_id, case when jsonb_exists(u.was, 'won_by_id') then (u.was ->> 'won_by_id')::uuid else r.won_by_id end as won_by_id, case when jsonb_exists(u.was, 'closing_note') then (u.was ->> 'closing_note')::text else r.closing_note end as closing_note, case when jsonb_exists(u.was, 'main_competitor_id') then (u.was ->> 'main_competitor_id')::uuid else r.main_competitor_id end as main_competitor_id, case when jsonb_exists(u.was, 'main_product_id') then (u.was ->> 'main_product_id')::uuid else r.main_product_id end as main_product_id, case when jsonb_exists(u.was, 'note') then (u.was ->> 'note')::text else r.note end as note, r.search_terms, case when jsonb_exists(u.was, 'search_text') then (u.was ->> 'search_text')::text else r.search_text end as search_text) as t where r.deleted_at is null and (true) and case when t.deletion_id is null then true else false end) as o
  join (select r.id, r.opportunity_id, r.competitor_id, r.quoted_price as quoted_price, r.currency, r.strengths, r.weaknesses, r.is_main, r.created_at from (
      with u as materialized (
        select e.record_id, jsonb_object_agg(c.key, c.value -> 'old' order by e.at desc, e.id desc) as was, (array_agg(e.changes -> 'part_ids' -> 'old' -> 'encounters' order by e.at, e.id))[1] as ids
        from audit_entries e cross join lateral jsonb_each(e.changes) as c
        where get_byte(uuid_send(e.record_id), 15) = 35 and e.at > $1::timestamptz and c.key in ('encounters', 'quoted_prices')
        group by e.record_id)
      select n.id, n.opportunity_id, n.competitor_id, n.quoted_price, n.currency, n.strengths, n.weaknesses, n.is_main, n.created_at from encounters n where not exists (select 1 from u where u.record_id = n.opportunity_id)
      union all
      select coalesce((u.ids -> (x.n::int - 1) ->> 'id')::uuid, case when d.competitor_id = (x.one ->> 'competitor')::uuid and d.created_at <= $1::timestamptz then d.id end, overlay(md5(u.record_id::text || 'encounters' || x.n) placing '26' from 31)::uuid), u.record_id, case when jsonb_exists(u.was, 'encounters') then (u.was -> 'encounters' -> (x.n::int - 1) ->> 'competitor')::uuid else d.competitor_id end, case when jsonb_exists(u.was, 'quoted_prices') then (u.was -> 'quoted_prices' -> (x.n::int - 1) ->> 'quotedPrice')::numeric else d.quoted_price end, case when jsonb_exists(u.was, 'quoted_prices') then (u.was -> 'quoted_prices' -> (x.n::int - 1) ->> 'currency')::text else d.currency end, case when jsonb_exists(u.was, 'encounters') then (u.was -> 'encounters' -> (x.n::int - 1) ->> 'strengths')::text else d.strengths end, case when jsonb_exists(u.was, 'encounters') then (u.was -> 'encounters' -> (x.n::int - 1) ->> 'weaknesses')::text else d.weaknesses end, case when jsonb_exists(u.was, 'encounters') then (u.was -> 'encounters' -> (x.n::int - 1) ->> 'main')::boolean else d.is_main end, coalesce((u.ids -> (x.n::int - 1) ->> 'created_at')::timestamptz, case when d.competitor_id = (x.one ->> 'competitor')::uuid and d.created_at <= $1::timestamptz then d.created_at end, (select max(a.at) from audit_entries a cross join jsonb_build_array(jsonb_build_object('competitor', x.one -> 'competitor')) as it
          where a.record_id = u.record_id and a.at <= $1::timestamptz and a.changes -> 'encounters' -> 'new' @> it and not coalesce(a.changes -> 'encounters' -> 'old' @> it, false)),
        (select t.created_at from opportunities t where t.id = u.record_id)) from u cross join lateral jsonb_array_elements(coalesce(u.was -> 'encounters', u.was -> 'quoted_prices')) with ordinality as x (one, n)
        left join lateral (select d.*, row_number() over (order by created_at, id) as n from encounters d where d.opportunity_id = u.record_id) as d on d.n = x.n
    ) as r join visible OPPORTUNITY as w on w.id = r.opportunity_id) as e on e.opportunity_id = o.id
  left join (select t.id, t.version, t.created_at, t.updated_at, t.owner_id, t.created_by, t.deleted_at, t.deletion_id, t.name, t.kind, t.lifecycle, t.region_id, t.industry_id, t.source_id, t.phone as phone, case when false then case when length(regexp_replace(regexp_replace(t.phone, '^\s*(\+|00)86', ''), '\D', '', 'g')) >= 10 then regexp_replace(regexp_replace(regexp_replace(t.phone, '^\s*(\+|00)86', ''), '\D', '', 'g'), '^(.{3}).*(.{4})$', '\1****\2') when t.phone is not null then '****' end end as phone_masked, t.email as email, case when false then case when t.email ~ '^.{2,}@[[:alnum:].-]+$' then regexp_replace(t.email, '^(.).*(@.*)$', '\1***\2') when t.email is not null then '***' end end as email_masked, t.website, t.address as address, t.note, t.pool_id, t.search_terms, t.search_text, t.phone_terms as phone_terms, r.owner_id as holder_id from customers r left join (
      select e.record_id, jsonb_object_agg(c.key, c.value -> 'old' order by e.at desc, e.id desc) as was
      from audit_entries e join customers n on n.id = e.record_id and n.created_at <= $1::timestamptz cross join lateral jsonb_each(e.changes) as c
      where get_byte(uuid_send(e.record_id), 15) = 16 and e.at > $1::timestamptz
      group by e.record_id) as u on u.record_id = r.id
    cross join lateral (select r.id, case when jsonb_exists(u.was, 'version') then (u.was ->> 'version')::integer else r.version end as version, r.created_at, case when jsonb_exists(u.was, 'updated_at') then (u.was ->> 'updated_at')::timestamptz else r.updated_at end as updated_at, case when jsonb_exists(u.was, 'owner_id') then (u.was ->> 'owner_id')::uuid else r.owner_id end as owner_id, case when jsonb_exists(u.was, 'created_by') then (u.was ->> 'created_by')::uuid else r.created_by end as created_by, case when jsonb_exists(u.was, 'deleted_at') then (u.was ->> 'deleted_at')::timestamptz else r.deleted_at end as deleted_at, case when jsonb_exists(u.was, 'deletion_id') then (u.was ->> 'deletion_id')::uuid else r.deletion_id end as deletion_id, case when jsonb_exists(u.was, 'name') then (u.was ->> 'name')::text else r.name end as name, case when jsonb_exists(u.was, 'kind') then (u.was ->> 'kind')::text else r.kind end as kind, case when jsonb_exists(u.was, 'lifecycle') then (u.was ->> 'lifecycle')::text else r.lifecycle end as lifecycle, case when jsonb_exists(u.was, 'region_id') then (u.was ->> 'region_id')::uuid else r.region_id end as region_id, case when jsonb_exists(u.was, 'industry_id') then (u.was ->> 'industry_id')::uuid else r.industry_id end as industry_id, case when jsonb_exists(u.was, 'source_id') then (u.was ->> 'source_id')::uuid else r.source_id end as source_id, case when jsonb_exists(u.was, 'phone') then (u.was ->> 'phone')::text else r.phone end as phone, case when jsonb_exists(u.was, 'email') then (u.was ->> 'email')::text else r.email end as email, case when jsonb_exists(u.was, 'website') then (u.was ->> 'website')::text else r.website end as website, case when jsonb_exists(u.was, 'address') then (u.was ->> 'address')::text else r.address end as address, case when jsonb_exists(u.was, 'note') then (u.was ->> 'note')::text else r.note end as note, case when jsonb_exists(u.was, 'pool_id') then (u.was ->> 'pool_id')::uuid else r.pool_id end as pool_id, r.search_terms, case when jsonb_exists(u.was, 'search_text') then (u.was ->> 'search_text')::text else r.search_text end as search_text, r.phone_terms) as t where r.deleted_at is null and (true) and case when t.deletion_id is null then true else false end) as c on c.id = o.customer_id
  left join (select t.id, t.version, t.created_at, t.updated_at, t.dictionary_id, t.code, t.label, t.label_en, t.parent_id, t.loss_kind, t.position, t.active from dictionary_entries r left join (
      select e.record_id, jsonb_object_agg(c.key, c.value -> 'old' order by e.at desc, e.id desc) as was
      from audit_entries e join dictionary_entries n on n.id = e.record_id and n.created_at <= $1::timestamptz cross join lateral jsonb_each(e.changes) as c
      where get_byte(uuid_send(e.record_id), 15) = 65 and e.at > $1::timestamptz
      group by e.record_id) as u on u.record_id = r.id
    cross join lateral (select r.id, case when jsonb_exists(u.was, 'version') then (u.was ->> 'version')::integer else r.version end as version, r.created_at, case when jsonb_exists(u.was, 'updated_at') then (u.was ->> 'updated_at')::timestamptz else r.updated_at end as updated_at, case when jsonb_exists(u.was, 'dictionary_id') then (u.was ->> 'dictionary_id')::uuid else r.dictionary_id end as dictionary_id, case when jsonb_exists(u.was, 'code') then (u.was ->> 'code')::text else r.code end as code, case when jsonb_exists(u.was, 'label') then (u.was ->> 'label')::text else r.label end as label, case when jsonb_exists(u.was, 'label_en') then (u.was ->> 'label_en')::text else r.label_en end as label_en, case when jsonb_exists(u.was, 'parent_id') then (u.was ->> 'parent_id')::uuid else r.parent_id end as parent_id, case when jsonb_exists(u.was, 'loss_kind') then (u.was ->> 'loss_kind')::text else r.loss_kind end as loss_kind, case when jsonb_exists(u.was, 'position') then (u.was ->> 'position')::integer else r.position end as position, case when jsonb_exists(u.was, 'active') then (u.was ->> 'active')::boolean else r.active end as active) as t where (true)) as lr on lr.id = o.loss_reason_id
  cross join lateral (
    select case when o.currency = $2::text then o.amount else (
      select case when abs((o.amount * e.rate) * 10000 - trunc((o.amount * e.rate) * 10000)) = 0.5 and mod(trunc((o.amount * e.rate) * 10000), 2) = 0 then trunc((o.amount * e.rate), 4) else round((o.amount * e.rate), 4) end from exchange_rates e where e.currency = o.currency and e.valid_on <= coalesce((o.closed_at at time zone $3::text)::date, ($1::timestamptz at time zone $3::text)::date) order by e.valid_on desc limit 1
    ) end as amount) m
  cross join lateral (
    select x.amount as quoted_price from (select e.quoted_price as amount, e.currency as currency) y cross join lateral (
    select case when y.currency = $2::text then y.amount else (
      select case when abs((y.amount * e.rate) * 10000 - trunc((y.amount * e.rate) * 10000)) = 0.5 and mod(trunc((y.amount * e.rate) * 10000), 2) = 0 then trunc((y.amount * e.rate), 4) else round((y.amount * e.rate), 4) end from exchange_rates e where e.currency = y.currency and e.valid_on <= coalesce((o.closed_at at time zone $3::text)::date, ($1::timestamptz at time zone $3::text)::date) order by e.valid_on desc limit 1
    ) end as amount) x) q
  where (true)
    and o.created_at <= $1::timestamptz
    and o.status <> 'CANCELLED'
  offset '0'
), asked as (
  select f.competitor_id as whose, f.* from facts f where f.competitor_id = any($4::uuid[])
), groups as (
  select whose, k1, count(*) as n,
    count(*) filter (where outcome = 'WE_WON') as we_won,
    count(*) filter (where outcome = 'THEY_WON') as they_won,
    coalesce(sum(price_gap), 0) as gap_sum,
    (percentile_disc(0.5) within group (order by price_gap) + percentile_disc(0.5) within group (order by price_gap desc))::numeric / 2 as gap_middle,
    count(price_gap) as gaps
  from asked
  group by whose, k1
), ranked as (
  select g.*, coalesce(l1.label_en, l1.label) as label1, coalesce(l1.label_en, l1.label) collate "zh-x-icu" as place1
  from groups g
    left join visible DICTIONARY_ENTRY as l1 on l1.id = g.k1
), placed as (
  select *, row_number() over (partition by whose order by n desc, place1 asc nulls last, k1) as place from ranked
)
select whose, other, k1::text, label, n, we_won, they_won, gap_sum, gap_middle, gaps
from (
  select whose, false as other, k1, label1 as label, place, n, we_won, they_won, gap_sum, gap_middle, gaps from placed where place <= $5::bigint
  union all
  select whose, true, null, null, 0, coalesce(sum(n), 0)::bigint, coalesce(sum(we_won), 0)::bigint, coalesce(sum(they_won), 0)::bigint, coalesce(sum(gap_sum), 0)::numeric, coalesce(sum(gap_middle), 0)::numeric, coalesce(sum(gaps), 0)::bigint from placed where place > $5::bigint group by whose
) listed
order by whose, other, place
