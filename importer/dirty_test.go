package importer

import (
	"bytes"
	"encoding/csv"
	"path/filepath"
	"strings"
	"testing"
)

func TestADateThatCouldBeTwoDaysIsToldAndReadByTheFirstFormat(t *testing.T) {
	mapping := `
source: test
dates: [DD-MM-YYYY, MM-DD-YYYY, YYYY-MM-DD]
files:
  customers.csv:
    columns: { closed: { dates: YYYY-MM-DD } }
    records:
      - kind: opportunity
        key: no
        fields: { title: no, status: { text: WON }, openedOn: opened, closedAt: closed }
`
	rows, problems := read(t, mapping, "no,opened,closed\n1,03-07-2021,2021-08-01\n2,13-07-2021,2021-08-01\n3,07-13-2021,2021-08-01\n4,2021-07-13,2021-08-01\n5,07-07-2021,2021-08-01\n6,13-13-2021,2021-08-01\n7,,03-07-2021\n")
	says(t, problems,
		`:2: column opened: "03-07-2021" is 2021-07-03 as DD-MM-YYYY and 2021-03-07 as MM-DD-YYYY: the first is taken`,
		`:7: column opened: "13-13-2021" is no date written as DD-MM-YYYY | MM-DD-YYYY | YYYY-MM-DD`,
		`:8: column closed: "03-07-2021" is no date written as YYYY-MM-DD`,
	)
	if problems[0].Effect != Told || problems[1].Effect != LeftOut {
		t.Errorf("effects %q, %q", problems[0].Effect, problems[1].Effect)
	}
	var days []string
	for _, row := range rows {
		days = append(days, string(row.Fields["openedOn"].Date))
	}
	if got := strings.Join(days, " "); got != "2021-07-03 2021-07-13 2021-07-13 2021-07-13 2021-07-07" {
		t.Errorf("read as %s", got)
	}
}

// lenient is a mapping whose opportunities are kept when their customer or amount is not good.
const lenient = `
source: old-crm
currency: CNY
files:
  customers.csv:
    records:
      - { kind: customer, key: no, fields: { name: name, website: site } }
  deals.csv:
    records:
      - kind: opportunity
        key: no
        fields:
          title: title
          status: { text: OPEN }
          customer: { column: [customer, site], by: [name, website], onProblem: empty }
          amount: { column: amount, onProblem: empty }
          openedOn: opened
`

const manyCustomers = "no,name,site\n1,甲,a.cn\n2,甲,b.cn\n3,乙,a.cn\n4,丙,c.cn\n5,丙,c.cn\n"

var badDeals = "no,title,customer,site,amount,opened\n1,one,甲,a.cn,5,\n2,two,乙,b.cn,五,\n3,three,丙,c.cn,7,\n4,four,甲,,8,\n5,five,戊,x.cn,many,soon\n6,six,,,,\n" +
	"7," + strings.Repeat("长", 501) + ",戊,x.cn,many,\n"

func TestAFieldMayBeLeftEmptyAndTheRowKept(t *testing.T) {
	c := newCompany(t)
	mapping, folder := files(t, lenient, "customers.csv", manyCustomers, "deals.csv", badDeals)
	want := []string{
		`deals.csv:3: column amount: "五" is no number written as 1234.56; the field was left empty`,
		`deals.csv:3: column customer, site: there is no customer with the name and website "乙/b.cn"; the field was left empty`,
		`deals.csv:4: column customer, site: 2 records of kind customer have the name and website "丙/c.cn"; the field was left empty`,
		`deals.csv:5: column customer, site: a part of the reference is empty; the field was left empty`,
		`deals.csv:6: column amount: "many" is no number`,
		`deals.csv:6: column opened: "soon" is no date`,
		`deals.csv:8: column amount: "many" is no number`,
		`deals.csv:8: column customer, site: there is no customer`,
		`deals.csv:8: column title: Text has at most`,
	}
	r := c.into(mapping, folder)
	says(t, r.Problems, want...)
	for _, p := range r.Problems[4:] {
		if p.Effect != LeftOut || strings.Contains(p.In("en"), "left empty") {
			t.Errorf("of a row that was left out: %v", p)
		}
	}
	if r.BadRows() != 2 || r.lines(Emptied) != 3 {
		t.Errorf("%d rows left out, %d with an empty field: %v", r.BadRows(), r.lines(Emptied), r.Problems)
	}
	const all = `select string_agg(concat_ws(' ', o.title, coalesce(c.name || '@' || c.website, '-'), coalesce(o.amount::int::text, '-'), o.version), ', ' order by o.title)
		from opportunities o left join customers c on c.id = o.customer_id`
	is(c, "four - 8 1, one 甲@a.cn 5 1, six - - 1, three - 7 1, two - - 1", all)

	r = c.into(mapping, folder)
	says(t, r.Problems, want...)
	c.counts(r, KindResult{Kind: "opportunity", Unchanged: 5})
	is(c, "four - 8 1, one 甲@a.cn 5 1, six - - 1, three - 7 1, two - - 1", all)

	c.people("update opportunities set customer_id = (select id from customers where website = 'b.cn') where title = 'three'")
	_, later := files(t, lenient, "customers.csv", manyCustomers+"6,乙,b.cn\n", "deals.csv", strings.Replace(badDeals, "1,one,甲,a.cn", "1,one,丁,a.cn", 1))
	r = c.into(mapping, later)
	c.counts(r, KindResult{Kind: "opportunity", Updated: 2, Unchanged: 3})
	if len(r.Kept) > 0 {
		t.Errorf("what people filled in is no difference: %v", r.Kept)
	}
	is(c, "four - 8 1, one - 5 2, six - - 1, three 甲@b.cn 7 1, two 乙@b.cn - 2", all)
}

