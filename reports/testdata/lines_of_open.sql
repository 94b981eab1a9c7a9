with facts as (
  select li.id
  from (select r.id, r.opportunity_id, r.product_id, r.quantity, r.unit_price as unit_price, r.amount as amount, r.position from opportunity_lines r join visible OPPORTUNITY as w on w.id = r.opportunity_id) as li
  left join visible OPPORTUNITY as o on o.id = li.opportunity_id
  where (exists (select 1 from visible OPPORTUNITY as l1 where l1.id = li.opportunity_id and l1.status = $1))
    and o.expected_close_on >= $2::date
    and o.expected_close_on < $3::date
  offset '0'
)
select 0, 1, count(*)
from facts
