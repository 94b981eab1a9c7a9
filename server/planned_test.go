package server_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"guanxi/models"
	"guanxi/server"
	"guanxi/server/servertest"
)

// A plan answers as gqlgen does, to the byte, and the access log is told the same. Each of these tests asks two servers on one
// database, of which one makes no plans.

// judged is a company with a server that plans and one that does not.
type judged struct {
	*testing.T

	company, plain *servertest.Company
	planned, given int // requests that were answered by a plan, and that gqlgen had to answer
	refused        int // before anything was carried out
}

func newJudged(t *testing.T, c *servertest.Company) *judged {
	t.Helper()
	return &judged{T: t, company: c, plain: c.Beside(func(o *server.Options) { o.Plain = true })}
}

// held asks both servers, and tells what differs; "" when nothing does.
func (j *judged) held(login string, one asking) string {
	j.Helper()
	ask := func(c *servertest.Company) (string, []byte) {
		p := &pair{person: &person{T: j.T, company: c, login: login}}
		a := p.sent(one, one.variables)
		id := a.Header.Get("X-Request-Id")
		log := rowsOf[struct {
			Field, Record string
			Records       int
		}](j.T, j.company, "select field, coalesce(record_id::text, '') record, coalesce(records, 0) records from access_log where request = $1 order by 1, 2, 3", id)
		text := fmt.Sprintf("%s\n%s\n%v", headOf(a), a.Body, log)
		return strings.ReplaceAll(text, id, "the request's number"), a.Body
	}
	plans, body := ask(j.company)
	switch {
	case !bytes.Contains(body, []byte(`"data":`)):
		j.refused++
	case j.company.Last().Planned:
		j.planned++
	default:
		j.given++
	}
	plain, _ := ask(j.plain)
	if plans == plain {
		return ""
	}
	return fmt.Sprintf("%s asks for %s %v\n%s\nby the plan: %s\nby gqlgen: %s", login, one.name, one.variables, one.text,
		around([]byte(plans), []byte(plain)), around([]byte(plain), []byte(plans)))
}

// changing are root fields whose answers change by being asked.
var changing = map[string]bool{"accessLog": true, "accessLogCounts": true, "reportUsage": true}

// TestPlansAnswerAsGqlgenDoes asks all that can be drawn from the schema: each root field, each field of each kind of record by
// its id, reports, nets, searches and histories.
func TestPlansAnswerAsGqlgenDoes(t *testing.T) {
	t.Parallel()
	for n, login := range []string{"guangdong.sales", "admin", "analyst", "service"} {
		t.Run(login, func(t *testing.T) {
			t.Parallel()
			c := servertest.New(t)
			if login == "analyst" {
				blind(t, c)
			}
			p, a := &pair{person: newPerson(t, c, login)}, newAsker()
			j := newJudged(t, c)
			set := slices.Concat(p.own(), a.roots(), p.byIDs(a), p.byHand(), a.filters()[:30], a.sorts()[:30], a.reports())
			set = slices.DeleteFunc(set, func(one asking) bool { return changing[one.name] || strings.Contains(one.text, "accessLog") })
			if !proving() {
				set = partOf(set, n, 4)
			}
			for _, one := range set {
				if told := j.held(login, one); told != "" {
					t.Error(told)
				}
			}
			t.Logf("%d requests were answered by plans, %d by gqlgen", j.planned, j.given)
			if j.planned < 5*j.given {
				t.Error("few requests were answered by plans")
			}
		})
	}
}

// TestRandomRequestsAreAnsweredAsGqlgenDoes asks random selections, with aliases, fragments, @skip and @include, lists out of
// range, cursors of no list, hidden records and records that never were, as people who see much, little and nothing protected.
func TestRandomRequestsAreAnsweredAsGqlgenDoes(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	blind(t, c)
	j, people := newJudged(t, c), []string{"admin", "analyst", "guangdong.sales", "director", "service", "new.director"}
	ids := map[string][]string{}
	for _, k := range recordKinds {
		ids[k.kind] = idsOf(t, c, "select id from "+k.table+" order by md5(id::text) limit 20")
	}
	rapid.Check(t, func(r *rapid.T) {
		m := &randomRequest{T: r, schema: newAsker().schema, ids: ids, open: 40}
		one := m.request()
		if told := j.held(rapid.SampledFrom(people).Draw(r, "login"), one); told != "" {
			r.Fatal(told)
		}
	})
	t.Logf("%d requests were answered by plans, %d by gqlgen, %d refused", j.planned, j.given, j.refused)
	if j.planned < 30 {
		t.Error("few requests were answered by plans: the test shows nothing")
	}
}

