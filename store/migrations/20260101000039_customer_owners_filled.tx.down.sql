alter table opportunities enable trigger opportunities_customer_owner_insert, enable trigger opportunities_customer_owner_update, enable trigger opportunities_attached;

--bun:split

alter table services enable trigger services_customer_owner_insert, enable trigger services_customer_owner_update, enable trigger services_attached;

--bun:split

alter table documents enable trigger documents_customer_owner_insert, enable trigger documents_customer_owner_update;

--bun:split

alter table activities enable trigger activities_customer_owner_insert, enable trigger activities_customer_owner_update;

--bun:split

alter table customers enable trigger customers_customer_owner;
