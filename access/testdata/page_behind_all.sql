select r.*, r.closed_at as k0, r.id as k1
  from (select every column
  from opportunities r
  where r.deleted_at is null and (true)) as r
  where r.closed_at is null and (r.id) < ($1::text::uuid) order by r.closed_at desc, r.id desc limit 51
