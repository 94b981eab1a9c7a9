package resolvers_test

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"guanxi/jobs"
	"guanxi/server/servertest"
	"guanxi/simulate"
)

// administer carries out a mutation on one root field and gives the refusals' codes and fields.
func administer(t *testing.T, c *servertest.Company, login, mutation string, variables map[string]any) (*servertest.Answer, []string) {
	t.Helper()
	a := c.Ask(login, mutation, variables).Good()
	var refused []string
	for _, root := range a.Data {
		payload, _ := root.(map[string]any)
		list, _ := payload["userErrors"].([]any)
		for _, one := range list {
			e := one.(map[string]any)
			refused = append(refused, fmt.Sprint(e["code"], e["field"]))
		}
	}
	return a, refused
}

func TestAnAdministratorsOtherDay(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	ask := func(mutation string, variables map[string]any) *servertest.Answer {
		t.Helper()
		a, refused := administer(t, c, "admin", mutation, variables)
		if len(refused) > 0 {
			t.Fatalf("%s: refused with %v", mutation, refused)
		}
		return a
	}
	const errs = "userErrors { code field message }"
	top := ask(`mutation { departmentCreate(input: {name: "华东"}) { department { id level } `+errs+` } }`, nil).Text("departmentCreate.department.id")
	d := map[string]any{"d": top}
	below := ask(`mutation($d: ID!) { departmentCreate(input: {name: "上海", parent: $d}) { department { id level parent { id children { id } } } `+errs+` } }`, d)
	if below.Number("departmentCreate.department.level") != 2 || below.Text("departmentCreate.department.parent.id") != top {
		t.Errorf("the new department stands elsewhere: %s", below.Body)
	}
	user := ask(`mutation($d: ID!) { userCreate(input: {login: "tmp", name: "临时", password: "12345678", departments: [{id: $d}]})
		{ user { id departments { id } memberships { id primary } roles { id } groups { id } } `+errs+` } }`, d)
	u := map[string]any{"u": user.Text("userCreate.user.id"), "m": user.Text("userCreate.user.memberships.0.id"), "d": top}
	g := ask(`mutation($u: ID!) { groupCreate(input: {name: "临时组", members: [$u]}) { group { id version members { nodes { id } } } `+errs+` } }`, u)
	u["g"] = g.Text("groupCreate.group.id")
	if g.Text("groupCreate.group.members.nodes.0.id") != u["u"] {
		t.Errorf("the group's member is another: %s", g.Body)
	}
	ask(`mutation($m: ID!) { membershipUpdate(input: {id: $m, title: "主管"}) { membership { title primary user { id } department { id } } `+errs+` } }`, u)
	r := ask(`mutation { roleCreate(input: {code: "tmp", name: "临时", nameEn: "Temp", permissions: [CUSTOMER_READ], fieldRights: [{rule: AMOUNTS, relation: OWN, access: FULL}]})
		{ role { id name permissions fieldRights { rule relation access } grants { id } } `+errs+` } }`, nil)
	u["r"] = r.Text("roleCreate.role.id")
	if r.Text("roleCreate.role.name") != "Temp" || r.Text("roleCreate.role.fieldRights.0.rule") != "AMOUNTS" {
		t.Errorf("the role is another: %s", r.Body)
	}
	ask(`mutation($r: ID!) { roleUpdate(input: {id: $r, permissions: [CUSTOMER_READ, CONTACT_READ], fieldRights: []}) { role { permissions fieldRights { rule } } `+errs+` } }`, u)
	ask(`mutation($u: ID!, $r: ID!) { userRolesSet(input: {user: $u, roles: [$r]}) { user { roles { id name } } `+errs+` } }`, u)
	grant := ask(`mutation($r: ID!, $g: ID!) { grantCreate(input: {grantee: {role: $r}, subject: {group: $g}, effect: ALLOW, level: OBSERVE, until: "2030-01-01T00:00:00Z"})
		{ grant { id role { id } user { id } subject { everyone group { id } user { id } department { id } } until createdBy { login } } `+errs+` } }`, u)
	u["x"] = grant.Text("grantCreate.grant.id")
	if grant.Text("grantCreate.grant.subject.group.id") != u["g"] || grant.Text("grantCreate.grant.createdBy.login") != "admin" {
		t.Errorf("the grant is another: %s", grant.Body)
	}
	listed := ask(`query($g: ID!) { grants(where: {subject: {eq: $g}, effect: {eq: ALLOW}, role: {code: {eq: "tmp"}}}, orderBy: [{field: UNTIL}]) { totalCount nodes { id } } }`, u)
	if listed.Number("grants.totalCount") != 1 {
		t.Errorf("the grant is not found by its subject and role: %s", listed.Body)
	}
	updated := ask(`mutation($x: ID!) { grantUpdate(input: {id: $x, until: null, level: MANAGE, kinds: [CUSTOMER]}) { grant { level kinds until } `+errs+` } }`, u)
	if updated.Get("grantUpdate.grant.until") != nil || updated.Text("grantUpdate.grant.level") != "MANAGE" {
		t.Errorf("the grant was changed otherwise: %s", updated.Body)
	}
	ask(`mutation($x: ID!) { grantDelete(input: {id: $x}) { id `+errs+` } }`, u)
	ask(`mutation($g: ID!) { groupDissolve(input: {id: $g}) { group { dissolvedAt members { totalCount } } `+errs+` } }`, u)
	ask(`mutation($u: ID!) { userDeactivate(input: {id: $u}) { user { active } `+errs+` } }`, u)
	ask(`mutation { currencyCreate(input: {code: "CHF", name: "瑞士法郎", nameEn: "Swiss franc"}) { currency { code name } `+errs+` } }`, nil)
	ask(`mutation { exchangeRateSet(input: {currency: "CHF", validOn: "2026-01-01", rate: "8.1"}) { exchangeRate { currency { code } validOn rate } `+errs+` } }`, nil)
	rates := ask(`{ currencies { code name exchangeRates(first: 3) { rate validOn currency { code } } } }`, nil)
	if !strings.Contains(string(rates.Body), `"rate":"8.1"`) || c.Last().Statements > 3 {
		t.Errorf("%d statements give %s", c.Last().Statements, rates.Body)
	}
	ask(`mutation { companyUpdate(input: {smallSample: 7}) { company { smallSample timeZone } `+errs+` } }`, nil)
	p := ask(`mutation { pipelineCreate(input: {name: "渠道"}) { pipeline { id default stages { id } } `+errs+` } }`, nil)
	s := ask(`mutation($p: ID!) { stageCreate(input: {pipeline: $p, name: "首谈", probability: 0.2}) { stage { id position pipeline { id } } `+errs+` } }`, map[string]any{"p": p.Text("pipelineCreate.pipeline.id")})
	ask(`mutation($s: ID!) { stageUpdate(input: {id: $s, nameEn: "First talk"}) { stage { name } `+errs+` } }`, map[string]any{"s": s.Text("stageCreate.stage.id")})
	ask(`mutation($p: ID!) { pipelineDelete(input: {id: $p}) { id `+errs+` } }`, map[string]any{"p": p.Text("pipelineCreate.pipeline.id")})
	ask(`mutation { productCreate(input: {name: "新水泵", listPrice: "12.5"}) { product { id active listPrice { amount currency } category { id } } `+errs+` } }`, nil)
	ask(`mutation { competitorCreate(input: {name: "新对手"}) { competitor { id active } `+errs+` } }`, nil)
	ask(`mutation { relationshipTypeCreate(input: {code: "PEER_OF", nameAb: "同行", nameBa: "同行", category: RIVALRY, symmetric: true, aKinds: [CUSTOMER], bKinds: [CUSTOMER]})
		{ relationshipType { id nameAb aKinds builtIn } `+errs+` } }`, nil)
	pool := ask(`mutation($d: ID!) { poolCreate(input: {name: "临时公海", members: [{department: {id: $d, withSubDepartments: true}}]})
		{ pool { id members { department { id } withSubDepartments group { id } } customers { totalCount } } `+errs+` } }`, u)
	ask(`mutation($p: ID!) { poolUpdate(input: {id: $p, note: "x", members: []}) { pool { note members { everyone } } `+errs+` } }`, map[string]any{"p": pool.Text("poolCreate.pool.id")})
	ask(`mutation($p: ID!) { poolDelete(input: {id: $p}) { id `+errs+` } }`, map[string]any{"p": pool.Text("poolCreate.pool.id")})
	token := ask(`mutation { apiTokenCreate(input: {name: "脚本"}) { apiToken { id user { login } } secret `+errs+` } }`, nil)
	ask(`mutation($t: ID!) { apiTokenRevoke(input: {id: $t}) { id `+errs+` } }`, map[string]any{"t": token.Text("apiTokenCreate.apiToken.id")})
	ask(`{ viewer { user { login } roles { code } permissions deniedFields apiTokens { name revokedAt } } dictionaries { nodes { code entries(first: 2) { nodes { label dictionary { code } parent { id } } } } } company { name } }`, nil)
	nodes := ask(`query($u: ID!, $d: ID!) { nodes(ids: [$d, "nothing", $u]) { __typename id } }`, u)
	if nodes.Text("nodes.0.__typename") != "Department" || nodes.Get("nodes.1") != nil || nodes.Text("nodes.2.__typename") != "User" {
		t.Errorf("the nodes are not as asked for: %s", nodes.Body)
	}
}

