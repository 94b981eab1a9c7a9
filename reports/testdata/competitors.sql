with facts as (
  select o.id,
    case
      when o.status = 'OPEN' then 'OPEN'
      when o.status = 'WON' then 'WE_WON'
      when o.won_by_id = e.competitor_id then 'THEY_WON'
      when o.won_by_id is not null then 'OTHER_WON'
      when lr.loss_kind = 'NO_DECISION' then 'NOBODY_WON'
      else 'UNKNOWN'
    end as outcome,
    case when m.amount > 0 then (q.quoted_price - m.amount) / m.amount end as price_gap,
    m.amount as amount,
    o.status as k1,
    to_char(o.created_at at time zone $6::text, case when o.created_at < '0002-01-01' and o.created_at at time zone $6::text < '0001-01-01' then '"0000"-"Q"Q' else 'YYYY-"Q"Q' end) as k2
  from visible OPPORTUNITY as o
  join (select r.id, r.opportunity_id, r.competitor_id, r.quoted_price as quoted_price, r.currency, r.strengths, r.weaknesses, r.is_main, r.created_at from encounters r join visible OPPORTUNITY as w on w.id = r.opportunity_id) as e on e.opportunity_id = o.id
  left join visible DICTIONARY_ENTRY as lr on lr.id = o.loss_reason_id
  left join (select e.currency, array_agg(e.valid_on order by e.valid_on) as days, array_agg(e.rate order by e.valid_on) as rates from exchange_rates e group by e.currency) as mr on mr.currency = nullif(o.currency, $1::text)
  cross join lateral (select case when o.currency = $1::text then o.amount else case when abs((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), mr.days)]) * 10000 - trunc((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), mr.days)]) * 10000)) = 0.5 and mod(trunc((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), mr.days)]) * 10000), 2) = 0 then trunc((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), mr.days)]), 4) else round((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), mr.days)]), 4) end end as amount) m
  cross join lateral (
    select x.amount as quoted_price from (select e.quoted_price as amount, e.currency as currency) y cross join lateral (
    select case when y.currency = $1::text then y.amount else (
      select case when abs((y.amount * e.rate) * 10000 - trunc((y.amount * e.rate) * 10000)) = 0.5 and mod(trunc((y.amount * e.rate) * 10000), 2) = 0 then trunc((y.amount * e.rate), 4) else round((y.amount * e.rate), 4) end from exchange_rates e where e.currency = y.currency and e.valid_on <= coalesce((o.closed_at at time zone $2::text)::date, $11::date) order by e.valid_on desc limit 1
    ) end as amount) x) q
  where (true)
    and o.closed_at >= $4::timestamptz
    and (o.closed_at >= $5::timestamptz or (o.closed_at at time zone $6::text)::date >= $3::date)
    and o.closed_at < $8::timestamptz
    and (o.closed_at < $9::timestamptz or (o.closed_at at time zone $6::text)::date < $7::date)
    and o.status <> 'CANCELLED'
  offset '0'
), groups as (
  select k1, k2,
    count(*) as n,
    count(*) filter (where outcome = 'WE_WON') as we_won,
    count(*) filter (where outcome = 'THEY_WON') as they_won,
    coalesce(sum(amount) filter (where outcome = 'THEY_WON'), 0) as lost_amount,
    count(amount) filter (where outcome = 'THEY_WON') as lost_amounts,
    count(*) filter (where outcome = 'OPEN') as still_open,
    count(*) filter (where outcome = 'OTHER_WON') as other_won,
    count(*) filter (where outcome = 'NOBODY_WON') as nobody_won,
    count(*) filter (where outcome = 'UNKNOWN') as not_known,
    coalesce(sum(amount) filter (where outcome = 'WE_WON'), 0) as won_amount,
    count(amount) filter (where outcome = 'WE_WON') as won_amounts,
    coalesce(sum(price_gap), 0) as gap_sum,
    (percentile_disc(0.5) within group (order by price_gap) + percentile_disc(0.5) within group (order by price_gap desc))::numeric / 2 as gap_middle,
    count(price_gap) as gaps,
    count(k1) as known1,
    count(k2) as known2
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
select 2 as level, place, k1::text, null::text, k2::text, null::text, n, we_won, they_won, lost_amount, lost_amounts, still_open, other_won, nobody_won, not_known, won_amount, won_amounts, gap_sum, gap_middle, gaps, known1, known2 from placed where place <= $10::bigint
union all
select 2, 0, null, null, null, null, count(*), count(*) filter (where outcome = 'WE_WON'), count(*) filter (where outcome = 'THEY_WON'), coalesce(sum(amount) filter (where outcome = 'THEY_WON'), 0), count(amount) filter (where outcome = 'THEY_WON'), count(*) filter (where outcome = 'OPEN'), count(*) filter (where outcome = 'OTHER_WON'), count(*) filter (where outcome = 'NOBODY_WON'), count(*) filter (where outcome = 'UNKNOWN'), coalesce(sum(amount) filter (where outcome = 'WE_WON'), 0), count(amount) filter (where outcome = 'WE_WON'), coalesce(sum(price_gap), 0), (percentile_disc(0.5) within group (order by price_gap) + percentile_disc(0.5) within group (order by price_gap desc))::numeric / 2, count(price_gap), count(k1), count(k2) from members where place is null or place > $10::bigint having count(*) > 0
union all
select 0, 1, null, null, null, null, count(*), count(*) filter (where outcome = 'WE_WON'), count(*) filter (where outcome = 'THEY_WON'), coalesce(sum(amount) filter (where outcome = 'THEY_WON'), 0), count(amount) filter (where outcome = 'THEY_WON'), count(*) filter (where outcome = 'OPEN'), count(*) filter (where outcome = 'OTHER_WON'), count(*) filter (where outcome = 'NOBODY_WON'), count(*) filter (where outcome = 'UNKNOWN'), coalesce(sum(amount) filter (where outcome = 'WE_WON'), 0), count(amount) filter (where outcome = 'WE_WON'), coalesce(sum(price_gap), 0), (percentile_disc(0.5) within group (order by price_gap) + percentile_disc(0.5) within group (order by price_gap desc))::numeric / 2, count(price_gap), count(k1), count(k2) from members
union all
(select 1, row_number() over (order by array_position(array['OPEN', 'WON', 'LOST', 'CANCELLED'], k1) asc nulls last, k1), k1::text, null::text, null, null, count(*), count(*) filter (where outcome = 'WE_WON'), count(*) filter (where outcome = 'THEY_WON'), coalesce(sum(amount) filter (where outcome = 'THEY_WON'), 0), count(amount) filter (where outcome = 'THEY_WON'), count(*) filter (where outcome = 'OPEN'), count(*) filter (where outcome = 'OTHER_WON'), count(*) filter (where outcome = 'NOBODY_WON'), count(*) filter (where outcome = 'UNKNOWN'), coalesce(sum(amount) filter (where outcome = 'WE_WON'), 0), count(amount) filter (where outcome = 'WE_WON'), coalesce(sum(price_gap), 0), (percentile_disc(0.5) within group (order by price_gap) + percentile_disc(0.5) within group (order by price_gap desc))::numeric / 2, count(price_gap), count(k1), count(k2) from members group by k1 limit 5001)
order by 1 desc, 2
