package server_test

import (
	"encoding/json"
	"strings"
	"testing"

	"guanxi/operations"
	"guanxi/sandbox"
	"guanxi/server/servertest"
)

// reaches tells how many records of a kind that one person owns another finds in his list, of how many there are.
func reaches(t *testing.T, c *servertest.Company, viewer, list, owner string) (seen, all int) {
	t.Helper()
	id := userCalled(t, c, owner)
	query := "query($owner: ID!) { list: " + list + "(where: {owner: {id: {eq: $owner}}}) { totalCount } }"
	seen = int(c.Ask(viewer, query, map[string]any{"owner": id}).Good().Number("list.totalCount"))
	all = rowsOf[struct{ N int }](t, c, "select count(*) from "+list+" where owner_id = $1 and deleted_at is null", id)[0].N
	return seen, all
}

// seesAll and seesNone want all of what somebody owns to be seen, or none of it.
func seesAll(t *testing.T, c *servertest.Company, viewer, list, owner string) {
	t.Helper()
	if seen, all := reaches(t, c, viewer, list, owner); seen != all || all == 0 {
		t.Errorf("%s sees %d of %d %s of %s, not all", viewer, seen, all, list, owner)
	}
}

func seesNone(t *testing.T, c *servertest.Company, viewer, list, owner string) {
	t.Helper()
	if seen, all := reaches(t, c, viewer, list, owner); seen != 0 || all == 0 {
		t.Errorf("%s sees %d of %d %s of %s, not none", viewer, seen, all, list, owner)
	}
}

func userCalled(t *testing.T, c *servertest.Company, login string) string {
	t.Helper()
	return idsOf(t, c, "select id from users where login = $1", login)[0]
}

// done fails unless every mutation of the answer was carried out.
func done(t *testing.T, answer *servertest.Answer) *servertest.Answer {
	t.Helper()
	for name := range answer.Good().Data {
		if refused := answer.List(name + ".userErrors"); len(refused) > 0 {
			t.Fatalf("%s: %v", name, refused)
		}
	}
	return answer
}

// operation carries out one of the users' own requests as somebody.
func operation(t *testing.T, c *servertest.Company, login, name string) *servertest.Answer {
	t.Helper()
	for _, file := range operations.Files() {
		if !strings.Contains(file.Document, "mutation "+name+"(") {
			continue
		}
		variables, err := sandbox.Variables(t.Context(), c.Store, file.Variables)
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(map[string]any{"query": file.Document, "operationName": name, "variables": variables[name]})
		if err != nil {
			t.Fatal(err)
		}
		return c.Send("POST", "/graphql", body, "Content-Type", plainJSON, "Authorization", "Bearer "+c.Token(login))
	}
	t.Fatalf("there is no request %s", name)
	return nil
}

// fits holds what somebody sees now against the rules, in every list and report.
func fits(t *testing.T, c *servertest.Company, login string) *person {
	t.Helper()
	p := newPerson(t, c, login)
	p.lists()
	p.reports()
	return p
}

const ownersPeople = `select u.login from users u where u.active and exists (select from customers where owner_id = u.id) and exists (select from opportunities where owner_id = u.id)
	and exists (select from memberships m join departments d on d.id = m.department_id join departments b on b.id = any(d.path) where m.user_id = u.id and b.name = any ($1))`

// TestADirectorIsGrantedFromNothing is the story of the South-China director: two branches to manage, and of the research
// department one person, of him only the opportunities.
func TestADirectorIsGrantedFromNothing(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	const her = "new.director"
	before := fits(t, c, her)
	branches := rowsOf[struct{ Login string }](t, c, ownersPeople, []string{"广东分公司", "广西分公司"})
	if len(branches) < 8 {
		t.Fatalf("the branches have only %d salespeople", len(branches))
	}
	for _, of := range branches {
		seesNone(t, c, her, "customers", of.Login)
	}
	seesNone(t, c, her, "opportunities", "xiaowang")

	granted := done(t, operation(t, c, "admin", "Director"))
	for _, of := range branches {
		seesAll(t, c, her, "customers", of.Login)
		seesAll(t, c, her, "opportunities", of.Login)
	}
	seesAll(t, c, her, "opportunities", "xiaowang")
	seesNone(t, c, her, "customers", "xiaowang")
	seesNone(t, c, her, "customers", "apart")
	seesNone(t, c, her, "opportunities", "apart")
	fits(t, c, her)
	ofXiaoWang(t, c, her)
	managesAsGranted(t, c, her)

	for _, name := range []string{"guangdong", "guangxi", "xiaowang"} {
		done(t, c.Ask("admin", "mutation($id: ID!) { it: grantDelete(input: {id: $id}) { userErrors { code } } }", map[string]any{"id": granted.Text(name + ".grant.id")}))
	}
	for list, visible := range fits(t, c, her).visible {
		if len(visible) != len(before.visible[list]) {
			t.Errorf("without grants %s sees %d %s, before %d", her, len(visible), list, len(before.visible[list]))
		}
	}
	seesNone(t, c, her, "customers", "guangdong.sales")
}

