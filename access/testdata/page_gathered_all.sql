select *
  from (select every column
  from opportunities r
  where r.deleted_at is null and (true)) as o
