package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"guanxi/access"
	"guanxi/models"
	"guanxi/server"
	"guanxi/server/servertest"
)

// letExport gives a role the permissions to take out records of these kinds.
func letExport(t *testing.T, c *servertest.Company, role string, kinds ...*access.Kind) {
	t.Helper()
	for _, kind := range kinds {
		if _, err := c.Store.DB.ExecContext(t.Context(), "update roles set permissions = permissions || array[?] where code = ?", string(access.To(access.Export, kind)), role); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAFileTakesOutOnlyWhatItsAskerMay asks for files that count and name records of several kinds, with more and more permissions.
func TestAFileTakesOutOnlyWhatItsAskerMay(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	const login = "guangdong.sales"
	counted, grouped := `{ lossRate { total { count } } }`, `{ lossRate(by: [STATUS, CUSTOMER]) { rows { count } } }`
	named := `query($with: Boolean = true) { lossRate { total { records(first: 1) { nodes { title customer @include(if: $with) { name } } } } } }`
	through := `{ lossRate { total { records(first: 1) { nodes { ...F } } } } } fragment F on Opportunity { customer { timeline(first: 1) { nodes { at } } } }`
	parts := `{ encounterReport { total { count } } competitorAnalysis { unattributed { lost } } }`
	expect := func(query string, variables map[string]any, lacks string) {
		t.Helper()
		for _, ending := range []string{"csv", "xlsx", "json"} {
			a := fileOf(t, c, login, "/reports."+ending, query, variables)
			switch {
			case lacks == "" && a.Status != http.StatusOK:
				t.Errorf("%s as %s: answered %d %s", query, ending, a.Status, a.Body)
			case lacks != "" && (a.Status != http.StatusForbidden || !strings.Contains(a.Refused("PERMISSION_DENIED").Message, lacks)):
				t.Errorf("%s as %s: want %s lacking, answered %d %s", query, ending, lacks, a.Status, a.Body)
			}
		}
		c.Ask(login, query, variables).Good()
	}
	for _, query := range []string{counted, grouped, named, parts} {
		lacks := "OPPORTUNITY_EXPORT"
		if query == grouped || query == named {
			lacks = "CUSTOMER_EXPORT"
		}
		expect(query, nil, lacks)
	}
	letExport(t, c, "sales", access.Opportunity)
	expect(counted, nil, "")
	expect(parts, nil, "")
	expect(grouped, nil, "CUSTOMER_EXPORT")
	expect(named, nil, "CUSTOMER_EXPORT")
	expect(named, map[string]any{"with": false}, "")
	letExport(t, c, "sales", access.Customer)
	expect(grouped, nil, "")
	expect(named, nil, "")
	expect(through, nil, "SERVICE_EXPORT")
	expect(`{ relationshipReport { total { count } } }`, nil, "RELATIONSHIP_EXPORT")
}

// TestASavedReportIsAFileLikeOthers opens a report that is shared with somebody who may not take its records out.
func TestASavedReportIsAFileLikeOthers(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	id := save(c, "admin", "x", lostBy, "{}")
	share(t, c, "admin", id, "guangdong.sales")
	for _, ending := range []string{".csv", ".xlsx", ".json"} {
		if a := open(c, "guangdong.sales", id, ending); a.Status != http.StatusForbidden || !strings.Contains(a.Refused("PERMISSION_DENIED").Message, "OPPORTUNITY_EXPORT") {
			t.Errorf("%s is answered %d %s", ending, a.Status, a.Body)
		}
	}
	letExport(t, c, "sales", access.Opportunity)
	open(c, "guangdong.sales", id, ".json").Good()
	if a := open(c, "guangdong.sales", id, ".json?by=CUSTOMER"); !strings.Contains(a.Refused("PERMISSION_DENIED").Message, "CUSTOMER_EXPORT") {
		t.Errorf("by customer it is answered %s", a.Body)
	}
}

// TestLookingForASavedReportIsCharged looks for reports that are not there until no points are left.
func TestLookingForASavedReportIsCharged(t *testing.T) {
	t.Parallel()
	c := servertest.New(t, func(o *server.Options) { o.Limits.CostPerMinute, o.Limits.CostBurst = 1, 3 })
	never := models.NewID(models.SavedReportCode).String()
	got := ""
	for range 5 {
		got += fmt.Sprintf("%d ", open(c, "admin", never, ".csv").Status)
	}
	if got != "404 404 404 429 429 " {
		t.Errorf("looked for five times with three points: %s", got)
	}
}
