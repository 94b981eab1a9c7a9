create table saved_reports (
    id uuid not null,
    name text not null,
    note text,
    document text not null,
    defaults text not null default '{}',
    owner_id uuid,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    created_by uuid,
    deleted_at timestamptz,
    deletion_id uuid,
    constraint saved_reports_pkey primary key (id),
    constraint saved_reports_id_kind check (get_byte(uuid_send(id), 15) = 52),
    constraint saved_reports_owner_id_fkey foreign key (owner_id) references users (id),
    constraint saved_reports_created_by_fkey foreign key (created_by) references users (id),
    constraint saved_reports_deleted_check check ((deleted_at is null) = (deletion_id is null))
);

--bun:split

create index saved_reports_owner_id_idx on saved_reports (owner_id, id);

--bun:split

create index saved_reports_deletion_id_idx on saved_reports (deletion_id) where deletion_id is not null;

--bun:split

create table dashboards (
    id uuid not null,
    title text not null,
    note text,
    tiles jsonb not null default '[]',
    owner_id uuid,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    created_by uuid,
    deleted_at timestamptz,
    deletion_id uuid,
    constraint dashboards_pkey primary key (id),
    constraint dashboards_id_kind check (get_byte(uuid_send(id), 15) = 53),
    constraint dashboards_owner_id_fkey foreign key (owner_id) references users (id),
    constraint dashboards_created_by_fkey foreign key (created_by) references users (id),
    constraint dashboards_deleted_check check ((deleted_at is null) = (deletion_id is null))
);

--bun:split

create index dashboards_owner_id_idx on dashboards (owner_id, id);

--bun:split

create index dashboards_deletion_id_idx on dashboards (deletion_id) where deletion_id is not null;

--bun:split

-- the shipped roles may ask and save reports, and what else administrators have made of them stays
update roles set permissions = permissions || array['SAVED_REPORT_READ', 'DASHBOARD_READ']
where code in ('administrator', 'analyst', 'finance', 'service', 'sales', 'sales_manager', 'marketing');

--bun:split

update roles set permissions = permissions || array['SAVED_REPORT_CREATE', 'SAVED_REPORT_UPDATE', 'SAVED_REPORT_DELETE', 'SAVED_REPORT_SHARE', 'DASHBOARD_CREATE', 'DASHBOARD_UPDATE', 'DASHBOARD_DELETE', 'DASHBOARD_SHARE']
where code in ('administrator', 'finance', 'service', 'sales', 'sales_manager', 'marketing');

--bun:split

update roles set permissions = permissions || array['SAVED_REPORT_TRANSFER', 'DASHBOARD_TRANSFER']
where code in ('administrator', 'sales_manager');

--bun:split

update roles set permissions = permissions || array['SAVED_REPORT_EXPORT', 'DASHBOARD_EXPORT']
where code = 'administrator';
