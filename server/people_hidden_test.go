package server_test

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"guanxi/models"
	"guanxi/server/servertest"
)

// hiddenQueries ask about the record $id in every way there is; $seen is a customer that the viewer sees.
var hiddenQueries = map[string][]string{
	"": { // of any kind
		"query($id: ID!) { node(id: $id) { __typename id } }",
		"query($id: ID!) { nodes(ids: [$id]) { __typename id } }",
		"query($id: ID!) { explainAccess(record: $id) { visible manageable reasons { rule sentence } } }",
		"query($id: ID!) { relationships(where: {or: [{a: {eq: $id}}, {b: {eq: $id}}]}) { totalCount nodes { id } } }",
	},
	"CUSTOMER": {
		"query($id: ID!) { customer(id: $id) { id name owner { name } contacts { totalCount } opportunities { totalCount } network { nodes { hops } } timeline { edges { cursor } } value { opportunityCount } } }",
		"query($id: ID!) { customers(where: {id: {in: [$id]}}) { totalCount nodes { id } } none: customers(where: {not: {id: {eq: $id}}}) { totalCount } }",
		"query($id: ID!, $seen: ID!) { paths(from: $seen, to: $id) { hops } back: paths(from: $id, to: $seen) { hops } }",
		"query($id: ID!) { opportunities(where: {customer: {id: {eq: $id}}}) { totalCount } contacts(where: {customers: {some: {id: {eq: $id}}}}) { totalCount } }",
		"query($id: ID!) { opportunityReport(where: {customer: {id: {eq: $id}}}, by: [CUSTOMER]) { total { count wonAmount { amount } } rows { keys { id label } } coverage { field known unknown } } }",
		"query($id: ID!) { competitorAnalysis(where: {customer: {id: {eq: $id}}}) { rows { encounters } unattributed { lost } coverage { field known unknown } } }",
		"query($id: ID!) { services(where: {customer: {id: {eq: $id}}}) { totalCount } activities(where: {customer: {id: {eq: $id}}}) { totalCount } documents(where: {customer: {id: {eq: $id}}}) { totalCount } }",
	},
	"CONTACT": {
		"query($id: ID!) { contact(id: $id) { id name phone customers { totalCount } } contacts(where: {id: {eq: $id}}) { totalCount } customers(where: {contacts: {some: {id: {eq: $id}}}}) { totalCount } }",
		"query($id: ID!, $seen: ID!) { paths(from: $seen, to: $id) { hops } }",
	},
	"OPPORTUNITY": {
		"query($id: ID!) { opportunity(id: $id) { id title stageChanges { id } encounters { id } lines { id } } opportunities(where: {id: {eq: $id}}) { totalCount } }",
		"query($id: ID!) { opportunityReport(where: {id: {eq: $id}}) { total { count } } customers(where: {opportunities: {some: {id: {eq: $id}}}}) { totalCount } }",
	},
	"SERVICE":  {"query($id: ID!) { service(id: $id) { id title } services(where: {id: {eq: $id}}) { totalCount } }"},
	"DOCUMENT": {"query($id: ID!) { document(id: $id) { id name downloadUrl } documents(where: {id: {eq: $id}}) { totalCount } }"},
	"ACTIVITY": {"query($id: ID!) { activity(id: $id) { id summary } activities(where: {id: {eq: $id}}) { totalCount } }"},
}

const refusals = " { userErrors { code field message } } }"