// ofXiaoWang looks at what hangs on Xiao Wang's customers: the opportunities are there, the customer is unknown, and so is
// what else is his.
func ofXiaoWang(t *testing.T, c *servertest.Company, viewer string) {
	t.Helper()
	const query = `query($owner: ID!) { opportunities(first: 100, where: {owner: {id: {eq: $owner}}}) { nodes { owner { name } customer { id } } }
		opportunityReport(by: [CUSTOMER], where: {owner: {id: {eq: $owner}}}) { total { count } rows { keys { unknown } count } } }`
	his := userCalled(t, c, "xiaowang")
	answer := c.Ask(viewer, query, map[string]any{"owner": his}).Good()
	hidden := 0
	for _, node := range decode[[]struct {
		Owner    struct{ Name string }
		Customer *struct{ ID string }
	}](t, answer.Get("opportunities.nodes")) {
		if node.Owner.Name != "小王" {
			t.Errorf("an opportunity of Xiao Wang has the owner %q", node.Owner.Name)
		}
		if node.Customer == nil {
			hidden++
		}
	}
	want := rowsOf[struct{ N int }](t, c, "select count(*) from opportunities o left join customers c on c.id = o.customer_id where o.owner_id = $1 and (c.id is null or c.owner_id = $1)", his)[0].N
	rows := decode[[]reportRow](t, answer.Get("opportunityReport.rows"))
	if last := rows[len(rows)-1]; hidden < want || want == 0 || !last.Keys[0].Unknown || last.Count != hidden {
		t.Errorf("of Xiao Wang's opportunities %d have a customer that %s does not see, at least %d should; the report says %+v", hidden, viewer, want, rows)
	}
	for _, list := range []string{"customers", "contacts", "activities"} {
		if seen, all := reaches(t, c, viewer, list, "xiaowang"); seen == all {
			t.Errorf("%s sees all %d %s of Xiao Wang", viewer, all, list)
		}
	}
}

// managesAsGranted changes a customer in the branches, and is refused to change what may only be observed.
func managesAsGranted(t *testing.T, c *servertest.Company, viewer string) {
	t.Helper()
	const update = "mutation($id: ID!) { it: customerUpdate(input: {id: $id, note: \"South China\"}) { customer { note } userErrors { code } } }"
	theirs := idsOf(t, c, "select id from customers where owner_id = $1 order by id limit 1", userCalled(t, c, "guangxi.sales"))[0]
	if answer := done(t, c.Ask(viewer, update, map[string]any{"id": theirs})); answer.Text("it.customer.note") != "South China" {
		t.Errorf("answered %s", answer.Body)
	}
	his := idsOf(t, c, "select id from opportunities where owner_id = $1 and status = 'OPEN' order by id limit 1", userCalled(t, c, "xiaowang"))
	if len(his) == 0 {
		t.Fatal("Xiao Wang has no open opportunity")
	}
	answer := c.Ask(viewer, "mutation($id: ID!) { it: opportunityWin(input: {id: $id}) { userErrors { code } } }", map[string]any{"id": his[0]}).Good()
	if answer.Get("it.userErrors.0.code") != "FORBIDDEN" {
		t.Errorf("to win Xiao Wang's opportunity is answered %s", answer.Body)
	}
}

