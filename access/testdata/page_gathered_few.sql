select *
  from (select every column
  from opportunities r
  where r.deleted_at is null and (r.owner_id = any($2::uuid[]) or r.customer_owner_id = any($2::uuid[])) and (r.owner_id = $1::uuid or coalesce(r.owner_id = ($2::uuid[])[width_bucket(r.owner_id, $2::uuid[])], false) or exists (select
  from shares s
  where s.record_id = r.id and s.subject_id = any($3::uuid[]) and (s.with_sub_departments or s.subject_id = any($4::uuid[])) and (s.expires_at is null or s.expires_at > $5::timestamptz)) or r.customer_owner_id is not null and (r.customer_owner_id = $1::uuid or exists (select
  from shares s
  where s.record_id = r.customer_id and s.subject_id = any($3::uuid[]) and (s.with_sub_departments or s.subject_id = any($4::uuid[])) and (s.expires_at is null or s.expires_at > $5::timestamptz) and (s.kinds is null or s.kinds && array['OPPORTUNITY'])) or coalesce(r.customer_owner_id = ($2::uuid[])[width_bucket(r.customer_owner_id, $2::uuid[])], false)))
union all
select v.*
  from (select distinct *
  from (select o.*
  from (select s.record_id
  from shares s
  where s.subject_id = any($3::uuid[]) and (s.with_sub_departments or s.subject_id = any($4::uuid[])) and (s.expires_at is null or s.expires_at > $5::timestamptz) and get_byte(uuid_send(s.record_id), 15) = 35) h (id) cross join lateral (select o.id
  from opportunities o
  where o.id = h.id and o.deleted_at is null offset 0) o
union all
select o.*
  from (select c.id
  from customers c
  where c.deleted_at is null and c.id in (select s.record_id
  from shares s
  where s.subject_id = any($3::uuid[]) and (s.with_sub_departments or s.subject_id = any($4::uuid[])) and (s.expires_at is null or s.expires_at > $5::timestamptz) and get_byte(uuid_send(s.record_id), 15) = 16)) h cross join lateral (select o.id
  from opportunities o
  where o.customer_id = h.id and o.deleted_at is null offset 0) o) o) g cross join lateral (select every column
  from opportunities r
  where r.deleted_at is null and not coalesce(r.owner_id = ($2::uuid[])[width_bucket(r.owner_id, $2::uuid[])], false) and not coalesce(r.customer_owner_id = ($2::uuid[])[width_bucket(r.customer_owner_id, $2::uuid[])], false) and r.id = g.id and (r.owner_id = $1::uuid or coalesce(r.owner_id = ($2::uuid[])[width_bucket(r.owner_id, $2::uuid[])], false) or exists (select
  from shares s
  where s.record_id = r.id and s.subject_id = any($3::uuid[]) and (s.with_sub_departments or s.subject_id = any($4::uuid[])) and (s.expires_at is null or s.expires_at > $5::timestamptz)) or r.customer_owner_id is not null and (r.customer_owner_id = $1::uuid or exists (select
  from shares s
  where s.record_id = r.customer_id and s.subject_id = any($3::uuid[]) and (s.with_sub_departments or s.subject_id = any($4::uuid[])) and (s.expires_at is null or s.expires_at > $5::timestamptz) and (s.kinds is null or s.kinds && array['OPPORTUNITY'])) or coalesce(r.customer_owner_id = ($2::uuid[])[width_bucket(r.customer_owner_id, $2::uuid[])], false))) offset 0) v) as o
