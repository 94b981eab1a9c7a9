select count(*)
  from (select 1
  from (select every column
  from opportunities r
  where r.deleted_at is null and (true)) as r
  where true limit 10001) c
