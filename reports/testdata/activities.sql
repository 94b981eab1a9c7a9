with facts as (
  select a.id,
    a.kind as kind,
    a.owner_id as owner,
    c.id as customer,
    k.id as contact,
    o.id as opportunity,
    a.next_follow_up_on as follow_up,
    a.next_follow_up_on < $9::date as due,
    a.kind as k1,
    to_char(a.next_follow_up_on::timestamp, case when a.next_follow_up_on < '0002-01-01' and a.next_follow_up_on::timestamp < '0001-01-01' then '"0000"-"Q"Q' else 'YYYY-"Q"Q' end) as k2
  from visible ACTIVITY as a
  left join visible CUSTOMER as c on c.id = a.customer_id
  left join visible CONTACT as k on k.id = a.contact_id
  left join visible OPPORTUNITY as o on o.id = a.opportunity_id
  where (true)
    and a.happened_at >= $2::timestamptz
    and (a.happened_at >= $3::timestamptz or (a.happened_at at time zone $4::text)::date >= $1::date)
    and a.happened_at < $6::timestamptz
    and (a.happened_at < $7::timestamptz or (a.happened_at at time zone $4::text)::date < $5::date)
  offset '0'
), groups as (
  select k1, k2,
    count(*) as n,
    count(*) filter (where kind = 'CALL') as kind_is_call,
    count(*) filter (where kind = 'VISIT') as kind_is_visit,
    count(*) filter (where kind = 'MEETING') as kind_is_meeting,
    count(*) filter (where kind in ('MAIL', 'MESSAGE')) as kind_is_mail_message,
    count(*) filter (where kind = 'TASK') as kind_is_task,
    count(follow_up) as known_of_follow_up,
    count(*) filter (where due) as overdue,
    count(distinct customer) as different_customer,
    count(distinct contact) as different_contact,
    count(distinct opportunity) as different_opportunity,
    count(distinct owner) as different_owner,
    count(k1) as known1,
    count(k2) as known2,
    count(customer) as has_customer,
    count(opportunity) as has_opportunity,
    count(follow_up) as has_follow_up
  from facts
  group by k1, k2
), ranked as (
  select g.*, (true) is true as kept
  from groups g
), placed as (
  select *, case when kept then row_number() over (partition by kept order by array_position(array['CALL', 'VISIT', 'MEETING', 'MAIL', 'MESSAGE', 'NOTE', 'TASK'], k1) asc nulls last, k2 asc nulls last, k1, k2) end as place
  from ranked
), members as (
  select f.*, p.place
  from facts f join placed p on coalesce(p.k1::text, '') = coalesce(f.k1::text, '') and coalesce(p.k2::text, '') = coalesce(f.k2::text, '')
)
select 2 as level, place, k1::text, null::text, k2::text, null::text, n, kind_is_call, kind_is_visit, kind_is_meeting, kind_is_mail_message, kind_is_task, known_of_follow_up, overdue, different_customer, different_contact, different_opportunity, different_owner, known1, known2, has_customer, has_opportunity, has_follow_up from placed where place <= $8::bigint
union all
select 2, 0, null, null, null, null, count(*), count(*) filter (where kind = 'CALL'), count(*) filter (where kind = 'VISIT'), count(*) filter (where kind = 'MEETING'), count(*) filter (where kind in ('MAIL', 'MESSAGE')), count(*) filter (where kind = 'TASK'), count(follow_up), count(*) filter (where due), count(distinct customer), count(distinct contact), count(distinct opportunity), count(distinct owner), count(k1), count(k2), count(customer), count(opportunity), count(follow_up) from members where place is null or place > $8::bigint having count(*) > 0
union all
select 0, 1, null, null, null, null, count(*), count(*) filter (where kind = 'CALL'), count(*) filter (where kind = 'VISIT'), count(*) filter (where kind = 'MEETING'), count(*) filter (where kind in ('MAIL', 'MESSAGE')), count(*) filter (where kind = 'TASK'), count(follow_up), count(*) filter (where due), count(distinct customer), count(distinct contact), count(distinct opportunity), count(distinct owner), count(k1), count(k2), count(customer), count(opportunity), count(follow_up) from members
union all
(select 1, row_number() over (order by array_position(array['CALL', 'VISIT', 'MEETING', 'MAIL', 'MESSAGE', 'NOTE', 'TASK'], k1) asc nulls last, k1), k1::text, null::text, null, null, count(*), count(*) filter (where kind = 'CALL'), count(*) filter (where kind = 'VISIT'), count(*) filter (where kind = 'MEETING'), count(*) filter (where kind in ('MAIL', 'MESSAGE')), count(*) filter (where kind = 'TASK'), count(follow_up), count(*) filter (where due), count(distinct customer), count(distinct contact), count(distinct opportunity), count(distinct owner), count(k1), count(k2), count(customer), count(opportunity), count(follow_up) from members group by k1 limit 5001)
order by 1 desc, 2
