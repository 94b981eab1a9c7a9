package server_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"guanxi/server/servertest"
)

// Attacks on what one may not read, each by its number in the product's list of threats.

func TestA01CountsCountWhatIsSeen(t *testing.T) {
	t.Parallel()
	p := newPerson(t, servertest.New(t), "guangdong.sales")
	for _, k := range []record{recordKinds[0], recordKinds[1], recordKinds[2], recordKinds[3], recordKinds[4], recordKinds[5]} {
		field := map[string]string{"customers": "name", "contacts": "name", "documents": "name", "activities": "summary"}[k.list]
		if field == "" {
			field = "title"
		}
		hidden := rowsOf[struct{ Name string }](t, p.company, "select left("+field+", 3) from "+k.table+" where id = any ($1::uuid[]) order by id limit 5", p.hidden[k.list])
		for _, one := range hidden {
			want := rowsOf[struct{ N int }](t, p.company, "select count(*) from "+k.table+" where starts_with("+field+", $1) and id = any ($2::uuid[])", one.Name, slices.Collect(maps.Keys(p.visible[k.list])))[0].N
			where := map[string]any{"where": map[string]any{field: map[string]any{"startsWith": one.Name}}}
			upper := strings.ToUpper(k.one[:1]) + k.one[1:]
			a := p.ask("query($where: "+upper+"Where) { list: "+k.list+"(where: $where, first: 1) { totalCount } }", where)
			if got := int(a.Number("list.totalCount")); got != want {
				t.Errorf("%s that start with %q: counted %d, seen %d", k.list, one.Name, got, want)
			}
		}
	}
}

func TestA04AFilterThroughARelationSeesWhatTheViewerSees(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	p := newPerson(t, c, "director") // sees opportunities of Xiao Wang, not the customers
	row := rowsOf[struct{ ID, Name, Phone string }](t, c, `select o.id::text, c.name, coalesce(c.phone, '') from opportunities o join customers c on c.id = o.customer_id
		where o.id = any ($1::uuid[]) and c.id = any ($2::uuid[]) and c.phone is not null order by o.id limit 1`, slices.Collect(maps.Keys(p.visible["opportunities"])), p.hidden["customers"])[0]
	for _, where := range []map[string]any{
		{"name": map[string]any{"eq": row.Name}}, {"phone": map[string]any{"startsWith": row.Phone[:2]}},
		{"not": map[string]any{"name": map[string]any{"eq": "x"}}}, {"id": map[string]any{"isNull": false}},
		{"opportunities": map[string]any{"some": map[string]any{"id": map[string]any{"eq": row.ID}}}},
	} {
		a := p.ask("query($where: OpportunityWhere) { opportunities(where: $where) { totalCount } opportunityReport(where: $where) { total { count } } }",
			map[string]any{"where": map[string]any{"and": []any{map[string]any{"id": map[string]any{"eq": row.ID}}, map[string]any{"customer": where}}}})
		if a.Number("opportunities.totalCount") != 0 || a.Number("opportunityReport.total.count") != 0 {
			t.Errorf("by its hidden customer with %v it is found: %s", where, a.Body)
		}
	}
}

func TestA07TheRecordsBehindANumberAreThoseOfTheList(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	for _, login := range []string{"guangdong.sales", "director", "head"} {
		p := newPerson(t, c, login)
		a := p.ask("{ opportunityReport(by: [STAGE], first: 40) { rows { count records(first: 100) { totalCount nodes { id amount { amount } customer { id } } } } } }", nil)
		behind := 0
		for _, row := range a.List("opportunityReport.rows") {
			records := row.(map[string]any)["records"].(map[string]any)
			if records["totalCount"] != row.(map[string]any)["count"] {
				t.Errorf("%s: %v records behind the number %v", login, records["totalCount"], row.(map[string]any)["count"])
			}
			for _, one := range records["nodes"].([]any) {
				node := one.(map[string]any)
				if !p.visible["opportunities"][node["id"].(string)] {
					t.Errorf("%s opens the hidden opportunity %v", login, node["id"])
				}
				if customer, ok := node["customer"].(map[string]any); ok && !p.visible["customers"][customer["id"].(string)] {
					t.Errorf("%s is shown the hidden customer %v behind a number", login, customer["id"])
				}
				behind++
			}
		}
		if behind == 0 {
			t.Errorf("%s opens nothing", login)
		}
	}
	change(t, c, "update field_rights set access = 'NONE' where rule = 'AMOUNTS' and role_id = (select id from roles where code = 'sales')")
	a := c.Ask("guangdong.sales", "{ opportunityReport(by: [STAGE], first: 40) { rows { wonAmount { amount } records(first: 100) { nodes { amount { amount } } } } } }", nil).Good()
	if strings.Contains(string(a.Body), `"amount":{`) || !strings.Contains(fmt.Sprint(a.Extensions["denied"]), "Opportunity.amount") {
		t.Errorf("without the right to amounts: %.400s", a.Body)
	}
}

