with facts as (
  select v.id,
    v.status as status,
    v.owner_id as owner,
    c.id as customer,
    v.due_at as due,
    v.status = 'CLOSED' and v.closed_at <= v.due_at as in_time,
    v.status = 'CLOSED' and v.due_at is not null as judged,
    v.status <> 'CANCELLED' and coalesce(v.closed_at, $11::timestamptz) > v.due_at as late,
    case when v.status = 'CLOSED' then (v.closed_at at time zone $6::text)::date - (v.opened_at at time zone $6::text)::date end as days,
    m.amount as cost,
    v.kind as k1,
    to_char(v.due_at at time zone $6::text, case when v.due_at < '0002-01-01' and v.due_at at time zone $6::text < '0001-01-01' then '"0000"-"Q"Q' else 'YYYY-"Q"Q' end) as k2
  from visible SERVICE as v
  left join visible CUSTOMER as c on c.id = v.customer_id
  left join (select e.currency, array_agg(e.valid_on order by e.valid_on) as days, array_agg(e.rate order by e.valid_on) as rates from exchange_rates e group by e.currency) as mr on mr.currency = nullif(v.currency, $1::text)
  cross join lateral (select case when v.currency = $1::text then v.cost else case when abs((v.cost * mr.rates[width_bucket(coalesce((v.closed_at at time zone $2::text)::date, $12::date), mr.days)]) * 10000 - trunc((v.cost * mr.rates[width_bucket(coalesce((v.closed_at at time zone $2::text)::date, $12::date), mr.days)]) * 10000)) = 0.5 and mod(trunc((v.cost * mr.rates[width_bucket(coalesce((v.closed_at at time zone $2::text)::date, $12::date), mr.days)]) * 10000), 2) = 0 then trunc((v.cost * mr.rates[width_bucket(coalesce((v.closed_at at time zone $2::text)::date, $12::date), mr.days)]), 4) else round((v.cost * mr.rates[width_bucket(coalesce((v.closed_at at time zone $2::text)::date, $12::date), mr.days)]), 4) end end as amount) m
  where (true)
    and v.opened_at >= $4::timestamptz
    and (v.opened_at >= $5::timestamptz or (v.opened_at at time zone $6::text)::date >= $3::date)
    and v.opened_at < $8::timestamptz
    and (v.opened_at < $9::timestamptz or (v.opened_at at time zone $6::text)::date < $7::date)
  offset '0'
), groups as (
  select k1, k2,
    count(*) as n,
    count(*) filter (where status in ('OPEN', 'IN_PROGRESS')) as status_is_open_in_progress,
    count(*) filter (where status = 'CLOSED') as status_is_closed,
    count(*) filter (where status = 'CANCELLED') as status_is_cancelled,
    count(*) filter (where late) as overdue,
    count(*) filter (where in_time) as in_time,
    count(*) filter (where judged) as judged,
    coalesce(sum(days), 0) as sum_of_days,
    count(days) as known_of_days,
    (percentile_disc(0.5) within group (order by days) + percentile_disc(0.5) within group (order by days desc))::numeric / 2 as median_of_days,
    (percentile_disc(0.9) within group (order by days))::numeric as ninth_of_days,
    coalesce(sum(cost), 0) as sum_of_cost,
    count(cost) as known_of_cost,
    (percentile_disc(0.5) within group (order by cost) + percentile_disc(0.5) within group (order by cost desc))::numeric / 2 as median_of_cost,
    count(distinct customer) as different_customer,
    count(distinct owner) as different_owner,
    count(k1) as known1,
    count(k2) as known2,
    count(customer) as has_customer,
    count(due) as has_due,
    count(cost) as has_cost
  from facts
  group by k1, k2
), ranked as (
  select g.*, (true) is true as kept
  from groups g
), placed as (
  select *, case when kept then row_number() over (partition by kept order by array_position(array['REPAIR', 'MAINTENANCE', 'INSTALLATION', 'COMPLAINT', 'CONSULTATION', 'RETURN_VISIT', 'OTHER'], k1) asc nulls last, k2 asc nulls last, k1, k2) end as place
  from ranked
), members as (
  select f.*, p.place
  from facts f join placed p on coalesce(p.k1::text, '') = coalesce(f.k1::text, '') and coalesce(p.k2::text, '') = coalesce(f.k2::text, '')
)
select 2 as level, place, k1::text, null::text, k2::text, null::text, n, status_is_open_in_progress, status_is_closed, status_is_cancelled, overdue, in_time, judged, sum_of_days, known_of_days, median_of_days, ninth_of_days, sum_of_cost, known_of_cost, median_of_cost, different_customer, different_owner, known1, known2, has_customer, has_due, has_cost from placed where place <= $10::bigint
union all
select 2, 0, null, null, null, null, count(*), count(*) filter (where status in ('OPEN', 'IN_PROGRESS')), count(*) filter (where status = 'CLOSED'), count(*) filter (where status = 'CANCELLED'), count(*) filter (where late), count(*) filter (where in_time), count(*) filter (where judged), coalesce(sum(days), 0), count(days), (percentile_disc(0.5) within group (order by days) + percentile_disc(0.5) within group (order by days desc))::numeric / 2, (percentile_disc(0.9) within group (order by days))::numeric, coalesce(sum(cost), 0), count(cost), (percentile_disc(0.5) within group (order by cost) + percentile_disc(0.5) within group (order by cost desc))::numeric / 2, count(distinct customer), count(distinct owner), count(k1), count(k2), count(customer), count(due), count(cost) from members where place is null or place > $10::bigint having count(*) > 0
union all
select 0, 1, null, null, null, null, count(*), count(*) filter (where status in ('OPEN', 'IN_PROGRESS')), count(*) filter (where status = 'CLOSED'), count(*) filter (where status = 'CANCELLED'), count(*) filter (where late), count(*) filter (where in_time), count(*) filter (where judged), coalesce(sum(days), 0), count(days), (percentile_disc(0.5) within group (order by days) + percentile_disc(0.5) within group (order by days desc))::numeric / 2, (percentile_disc(0.9) within group (order by days))::numeric, coalesce(sum(cost), 0), count(cost), (percentile_disc(0.5) within group (order by cost) + percentile_disc(0.5) within group (order by cost desc))::numeric / 2, count(distinct customer), count(distinct owner), count(k1), count(k2), count(customer), count(due), count(cost) from members
union all
(select 1, row_number() over (order by array_position(array['REPAIR', 'MAINTENANCE', 'INSTALLATION', 'COMPLAINT', 'CONSULTATION', 'RETURN_VISIT', 'OTHER'], k1) asc nulls last, k1), k1::text, null::text, null, null, count(*), count(*) filter (where status in ('OPEN', 'IN_PROGRESS')), count(*) filter (where status = 'CLOSED'), count(*) filter (where status = 'CANCELLED'), count(*) filter (where late), count(*) filter (where in_time), count(*) filter (where judged), coalesce(sum(days), 0), count(days), (percentile_disc(0.5) within group (order by days) + percentile_disc(0.5) within group (order by days desc))::numeric / 2, (percentile_disc(0.9) within group (order by days))::numeric, coalesce(sum(cost), 0), count(cost), (percentile_disc(0.5) within group (order by cost) + percentile_disc(0.5) within group (order by cost desc))::numeric / 2, count(distinct customer), count(distinct owner), count(k1), count(k2), count(customer), count(due), count(cost) from members group by k1 limit 5001)
order by 1 desc, 2
