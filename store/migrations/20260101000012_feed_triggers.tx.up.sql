create function feed_records() returns trigger language plpgsql set search_path from current as $$
declare
    ids uuid[];
begin
    select array_agg(id) into ids from changed;
    if ids is not null then
        insert into feed (kind, op, records) values (tg_argv[0]::smallint, left(tg_op, 1), ids);
    end if;
    return null;
end
$$;

--bun:split

create function feed_records_by() returns trigger language plpgsql set search_path from current as $$
declare
    ids uuid[];
begin
    execute format('select array_agg(distinct %I) from changed', tg_argv[1]) into ids;
    if ids is not null then
        insert into feed (kind, op, records) values (tg_argv[0]::smallint, left(tg_op, 1), ids);
    end if;
    return null;
end
$$;

--bun:split

create function feed_settings() returns trigger language plpgsql set search_path from current as $$
declare
    touched boolean;
begin
    select exists (select 1 from changed) into touched;
    if touched then
        insert into feed (kind, op, records) values (0, left(tg_op, 1), '{}');
    end if;
    return null;
end
$$;

--bun:split

create trigger users_feed_insert after insert on users referencing new table as changed for each statement execute function feed_records(1);

--bun:split

create trigger users_feed_update after update on users referencing new table as changed for each statement execute function feed_records(1);

--bun:split

create trigger users_feed_delete after delete on users referencing old table as changed for each statement execute function feed_records(1);

--bun:split

create trigger departments_feed_insert after insert on departments referencing new table as changed for each statement execute function feed_records(2);

--bun:split

create trigger departments_feed_update after update on departments referencing new table as changed for each statement execute function feed_records(2);

--bun:split

create trigger departments_feed_delete after delete on departments referencing old table as changed for each statement execute function feed_records(2);

--bun:split

create trigger groups_feed_insert after insert on groups referencing new table as changed for each statement execute function feed_records(3);

--bun:split

create trigger groups_feed_update after update on groups referencing new table as changed for each statement execute function feed_records(3);

--bun:split

create trigger groups_feed_delete after delete on groups referencing old table as changed for each statement execute function feed_records(3);

--bun:split

create trigger roles_feed_insert after insert on roles referencing new table as changed for each statement execute function feed_records(4);

--bun:split

create trigger roles_feed_update after update on roles referencing new table as changed for each statement execute function feed_records(4);

--bun:split

create trigger roles_feed_delete after delete on roles referencing old table as changed for each statement execute function feed_records(4);

--bun:split

create trigger memberships_feed_insert after insert on memberships referencing new table as changed for each statement execute function feed_records(5);

--bun:split

create trigger memberships_feed_update after update on memberships referencing new table as changed for each statement execute function feed_records(5);

--bun:split

create trigger memberships_feed_delete after delete on memberships referencing old table as changed for each statement execute function feed_records(5);

--bun:split

create trigger grants_feed_insert after insert on grants referencing new table as changed for each statement execute function feed_records(6);

--bun:split

create trigger grants_feed_update after update on grants referencing new table as changed for each statement execute function feed_records(6);

--bun:split

create trigger grants_feed_delete after delete on grants referencing old table as changed for each statement execute function feed_records(6);

--bun:split

create trigger customers_feed_insert after insert on customers referencing new table as changed for each statement execute function feed_records(16);

--bun:split

create trigger customers_feed_update after update on customers referencing new table as changed for each statement execute function feed_records(16);

--bun:split

create trigger customers_feed_delete after delete on customers referencing old table as changed for each statement execute function feed_records(16);

--bun:split

create trigger contacts_feed_insert after insert on contacts referencing new table as changed for each statement execute function feed_records(17);

--bun:split

create trigger contacts_feed_update after update on contacts referencing new table as changed for each statement execute function feed_records(17);

--bun:split

create trigger contacts_feed_delete after delete on contacts referencing old table as changed for each statement execute function feed_records(17);

--bun:split

create trigger competitors_feed_insert after insert on competitors referencing new table as changed for each statement execute function feed_records(18);

--bun:split

create trigger competitors_feed_update after update on competitors referencing new table as changed for each statement execute function feed_records(18);

--bun:split

create trigger competitors_feed_delete after delete on competitors referencing old table as changed for each statement execute function feed_records(18);

--bun:split

create trigger relationship_types_feed_insert after insert on relationship_types referencing new table as changed for each statement execute function feed_records(19);

--bun:split

create trigger relationship_types_feed_update after update on relationship_types referencing new table as changed for each statement execute function feed_records(19);

--bun:split

create trigger relationship_types_feed_delete after delete on relationship_types referencing old table as changed for each statement execute function feed_records(19);

