alter table rights_epoch add column catalog bigint not null default 0;
