drop table stages;

--bun:split

drop table pipelines;

--bun:split

drop table products;

--bun:split

drop table relationship_types;

--bun:split

drop table competitors;

--bun:split

drop table exchange_rates;

--bun:split

drop table currencies;

--bun:split

drop table pool_members;

--bun:split

drop table pools;

--bun:split

drop table dictionary_entries;

--bun:split

drop table dictionaries;
