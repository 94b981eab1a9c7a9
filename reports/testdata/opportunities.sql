with facts as (
  select o.id,
    o.status as status,
    m.amount as amount,
    m.amount is null and o.amount is not null as unconverted,
    case when o.status = 'OPEN' then case when abs((m.amount * s.probability::numeric) * 10000 - trunc((m.amount * s.probability::numeric) * 10000)) = 0.5 and mod(trunc((m.amount * s.probability::numeric) * 10000), 2) = 0 then trunc((m.amount * s.probability::numeric), 4) else round((m.amount * s.probability::numeric), 4) end end as weighted,
    (o.closed_at at time zone $6::text)::date - o.opened_on as cycle_days,
    o.opened_on as opened_on,
    c.id as customer,
    o.owner_id as owner,
    o.status as k1,
    to_char(o.created_at at time zone $6::text, case when o.created_at < '0002-01-01' and o.created_at at time zone $6::text < '0001-01-01' then '"0000"-"Q"Q' else 'YYYY-"Q"Q' end) as k2
  from visible OPPORTUNITY as o
  left join visible CUSTOMER as c on c.id = o.customer_id
  left join visible STAGE as s on s.id = o.stage_id
  left join (select e.currency, array_agg(e.valid_on order by e.valid_on) as days, array_agg(e.rate order by e.valid_on) as rates from exchange_rates e group by e.currency) as mr on mr.currency = nullif(o.currency, $1::text)
  cross join lateral (select case when o.currency = $1::text then o.amount else case when abs((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), mr.days)]) * 10000 - trunc((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), mr.days)]) * 10000)) = 0.5 and mod(trunc((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), mr.days)]) * 10000), 2) = 0 then trunc((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), mr.days)]), 4) else round((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), mr.days)]), 4) end end as amount) m
  where (true)
    and o.closed_at >= $4::timestamptz
    and (o.closed_at >= $5::timestamptz or (o.closed_at at time zone $6::text)::date >= $3::date)
    and o.closed_at < $8::timestamptz
    and (o.closed_at < $9::timestamptz or (o.closed_at at time zone $6::text)::date < $7::date)
  offset '0'
), groups as (
  select k1, k2,
    count(*) as n,
    count(*) filter (where status = 'WON') as won,
    count(*) filter (where status = 'LOST') as lost,
    count(*) filter (where status = 'OPEN') as open,
    count(*) filter (where status = 'CANCELLED') as cancelled,
    coalesce(sum(amount) filter (where status = 'LOST'), 0) as lost_amount,
    count(amount) filter (where status = 'LOST') as lost_amounts,
    coalesce(sum(amount) filter (where status = 'WON'), 0) as won_amount,
    count(amount) filter (where status = 'WON') as won_amounts,
    coalesce(sum(amount) filter (where status = 'OPEN'), 0) as open_amount,
    count(amount) filter (where status = 'OPEN') as open_amounts,
    coalesce(sum(weighted), 0) as weighted_sum,
    count(*) filter (where unconverted) as without_rate,
    coalesce(sum(cycle_days), 0) as sum_of_cycle_days,
    count(cycle_days) as known_of_cycle_days,
    (percentile_disc(0.5) within group (order by cycle_days) + percentile_disc(0.5) within group (order by cycle_days desc))::numeric / 2 as median_of_cycle_days,
    (percentile_disc(0.9) within group (order by cycle_days))::numeric as ninth_of_cycle_days,
    coalesce(sum(amount), 0) as sum_of_amount,
    count(amount) as known_of_amount,
    (percentile_disc(0.5) within group (order by amount) + percentile_disc(0.5) within group (order by amount desc))::numeric / 2 as median_of_amount,
    (percentile_disc(0.9) within group (order by amount))::numeric as ninth_of_amount,
    count(distinct customer) as different_customer,
    count(distinct owner) as different_owner,
    count(k1) as known1,
    count(k2) as known2,
    count(amount) as has_amount,
    count(opened_on) as has_opened_on
  from facts
  group by k1, k2
), ranked as (
  select g.*, (true) is true as kept
  from groups g
), placed as (
  select *, case when kept then row_number() over (partition by kept order by array_position(array['OPEN', 'WON', 'LOST', 'CANCELLED'], k1) asc nulls last, k2 asc nulls last, k1, k2) end as place
  from ranked
), members as (
  select f.*, p.place
  from facts f join placed p on coalesce(p.k1::text, '') = coalesce(f.k1::text, '') and coalesce(p.k2::text, '') = coalesce(f.k2::text, '')
)
select 2 as level, place, k1::text, null::text, k2::text, null::text, n, won, lost, open, cancelled, lost_amount, lost_amounts, won_amount, won_amounts, open_amount, open_amounts, weighted_sum, without_rate, sum_of_cycle_days, known_of_cycle_days, median_of_cycle_days, ninth_of_cycle_days, sum_of_amount, known_of_amount, median_of_amount, ninth_of_amount, different_customer, different_owner, known1, known2, has_amount, has_opened_on from placed where place <= $10::bigint
union all
select 2, 0, null, null, null, null, count(*), count(*) filter (where status = 'WON'), count(*) filter (where status = 'LOST'), count(*) filter (where status = 'OPEN'), count(*) filter (where status = 'CANCELLED'), coalesce(sum(amount) filter (where status = 'LOST'), 0), count(amount) filter (where status = 'LOST'), coalesce(sum(amount) filter (where status = 'WON'), 0), count(amount) filter (where status = 'WON'), coalesce(sum(amount) filter (where status = 'OPEN'), 0), count(amount) filter (where status = 'OPEN'), coalesce(sum(weighted), 0), count(*) filter (where unconverted), coalesce(sum(cycle_days), 0), count(cycle_days), (percentile_disc(0.5) within group (order by cycle_days) + percentile_disc(0.5) within group (order by cycle_days desc))::numeric / 2, (percentile_disc(0.9) within group (order by cycle_days))::numeric, coalesce(sum(amount), 0), count(amount), (percentile_disc(0.5) within group (order by amount) + percentile_disc(0.5) within group (order by amount desc))::numeric / 2, (percentile_disc(0.9) within group (order by amount))::numeric, count(distinct customer), count(distinct owner), count(k1), count(k2), count(amount), count(opened_on) from members where place is null or place > $10::bigint having count(*) > 0
union all
select 0, 1, null, null, null, null, count(*), count(*) filter (where status = 'WON'), count(*) filter (where status = 'LOST'), count(*) filter (where status = 'OPEN'), count(*) filter (where status = 'CANCELLED'), coalesce(sum(amount) filter (where status = 'LOST'), 0), count(amount) filter (where status = 'LOST'), coalesce(sum(amount) filter (where status = 'WON'), 0), count(amount) filter (where status = 'WON'), coalesce(sum(amount) filter (where status = 'OPEN'), 0), count(amount) filter (where status = 'OPEN'), coalesce(sum(weighted), 0), count(*) filter (where unconverted), coalesce(sum(cycle_days), 0), count(cycle_days), (percentile_disc(0.5) within group (order by cycle_days) + percentile_disc(0.5) within group (order by cycle_days desc))::numeric / 2, (percentile_disc(0.9) within group (order by cycle_days))::numeric, coalesce(sum(amount), 0), count(amount), (percentile_disc(0.5) within group (order by amount) + percentile_disc(0.5) within group (order by amount desc))::numeric / 2, (percentile_disc(0.9) within group (order by amount))::numeric, count(distinct customer), count(distinct owner), count(k1), count(k2), count(amount), count(opened_on) from members
union all
(select 1, row_number() over (order by array_position(array['OPEN', 'WON', 'LOST', 'CANCELLED'], k1) asc nulls last, k1), k1::text, null::text, null, null, count(*), count(*) filter (where status = 'WON'), count(*) filter (where status = 'LOST'), count(*) filter (where status = 'OPEN'), count(*) filter (where status = 'CANCELLED'), coalesce(sum(amount) filter (where status = 'LOST'), 0), count(amount) filter (where status = 'LOST'), coalesce(sum(amount) filter (where status = 'WON'), 0), count(amount) filter (where status = 'WON'), coalesce(sum(amount) filter (where status = 'OPEN'), 0), count(amount) filter (where status = 'OPEN'), coalesce(sum(weighted), 0), count(*) filter (where unconverted), coalesce(sum(cycle_days), 0), count(cycle_days), (percentile_disc(0.5) within group (order by cycle_days) + percentile_disc(0.5) within group (order by cycle_days desc))::numeric / 2, (percentile_disc(0.9) within group (order by cycle_days))::numeric, coalesce(sum(amount), 0), count(amount), (percentile_disc(0.5) within group (order by amount) + percentile_disc(0.5) within group (order by amount desc))::numeric / 2, (percentile_disc(0.9) within group (order by amount))::numeric, count(distinct customer), count(distinct owner), count(k1), count(k2), count(amount), count(opened_on) from members group by k1 limit 5001)
order by 1 desc, 2
