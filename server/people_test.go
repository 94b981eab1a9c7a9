package server_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"guanxi/models"
	"guanxi/server/servertest"
)

// How much of a kind somebody sees.
const (
	everything = "all"
	some       = "some"
	nothing    = "none"
)

// expectations say in a word what each person sees of customers, contacts, opportunities, services, documents, activities.
var expectations = map[string][6]string{
	"guangdong.sales": {some, some, some, some, some, some},
	"guangxi.sales":   {some, some, some, some, some, some},
	"xiaowang":        {some, some, some, some, some, some},
	"twohats":         {some, some, some, some, some, some},
	"guangdong.head":  {some, some, some, some, some, some},
	"guangxi.head":    {some, some, some, some, some, some},
	"director":        {some, some, some, some, some, some},
	"new.director":    {some, some, nothing, nothing, nothing, nothing}, // what lies in a pool
	"leader":          {some, some, nothing, nothing, nothing, nothing},
	"head":            {some, some, some, some, some, some},
	"apart":           {some, some, some, some, some, some},
	"finance":         {everything, everything, nothing, nothing, some, nothing}, // documents whose list he is on
	"marketing":       {everything, everything, nothing, nothing, nothing, nothing},
	"service":         {everything, everything, nothing, everything, nothing, nothing},
	"analyst":         {everything, everything, everything, everything, some, everything}, // some documents have a list of their own
	"admin":           {everything, everything, everything, everything, some, everything},
}

// person is somebody with what he is to see.
type person struct {
	*testing.T

	company *servertest.Company
	login   string
	id      string
	known   sync.Once
	visible map[string]map[string]bool // ids, by the kind's list
	hidden  map[string][]string
}

func newPerson(t *testing.T, c *servertest.Company, login string) *person {
	t.Helper()
	id := idsOf(t, c, "select id from users where login = $1", login)[0]
	p := &person{T: t, company: c, login: login, id: id, visible: map[string]map[string]bool{}, hidden: map[string][]string{}}
	for _, k := range recordKinds {
		p.visible[k.list], p.hidden[k.list] = k.sees(t, c, login)
	}
	return p
}

func (p *person) ask(query string, variables map[string]any) *servertest.Answer {
	p.Helper()
	return p.company.Ask(p.login, query, variables).Good()
}

// TestEachPersonSeesWhatTheProductSays holds lists, counts, reports, records, Customer 360 and search of each person of the
// stories against the rules.
func TestEachPersonSeesWhatTheProductSays(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	for login, words := range expectations {
		t.Run(login, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t, c, login)
			p.told(words)
			p.lists()
			p.reports()
			p.single()
			p.around()
			p.finds()
		})
	}
}

// told holds the expected sets against the words.
func (p *person) told(words [6]string) {
	p.Helper()
	counts := make([]string, len(recordKinds))
	for i, k := range recordKinds {
		is := some
		switch {
		case len(p.visible[k.list]) == 0:
			is = nothing
		case len(p.hidden[k.list]) == 0:
			is = everything
		}
		if is != words[i] {
			p.Errorf("%s is to see %s of the %s, by the rules %s", p.login, words[i], k.list, is)
		}
		counts[i] = fmt.Sprintf("%d of %d %s", len(p.visible[k.list]), len(p.visible[k.list])+len(p.hidden[k.list]), k.list)
	}
	p.Logf("%s is to see %s", p.login, strings.Join(counts, ", "))
}

// lists pages through every kind to the end.
func (p *person) lists() {
	p.Helper()
	for _, k := range recordKinds {
		query := "query($after: String) { list: " + k.list + "(first: 100, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }"
		seen := map[string]bool{}
		for after := any(nil); ; {
			answer := p.ask(query, map[string]any{"after": after})
			if total := int(answer.Number("list.totalCount")); total != len(p.visible[k.list]) {
				p.Errorf("%s counts %d %s, not %d", p.login, total, k.list, len(p.visible[k.list]))
			}
			for _, node := range answer.List("list.nodes") {
				seen[node.(map[string]any)["id"].(string)] = true
			}
			if answer.Get("list.pageInfo.hasNextPage") != true {
				break
			}
			after = answer.Text("list.pageInfo.endCursor")
		}
		if !maps.Equal(seen, p.visible[k.list]) {
			p.Errorf("%s lists %d %s, not %d", p.login, len(seen), k.list, len(p.visible[k.list]))
		}
	}
}

