package feed_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/internal/pgtest"
)

// notRecords are the tables whose changes the feed does not tell, each with the reason.
var notRecords = map[string]string{
	"access_log":       "a log of who read what: it is only added to, and nothing depends on it",
	"audit_entries":    "a history of changes, each written beside the change that the feed tells",
	"api_tokens":       "credentials are no records",
	"sessions":         "credentials are no records",
	"secrets":          "credentials are no records",
	"sign_in_tries":    "it counts tries to sign in",
	"external_keys":    "names that other systems have for records, written with the records",
	"idempotency_keys": "it remembers requests",
	"rights_epoch":     "a counter of changes that the feed tells",
	"locks":            "names to lock",
	"report_usage":     "it counts what is used",
	"jobs":             "work to do, told by its own table",
	"uploads":          "files on their way, which no record names yet",
	"holding_counts":   "numbers of records, which the feed tells",
	"holding_changes":  "what records were before changes that the feed tells",
	"holding_state":    "when records were counted",
	"search_forms":     "it tells how far names are written anew",
	"feed":             "the feed itself",
	"feed_sealing":     "the feed itself",
}

// Every kind of record, and every table that is not known to be none, tells the feed of each insert, update and delete,
// under the kind's code.
func TestEveryTableOfRecordsTellsTheFeed(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	rows, err := pool.Query(t.Context(), `select c.relname, coalesce(string_agg(pg_get_triggerdef(g.oid), E'\n'), '')
		from pg_class c left join pg_trigger g on g.tgrelid = c.oid and not g.tgisinternal and g.tgname like '%\_feed\_%'
		where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname not like 'bun\_%' group by 1`)
	if err != nil {
		t.Fatal(err)
	}
	triggers := map[string]string{}
	var table, definitions string
	if _, err := pgx.ForEachRow(rows, []any{&table, &definitions}, func() error {
		triggers[table] = definitions
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, table := range slices.Sorted(maps.Keys(triggers)) {
		if notRecords[table] != "" {
			if triggers[table] != "" {
				t.Errorf("%s tells the feed, and the test says that it does not", table)
			}
			continue
		}
		for _, event := range []string{"INSERT", "UPDATE", "DELETE"} {
			if !strings.Contains(triggers[table], "AFTER "+event+" ON") {
				t.Errorf("%s does not tell the feed of %s", table, event)
			}
		}
	}
	for _, kind := range access.Kinds {
		code := "feed_records('" + strconv.Itoa(int(kind.Code)) + "')"
		if kind == access.Encounter { // names the opportunities
			code = "('" + strconv.Itoa(int(kind.Code)) + "', 'opportunity_id')"
		}
		if kind != access.AccessLogEntry && strings.Count(triggers[kind.Table], code) != 3 {
			t.Errorf("the feed is not told of %s: want three triggers with %s, there are\n%s", kind.Name, code, triggers[kind.Table])
		}
	}
}
