select distinct on (a.k0, a.k1) *
  from ((select v.*
  from unnest($2::uuid[]) s (id) cross join lateral (select r.*, r.closed_at as k0, r.id as k1
  from (select every column
  from opportunities r
  where r.deleted_at is null and r.owner_id = s.id and (r.owner_id = $1::uuid or coalesce(r.owner_id = ($2::uuid[])[width_bucket(r.owner_id, $2::uuid[])], false) or exists (select
  from shares s
  where s.record_id = r.id and s.subject_id = any($3::uuid[]) and (s.with_sub_departments or s.subject_id = any($4::uuid[])) and (s.expires_at is null or s.expires_at > $5::timestamptz)) or r.customer_owner_id is not null and (r.customer_owner_id = $1::uuid or exists (select
  from shares s
  where s.record_id = r.customer_id and s.subject_id = any($3::uuid[]) and (s.with_sub_departments or s.subject_id = any($4::uuid[])) and (s.expires_at is null or s.expires_at > $5::timestamptz) and (s.kinds is null or s.kinds && array['OPPORTUNITY'])) or coalesce(r.customer_owner_id = ($2::uuid[])[width_bucket(r.customer_owner_id, $2::uuid[])], false)))) as r
  where ((r.closed_at is null and r.id < $6::text::uuid)) order by r.closed_at desc nulls last, r.id desc limit 51) v)
union all
(select v.*
  from unnest($2::uuid[]) s (id) cross join lateral (select r.*, r.closed_at as k0, r.id as k1
  from (select every column
  from opportunities r
  where r.deleted_at is null and r.customer_owner_id = s.id and (r.owner_id = $1::uuid or coalesce(r.owner_id = ($2::uuid[])[width_bucket(r.owner_id, $2::uuid[])], false) or exists (select
  from shares s
  where s.record_id = r.id and s.subject_id = any($3::uuid[]) and (s.with_sub_departments or s.subject_id = any($4::uuid[])) and (s.expires_at is null or s.expires_at > $5::timestamptz)) or r.customer_owner_id is not null and (r.customer_owner_id = $1::uuid or exists (select
  from shares s
  where s.record_id = r.customer_id and s.subject_id = any($3::uuid[]) and (s.with_sub_departments or s.subject_id = any($4::uuid[])) and (s.expires_at is null or s.expires_at > $5::timestamptz) and (s.kinds is null or s.kinds && array['OPPORTUNITY'])) or coalesce(r.customer_owner_id = ($2::uuid[])[width_bucket(r.customer_owner_id, $2::uuid[])], false)))) as r
  where ((r.closed_at is null and r.id < $6::text::uuid)) order by r.closed_at desc nulls last, r.id desc limit 51) v)
union all
(select r.*, r.closed_at as k0, r.id as k1
  from (select *
  from (select distinct *
  from (select o.*
  from (select s.record_id
  from shares s
  where s.subject_id = any($3::uuid[]) and (s.with_sub_departments or s.subject_id = any($4::uuid[])) and (s.expires_at is null or s.expires_at > $5::timestamptz) and get_byte(uuid_send(s.record_id), 15) = 35) h (id) cross join lateral (select o.id, o.closed_at as k0
  from opportunities o
  where o.id = h.id and o.deleted_at is null offset 0) o
union all
select o.*
  from (select c.id
  from customers c
  where c.deleted_at is null and c.id in (select s.record_id
  from shares s
  where s.subject_id = any($3::uuid[]) and (s.with_sub_departments or s.subject_id = any($4::uuid[])) and (s.expires_at is null or s.expires_at > $5::timestamptz) and get_byte(uuid_send(s.record_id), 15) = 16)) h cross join lateral (select o.id, o.closed_at as k0
  from opportunities o
  where o.customer_id = h.id and o.deleted_at is null offset 0) o) o) g
  where ((g.k0 is null and g.id < $6::text::uuid)) order by g.k0 desc nulls last, g.id desc) g cross join lateral (select *
  from (select every column
  from opportunities r
  where r.deleted_at is null and r.id = g.id and (r.owner_id = $1::uuid or coalesce(r.owner_id = ($2::uuid[])[width_bucket(r.owner_id, $2::uuid[])], false) or exists (select
  from shares s
  where s.record_id = r.id and s.subject_id = any($3::uuid[]) and (s.with_sub_departments or s.subject_id = any($4::uuid[])) and (s.expires_at is null or s.expires_at > $5::timestamptz)) or r.customer_owner_id is not null and (r.customer_owner_id = $1::uuid or exists (select
  from shares s
  where s.record_id = r.customer_id and s.subject_id = any($3::uuid[]) and (s.with_sub_departments or s.subject_id = any($4::uuid[])) and (s.expires_at is null or s.expires_at > $5::timestamptz) and (s.kinds is null or s.kinds && array['OPPORTUNITY'])) or coalesce(r.customer_owner_id = ($2::uuid[])[width_bucket(r.customer_owner_id, $2::uuid[])], false)))) as r
  where ((r.closed_at is null and r.id < $6::text::uuid)) offset 0) r order by g.k0 desc nulls last, g.id desc limit 51)) a order by a.k0 desc nulls last, a.k1 desc limit 51
