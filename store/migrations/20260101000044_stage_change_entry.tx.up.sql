-- When a change of stage was recorded, which an import may do long after it happened.
alter table stage_changes add column created_at timestamptz;

--bun:split

alter table stage_changes disable trigger stage_changes_feed_update;

--bun:split

update stage_changes c set created_at = greatest(c.changed_at, o.created_at) from opportunities o where o.id = c.opportunity_id;

--bun:split

alter table stage_changes enable trigger stage_changes_feed_update;

--bun:split

-- A server of the version before, which does not know the column, may write until it is replaced.
alter table stage_changes alter column created_at set default now(), alter column created_at set not null;
