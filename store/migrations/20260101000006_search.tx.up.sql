create extension if not exists pg_trgm;

--bun:split

create index customers_search_terms_idx on customers using gin (search_terms);

--bun:split

create index customers_search_text_idx on customers using gin (search_text gin_trgm_ops);

--bun:split

create index customers_phone_terms_idx on customers using gin (phone_terms);

--bun:split

create index contacts_search_terms_idx on contacts using gin (search_terms);

--bun:split

create index contacts_search_text_idx on contacts using gin (search_text gin_trgm_ops);

--bun:split

create index contacts_phone_terms_idx on contacts using gin (phone_terms);

--bun:split

create index opportunities_search_terms_idx on opportunities using gin (search_terms);

--bun:split

create index opportunities_search_text_idx on opportunities using gin (search_text gin_trgm_ops);

--bun:split

create index services_search_terms_idx on services using gin (search_terms);

--bun:split

create index services_search_text_idx on services using gin (search_text gin_trgm_ops);

--bun:split

create index documents_search_terms_idx on documents using gin (search_terms);

--bun:split

create index documents_search_text_idx on documents using gin (search_text gin_trgm_ops);

--bun:split

create index activities_search_terms_idx on activities using gin (search_terms);

--bun:split

create index activities_search_text_idx on activities using gin (search_text gin_trgm_ops);

--bun:split

create index competitors_search_terms_idx on competitors using gin (search_terms);

--bun:split

create index competitors_search_text_idx on competitors using gin (search_text gin_trgm_ops);

--bun:split

create index products_search_terms_idx on products using gin (search_terms);

--bun:split

create index products_search_text_idx on products using gin (search_text gin_trgm_ops);

--bun:split

create index users_search_terms_idx on users using gin (search_terms);

--bun:split

create index users_search_text_idx on users using gin (search_text gin_trgm_ops);
