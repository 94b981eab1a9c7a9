package server_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"guanxi/operations"
	"guanxi/sandbox"
	"guanxi/server/servertest"
)

const viewAs = "mutation($user: ID!) { viewAsCreate(input: {user: $user}) { token expiresAt user { id } userErrors { code field } } }"

// lookAs gives the header with which an administrator asks as another.
func lookAs(t *testing.T, c *servertest.Company, admin, login string) []string {
	t.Helper()
	user := idsOf(t, c, "select id from users where login = $1", login)[0]
	a := c.Ask(admin, viewAs, map[string]any{"user": user}).Good()
	return []string{"Content-Type", plainJSON, "Authorization", "Bearer " + c.Token(admin), "Guanxi-View-As", a.Text("viewAsCreate.token")}
}

// said is what an answer says beside who asked.
func said(t *testing.T, a *servertest.Answer) string {
	t.Helper()
	var body struct {
		Data       json.RawMessage
		Errors     json.RawMessage
		Extensions map[string]json.RawMessage
	}
	if err := json.Unmarshal(a.Body, &body); err != nil {
		t.Fatalf("answered %d %s", a.Status, a.Body)
	}
	return string(body.Data) + string(body.Errors) + string(body.Extensions["denied"])
}

// TestA09ViewingAsAnswersWhatTheUserHimselfGets sends the users' own queries as several people, themselves and through an
// administrator: not a byte differs.
func TestA09ViewingAsAnswersWhatTheUserHimselfGets(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	for _, login := range []string{"director", "guangdong.sales", "marketing", "service"} {
		as, differs := lookAs(t, c, "admin", login), 0
		for _, file := range operations.Files() {
			variables, err := sandbox.Variables(t.Context(), c.Store, file.Variables)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range named.FindAllStringSubmatch(file.Document, -1) {
				if match[1] == "mutation" {
					continue
				}
				body, err := json.Marshal(map[string]any{"query": file.Document, "operationName": match[2], "variables": variables[match[2]]})
				if err != nil {
					t.Fatal(err)
				}
				ask := func(header ...string) string {
					return said(t, c.Send(http.MethodPost, "/graphql", body, append([]string{"Content-Type", plainJSON}, header...)...))
				}
				own, seen := ask("Authorization", "Bearer "+c.Token(login)), ask(as...)
				if own != seen {
					t.Errorf("%s: %s gets %.2000s and the administrator as him %.2000s", match[2], login, own, seen)
				}
				if admins := ask("Authorization", "Bearer "+c.Token("admin")); admins != own {
					differs++
				}
			}
		}
		if differs < 5 {
			t.Errorf("only %d answers to %s differ from the administrator's own", differs, login)
		}
	}
}

func TestViewingAsTellsBothNames(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	a := c.Send(http.MethodPost, "/graphql", []byte(`{"query":"{ viewer { user { id login } permissions } }"}`), lookAs(t, c, "admin", "director")...).Good()
	admin := idsOf(t, c, "select id from users where login = 'admin'")[0]
	told, _ := a.Extensions["viewAs"].(map[string]any)
	if a.Text("viewer.user.login") != "director" || told["by"] != admin || told["user"] != a.Text("viewer.user.id") {
		t.Errorf("answered %s", a.Body)
	}
	if got := idsOf(t, c, `select e.record_id from audit_entries e where e.action = 'VIEW_AS' and e.actor_id = $1`, admin); !slices.Equal(got, []string{a.Text("viewer.user.id")}) {
		t.Errorf("the audit trail names %v", got)
	}
}

func TestA09ATokenForViewingAsServesItsIssuerAlone(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	change(t, c, "insert into user_roles (user_id, role_id) select u.id, r.id from users u, roles r where u.login = 'analyst' and r.code = 'administrator'")
	as := lookAs(t, c, "admin", "director")
	token := as[5]
	for who, header := range map[string][]string{
		"nobody":                      {"Guanxi-View-As", token},
		"the user himself":            {"Guanxi-View-As", token, "Authorization", "Bearer " + c.Token("director")},
		"a salesperson":               {"Guanxi-View-As", token, "Authorization", "Bearer " + c.Token("guangdong.sales")},
		"another administrator":       {"Guanxi-View-As", token, "Authorization", "Bearer " + c.Token("analyst")},
		"a changed token":             {"Guanxi-View-As", token[:len(token)-2] + "xx", "Authorization", "Bearer " + c.Token("admin")},
		"a user's id":                 {"Guanxi-View-As", idsOf(t, c, "select id from users limit 1")[0], "Authorization", "Bearer " + c.Token("admin")},
		"a cursor of the issuer's":    {"Guanxi-View-As", c.Ask("admin", "{ users { pageInfo { endCursor } } }", nil).Good().Text("users.pageInfo.endCursor"), "Authorization", "Bearer " + c.Token("admin")},
		"a credential that is no one": {"Guanxi-View-As", token, "Authorization", "Bearer x"},
	} {
		a := c.Send(http.MethodPost, "/graphql", []byte(`{"query":"`+customers+`"}`), append([]string{"Content-Type", plainJSON}, header...)...)
		if a.Status != http.StatusUnauthorized && a.Status != http.StatusForbidden || a.Data != nil {
			t.Errorf("%s was answered %d %s", who, a.Status, a.Body)
		}
	}
	c.Send(http.MethodPost, "/graphql", []byte(`{"query":"`+customers+`"}`), as...).Good()
}