// randomRequest draws a request from the schema.
type randomRequest struct {
	*rapid.T

	schema    *ast.Schema
	ids       map[string][]string
	open      int // how many fields may still be selected
	names     int // how many have been given
	switches  int // how many parts can be switched on and off
	fragments []string
}

func (m *randomRequest) request() asking {
	set := m.set(m.schema.Query, 5)
	variables := map[string]any{"yes": rapid.Bool().Draw(m.T, "yes"), "no": rapid.Bool().Draw(m.T, "no"), "some": rapid.IntRange(1, 4).Draw(m.T, "some")}
	text := "query($yes: Boolean!, $no: Boolean = false, $some: Int) " + set + " fragment Never on Query { __typename @skip(if: $no) @include(if: $yes) switched: pools(first: $some) { totalCount } }" + strings.Join(m.fragments, " ")
	return asking{"a random selection", strings.Replace(text, "{", "{ ...Never ", 1), variables, "", ""}
}

func (m *randomRequest) draw(n int, what string) int { return rapid.IntRange(0, n-1).Draw(m.T, what) }

func (m *randomRequest) name() string {
	m.names++
	return fmt.Sprintf("n%d", m.names)
}

func (m *randomRequest) set(on *ast.Definition, deep int) string {
	var parts []string
	most := 4
	if on == m.schema.Query {
		most = 2
	}
	for range 1 + m.draw(most, "fields") {
		if part := m.selection(on, deep); part != "" {
			parts = append(parts, part)
		}
	}
	return "{ " + strings.Join(append(parts, "__typename"), " ") + " }"
}

func (m *randomRequest) selection(on *ast.Definition, deep int) string {
	switch kind := m.draw(12, "kind"); {
	case kind == 0 && deep > 0 || kind < 7 && on.IsAbstractType() && deep > 0:
		near := m.near(on)
		return "... on " + near.Name + m.switched() + " " + m.set(near, deep-1)
	case kind == 1:
		return "..." + m.switched() + " " + m.set(on, deep-1)
	case kind == 2 && deep > 0 && on != m.schema.Query:
		near, name := m.near(on), m.name()
		m.fragments = append(m.fragments, " fragment "+name+" on "+near.Name+" "+m.set(near, deep-1))
		return strings.TrimSpace(strings.Repeat("..."+name+m.switched()+" ", 1+m.draw(2, "times")))
	case kind == 3 && m.names < 24:
		return m.name() + ": __typename" + m.switched()
	}
	if len(on.Fields) == 0 {
		return ""
	}
	for range 5 {
		if text := m.field(on.Fields[m.draw(len(on.Fields), "field")], deep); text != "" {
			return text
		}
	}
	return ""
}

func (m *randomRequest) field(f *ast.FieldDefinition, deep int) string {
	of := m.schema.Types[f.Type.Name()]
	if strings.HasPrefix(f.Name, "__") || changing[f.Name] || m.names > 24 || of.IsCompositeType() && (deep <= 0 || m.open <= 0) || f.Directives.ForName("simulation") != nil {
		return ""
	}
	m.open--
	arguments, can := m.arguments(f, of)
	if !can {
		return ""
	}
	text := f.Name + arguments + m.switched()
	if arguments != "" || m.draw(4, "aliased") == 0 {
		text = m.name() + ": " + text
	}
	if of.IsCompositeType() {
		text += " " + m.set(of, deep-1)
	}
	return text
}

// switched switches a selection on or off, now and then.
func (m *randomRequest) switched() string {
	if m.switches > 7 {
		return ""
	}
	which := m.draw(10, "switch")
	if which > 5 {
		m.switches++
	}
	return []string{"", "", "", "", "", "", " @skip(if: $no)", " @include(if: $yes)", " @skip(if: $no) @include(if: $yes)", " @include(if: true)"}[which]
}