// TestA11AKeptRequestIsJudgedAnewEachTime sends the same document, which the server has kept, after a field was taken.
func TestA11AKeptRequestIsJudgedAnewEachTime(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	const kept = `query Kept { contacts(where: {phone: {startsWith: "+"}}, orderBy: [{field: NAME}]) { totalCount } }`
	if c.Ask("guangdong.sales", kept, nil).Good().Number("contacts.totalCount") == 0 {
		t.Fatal("nobody has a phone")
	}
	change(t, c, "update field_rights set access = 'MASKED' where rule = 'CONTACT_DETAILS' and role_id = (select id from roles where code = 'sales')")
	for range 2 {
		refused := c.Ask("guangdong.sales", kept, nil).Refused("FIELD_DENIED")
		if !strings.Contains(refused.Message, "CONTACT_DETAILS") || c.Last().Statements != 0 {
			t.Errorf("refused with %q after %d statements", refused.Message, c.Last().Statements)
		}
	}
	c.Ask("admin", kept, nil).Good()
}

func TestA12AReferenceToAHiddenRecordIsNone(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	p := newPerson(t, c, "director")
	link := idsOf(t, c, "select id from opportunities where id = any ($1::uuid[]) and customer_id = any ($2::uuid[]) order by id limit 1", slices.Collect(maps.Keys(p.visible["opportunities"])), p.hidden["customers"])[0]
	const query = "query($id: ID!) { opportunity(id: $id) { customer { id name phone contacts { totalCount nodes { email } } } } }"
	hidden := p.ask(query, map[string]any{"id": link})
	statements := c.Last().Statements
	change(t, c, "update opportunities set customer_id = ? where id = ?", p.hidden["customers"][len(p.hidden["customers"])-1], link)
	if other := p.ask(query, map[string]any{"id": link}); string(other.Body) != string(hidden.Body) || c.Last().Statements != statements {
		t.Errorf("of one hidden customer %s, of another %s", hidden.Body, other.Body)
	}
	change(t, c, "update opportunities set customer_id = null where id = ?", link)
	if none := p.ask(query, map[string]any{"id": link}); string(none.Body) != string(hidden.Body) || none.Get("opportunity.customer") != nil {
		t.Errorf("of a hidden customer %s, of none %s", hidden.Body, none.Body)
	}
}

func TestA13EachStepOfARequestIsScopedAgain(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	p := newPerson(t, c, "leader") // sees customers of the group and their contacts, nothing else
	busy := idsOf(t, c, `select c.id from customers c join opportunities o on o.customer_id = c.id where c.id = any ($1::uuid[]) and o.id = any ($2::uuid[]) group by c.id order by count(*) desc, c.id limit 3`,
		slices.Collect(maps.Keys(p.visible["customers"])), p.hidden["opportunities"])
	for _, id := range busy {
		a := p.ask(`query($id: ID!) { customer(id: $id) { opportunities { totalCount nodes { id } } value { opportunityCount wonAmount { amount } } timeline { totalCount }
			contacts(first: 5) { nodes { __typename id customers(first: 5) { totalCount edges { node { __typename id opportunities { totalCount nodes { id amount { amount } owner { name } } } } } } } } } }`, map[string]any{"id": id})
		if a.Number("customer.opportunities.totalCount") != 0 || a.Number("customer.value.opportunityCount") != 0 || a.Get("customer.value.wonAmount") != nil {
			t.Errorf("of hidden opportunities he is told %s", a.Body)
		}
		p.onlyVisible("back from a contact", a.Data)
		for _, contact := range a.List("customer.contacts.nodes") {
			edges := contact.(map[string]any)["customers"].(map[string]any)
			if total := int(edges["totalCount"].(float64)); total != len(edges["edges"].([]any)) {
				t.Errorf("a contact has %d customers and shows %d", total, len(edges["edges"].([]any)))
			}
			if strings.Contains(fmt.Sprint(edges), "opportunities:map[nodes:[map") {
				t.Errorf("two steps on there is %v", edges)
			}
		}
	}
}

