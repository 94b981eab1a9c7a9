package simulate_test

import (
	"strings"
	"testing"

	"guanxi/access"
)

// A kind whose changes are not noted would be counted as it once was.
func TestEveryChangeOfHandsIsNoted(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	for _, kind := range access.Kinds {
		if kind.Guard != access.Business && kind != access.Relationship {
			continue
		}
		for trigger, parts := range map[string][]string{
			"added":   {"AFTER INSERT", "note_added_holdings"},
			"changed": append(access.Holdings(kind.Table), "AFTER UPDATE ON", "note_changed_holding"),
			"gone":    {"DELETE", "TRUNCATE", "forget_holdings"},
		} {
			var definition string
			err := c.store.DB.NewRaw("select coalesce(max(pg_get_triggerdef(oid)), '') from pg_trigger where tgrelid = ?::regclass and tgname = ? and tgenabled = 'O'",
				kind.Table, kind.Table+"_"+trigger).Scan(t.Context(), &definition)
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range parts {
				if !strings.Contains(definition, part) {
					t.Errorf("the trigger %s_%s does not speak of %s: %s", kind.Table, trigger, part, definition)
				}
			}
		}
	}
}
