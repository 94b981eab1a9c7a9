with before as (
  select o.id,
    o.amount as stored_amount,
    o.currency as stored_currency,
    o.closed_at as closed_at,
    o.created_at as created_at,
    o.status as status,
    m.amount as amount
  from (select t.id, t.version, t.created_at, t.updated_at, t.owner_id, t.created_by, t.deleted_at, t.deletion_id, t.title, t.customer_id, t.pipeline_id, t.stage_id, t.status, t.amount as amount, t.currency, t.opened_on, t.expected_close_on, t.closed_at, t.closing_owner_id, t.closing_department_id, t.loss_reason_id, t.won_by_id, t.closing_note, t.main_competitor_id, t.main_product_id as main_product_id, t.note, t.search_terms, t.search_text, r.owner_id as holder_id from opportunities r left join (
      select e.record_id, jsonb_object_agg(c.key, c.value -> 'old' order by e.at desc, e.id desc) as was
      from audit_entries e join opportunities n on n.id = e.record_id and n.created_at <= $1::timestamptz cross join lateral jsonb_each(e.changes) as c
      where get_byte(uuid_send(e.record_id), 15) = 35 and e.at > $1::timestamptz and e.record_id in (select e.record_id from audit_entries e where get_byte(uuid_send(e.record_id), 15) = 35 and e.at > $1::timestamptz and e.at <= $2::timestamptz union select r.id from opportunities r where r.created_at > $1::timestamptz and r.created_at <= $2::timestamptz)
      group by e.record_id) as u on u.record_id = r.id
    cross join lateral (select r.id, case when jsonb_exists(u.was, 'version') then (u.was ->> 'version')::integer else r.version end as version, r.created_at, case when jsonb_exists(u.was, 'updated_at') then (u.was ->> 'updated_at')::timestamptz else r.updated_at end as updated_at, case when jsonb_exists(u.was, 'owner_id') then (u.was ->> 'owner_id')::uuid else r.owner_id end as owner_id, case when jsonb_exists(u.was, 'created_by') then (u.was ->> 'created_by')::uuid else r.created_by end as created_by, case when jsonb_exists(u.was, 'deleted_at') then (u.was ->> 'deleted_at')::timestamptz else r.deleted_at end as deleted_at, case when jsonb_exists(u.was, 'deletion_id') then (u.was ->> 'deletion_id')::uuid else r.deletion_id end as deletion_id, case when jsonb_exists(u.was, 'title') then (u.was ->> 'title')::text else r.title end as title, case when jsonb_exists(u.was, 'customer_id') then (u.was ->> 'customer_id')::uuid else r.customer_id end as customer_id, case when jsonb_exists(u.was, 'pipeline_id') then (u.was ->> 'pipeline_id')::uuid else r.pipeline_id end as pipeline_id, case when jsonb_exists(u.was, 'stage_id') then (u.was ->> 'stage_id')::uuid else r.stage_id end as stage_id, case when jsonb_exists(u.was, 'status') then (u.was ->> 'status')::text else r.status end as status, case when jsonb_exists(u.was, 'amount') then (u.was ->> 'amount')::numeric else r.amount end as amount, case when jsonb_exists(u.was, 'currency') then (u.was ->> 'currency')::text else r.currency end as currency, case when jsonb_exists(u.was, 'opened_on') then (u.was ->> 'opened_on')::date else r.opened_on end as opened_on, case when jsonb_exists(u.was, 'expected_close_on') then (u.was ->> 'expected_close_on')::date else r.expected_close_on end as expected_close_on, case when jsonb_exists(u.was, 'closed_at') then (u.was ->> 'closed_at')::timestamptz else r.closed_at end as closed_at, case when jsonb_exists(u.was, 'closing_owner_id') then (u.was ->> 'closing_owner_id')::uuid else r.closing_owner_id end as closing_owner_id, case when jsonb_exists(u.was, 'closing_department_id') then (u.was ->> 'closing_department_id')::uuid else r.closing_department_id end as closing_department_id, case when jsonb_exists(u.was, 'loss_reason_id') then (u.was ->> 'loss_reason_id')::uuid else r.loss_reason_id end as loss_reason_id, case when jsonb_exists(u.was, 'won_by_id') then (u.was ->> 'won_by_id')::uuid else r.won_by_id end as won_by_id, case when jsonb_exists(u.was, 'closing_note') then (u.was ->> 'closing_note')::text else r.closing_note end as closing_note, case when jsonb_exists(u.was, 'main_competitor_id') then (u.was ->> 'main_competitor_id')::uuid else r.main_competitor_id end as main_competitor_id, case when jsonb_exists(u.was, 'main_product_id') then (u.was ->> 'main_product_id')::uuid else r.main_product_id end as main_product_id, case when jsonb_exists(u.was, 'note') then (u.was ->> 'note')::text else r.note end as note, r.search_terms, case when jsonb_exists(u.was, 'search_text') then (u.was ->> 'search_text')::text else r.search_text end as search_text) as t where r.deleted_at is null and (true) and case when t.deletion_id is null then true else false end) as o
  cross join lateral (
    select case when o.currency = $3::text then o.amount else (
      select case when abs((o.amount * e.rate) * 10000 - trunc((o.amount * e.rate) * 10000)) = 0.5 and mod(trunc((o.amount * e.rate) * 10000), 2) = 0 then trunc((o.amount * e.rate), 4) else round((o.amount * e.rate), 4) end from exchange_rates e where e.currency = o.currency and e.valid_on <= coalesce((o.closed_at at time zone $4::text)::date, ($1::timestamptz at time zone $4::text)::date) order by e.valid_on desc limit 1
    ) end as amount) m
  where (true)
    and o.created_at <= $1::timestamptz
    and (o.id in (select e.record_id from audit_entries e where get_byte(uuid_send(e.record_id), 15) = 35 and e.at > $1::timestamptz and e.at <= $2::timestamptz union select r.id from opportunities r where r.created_at > $1::timestamptz and r.created_at <= $2::timestamptz)) is true
  offset '0'
), after as (
  select o.id,
    (o.id in (select e.record_id from audit_entries e where get_byte(uuid_send(e.record_id), 15) = 35 and e.at > $1::timestamptz and e.at <= $2::timestamptz union select r.id from opportunities r where r.created_at > $1::timestamptz and r.created_at <= $2::timestamptz)) is true as moved,
    o.amount as stored_amount,
    o.currency as stored_currency,
    o.closed_at as closed_at,
    o.created_at as created_at,
    o.status as status,
    m.amount as amount
  from (select t.id, t.version, t.created_at, t.updated_at, t.owner_id, t.created_by, t.deleted_at, t.deletion_id, t.title, t.customer_id, t.pipeline_id, t.stage_id, t.status, t.amount as amount, t.currency, t.opened_on, t.expected_close_on, t.closed_at, t.closing_owner_id, t.closing_department_id, t.loss_reason_id, t.won_by_id, t.closing_note, t.main_competitor_id, t.main_product_id as main_product_id, t.note, t.search_terms, t.search_text, r.owner_id as holder_id from opportunities r left join (
      select e.record_id, jsonb_object_agg(c.key, c.value -> 'old' order by e.at desc, e.id desc) as was
      from audit_entries e join opportunities n on n.id = e.record_id and n.created_at <= $2::timestamptz cross join lateral jsonb_each(e.changes) as c
      where get_byte(uuid_send(e.record_id), 15) = 35 and e.at > $2::timestamptz
      group by e.record_id) as u on u.record_id = r.id
    cross join lateral (select r.id, case when jsonb_exists(u.was, 'version') then (u.was ->> 'version')::integer else r.version end as version, r.created_at, case when jsonb_exists(u.was, 'updated_at') then (u.was ->> 'updated_at')::timestamptz else r.updated_at end as updated_at, case when jsonb_exists(u.was, 'owner_id') then (u.was ->> 'owner_id')::uuid else r.owner_id end as owner_id, case when jsonb_exists(u.was, 'created_by') then (u.was ->> 'created_by')::uuid else r.created_by end as created_by, case when jsonb_exists(u.was, 'deleted_at') then (u.was ->> 'deleted_at')::timestamptz else r.deleted_at end as deleted_at, case when jsonb_exists(u.was, 'deletion_id') then (u.was ->> 'deletion_id')::uuid else r.deletion_id end as deletion_id, case when jsonb_exists(u.was, 'title') then (u.was ->> 'title')::text else r.title end as title, case when jsonb_exists(u.was, 'customer_id') then (u.was ->> 'customer_id')::uuid else r.customer_id end as customer_id, case when jsonb_exists(u.was, 'pipeline_id') then (u.was ->> 'pipeline_id')::uuid else r.pipeline_id end as pipeline_id, case when jsonb_exists(u.was, 'stage_id') then (u.was ->> 'stage_id')::uuid else r.stage_id end as stage_id, case when jsonb_exists(u.was, 'status') then (u.was ->> 'status')::text else r.status end as status, case when jsonb_exists(u.was, 'amount') then (u.was ->> 'amount')::numeric else r.amount end as amount, case when jsonb_exists(u.was, 'currency') then (u.was ->> 'currency')::text else r.currency end as currency, case when jsonb_exists(u.was, 'opened_on') then (u.was ->> 'opened_on')::date else r.opened_on end as opened_on, case when jsonb_exists(u.was, 'expected_close_on') then (u.was ->> 'expected_close_on')::date else r.expected_close_on end as expected_close_on, case when jsonb_exists(u.was, 'closed_at') then (u.was ->> 'closed_at')::timestamptz else r.closed_at end as closed_at, case when jsonb_exists(u.was, 'closing_owner_id') then (u.was ->> 'closing_owner_id')::uuid else r.closing_owner_id end as closing_owner_id, case when jsonb_exists(u.was, 'closing_department_id') then (u.was ->> 'closing_department_id')::uuid else r.closing_department_id end as closing_department_id, case when jsonb_exists(u.was, 'loss_reason_id') then (u.was ->> 'loss_reason_id')::uuid else r.loss_reason_id end as loss_reason_id, case when jsonb_exists(u.was, 'won_by_id') then (u.was ->> 'won_by_id')::uuid else r.won_by_id end as won_by_id, case when jsonb_exists(u.was, 'closing_note') then (u.was ->> 'closing_note')::text else r.closing_note end as closing_note, case when jsonb_exists(u.was, 'main_competitor_id') then (u.was ->> 'main_competitor_id')::uuid else r.main_competitor_id end as main_competitor_id, case when jsonb_exists(u.was, 'main_product_id') then (u.was ->> 'main_product_id')::uuid else r.main_product_id end as main_product_id, case when jsonb_exists(u.was, 'note') then (u.was ->> 'note')::text else r.note end as note, r.search_terms, case when jsonb_exists(u.was, 'search_text') then (u.was ->> 'search_text')::text else r.search_text end as search_text) as t where r.deleted_at is null and (true) and case when t.deletion_id is null then true else false end) as o
  cross join lateral (
    select case when o.currency = $5::text then o.amount else (
      select case when abs((o.amount * e.rate) * 10000 - trunc((o.amount * e.rate) * 10000)) = 0.5 and mod(trunc((o.amount * e.rate) * 10000), 2) = 0 then trunc((o.amount * e.rate), 4) else round((o.amount * e.rate), 4) end from exchange_rates e where e.currency = o.currency and e.valid_on <= coalesce((o.closed_at at time zone $6::text)::date, ($2::timestamptz at time zone $6::text)::date) order by e.valid_on desc limit 1
    ) end as amount) m
  where (true)
    and o.created_at <= $2::timestamptz
    and (o.status = 'OPEN' or (o.id in (select e.record_id from audit_entries e where get_byte(uuid_send(e.record_id), 15) = 35 and e.at > $1::timestamptz and e.at <= $2::timestamptz union select r.id from opportunities r where r.created_at > $1::timestamptz and r.created_at <= $2::timestamptz)) is true)
  offset '0'
), moves as (
  select coalesce(b.id, a.id) as id, null::text as k1, b.id is not null as was, a.id is not null as "is", coalesce(b.status = 'OPEN', false) as was_open,
    coalesce(a.status, '') as status, b.id is null and coalesce(a.created_at > $1::timestamptz, false) as created, b.amount as first, a.amount as last, x.amount as unchanged
  from before b full join (select * from after where moved) a on a.id = b.id
  cross join lateral (select b.stored_amount as amount, b.stored_currency as currency, coalesce((a.closed_at at time zone $6::text)::date, ($2::timestamptz at time zone $6::text)::date) as day) r
  cross join lateral (
    select case when r.currency = $3::text then r.amount else (
      select case when abs((r.amount * e.rate) * 10000 - trunc((r.amount * e.rate) * 10000)) = 0.5 and mod(trunc((r.amount * e.rate) * 10000), 2) = 0 then trunc((r.amount * e.rate), 4) else round((r.amount * e.rate), 4) end from exchange_rates e where e.currency = r.currency and e.valid_on <= r.day order by e.valid_on desc limit 1
    ) end as amount) x
  union all
  select a.id, null::text, true, true, true, a.status, false, x.amount, a.amount, a.amount
  from after a
  cross join lateral (select a.stored_amount as amount, a.stored_currency as currency, ($1::timestamptz at time zone $4::text)::date as day) r
  cross join lateral (
    select case when r.currency = $3::text then r.amount else (
      select case when abs((r.amount * e.rate) * 10000 - trunc((r.amount * e.rate) * 10000)) = 0.5 and mod(trunc((r.amount * e.rate) * 10000), 2) = 0 then trunc((r.amount * e.rate), 4) else round((r.amount * e.rate), 4) end from exchange_rates e where e.currency = r.currency and e.valid_on <= r.day order by e.valid_on desc limit 1
    ) end as amount) x
  where not a.moved
  offset 0
), steps as (
  select m.id, m.k1, s.step, s.amount
  from moves m cross join lateral (values
    ('BEGIN', was_open, first),
    ('CREATED', created, last),
    ('ENTERED', not was and not created and status = 'OPEN', last),
    ('REOPENED', was and not was_open and status = 'OPEN', last),
    ('REVALUED', was_open and "is" and coalesce(unchanged, 0) <> coalesce(first, 0), coalesce(unchanged, 0) - coalesce(first, 0)),
    ('RAISED', was_open and "is" and coalesce(last, 0) > coalesce(unchanged, 0), coalesce(last, 0) - coalesce(unchanged, 0)),
    ('LOWERED', was_open and "is" and coalesce(last, 0) < coalesce(unchanged, 0), coalesce(unchanged, 0) - coalesce(last, 0)),
    ('WON', (was_open or created) and status = 'WON', last),
    ('LOST', (was_open or created) and status = 'LOST', last),
    ('CANCELLED', (was_open or created) and status = 'CANCELLED', last),
    ('LEFT', was_open and not "is", first),
    ('END', status = 'OPEN', last)
  ) as s (step, holds, amount) where s.holds
)
