with facts as (
  select c.id,
    c.kind as kind,
    c.owner_id as owner,
    c.pool_id as pool,
    c.region_id as region,
    c.industry_id as industry,
    c.source_id as source,
    c.phone as phone,
    c.email as email,
    co.opportunities > 0 as met,
    co.won > 0 as won,
    $9::date - (c.created_at at time zone $4::text)::date as age_days,
    c.kind as k1,
    to_char(c.created_at at time zone $4::text, case when c.created_at < '0002-01-01' and c.created_at at time zone $4::text < '0001-01-01' then '"0000"-"Q"Q' else 'YYYY-"Q"Q' end) as k2
  from visible CUSTOMER as c
  cross join lateral (select count(*) as opportunities, count(*) filter (where x.status = 'WON') as won from visible OPPORTUNITY as x where x.customer_id = c.id) co
  where (true)
    and c.created_at >= $2::timestamptz
    and (c.created_at >= $3::timestamptz or (c.created_at at time zone $4::text)::date >= $1::date)
    and c.created_at < $6::timestamptz
    and (c.created_at < $7::timestamptz or (c.created_at at time zone $4::text)::date < $5::date)
  offset '0'
), groups as (
  select k1, k2,
    count(*) as n,
    count(*) filter (where kind = 'ORGANIZATION') as kind_is_organization,
    count(*) filter (where kind = 'PERSON') as kind_is_person,
    count(pool) as known_of_pool,
    count(owner) as known_of_owner,
    count(*) filter (where met) as with_opportunities,
    count(*) filter (where won) as with_won,
    count(distinct owner) as different_owner,
    count(phone) as known_of_phone,
    count(email) as known_of_email,
    coalesce(sum(age_days), 0) as sum_of_age_days,
    count(age_days) as known_of_age_days,
    count(k1) as known1,
    count(k2) as known2,
    count(region) as has_region,
    count(industry) as has_industry,
    count(source) as has_source
  from facts
  group by k1, k2
), ranked as (
  select g.*, (true) is true as kept
  from groups g
), placed as (
  select *, case when kept then row_number() over (partition by kept order by array_position(array['ORGANIZATION', 'PERSON'], k1) asc nulls last, k2 asc nulls last, k1, k2) end as place
  from ranked
), members as (
  select f.*, p.place
  from facts f join placed p on coalesce(p.k1::text, '') = coalesce(f.k1::text, '') and coalesce(p.k2::text, '') = coalesce(f.k2::text, '')
)
select 2 as level, place, k1::text, null::text, k2::text, null::text, n, kind_is_organization, kind_is_person, known_of_pool, known_of_owner, with_opportunities, with_won, different_owner, known_of_phone, known_of_email, sum_of_age_days, known_of_age_days, known1, known2, has_region, has_industry, has_source from placed where place <= $8::bigint
union all
select 2, 0, null, null, null, null, count(*), count(*) filter (where kind = 'ORGANIZATION'), count(*) filter (where kind = 'PERSON'), count(pool), count(owner), count(*) filter (where met), count(*) filter (where won), count(distinct owner), count(phone), count(email), coalesce(sum(age_days), 0), count(age_days), count(k1), count(k2), count(region), count(industry), count(source) from members where place is null or place > $8::bigint having count(*) > 0
union all
select 0, 1, null, null, null, null, count(*), count(*) filter (where kind = 'ORGANIZATION'), count(*) filter (where kind = 'PERSON'), count(pool), count(owner), count(*) filter (where met), count(*) filter (where won), count(distinct owner), count(phone), count(email), coalesce(sum(age_days), 0), count(age_days), count(k1), count(k2), count(region), count(industry), count(source) from members
union all
(select 1, row_number() over (order by array_position(array['ORGANIZATION', 'PERSON'], k1) asc nulls last, k1), k1::text, null::text, null, null, count(*), count(*) filter (where kind = 'ORGANIZATION'), count(*) filter (where kind = 'PERSON'), count(pool), count(owner), count(*) filter (where met), count(*) filter (where won), count(distinct owner), count(phone), count(email), coalesce(sum(age_days), 0), count(age_days), count(k1), count(k2), count(region), count(industry), count(source) from members group by k1 limit 5001)
order by 1 desc, 2
