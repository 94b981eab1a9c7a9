package access

// Outcome renders how an encounter e of an opportunity o, lost for the reason lr if any, ended: derived and never written.
// An encounter of a cancelled opportunity has none; leave those out.
const Outcome = `case
      when o.status = 'OPEN' then 'OPEN'
      when o.status = 'WON' then 'WE_WON'
      when o.won_by_id = e.competitor_id then 'THEY_WON'
      when o.won_by_id is not null then 'OTHER_WON'
      when lr.loss_kind = 'NO_DECISION' then 'NOBODY_WON'
      else 'UNKNOWN'
    end`
