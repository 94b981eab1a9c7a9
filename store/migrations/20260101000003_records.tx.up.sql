create table customers (
    id uuid not null,
    name text not null,
    kind text not null,
    lifecycle text not null,
    region_id uuid,
    industry_id uuid,
    source_id uuid,
    phone text,
    email text,
    website text,
    address text,
    note text,
    owner_id uuid,
    pool_id uuid,
    search_terms text[] not null default '{}',
    search_text text not null default '',
    phone_terms text[] not null default '{}',
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    created_by uuid,
    deleted_at timestamptz,
    deletion_id uuid,
    constraint customers_pkey primary key (id),
    constraint customers_id_kind check (get_byte(uuid_send(id), 15) = 16),
    constraint customers_kind_check check (kind in ('ORGANIZATION', 'PERSON')),
    constraint customers_lifecycle_check check (lifecycle in ('LEAD', 'PROSPECT', 'CUSTOMER', 'DORMANT', 'FORMER')),
    constraint customers_region_id_fkey foreign key (region_id) references dictionary_entries (id),
    constraint customers_industry_id_fkey foreign key (industry_id) references dictionary_entries (id),
    constraint customers_source_id_fkey foreign key (source_id) references dictionary_entries (id),
    constraint customers_owner_id_fkey foreign key (owner_id) references users (id),
    constraint customers_pool_id_fkey foreign key (pool_id) references pools (id),
    constraint customers_owner_or_pool_check check (owner_id is null or pool_id is null),
    constraint customers_created_by_fkey foreign key (created_by) references users (id),
    constraint customers_deleted_check check ((deleted_at is null) = (deletion_id is null))
);

--bun:split

create index customers_owner_id_idx on customers (owner_id, id);

--bun:split

create index customers_pool_id_idx on customers (pool_id, id);

--bun:split

create index customers_name_idx on customers (name collate "zh-x-icu", id);

--bun:split

create index customers_deletion_id_idx on customers (deletion_id) where deletion_id is not null;

--bun:split

create table contacts (
    id uuid not null,
    name text not null,
    gender text,
    phone text,
    email text,
    wechat text,
    birthday date,
    note text,
    owner_id uuid,
    search_terms text[] not null default '{}',
    search_text text not null default '',
    phone_terms text[] not null default '{}',
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    created_by uuid,
    deleted_at timestamptz,
    deletion_id uuid,
    constraint contacts_pkey primary key (id),
    constraint contacts_id_kind check (get_byte(uuid_send(id), 15) = 17),
    constraint contacts_gender_check check (gender in ('FEMALE', 'MALE', 'OTHER')),
    constraint contacts_owner_id_fkey foreign key (owner_id) references users (id),
    constraint contacts_created_by_fkey foreign key (created_by) references users (id),
    constraint contacts_deleted_check check ((deleted_at is null) = (deletion_id is null))
);

--bun:split

create index contacts_owner_id_idx on contacts (owner_id, id);

--bun:split

create index contacts_name_idx on contacts (name collate "zh-x-icu", id);

--bun:split

create index contacts_deletion_id_idx on contacts (deletion_id) where deletion_id is not null;

--bun:split

create table relationships (
    id uuid not null,
    type_id uuid not null,
    a_id uuid not null,
    b_id uuid not null,
    strength integer,
    valid_from date,
    valid_until date,
    origin text,
    note text,
    contact_role text,
    title text,
    is_primary boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    created_by uuid,
    deleted_at timestamptz,
    deletion_id uuid,
    constraint relationships_pkey primary key (id),
    constraint relationships_id_kind check (get_byte(uuid_send(id), 15) = 20),
    constraint relationships_type_id_fkey foreign key (type_id) references relationship_types (id),
    constraint relationships_ends_check check (a_id <> b_id),
    constraint relationships_strength_check check (strength between 1 and 5),
    constraint relationships_period_check check (valid_until > valid_from),
    constraint relationships_contact_role_check check (contact_role in ('DECISION_MAKER', 'INFLUENCER', 'USER', 'GATEKEEPER', 'CHAMPION', 'BUYER', 'OTHER')),
    constraint relationships_a_kind_check check (get_byte(uuid_send(a_id), 15) in (1, 16, 17, 18)),
    constraint relationships_b_kind_check check (get_byte(uuid_send(b_id), 15) in (1, 16, 17, 18)),
    constraint relationships_created_by_fkey foreign key (created_by) references users (id),
    constraint relationships_deleted_check check ((deleted_at is null) = (deletion_id is null))
);

