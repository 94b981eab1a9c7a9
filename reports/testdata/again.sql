with facts as (
  select o.id,
    o.status as status,
    m.amount as amount,
    m.amount is null and o.amount is not null as unconverted,
    case when o.status = 'OPEN' then case when abs((m.amount * s.probability::numeric) * 10000 - trunc((m.amount * s.probability::numeric) * 10000)) = 0.5 and mod(trunc((m.amount * s.probability::numeric) * 10000), 2) = 0 then trunc((m.amount * s.probability::numeric), 4) else round((m.amount * s.probability::numeric), 4) end end as weighted,
    (o.closed_at at time zone $6::text)::date - o.opened_on as cycle_days,
    c.id as customer,
    o.owner_id as owner,
    to_char(o.closed_at at time zone $6::text, case when o.closed_at < '0002-01-01' and o.closed_at at time zone $6::text < '0001-01-01' then '"0000"-"Q"Q' else 'YYYY-"Q"Q' end) as k1
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
)
select 0 as level, coalesce(w.place, 0) as place, count(*), count(*) filter (where status = 'WON'), count(*) filter (where status = 'LOST'), count(*) filter (where status = 'OPEN'), count(*) filter (where status = 'CANCELLED'), coalesce(sum(amount) filter (where status = 'LOST'), 0), count(amount) filter (where status = 'LOST'), coalesce(sum(amount) filter (where status = 'WON'), 0), count(amount) filter (where status = 'WON'), coalesce(sum(amount) filter (where status = 'OPEN'), 0), count(amount) filter (where status = 'OPEN'), coalesce(sum(weighted), 0), count(*) filter (where unconverted), coalesce(sum(cycle_days), 0), count(cycle_days), (percentile_disc(0.5) within group (order by cycle_days) + percentile_disc(0.5) within group (order by cycle_days desc))::numeric / 2, (percentile_disc(0.9) within group (order by cycle_days))::numeric, coalesce(sum(amount), 0), count(amount), (percentile_disc(0.5) within group (order by amount) + percentile_disc(0.5) within group (order by amount desc))::numeric / 2, (percentile_disc(0.9) within group (order by amount))::numeric, count(distinct customer), count(distinct owner)
from facts f cross join (select 1 as place) w
group by 2
union all
select 1 as level, coalesce(w.place, 0) as place, count(*), count(*) filter (where status = 'WON'), count(*) filter (where status = 'LOST'), count(*) filter (where status = 'OPEN'), count(*) filter (where status = 'CANCELLED'), coalesce(sum(amount) filter (where status = 'LOST'), 0), count(amount) filter (where status = 'LOST'), coalesce(sum(amount) filter (where status = 'WON'), 0), count(amount) filter (where status = 'WON'), coalesce(sum(amount) filter (where status = 'OPEN'), 0), count(amount) filter (where status = 'OPEN'), coalesce(sum(weighted), 0), count(*) filter (where unconverted), coalesce(sum(cycle_days), 0), count(cycle_days), (percentile_disc(0.5) within group (order by cycle_days) + percentile_disc(0.5) within group (order by cycle_days desc))::numeric / 2, (percentile_disc(0.9) within group (order by cycle_days))::numeric, coalesce(sum(amount), 0), count(amount), (percentile_disc(0.5) within group (order by amount) + percentile_disc(0.5) within group (order by amount desc))::numeric / 2, (percentile_disc(0.9) within group (order by amount))::numeric, count(distinct customer), count(distinct owner)
from facts f left join unnest($10::text[]) with ordinality as w (g1, place) on w.g1 = coalesce(f.k1::text, '')
group by 2
order by 1, 2
