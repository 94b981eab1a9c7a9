drop table dashboards;

--bun:split

drop table saved_reports;

--bun:split

update roles set permissions = array(select p from unnest(permissions) as p where p not like 'SAVED\_REPORT\_%' and p not like 'DASHBOARD\_%');

--bun:split

delete from shares where get_byte(uuid_send(record_id), 15) in (52, 53);
