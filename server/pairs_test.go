package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"guanxi/access"
	"guanxi/models"
	"guanxi/operations"
	"guanxi/sandbox"
	"guanxi/server"
	"guanxi/server/servertest"
)

// Two databases that differ only in what somebody cannot read give him the same answers, to the byte: PRODUCT's promise, asked
// of everything that can be asked.

// watchers are people who see much and little, by each way to see, and with each field right missing.
var watchers = []string{"guangdong.sales", "leader", "head", "analyst", "marketing", "service", "nobody"}

// pair is one company before and after changes that one person must not notice.
type pair struct {
	*person

	set    []asking
	before [][]byte
	made   []string // the changes
}

// forgetful makes a server count the same statements whoever asked what before.
func forgetful(o *server.Options) { o.Forget = true }

// newPair fills in what a person is to ask and what he is answered before anything changes.
func newPair(t *testing.T, login string, choose func([]asking) []asking) *pair {
	t.Helper()
	c := servertest.New(t, forgetful)
	if login == "nobody" { // signed in, and without any role
		change(t, c, "delete from user_roles where user_id = (select id from users where login = 'new.director')")
		login = "new.director"
	}
	// the administrator, who is to be told otherwise, sees even documents with a list of their own
	change(t, c, "insert into document_readers (document_id, subject_id) select d.id, u.id from documents d, users u where u.login = 'admin' and d.restricted on conflict do nothing")
	p := &pair{person: newPerson(t, c, login)}
	p.set = choose(p.questions())
	for _, one := range p.set {
		p.before = append(p.before, p.told(one))
	}
	return p
}

// told gives all that an answer tells: its status, headers and bytes, and how many statements it took. What counts costs and
// numbers requests is left out.
func (p *pair) told(one asking) []byte {
	p.Helper()
	var all bytes.Buffer
	values := maps.Clone(one.variables)
	for page := 0; page < 4; page++ {
		a := p.sent(one, values)
		if one.path == "" && a.Status != http.StatusOK || bytes.Contains(a.Body, []byte(`"INTERNAL"`)) || bytes.Contains(a.Body, []byte(`"LIMIT_EXCEEDED"`)) || bytes.Contains(a.Body, []byte("VALIDATION_FAILED")) {
			p.Fatalf("%s asks for %s: answered %d %.600s\n%s", p.login, one.name, a.Status, a.Body, one.text)
		}
		fmt.Fprintf(&all, "%s\n%d statements\n%s", headOf(a), p.company.Last().Statements, bodyOf(p.T, a))
		cursor, more := a.Get("page.pageInfo.endCursor").(string)
		if !more || a.Get("page.pageInfo.hasNextPage") != true {
			break
		}
		values = maps.Clone(one.variables)
		if values == nil {
			values = map[string]any{}
		}
		values["after"] = cursor
	}
	return all.Bytes()
}

// sent sends a request.
func (p *pair) sent(one asking, variables map[string]any) *servertest.Answer {
	p.Helper()
	bearer := "Bearer " + p.company.Token(p.login)
	if one.path != "" {
		return p.company.Send(http.MethodGet, one.path, nil, "Authorization", bearer)
	}
	body, err := json.Marshal(map[string]any{"query": one.text, "operationName": one.operation, "variables": variables})
	if err != nil {
		p.Fatal(err)
	}
	return p.company.Send(http.MethodPost, "/graphql", body, "Content-Type", plainJSON, "Authorization", bearer)
}

// headOf gives the status and the headers but those that differ from request to request.
func headOf(a *servertest.Answer) string {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(a.Header)), func(name string) bool {
		return name == "X-Request-Id" || name == "Date" || name == "Content-Length" || strings.HasPrefix(name, "X-Ratelimit")
	})
	text := fmt.Sprint(a.Status)
	for _, name := range names {
		text += fmt.Sprintf("\n%s: %s", name, a.Header[name])
	}
	return text
}