// reports count exactly the opportunities that the person sees; whose customer he does not see is unknown.
func (p *person) reports() {
	p.Helper()
	opportunities, customers := slices.Collect(maps.Keys(p.visible["opportunities"])), slices.Collect(maps.Keys(p.visible["customers"]))
	want := rowsOf[struct{ Count, Won, Lost, Open, Unknown int }](p.T, p.company, `select count(*), count(*) filter (where status = 'WON'), count(*) filter (where status = 'LOST'),
		count(*) filter (where status = 'OPEN'), count(*) filter (where customer_id is null or customer_id <> all ($2::uuid[])) from opportunities where id = any ($1::uuid[])`, opportunities, customers)[0]
	answer := p.ask(`{ opportunityReport(by: [CUSTOMER]) { total { count won lost open } rows { keys { id unknown } count } coverage { field unknown } }
		lossRate { total { won lost } } }`, nil)
	total := decode[reportRow](p.T, answer.Get("opportunityReport.total"))
	losses := decode[reportRow](p.T, answer.Get("lossRate.total"))
	if total.Count != want.Count || total.Won != want.Won || total.Lost != want.Lost || total.Open != want.Open || losses.Won != want.Won || losses.Lost != want.Lost {
		p.Errorf("%s reports %+v and %+v, want %+v", p.login, total, losses, want)
	}
	for _, row := range decode[[]reportRow](p.T, answer.Get("opportunityReport.rows")) {
		if row.Keys[0].Unknown && row.Count != want.Unknown || !row.Keys[0].Unknown && !p.visible["customers"][row.Keys[0].ID] {
			p.Errorf("%s has the row %+v; %d are unknown", p.login, row, want.Unknown)
		}
	}
	for _, coverage := range decode[[]struct {
		Field   string
		Unknown int
	}](p.T, answer.Get("opportunityReport.coverage")) {
		if coverage.Field == "CUSTOMER" && coverage.Unknown != want.Unknown {
			p.Errorf("%s covers %+v; %d are unknown", p.login, coverage, want.Unknown)
		}
	}
}

// single asks for records one by one, seen, hidden and never issued.
func (p *person) single() {
	p.Helper()
	for _, k := range recordKinds {
		query := "query($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } one: " + k.one + "(id: $id) { id version owner { name } } }"
		never := p.ask(query, map[string]any{"id": neverIssued(k)})
		for _, id := range few(p.hidden[k.list]) {
			if answer := p.ask(query, map[string]any{"id": id}); string(answer.Body) != string(never.Body) {
				p.Errorf("%s asks for a hidden one of the %s and is told %s", p.login, k.list, answer.Body)
			}
		}
		for _, id := range few(slices.Sorted(maps.Keys(p.visible[k.list]))) {
			answer := p.ask(query, map[string]any{"id": id})
			if answer.Get("node.id") != id || answer.Get("nodes.0.id") != id || answer.Get("one.id") != id {
				p.Errorf("%s asks for one of the %s and is told %s", p.login, k.list, answer.Body)
			}
		}
	}
}

// few are some of many ids.
func few(ids []string) (list []string) {
	for i := 0; i < len(ids); i += len(ids)/4 + 1 {
		list = append(list, ids[i])
	}
	return list
}

var codes = map[string]models.KindCode{
	"CUSTOMER": models.CustomerCode, "CONTACT": models.ContactCode, "OPPORTUNITY": models.OpportunityCode,
	"SERVICE": models.ServiceCode, "DOCUMENT": models.DocumentCode, "ACTIVITY": models.ActivityCode,
}

// neverIssued is an id that looks like the kind's and is nobody's.
func neverIssued(k record) string { return models.NewID(codes[k.kind]).String() }

