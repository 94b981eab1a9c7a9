with facts as (
  select o.id,
    x.kind as kind,
    x.days as days,
    x.overdue as overdue,
    o.id as opportunity,
    case when m.amount is not null then o.id end as valued,
    m.amount as amount,
    o.owner_id as owner,
    x.kind as k1,
    to_char(x.at at time zone $6::text, case when x.at < '0002-01-01' and x.at at time zone $6::text < '0001-01-01' then '"0000"-"Q"Q' else 'YYYY-"Q"Q' end) as k2
  from visible OPPORTUNITY as o
  join (with due as materialized (select e.*, lag(e.at) over w as since, lead(e.id) over w is null as last from (
        select e.record_id, e.id, e.at, e.actor_id, (e.changes -> 'expected_close_on' ->> 'old')::date as old_day, (e.changes -> 'expected_close_on' ->> 'new')::date as new_day
        from audit_entries e where jsonb_exists(e.changes, 'expected_close_on') and get_byte(uuid_send(e.record_id), 15) = 35 offset 0
      ) e window w as (partition by e.record_id order by e.at, e.id))
    select e.record_id, 'MOVED' as kind, e.at, e.actor_id as person, e.new_day - e.old_day as days, null::integer as overdue
      from due e join opportunities r on r.id = e.record_id
      where e.at <= $11::timestamptz and e.old_day < e.new_day and case when coalesce((select c.old from (select c.at, c.changes -> 'status' ->> 'old' as old from audit_entries c where c.record_id = e.record_id and (c.at, c.id) >= (e.at, e.id) and jsonb_exists(c.changes, 'status') order by c.at, c.id limit 1) c), r.status) = 'OPEN' then true else false end
    union all
    select d.record_id, 'PASSED', d.at, null, null, (least(d.left_at, c.at, $11::timestamptz) at time zone $1::text)::date - d.day
      from (select s.*, (s.day + 1)::timestamp at time zone $1::text as at from (
        select e.record_id, e.old_day as day, e.since, e.at as left_at, r.status, r.created_at from due e join opportunities r on r.id = e.record_id
        union all
        select r.id, r.expected_close_on, l.at, null, r.status, r.created_at
        from opportunities r left join due l on l.record_id = r.id and l.last
      ) s) d
      left join lateral (select c.at, c.changes -> 'status' ->> 'old' as old from audit_entries c where c.record_id = d.record_id and c.at > d.at and jsonb_exists(c.changes, 'status') order by c.at, c.id limit 1) c on true
      left join lateral (select c.at, c.changes -> 'deletion_id' ->> 'old' as old from audit_entries c where c.record_id = d.record_id and c.at > d.at and jsonb_exists(c.changes, 'deletion_id') order by c.at, c.id limit 1) x on true
      where d.at >= coalesce(d.since, d.created_at) and d.at < coalesce(d.left_at, 'infinity') and d.at <= $11::timestamptz
        and case when coalesce(c.old, d.status) = 'OPEN' and x.old is null then true else false end) x on x.record_id = o.id
  left join (select e.currency, array_agg(e.valid_on order by e.valid_on) as days, array_agg(e.rate order by e.valid_on) as rates from exchange_rates e group by e.currency) as mr on mr.currency = nullif(o.currency, $2::text)
  cross join lateral (select case when o.currency = $2::text then o.amount else case when abs((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $1::text)::date, $12::date), mr.days)]) * 10000 - trunc((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $1::text)::date, $12::date), mr.days)]) * 10000)) = 0.5 and mod(trunc((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $1::text)::date, $12::date), mr.days)]) * 10000), 2) = 0 then trunc((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $1::text)::date, $12::date), mr.days)]), 4) else round((o.amount * mr.rates[width_bucket(coalesce((o.closed_at at time zone $1::text)::date, $12::date), mr.days)]), 4) end end as amount) m
  where (true)
    and x.at >= $4::timestamptz
    and (x.at >= $5::timestamptz or (x.at at time zone $6::text)::date >= $3::date)
    and x.at < $8::timestamptz
    and (x.at < $9::timestamptz or (x.at at time zone $6::text)::date < $7::date)
  offset '0'
), groups as (
  select k1, k2,
    count(*) as n,
    count(distinct opportunity) as different_opportunity,
    count(*) filter (where kind = 'MOVED') as kind_is_moved,
    count(*) filter (where kind = 'PASSED') as kind_is_passed,
    coalesce((select sum(t.value::numeric) from jsonb_each_text(jsonb_object_agg(opportunity, amount) filter (where amount is not null)) t), 0) as once_of_amount,
    count(distinct valued) as different_valued,
    coalesce(sum(days), 0) as sum_of_days,
    count(days) as known_of_days,
    (percentile_disc(0.5) within group (order by days) + percentile_disc(0.5) within group (order by days desc))::numeric / 2 as median_of_days,
    (max(days))::numeric as most_of_days,
    coalesce(sum(overdue), 0) as sum_of_overdue,
    count(overdue) as known_of_overdue,
    (percentile_disc(0.5) within group (order by overdue) + percentile_disc(0.5) within group (order by overdue desc))::numeric / 2 as median_of_overdue,
    (max(overdue))::numeric as most_of_overdue,
    count(distinct owner) as different_owner,
    count(k1) as known1,
    count(k2) as known2,
    count(amount) as has_amount
  from facts
  group by k1, k2
), ranked as (
  select g.*, (true) is true as kept
  from groups g
), placed as (
  select *, case when kept then row_number() over (partition by kept order by array_position(array['MOVED', 'PASSED'], k1) asc nulls last, k2 asc nulls last, k1, k2) end as place
  from ranked
), members as (
  select f.*, p.place
  from facts f join placed p on coalesce(p.k1::text, '') = coalesce(f.k1::text, '') and coalesce(p.k2::text, '') = coalesce(f.k2::text, '')
)
select 2 as level, place, k1::text, null::text, k2::text, null::text, n, different_opportunity, kind_is_moved, kind_is_passed, once_of_amount, different_valued, sum_of_days, known_of_days, median_of_days, most_of_days, sum_of_overdue, known_of_overdue, median_of_overdue, most_of_overdue, different_owner, known1, known2, has_amount from placed where place <= $10::bigint
union all
select 2, 0, null, null, null, null, count(*), count(distinct opportunity), count(*) filter (where kind = 'MOVED'), count(*) filter (where kind = 'PASSED'), coalesce((select sum(t.value::numeric) from jsonb_each_text(jsonb_object_agg(opportunity, amount) filter (where amount is not null)) t), 0), count(distinct valued), coalesce(sum(days), 0), count(days), (percentile_disc(0.5) within group (order by days) + percentile_disc(0.5) within group (order by days desc))::numeric / 2, (max(days))::numeric, coalesce(sum(overdue), 0), count(overdue), (percentile_disc(0.5) within group (order by overdue) + percentile_disc(0.5) within group (order by overdue desc))::numeric / 2, (max(overdue))::numeric, count(distinct owner), count(k1), count(k2), count(amount) from members where place is null or place > $10::bigint having count(*) > 0
union all
select 0, 1, null, null, null, null, count(*), count(distinct opportunity), count(*) filter (where kind = 'MOVED'), count(*) filter (where kind = 'PASSED'), coalesce((select sum(t.value::numeric) from jsonb_each_text(jsonb_object_agg(opportunity, amount) filter (where amount is not null)) t), 0), count(distinct valued), coalesce(sum(days), 0), count(days), (percentile_disc(0.5) within group (order by days) + percentile_disc(0.5) within group (order by days desc))::numeric / 2, (max(days))::numeric, coalesce(sum(overdue), 0), count(overdue), (percentile_disc(0.5) within group (order by overdue) + percentile_disc(0.5) within group (order by overdue desc))::numeric / 2, (max(overdue))::numeric, count(distinct owner), count(k1), count(k2), count(amount) from members
union all
(select 1, row_number() over (order by array_position(array['MOVED', 'PASSED'], k1) asc nulls last, k1), k1::text, null::text, null, null, count(*), count(distinct opportunity), count(*) filter (where kind = 'MOVED'), count(*) filter (where kind = 'PASSED'), coalesce((select sum(t.value::numeric) from jsonb_each_text(jsonb_object_agg(opportunity, amount) filter (where amount is not null)) t), 0), count(distinct valued), coalesce(sum(days), 0), count(days), (percentile_disc(0.5) within group (order by days) + percentile_disc(0.5) within group (order by days desc))::numeric / 2, (max(days))::numeric, coalesce(sum(overdue), 0), count(overdue), (percentile_disc(0.5) within group (order by overdue) + percentile_disc(0.5) within group (order by overdue desc))::numeric / 2, (max(overdue))::numeric, count(distinct owner), count(k1), count(k2), count(amount) from members group by k1 limit 5001)
order by 1 desc, 2
