drop table search_forms;