--bun:split

create trigger relationships_feed_insert after insert on relationships referencing new table as changed for each statement execute function feed_records(20);

--bun:split

create trigger relationships_feed_update after update on relationships referencing new table as changed for each statement execute function feed_records(20);

--bun:split

create trigger relationships_feed_delete after delete on relationships referencing old table as changed for each statement execute function feed_records(20);

--bun:split

create trigger products_feed_insert after insert on products referencing new table as changed for each statement execute function feed_records(32);

--bun:split

create trigger products_feed_update after update on products referencing new table as changed for each statement execute function feed_records(32);

--bun:split

create trigger products_feed_delete after delete on products referencing old table as changed for each statement execute function feed_records(32);

--bun:split

create trigger pipelines_feed_insert after insert on pipelines referencing new table as changed for each statement execute function feed_records(33);

--bun:split

create trigger pipelines_feed_update after update on pipelines referencing new table as changed for each statement execute function feed_records(33);

--bun:split

create trigger pipelines_feed_delete after delete on pipelines referencing old table as changed for each statement execute function feed_records(33);

--bun:split

create trigger stages_feed_insert after insert on stages referencing new table as changed for each statement execute function feed_records(34);

--bun:split

create trigger stages_feed_update after update on stages referencing new table as changed for each statement execute function feed_records(34);

--bun:split

create trigger stages_feed_delete after delete on stages referencing old table as changed for each statement execute function feed_records(34);

--bun:split

create trigger opportunities_feed_insert after insert on opportunities referencing new table as changed for each statement execute function feed_records(35);

--bun:split

create trigger opportunities_feed_update after update on opportunities referencing new table as changed for each statement execute function feed_records(35);

--bun:split

create trigger opportunities_feed_delete after delete on opportunities referencing old table as changed for each statement execute function feed_records(35);

--bun:split

create trigger opportunity_lines_feed_insert after insert on opportunity_lines referencing new table as changed for each statement execute function feed_records(36);

--bun:split

create trigger opportunity_lines_feed_update after update on opportunity_lines referencing new table as changed for each statement execute function feed_records(36);

--bun:split

create trigger opportunity_lines_feed_delete after delete on opportunity_lines referencing old table as changed for each statement execute function feed_records(36);

--bun:split

create trigger stage_changes_feed_insert after insert on stage_changes referencing new table as changed for each statement execute function feed_records(37);

--bun:split

create trigger stage_changes_feed_update after update on stage_changes referencing new table as changed for each statement execute function feed_records(37);

--bun:split

create trigger stage_changes_feed_delete after delete on stage_changes referencing old table as changed for each statement execute function feed_records(37);

--bun:split

create trigger encounters_feed_insert after insert on encounters referencing new table as changed for each statement execute function feed_records(38);

--bun:split

create trigger encounters_feed_update after update on encounters referencing new table as changed for each statement execute function feed_records(38);

--bun:split

create trigger encounters_feed_delete after delete on encounters referencing old table as changed for each statement execute function feed_records(38);

--bun:split

create trigger services_feed_insert after insert on services referencing new table as changed for each statement execute function feed_records(48);

--bun:split

create trigger services_feed_update after update on services referencing new table as changed for each statement execute function feed_records(48);

--bun:split

create trigger services_feed_delete after delete on services referencing old table as changed for each statement execute function feed_records(48);

--bun:split

create trigger documents_feed_insert after insert on documents referencing new table as changed for each statement execute function feed_records(49);

--bun:split

create trigger documents_feed_update after update on documents referencing new table as changed for each statement execute function feed_records(49);

--bun:split

create trigger documents_feed_delete after delete on documents referencing old table as changed for each statement execute function feed_records(49);

--bun:split

create trigger activities_feed_insert after insert on activities referencing new table as changed for each statement execute function feed_records(50);

--bun:split

create trigger activities_feed_update after update on activities referencing new table as changed for each statement execute function feed_records(50);

--bun:split

create trigger activities_feed_delete after delete on activities referencing old table as changed for each statement execute function feed_records(50);

--bun:split

create trigger document_revisions_feed_insert after insert on document_revisions referencing new table as changed for each statement execute function feed_records(51);

--bun:split

create trigger document_revisions_feed_update after update on document_revisions referencing new table as changed for each statement execute function feed_records(51);

--bun:split

create trigger document_revisions_feed_delete after delete on document_revisions referencing old table as changed for each statement execute function feed_records(51);

--bun:split

create trigger dictionaries_feed_insert after insert on dictionaries referencing new table as changed for each statement execute function feed_records(64);

--bun:split

create trigger dictionaries_feed_update after update on dictionaries referencing new table as changed for each statement execute function feed_records(64);

