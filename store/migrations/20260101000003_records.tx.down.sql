drop table activities;

--bun:split

drop table document_readers;

--bun:split

drop table document_revisions;

--bun:split

drop table documents;

--bun:split

drop table services;

--bun:split

drop table encounters;

--bun:split

drop table stage_changes;

--bun:split

drop table opportunity_lines;

--bun:split

drop table opportunities;

--bun:split

drop table relationships;

--bun:split

drop table contacts;

--bun:split

drop table customers;
