alter table access_log add constraint access_log_user_id_fkey foreign key (user_id) references users (id),
    add constraint access_log_viewed_by_fkey foreign key (viewed_by) references users (id);
