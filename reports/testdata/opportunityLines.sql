with facts as (
  select li.id,
    o.status as status,
    li.product_id as product,
    o.id as opportunity,
    li.quantity as quantity,
    la.amount as line_amount,
    li.product_id as k1,
    to_char(o.created_at at time zone $6::text, case when o.created_at < '0002-01-01' and o.created_at at time zone $6::text < '0001-01-01' then '"0000"-"Q"Q' else 'YYYY-"Q"Q' end) as k2
  from (select r.id, r.opportunity_id, r.product_id, r.quantity, r.unit_price as unit_price, r.amount as amount, r.position from opportunity_lines r join visible OPPORTUNITY as w on w.id = r.opportunity_id) as li
  left join visible OPPORTUNITY as o on o.id = li.opportunity_id
  left join (select e.currency, array_agg(e.valid_on order by e.valid_on) as days, array_agg(e.rate order by e.valid_on) as rates from exchange_rates e group by e.currency) as lar on lar.currency = nullif(o.currency, $1::text)
  cross join lateral (select case when o.currency = $1::text then li.amount else case when abs((li.amount * lar.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), lar.days)]) * 10000 - trunc((li.amount * lar.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), lar.days)]) * 10000)) = 0.5 and mod(trunc((li.amount * lar.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), lar.days)]) * 10000), 2) = 0 then trunc((li.amount * lar.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), lar.days)]), 4) else round((li.amount * lar.rates[width_bucket(coalesce((o.closed_at at time zone $2::text)::date, $11::date), lar.days)]), 4) end end as amount) la
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
    coalesce(sum(quantity), 0) as sum_of_quantity,
    count(quantity) as known_of_quantity,
    coalesce(sum(line_amount), 0) as sum_of_line_amount,
    count(line_amount) as known_of_line_amount,
    coalesce(sum(line_amount) filter (where status = 'WON'), 0) as line_won_amount,
    count(line_amount) filter (where status = 'WON') as line_won_amounts,
    coalesce(sum(line_amount) filter (where status = 'LOST'), 0) as line_lost_amount,
    count(line_amount) filter (where status = 'LOST') as line_lost_amounts,
    (percentile_disc(0.5) within group (order by line_amount) + percentile_disc(0.5) within group (order by line_amount desc))::numeric / 2 as median_of_line_amount,
    count(distinct opportunity) as different_opportunity,
    count(distinct product) as different_product,
    count(k1) as known1,
    count(k2) as known2,
    count(line_amount) as has_line_amount
  from facts
  group by k1, k2
), ranked as (
  select g.*, l1.name as label1, l1.name collate "zh-x-icu" as place1, (true) is true as kept
  from groups g
    left join visible PRODUCT as l1 on l1.id = g.k1
), placed as (
  select *, case when kept then row_number() over (partition by kept order by place1 asc nulls last, k2 asc nulls last, k1, k2) end as place
  from ranked
), members as (
  select f.*, p.place, p.label1, p.place1
  from facts f join placed p on coalesce(p.k1::text, '') = coalesce(f.k1::text, '') and coalesce(p.k2::text, '') = coalesce(f.k2::text, '')
)
select 2 as level, place, k1::text, label1::text, k2::text, null::text, n, won, lost, open, sum_of_quantity, known_of_quantity, sum_of_line_amount, known_of_line_amount, line_won_amount, line_won_amounts, line_lost_amount, line_lost_amounts, median_of_line_amount, different_opportunity, different_product, known1, known2, has_line_amount from placed where place <= $10::bigint
union all
select 2, 0, null, null, null, null, count(*), count(*) filter (where status = 'WON'), count(*) filter (where status = 'LOST'), count(*) filter (where status = 'OPEN'), coalesce(sum(quantity), 0), count(quantity), coalesce(sum(line_amount), 0), count(line_amount), coalesce(sum(line_amount) filter (where status = 'WON'), 0), count(line_amount) filter (where status = 'WON'), coalesce(sum(line_amount) filter (where status = 'LOST'), 0), count(line_amount) filter (where status = 'LOST'), (percentile_disc(0.5) within group (order by line_amount) + percentile_disc(0.5) within group (order by line_amount desc))::numeric / 2, count(distinct opportunity), count(distinct product), count(k1), count(k2), count(line_amount) from members where place is null or place > $10::bigint having count(*) > 0
union all
select 0, 1, null, null, null, null, count(*), count(*) filter (where status = 'WON'), count(*) filter (where status = 'LOST'), count(*) filter (where status = 'OPEN'), coalesce(sum(quantity), 0), count(quantity), coalesce(sum(line_amount), 0), count(line_amount), coalesce(sum(line_amount) filter (where status = 'WON'), 0), count(line_amount) filter (where status = 'WON'), coalesce(sum(line_amount) filter (where status = 'LOST'), 0), count(line_amount) filter (where status = 'LOST'), (percentile_disc(0.5) within group (order by line_amount) + percentile_disc(0.5) within group (order by line_amount desc))::numeric / 2, count(distinct opportunity), count(distinct product), count(k1), count(k2), count(line_amount) from members
union all
(select 1, row_number() over (order by place1 asc nulls last, k1), k1::text, label1::text, null, null, count(*), count(*) filter (where status = 'WON'), count(*) filter (where status = 'LOST'), count(*) filter (where status = 'OPEN'), coalesce(sum(quantity), 0), count(quantity), coalesce(sum(line_amount), 0), count(line_amount), coalesce(sum(line_amount) filter (where status = 'WON'), 0), count(line_amount) filter (where status = 'WON'), coalesce(sum(line_amount) filter (where status = 'LOST'), 0), count(line_amount) filter (where status = 'LOST'), (percentile_disc(0.5) within group (order by line_amount) + percentile_disc(0.5) within group (order by line_amount desc))::numeric / 2, count(distinct opportunity), count(distinct product), count(k1), count(k2), count(line_amount) from members group by k1, label1, place1 limit 5001)
order by 1 desc, 2
