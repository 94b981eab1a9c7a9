with facts as (
  select n.id,
    t.category as category,
    (n.valid_from is null or n.valid_from <= $9::date) and (n.valid_until is null or n.valid_until > $9::date) as current,
    n.valid_until <= $9::date as ended,
    t.introduces as introduces,
    n.strength as strength,
    n.created_by as person,
    n.type_id as k1,
    to_char(n.valid_until::timestamp, case when n.valid_until < '0002-01-01' and n.valid_until::timestamp < '0001-01-01' then '"0000"-"Q"Q' else 'YYYY-"Q"Q' end) as k2
  from visible RELATIONSHIP as n
  left join visible RELATIONSHIP_TYPE as t on t.id = n.type_id
  where (true)
    and n.created_at >= $2::timestamptz
    and (n.created_at >= $3::timestamptz or (n.created_at at time zone $4::text)::date >= $1::date)
    and n.created_at < $6::timestamptz
    and (n.created_at < $7::timestamptz or (n.created_at at time zone $4::text)::date < $5::date)
  offset '0'
), groups as (
  select k1, k2,
    count(*) as n,
    count(*) filter (where current) as is_current,
    count(*) filter (where ended) as has_ended,
    count(*) filter (where category = 'EMPLOYMENT') as category_is_employment,
    count(*) filter (where introduces) as introducing,
    count(distinct person) as different_person,
    coalesce(sum(strength), 0) as sum_of_strength,
    count(strength) as known_of_strength,
    (percentile_disc(0.5) within group (order by strength) + percentile_disc(0.5) within group (order by strength desc))::numeric / 2 as median_of_strength,
    count(k1) as known1,
    count(k2) as known2,
    count(strength) as has_strength
  from facts
  group by k1, k2
), ranked as (
  select g.*, coalesce(l1.name_ab_en, l1.name_ab) as label1, coalesce(l1.name_ab_en, l1.name_ab) collate "zh-x-icu" as place1, (true) is true as kept
  from groups g
    left join visible RELATIONSHIP_TYPE as l1 on l1.id = g.k1
), placed as (
  select *, case when kept then row_number() over (partition by kept order by place1 asc nulls last, k2 asc nulls last, k1, k2) end as place
  from ranked
), members as (
  select f.*, p.place, p.label1, p.place1
  from facts f join placed p on coalesce(p.k1::text, '') = coalesce(f.k1::text, '') and coalesce(p.k2::text, '') = coalesce(f.k2::text, '')
)
select 2 as level, place, k1::text, label1::text, k2::text, null::text, n, is_current, has_ended, category_is_employment, introducing, different_person, sum_of_strength, known_of_strength, median_of_strength, known1, known2, has_strength from placed where place <= $8::bigint
union all
select 2, 0, null, null, null, null, count(*), count(*) filter (where current), count(*) filter (where ended), count(*) filter (where category = 'EMPLOYMENT'), count(*) filter (where introduces), count(distinct person), coalesce(sum(strength), 0), count(strength), (percentile_disc(0.5) within group (order by strength) + percentile_disc(0.5) within group (order by strength desc))::numeric / 2, count(k1), count(k2), count(strength) from members where place is null or place > $8::bigint having count(*) > 0
union all
select 0, 1, null, null, null, null, count(*), count(*) filter (where current), count(*) filter (where ended), count(*) filter (where category = 'EMPLOYMENT'), count(*) filter (where introduces), count(distinct person), coalesce(sum(strength), 0), count(strength), (percentile_disc(0.5) within group (order by strength) + percentile_disc(0.5) within group (order by strength desc))::numeric / 2, count(k1), count(k2), count(strength) from members
union all
(select 1, row_number() over (order by place1 asc nulls last, k1), k1::text, label1::text, null, null, count(*), count(*) filter (where current), count(*) filter (where ended), count(*) filter (where category = 'EMPLOYMENT'), count(*) filter (where introduces), count(distinct person), coalesce(sum(strength), 0), count(strength), (percentile_disc(0.5) within group (order by strength) + percentile_disc(0.5) within group (order by strength desc))::numeric / 2, count(k1), count(k2), count(strength) from members group by k1, label1, place1 limit 5001)
order by 1 desc, 2
