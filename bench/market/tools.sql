-- id gives the n-th id of a kind, draw a number below m that looks drawn, pick one of a list. busy draws a number from 1 to m, small
-- ones more often than large ones: with a steepness of 3 the first of a million is a hundredth of all.
create function pg_temp.id(n bigint, kind int) returns uuid language sql immutable as
    $$ select (lpad(to_hex(n), 8, '0') || '-0000-7000-8000-0000000000' || lpad(to_hex(kind), 2, '0'))::uuid $$;
create function pg_temp.draw(n bigint, salt int, m int) returns int language sql immutable as
    $$ select ((hashint8extended(n, salt) & 1073741823) % m)::int $$;
create function pg_temp.busy(n bigint, salt int, m int, steepness int) returns int language sql immutable as
    $$ select floor(m * power(pg_temp.draw(n, salt, 1073741823) / 1073741823.0::float8, steepness))::int + 1 $$;
create function pg_temp.pick(list uuid[], n bigint, salt int) returns uuid language sql immutable as
    $$ select list[pg_temp.draw(n, salt, cardinality(list)) + 1] $$;
create function pg_temp.words(out regions uuid[], out industries uuid[], out sources uuid[], out reasons uuid[], out stages uuid[], out papers uuid[], out pipeline uuid)
    language sql stable as $$
        select (select array_agg(e.id order by e.id) from dictionary_entries e join dictionaries d on d.id = e.dictionary_id where d.code = '{region}'),
            (select array_agg(e.id order by e.id) from dictionary_entries e join dictionaries d on d.id = e.dictionary_id where d.code = '{industry}'),
            (select array_agg(e.id order by e.id) from dictionary_entries e join dictionaries d on d.id = e.dictionary_id where d.code = '{source}'),
            (select array_agg(e.id order by e.id) from dictionary_entries e join dictionaries d on d.id = e.dictionary_id where d.code = '{reason}'),
            (select array_agg(id order by id) from stages s where s.pipeline_id = p.id),
            (select array_agg(e.id order by e.id) from dictionary_entries e join dictionaries d on d.id = e.dictionary_id where d.code = '{category}'), p.id
        from (select id from pipelines order by id limit 1) p $$;
