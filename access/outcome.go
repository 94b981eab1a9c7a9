package access

import "fmt"

// Outcome renders how an encounter e of an opportunity o ended, derived and never written; NULL when it was cancelled.
func Outcome(o, e string) string {
	return fmt.Sprintf(`case when %[1]s.status = 'OPEN' then 'OPEN' when %[1]s.status = 'WON' then 'WE_WON'
		when %[1]s.status = 'CANCELLED' then null
		when %[1]s.won_by_id = %[2]s.competitor_id then 'THEY_WON' when %[1]s.won_by_id is not null then 'OTHER_WON'
		when exists (select 1 from dictionary_entries x where x.id = %[1]s.loss_reason_id and x.loss_kind = 'NO_DECISION') then 'NOBODY_WON'
		else 'UNKNOWN' end`, o, e)
}