// hiddenMutations write to the record $id in every way there is; $seen is a customer that the viewer manages, $to a user.
var hiddenMutations = map[string][]string{
	"": {
		"mutation($id: ID!, $to: ID!) { it: shareCreate(input: {record: $id, subject: {user: $to}, level: OBSERVE})" + refusals,
		`mutation($id: ID!, $to: ID!) { it: shareCreate(input: {record: $id, subject: {user: $to}, level: MANAGE, kinds: [CUSTOMER], expiresAt: "2026-12-01T00:00:00Z"})` + refusals,
	},
	"CUSTOMER": {
		`mutation($id: ID!) { it: customerUpdate(input: {id: $id, name: "x", expectedVersion: 1})` + refusals,
		"mutation($id: ID!) { it: customerDelete(input: {id: $id})" + refusals,
		"mutation($id: ID!) { it: customerRestore(input: {id: $id})" + refusals,
		"mutation($id: ID!) { it: customerClaim(input: {id: $id})" + refusals,
		"mutation($id: ID!, $to: ID!) { it: customerTransfer(input: {id: $id, to: $to})" + refusals,
		"mutation($id: ID!, $pool: ID!) { it: customerRelease(input: {id: $id, pool: $pool, expectedVersion: 1})" + refusals,
		`mutation($id: ID!) { it: opportunityCreate(input: {title: "x", customer: $id})` + refusals,
		`mutation($id: ID!) { it: contactCreate(input: {name: "x", customer: $id})` + refusals,
		`mutation($id: ID!) { it: activityCreate(input: {summary: "x", customer: $id})` + refusals,
		`mutation($id: ID!) { it: serviceCreate(input: {title: "x", customer: $id})` + refusals,
		"mutation($id: ID!, $seen: ID!, $type: ID!) { it: relationshipCreate(input: {type: $type, a: $seen, b: $id})" + refusals,
	},
	"CONTACT": {
		`mutation($id: ID!) { it: contactUpdate(input: {id: $id, name: "x"})` + refusals,
		"mutation($id: ID!) { it: contactDelete(input: {id: $id})" + refusals,
		"mutation($id: ID!) { it: contactRestore(input: {id: $id})" + refusals,
		"mutation($id: ID!, $to: ID!) { it: contactTransfer(input: {id: $id, to: $to, keepShares: true})" + refusals,
		`mutation($id: ID!) { it: activityCreate(input: {summary: "x", contact: $id})` + refusals,
	},
	"OPPORTUNITY": {
		`mutation($id: ID!) { it: opportunityUpdate(input: {id: $id, title: "x", expectedVersion: 99})` + refusals,
		"mutation($id: ID!) { it: opportunityWin(input: {id: $id})" + refusals,
		"mutation($id: ID!) { it: opportunityLose(input: {id: $id})" + refusals,
		"mutation($id: ID!) { it: opportunityReopen(input: {id: $id})" + refusals,
		"mutation($id: ID!) { it: opportunityCancel(input: {id: $id})" + refusals,
		"mutation($id: ID!, $stage: ID!) { it: opportunityStageMove(input: {id: $id, stage: $stage})" + refusals,
		"mutation($id: ID!) { it: opportunityDelete(input: {id: $id})" + refusals,
		"mutation($id: ID!) { it: opportunityRestore(input: {id: $id})" + refusals,
		"mutation($id: ID!, $to: ID!) { it: opportunityTransfer(input: {id: $id, to: $to, expectedVersion: 7})" + refusals,
		`mutation($id: ID!) { it: serviceCreate(input: {title: "x", opportunity: $id})` + refusals,
		"mutation($id: ID!, $competitor: ID!) { it: encounterAdd(input: {opportunity: $id, competitor: $competitor})" + refusals,
		"mutation($id: ID!) { it: opportunityLinesReplace(input: {id: $id, lines: []})" + refusals,
		`mutation($id: ID!) { it: activityCreate(input: {summary: "x", opportunity: $id})` + refusals,
	},
	"SERVICE": {
		`mutation($id: ID!) { it: serviceUpdate(input: {id: $id, title: "x"})` + refusals,
		"mutation($id: ID!) { it: serviceDelete(input: {id: $id})" + refusals,
		"mutation($id: ID!) { it: serviceRestore(input: {id: $id})" + refusals,
		"mutation($id: ID!, $to: ID!) { it: serviceTransfer(input: {id: $id, to: $to})" + refusals,
	},
	"DOCUMENT": {
		`mutation($id: ID!) { it: documentUpdate(input: {id: $id, name: "x"})` + refusals,
		"mutation($id: ID!) { it: documentReadersSet(input: {id: $id, restricted: false})" + refusals,
		"mutation($id: ID!, $to: ID!) { it: documentReadersSet(input: {id: $id, restricted: true, readers: [{user: $to}]})" + refusals,
		"mutation($id: ID!) { it: documentDelete(input: {id: $id})" + refusals,
		"mutation($id: ID!) { it: documentRestore(input: {id: $id})" + refusals,
		"mutation($id: ID!, $to: ID!) { it: documentTransfer(input: {id: $id, to: $to})" + refusals,
	},
	"ACTIVITY": {
		`mutation($id: ID!) { it: activityUpdate(input: {id: $id, summary: "x"})` + refusals,
		"mutation($id: ID!) { it: activityDelete(input: {id: $id})" + refusals,
		"mutation($id: ID!) { it: activityRestore(input: {id: $id})" + refusals,
		"mutation($id: ID!, $to: ID!) { it: activityTransfer(input: {id: $id, to: $to})" + refusals,
	},
}

// TestA14AHiddenRecordAnswersAsOneNeverIssued asks for hidden records and for ids never issued, to read and to write, as
// people with many rights, few and none to write: the answers are the same to the byte, and so are the texts of the
// statements that are run.
func TestA14AHiddenRecordAnswersAsOneNeverIssued(t *testing.T) {
	t.Parallel()
	for _, login := range []string{"guangdong.sales", "director", "head", "finance", "service"} {
		t.Run(login, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t, servertest.New(t, forgetful), login)
			compared := 0
			for _, k := range recordKinds {
				for _, id := range few(p.hidden[k.list]) {
					for _, query := range slices.Concat(hiddenQueries[""], hiddenQueries[k.kind]) {
						p.alike(query, id, neverIssued(k))
						compared++
					}
					for _, mutation := range slices.Concat(hiddenMutations[""], hiddenMutations[k.kind]) {
						p.refusedAlike(mutation, id, neverIssued(k))
						compared++
					}
				}
			}
			t.Logf("%s: %d requests compared", login, compared)
		})
	}
}

