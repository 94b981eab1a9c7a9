package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"guanxi/server/servertest"
)

const customers = "{ customers(first: 5) { totalCount nodes { id name } } }"

func TestTheAnonymousViewerSeesNothing(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	if a := c.Ask("", "{ viewer { user { name } } __typename }", nil).Good(); a.Get("viewer") != nil || a.Get("__typename") != "Query" {
		t.Errorf("nobody is told %s", a.Body)
	}
	for _, query := range []string{
		customers, "{ users { totalCount } }", `{ node(id: "x") { id } }`, "{ departments { nodes { name } } }",
		"{ __schema { types { name } } }", `{ __type(name: "Customer") { name } }`, "{ ...S } fragment S on Query { __schema { types { name } } }",
		`mutation { customerClaim(input: {id: "x"}) { userErrors { code } } }`,
	} {
		if a := c.Ask("", query, nil); a.Refused("UNAUTHENTICATED").Message != "Sign in first." || strings.Contains(string(a.Body), "name\"") {
			t.Errorf("%s answered nobody %s", query, a.Body)
		}
	}
	if a := c.Send(http.MethodGet, "/session", nil); strings.TrimSpace(string(a.Body)) != `{"user":null}` {
		t.Errorf("the session of nobody is %s", a.Body)
	}
}

func TestATokenThatIsNotGoodIsRefused(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	good := c.Token("director")
	for _, header := range []string{"Bearer", "Bearer ", "Bearer x", "Bearer " + good + "x", "Basic " + good, good} {
		a := c.Send(http.MethodPost, "/graphql", []byte(`{"query":"{ __typename }"}`), "Content-Type", "application/json", "Authorization", header)
		if a.Status != http.StatusUnauthorized || a.Refused("UNAUTHENTICATED").Message == "" || strings.Contains(string(a.Body), "data") || strings.Contains(string(a.Body), `"error"`) {
			t.Errorf("%q was answered %d %s", header, a.Status, a.Body)
		}
	}
	if strings.Contains(c.Log(), good) {
		t.Error("a token stands in the log")
	}
}

func TestATokenEndsAtOnceOnEveryServer(t *testing.T) {
	t.Parallel()
	for how, end := range map[string]func(*servertest.Company){
		"revoked":     func(c *servertest.Company) { change(t, c, "update api_tokens set revoked_at = now()") },
		"expired":     func(c *servertest.Company) { change(t, c, "update api_tokens set expires_at = ?", servertest.End) },
		"deactivated": func(c *servertest.Company) { change(t, c, "update users set active = false where login = 'director'") },
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			first := servertest.New(t)
			second := first.Beside()
			ask := func(on *servertest.Company) *servertest.Answer {
				return on.Send(http.MethodPost, "/graphql", []byte(`{"query":"`+customers+`"}`), "Content-Type", "application/json", "Authorization", "Bearer "+first.Token("director"))
			}
			ask(first).Good()
			ask(second).Good()
			end(first)
			for _, on := range []*servertest.Company{second, first} {
				if a := ask(on); a.Status != http.StatusUnauthorized {
					t.Errorf("the token still answers %d %s", a.Status, a.Body)
				}
			}
		})
	}
}

func TestAChangeOfRightsCountsFromTheNextRequest(t *testing.T) {
	t.Parallel()
	first := servertest.New(t)
	second := first.Beside()
	count := func(on *servertest.Company) float64 {
		return on.Ask("director", "{ customers { totalCount } }", nil).Good().Number("customers.totalCount")
	}
	before := count(first)
	if before == 0 || count(second) != before {
		t.Fatalf("the director sees %v customers on one server and %v on the other", before, count(second))
	}
	change(t, first, "delete from grants where grantee_user_id = (select id from users where login = 'director')")
	for range 2 {
		if a, b := count(first), count(second); a >= before || b != a {
			t.Errorf("without his grants the director sees %v and %v customers, of %v before", a, b, before)
		}
	}
}

func TestAGrantEndsByTheClock(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	change(t, c, "update grants set valid_until = ? where grantee_user_id = (select id from users where login = 'director')", servertest.End.Add(time.Hour))
	count := func() float64 {
		return c.Ask("director", "{ customers { totalCount } }", nil).Good().Number("customers.totalCount")
	}
	before := count()
	c.Pass(time.Hour)
	if after := count(); after >= before {
		t.Errorf("%v customers before the end of the grants, %v after", before, after)
	}
}

func TestIntrospectionIsForThoseWhoAreSignedIn(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	a := c.Ask("guangxi.sales", `{ __schema { queryType { name } } __type(name: "Customer") { fields { name description } } }`, nil).Good()
	if a.Text("__schema.queryType.name") != "Query" || len(a.List("__type.fields")) < 20 {
		t.Errorf("the schema is told as %s", a.Body)
	}
}

func TestDeniedFieldsFollowFromTheSelectionAlone(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	const query = `query($name: String, $no: Boolean!) { customers(first: 1, where: {name: {eq: $name}}) { nodes { phone name email @include(if: $no)
		opportunities(first: 1) { nodes { ...Money } } services(first: 1) { nodes { cost { amount } } } } } }
		fragment Money on Opportunity { amount { amount } title }`
	name := c.Ask("marketing", customers, nil).Good().Text("customers.nodes.0.name")
	some := c.Ask("marketing", query, map[string]any{"name": name, "no": false}).Good()
	none := c.Ask("marketing", query, map[string]any{"name": "nobody is called so", "no": false}).Good()
	got, _ := some.Extensions["denied"].([]any)
	if len(got) == 0 || len(some.List("customers.nodes")) != 1 || len(none.List("customers.nodes")) != 0 {
		t.Fatalf("answered %s and %s", some.Body, none.Body)
	}
	list := strings.Join(texts(got), " ")
	if other, _ := none.Extensions["denied"].([]any); strings.Join(texts(other), " ") != list {
		t.Errorf("denied %s with a customer and %v without", list, other)
	}
	if !strings.Contains(list, "Opportunity.amount") || strings.Contains(list, "Customer.email") || strings.Contains(list, "name") {
		t.Errorf("denied are %s", list)
	}
	if a := c.Ask("admin", query, map[string]any{"no": true}).Good(); a.Extensions["denied"] != nil {
		t.Errorf("the administrator is denied %v", a.Extensions["denied"])
	}
}

func texts(list []any) (out []string) {
	for _, one := range list {
		out = append(out, one.(string))
	}
	return out
}

// change alters the database behind the servers' backs.
func change(t *testing.T, c *servertest.Company, text string, values ...any) {
	t.Helper()
	if _, err := c.Store.DB.ExecContext(t.Context(), text, values...); err != nil {
		t.Fatal(err)
	}
}
