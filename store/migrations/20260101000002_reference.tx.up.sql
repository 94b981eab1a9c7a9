create table dictionaries (
    id uuid not null,
    code text not null,
    name text not null,
    name_en text,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint dictionaries_pkey primary key (id),
    constraint dictionaries_id_kind check (get_byte(uuid_send(id), 15) = 64),
    constraint dictionaries_code_key unique (code)
);

--bun:split

create table dictionary_entries (
    id uuid not null,
    dictionary_id uuid not null,
    code text,
    label text not null,
    label_en text,
    parent_id uuid,
    loss_kind text,
    position integer not null default 0,
    active boolean not null default true,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint dictionary_entries_pkey primary key (id),
    constraint dictionary_entries_id_kind check (get_byte(uuid_send(id), 15) = 65),
    constraint dictionary_entries_dictionary_id_fkey foreign key (dictionary_id) references dictionaries (id),
    constraint dictionary_entries_parent_id_fkey foreign key (parent_id) references dictionary_entries (id),
    constraint dictionary_entries_label_key unique (dictionary_id, label),
    constraint dictionary_entries_loss_kind_check check (loss_kind in ('COMPETITOR', 'NO_DECISION', 'PRICE', 'PRODUCT', 'RELATIONSHIP', 'OTHER'))
);

--bun:split

create table pools (
    id uuid not null,
    name text not null,
    note text,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pools_pkey primary key (id),
    constraint pools_id_kind check (get_byte(uuid_send(id), 15) = 66),
    constraint pools_name_key unique (name)
);

--bun:split

create table pool_members (
    pool_id uuid not null,
    subject_id uuid not null,
    with_sub_departments boolean not null default false,
    constraint pool_members_pkey primary key (pool_id, subject_id),
    constraint pool_members_pool_id_fkey foreign key (pool_id) references pools (id),
    constraint pool_members_subject_kind_check check (get_byte(uuid_send(subject_id), 15) in (1, 2, 3))
);

--bun:split

create index pool_members_subject_id_idx on pool_members (subject_id);

--bun:split

create table currencies (
    code text not null,
    name text not null,
    name_en text,
    constraint currencies_pkey primary key (code),
    constraint currencies_code_check check (code ~ '^[A-Z]{3}$')
);

--bun:split

create table exchange_rates (
    currency text not null,
    valid_on date not null,
    rate numeric(20,10) not null,
    constraint exchange_rates_pkey primary key (currency, valid_on),
    constraint exchange_rates_currency_fkey foreign key (currency) references currencies (code),
    constraint exchange_rates_rate_check check (rate > 0)
);

--bun:split

create table competitors (
    id uuid not null,
    name text not null,
    website text,
    strengths text,
    weaknesses text,
    note text,
    active boolean not null default true,
    search_terms text[] not null default '{}',
    search_text text not null default '',
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint competitors_pkey primary key (id),
    constraint competitors_id_kind check (get_byte(uuid_send(id), 15) = 18),
    constraint competitors_name_key unique (name)
);

--bun:split

create table relationship_types (
    id uuid not null,
    code text not null,
    name_ab text not null,
    name_ba text not null,
    name_ab_en text,
    name_ba_en text,
    category text not null,
    is_symmetric boolean not null default false,
    introduces boolean not null default false,
    a_kinds text[] not null,
    b_kinds text[] not null,
    built_in boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint relationship_types_pkey primary key (id),
    constraint relationship_types_id_kind check (get_byte(uuid_send(id), 15) = 19),
    constraint relationship_types_code_key unique (code),
    constraint relationship_types_category_check check (category in ('EMPLOYMENT', 'KINSHIP', 'OWNERSHIP', 'BUSINESS', 'REFERRAL', 'SOCIAL', 'RIVALRY'))
);

--bun:split

create table products (
    id uuid not null,
    name text not null,
    code text,
    category_id uuid,
    list_price numeric(20,4),
    currency text,
    active boolean not null default true,
    search_terms text[] not null default '{}',
    search_text text not null default '',
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint products_pkey primary key (id),
    constraint products_id_kind check (get_byte(uuid_send(id), 15) = 32),
    constraint products_name_key unique (name),
    constraint products_category_id_fkey foreign key (category_id) references dictionary_entries (id),
    constraint products_currency_fkey foreign key (currency) references currencies (code)
);

--bun:split

create table pipelines (
    id uuid not null,
    name text not null,
    is_default boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pipelines_pkey primary key (id),
    constraint pipelines_id_kind check (get_byte(uuid_send(id), 15) = 33),
    constraint pipelines_name_key unique (name)
);

--bun:split

create unique index pipelines_default_key on pipelines (is_default) where is_default;

--bun:split

create table stages (
    id uuid not null,
    pipeline_id uuid not null,
    name text not null,
    name_en text,
    probability double precision not null,
    position integer not null,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint stages_pkey primary key (id),
    constraint stages_id_kind check (get_byte(uuid_send(id), 15) = 34),
    constraint stages_pipeline_id_fkey foreign key (pipeline_id) references pipelines (id),
    constraint stages_name_key unique (pipeline_id, name),
    constraint stages_probability_check check (probability between 0 and 1)
);