func TestRowsWithoutAKeyAreToldApartByTheirOrder(t *testing.T) {
	c := newCompany(t)
	mapping := `
source: old-crm
files:
  tasks.csv:
    records:
      - { kind: activity, key: [what, day], numbered: true, fields: { summary: what, at: day, kind: { text: TASK }, body: { text: "by {who}" } } }
      - { kind: activity, key: { text: "{who}: {what}" }, where: { what: visit }, repeated: true, fields: { summary: who, at: { text: "2026-01-01" } } }
`
	_, folder := files(t, mapping, "tasks.csv", "what,day,who\ncall,2026-03-01,x\nvisit,2026-03-01,y\ncall,2026-03-01,x\ncall,2026-03-02,x\nvisit,2026-03-03,y\n")
	path := write(t, filepath.Join(t.TempDir(), "mapping.yaml"), mapping)
	r := c.clean(path, folder)
	if got := *r.kind("activity"); got != (KindResult{Kind: "activity", Read: 7, Created: 6, Repeated: 1, PassedOver: 3}) {
		t.Errorf("counted %+v", got)
	}
	is(c, "call: by x, call: by x, call: by x, visit: by y, visit: by y, y: ", "select string_agg(summary || ': ' || coalesce(body, ''), ', ' order by summary) from activities")
	_, turned := files(t, mapping, "tasks.csv", "what,day,who\nvisit,2026-03-03,y\ncall,2026-03-02,x\ncall,2026-03-01,x\nvisit,2026-03-01,y\ncall,2026-03-01,x\n")
	if got := *c.clean(path, turned).kind("activity"); got.Unchanged != 6 || got.Created+got.Updated > 0 {
		t.Errorf("in another order %+v", got)
	}
}

func TestAnotherFileLendsItsColumns(t *testing.T) {
	mapping := `
source: test
files:
  customers.csv:
    columns: { name: { values: { A: 甲 } } }
    records: []
  deals.csv:
    with:
      customers.csv: { key: no, columns: { firm: name, place: city } }
    records:
      - { kind: opportunity, key: deal, fields: { title: deal, status: { text: OPEN }, note: { text: "{firm} in {place}" } } }
`
	path, folder := files(t, mapping, "customers.csv", "no,name,city,more\n1, A ,南宁,\n2,B,柳州,\n3,C\n4,D,,\n2,E,,\n", "deals.csv", "deal,no\na,1\nb,2\nc,3\nd,\ne,4\n")
	source := open(t, path, folder)
	var notes []string
	var problems Problems
	if err := source.Each(func(r Row) error { notes = append(notes, r.Fields["note"].Text); return nil }, func(p Problem) { problems = append(problems, p) }); err != nil {
		t.Fatal(err)
	}
	says(t, problems, "customers.csv:4: the row cannot be read", "deals.csv:3: column no: lines 3 and 6 of customers.csv are of it", "deals.csv:4: column no: customers.csv has no row of it")
	if got := strings.Join(notes, "|"); got != "甲 in 南宁||||D in" {
		t.Errorf("notes %s", got)
	}
	if !skips(source, "more") || skips(source, "city") {
		t.Errorf("skipped %v", source.Skipped)
	}
	loaded, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(loaded, []string{filepath.Join(folder, "deals.csv")}); err == nil || !strings.Contains(err.Error(), "customers.csv is needed to read it") {
		t.Errorf("opened without the file that lends: %v", err)
	}
}