func TestExactlyOnePersonIsMeant(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	admin := c.Ask("admin", "{ viewer { user { id } } }", nil).Good().Text("viewer.user.id")
	for _, input := range []map[string]any{
		{"subject": map[string]any{"everyone": true, "user": admin}, "grantee": map[string]any{"user": admin}},
		{"subject": map[string]any{"everyone": false}, "grantee": map[string]any{"user": admin}},
		{"subject": map[string]any{"everyone": true}, "grantee": map[string]any{"user": admin, "role": admin}},
		{"subject": map[string]any{"group": admin}, "grantee": map[string]any{"user": admin}},
	} {
		input["effect"], input["level"] = "ALLOW", "OBSERVE"
		a := c.Ask("admin", `mutation($i: GrantCreateInput!) { grantCreate(input: $i) { grant { id } userErrors { code field } } }`, map[string]any{"i": input})
		if len(a.Errors) == 0 && a.Get("grantCreate.grant") != nil {
			t.Errorf("%v was granted", input)
		}
	}
}

func TestExplainingAndSimulatingAreForAdministrators(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	record := c.Ask("director", "{ customers(first: 1) { nodes { id } } }", nil).Good().Text("customers.nodes.0.id")
	admin := c.Ask("admin", "{ viewer { user { id } } }", nil).Good().Text("viewer.user.id")
	variables := map[string]any{"record": record, "user": admin}
	own := c.Ask("director", `query($record: ID!) { explainAccess(record: $record) { visible manageable reasons { rule sentence grant { id effect } share { id } } } }`, variables).Good()
	if own.Get("explainAccess.visible") != true || own.Text("explainAccess.reasons.0.sentence") == "" {
		t.Errorf("his own sight is explained as %s", own.Body)
	}
	c.Ask("director", `query($record: ID!, $user: ID!) { explainAccess(record: $record, user: $user) { visible } }`, variables).Refused("PERMISSION_DENIED")
	c.Ask("director", `query($user: ID!) { simulateAccess(changes: [{grantDelete: $user}]) { users { totalCount } } }`, variables).Refused("PERMISSION_DENIED")
	c.Ask("admin", `query($user: ID!) { simulateAccess(changes: [{grantDelete: $user}]) { users { totalCount } } }`, variables).Refused("BAD_INPUT")
}