--bun:split

create index relationships_a_id_idx on relationships (a_id, type_id);

--bun:split

create index relationships_b_id_idx on relationships (b_id, type_id);

--bun:split

create unique index relationships_live_key on relationships (type_id, a_id, b_id) where deleted_at is null and valid_until is null;

--bun:split

create index relationships_deletion_id_idx on relationships (deletion_id) where deletion_id is not null;

--bun:split

create table opportunities (
    id uuid not null,
    title text not null,
    customer_id uuid,
    owner_id uuid,
    pipeline_id uuid not null,
    stage_id uuid not null,
    status text not null,
    amount numeric(20,4),
    currency text,
    opened_on date,
    expected_close_on date,
    closed_at timestamptz,
    closing_owner_id uuid,
    closing_department_id uuid,
    loss_reason_id uuid,
    won_by_id uuid,
    closing_note text,
    main_competitor_id uuid,
    main_product_id uuid,
    note text,
    search_terms text[] not null default '{}',
    search_text text not null default '',
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    created_by uuid,
    deleted_at timestamptz,
    deletion_id uuid,
    constraint opportunities_pkey primary key (id),
    constraint opportunities_id_kind check (get_byte(uuid_send(id), 15) = 35),
    constraint opportunities_customer_id_fkey foreign key (customer_id) references customers (id),
    constraint opportunities_owner_id_fkey foreign key (owner_id) references users (id),
    constraint opportunities_pipeline_id_fkey foreign key (pipeline_id) references pipelines (id),
    constraint opportunities_stage_id_fkey foreign key (stage_id) references stages (id),
    constraint opportunities_status_check check (status in ('OPEN', 'WON', 'LOST', 'CANCELLED')),
    constraint opportunities_currency_fkey foreign key (currency) references currencies (code),
    constraint opportunities_closing_owner_id_fkey foreign key (closing_owner_id) references users (id),
    constraint opportunities_closing_department_id_fkey foreign key (closing_department_id) references departments (id),
    constraint opportunities_loss_reason_id_fkey foreign key (loss_reason_id) references dictionary_entries (id),
    constraint opportunities_won_by_id_fkey foreign key (won_by_id) references competitors (id),
    constraint opportunities_main_competitor_id_fkey foreign key (main_competitor_id) references competitors (id),
    constraint opportunities_main_product_id_fkey foreign key (main_product_id) references products (id),
    constraint opportunities_closed_check check ((status = 'OPEN') = (closed_at is null)),
    constraint opportunities_currency_amount_check check (amount is null or currency is not null),
    constraint opportunities_loss_check check (status = 'LOST' or (loss_reason_id is null and won_by_id is null)),
    constraint opportunities_created_by_fkey foreign key (created_by) references users (id),
    constraint opportunities_deleted_check check ((deleted_at is null) = (deletion_id is null))
);

--bun:split

create index opportunities_customer_id_idx on opportunities (customer_id, created_at, id);

--bun:split

create index opportunities_owner_id_idx on opportunities (owner_id, created_at, id);

--bun:split

create index opportunities_created_at_idx on opportunities (created_at, id);

--bun:split

create index opportunities_closed_at_idx on opportunities (closed_at, id);

--bun:split

create index opportunities_deletion_id_idx on opportunities (deletion_id) where deletion_id is not null;

--bun:split

create table opportunity_lines (
    id uuid not null,
    opportunity_id uuid not null,
    product_id uuid not null,
    quantity numeric(20,4) not null,
    unit_price numeric(20,4),
    amount numeric(20,4),
    position integer not null,
    constraint opportunity_lines_pkey primary key (id),
    constraint opportunity_lines_id_kind check (get_byte(uuid_send(id), 15) = 36),
    constraint opportunity_lines_opportunity_id_fkey foreign key (opportunity_id) references opportunities (id),
    constraint opportunity_lines_product_id_fkey foreign key (product_id) references products (id),
    constraint opportunity_lines_position_key unique (opportunity_id, position),
    constraint opportunity_lines_quantity_check check (quantity > 0)
);

--bun:split