func TestA24SearchLooksOnlyInWhatIsReadInFull(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	sought := func(login, text string) *servertest.Answer {
		return c.Ask(login, "query($text: String!) { search(text: $text, first: 100) { totalCount nodes { matched record { __typename id } } } }", map[string]any{"text": text}).Good()
	}
	phones := rowsOf[struct{ ID, Phone string }](t, c, "select id::text, phone from contacts where phone is not null and deleted_at is null order by id limit 8")
	for _, one := range phones {
		for _, end := range []string{one.Phone, one.Phone[len(one.Phone)-6:], one.Phone[len(one.Phone)-4:]} {
			if !strings.Contains(string(sought("admin", end).Body), one.ID) {
				t.Errorf("the administrator does not find %s by %s", one.ID, end)
			}
			if a := sought("analyst", end); strings.Contains(string(a.Body), "PHONE") || strings.Contains(string(a.Body), one.ID) {
				t.Errorf("who reads no contact details finds by %s: %s", end, a.Body)
			}
		}
	}
	p := newPerson(t, c, "guangdong.sales")
	for _, row := range rowsOf[struct{ Name string }](t, c, "select name from customers where id = any ($1::uuid[]) order by id limit 5", p.hidden["customers"]) {
		name := []rune(row.Name)
		for _, part := range []string{row.Name, string(name[:2]), string(name[len(name)/2:])} {
			a := sought(p.login, part)
			p.onlyVisible("looking for "+part, a.Data)
			if total := int(a.Number("search.totalCount")); total < 100 && total != len(a.List("search.nodes")) {
				t.Errorf("for %s %d are counted and %d shown", part, total, len(a.List("search.nodes")))
			}
		}
	}
}

func TestA30ACursorServesOnlyWhomAndWhatItWasMadeFor(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	lists := map[string]string{
		"customers": `customers(first: 2, after: $after)`, "another order": `customers(first: 2, after: $after, orderBy: [{field: CREATED_AT}])`,
		"another filter": `customers(first: 2, after: $after, where: {lifecycle: {eq: CUSTOMER}})`, "contacts": `contacts(first: 2, after: $after)`,
		"search": `search(text: "有限", first: 2, after: $after)`, "opportunities": `opportunities(first: 2, after: $after)`,
	}
	page := func(login, list string, after any) *servertest.Answer {
		return c.Ask(login, "query($after: String) { page: "+lists[list]+" { edges { cursor } pageInfo { endCursor } } }", map[string]any{"after": after})
	}
	for list := range lists {
		cursor := page("analyst", list, nil).Good().Text("page.pageInfo.endCursor")
		if again := page("analyst", list, nil).Good().Text("page.pageInfo.endCursor"); again != cursor {
			t.Errorf("%s: the same place has the cursors %s and %s", list, cursor, again)
		}
		page("analyst", list, cursor).Good()
		raw, err := base64.RawURLEncoding.DecodeString(cursor)
		if err != nil {
			t.Fatal(err)
		}
		if name := "有限"; strings.Contains(string(raw), name) {
			t.Errorf("%s: a cursor can be read: %q", list, raw)
		}
		told := page("finance", list, cursor).Refused("BAD_INPUT").Message
		bad := []string{"", "x", "!", cursor[:len(cursor)-2], base64.RawURLEncoding.EncodeToString([]byte(`["2026-01-01"]`)), base64.RawURLEncoding.EncodeToString(raw[:12])}
		for i := 0; i < len(raw); i += len(raw)/6 + 1 {
			other := slices.Clone(raw)
			other[i] ^= 1
			bad = append(bad, base64.RawURLEncoding.EncodeToString(other))
		}
		for other := range lists {
			if other != list {
				bad = append(bad, page("analyst", other, nil).Good().Text("page.pageInfo.endCursor"))
			}
		}
		for _, one := range bad {
			if is := page("analyst", list, one).Refused("BAD_INPUT").Message; is != told {
				t.Errorf("%s: a bad cursor is refused with %q, another's with %q", list, is, told)
			}
		}
	}
}