func TestA21ViewingAsEndsAtOnceOnEveryServer(t *testing.T) {
	t.Parallel()
	for how, end := range map[string]func(*servertest.Company){
		"no administrator": func(c *servertest.Company) {
			change(t, c, "delete from user_roles where user_id = (select id from users where login = 'analyst')")
		},
		"administrator left": func(c *servertest.Company) { change(t, c, "update users set active = false where login = 'analyst'") },
		"user left":          func(c *servertest.Company) { change(t, c, "update users set active = false where login = 'director'") },
		"its end":            func(c *servertest.Company) { c.Pass(15 * time.Minute) },
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			first := servertest.New(t)
			change(t, first, "insert into user_roles (user_id, role_id) select u.id, r.id from users u, roles r where u.login = 'analyst' and r.code = 'administrator'")
			second := first.Beside()
			header := lookAs(t, first, "analyst", "director")
			ask := func(on *servertest.Company) *servertest.Answer {
				return on.Send(http.MethodPost, "/graphql", []byte(`{"query":"`+customers+`"}`), header...)
			}
			for _, c := range []*servertest.Company{first, second} {
				c.Pass(15*time.Minute - time.Second)
				ask(c).Good()
			}
			end(first)
			if how == "its end" {
				end(second)
			}
			for _, on := range []*servertest.Company{second, first} {
				if a := ask(on); a.Status != http.StatusUnauthorized && a.Status != http.StatusForbidden {
					t.Errorf("the token still answers %d %s", a.Status, a.Body)
				}
			}
		})
	}
}

func TestViewingAsChangesNothing(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	as := lookAs(t, c, "admin", "director")
	session := c.Send(http.MethodPost, "/session", []byte(`{"login":"admin","password":"`+sandbox.Password+`"}`), "Content-Type", plainJSON)
	cookie, _, _ := strings.Cut(session.Header.Get("Set-Cookie"), ";")
	before := idsOf(t, c, "select md5(string_agg(t.x, ',' order by t.x)) from (select id::text || version as x from customers union all select id::text from sessions union all select id::text from audit_entries) t")[0]
	id := idsOf(t, c, "select id from customers c where owner_id = (select id from users where login = 'guangdong.sales') limit 1")[0]
	director := idsOf(t, c, "select id from users where login = 'director'")[0]
	for _, query := range []string{
		`mutation { __typename }`,
		`mutation { customerUpdate(input: {id: \"` + id + `\", name: \"x\"}) { userErrors { code } } }`,
		`mutation { viewAsCreate(input: {user: \"` + director + `\"}) { token } }`,
		`mutation { apiTokenCreate(input: {name: \"x\"}) { secret } }`,
		`mutation { userPasswordSet(input: {user: \"` + director + `\", newPassword: \"xxxxxxxxxx\"}) { userErrors { code } } }`,
	} {
		c.Send(http.MethodPost, "/graphql", []byte(`{"query":"`+query+`"}`), as...).Refused("PERMISSION_DENIED")
	}
	form := append([]string{"Content-Type", "multipart/form-data; boundary=x"}, as[2:]...)
	if a := c.Send(http.MethodPost, "/graphql", []byte("--x--"), form...); a.Status != http.StatusForbidden {
		t.Errorf("an upload was answered %d %s", a.Status, a.Body)
	}
	for _, method := range []string{http.MethodPost, http.MethodDelete} {
		body := []byte(`{"login":"director","password":"` + sandbox.Password + `"}`)
		a := c.Send(method, "/session", body, "Content-Type", plainJSON, "Cookie", cookie, "X-Requested-With", "x", "Guanxi-View-As", as[5])
		if a.Status != http.StatusForbidden || a.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s /session was answered %d %s", method, a.Status, a.Body)
		}
	}
	if after := idsOf(t, c, "select md5(string_agg(t.x, ',' order by t.x)) from (select id::text || version as x from customers union all select id::text from sessions union all select id::text from audit_entries) t")[0]; after != before {
		t.Error("something was changed")
	}
}

func TestA29ADownloadAnswersAsTheUserSees(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	as := lookAs(t, c, "admin", "guangdong.sales")
	own := send(t, c, "guangdong.sales", create("mine"), `{"f":["variables.file"]}`, part{"f", "a.txt", "bytes"}).Good().Text("documentCreate.document.id")
	others := send(t, c, "marketing", create("theirs"), `{"f":["variables.file"]}`, part{"f", "a.txt", "other bytes"}).Good().Text("documentCreate.document.id")
	for id, want := range map[string]int{own: http.StatusOK, others: http.StatusNotFound} {
		himself := c.Send(http.MethodGet, "/files/"+id, nil, "Authorization", "Bearer "+c.Token("guangdong.sales"))
		seen := c.Send(http.MethodGet, "/files/"+id, nil, as...)
		if himself.Status != want || himself.Status != seen.Status || string(himself.Body) != string(seen.Body) || himself.Header.Get("ETag") != seen.Header.Get("ETag") {
			t.Errorf("the salesperson gets %d %.200s, the administrator as him %d %.200s", himself.Status, himself.Body, seen.Status, seen.Body)
		}
	}
	if a := c.Send(http.MethodGet, "/files/"+others, nil, "Authorization", "Bearer "+c.Token("admin")); a.Status != http.StatusOK {
		t.Errorf("the administrator himself gets %d %s", a.Status, a.Body)
	}
}