create table stage_changes (
    id uuid not null,
    opportunity_id uuid not null,
    from_stage_id uuid,
    to_stage_id uuid,
    from_status text,
    to_status text not null,
    changed_at timestamptz not null,
    changed_by uuid,
    constraint stage_changes_pkey primary key (id),
    constraint stage_changes_id_kind check (get_byte(uuid_send(id), 15) = 37),
    constraint stage_changes_opportunity_id_fkey foreign key (opportunity_id) references opportunities (id),
    constraint stage_changes_from_stage_id_fkey foreign key (from_stage_id) references stages (id),
    constraint stage_changes_to_stage_id_fkey foreign key (to_stage_id) references stages (id),
    constraint stage_changes_changed_by_fkey foreign key (changed_by) references users (id)
);

--bun:split

create index stage_changes_opportunity_id_idx on stage_changes (opportunity_id, changed_at, id);

--bun:split

create table encounters (
    id uuid not null,
    opportunity_id uuid not null,
    competitor_id uuid not null,
    quoted_price numeric(20,4),
    currency text,
    strengths text,
    weaknesses text,
    is_main boolean not null default false,
    created_at timestamptz not null,
    constraint encounters_pkey primary key (id),
    constraint encounters_id_kind check (get_byte(uuid_send(id), 15) = 38),
    constraint encounters_opportunity_id_fkey foreign key (opportunity_id) references opportunities (id),
    constraint encounters_competitor_id_fkey foreign key (competitor_id) references competitors (id),
    constraint encounters_currency_fkey foreign key (currency) references currencies (code),
    constraint encounters_competitor_key unique (opportunity_id, competitor_id),
    constraint encounters_currency_price_check check (quoted_price is null or currency is not null)
);

--bun:split

create unique index encounters_main_key on encounters (opportunity_id) where is_main;

--bun:split

create index encounters_competitor_id_idx on encounters (competitor_id);

--bun:split

create table services (
    id uuid not null,
    title text not null,
    kind text not null,
    status text not null,
    priority text not null,
    customer_id uuid,
    contact_id uuid,
    opportunity_id uuid,
    owner_id uuid,
    assignee_id uuid,
    opened_at timestamptz not null,
    due_at timestamptz,
    closed_at timestamptz,
    cost numeric(20,4),
    currency text,
    description text,
    search_terms text[] not null default '{}',
    search_text text not null default '',
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    created_by uuid,
    deleted_at timestamptz,
    deletion_id uuid,
    constraint services_pkey primary key (id),
    constraint services_id_kind check (get_byte(uuid_send(id), 15) = 48),
    constraint services_kind_check check (kind in ('REPAIR', 'MAINTENANCE', 'INSTALLATION', 'COMPLAINT', 'CONSULTATION', 'RETURN_VISIT', 'OTHER')),
    constraint services_status_check check (status in ('OPEN', 'IN_PROGRESS', 'CLOSED', 'CANCELLED')),
    constraint services_priority_check check (priority in ('LOW', 'NORMAL', 'HIGH', 'URGENT')),
    constraint services_customer_id_fkey foreign key (customer_id) references customers (id),
    constraint services_contact_id_fkey foreign key (contact_id) references contacts (id),
    constraint services_opportunity_id_fkey foreign key (opportunity_id) references opportunities (id),
    constraint services_owner_id_fkey foreign key (owner_id) references users (id),
    constraint services_assignee_id_fkey foreign key (assignee_id) references users (id),
    constraint services_currency_fkey foreign key (currency) references currencies (code),
    constraint services_closed_check check ((status in ('CLOSED', 'CANCELLED')) = (closed_at is not null)),
    constraint services_currency_cost_check check (cost is null or currency is not null),
    constraint services_created_by_fkey foreign key (created_by) references users (id),
    constraint services_deleted_check check ((deleted_at is null) = (deletion_id is null))
);

--bun:split

create index services_customer_id_idx on services (customer_id, opened_at, id);

--bun:split

create index services_owner_id_idx on services (owner_id, id);

--bun:split

create index services_assignee_id_idx on services (assignee_id, id);

--bun:split

create index services_deletion_id_idx on services (deletion_id) where deletion_id is not null;

--bun:split

