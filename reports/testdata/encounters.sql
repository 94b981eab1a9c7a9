with facts as (
  select e.id,
    m.amount as amount,
    case
      when o.status = 'OPEN' then 'OPEN'
      when o.status = 'WON' then 'WE_WON'
      when o.won_by_id = e.competitor_id then 'THEY_WON'
      when o.won_by_id is not null then 'OTHER_WON'
      when lr.loss_kind = 'NO_DECISION' then 'NOBODY_WON'
      else 'UNKNOWN'
    end as outcome,
    e.competitor_id as competitor,
    o.id as opportunity,
    o.loss_reason_id as reason,
    q.amount as quoted,
    e.competitor_id as k1,
    to_char(e.created_at at time zone $6::text, case when e.created_at < '0002-01-01' and e.created_at at time zone $6::text < '0001-01-01' then '"0000"-"Q"Q' else 'YYYY-"Q"Q' end) as k2
  from (select r.id, r.opportunity_id, r.competitor_id, r.quoted_price as quoted_price, r.currency, r.strengths, r.weaknesses, r.is_main, r.created_at from encounters r join visible OPPORTUNITY as w on w.id = r.opportunity_id) as e
  left join visible OPPORTUNITY as o on o.id = e.opportunity_id
  left join visible DICTIONARY_ENTRY as lr on lr.id = o.loss_reason_id
  left join (select e.currency, array_agg(e.valid_on order by e.valid_on) as days, array_agg(e.rate order by e.valid_on) as rates from exchange_rates e group by e.currency) as mr on mr.currency = nullif(o.currency, $1::text)
  cross join lateral (select case when o.currency = $1::text then o.amount else case when abs((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), mr.days)]) * 10000 - trunc((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), mr.days)]) * 10000)) = 0.5 and mod(trunc((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), mr.days)]) * 10000), 2) = 0 then trunc((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), mr.days)]), 4) else round((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), mr.days)]), 4) end end as amount) m
  left join (select e.currency, array_agg(e.valid_on order by e.valid_on) as days, array_agg(e.rate order by e.valid_on) as rates from exchange_rates e group by e.currency) as qr on qr.currency = nullif(e.currency, $1::text)
  cross join lateral (select case when e.currency = $1::text then e.quoted_price else case when abs((e.quoted_price * qr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), qr.days)]) * 10000 - trunc((e.quoted_price * qr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), qr.days)]) * 10000)) = 0.5 and mod(trunc((e.quoted_price * qr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), qr.days)]) * 10000), 2) = 0 then trunc((e.quoted_price * qr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), qr.days)]), 4) else round((e.quoted_price * qr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), qr.days)]), 4) end end as amount) q
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
    count(*) filter (where outcome = 'OPEN') as still_open,
    count(*) filter (where outcome = 'WE_WON') as we_won,
    count(*) filter (where outcome = 'THEY_WON') as they_won,
    count(*) filter (where outcome = 'OTHER_WON') as other_won,
    count(*) filter (where outcome = 'NOBODY_WON') as nobody_won,
    count(*) filter (where outcome = 'UNKNOWN') as not_known,
    coalesce(sum(amount) filter (where outcome = 'WE_WON'), 0) as won_amount,
    count(amount) filter (where outcome = 'WE_WON') as won_amounts,
    coalesce(sum(amount) filter (where outcome = 'THEY_WON'), 0) as lost_amount,
    count(amount) filter (where outcome = 'THEY_WON') as lost_amounts,
    count(distinct opportunity) as different_opportunity,
    count(distinct competitor) as different_competitor,
    coalesce(sum(quoted), 0) as sum_of_quoted,
    count(quoted) as known_of_quoted,
    (percentile_disc(0.5) within group (order by quoted) + percentile_disc(0.5) within group (order by quoted desc))::numeric / 2 as median_of_quoted,
    count(k1) as known1,
    count(k2) as known2,
    count(amount) as has_amount,
    count(quoted) as has_quoted,
    count(reason) as has_reason
  from facts
  group by k1, k2
), ranked as (
  select g.*, l1.name as label1, l1.name collate "zh-x-icu" as place1, (true) is true as kept
  from groups g
    left join visible COMPETITOR as l1 on l1.id = g.k1
), placed as (
  select *, case when kept then row_number() over (partition by kept order by place1 asc nulls last, k2 asc nulls last, k1, k2) end as place
  from ranked
), members as (
  select f.*, p.place, p.label1, p.place1
  from facts f join placed p on coalesce(p.k1::text, '') = coalesce(f.k1::text, '') and coalesce(p.k2::text, '') = coalesce(f.k2::text, '')
)
select 2 as level, place, k1::text, label1::text, k2::text, null::text, n, still_open, we_won, they_won, other_won, nobody_won, not_known, won_amount, won_amounts, lost_amount, lost_amounts, different_opportunity, different_competitor, sum_of_quoted, known_of_quoted, median_of_quoted, known1, known2, has_amount, has_quoted, has_reason from placed where place <= $10::bigint
union all
select 2, 0, null, null, null, null, count(*), count(*) filter (where outcome = 'OPEN'), count(*) filter (where outcome = 'WE_WON'), count(*) filter (where outcome = 'THEY_WON'), count(*) filter (where outcome = 'OTHER_WON'), count(*) filter (where outcome = 'NOBODY_WON'), count(*) filter (where outcome = 'UNKNOWN'), coalesce(sum(amount) filter (where outcome = 'WE_WON'), 0), count(amount) filter (where outcome = 'WE_WON'), coalesce(sum(amount) filter (where outcome = 'THEY_WON'), 0), count(amount) filter (where outcome = 'THEY_WON'), count(distinct opportunity), count(distinct competitor), coalesce(sum(quoted), 0), count(quoted), (percentile_disc(0.5) within group (order by quoted) + percentile_disc(0.5) within group (order by quoted desc))::numeric / 2, count(k1), count(k2), count(amount), count(quoted), count(reason) from members where place is null or place > $10::bigint having count(*) > 0
union all
select 0, 1, null, null, null, null, count(*), count(*) filter (where outcome = 'OPEN'), count(*) filter (where outcome = 'WE_WON'), count(*) filter (where outcome = 'THEY_WON'), count(*) filter (where outcome = 'OTHER_WON'), count(*) filter (where outcome = 'NOBODY_WON'), count(*) filter (where outcome = 'UNKNOWN'), coalesce(sum(amount) filter (where outcome = 'WE_WON'), 0), count(amount) filter (where outcome = 'WE_WON'), coalesce(sum(amount) filter (where outcome = 'THEY_WON'), 0), count(amount) filter (where outcome = 'THEY_WON'), count(distinct opportunity), count(distinct competitor), coalesce(sum(quoted), 0), count(quoted), (percentile_disc(0.5) within group (order by quoted) + percentile_disc(0.5) within group (order by quoted desc))::numeric / 2, count(k1), count(k2), count(amount), count(quoted), count(reason) from members
union all
(select 1, row_number() over (order by place1 asc nulls last, k1), k1::text, label1::text, null, null, count(*), count(*) filter (where outcome = 'OPEN'), count(*) filter (where outcome = 'WE_WON'), count(*) filter (where outcome = 'THEY_WON'), count(*) filter (where outcome = 'OTHER_WON'), count(*) filter (where outcome = 'NOBODY_WON'), count(*) filter (where outcome = 'UNKNOWN'), coalesce(sum(amount) filter (where outcome = 'WE_WON'), 0), count(amount) filter (where outcome = 'WE_WON'), coalesce(sum(amount) filter (where outcome = 'THEY_WON'), 0), count(amount) filter (where outcome = 'THEY_WON'), count(distinct opportunity), count(distinct competitor), coalesce(sum(quoted), 0), count(quoted), (percentile_disc(0.5) within group (order by quoted) + percentile_disc(0.5) within group (order by quoted desc))::numeric / 2, count(k1), count(k2), count(amount), count(quoted), count(reason) from members group by k1, label1, place1 limit 5001)
order by 1 desc, 2
