with facts as (
  select h.id,
    z.outcome as outcome,
    z.advanced_at is not null as advanced,
    z.waiting as waiting,
    (z.advanced_at at time zone $4::text)::date - (h.changed_at at time zone $4::text)::date as days_to_advance,
    case when z.outcome = 'WON' then (z.ended_at at time zone $4::text)::date - (h.changed_at at time zone $4::text)::date end as days_to_win,
    case when z.outcome = 'LOST' then (z.ended_at at time zone $4::text)::date - (h.changed_at at time zone $4::text)::date end as days_to_loss,
    h.opportunity_id as opportunity,
    h.to_stage_id as k1,
    to_char(h.changed_at at time zone $4::text, case when h.changed_at < '0002-01-01' and h.changed_at at time zone $4::text < '0001-01-01' then '"0000"-"Q"Q' else 'YYYY-"Q"Q' end) as k2
  from (select r.id, r.opportunity_id, r.from_stage_id, r.to_stage_id, r.from_status, r.to_status, r.changed_at, r.changed_by, r.created_at from stage_changes r join visible OPPORTUNITY as w on w.id = r.opportunity_id) as h
  left join visible STAGE as g on g.id = h.to_stage_id
  cross join lateral (select w.again, w.advanced_at, coalesce(w.last, 'OPEN') as outcome, w.ended_at, coalesce(w.last, 'OPEN') = 'OPEN' and true as waiting from (
    select coalesce(bool_or(x.to_stage_id = h.to_stage_id and x.to_status = 'OPEN' and (x.changed_at, x.id) < (h.changed_at, h.id)), false) as again,
      min(x.changed_at) filter (where (x.changed_at, x.id) > (h.changed_at, h.id) and (x.to_status = 'WON' or t.pipeline_id = g.pipeline_id and t.position > g.position)) as advanced_at,
      (array_agg(x.to_status order by x.changed_at desc, x.id desc) filter (where (x.changed_at, x.id) > (h.changed_at, h.id)))[1] as last,
      max(x.changed_at) filter (where (x.changed_at, x.id) > (h.changed_at, h.id)) as ended_at
    from visible STAGE_CHANGE as x left join visible STAGE as t on t.id = x.to_stage_id
    where x.opportunity_id = h.opportunity_id) w) z
  where (true)
    and h.changed_at >= $2::timestamptz
    and (h.changed_at >= $3::timestamptz or (h.changed_at at time zone $4::text)::date >= $1::date)
    and h.changed_at < $6::timestamptz
    and (h.changed_at < $7::timestamptz or (h.changed_at at time zone $4::text)::date < $5::date)
    and h.to_status = 'OPEN' and h.to_stage_id is not null and not z.again
  offset '0'
), groups as (
  select k1, k2,
    count(*) as n,
    count(*) filter (where advanced) as advanced,
    count(*) filter (where outcome = 'WON') as outcome_is_won,
    count(*) filter (where outcome = 'LOST') as outcome_is_lost,
    count(*) filter (where outcome = 'CANCELLED') as outcome_is_cancelled,
    count(*) filter (where outcome = 'OPEN') as outcome_is_open,
    count(*) filter (where waiting) as waiting,
    (percentile_disc(0.5) within group (order by days_to_advance) + percentile_disc(0.5) within group (order by days_to_advance desc))::numeric / 2 as median_of_days_to_advance,
    (percentile_disc(0.5) within group (order by days_to_win) + percentile_disc(0.5) within group (order by days_to_win desc))::numeric / 2 as median_of_days_to_win,
    (percentile_disc(0.5) within group (order by days_to_loss) + percentile_disc(0.5) within group (order by days_to_loss desc))::numeric / 2 as median_of_days_to_loss,
    count(distinct opportunity) as different_opportunity,
    count(k1) as known1,
    count(k2) as known2
  from facts
  group by k1, k2
), ranked as (
  select g.*, coalesce(l1.name_en, l1.name) as label1, l1.position as place1, (true) is true as kept
  from groups g
    left join visible STAGE as l1 on l1.id = g.k1
), placed as (
  select *, case when kept then row_number() over (partition by kept order by place1 asc nulls last, k2 asc nulls last, k1, k2) end as place
  from ranked
), members as (
  select f.*, p.place, p.label1, p.place1
  from facts f join placed p on coalesce(p.k1::text, '') = coalesce(f.k1::text, '') and coalesce(p.k2::text, '') = coalesce(f.k2::text, '')
)
select 2 as level, place, k1::text, label1::text, k2::text, null::text, n, advanced, outcome_is_won, outcome_is_lost, outcome_is_cancelled, outcome_is_open, waiting, median_of_days_to_advance, median_of_days_to_win, median_of_days_to_loss, different_opportunity, known1, known2 from placed where place <= $8::bigint
union all
select 2, 0, null, null, null, null, count(*), count(*) filter (where advanced), count(*) filter (where outcome = 'WON'), count(*) filter (where outcome = 'LOST'), count(*) filter (where outcome = 'CANCELLED'), count(*) filter (where outcome = 'OPEN'), count(*) filter (where waiting), (percentile_disc(0.5) within group (order by days_to_advance) + percentile_disc(0.5) within group (order by days_to_advance desc))::numeric / 2, (percentile_disc(0.5) within group (order by days_to_win) + percentile_disc(0.5) within group (order by days_to_win desc))::numeric / 2, (percentile_disc(0.5) within group (order by days_to_loss) + percentile_disc(0.5) within group (order by days_to_loss desc))::numeric / 2, count(distinct opportunity), count(k1), count(k2) from members where place is null or place > $8::bigint having count(*) > 0
union all
select 0, 1, null, null, null, null, count(*), count(*) filter (where advanced), count(*) filter (where outcome = 'WON'), count(*) filter (where outcome = 'LOST'), count(*) filter (where outcome = 'CANCELLED'), count(*) filter (where outcome = 'OPEN'), count(*) filter (where waiting), (percentile_disc(0.5) within group (order by days_to_advance) + percentile_disc(0.5) within group (order by days_to_advance desc))::numeric / 2, (percentile_disc(0.5) within group (order by days_to_win) + percentile_disc(0.5) within group (order by days_to_win desc))::numeric / 2, (percentile_disc(0.5) within group (order by days_to_loss) + percentile_disc(0.5) within group (order by days_to_loss desc))::numeric / 2, count(distinct opportunity), count(k1), count(k2) from members
union all
(select 1, row_number() over (order by place1 asc nulls last, k1), k1::text, label1::text, null, null, count(*), count(*) filter (where advanced), count(*) filter (where outcome = 'WON'), count(*) filter (where outcome = 'LOST'), count(*) filter (where outcome = 'CANCELLED'), count(*) filter (where outcome = 'OPEN'), count(*) filter (where waiting), (percentile_disc(0.5) within group (order by days_to_advance) + percentile_disc(0.5) within group (order by days_to_advance desc))::numeric / 2, (percentile_disc(0.5) within group (order by days_to_win) + percentile_disc(0.5) within group (order by days_to_win desc))::numeric / 2, (percentile_disc(0.5) within group (order by days_to_loss) + percentile_disc(0.5) within group (order by days_to_loss desc))::numeric / 2, count(distinct opportunity), count(k1), count(k2) from members group by k1, label1, place1 limit 5001)
order by 1 desc, 2