// bodyOf gives the body as it was sent; when it counts costs, without them.
func bodyOf(t *testing.T, a *servertest.Answer) []byte {
	t.Helper()
	var whole map[string]json.RawMessage
	if json.Unmarshal(a.Body, &whole) != nil || whole["extensions"] == nil {
		return a.Body
	}
	var extensions map[string]json.RawMessage
	if err := json.Unmarshal(whole["extensions"], &extensions); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal([]any{whole["data"], whole["errors"], extensions["denied"]})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// questions are all that the person asks.
func (p *pair) questions() []asking {
	p.Helper()
	a := newAsker()
	list := slices.Concat(p.own(), a.roots(), p.byIDs(a), p.byHand(), p.files(), a.filters(), a.sorts())
	return append(list, a.reports()...)
}

// own are the users' own queries, with values of the sample company.
func (p *pair) own() (list []asking) {
	for _, file := range operations.Files() {
		variables, err := sandbox.Variables(p.Context(), p.company.Store, file.Variables)
		if err != nil {
			p.Fatal(err)
		}
		for _, match := range named.FindAllStringSubmatch(file.Document, -1) {
			if match[1] == "query" {
				list = append(list, asking{match[2], file.Document, variables[match[2]], match[2], ""})
			}
		}
	}
	return list
}

// byIDs asks for a few records of each kind, seen, hidden and never issued.
func (p *pair) byIDs(a asker) (list []asking) {
	for _, kind := range access.Kinds {
		var ids []string
		if k := slices.IndexFunc(recordKinds, func(k record) bool { return k.kind == kind.Name }); k >= 0 {
			seen := few(slices.Sorted(maps.Keys(p.visible[recordKinds[k].list])))
			ids = append(seen[:min(2, len(seen))], atMost(few(p.hidden[recordKinds[k].list]), 1)...)
		} else {
			ids = idsOf(p.T, p.company, "select id from "+kind.Table+" order by md5(id::text) limit 2")
		}
		for _, one := range a.byID(kind) {
			for _, id := range ids {
				one.variables = map[string]any{"id": id}
				list = append(list, one)
			}
		}
	}
	return list
}

func atMost(list []string, n int) []string { return list[:min(n, len(list))] }

// byHand asks what the schema alone does not tell how to: about ids, texts and chains, and each list page by page.
func (p *pair) byHand() (list []asking) {
	ask := func(name, text string, variables map[string]any) {
		list = append(list, asking{name, text, variables, "", ""})
	}
	for _, k := range recordKinds {
		seen, hidden := atMost(few(slices.Sorted(maps.Keys(p.visible[k.list]))), 2), atMost(few(p.hidden[k.list]), 2)
		for _, id := range slices.Concat(seen, hidden, []string{neverIssued(k)}) {
			for _, text := range slices.Concat(hiddenQueries[""], hiddenQueries[k.kind]) {
				ask("a record by its id, of the "+k.list, text, p.variables(text, id))
			}
		}
		for _, id := range slices.Concat(seen, hidden, []string{neverIssued(k)}) {
			ask("the history of a record of the "+k.list, "query($id: ID!) { history(record: $id, first: 30) { totalCount nodes { id at action summary by { id } record { id } changes { field old new oldRecord { id } newRecord { id } } } } }", map[string]any{"id": id})
		}
		for _, id := range append(seen, hidden...) {
			name := rowsOf[struct{ Name string }](p.T, p.company, "select coalesce(to_jsonb(r) ->> 'name', to_jsonb(r) ->> 'title', to_jsonb(r) ->> 'summary') from "+k.table+" r where id = $1", id)[0].Name
			text := []rune(name)
			for _, part := range []string{string(text[:min(64, len(text))]), string(text[len(text)/2 : min(64, len(text))])} {
				ask("search", "query($text: String!, $after: String) { page: search(text: $text, first: 5, after: $after) { totalCount totalCountExact edges { cursor node { matched record { __typename id } } } pageInfo { hasNextPage endCursor } } }",
					map[string]any{"text": part})
			}
		}
		ask("pages of "+k.list, "query($after: String) { page: "+k.list+"(first: 30, after: $after) { totalCount totalCountExact edges { cursor node { id version updatedAt } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }", nil)
	}
	for _, by := range []string{"OWNER", "REGION", "STAGE"} {
		ask("a waterfall by "+by, "query($by: OpportunityDimension) { opportunityWaterfall(from: \"2026-06-01T00:00:00Z\", by: $by) { rows { key { id label unknown } begin { count } created { count } entered { count } reopened { count } } total { begin { count } created { count records(first: 5) { totalCount nodes { id title } } } } } }",
			map[string]any{"by": by})
	}
	for _, end := range rowsOf[struct{ Phone string }](p.T, p.company, "select phone from (select phone from contacts where phone is not null union all select phone from customers where phone is not null) p order by md5(phone) limit 6") {
		ask("search by phone", "query($text: String!) { search(text: $text) { nodes { matched record { id } } } }", map[string]any{"text": end.Phone[max(0, len(end.Phone)-5):]})
	}
	people := atMost(slices.Sorted(maps.Keys(p.visible["contacts"])), 3)
	for _, from := range slices.Concat([]string{p.id}, people) {
		for _, to := range slices.Concat(people, atMost(p.hidden["contacts"], 2), atMost(slices.Sorted(maps.Keys(p.visible["customers"])), 2)) {
			ask("paths", "query($from: ID!, $to: ID!) { paths(from: $from, to: $to) { hops steps { label party { __typename id name } relationship { id } } } }", map[string]any{"from": from, "to": to})
		}
	}
	for _, id := range atMost(slices.Sorted(maps.Keys(p.visible["customers"])), 3) {
		ask("the net around a customer", "query($id: ID!) { customer(id: $id) { network(depth: 3, first: 200) { truncated nodes { hops party { id name } } edges { label a { id } b { id } relationship { id } } } } }", map[string]any{"id": id})
		ask("all that happened with a customer", "query($id: ID!) { customer(id: $id) { timeline(first: 100) { totalCount edges { cursor node { __typename id at summary by { id } } } } value { opportunityCount daysSilent } } }", map[string]any{"id": id})
	}
	ask("a job never issued", "query($id: ID!) { job(id: $id) { id } }", map[string]any{"id": models.NewID(models.JobCode)})
	ask("counts of the access log", "{ accessLogCounts(by: [FIELD]) { reads } }", nil)
	ask("a simulation", "{ simulateAccess(changes: []) { users { totalCount } } }", nil)
	return list
}

// files puts the bytes of some documents in their places, and asks for them.
func (p *pair) files() (list []asking) {
	seen, hidden := atMost(slices.Sorted(maps.Keys(p.visible["documents"])), 2), atMost(p.hidden["documents"], 2)
	for _, id := range slices.Concat(seen, hidden, []string{neverIssued(recordKinds[4])}) {
		for _, row := range rowsOf[struct{ Key string }](p.T, p.company, "select storage_key from documents where id = $1", id) {
			if _, err := p.company.Files.Put(p.Context(), row.Key, strings.NewReader("the bytes of "+id)); err != nil {
				p.Fatal(err)
			}
		}
		list = append(list, asking{"the file of a document", "", nil, "", "/files/" + id})
	}
	return list
}

// changed asks everything again, and tells the first answer that is another; "" when there is none.
func (p *pair) changed() string {
	p.Helper()
	for i, one := range p.set {
		if after := p.told(one); !bytes.Equal(after, p.before[i]) {
			return fmt.Sprintf("%s asks for %s %v %s%s\nwas told %s\nand is told %s\nafter %s", p.login, one.name, one.variables, one.text, one.path,
				around(p.before[i], after), around(after, p.before[i]), strings.Join(p.made, "; "))
		}
	}
	return ""
}

// around shows the place where one text differs from another.
func around(text, other []byte) string {
	at := 0
	for at < len(text) && at < len(other) && text[at] == other[at] {
		at++
	}
	return fmt.Sprintf("…%s…", text[max(0, at-200):min(len(text), at+200)])
}

// make makes a change and fails unless an administrator, who may see it, is answered otherwise.
func (p *pair) make(one alteration, seed string) bool {
	p.Helper()
	ids := p.chosen(one, seed)
	if len(ids) == 0 {
		return false
	}
	teeth := "query($ids: [ID!]!) { nodes(ids: $ids) { __typename } }"
	if one.told != "" {
		a := newAsker()
		teeth = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on " + one.told + " " + a.everything(a.schema.Types[one.told], 0) + " } }"
	}
	asked := map[string]any{"ids": ids[:min(len(ids), 50)]}
	before := p.company.Ask("admin", teeth, asked).Good()
	if !p.alter(one, seed, ids) {
		return false
	}
	after := p.company.Ask("admin", teeth, asked).Good()
	if one.told != "" && bytes.Equal(before.Body, after.Body) {
		p.Errorf("%s: the change is void, since an administrator is told the same: %.300s", one.class, after.Body)
	}
	p.made = append(p.made, one.class)
	return true
}

