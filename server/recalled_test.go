package server_test

import (
	"net/http"
	"testing"
	"time"

	"guanxi/sandbox"
	"guanxi/server/servertest"
)

// TestWhoAsksAgainIsFoundWhereHisRecordsAreRead asks the same several times, by a server's clock and by the database's: the first
// time who asks and his rights are asked for beforehand, later in the snapshot that answers.
func TestWhoAsksAgainIsFoundWhereHisRecordsAreRead(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	for name, clock := range map[string]func() time.Time{"a clock of its own": c.Store.Clock, "the database's clock": nil} {
		on := c.Beside()
		on.Store.Clock = clock
		ask := func() (waves, statements int, told string) {
			a := on.Ask("director", `{ customers(first: 3, where: {owner: {name: {contains: ""}}}) { nodes { id name owner { name } value { daysSilent } } } }`, nil).Good()
			return on.Last().Waves, on.Last().Statements, string(a.Body)
		}
		first, statements, told := ask()
		if _, _, again := ask(); again != told {
			t.Errorf("%s: told %s, then %s", name, told, again)
		}
		waves, fewer, _ := ask()
		if waves >= first || fewer != statements-1 { // the owners are kept
			t.Errorf("%s: %d waves and %d statements, then %d and %d", name, first, statements, waves, fewer)
		}
	}
}

// TestARecalledCredentialAnswersNothing ends a token that servers recall, and sends each of them another kind of request: all are
// refused, as is one that was never good.
func TestARecalledCredentialAnswersNothing(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	token := c.Token("director")
	requests := []string{
		`{"query":"{ customers(first: 1) { nodes { id } } }"}`, `{"query":"{ __typename }"}`, `{"query":"{ __schema { queryType { name } } }"}`, `{"query":"{ nonsense }"}`,
		`{"query":"{"}`, `nonsense`, `{"query":"mutation { departmentCreate(input: {name: \"X\"}) { department { id } } }"}`, `{"query":"{ a: __typename }","operationName":"b"}`,
	}
	var servers []*servertest.Company
	send := func(on *servertest.Company, body, token string) *servertest.Answer {
		return on.Send(http.MethodPost, "/graphql", []byte(body), "Content-Type", "application/json", "Authorization", "Bearer "+token)
	}
	for range requests {
		on := c.Beside()
		servers = append(servers, on)
		for range 2 {
			send(on, requests[0], token).Good()
		}
	}
	change(t, c, "update api_tokens set revoked_at = now()")
	for i, request := range requests {
		never := send(servers[i], request, token+"x")
		a := send(servers[i], request, token)
		if a.Status != http.StatusUnauthorized || string(a.Body) != string(never.Body) || a.Header.Get("WWW-Authenticate") != never.Header.Get("WWW-Authenticate") {
			t.Errorf("%s is answered %d %s", request, a.Status, a.Body)
		}
	}
}

// TestWhoSignedOutElsewhereIsNobody asks by a session that servers recall, when it has ended.
func TestWhoSignedOutElsewhereIsNobody(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	session, secret, err := c.Store.SignIn(t.Context(), "director", sandbox.Password)
	if err != nil || session == nil {
		t.Fatal(session, err)
	}
	for _, query := range []string{`{ viewer { user { id } } }`, `{ __schema { queryType { name } } }`} {
		on := c.Beside()
		ask := func() *servertest.Answer {
			return on.Send(http.MethodPost, "/graphql", []byte(`{"query":"`+query+`"}`), "Content-Type", "application/json", "Cookie", "guanxi_session="+secret, "X-Requested-With", "test")
		}
		for range 3 {
			ask().Good()
		}
		change(t, c, "update sessions set expires_at = ?", servertest.End)
		if a := ask(); a.Get("viewer.user.id") != nil || a.Get("__schema.queryType") != nil {
			t.Errorf("%s is answered %d %s", query, a.Status, a.Body)
		}
		change(t, c, "update sessions set expires_at = ?", servertest.End.Add(time.Hour))
	}
}

// TestWhatIsKeptOfOneKindIsNoneOfAnother asks for a record that is kept as one of another kind, in a snapshot that is opened before.
func TestWhatIsKeptOfOneKindIsNoneOfAnother(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	id := map[string]any{"id": c.Ask("admin", `{ competitors(first: 1) { nodes { id } } }`, nil).Good().Text("competitors.nodes.0.id")}
	for range 3 {
		c.Ask("admin", `query($id: ID!) { competitor(id: $id) { id } lossRate { total { count } } }`, id).Good()
	}
	if a := c.Ask("admin", `query($id: ID!) { user(id: $id) { id } lossRate { total { count } } }`, id).Good(); a.Get("user") != nil {
		t.Errorf("as a user it is %s", a.Body)
	}
}
