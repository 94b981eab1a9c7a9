with facts as (
  select h.id,
    case
      when h.from_stage_id is null and h.from_status is null then 'ENTERED'
      when h.to_status <> h.from_status and h.to_status = 'WON' then 'FORWARD'
      when h.to_status <> h.from_status and h.to_status = 'LOST' then 'OUT'
      when h.to_status <> h.from_status then h.to_status
      when g.pipeline_id = f.pipeline_id and g.position > f.position then 'FORWARD'
      when g.pipeline_id = f.pipeline_id and g.position < f.position then 'BACK'
    end as direction,
    h.opportunity_id as opportunity,
    h.changed_by as person,
    h.changed_at as changed,
    (h.changed_at at time zone $4::text)::date - (b.at at time zone $4::text)::date as days_in_stage,
    h.from_stage_id as k1,
    to_char(h.changed_at at time zone $4::text, case when h.changed_at < '0002-01-01' and h.changed_at at time zone $4::text < '0001-01-01' then '"0000"-"Q"Q' else 'YYYY-"Q"Q' end) as k2
  from (select r.id, r.opportunity_id, r.from_stage_id, r.to_stage_id, r.from_status, r.to_status, r.changed_at, r.changed_by, r.created_at from stage_changes r join visible OPPORTUNITY as w on w.id = r.opportunity_id) as h
  left join visible STAGE as f on f.id = h.from_stage_id
  left join visible STAGE as g on g.id = h.to_stage_id
  cross join lateral (select max(x.changed_at) as at from visible STAGE_CHANGE as x where x.opportunity_id = h.opportunity_id and x.changed_at < h.changed_at) b
  where (true)
    and h.changed_at >= $2::timestamptz
    and (h.changed_at >= $3::timestamptz or (h.changed_at at time zone $4::text)::date >= $1::date)
    and h.changed_at < $6::timestamptz
    and (h.changed_at < $7::timestamptz or (h.changed_at at time zone $4::text)::date < $5::date)
  offset '0'
), groups as (
  select k1, k2,
    count(*) as n,
    count(*) filter (where direction = 'ENTERED') as direction_is_entered,
    count(*) filter (where direction = 'FORWARD') as direction_is_forward,
    count(*) filter (where direction = 'BACK') as direction_is_back,
    count(*) filter (where direction = 'OUT') as direction_is_out,
    count(*) filter (where direction in ('FORWARD', 'BACK', 'OUT')) as direction_is_forward_back_out,
    coalesce(sum(days_in_stage), 0) as sum_of_days_in_stage,
    count(days_in_stage) as known_of_days_in_stage,
    (percentile_disc(0.5) within group (order by days_in_stage) + percentile_disc(0.5) within group (order by days_in_stage desc))::numeric / 2 as median_of_days_in_stage,
    (percentile_disc(0.9) within group (order by days_in_stage))::numeric as ninth_of_days_in_stage,
    count(distinct opportunity) as different_opportunity,
    count(distinct person) as different_person,
    count(k1) as known1,
    count(k2) as known2,
    count(changed) as has_changed
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
select 2 as level, place, k1::text, label1::text, k2::text, null::text, n, direction_is_entered, direction_is_forward, direction_is_back, direction_is_out, direction_is_forward_back_out, sum_of_days_in_stage, known_of_days_in_stage, median_of_days_in_stage, ninth_of_days_in_stage, different_opportunity, different_person, known1, known2, has_changed from placed where place <= $8::bigint
union all
select 2, 0, null, null, null, null, count(*), count(*) filter (where direction = 'ENTERED'), count(*) filter (where direction = 'FORWARD'), count(*) filter (where direction = 'BACK'), count(*) filter (where direction = 'OUT'), count(*) filter (where direction in ('FORWARD', 'BACK', 'OUT')), coalesce(sum(days_in_stage), 0), count(days_in_stage), (percentile_disc(0.5) within group (order by days_in_stage) + percentile_disc(0.5) within group (order by days_in_stage desc))::numeric / 2, (percentile_disc(0.9) within group (order by days_in_stage))::numeric, count(distinct opportunity), count(distinct person), count(k1), count(k2), count(changed) from members where place is null or place > $8::bigint having count(*) > 0
union all
select 0, 1, null, null, null, null, count(*), count(*) filter (where direction = 'ENTERED'), count(*) filter (where direction = 'FORWARD'), count(*) filter (where direction = 'BACK'), count(*) filter (where direction = 'OUT'), count(*) filter (where direction in ('FORWARD', 'BACK', 'OUT')), coalesce(sum(days_in_stage), 0), count(days_in_stage), (percentile_disc(0.5) within group (order by days_in_stage) + percentile_disc(0.5) within group (order by days_in_stage desc))::numeric / 2, (percentile_disc(0.9) within group (order by days_in_stage))::numeric, count(distinct opportunity), count(distinct person), count(k1), count(k2), count(changed) from members
union all
(select 1, row_number() over (order by place1 asc nulls last, k1), k1::text, label1::text, null, null, count(*), count(*) filter (where direction = 'ENTERED'), count(*) filter (where direction = 'FORWARD'), count(*) filter (where direction = 'BACK'), count(*) filter (where direction = 'OUT'), count(*) filter (where direction in ('FORWARD', 'BACK', 'OUT')), coalesce(sum(days_in_stage), 0), count(days_in_stage), (percentile_disc(0.5) within group (order by days_in_stage) + percentile_disc(0.5) within group (order by days_in_stage desc))::numeric / 2, (percentile_disc(0.9) within group (order by days_in_stage))::numeric, count(distinct opportunity), count(distinct person), count(k1), count(k2), count(changed) from members group by k1, label1, place1 limit 5001)
order by 1 desc, 2
