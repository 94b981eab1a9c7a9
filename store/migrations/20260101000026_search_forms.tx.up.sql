create table search_forms (
    kind smallint not null,
    form integer not null,
    reached uuid,
    constraint search_forms_pkey primary key (kind)
);
