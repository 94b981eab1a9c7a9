-- What these are found by is written by the server when it starts, as for every kind that is searched.
alter table departments add column search_terms text[] not null default '{}', add column search_text text not null default '';

--bun:split

alter table groups add column search_terms text[] not null default '{}', add column search_text text not null default '';

--bun:split

alter table pools add column search_terms text[] not null default '{}', add column search_text text not null default '';

--bun:split

alter table saved_reports add column search_terms text[] not null default '{}', add column search_text text not null default '';

--bun:split

alter table dashboards add column search_terms text[] not null default '{}', add column search_text text not null default '';