// TestALeaderSeesWhoIsInHisGroup is the story of the project leader: a member's customers from the request after he joins
// to the request after he leaves, on every server.
func TestALeaderSeesWhoIsInHisGroup(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	other := c.Beside()
	members := rowsOf[struct{ ID, Login string }](t, c, "select u.id::text, u.login from group_members m join groups g on g.id = m.group_id join users u on u.id = m.user_id where g.name = '智慧园区项目组' order by u.login")
	if len(members) != 5 {
		t.Fatalf("the project group has the members %v", members)
	}
	group := idsOf(t, c, "select id from groups where name = '智慧园区项目组'")[0]
	set := func(ids []string) {
		t.Helper()
		done(t, c.Ask("admin", "mutation($id: ID!, $members: [ID!]!) { it: groupMembersSet(input: {id: $id, members: $members}) { group { members { totalCount } } userErrors { code } } }",
			map[string]any{"id": group, "members": ids}))
	}
	var ids []string
	for _, m := range members {
		ids = append(ids, m.ID)
	}
	for _, on := range []*servertest.Company{c, other} {
		seesNone(t, on, "leader", "customers", "twohats")
		seesAll(t, on, "leader", "customers", "apart")
	}
	set(append(ids[:len(ids):len(ids)], userCalled(t, c, "twohats")))
	for _, on := range []*servertest.Company{other, c} {
		seesAll(t, on, "leader", "customers", "twohats")
		seesNone(t, on, "leader", "opportunities", "twohats") // his grant is over customers
	}
	fits(t, c, "leader")
	set(ids)
	for _, on := range []*servertest.Company{other, c} {
		seesNone(t, on, "leader", "customers", "twohats")
	}
	set([]string{})
	for _, m := range members {
		if seen, all := reaches(t, other, "leader", "customers", m.Login); seen != 0 {
			t.Errorf("with nobody in his group the leader sees %d of %d customers of %s", seen, all, m.Login)
		}
	}
	done(t, c.Ask("admin", "mutation($id: ID!) { it: groupDissolve(input: {id: $id}) { userErrors { code } } }", map[string]any{"id": group}))
	fits(t, c, "leader")
}

// TestAHeadDoesNotSeeTheOneExcluded is the story of the department head: everybody's customers but one person's.
func TestAHeadDoesNotSeeTheOneExcluded(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	for _, of := range rowsOf[struct{ Login string }](t, c, ownersPeople, []string{"上海分公司"}) {
		if of.Login != "apart" {
			seesAll(t, c, "head", "customers", of.Login)
		}
	}
	seesNone(t, c, "head", "customers", "apart")
	seesNone(t, c, "head", "contacts", "apart")
	hers := idsOf(t, c, "select id from customers where owner_id = $1 order by id limit 1", userCalled(t, c, "apart"))[0]
	rules := func() string {
		return string(c.Ask("admin", "query($user: ID!, $record: ID!) { explainAccess(user: $user, record: $record) { visible reasons { rule } } }",
			map[string]any{"user": userCalled(t, c, "head"), "record": hers}).Good().Body)
	}
	if told := rules(); !strings.Contains(told, `"visible":false`) || !strings.Contains(told, `"DENIED"`) {
		t.Errorf("why the head does not see it is told as %s", told)
	}
	exclusion := idsOf(t, c, "select id from grants where effect = 'DENY' and grantee_user_id = $1", userCalled(t, c, "head"))[0]
	done(t, c.Ask("admin", "mutation($id: ID!) { it: grantDelete(input: {id: $id}) { userErrors { code } } }", map[string]any{"id": exclusion}))
	seesAll(t, c, "head", "customers", "apart")
	fits(t, c, "head")
	done(t, c.Ask("admin", `mutation($head: ID!, $apart: ID!) { it: grantCreate(input: {grantee: {user: $head}, subject: {user: $apart}, effect: DENY, level: OBSERVE, kinds: [CUSTOMER]}) {
		userErrors { code } } }`, map[string]any{"head": userCalled(t, c, "head"), "apart": userCalled(t, c, "apart")}))
	seesNone(t, c, "head", "customers", "apart")
	seesAll(t, c, "head", "opportunities", "apart") // the new exclusion is over customers
	fits(t, c, "head")
	if told := rules(); !strings.Contains(told, `"visible":false`) {
		t.Errorf("the head sees it again: %s", told)
	}
}

// TestBothHeadsSeeWhoIsInTwoDepartments ends a membership: the head of the department left sees no more.
func TestBothHeadsSeeWhoIsInTwoDepartments(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	for _, head := range []string{"guangdong.head", "guangxi.head"} {
		seesAll(t, c, head, "customers", "twohats")
		seesAll(t, c, head, "opportunities", "twohats")
	}
	second := idsOf(t, c, "select id from memberships where user_id = $1 and not is_primary", userCalled(t, c, "twohats"))[0]
	done(t, c.Ask("admin", "mutation($id: ID!) { it: membershipDelete(input: {id: $id}) { userErrors { code } } }", map[string]any{"id": second}))
	seesAll(t, c, "guangdong.head", "customers", "twohats")
	for _, head := range []string{"guangdong.head", "guangxi.head"} {
		fits(t, c, head)
	}
	if seen, all := reaches(t, c, "guangxi.head", "customers", "twohats"); seen == all {
		t.Errorf("the head of the department left still sees all %d customers", all)
	}
}