--bun:split

create trigger dictionaries_feed_delete after delete on dictionaries referencing old table as changed for each statement execute function feed_records(64);

--bun:split

create trigger dictionary_entries_feed_insert after insert on dictionary_entries referencing new table as changed for each statement execute function feed_records(65);

--bun:split

create trigger dictionary_entries_feed_update after update on dictionary_entries referencing new table as changed for each statement execute function feed_records(65);

--bun:split

create trigger dictionary_entries_feed_delete after delete on dictionary_entries referencing old table as changed for each statement execute function feed_records(65);

--bun:split

create trigger pools_feed_insert after insert on pools referencing new table as changed for each statement execute function feed_records(66);

--bun:split

create trigger pools_feed_update after update on pools referencing new table as changed for each statement execute function feed_records(66);

--bun:split

create trigger pools_feed_delete after delete on pools referencing old table as changed for each statement execute function feed_records(66);

--bun:split

create trigger group_members_feed_insert after insert on group_members referencing new table as changed for each statement execute function feed_records_by(3, 'group_id');

--bun:split

create trigger group_members_feed_update after update on group_members referencing new table as changed for each statement execute function feed_records_by(3, 'group_id');

--bun:split

create trigger group_members_feed_delete after delete on group_members referencing old table as changed for each statement execute function feed_records_by(3, 'group_id');

--bun:split

create trigger user_roles_feed_insert after insert on user_roles referencing new table as changed for each statement execute function feed_records_by(1, 'user_id');

--bun:split

create trigger user_roles_feed_update after update on user_roles referencing new table as changed for each statement execute function feed_records_by(1, 'user_id');

--bun:split

create trigger user_roles_feed_delete after delete on user_roles referencing old table as changed for each statement execute function feed_records_by(1, 'user_id');

--bun:split

create trigger field_rights_feed_insert after insert on field_rights referencing new table as changed for each statement execute function feed_records_by(4, 'role_id');

--bun:split

create trigger field_rights_feed_update after update on field_rights referencing new table as changed for each statement execute function feed_records_by(4, 'role_id');

--bun:split

create trigger field_rights_feed_delete after delete on field_rights referencing old table as changed for each statement execute function feed_records_by(4, 'role_id');

--bun:split

create trigger shares_feed_insert after insert on shares referencing new table as changed for each statement execute function feed_records_by(7, 'record_id');

--bun:split

create trigger shares_feed_update after update on shares referencing new table as changed for each statement execute function feed_records_by(7, 'record_id');

--bun:split

create trigger shares_feed_delete after delete on shares referencing old table as changed for each statement execute function feed_records_by(7, 'record_id');

--bun:split

create trigger document_readers_feed_insert after insert on document_readers referencing new table as changed for each statement execute function feed_records_by(49, 'document_id');

--bun:split

create trigger document_readers_feed_update after update on document_readers referencing new table as changed for each statement execute function feed_records_by(49, 'document_id');

--bun:split

create trigger document_readers_feed_delete after delete on document_readers referencing old table as changed for each statement execute function feed_records_by(49, 'document_id');

--bun:split

create trigger pool_members_feed_insert after insert on pool_members referencing new table as changed for each statement execute function feed_records_by(66, 'pool_id');

--bun:split

create trigger pool_members_feed_update after update on pool_members referencing new table as changed for each statement execute function feed_records_by(66, 'pool_id');

--bun:split

create trigger pool_members_feed_delete after delete on pool_members referencing old table as changed for each statement execute function feed_records_by(66, 'pool_id');

--bun:split

create trigger company_feed_insert after insert on company referencing new table as changed for each statement execute function feed_settings();

--bun:split

create trigger company_feed_update after update on company referencing new table as changed for each statement execute function feed_settings();

--bun:split

create trigger company_feed_delete after delete on company referencing old table as changed for each statement execute function feed_settings();

--bun:split

create trigger currencies_feed_insert after insert on currencies referencing new table as changed for each statement execute function feed_settings();

--bun:split

create trigger currencies_feed_update after update on currencies referencing new table as changed for each statement execute function feed_settings();

--bun:split

create trigger currencies_feed_delete after delete on currencies referencing old table as changed for each statement execute function feed_settings();

--bun:split

create trigger exchange_rates_feed_insert after insert on exchange_rates referencing new table as changed for each statement execute function feed_settings();

--bun:split

create trigger exchange_rates_feed_update after update on exchange_rates referencing new table as changed for each statement execute function feed_settings();

--bun:split

create trigger exchange_rates_feed_delete after delete on exchange_rates referencing old table as changed for each statement execute function feed_settings();