// variables fill in what a request about an id needs besides.
func (p *person) variables(request, id string) map[string]any {
	values := map[string]any{"id": id}
	for name, text := range map[string]string{
		"to": "select id from users where login = 'twohats'", "type": "select id from relationship_types where code = 'PARENT_OF'",
		"competitor": "select id from competitors order by id limit 1", "pool": "select id from pools order by id limit 1", "stage": "select id from stages order by id limit 1",
	} {
		if strings.Contains(request, "$"+name) {
			values[name] = idsOf(p.T, p.company, text)[0]
		}
	}
	if strings.Contains(request, "$seen") {
		values["seen"] = append(idsOf(p.T, p.company, "select id from customers where id = any ($1::uuid[]) order by pool_id is not null, owner_id = (select id from users where login = $2) desc, id limit 1",
			slices.Collect(maps.Keys(p.visible["customers"])), p.login), neverIssued(recordKinds[0]))[0]
	}
	return values
}

var anyID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// alike fails unless a request about two ids is answered the same, without an error of the server's own.
func (p *person) alike(request, one, other string) *servertest.Answer {
	p.Helper()
	p.known.Do(func() { p.company.Ask(p.login, "{ __typename }", nil) }) // so that his rights are read before
	var a, b *servertest.Answer
	asked, askedOther := p.variables(request, one), p.variables(request, other)
	statements := p.company.Listen(func() { a = p.company.Ask(p.login, request, asked) })
	others := p.company.Listen(func() { b = p.company.Ask(p.login, request, askedOther) })
	if a.Status != b.Status || !bytes.Equal(a.Body, b.Body) || bytes.Contains(a.Body, []byte("INTERNAL")) {
		p.Errorf("%s, %s:\nhidden %d %.600s\nnever issued %d %.600s", p.login, request, a.Status, a.Body, b.Status, b.Body)
	}
	slices.Sort(statements) // fields side by side are read in any order
	slices.Sort(others)
	if run, runOther := anyID.ReplaceAllString(strings.Join(statements, "\n"), "ID"), anyID.ReplaceAllString(strings.Join(others, "\n"), "ID"); run != runOther || run == "" {
		p.Errorf("%s, %s: for the hidden one these statements are run:\n%s\nfor the one never issued\n%s", p.login, request, run, runOther)
	}
	return b
}

// refusedAlike is alike, and fails unless both are refused for the record's absence or the permission's.
func (p *person) refusedAlike(mutation, one, other string) {
	p.Helper()
	answer := p.alike(mutation, one, other)
	if code := answer.Get("it.userErrors.0.code"); len(answer.Errors) == 0 && code != "NOT_FOUND" || len(answer.Errors) > 0 && answer.Errors[0].Code() != "PERMISSION_DENIED" {
		p.Errorf("%s, %s: answered %.400s", p.login, mutation, answer.Body)
	}
}

// TestA14APartOfAHiddenRecordAnswersAsOneNeverIssued asks for encounters, lines, stage changes and relationships.
func TestA14APartOfAHiddenRecordAnswersAsOneNeverIssued(t *testing.T) {
	t.Parallel()
	p := newPerson(t, servertest.New(t, forgetful), "guangdong.sales")
	hidden := p.hidden["opportunities"]
	for table, kind := range map[string]models.KindCode{"encounters": models.EncounterCode, "opportunity_lines": models.OpportunityLineCode, "stage_changes": models.StageChangeCode} {
		for _, id := range few(idsOf(t, p.company, "select id from "+table+" where opportunity_id = any ($1::uuid[]) order by id", hidden)) {
			p.alike(hiddenQueries[""][0], id, models.NewID(kind).String())
			p.alike(hiddenQueries[""][2], id, models.NewID(kind).String())
			if kind == models.EncounterCode {
				p.refusedAlike(`mutation($id: ID!) { it: encounterUpdate(input: {id: $id, strengths: "x"})`+refusals, id, models.NewID(kind).String())
				p.refusedAlike(`mutation($id: ID!) { it: encounterRemove(input: {id: $id})`+refusals, id, models.NewID(kind).String())
			}
		}
	}
	ties := idsOf(t, p.company, "select id from relationships where a_id = any ($1::uuid[]) or b_id = any ($1::uuid[]) order by id", slices.Concat(p.hidden["customers"], p.hidden["contacts"]))
	for _, id := range few(ties) {
		never := models.NewID(models.RelationshipCode).String()
		for _, query := range append(hiddenQueries[""][:3:3], "query($id: ID!) { relationship(id: $id) { id } relationships(where: {id: {eq: $id}}) { totalCount } }") {
			p.alike(query, id, never)
		}
		for _, mutation := range []string{`relationshipUpdate(input: {id: $id, note: "x"})`, `relationshipEnd(input: {id: $id, until: "2026-09-17"})`, "relationshipDelete(input: {id: $id})"} {
			p.refusedAlike("mutation($id: ID!) { it: "+mutation+refusals, id, never)
		}
	}
}
