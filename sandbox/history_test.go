package sandbox_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
	"guanxi/store"
)

// unkept are columns of an opportunity that no history tells of.
var unkept = []string{"version", "updated_at", "search_terms", "search_text", "customer_owner_id"}

// keptToday reads of each opportunity what its history would keep of it today.
const keptToday = `select o.id, o.version, o.updated_at, to_jsonb(o) || jsonb_build_object(
		'lines', (select jsonb_agg(jsonb_build_object('product', product_id, 'quantity', quantity::text) order by position, id) from opportunity_lines where opportunity_id = o.id),
		'line_amounts', (select jsonb_agg(jsonb_build_object('product', product_id, 'unitPrice', unit_price::text, 'amount', amount::text) order by position, id) from opportunity_lines where opportunity_id = o.id),
		'encounters', (select jsonb_agg(jsonb_build_object('competitor', competitor_id, 'strengths', strengths, 'weaknesses', weaknesses, 'main', is_main) order by created_at, id) from encounters where opportunity_id = o.id),
		'quoted_prices', (select jsonb_agg(jsonb_build_object('competitor', competitor_id, 'quotedPrice', quoted_price::text, 'currency', currency) order by created_at, id) from encounters where opportunity_id = o.id)
	) as kept from opportunities o`

// today is an opportunity as it is.
type today struct {
	ID        uuid.UUID `bun:"id,type:uuid"`
	Version   int
	UpdatedAt time.Time
	Kept      map[string]any `bun:"kept,type:jsonb"`
}

// told is one entry of a history, and what the record's stages say of the same moment.
type told struct {
	RecordID uuid.UUID `bun:"record_id,type:uuid"`
	Action   string
	At       time.Time
	Changes  map[string]struct{ Old, New any } `bun:"changes,type:jsonb"`
	Stage    *string
	Status   *string
}

func historiesOf(t *testing.T, s *store.Store) map[uuid.UUID][]told {
	t.Helper()
	var rows []told
	err := s.DB.NewRaw(`select e.record_id, e.action, e.at, e.changes, c.to_stage_id::text as stage, c.to_status as status from audit_entries e
		left join stage_changes c on c.opportunity_id = e.record_id and c.changed_at = e.at where get_byte(uuid_send(e.record_id), 15) = ? order by e.record_id, e.at, e.id`, int(models.OpportunityCode)).Scan(t.Context(), &rows)
	if err != nil {
		t.Fatal(err)
	}
	list := map[uuid.UUID][]told{}
	for _, row := range rows {
		list[row.RecordID] = append(list[row.RecordID], row)
	}
	return list
}

// TestHistoriesLeadToTheRecordsOfToday goes through each opportunity's history: every change begins with what the one before left,
// every change of stage or status is the stage change of the same moment, and what is left at the end is the record.
func TestHistoriesLeadToTheRecordsOfToday(t *testing.T) {
	t.Parallel()
	s := sample(t)
	histories := historiesOf(t, s)
	var records []today
	if err := s.DB.NewRaw(keptToday).Scan(t.Context(), &records); err != nil {
		t.Fatal(err)
	}
	if len(records) != len(histories) || len(records) != 3_000 {
		t.Fatalf("%d opportunities have %d histories", len(records), len(histories))
	}
	var moved, guessed, unknown, handed int
	for _, record := range records {
		id, is := record.ID, map[string]any{}
		entries := histories[id]
		for i, e := range entries {
			if (e.Action == "CREATE") != (i == 0) {
				t.Fatalf("entry %d of %s is %s", i, id, e.Action)
			}
			for field, c := range e.Changes {
				if old := is[field]; field != access.PartIDs && i > 0 && !alike(c.Old, old) {
					t.Fatalf("%s of %s was %v, but %s begins with %v", field, id, old, e.Action, c.Old)
				}
				is[field] = c.New
			}
			_, stage := e.Changes["stage_id"]
			_, status := e.Changes["status"]
			if (stage || status) && (e.Stage == nil || *e.Stage != is["stage_id"] || *e.Status != is["status"]) {
				t.Fatalf("%s of %s at %s is no change of stage", e.Action, id, e.At)
			}
			if amount, has := e.Changes["amount"]; has && i > 0 {
				if guessed++; amount.Old == nil {
					unknown++
				}
			}
			if _, has := e.Changes["expected_close_on"]; has && i > 0 {
				moved++
			}
			if e.Action == "TRANSFER" {
				handed++
			}
		}
		record.isWhere(t, entries, is)
	}
	for what, n := range map[string]int{"days were moved": moved, "amounts were changed": guessed} {
		if n < 400 {
			t.Errorf("only %d %s", n, what)
		}
	}
	if unknown < 50 || handed < 50 {
		t.Errorf("%d amounts were unknown at first, %d opportunities handed over", unknown, handed)
	}
	if n := number(t, s, `select count(*) from stage_changes c where not exists (select from audit_entries e where e.record_id = c.opportunity_id and e.at = c.changed_at
		and e.action = case when c.from_status is null then 'CREATE' when c.to_status = 'OPEN' then 'STAGE' else c.to_status end)`); n != 0 {
		t.Errorf("%d changes of stage are in no history", n)
	}
}

