drop table report_usage;