func TestASimulationNamesTheFirstRecords(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	a := c.Ask("admin", `{ users(first: 1, where: {login: {eq: "new.director"}}) { nodes { id } } departments(first: 1, where: {name: {eq: "广东分公司"}}) { nodes { id } } groups(first: 1) { nodes { id } } }`, nil).Good()
	changes := []any{
		map[string]any{"grant": map[string]any{"grantee": map[string]any{"user": a.Text("users.nodes.0.id")}, "effect": "ALLOW", "level": "OBSERVE",
			"subject": map[string]any{"department": map[string]any{"id": a.Text("departments.nodes.0.id"), "withSubDepartments": true}}}},
		map[string]any{"groupDissolve": a.Text("groups.nodes.0.id")},
	}
	const shown = `users(first: 5) { nodes { user { login } gained { kind count records(first: 2) { __typename id owner { login } } } lost { kind count records { id } } relationshipsLost { count } } }`
	now := c.Ask("admin", `query($c: [AccessChangeInput!]!) { simulateAccess(changes: $c) { `+shown+` } }`, map[string]any{"c": changes}).Good()
	if now.Get("simulateAccess.users.nodes.1.gained.0.records.1.__typename") != "Customer" || now.Get("simulateAccess.users.nodes.1.gained.0.records.2") != nil {
		t.Errorf("the first records are not named: %s", now.Body)
	}
	started := c.Ask("admin", `mutation($c: [AccessChangeInput!]!) { accessSimulationStart(input: {changes: $c}) { job { id kind state progress } userErrors { code } } }`, map[string]any{"c": changes}).Good()
	id := map[string]any{"id": started.Text("accessSimulationStart.job.id")}
	done := func() any {
		return c.Ask("admin", `query($id: ID!) { job(id: $id) { state progress attempts failure simulation { `+shown+` } } jobs { id } }`, id).Good().Get("job")
	}
	if job := done().(map[string]any); job["state"] != "WAITING" || job["simulation"] != nil {
		t.Errorf("nobody works here, and the job is %v", job)
	}
	work(t, c, func() bool { return done().(map[string]any)["state"] == "DONE" })
	job := done().(map[string]any)
	if got, want := job["simulation"], now.Get("simulateAccess"); !reflect.DeepEqual(got, want) {
		t.Errorf("the job says %v, at once it was %v", got, want)
	}
	if c.Ask("director", `query($id: ID!) { job(id: $id) { state } }`, id).Good().Get("job") != nil {
		t.Error("another sees the job")
	}
	c.Ask("admin", `mutation($id: ID!) { jobCancel(input: {id: $id}) { job { state } userErrors { code } } }`, id).Good()
	if state := done().(map[string]any)["state"]; state != "DONE" {
		t.Errorf("a job that was done is %v", state)
	}
}

