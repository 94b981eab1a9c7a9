package server_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"guanxi/importer"
	"guanxi/server/servertest"
	"guanxi/store"
)

// TestTheZohoSampleIsImportedAndItsProblemsTold imports an export with dirty money, dates, names and keys, counts it and its
// problems straight from the files, and asks the product's own reports.
func TestTheZohoSampleIsImportedAndItsProblemsTold(t *testing.T) {
	t.Parallel()
	z := &zoho{T: t, folder: sampleFolder(t, "zoho-crm"), company: servertest.NewEmpty(t)}
	first := z.bringIn()
	if _, err := z.company.Store.CreateAccount(t.Context(), store.Account{Login: boss, Name: "Boss", Role: "administrator"}); err != nil {
		t.Fatal(err)
	}
	z.counts(first, "created")
	z.problems(first)
	z.reports()
	version := z.newest()
	second := z.bringIn()
	z.counts(second, "unchanged")
	z.problems(second)
	if again := z.newest(); again != version {
		t.Errorf("the second import wrote something: %s, then %s", version, again)
	}
	z.reports()
}

type zoho struct {
	*testing.T

	folder  string
	company *servertest.Company
}

func (z *zoho) bringIn() *importer.Result {
	z.Helper()
	mapping, err := importer.Load(filepath.Join(mappings, "zoho-crm.yaml"))
	if err != nil {
		z.Fatal(err)
	}
	source, err := importer.Open(mapping, []string{z.folder})
	if err != nil {
		z.Fatal(err)
	}
	viewer, err := z.company.Store.AtKeyboard(z.Context())
	if err != nil {
		z.Fatal(err)
	}
	result, err := importer.Run(z.Context(), z.company.Store, viewer, source, importer.Options{})
	if err != nil {
		z.Fatal(err)
	}
	return result
}