// isWhere compares the record with what its history has led to.
func (now today) isWhere(t *testing.T, entries []told, is map[string]any) {
	t.Helper()
	if last := entries[len(entries)-1].At; now.Version != len(entries) || !now.UpdatedAt.Equal(last) {
		t.Errorf("%s has version %d of %s, and %d entries until %s", now.ID, now.Version, now.UpdatedAt, len(entries), last)
	}
	for _, column := range unkept {
		delete(now.Kept, column)
	}
	delete(is, access.PartIDs)
	for field := range is {
		if _, has := now.Kept[field]; !has {
			t.Errorf("%s of %s is no more", field, now.ID)
		}
	}
	for field, value := range now.Kept {
		if !alike(value, is[field]) {
			t.Errorf("%s of %s is %v, its history leads to %v", field, now.ID, value, is[field])
		}
	}
}

// TestCustomersHistoriesTellWhoHadThem holds each customer against the last values that its history tells of.
func TestCustomersHistoriesTellWhoHadThem(t *testing.T) {
	t.Parallel()
	s := sample(t)
	for rule, text := range map[string]string{
		"each is entered first": `select count(*) from customers c where not exists (select from audit_entries e where e.record_id = c.id and e.action = 'CREATE' and e.at = c.created_at)`,
		"what the history leads to is so today": `select count(*) from customers c join lateral (select distinct on (x.key) x.key, x.value -> 'new' as is from audit_entries e cross join lateral jsonb_each(e.changes) x
			where e.record_id = c.id order by x.key, e.at desc, e.id desc) k on k.key not like '%\_at' and to_jsonb(c) -> k.key is distinct from k.is`,
		"nothing of today is untold": `select count(*) from customers c cross join lateral jsonb_each(to_jsonb(c)) x where x.value <> 'null' and x.key not in ('version', 'updated_at', 'search_terms', 'search_text', 'phone_terms')
			and not exists (select from audit_entries e where e.record_id = c.id and jsonb_exists(e.changes, x.key))`,
		"each change begins with what was before": `select count(*) from (select c.key, c.value -> 'old' as old, lag(c.value -> 'new') over (partition by e.record_id, c.key order by e.at, e.id) as before, e.action
			from audit_entries e join customers k on k.id = e.record_id cross join lateral jsonb_each(e.changes) c) x where action <> 'CREATE' and coalesce(before, 'null') <> old`,
		"versions are entries": `select count(*) from customers c where (version, updated_at) is distinct from (select (count(*)::int, max(at)) from audit_entries e where e.record_id = c.id)`,
	} {
		if n := number(t, s, text); n != 0 {
			t.Errorf("%s: not so for %d", rule, n)
		}
	}
	for action, least := range map[string]int{"TRANSFER": 20, "RELEASE": 10} {
		if n := number(t, s, "select count(*) from audit_entries e join customers c on c.id = e.record_id where e.action = ?", action); n < least {
			t.Errorf("%d times %s", n, action)
		}
	}
}