const aroundACustomer = `query($id: ID!) { customer(id: $id) { owner { id } value { opportunityCount } contacts(first: 100) { totalCount edges { node { id } } }
	opportunities(first: 100) { totalCount nodes { id } } services(first: 100) { totalCount nodes { id } } documents(first: 100) { totalCount nodes { id } }
	activities(first: 100) { totalCount nodes { id } } timeline(first: 100) { edges { node { __typename id } } }
	network(depth: 2, first: 100) { nodes { party { __typename id } } } } }`

// around holds what is strung to the customers with most opportunities against what the person sees of it.
func (p *person) around() {
	p.Helper()
	busiest := idsOf(p.T, p.company, `select c.id from customers c left join opportunities o on o.customer_id = c.id where c.id = any ($1::uuid[]) group by c.id
		order by count(o.id) desc, c.id limit 4`, slices.Collect(maps.Keys(p.visible["customers"])))
	if len(busiest) == 0 {
		p.Fatalf("%s sees no customer", p.login)
	}
	for _, id := range busiest {
		answer := p.ask(aroundACustomer, map[string]any{"id": id})
		for list, text := range map[string]string{
			"contacts": `select e.a_id from relationships e join relationship_types t on t.id = e.type_id and t.code = 'WORKS_AT' where e.b_id = $1 and e.deleted_at is null
				and (e.valid_until is null or e.valid_until > '2026-09-17')`,
			"opportunities": "select id from opportunities where customer_id = $1", "services": "select id from services where customer_id = $1",
			"documents": "select id from documents where customer_id = $1", "activities": "select id from activities where customer_id = $1",
		} {
			want := 0
			for _, id := range idsOf(p.T, p.company, text, id) {
				if p.visible[list][id] {
					want++
				}
			}
			if total := int(answer.Number("customer." + list + ".totalCount")); total != want {
				p.Errorf("%s sees %d %s of customer %s, not %d", p.login, total, list, id, want)
			}
		}
		p.onlyVisible("around customer "+id, answer.Data)
	}
}

var listOf = map[string]string{
	"Customer": "customers", "Contact": "contacts", "Opportunity": "opportunities", "Service": "services", "Document": "documents", "Activity": "activities",
}

// onlyVisible fails when an answer has the id of a record that is hidden from the person.
func (p *person) onlyVisible(where string, value any) {
	p.Helper()
	switch value := value.(type) {
	case []any:
		for _, one := range value {
			p.onlyVisible(where, one)
		}
	case map[string]any:
		name, _ := value["__typename"].(string)
		id, _ := value["id"].(string)
		if list := listOf[name]; list != "" && !p.visible[list][id] {
			p.Errorf("%s is shown %s %s, %s", p.login, name, id, where)
		}
		for _, one := range value {
			p.onlyVisible(where, one)
		}
	}
}

// finds looks for customers by name: hidden ones are not found, seen ones are.
func (p *person) finds() {
	p.Helper()
	const query = `query($text: String!) { search(text: $text, kinds: [CUSTOMER, CONTACT, OPPORTUNITY, SERVICE, DOCUMENT, ACTIVITY], first: 100) {
		totalCount nodes { record { __typename id } } } }`
	for _, id := range append(few(p.hidden["customers"]), few(slices.Sorted(maps.Keys(p.visible["customers"])))...) {
		name := rowsOf[struct{ Name string }](p.T, p.company, "select name from customers where id = $1", id)[0].Name
		answer := p.ask(query, map[string]any{"text": name})
		found := strings.Contains(string(answer.Body), strconv.Quote(id))
		if found != p.visible["customers"][id] {
			p.Errorf("%s looks for %s and is told %.500s", p.login, name, answer.Body)
		}
		p.onlyVisible("looking for "+name, answer.Data)
		if total := int(answer.Number("search.totalCount")); total != len(answer.List("search.nodes")) && total <= 100 {
			p.Errorf("%s finds %d for %s and is shown %d", p.login, total, name, len(answer.List("search.nodes")))
		}
	}
}