// TestEveryRootFieldIsAskedOfAPair fails when a root field has been added for which the pairs have no request.
func TestEveryRootFieldIsAskedOfAPair(t *testing.T) {
	t.Parallel()
	if missing := newAsker().unasked(); len(missing) > 0 {
		t.Errorf("nothing is asked of %s: write a request in byHand of pairs_test.go and name the field in written of asking_test.go", strings.Join(missing, ", "))
	}
	for name := range written {
		if newAsker().schema.Query.Fields.ForName(name) == nil {
			t.Errorf("there is no root field %s any more", name)
		}
	}
}

// proving tells whether there is time to ask everything, as there is in make prove.
func proving() bool { return os.Getenv("GUANXI_PROVE") != "" }

// TestChangingWhatOneCannotReadChangesNoAnswer makes changes of every class to what a person cannot read, and asks all that
// the person asked before. Then he writes, in this company and in one where nothing was changed.
func TestChangingWhatOneCannotReadChangesNoAnswer(t *testing.T) {
	t.Parallel()
	for n, login := range watchers {
		t.Run(login, func(t *testing.T) {
			t.Parallel()
			p := newPair(t, login, func(all []asking) []asking {
				if proving() {
					return all
				}
				return partOf(all, n, len(watchers))
			})
			for i, one := range alterations() {
				if proving() || i%3 == n%3 {
					p.make(one, login)
				}
			}
			if told := p.changed(); told != "" {
				t.Fatal(told)
			}
			other := newPair(t, login, func([]asking) []asking { return nil })
			writes := p.writes()
			for _, one := range writes {
				if here, there := p.told(one), other.told(one); !bytes.Equal(here, there) {
					t.Errorf("%s writes %s %v\nand is told %s\nwithout the changes %s\nafter %s", login, one.text, one.variables, around(here, there), around(there, here), strings.Join(p.made, "; "))
				}
			}
			t.Logf("%s: %d requests and %d writes answered the same after %d classes of changes", login, len(p.set), len(writes), len(p.made))
		})
	}
}

