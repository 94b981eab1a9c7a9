with run as materialized (select r.*, r.closed_at as k0, r.id as k1
  from (select every column
  from opportunities r
  where r.deleted_at is null and (r.owner_id = $1::uuid or coalesce(r.owner_id = ($2::uuid[])[width_bucket(r.owner_id, $2::uuid[])], false) or exists (select
  from shares s
  where s.record_id = r.id and s.subject_id = any($3::uuid[]) and (s.with_sub_departments or s.subject_id = any($4::uuid[])) and (s.expires_at is null or s.expires_at > $5::timestamptz)) or r.customer_owner_id is not null and (r.customer_owner_id = $1::uuid or exists (select
  from shares s
  where s.record_id = r.customer_id and s.subject_id = any($3::uuid[]) and (s.with_sub_departments or s.subject_id = any($4::uuid[])) and (s.expires_at is null or s.expires_at > $5::timestamptz) and (s.kinds is null or s.kinds && array['OPPORTUNITY'])) or coalesce(r.customer_owner_id = ($2::uuid[])[width_bucket(r.customer_owner_id, $2::uuid[])], false)))) as r
  where r.closed_at is not null order by r.closed_at desc, r.id desc limit 51) select *
  from run
union all
(select r.*, r.closed_at as k0, r.id as k1
  from (select every column
  from opportunities r
  where r.deleted_at is null and (r.owner_id = $1::uuid or coalesce(r.owner_id = ($2::uuid[])[width_bucket(r.owner_id, $2::uuid[])], false) or exists (select
  from shares s
  where s.record_id = r.id and s.subject_id = any($3::uuid[]) and (s.with_sub_departments or s.subject_id = any($4::uuid[])) and (s.expires_at is null or s.expires_at > $5::timestamptz)) or r.customer_owner_id is not null and (r.customer_owner_id = $1::uuid or exists (select
  from shares s
  where s.record_id = r.customer_id and s.subject_id = any($3::uuid[]) and (s.with_sub_departments or s.subject_id = any($4::uuid[])) and (s.expires_at is null or s.expires_at > $5::timestamptz) and (s.kinds is null or s.kinds && array['OPPORTUNITY'])) or coalesce(r.customer_owner_id = ($2::uuid[])[width_bucket(r.customer_owner_id, $2::uuid[])], false)))) as r
  where (select count(*)
  from run) < 51 and r.closed_at is null order by r.closed_at desc, r.id desc limit 51)
