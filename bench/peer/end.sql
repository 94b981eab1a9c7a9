drop schema if exists peer cascade;
do $$ declare p record; begin
    for p in select tablename from pg_policies where policyname = 'peer' loop
        execute format('drop policy peer on %I', p.tablename);
        execute format('alter table %I disable row level security', p.tablename);
    end loop;
    if exists (select from pg_roles where rolname = 'bench_peer') then
        drop owned by bench_peer;
        drop role bench_peer;
    end if;
end $$;