// writes are what the person tries to write: to records that he does not see, and to some that he does.
func (p *pair) writes() (list []asking) {
	ask := func(text, id string) {
		if id != "" {
			list = append(list, asking{"a write", text, p.variables(text, id), "", ""})
		}
	}
	first := func(list string) string {
		return append(atMost(slices.Sorted(maps.Keys(p.visible[list])), 1), "")[0]
	}
	for _, k := range recordKinds {
		for _, id := range append(atMost(few(p.hidden[k.list]), 1), neverIssued(k)) {
			for _, text := range slices.Concat(hiddenMutations[""], hiddenMutations[k.kind]) {
				ask(text, id)
			}
		}
		for _, text := range slices.Concat(hiddenMutations[""], hiddenMutations[k.kind]) {
			ask(text, first(k.list)) // deletes and restores it too
		}
		upper := strings.ToUpper(k.one[:1]) + k.one[1:]
		ask("{ page: deleted"+strings.ToUpper(k.list[:1])+k.list[1:]+"(first: 50) { totalCount nodes { ... on "+upper+" { id version } } } }", p.id)
	}
	return list
}

// TestRandomChangesToWhatOneCannotReadChangeNoAnswer makes random changes for random people, each in a company of its own.
func TestRandomChangesToWhatOneCannotReadChangeNoAnswer(t *testing.T) {
	if !proving() {
		t.Skip("make prove has the time for it")
	}
	all := alterations()
	rapid.Check(t, func(r *rapid.T) {
		login := rapid.SampledFrom(watchers).Draw(r, "who")
		chosen := rapid.SliceOfNDistinct(rapid.IntRange(0, len(all)-1), 1, 12, rapid.ID).Draw(r, "changes")
		seed, nth := rapid.StringMatching("[a-z]{6}").Draw(r, "seed"), rapid.IntRange(0, 9).Draw(r, "requests")
		told := ""
		t.Run(login, func(t *testing.T) { // so that its database ends with it
			p := newPair(t, login, func(all []asking) []asking { return partOf(all, nth, 10) })
			for _, i := range chosen {
				p.make(all[i], seed)
			}
			told = p.changed()
		})
		if told != "" {
			r.Fatal(told)
		}
	})
}

// partOf chooses every nth of the requests, those of the same name apart, so that all watchers together ask everything.
func partOf(all []asking, nth, of int) []asking {
	seen := map[string]int{}
	return slices.DeleteFunc(all, func(one asking) bool {
		seen[one.kind()]++
		return seen[one.kind()]%of != nth
	})
}
