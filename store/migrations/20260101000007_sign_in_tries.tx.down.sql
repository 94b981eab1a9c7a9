drop table sign_in_tries;
