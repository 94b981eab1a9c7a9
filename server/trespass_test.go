package server_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"guanxi/models"
	"guanxi/server/servertest"
)

// Attacks that try to write, to link, to smuggle and to read what was kept for another, each by its number in the product's
// list of threats.

func TestA10NoAnswerIsKeptForAnother(t *testing.T) {
	t.Parallel()
	first := servertest.New(t)
	second := first.Beside()
	const report = `{ opportunityReport(by: [STATUS, OWNER_DEPARTMENT]) { total { count wonAmount { amount } } rows { keys { label } count } }
		lossRate(by: [MAIN_COMPETITOR]) { total { lost } rows { keys { label } lost } } competitorAnalysis { rows { encounters } } customers { totalCount } }`
	ask := func(on *servertest.Company, login string) string {
		t.Helper()
		text, err := json.Marshal(on.Ask(login, report, nil).Good().Data)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	wide := ask(first, "director")
	narrow := ask(first, "guangdong.sales")
	if wide == narrow || ask(second, "guangdong.sales") != narrow || ask(first, "director") != wide {
		t.Error("who asks after another is answered otherwise than on a server that was asked by nobody")
	}
	for _, grant := range idsOf(t, first, "select id from grants where grantee_user_id = (select id from users where login = 'director')") {
		second.Ask("admin", "mutation($id: ID!) { grantDelete(input: {id: $id}) { id } }", map[string]any{"id": grant}).Good()
	}
	if without := ask(first, "director"); without == wide || without != ask(second, "director") {
		t.Error("the report is answered as before the grants were taken back")
	}
}

// whatStands counts the tables that hold what a mutation could have changed.
const whatStands = `select coalesce(sum(n), 0) from (select sum(version) as n from customers union all select sum(version) from contacts union all select sum(version) from opportunities
	union all select sum(version) from services union all select sum(version) from documents union all select sum(version) from activities union all select sum(version) from relationships
	union all select count(*) from shares union all select count(*) from document_readers union all select count(*) from encounters union all select count(*) from opportunity_lines
	union all select count(*) from audit_entries) as x`

func TestA16WritingToWhatIsHiddenChangesNothing(t *testing.T) {
	t.Parallel()
	p := newPerson(t, servertest.New(t), "guangdong.sales")
	total := func() int { return rowsOf[struct{ N int }](t, p.company, whatStands)[0].N }
	p.company.Token(p.login) // which is an entry in the audit
	before, sent := total(), 0
	for _, k := range recordKinds {
		id := p.hidden[k.list][0]
		for _, mutation := range slices.Concat(hiddenMutations[""], hiddenMutations[k.kind]) {
			p.company.Ask(p.login, mutation, p.variables(mutation, id))
			sent++
		}
	}
	if after := total(); after != before || sent < 40 {
		t.Errorf("%d mutations of hidden records changed %d versions and rows", sent, after-before)
	}
}

func TestA16AListWithOneUnknownIsNotTakenAtAll(t *testing.T) {
	o := newOffice(t, "one", "two")
	never := models.NewID(models.UserCode).String()
	group := o.does("admin", "groupCreate", "group", `name: "group", members: [%q]`, o.ids["one"])
	o.refused("NOT_FOUND", "input.members.1", "admin", "groupMembersSet", "group", `id: %q, members: [%q, %q]`, group, o.ids["two"], never)
	document := o.make("one", "document", "")
	o.refused("NOT_FOUND", "input.readers.1", "one", "documentReadersSet", "document", `id: %q, restricted: true, readers: [{%s}, {user: %q}]`, document, o.user("two"), never)
	a := o.Ask("one", "query($d: ID!, $g: ID!) { document(id: $d) { version restricted readers { user { id } } } group(id: $g) { version members { nodes { id } } } }", map[string]any{"d": document, "g": group}).Good()
	if a.Get("document.version") != 1.0 || a.Get("document.restricted") != false || a.Get("group.version") != 1.0 || a.Get("group.members.nodes.0.id") != o.ids["one"] {
		t.Errorf("what was refused left %s", a.Body)
	}
	mine, hidden := o.customer("one"), o.customer("two")
	a = o.Ask("one", `mutation($a: ID!, $b: ID!) { a: customerUpdate(input: {id: $a, name: "a"}) { customer { name } userErrors { code } } b: customerUpdate(input: {id: $b, name: "b"}) { customer { name } userErrors { code } } }`,
		map[string]any{"a": mine, "b": hidden}).Good()
	if a.Get("a.customer.name") != "a" || a.Get("b.userErrors.0.code") != "NOT_FOUND" || a.Get("b.customer") != nil {
		t.Errorf("one's own and a hidden one: %s", a.Body)
	}
}

func TestA17ALinkToAHiddenRecordIsRefused(t *testing.T) {
	o := newOffice(t, "rep", "other")
	mine, theirs := o.customer("rep"), o.customer("other")
	opportunity := o.does("rep", "opportunityCreate", "opportunity", `title: "x", customer: %q`, mine)
	hidden := o.does("other", "opportunityCreate", "opportunity", `title: "x", customer: %q`, theirs)
	contact, document := o.make("rep", "contact", `name: "x"`), o.make("rep", "document", "")
	foreign := o.make("other", "contact", `name: "x"`)
	typeID := idsOf(t, o.Company, "select id from relationship_types where code = 'PARENT_OF'")[0]
	worksAt := models.WorksAtID.String()
	for _, link := range []struct {
		field, thing, at, input string
		to                      string
		never                   models.KindCode
	}{
		{"opportunityUpdate", "opportunity", "customer", fmt.Sprintf("id: %q, customer: %%q", opportunity), theirs, models.CustomerCode},
		{"opportunityCreate", "opportunity", "customer", `title: "y", customer: %q`, theirs, models.CustomerCode},
		{"contactCreate", "contact", "customer", `name: "y", customer: %q`, theirs, models.CustomerCode},
		{"serviceCreate", "service", "customer", `title: "y", customer: %q`, theirs, models.CustomerCode},
		{"serviceCreate", "service", "opportunity", `title: "y", opportunity: %q`, hidden, models.OpportunityCode},
		{"activityCreate", "activity", "customer", `summary: "y", customer: %q`, theirs, models.CustomerCode},
		{"activityCreate", "activity", "contact", `summary: "y", contact: %q`, foreign, models.ContactCode},
		{"documentUpdate", "document", "opportunity", fmt.Sprintf("id: %q, opportunity: %%q", document), hidden, models.OpportunityCode},
		{"relationshipCreate", "relationship", "b", fmt.Sprintf("type: %q, a: %q, b: %%q", typeID, mine), theirs, models.CustomerCode},
		{"relationshipCreate", "relationship", "a", fmt.Sprintf("type: %q, b: %q, a: %%q", worksAt, mine), foreign, models.ContactCode},
		{"relationshipCreate", "relationship", "b", fmt.Sprintf("type: %q, a: %q, b: %%q", worksAt, contact), theirs, models.CustomerCode},
	} {
		o.refused("NOT_FOUND", "input."+link.at, "rep", link.field, link.thing, link.input, link.to)
		a, b := o.asks("rep", link.field, link.thing, link.input, link.to), o.asks("rep", link.field, link.thing, link.input, models.NewID(link.never).String())
		if string(a.Body) != string(b.Body) {
			t.Errorf("%s at %s: %s for a hidden one, %s for one never issued", link.field, link.at, a.Body, b.Body)
		}
	}
	a := o.Ask("rep", "query($o: ID!) { opportunity(id: $o) { version customer { id } } contacts { totalCount } opportunities { totalCount } services { totalCount } activities { totalCount } relationships { totalCount } }",
		map[string]any{"o": opportunity}).Good()
	if a.Get("opportunity.version") != 1.0 || a.Get("opportunity.customer.id") != mine || a.Number("contacts.totalCount")+a.Number("opportunities.totalCount") != 2 ||
		a.Number("services.totalCount")+a.Number("activities.totalCount")+a.Number("relationships.totalCount") != 0 {
		t.Errorf("what was refused left %s", a.Body)
	}
	// both ends seen, none managed: no link
	o.share("other", theirs, o.user("rep"), observe)
	o.share("other", foreign, o.user("rep"), observe)
	o.refused("FORBIDDEN", "input.a", "rep", "relationshipCreate", "relationship", "type: %q, a: %q, b: %q", worksAt, foreign, theirs)
	o.does("rep", "relationshipCreate", "relationship", "type: %q, a: %q, b: %q", typeID, mine, theirs)
}

// TestA18NoInputSetsWhatTheServerSets goes over all inputs of the schema.
func TestA18NoInputSetsWhatTheServerSets(t *testing.T) {
	o := newOffice(t, "rep", "other")
	o.hire("sales", "plain") // who may not hand over
	a := o.Ask("admin", "{ __schema { types { kind name inputFields { name } } } }", nil).Good()
	own := []string{"version", "createdAt", "createdBy", "updatedAt", "deletedAt", "deletionId", "deletion", "closingOwner", "closingDepartment", "status", "path", "passwordHash", "storageKey"}
	walked := 0
	for _, one := range a.List("__schema.types") {
		input := one.(map[string]any)
		name := input["name"].(string)
		updates := strings.HasSuffix(name, "UpdateInput")
		if input["kind"] != "INPUT_OBJECT" || !updates && !strings.HasSuffix(name, "CreateInput") {
			continue
		}
		walked++
		for _, f := range input["inputFields"].([]any) {
			field := f.(map[string]any)["name"].(string)
			service := strings.HasPrefix(name, "Service") || strings.HasPrefix(name, "Activity")
			if slices.Contains(own, field) && !(service && field == "status") || updates && (field == "owner" || field == "pool") {
				t.Errorf("%s sets %s", name, field)
			}
		}
	}
	if walked < 20 {
		t.Errorf("only %d inputs are walked", walked)
	}
	customer := o.customer("rep")
	for _, smuggled := range []string{`owner: "` + o.ids["other"] + `"`, `ownerId: "x"`, `createdAt: "2020-01-01T00:00:00Z"`, "deletedAt: null", "pool: null", "poolId: null", "version: 7", `departmentId: "x"`} {
		r := o.Ask("rep", fmt.Sprintf("mutation { customerUpdate(input: {id: %q, name: \"new\", %s}) { customer { id } } }", customer, smuggled), nil)
		if r.Refused("GRAPHQL_VALIDATION_FAILED"); r.Data != nil {
			t.Errorf("%s is answered %s", smuggled, r.Body)
		}
	}
	if a := o.Ask("rep", "query($id: ID!) { customer(id: $id) { version name } }", map[string]any{"id": customer}).Good(); a.Get("customer.version") != 1.0 {
		t.Errorf("smuggling left %s", a.Body)
	}
	o.refused("FORBIDDEN", "input.owner", "plain", "customerCreate", "customer", `name: "x", kind: ORGANIZATION, owner: %q`, o.ids["other"])
}

func TestA23ThereIsNothingToSubscribeTo(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	if a := c.Ask("admin", "{ __schema { subscriptionType { name } } }", nil).Good(); a.Get("__schema.subscriptionType") != nil {
		t.Error("there are subscriptions now: say in docs/attacks.md how they end when rights do, and test it")
	}
	if a := c.Ask("admin", "subscription { customers { totalCount } }", nil); len(a.Errors) == 0 || a.Data != nil {
		t.Errorf("a subscription is answered %s", a.Body)
	}
}

func TestA25MakingARecordTellsNothingOfHiddenOnes(t *testing.T) {
	o := newOffice(t, "rep", "other")
	o.does("other", "customerCreate", "customer", `name: "Rival", kind: ORGANIZATION, phone: "+4930123456", email: "a@rival.example"`)
	o.does("other", "contactCreate", "contact", `name: "Anna", phone: "+4930123456"`)
	for _, made := range [][2]string{{"customerCreate", `kind: ORGANIZATION, name: %q, phone: %q`}, {"contactCreate", `name: %q, phone: %q`}} {
		thing := strings.TrimSuffix(made[0], "Create")
		create := func(name, phone string) string {
			a := o.asks("rep", made[0], thing, made[1], name, phone).Good()
			return strings.ReplaceAll(string(a.Body), a.Text("it."+thing+".id"), "")
		}
		if there, not := create("Rival", "+4930123456"), create("Nobody", "+4930999999"); there != not {
			t.Errorf("%s of what is there already is answered %s, else %s", made[0], there, not)
		}
	}
}

// TestA34NoTextBecomesSQL writes texts that would be SQL, parameters or patterns if anything put them into a statement as they
// are, and finds each by itself and by nothing else.
func TestA34NoTextBecomesSQL(t *testing.T) {
	o := newOffice(t, "rep")
	texts := []string{
		`name") ; drop table customers; --`, `'; drop table customers; --`, `' or '1'='1`, `$1`, `$$`, `@me`, `@now::text`, `?`, `?0`, `?Columns`, `?TableName`,
		`\`, `\'`, `\\`, `%`, `_`, `%_%`, `100%`, `-1`, `--1`, `/*`, `*/`, `{"a": 1}`, `[1]`, `a,b`, `{x}`, `NULL`, "a\tb", `＇`, `Ⅷ`, `👍🏽`, `؀`,
	}
	for _, text := range texts {
		a := o.Ask("rep", `mutation($name: String!) { customerCreate(input: {name: $name, kind: ORGANIZATION}) { customer { id name } userErrors { code } } }`, map[string]any{"name": text}).Good()
		if a.Get("customerCreate.customer.name") != text {
			t.Errorf("%q is kept as %s", text, a.Body)
		}
	}
	for _, text := range texts {
		for operator, want := range map[string]func(string) bool{
			"eq":         func(name string) bool { return name == text },
			"startsWith": func(name string) bool { return strings.HasPrefix(name, text) },
			"contains":   func(name string) bool { return strings.Contains(name, text) },
		} {
			a := o.Ask("rep", `query($w: CustomerWhere) { customers(where: $w, first: 100) { nodes { name } } }`,
				map[string]any{"w": map[string]any{"name": map[string]any{operator: text}}}).Good()
			got := len(a.List("customers.nodes"))
			n := 0
			for _, name := range texts {
				if want(name) {
					n++
				}
			}
			if got != n {
				t.Errorf("%s %q finds %d of %d: %s", operator, text, got, n, a.Body)
			}
		}
	}
	for _, text := range texts {
		a := o.Ask("rep", `query($text: String!) { search(text: $text) { nodes { matched } } }`, map[string]any{"text": text})
		if len(a.Errors) > 0 && a.Refused("BAD_INPUT").Message != "The search text has no letter or digit to look for." {
			t.Errorf("search for %q is answered %s", text, a.Body)
		}
	}
	for _, query := range []string{
		`{ customers(orderBy: [{field: "name\") ; drop --", direction: ASC}]) { totalCount } }`, `{ customers(orderBy: [{field: name}]) { totalCount } }`,
		`{ opportunityReport(by: ["STATUS; drop"]) { total { count } } }`, `{ customers(where: {name_: {eq: "x"}}) { totalCount } }`, `{ customers(after: "' or 1=1") { totalCount } }`,
	} {
		a := o.Ask("rep", query, nil)
		if len(a.Errors) == 0 || a.Data["customers"] != nil || !slices.Contains([]string{"BAD_INPUT", "GRAPHQL_VALIDATION_FAILED"}, a.Errors[0].Code()) {
			t.Errorf("%s is answered %s", query, a.Body)
		}
	}
}