// alike compares two values of JSON: times as times, numbers as numbers, and lists without what is not there.
func alike(a, b any) bool {
	x, y := plain(a), plain(b)
	return bytes.Equal(x, y)
}

func plain(value any) []byte {
	text, _ := json.Marshal(value)
	switch string(text) {
	case "null", "[]":
		return nil
	}
	var at time.Time
	if json.Unmarshal(text, &at) == nil {
		return []byte(at.UTC().Format(time.RFC3339Nano))
	}
	var amount struct{ A json.Number }
	if json.Unmarshal(fmt.Appendf(nil, `{"A": %s}`, text), &amount) == nil {
		number, _ := amount.A.Float64()
		return fmt.Appendf(nil, "%.4f", number)
	}
	return text
}

// asked opens the sample company for a person's reports.
func asked(t *testing.T, s *store.Store, login string) *access.Snapshot {
	t.Helper()
	var id uuid.UUID
	if err := s.DB.NewRaw("select id from users where login = ?", login).Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	v, err := access.Load(t.Context(), s.Pool, id, end)
	if err != nil {
		t.Fatal(err)
	}
	snap := access.Look(s.Pool, v)
	t.Cleanup(func() { snap.Close(t.Context()) })
	return snap
}

// TestAsOfFindsAnOpportunityClosedFromItsClosingOn asks for the status of every opportunity around some closings: right before
// one is open, from its instant on it is closed, and so is every other by when it was closed.
func TestAsOfFindsAnOpportunityClosedFromItsClosingOn(t *testing.T) {
	t.Parallel()
	s := sample(t)
	snap := asked(t, s, "admin")
	var closings []struct {
		ID uuid.UUID `bun:"id,type:uuid"`
		At time.Time
	}
	if err := s.DB.NewRaw("select distinct on (status, k) id, closed_at as at from (select *, ntile(3) over (partition by status order by closed_at) as k from opportunities where closed_at is not null) o order by status, k, id").Scan(t.Context(), &closings); err != nil {
		t.Fatal(err)
	}
	if len(closings) != 9 {
		t.Fatalf("%d closings", len(closings))
	}
	for _, c := range closings {
		for _, at := range []time.Time{c.At.Add(-time.Microsecond), c.At} {
			q := snap.Viewer.Query()
			text := "select o.status = 'OPEN', o.closed_at is null, count(*), bool_or(o.id = " + q.Bind(c.ID) + ") from " + q.VisibleThen(access.Opportunity, "o", q.Bind(at)+"::timestamptz", "") +
				" join opportunities n on n.id = o.id where o.created_at <= " + q.Bind(at) + "::timestamptz and (o.status = 'OPEN') = (n.closed_at is null or n.closed_at > " + q.Bind(at) + "::timestamptz) group by 1, 2"
			found := map[bool]int{}
			err := snap.Run(t.Context(), q, text, func(row access.Row) error {
				var open, noClosing, this bool
				var n int
				err := row.Scan(&open, &noClosing, &n, &this)
				if found[open] += n; open != noClosing || this != (open == at.Before(c.At)) {
					t.Errorf("at %s, %d are open = %v, closing known = %v; %s is among them: %v", at, n, open, !noClosing, c.ID, this)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if n := number(t, s, "select count(*) from opportunities where created_at <= ?", at); found[true]+found[false] != n {
				t.Errorf("at %s, %d of %d are told of truly", at, found[true]+found[false], n)
			}
		}
	}
}

func TestTheWaterfallLeadsFromWhatWasOpenToWhatIsOpen(t *testing.T) {
	t.Parallel()
	s := sample(t)
	snap := asked(t, s, "admin")
	from, until := time.Date(2026, 2, 28, 16, 0, 0, 0, time.UTC), time.Date(2026, 8, 31, 16, 0, 0, 0, time.UTC)
	fall, err := reports.Fall(t.Context(), snap, reports.WaterfallAsk{From: from, Until: &until})
	if err != nil {
		t.Fatal(err)
	}
	const open = "select count(*) from opportunities where created_at <= ?0 and (closed_at is null or closed_at > ?0)"
	const ended = "select count(*) from opportunities where status = ? and closed_at > ? and closed_at <= ?"
	w := fall.Total
	for what, c := range map[string]struct{ told, is int }{
		"open at the beginning": {w.Begin.Count, number(t, s, open, from)},
		"open at the end":       {w.End.Count, number(t, s, open, until)},
		"created":               {w.Created.Count, number(t, s, "select count(*) from opportunities where created_at > ? and created_at <= ?", from, until)},
		"won":                   {w.Won.Count, number(t, s, ended, models.Won, from, until)},
		"lost":                  {w.Lost.Count, number(t, s, ended, models.Lost, from, until)},
		"cancelled":             {w.Cancelled.Count, number(t, s, ended, models.Cancelled, from, until)},
	} {
		if c.told != c.is || c.is < 5 {
			t.Errorf("%s: told %d, by closedAt %d", what, c.told, c.is)
		}
	}
	if w.Reopened.Count+w.Entered.Count+w.Left.Count != 0 || w.Raised.Amount == nil || w.Raised.Amount.Amount.IsZero() || w.Lowered.Amount.Amount.IsZero() {
		t.Errorf("%d reopened, %d entered, %d left; raised by %v, lowered by %v", w.Reopened.Count, w.Entered.Count, w.Left.Count, w.Raised.Amount, w.Lowered.Amount)
	}
}

// slipped counts slips by the time that each expected closing day stood in the record, and when the record was closed.
const slipped = `with stood as (
		select e.record_id, (e.changes #>> '{expected_close_on,new}')::date as day, lag((e.changes #>> '{expected_close_on,new}')::date) over w as before,
			e.at as since, lead(e.at, 1, 'infinity') over w as until, coalesce(o.closed_at, 'infinity') as closed
		from audit_entries e join opportunities o on o.id = e.record_id where jsonb_exists(e.changes, 'expected_close_on') window w as (partition by e.record_id order by e.at, e.id)
	), slips as (
		select record_id, since as at, day - before as days from stood where before < day and since < closed and since <= ?0
		union all
		select record_id, s.ended, null from stood, lateral (select (day + 1)::timestamp at time zone 'Asia/Shanghai' as ended) s
			where s.ended >= since and s.ended < until and s.ended < closed and s.ended <= ?0)
	select count(days) as moved, count(*) - count(days) as passed, count(distinct record_id) as opportunities, sum(days) as days from slips`

func TestSlipsAreThoseOfTheDaysThatStood(t *testing.T) {
	t.Parallel()
	s := sample(t)
	snap := asked(t, s, "admin")
	for _, at := range []*time.Time{nil, new(end.AddDate(0, -7, 0))} {
		report, err := reports.New().Run(t.Context(), snap, reports.Slips, reports.Ask{Clock: "AT", First: 1, AsOf: at})
		if err != nil {
			t.Fatal(err)
		}
		now := end
		if at != nil {
			now = *at
		}
		var is struct{ Moved, Passed, Opportunities, Days int }
		if err := s.DB.NewRaw(slipped, now).Scan(t.Context(), &is); err != nil {
			t.Fatal(err)
		}
		told := reports.Shape[reports.SlipReportRow](report).Total
		if told.Moved != is.Moved || told.Passed != is.Passed || told.Count != is.Moved+is.Passed || told.Opportunities != is.Opportunities || told.DaysSlipped.String() != fmt.Sprint(is.Days) {
			t.Errorf("at %s told of %+v, counted %+v", now, told, is)
		}
		if is.Moved < 300 || is.Passed < 300 {
			t.Errorf("only %+v at %s", is, now)
		}
	}
	if n := number(t, s, "select count(*) from opportunities where (closed_at at time zone 'Asia/Shanghai')::date > expected_close_on"); n < 500 {
		t.Errorf("%d were closed after their day", n)
	}
}