// work works off jobs of simulations until one is done.
func work(t *testing.T, c *servertest.Company, done func() bool) {
	t.Helper()
	worker := jobs.Worker{Store: c.Store, Log: slog.New(slog.DiscardHandler), Kinds: map[string]jobs.Work{simulate.JobKind: simulate.Work(c.Store, nil)}, Pause: time.Millisecond}
	working, stop := context.WithCancel(t.Context())
	defer stop()
	go worker.Run(working)
	for !done() {
		time.Sleep(10 * time.Millisecond)
	}
}

// TestASimulationTellsOfTheRelationshipsGained holds what a job tells of a grant against what its grantee sees before it is given and after.
func TestASimulationTellsOfTheRelationshipsGained(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	a := c.Ask("admin", `{ users(first: 1, where: {login: {eq: "new.director"}}) { nodes { id } } departments(first: 1, where: {name: {eq: "广东分公司"}}) { nodes { id } } }`, nil).Good()
	grant := map[string]any{"grantee": map[string]any{"user": a.Text("users.nodes.0.id")}, "effect": "ALLOW", "level": "OBSERVE",
		"subject": map[string]any{"department": map[string]any{"id": a.Text("departments.nodes.0.id"), "withSubDepartments": true}}}
	changes := map[string]any{"c": []any{map[string]any{"grant": grant}}, "grant": grant}
	const shown = `users { nodes { user { login } relationshipsGained { count records(first: 3) { id } } relationshipsLost { count records { id } } } }`
	now := c.Ask("admin", `query($c: [AccessChangeInput!]!) { simulateAccess(changes: $c) { `+shown+` } }`, changes).Good()
	if len(now.List("simulateAccess.users.nodes")) != 1 || now.Get("simulateAccess.users.nodes.0.relationshipsGained") != nil {
		t.Errorf("relationships are told of unasked: %s", now.Body)
	}
	now = c.Ask("admin", `query($c: [AccessChangeInput!]!) { simulateAccess(changes: $c, relationships: true) { `+shown+` } }`, changes).Good()
	started := c.Ask("admin", `mutation($c: [AccessChangeInput!]!) { accessSimulationStart(input: {changes: $c, relationships: true}) { job { id } userErrors { code } } }`, changes).Good()
	var job *servertest.Answer
	work(t, c, func() bool {
		job = c.Ask("admin", `query($id: ID!) { job(id: $id) { state progress simulation { `+shown+` } } }`, map[string]any{"id": started.Text("accessSimulationStart.job.id")}).Good()
		return job.Text("job.state") == "DONE"
	})
	if got, want := job.Get("job.simulation"), now.Get("simulateAccess"); !reflect.DeepEqual(got, want) {
		t.Errorf("the job says %v, at once it was %v", got, want)
	}
	const seen = `{ relationships(first: 100) { totalCount totalCountExact nodes { id } } }`
	before := c.Ask("new.director", seen, nil).Good()
	c.Ask("admin", `mutation($grant: GrantCreateInput!) { grantCreate(input: $grant) { grant { id } userErrors { code } } }`, changes).Good()
	after := c.Ask("new.director", seen, nil).Good()
	gained := after.Number("relationships.totalCount") - before.Number("relationships.totalCount")
	const told = "job.simulation.users.nodes.0."
	if after.Get("relationships.totalCountExact") != true || gained < 3 || job.Number(told+"relationshipsGained.count") != gained || job.Number(told+"relationshipsLost.count") != 0 {
		t.Errorf("he sees %v more relationships, the job says %s", gained, job.Body)
	}
	last := ""
	for n := range 3 {
		first := job.Text(told + fmt.Sprintf("relationshipsGained.records.%d.id", n))
		const ask = `query($id: ID!) { relationship(id: $id) { id } }`
		if c.Ask("new.director", ask, map[string]any{"id": first}).Good().Get("relationship") == nil || strings.Contains(string(before.Body), first) || first <= last {
			t.Errorf("%s is not gained, or not in order of ids", first)
		}
		last = first
	}
}

