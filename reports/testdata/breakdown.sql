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
    m.amount as amount,
    c.industry_id as k1
  from visible OPPORTUNITY as o
  join (select r.id, r.opportunity_id, r.competitor_id, r.quoted_price as quoted_price, r.currency, r.strengths, r.weaknesses, r.is_main, r.created_at from encounters r join visible OPPORTUNITY as w on w.id = r.opportunity_id) as e on e.opportunity_id = o.id
  left join visible CUSTOMER as c on c.id = o.customer_id
  left join visible DICTIONARY_ENTRY as lr on lr.id = o.loss_reason_id
  left join (select e.currency, array_agg(e.valid_on order by e.valid_on) as days, array_agg(e.rate order by e.valid_on) as rates from exchange_rates e group by e.currency) as mr on mr.currency = nullif(o.currency, $1::text)
  cross join lateral (select case when o.currency = $1::text then o.amount else case when abs((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $5::date), mr.days)]) * 10000 - trunc((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $5::date), mr.days)]) * 10000)) = 0.5 and mod(trunc((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $5::date), mr.days)]) * 10000), 2) = 0 then trunc((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $5::date), mr.days)]), 4) else round((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $5::date), mr.days)]), 4) end end as amount) m
  where (true)
    and o.status <> 'CANCELLED'
  offset '0'
), asked as (
  select f.competitor_id as whose, f.* from facts f where f.competitor_id = any($3::uuid[])
), groups as (
  select whose, k1, count(*) as n,
    count(*) filter (where outcome = 'OPEN') as still_open,
    count(*) filter (where outcome = 'WE_WON') as we_won,
    count(*) filter (where outcome = 'THEY_WON') as they_won,
    count(*) filter (where outcome = 'OTHER_WON') as other_won,
    count(*) filter (where outcome = 'NOBODY_WON') as nobody_won,
    count(*) filter (where outcome = 'UNKNOWN') as not_known,
    coalesce(sum(amount) filter (where outcome = 'WE_WON'), 0) as won_amount,
    count(amount) filter (where outcome = 'WE_WON') as won_amounts,
    coalesce(sum(amount) filter (where outcome = 'THEY_WON'), 0) as lost_amount,
    count(amount) filter (where outcome = 'THEY_WON') as lost_amounts
  from asked
  group by whose, k1
), ranked as (
  select g.*, coalesce(l1.label_en, l1.label) as label1, coalesce(l1.label_en, l1.label) collate "zh-x-icu" as place1
  from groups g
    left join visible DICTIONARY_ENTRY as l1 on l1.id = g.k1
), placed as (
  select *, row_number() over (partition by whose order by n desc, place1 asc nulls last, k1) as place from ranked
)
select whose, other, k1::text, label, n, still_open, we_won, they_won, other_won, nobody_won, not_known, won_amount, won_amounts, lost_amount, lost_amounts
from (
  select whose, false as other, k1, label1 as label, place, n, still_open, we_won, they_won, other_won, nobody_won, not_known, won_amount, won_amounts, lost_amount, lost_amounts from placed where place <= $4::bigint
  union all
  select whose, true, null, null, 0, coalesce(sum(n), 0)::bigint, coalesce(sum(still_open), 0)::bigint, coalesce(sum(we_won), 0)::bigint, coalesce(sum(they_won), 0)::bigint, coalesce(sum(other_won), 0)::bigint, coalesce(sum(nobody_won), 0)::bigint, coalesce(sum(not_known), 0)::bigint, coalesce(sum(won_amount), 0)::numeric, coalesce(sum(won_amounts), 0)::bigint, coalesce(sum(lost_amount), 0)::numeric, coalesce(sum(lost_amounts), 0)::bigint from placed where place > $4::bigint group by whose
) listed
order by whose, other, place
