with run as materialized (select r.*, r.closed_at as k0, r.id as k1
  from (select every column
  from opportunities r
  where r.deleted_at is null and (true)) as r
  where r.closed_at is not null order by r.closed_at desc, r.id desc limit 51) select *
  from run
union all
(select r.*, r.closed_at as k0, r.id as k1
  from (select every column
  from opportunities r
  where r.deleted_at is null and (true)) as r
  where (select count(*)
  from run) < 51 and r.closed_at is null order by r.closed_at desc, r.id desc limit 51)
