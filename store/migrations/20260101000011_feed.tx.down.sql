drop table feed_sealing;

--bun:split

drop table feed;