create table documents (
    id uuid not null,
    name text not null,
    media_type text not null,
    size bigint not null,
    sha256 bytea not null,
    storage_key text not null,
    revision integer not null default 1,
    category_id uuid,
    customer_id uuid,
    opportunity_id uuid,
    service_id uuid,
    owner_id uuid,
    restricted boolean not null default false,
    uploaded_at timestamptz not null,
    uploaded_by uuid,
    search_terms text[] not null default '{}',
    search_text text not null default '',
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    created_by uuid,
    deleted_at timestamptz,
    deletion_id uuid,
    constraint documents_pkey primary key (id),
    constraint documents_id_kind check (get_byte(uuid_send(id), 15) = 49),
    constraint documents_category_id_fkey foreign key (category_id) references dictionary_entries (id),
    constraint documents_customer_id_fkey foreign key (customer_id) references customers (id),
    constraint documents_opportunity_id_fkey foreign key (opportunity_id) references opportunities (id),
    constraint documents_service_id_fkey foreign key (service_id) references services (id),
    constraint documents_owner_id_fkey foreign key (owner_id) references users (id),
    constraint documents_uploaded_by_fkey foreign key (uploaded_by) references users (id),
    constraint documents_created_by_fkey foreign key (created_by) references users (id),
    constraint documents_deleted_check check ((deleted_at is null) = (deletion_id is null))
);

--bun:split

create index documents_customer_id_idx on documents (customer_id, uploaded_at, id);

--bun:split

create index documents_owner_id_idx on documents (owner_id, id);

--bun:split

create index documents_deletion_id_idx on documents (deletion_id) where deletion_id is not null;

--bun:split

create table document_revisions (
    id uuid not null,
    document_id uuid not null,
    revision integer not null,
    media_type text not null,
    size bigint not null,
    sha256 bytea not null,
    storage_key text not null,
    uploaded_at timestamptz not null,
    uploaded_by uuid,
    constraint document_revisions_pkey primary key (id),
    constraint document_revisions_id_kind check (get_byte(uuid_send(id), 15) = 51),
    constraint document_revisions_document_id_fkey foreign key (document_id) references documents (id),
    constraint document_revisions_uploaded_by_fkey foreign key (uploaded_by) references users (id),
    constraint document_revisions_revision_key unique (document_id, revision)
);

--bun:split

create table document_readers (
    document_id uuid not null,
    subject_id uuid not null,
    with_sub_departments boolean not null default false,
    constraint document_readers_pkey primary key (document_id, subject_id),
    constraint document_readers_document_id_fkey foreign key (document_id) references documents (id),
    constraint document_readers_subject_kind_check check (get_byte(uuid_send(subject_id), 15) in (1, 2, 3))
);

--bun:split

create table activities (
    id uuid not null,
    kind text not null,
    summary text not null,
    body text,
    happened_at timestamptz not null,
    customer_id uuid,
    contact_id uuid,
    opportunity_id uuid,
    service_id uuid,
    owner_id uuid,
    assignee_id uuid,
    next_follow_up_on date,
    search_terms text[] not null default '{}',
    search_text text not null default '',
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    created_by uuid,
    deleted_at timestamptz,
    deletion_id uuid,
    constraint activities_pkey primary key (id),
    constraint activities_id_kind check (get_byte(uuid_send(id), 15) = 50),
    constraint activities_kind_check check (kind in ('CALL', 'VISIT', 'MEETING', 'MAIL', 'MESSAGE', 'NOTE', 'TASK')),
    constraint activities_customer_id_fkey foreign key (customer_id) references customers (id),
    constraint activities_contact_id_fkey foreign key (contact_id) references contacts (id),
    constraint activities_opportunity_id_fkey foreign key (opportunity_id) references opportunities (id),
    constraint activities_service_id_fkey foreign key (service_id) references services (id),
    constraint activities_owner_id_fkey foreign key (owner_id) references users (id),
    constraint activities_assignee_id_fkey foreign key (assignee_id) references users (id),
    constraint activities_created_by_fkey foreign key (created_by) references users (id),
    constraint activities_deleted_check check ((deleted_at is null) = (deletion_id is null))
);

--bun:split

create index activities_customer_id_idx on activities (customer_id, happened_at, id);

--bun:split

create index activities_owner_id_idx on activities (owner_id, happened_at, id);

--bun:split

create index activities_deletion_id_idx on activities (deletion_id) where deletion_id is not null;