func TestAnExplanationNamesTheChainWhatIsNeededAndTheFieldsRight(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	const ask = `query($record: ID!, $user: ID, $field: String) { explainAccess(record: $record, user: $user, field: $field) { visible
		chain { rule sentence node { __typename id } grant { id } } needed { steps { action sentence oneOf { __typename id } } }
		field { access rule relation sentence chain { rule node { __typename } } } } }`
	customers := c.Ask("director", "{ customers(first: 1) { nodes { id } } }", nil).Good()
	record := customers.Text("customers.nodes.0.id")
	own := c.Ask("director", ask, map[string]any{"record": record, "field": "phone"}).Good()
	if own.Get("explainAccess.visible") != true || own.Text("explainAccess.chain.0.node.__typename") != "Role" || len(own.List("explainAccess.needed")) != 0 ||
		own.Text("explainAccess.field.rule") != "CONTACT_DETAILS" || own.Text("explainAccess.field.access") != "FULL" {
		t.Errorf("his sight is explained as %s", own.Body)
	}
	nobody := c.Ask("admin", `mutation { userCreate(input: {login: "new", name: "New", password: "correct horse battery"}) { user { id } userErrors { message } } }`, nil).Good().Text("userCreate.user.id")
	closed := c.Ask("admin", ask, map[string]any{"record": record, "user": nobody, "field": "name"}).Good()
	if closed.Get("explainAccess.visible") != false || closed.Text("explainAccess.needed.0.steps.0.action") != "GIVE_ROLE" ||
		closed.Text("explainAccess.needed.0.steps.0.oneOf.0.__typename") != "Role" || closed.Text("explainAccess.needed.0.steps.1.action") != "SHARE" ||
		closed.Text("explainAccess.needed.0.steps.1.oneOf.0.id") != record || closed.Text("explainAccess.field.access") != "NONE" {
		t.Errorf("what a newcomer lacks is told as %s", closed.Body)
	}
	c.Ask("director", ask, map[string]any{"record": record, "field": "nonsense"}).Refused("BAD_INPUT")
}
