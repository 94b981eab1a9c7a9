create table company (
    id uuid not null,
    name text not null,
    currency text not null,
    time_zone text not null,
    fiscal_year_start integer not null default 1,
    small_sample integer not null default 5,
    sample boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint company_pkey primary key (id),
    constraint company_single check (id = '00000000-0000-7000-8000-000000000000'),
    constraint company_fiscal_year_start_check check (fiscal_year_start between 1 and 12)
);

--bun:split

create table users (
    id uuid not null,
    login text not null,
    name text not null,
    email text,
    phone text,
    active boolean not null default true,
    password_hash text,
    locale text,
    search_terms text[] not null default '{}',
    search_text text not null default '',
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint users_pkey primary key (id),
    constraint users_id_kind check (get_byte(uuid_send(id), 15) = 1)
);

--bun:split

create unique index users_login_key on users (lower(login));

--bun:split

create table departments (
    id uuid not null,
    name text not null,
    parent_id uuid,
    path uuid[] not null,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint departments_pkey primary key (id),
    constraint departments_id_kind check (get_byte(uuid_send(id), 15) = 2),
    constraint departments_parent_id_fkey foreign key (parent_id) references departments (id),
    constraint departments_path_check check (path[cardinality(path)] = id)
);

--bun:split

create index departments_parent_id_idx on departments (parent_id);

--bun:split

create table memberships (
    id uuid not null,
    user_id uuid not null,
    department_id uuid not null,
    is_primary boolean not null default false,
    title text,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint memberships_pkey primary key (id),
    constraint memberships_id_kind check (get_byte(uuid_send(id), 15) = 5),
    constraint memberships_user_id_fkey foreign key (user_id) references users (id),
    constraint memberships_department_id_fkey foreign key (department_id) references departments (id),
    constraint memberships_user_department_key unique (user_id, department_id)
);

--bun:split

create unique index memberships_primary_key on memberships (user_id) where is_primary;

--bun:split

create index memberships_department_id_idx on memberships (department_id);

--bun:split

create table groups (
    id uuid not null,
    name text not null,
    note text,
    dissolved_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint groups_pkey primary key (id),
    constraint groups_id_kind check (get_byte(uuid_send(id), 15) = 3)
);

--bun:split

create table group_members (
    group_id uuid not null,
    user_id uuid not null,
    constraint group_members_pkey primary key (group_id, user_id),
    constraint group_members_group_id_fkey foreign key (group_id) references groups (id),
    constraint group_members_user_id_fkey foreign key (user_id) references users (id)
);

--bun:split

create index group_members_user_id_idx on group_members (user_id);

--bun:split

create table roles (
    id uuid not null,
    code text not null,
    name text not null,
    name_en text,
    note text,
    permissions text[] not null default '{}',
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint roles_pkey primary key (id),
    constraint roles_id_kind check (get_byte(uuid_send(id), 15) = 4),
    constraint roles_code_key unique (code)
);

--bun:split

create table field_rights (
    role_id uuid not null,
    rule text not null,
    relation text not null,
    access text not null,
    constraint field_rights_pkey primary key (role_id, rule, relation),
    constraint field_rights_role_id_fkey foreign key (role_id) references roles (id),
    constraint field_rights_relation_check check (relation in ('OWN', 'SCOPE', 'OTHER')),
    constraint field_rights_access_check check (access in ('FULL', 'MASKED', 'NONE'))
);

--bun:split

create table user_roles (
    user_id uuid not null,
    role_id uuid not null,
    constraint user_roles_pkey primary key (user_id, role_id),
    constraint user_roles_user_id_fkey foreign key (user_id) references users (id),
    constraint user_roles_role_id_fkey foreign key (role_id) references roles (id)
);

--bun:split

create index user_roles_role_id_idx on user_roles (role_id);

--bun:split

create table grants (
    id uuid not null,
    grantee_user_id uuid,
    grantee_role_id uuid,
    everyone boolean not null default false,
    subject_id uuid,
    with_sub_departments boolean not null default false,
    effect text not null,
    level text not null,
    kinds text[],
    valid_from timestamptz,
    valid_until timestamptz,
    note text,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    created_by uuid,
    constraint grants_pkey primary key (id),
    constraint grants_id_kind check (get_byte(uuid_send(id), 15) = 6),
    constraint grants_grantee_user_id_fkey foreign key (grantee_user_id) references users (id),
    constraint grants_grantee_role_id_fkey foreign key (grantee_role_id) references roles (id),
    constraint grants_created_by_fkey foreign key (created_by) references users (id),
    constraint grants_grantee_check check ((grantee_user_id is null) <> (grantee_role_id is null)),
    constraint grants_subject_check check (everyone = (subject_id is null)),
    constraint grants_subject_kind_check check (subject_id is null or get_byte(uuid_send(subject_id), 15) in (1, 2, 3)),
    constraint grants_effect_check check (effect in ('ALLOW', 'DENY')),
    constraint grants_level_check check (level in ('OBSERVE', 'MANAGE')),
    constraint grants_period_check check (valid_until > valid_from)
);

--bun:split

create index grants_grantee_user_id_idx on grants (grantee_user_id);

--bun:split

create index grants_grantee_role_id_idx on grants (grantee_role_id);

--bun:split

create table shares (
    id uuid not null,
    record_id uuid not null,
    subject_id uuid not null,
    with_sub_departments boolean not null default false,
    level text not null,
    kinds text[],
    expires_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    created_by uuid,
    constraint shares_pkey primary key (id),
    constraint shares_id_kind check (get_byte(uuid_send(id), 15) = 7),
    constraint shares_created_by_fkey foreign key (created_by) references users (id),
    constraint shares_level_check check (level in ('OBSERVE', 'MANAGE')),
    constraint shares_subject_kind_check check (get_byte(uuid_send(subject_id), 15) in (1, 2, 3))
);

--bun:split

create index shares_record_id_idx on shares (record_id);

--bun:split

create index shares_subject_id_idx on shares (subject_id, record_id);

--bun:split

create table api_tokens (
    id uuid not null,
    user_id uuid not null,
    name text not null,
    token_hash bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_on date,
    constraint api_tokens_pkey primary key (id),
    constraint api_tokens_id_kind check (get_byte(uuid_send(id), 15) = 8),
    constraint api_tokens_user_id_fkey foreign key (user_id) references users (id),
    constraint api_tokens_token_hash_key unique (token_hash)
);

--bun:split

create table sessions (
    id uuid not null,
    user_id uuid not null,
    token_hash bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint sessions_pkey primary key (id),
    constraint sessions_id_kind check (get_byte(uuid_send(id), 15) = 9),
    constraint sessions_user_id_fkey foreign key (user_id) references users (id),
    constraint sessions_token_hash_key unique (token_hash)
);

--bun:split

create table rights_epoch (
    id integer not null,
    epoch bigint not null,
    constraint rights_epoch_pkey primary key (id),
    constraint rights_epoch_single check (id = 1)
);

--bun:split

insert into rights_epoch (id, epoch) values (1, 1);

--bun:split

create table locks (
    name text not null,
    constraint locks_pkey primary key (name)
);

--bun:split

insert into locks (name) values ('departments'), ('roles');