func TestA31DeletedRecordsAreFoundByNoOtherDoorThanTheirList(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	p := newPerson(t, c, "guangdong.sales")
	mine := idsOf(t, c, "select id from customers where owner_id = $1 order by id limit 1", p.id)[0]
	name := rowsOf[struct{ Name string }](t, c, "select name from customers where id = $1", mine)[0].Name
	c.Ask(p.login, "mutation($id: ID!) { customerDelete(input: {id: $id}) { id } }", map[string]any{"id": mine}).Good().Text("customerDelete.id")
	asked := map[string]any{"id": mine, "name": name}
	for _, query := range []string{
		"query($id: ID!) { it: customers(where: {or: [{id: {eq: $id}}, {not: {id: {eq: $id}}}]}, first: 100) { totalCount nodes { id } } }",
		"query($id: ID!) { it: customers(first: 100, orderBy: [{field: UPDATED_AT, direction: DESC}]) { nodes { id } } n: nodes(ids: [$id]) { id } o: customer(id: $id) { id } }",
		"query($id: ID!) { it: opportunities(where: {customer: {id: {eq: $id}}}) { totalCount nodes { id customer { id } } } }",
		"query($name: String!) { it: search(text: $name) { nodes { record { id } } } }",
		"query($id: ID!) { it: relationships(where: {or: [{a: {eq: $id}}, {b: {eq: $id}}]}) { totalCount nodes { id a { id } } } }",
	} {
		for _, login := range []string{p.login, "admin"} {
			if a := c.Ask(login, query, asked).Good(); strings.Contains(string(a.Body), mine) {
				t.Errorf("%s finds a deleted customer by %s: %s", login, query, a.Body)
			}
		}
	}
	in := func(login string) bool {
		return strings.Contains(string(c.Ask(login, "{ deletedCustomers(first: 100) { nodes { id } } }", nil).Good().Body), mine)
	}
	if !in(p.login) || !in("admin") || in("guangxi.sales") || in("analyst") || in("apart") {
		t.Error("the list of deleted customers is not of those who could manage it")
	}
	never := neverIssued(recordKinds[0])
	const restore = "mutation($id: ID!) { customerRestore(input: {id: $id}) { customer { id } userErrors { code field message } } }"
	for _, login := range []string{"guangxi.sales", "apart", "head"} {
		if one, other := c.Ask(login, restore, asked), c.Ask(login, restore, map[string]any{"id": never}); string(one.Body) != string(other.Body) {
			t.Errorf("%s restores it: %s, one never issued: %s", login, one.Body, other.Body)
		}
	}
	if back := c.Ask(p.login, restore, asked).Good(); back.Get("customerRestore.customer.id") != mine {
		t.Errorf("restored: %s", back.Body)
	}
}

// TestA33TwoWhoAskAtOnceGetTheirOwn has people who see much and little ask for the same ids at the same time, again and again.
func TestA33TwoWhoAskAtOnceGetTheirOwn(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	everyone := []string{"admin", "guangxi.sales", "leader", "analyst", "marketing"}
	shown := idsOf(t, c, "(select id from opportunities order by md5(id::text) limit 6) union all (select id from customers order by md5(id::text) limit 6)")
	const query = `query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Opportunity { title amount { amount } customer { id name phone } owner { name } activities(first: 2) { totalCount nodes { id summary } } }
		... on Customer { name phone owner { name } contacts(first: 3) { totalCount nodes { name phone } } opportunities(first: 2) { totalCount nodes { id amount { amount } } } } } }`
	ask := func(login string) string {
		a := c.Ask(login, query, map[string]any{"ids": shown})
		if a.Status != http.StatusOK || len(a.Errors) > 0 {
			return fmt.Sprint(a.Status, string(a.Body))
		}
		return string(bodyOf(t, a))
	}
	alone := map[string]string{}
	for _, login := range everyone {
		alone[login] = ask(login)
	}
	if alone["admin"] == alone["analyst"] || alone["guangxi.sales"] == alone["leader"] {
		t.Fatal("they are all told the same")
	}
	rounds := 12
	if proving() {
		rounds = 400
	}
	var wait sync.WaitGroup
	for _, login := range everyone {
		for range 2 {
			wait.Go(func() {
				for range rounds {
					if got := ask(login); got != alone[login] {
						t.Errorf("%s is told %.400s among others, and alone %.400s", login, got, alone[login])
						return
					}
				}
			})
		}
	}
	wait.Wait()
}
