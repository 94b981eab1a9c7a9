delete from search_forms where kind in (select distinct get_byte(uuid_send(id), 15) from (select id from departments union all select id from groups union all select id from pools
    union all select id from saved_reports union all select id from dashboards) r);

--bun:split

alter table departments drop column search_terms, drop column search_text;

--bun:split

alter table groups drop column search_terms, drop column search_text;

--bun:split

alter table pools drop column search_terms, drop column search_text;

--bun:split

alter table saved_reports drop column search_terms, drop column search_text;

--bun:split

alter table dashboards drop column search_terms, drop column search_text;