// rows reads a file without the importer, a row by column.
func (z *zoho) rows(name string) []map[string]string {
	z.Helper()
	file, err := os.Open(filepath.Join(z.folder, name))
	if err != nil {
		z.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		z.Fatal(err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, cell := range line {
			row[lines[0][i]] = strings.TrimSpace(cell)
		}
		rows = append(rows, row)
	}
	return rows
}

func (z *zoho) counts(r *importer.Result, how string) {
	z.Helper()
	read := map[string]int{
		"user": len(z.rows("Users.csv")), "customer": len(z.rows("Accounts.csv")), "contact": len(z.rows("Contacts.csv")),
		"opportunity": len(z.rows("Potentials.csv")), "service": len(z.rows("Cases.csv")),
		"activity": len(z.rows("Calls.csv")) + len(z.rows("Events.csv")) + len(z.rows("Tasks.csv")),
	}
	for _, k := range r.Kinds {
		out := 0
		if k.Kind == "customer" {
			out = 3 // without a name
		}
		want := importer.KindResult{Kind: k.Kind, Read: read[k.Kind], LeftOut: out, Made: k.Made}
		if how == "created" {
			want.Created = want.Read - out
		} else {
			want.Unchanged = want.Read - out
		}
		if k != want {
			z.Errorf("%+v, want %+v", k, want)
		}
		delete(read, k.Kind)
	}
	if len(read) > 0 {
		z.Errorf("no rows of %v", read)
	}
}

// problems holds what was told against what is wrong in the files.
func (z *zoho) problems(r *importer.Result) {
	z.Helper()
	want, got := z.wrong(), map[string]int{}
	for _, p := range r.Problems {
		got[fmt.Sprintf("%s:%d %s %q %s", filepath.Base(p.File), p.Line, p.Column, p.Value, p.Effect)]++
		if p.En == "" || p.Zh == "" {
			z.Fatalf("not told in both languages: %+v", p)
		}
	}
	for place := range want {
		if got[place] != 1 {
			z.Errorf("told %d times: %s", got[place], place)
		}
		delete(got, place)
	}
	for place := range got {
		z.Errorf("told, but nothing is wrong: %s", place)
	}
}

// wrong finds what is wrong in the files: accounts without a name, references to accounts that are not there, and leads whose
// company is not one account. No line of the files has a line break in it.
func (z *zoho) wrong() map[string]bool {
	z.Helper()
	wrong := map[string]bool{}
	known, named := map[string]bool{}, map[string]int{}
	for i, a := range z.rows("Accounts.csv") {
		if a["Account Name"] == "" {
			wrong[fmt.Sprintf(`Accounts.csv:%d Account Name "" `, i+2)] = true
			continue
		}
		known[a["ACCOUNTID"]] = true
		named[a["Account Name"]+"/"+a["Website"]]++
	}
	for file, column := range map[string]string{"Contacts.csv": "Account Id", "Calls.csv": "ACCOUNTID", "Events.csv": "ACCOUNTID"} {
		for i, row := range z.rows(file) {
			if row[column] != "" && !known[row[column]] {
				wrong[fmt.Sprintf(`%s:%d %s %q emptied`, file, i+2, column, row[column])] = true
			}
		}
	}
	company := map[string]string{}
	for _, l := range z.rows("Leads.csv") {
		company[l["LEADID"]] = strings.ReplaceAll(l["Company"], "/", "//") + "/" + l["Website"]
	}
	for i, p := range z.rows("Potentials.csv") {
		if at := company[p["LEADID"]]; named[strings.ReplaceAll(at, "//", "/")] != 1 {
			wrong[fmt.Sprintf(`Potentials.csv:%d lead company, lead website %q emptied`, i+2, at)] = true
		}
	}
	return wrong
}

// tally counts potentials.
type tally struct{ count, won, lost, open int }

// tallied counts the file's potentials, all and by owner, and adds up the amounts of those won.
func (z *zoho) tallied() (all tally, owners map[string]tally, cents int) {
	z.Helper()
	owners = map[string]tally{}
	for _, p := range z.rows("Potentials.csv") {
		one := tally{count: 1}
		switch p["Stage"] {
		case "Closed Won":
			one.won = 1
			cents += inCents(z.T, p["Amount"])
		case "Closed Lost":
			one.lost = 1
		default:
			one.open = 1
		}
		all = all.plus(one)
		owners[p["Potential Owner"]] = owners[p["Potential Owner"]].plus(one)
	}
	return all, owners, cents
}

func (t tally) plus(o tally) tally {
	return tally{t.count + o.count, t.won + o.won, t.lost + o.lost, t.open + o.open}
}

// reports asks for the figures of all potentials, and of each owner's.
func (z *zoho) reports() {
	z.Helper()
	all, owners, cents := z.tallied()
	if all != (tally{3632, 1425, 485, 1722}) {
		z.Fatalf("the file has changed: %+v", all)
	}
	answer := z.company.Ask(boss, mavenBy, map[string]any{"by": []string{"OWNER"}, "first": 100}).Good()
	total := decode[reportRow](z.T, answer.Get("report.total"))
	if got := (tally{total.Count, total.Won, total.Lost, total.Open}); got != all || total.LossRate.Sample != 1910 || !alike(total.LossRate.Value, new(485.0/1910)) {
		z.Errorf("the report says %+v, want %+v", total, all)
	}
	for _, row := range decode[[]reportRow](z.T, answer.Get("report.rows")) {
		if got := (tally{row.Count, row.Won, row.Lost, row.Open}); got != owners[row.Keys[0].Label] {
			z.Errorf("%s: %+v, want %+v", row.Keys[0].Label, got, owners[row.Keys[0].Label])
		}
		delete(owners, row.Keys[0].Label)
	}
	if len(owners) > 0 {
		z.Errorf("no rows of %v", owners)
	}
	z.amounts(cents)
}

// amounts holds what was won, at 7 yuan a dollar, against the sum of the cells.
func (z *zoho) amounts(cents int) {
	z.Helper()
	z.company.Ask(boss, `mutation { exchangeRateSet(input: {currency: "USD", validOn: "2018-01-01", rate: "7"}) { userErrors { message } } }`, nil).Good()
	answer := z.company.Ask(boss, mavenBy, map[string]any{"by": []string{"STATUS"}, "first": 10}).Good()
	if won := decode[reportRow](z.T, answer.Get("report.total")).wonValue(z.T); won != float64(cents)*7/100 {
		z.Errorf("won %v, want 7 times %d cents", won, cents)
	}
}

// inCents reads $22,700.00 without the importer.
func inCents(t *testing.T, text string) int {
	t.Helper()
	var n int
	digits := strings.NewReplacer("$", "", ",", "", ".", "").Replace(text)
	if _, err := fmt.Sscan(digits, &n); err != nil || len(text) < 4 || text[len(text)-3] != '.' {
		t.Fatalf("%q is written otherwise than this test knows: %v", text, err)
	}
	return n
}

// newest tells the state of everything that an import writes.
func (z *zoho) newest() string {
	z.Helper()
	var state string
	err := z.company.Store.Pool.QueryRow(z.Context(), `select concat_ws(' ', (select count(*) from audit_entries), (select count(*) from external_keys),
		(select max(imported_at) from external_keys), (select count(*) from stage_changes), (select sum(version) from opportunities), (select sum(version) from activities))`).Scan(&state)
	if err != nil {
		z.Fatal(err)
	}
	return state
}
