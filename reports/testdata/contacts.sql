with facts as (
  select k.id,
    k.owner_id as owner,
    k.gender as gender,
    c.id as customer,
    af.contact_role as role,
    k.phone as phone,
    k.email as email,
    k.wechat as wechat,
    k.birthday as birthday,
    k.gender as k1,
    to_char(k.created_at at time zone $4::text, case when k.created_at < '0002-01-01' and k.created_at at time zone $4::text < '0001-01-01' then '"0000"-"Q"Q' else 'YYYY-"Q"Q' end) as k2
  from visible CONTACT as k
  cross join lateral (select min(x.customer_id::text)::uuid as customer_id, min(x.contact_role) as contact_role from (select w.b_id as customer_id, w.contact_role from visible RELATIONSHIP as w where w.a_id = k.id and w.type_id = '00000000-0000-7000-8000-000000000013' and (w.valid_until is null or w.valid_until > $9::date) order by w.is_primary desc, w.id limit 1) x) af
  left join visible CUSTOMER as c on c.id = af.customer_id
  where (true)
    and k.created_at >= $2::timestamptz
    and (k.created_at >= $3::timestamptz or (k.created_at at time zone $4::text)::date >= $1::date)
    and k.created_at < $6::timestamptz
    and (k.created_at < $7::timestamptz or (k.created_at at time zone $4::text)::date < $5::date)
  offset '0'
), groups as (
  select k1, k2,
    count(*) as n,
    count(*) filter (where gender = 'FEMALE') as gender_is_female,
    count(*) filter (where gender = 'MALE') as gender_is_male,
    count(*) filter (where role = 'DECISION_MAKER') as role_is_decision_maker,
    count(customer) as known_of_customer,
    count(distinct customer) as different_customer,
    count(distinct owner) as different_owner,
    count(phone) as known_of_phone,
    count(email) as known_of_email,
    count(wechat) as known_of_wechat,
    count(birthday) as known_of_birthday,
    count(k1) as known1,
    count(k2) as known2,
    count(customer) as has_customer,
    count(role) as has_role
  from facts
  group by k1, k2
), ranked as (
  select g.*, (true) is true as kept
  from groups g
), placed as (
  select *, case when kept then row_number() over (partition by kept order by array_position(array['FEMALE', 'MALE', 'OTHER'], k1) asc nulls last, k2 asc nulls last, k1, k2) end as place
  from ranked
), members as (
  select f.*, p.place
  from facts f join placed p on coalesce(p.k1::text, '') = coalesce(f.k1::text, '') and coalesce(p.k2::text, '') = coalesce(f.k2::text, '')
)
select 2 as level, place, k1::text, null::text, k2::text, null::text, n, gender_is_female, gender_is_male, role_is_decision_maker, known_of_customer, different_customer, different_owner, known_of_phone, known_of_email, known_of_wechat, known_of_birthday, known1, known2, has_customer, has_role from placed where place <= $8::bigint
union all
select 2, 0, null, null, null, null, count(*), count(*) filter (where gender = 'FEMALE'), count(*) filter (where gender = 'MALE'), count(*) filter (where role = 'DECISION_MAKER'), count(customer), count(distinct customer), count(distinct owner), count(phone), count(email), count(wechat), count(birthday), count(k1), count(k2), count(customer), count(role) from members where place is null or place > $8::bigint having count(*) > 0
union all
select 0, 1, null, null, null, null, count(*), count(*) filter (where gender = 'FEMALE'), count(*) filter (where gender = 'MALE'), count(*) filter (where role = 'DECISION_MAKER'), count(customer), count(distinct customer), count(distinct owner), count(phone), count(email), count(wechat), count(birthday), count(k1), count(k2), count(customer), count(role) from members
union all
(select 1, row_number() over (order by array_position(array['FEMALE', 'MALE', 'OTHER'], k1) asc nulls last, k1), k1::text, null::text, null, null, count(*), count(*) filter (where gender = 'FEMALE'), count(*) filter (where gender = 'MALE'), count(*) filter (where role = 'DECISION_MAKER'), count(customer), count(distinct customer), count(distinct owner), count(phone), count(email), count(wechat), count(birthday), count(k1), count(k2), count(customer), count(role) from members group by k1 limit 5001)
order by 1 desc, 2
