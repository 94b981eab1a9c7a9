with facts as (
  select d.id,
    d.owner_id as owner,
    c.id as customer,
    o.id as opportunity,
    d.category_id as category,
    d.restricted as restricted,
    d.size as size,
    d.revision as revision,
    d.category_id as k1,
    to_char(d.created_at at time zone $4::text, case when d.created_at < '0002-01-01' and d.created_at at time zone $4::text < '0001-01-01' then '"0000"-"Q"Q' else 'YYYY-"Q"Q' end) as k2
  from visible DOCUMENT as d
  left join visible CUSTOMER as c on c.id = d.customer_id
  left join visible OPPORTUNITY as o on o.id = d.opportunity_id
  where (true)
    and d.uploaded_at >= $2::timestamptz
    and (d.uploaded_at >= $3::timestamptz or (d.uploaded_at at time zone $4::text)::date >= $1::date)
    and d.uploaded_at < $6::timestamptz
    and (d.uploaded_at < $7::timestamptz or (d.uploaded_at at time zone $4::text)::date < $5::date)
  offset '0'
), groups as (
  select k1, k2,
    count(*) as n,
    count(*) filter (where restricted) as is_restricted,
    coalesce(sum(size), 0) as sum_of_size,
    count(size) as known_of_size,
    (percentile_disc(0.5) within group (order by size) + percentile_disc(0.5) within group (order by size desc))::numeric / 2 as median_of_size,
    coalesce(sum(revision), 0) as sum_of_revision,
    count(revision) as known_of_revision,
    count(distinct customer) as different_customer,
    count(distinct opportunity) as different_opportunity,
    count(distinct owner) as different_owner,
    count(k1) as known1,
    count(k2) as known2,
    count(customer) as has_customer,
    count(category) as has_category
  from facts
  group by k1, k2
), ranked as (
  select g.*, coalesce(l1.label_en, l1.label) as label1, coalesce(l1.label_en, l1.label) collate "zh-x-icu" as place1, (true) is true as kept
  from groups g
    left join visible DICTIONARY_ENTRY as l1 on l1.id = g.k1
), placed as (
  select *, case when kept then row_number() over (partition by kept order by place1 asc nulls last, k2 asc nulls last, k1, k2) end as place
  from ranked
), members as (
  select f.*, p.place, p.label1, p.place1
  from facts f join placed p on coalesce(p.k1::text, '') = coalesce(f.k1::text, '') and coalesce(p.k2::text, '') = coalesce(f.k2::text, '')
)
select 2 as level, place, k1::text, label1::text, k2::text, null::text, n, is_restricted, sum_of_size, known_of_size, median_of_size, sum_of_revision, known_of_revision, different_customer, different_opportunity, different_owner, known1, known2, has_customer, has_category from placed where place <= $8::bigint
union all
select 2, 0, null, null, null, null, count(*), count(*) filter (where restricted), coalesce(sum(size), 0), count(size), (percentile_disc(0.5) within group (order by size) + percentile_disc(0.5) within group (order by size desc))::numeric / 2, coalesce(sum(revision), 0), count(revision), count(distinct customer), count(distinct opportunity), count(distinct owner), count(k1), count(k2), count(customer), count(category) from members where place is null or place > $8::bigint having count(*) > 0
union all
select 0, 1, null, null, null, null, count(*), count(*) filter (where restricted), coalesce(sum(size), 0), count(size), (percentile_disc(0.5) within group (order by size) + percentile_disc(0.5) within group (order by size desc))::numeric / 2, coalesce(sum(revision), 0), count(revision), count(distinct customer), count(distinct opportunity), count(distinct owner), count(k1), count(k2), count(customer), count(category) from members
union all
(select 1, row_number() over (order by place1 asc nulls last, k1), k1::text, label1::text, null, null, count(*), count(*) filter (where restricted), coalesce(sum(size), 0), count(size), (percentile_disc(0.5) within group (order by size) + percentile_disc(0.5) within group (order by size desc))::numeric / 2, coalesce(sum(revision), 0), count(revision), count(distinct customer), count(distinct opportunity), count(distinct owner), count(k1), count(k2), count(customer), count(category) from members group by k1, label1, place1 limit 5001)
order by 1 desc, 2
