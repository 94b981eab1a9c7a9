package importer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

const (
	data     = "../../shared/data/"
	examples = "../docs/examples/"
)

// needs skips the test where a public sample is missing.
func needs(t *testing.T, folder string) string {
	t.Helper()
	path := filepath.Join(data, folder)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("SKIPPED: the sample files in %s are not here", path)
	}
	return path
}

// all reads everything and fails on a problem.
func all(t *testing.T, source *Source) []Row {
	t.Helper()
	var rows []Row
	err := source.Each(func(row Row) error { rows = append(rows, row); return nil }, func(p Problem) { t.Errorf("problem: %v", p) })
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func open(t *testing.T, mapping string, paths ...string) *Source {
	t.Helper()
	loaded, err := Load(mapping)
	if err != nil {
		t.Fatal(err)
	}
	source, err := Open(loaded, paths)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func TestMavenBecomesRecords(t *testing.T) {
	source := open(t, examples+"maven-crm.yaml", needs(t, "maven-crm"))
	rows := all(t, source)
	count, won, statuses, unknown := map[string]int{}, decimal.Zero, map[string]int{}, map[string]int{}
	for _, row := range rows {
		count[row.Kind]++
		if row.Kind != "opportunity" {
			continue
		}
		statuses[row.Fields["status"].Text]++
		if row.Fields["status"].Text == "WON" {
			won = won.Add(row.Fields["amount"].Number)
		}
		for name, value := range row.Fields {
			if value.Type == Empty {
				unknown[name]++
			}
		}
	}
	for kind, want := range map[string]int{
		"department": 9, "user": 35, "product": 7, "customer": 85, "relationship": 15, "opportunity": 8800,
	} {
		if count[kind] != want {
			t.Errorf("%d of kind %s, want %d", count[kind], kind, want)
		}
	}
	for status, want := range map[string]int{"OPEN": 2089, "WON": 4238, "LOST": 2473} {
		if statuses[status] != want {
			t.Errorf("%d %s, want %d", statuses[status], status, want)
		}
	}
	for name, want := range map[string]int{"customer": 1425, "openedOn": 500, "closedAt": 2089, "amount": 2089 + 2473, "product": 0} {
		if unknown[name] != want {
			t.Errorf("%s unknown in %d, want %d", name, unknown[name], want)
		}
	}
	if won.String() != "10005534" {
		t.Errorf("won value %s, want 10005534", won)
	}
	if len(source.Skipped) != 1 || filepath.Base(source.Skipped[0].File) != "data_dictionary.csv" || len(source.Missing) != 0 {
		t.Errorf("skipped %v, missing %v", source.Skipped, source.Missing)
	}
	if source.Read() != source.Size() {
		t.Errorf("read %d bytes of %d", source.Read(), source.Size())
	}
}

func TestMavenReferencesLeadToRecords(t *testing.T) {
	rows := all(t, open(t, examples+"maven-crm.yaml", needs(t, "maven-crm")))
	known := map[string]bool{}
	for _, row := range rows {
		known[row.Kind+" "+row.Key] = true
	}
	for _, row := range rows {
		for name, value := range row.Fields {
			if value.Type == Reference && value.Ref.By == ByKey && !known[value.Ref.Kind+" "+value.Ref.Key] {
				t.Fatalf("%s:%d: %s leads to no %s %q", row.File, row.Line, name, value.Ref.Kind, value.Ref.Key)
			}
		}
	}
	if !known["department Central/Dustin Brinkmann"] {
		t.Error("the team of Dustin Brinkmann in Central is missing")
	}
}

func TestMavenVariantsGiveTheSameRows(t *testing.T) {
	folder, variants := needs(t, "maven-crm"), needs(t, "maven-crm-variants")
	want := all(t, open(t, examples+"maven-crm.yaml", folder))
	for mapping, file := range map[string]string{
		"maven-crm-us-dates.yaml": "sales_pipeline_us_dates.csv",
		"maven-crm-ddmmyy.yaml":   "sales_pipeline_ddmmyy_quarters.csv",
	} {
		source := open(t, examples+mapping, folder, filepath.Join(variants, file))
		got := all(t, source)
		if len(got) != len(want) {
			t.Fatalf("%s: %d rows, want %d", mapping, len(got), len(want))
		}
		for i := range want {
			if got[i].String() != want[i].String() {
				t.Fatalf("%s: row %d is\n%s\nwant\n%s", mapping, i, got[i], want[i])
			}
		}
		if mapping == "maven-crm-ddmmyy.yaml" && !skips(source, "engage_quarter") {
			t.Errorf("the quarters are not listed as skipped: %v", source.Skipped)
		}
	}
}

func skips(source *Source, column string) bool {
	for _, skipped := range source.Skipped {
		if strings.Contains(strings.Join(skipped.Columns, " "), column) {
			return true
		}
	}
	return false
}

func TestAVariantReadWithTheWrongFormatIsReported(t *testing.T) {
	folder, variants := needs(t, "maven-crm"), needs(t, "maven-crm-variants")
	dir := t.TempDir()
	from, err := os.ReadFile(filepath.Join(variants, "sales_pipeline_us_dates.csv"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "sales_pipeline.csv"), string(from))
	source := open(t, examples+"maven-crm.yaml", filepath.Join(folder, "accounts.csv"), filepath.Join(dir, "sales_pipeline.csv"))
	taken, bad := 0, 0
	err = source.Each(func(row Row) error {
		if row.Kind == "opportunity" {
			taken++
		}
		return nil
	}, func(p Problem) {
		if bad == 0 && !strings.Contains(p.Error(), `sales_pipeline.csv:2: column close_date: "3/1/2017" is no date written as YYYY-MM-DD`) {
			t.Errorf("problem: %v", p)
		}
		bad++
	})
	if err != nil || taken != 500 || bad != (8800-500)+(8800-2089) {
		t.Errorf("took %d rows (the 500 without any date expected), %d problems, %v", taken, bad, err)
	}
	if len(source.Missing) != 2 {
		t.Errorf("missing: %v", source.Missing)
	}
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