// near gives the type, or one behind it or before it.
func (m *randomRequest) near(on *ast.Definition) *ast.Definition {
	types := m.schema.GetPossibleTypes(on)
	if !on.IsAbstractType() {
		for _, name := range on.Interfaces {
			types = append(types, m.schema.Types[name])
		}
	}
	return types[m.draw(len(types), "near")]
}

func (m *randomRequest) arguments(f *ast.FieldDefinition, of *ast.Definition) (string, bool) {
	var told []string
	for _, a := range f.Arguments {
		type_, value := m.schema.Types[a.Type.Name()], ""
		often := m.draw(3, "told") == 0
		switch {
		case a.Name == "first" && a.Type.Elem == nil:
			value, often = []string{"1", "2", "3", "$some"}[m.draw(4, "first")], f.Arguments.ForName("after") != nil || often
		case a.Name == "after" && often:
			often = m.draw(6, "after") == 0
			value = `"nonsense"`
		case a.Name == "last":
			value, often = "2", often && m.draw(6, "last") == 0
		case type_.Name == "ID":
			one := m.id(of.Name)
			value = `"` + one + `"`
			if a.Type.Elem != nil {
				value = `["` + one + `", "` + m.id(of.Name) + `"]`
			}
		case a.Name == "text":
			value = `"` + []string{"ta", "138", "li", "公司"}[m.draw(4, "text")] + `"`
		case type_.Kind == ast.Enum:
			value = type_.EnumValues[m.draw(len(type_.EnumValues), "value")].Name
		case a.Name == "where" && often:
			if all := newAsker().conditions(type_, 0); len(all) > 0 {
				value = all[m.draw(len(all), "where")].text
			}
		}
		needed := a.Type.NonNull && a.DefaultValue == nil
		if needed && value == "" {
			return "", false
		}
		if value != "" && (needed || often) {
			told = append(told, a.Name+": "+value)
		}
	}
	if len(told) == 0 {
		return "", true
	}
	return "(" + strings.Join(told, ", ") + ")", true
}

// id gives the id of a record of a type, or of any.
func (m *randomRequest) id(of string) string {
	kind := strings.ToLower(of[:1]) + of[1:]
	if m.ids[kind] == nil {
		kind = slices.Sorted(maps.Keys(m.ids))[m.draw(len(m.ids), "kind of id")]
	}
	if m.draw(8, "never issued") == 0 {
		return models.NewID(models.CustomerCode).String()
	}
	return m.ids[kind][m.draw(len(m.ids[kind]), "id")]
}

// TestTheUsersOwnQueriesArePlanned asks each query of the users: none is left to gqlgen.
func TestTheUsersOwnQueriesArePlanned(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	p := &pair{person: &person{T: t, company: c, login: "admin"}}
	for _, one := range p.own() {
		if a := p.sent(one, one.variables).Good(); !c.Last().Planned || a.Status != http.StatusOK {
			t.Errorf("%s is left to gqlgen", one.name)
		}
	}
}

// TestARefusedFieldTakesTheSameStatementsEachTime asks several lists, one of them by what the person may not use: how many statements that
// takes is the same each time, whichever of them was begun first.
func TestARefusedFieldTakesTheSameStatementsEachTime(t *testing.T) {
	t.Parallel()
	c := servertest.New(t, forgetful)
	text := "{"
	for n := range 9 {
		where := "{title: {contains: \"a\"}}"
		if n == 5 {
			where = "{amount: {gt: \"1\"}}"
		}
		text += fmt.Sprintf(" f%d: opportunities(where: %s) { totalCount }", n, where)
	}
	first := 0
	for n := range 25 {
		if a := c.Ask("marketing", text+" }", nil); !strings.Contains(string(a.Body), "FIELD_DENIED") {
			t.Fatalf("answered %s", a.Body)
		}
		if took := c.Last().Statements; n == 0 {
			first = took
		} else if took != first {
			t.Fatalf("the first time %d statements, later %d", first, took)
		}
	}
}