func TestServicesAndActivitiesKeepTheStoresRules(t *testing.T) {
	c := imported(t)
	mapping := `
source: old-crm
dates: YYYY-MM-DD
currency: CNY
files:
  cases.csv:
    records:
      - kind: service
        key: no
        fields: { title: no, status: status, openedAt: opened, closedAt: closed, cost: cost, customer: customer, opportunity: deal, assignee: { column: who, by: name } }
  calls.csv:
    records:
      - { kind: activity, key: no, fields: { summary: no, at: day, service: case, customer: customer, opportunity: deal } }
`
	const cases = "no,status,opened,closed,cost,customer,deal,who\n1,CLOSED,2026-01-01,2026-01-02,5,,1,李雷\n2,CLOSED,2026-01-01,,,,,\n3,OPEN,2026-01-01,2026-01-02,,,,\n4,OPEN,2026-01-01,,-5,,,\n5,OPEN,,,,,,\n6,OPEN,2026-01-01,,,C2,1,\n7,OPEN,2026-01-01,,,C2,,\n"
	path, folder := files(t, mapping, "cases.csv", cases, "calls.csv", "no,day,case,customer,deal\na,2026-02-01,1,,\nb,2026-02-01,1,C2,\nc,,,,\nd,2026-02-02,,,2\n")
	r := c.into(path, folder)
	says(t, r.Problems,
		"calls.csv:3: column case: This belongs to another customer",
		"calls.csv:4: column day: empty, but at is required",
		"cases.csv:3: column closed: empty, but it is closed",
		"cases.csv:4: column closed: Only a service that is closed",
		"cases.csv:5: column cost: A cost is 0 or more",
		"cases.csv:6: column opened: empty, but openedAt is required",
		"cases.csv:7: column deal: This belongs to another customer",
	)
	is(c, "1 CLOSED 5.0000 CNY 甲公司 李雷, 7 OPEN 乙公司", `select string_agg(concat_ws(' ', s.title, s.status, s.cost, s.currency, c.name, u.name), ', ' order by s.title)
		from services s left join customers c on c.id = s.customer_id left join users u on u.id = s.assignee_id`)
	is(c, "a NOTE 甲公司, d NOTE 乙公司", "select string_agg(a.summary || ' ' || a.kind || ' ' || c.name, ', ' order by a.summary) from activities a join customers c on c.id = a.customer_id")
	is(c, 1, "select count(*) from services where search_text like '%7%' and title = '7'")

	write(t, filepath.Join(folder, "cases.csv"), strings.NewReplacer("1,CLOSED,2026-01-01,2026-01-02,5,,1,李雷", "1,CLOSED,2026-01-01,2026-01-02,5,C1,,李雷").Replace(cases))
	c.into(path, folder)
	write(t, filepath.Join(folder, "cases.csv"), strings.NewReplacer("1,CLOSED,2026-01-01,2026-01-02,5,,1,李雷", "1,CLOSED,2026-01-01,2026-01-02,5,C2,,李雷").Replace(cases))
	c.into(path, folder)
	is(c, "a 乙公司", "select a.summary || ' ' || c.name from activities a join services s on s.id = a.service_id join customers c on c.id = a.customer_id and c.id = s.customer_id")
}

func TestProblemsBecomeATableThatNoSpreadsheetExecutes(t *testing.T) {
	c := newCompany(t)
	r := c.into(files(t, lenient, "customers.csv", "no,name,site\n1,甲,\n", "deals.csv", "no,title,customer,site,amount,opened\n1,one,,,\"=cmd|'/c'!A1\",\n2,two,,,,\"a,\n\"\"b\"\n"))
	var told bytes.Buffer
	if err := r.Problems.WriteCSV(&told); err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(told.String(), "\ufeff")
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked || len(lines) != 3 || len(lines[0]) != 9 {
		t.Fatalf("%v in %q", err, told.String())
	}
	for i, want := range []string{"deals.csv|2|opportunity|amount|'=cmd|'/c'!A1|the field was left empty|", "deals.csv|3|opportunity|opened|a,\n\"b|the row was left out|"} {
		if got := strings.Join(lines[i+1], "|"); !strings.HasPrefix(got, want) || lines[i+1][8] == "" {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestAMappingThatAsksForWhatCannotBeIsRefused(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "mapping.yaml"), `source: test
files:
  a.csv:
    with: { b.csv: { key: x, columns: { y: z } }, c.csv: { columns: { y: z } } }
    records:
      - kind: opportunity
        key: { text: "{x}" }
        numbered: true
        repeated: true
        fields:
          title: { column: x, onProblem: empty }
          note: { column: x, onProblem: guess }
          status: { text: OPEN }
          customer: { column: x, by: [name, website] }
          wonBy: { column: [x, y], by: name }
          product: { column: [x, y], by: [key, name] }
          stage: { column: [x, y], by: [name, name] }
  c.csv:
    records: []
`)
	says(t, loadProblems(t, path), "repeated and numbered", "customer: several columns", "note: onProblem may say empty", "product: several columns", "stage: several columns", "title: onProblem may say empty", "wonBy: several columns",
		"with: name another file", "with: name another file", "c.csv: records: the mapping does not say")
}

func TestNoProblemBeginsAsAFormulaInAnyWidth(t *testing.T) {
	for _, value := range []string{"=1+1", "＝1+1", "＋1", "－1", "＠A1", "\n=1"} {
		var told bytes.Buffer
		if err := (Problems{{File: "a.csv", Value: value}}).WriteCSV(&told); err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(&told).ReadAll()
		if err != nil || lines[1][4] != "'"+value {
			t.Errorf("%q stands as %q, %v", value, lines, err)
		}
	}
}
