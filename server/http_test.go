package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"guanxi/server"
	"guanxi/server/servertest"
)

const plainJSON, graphQLJSON = "application/json", "application/graphql-response+json"

func TestTheStatusSaysHowARequestWent(t *testing.T) {
	t.Parallel()
	c := servertest.NewEmpty(t)
	large := `{"query":"{ __typename }","operationName":"` + strings.Repeat("x", 1<<20) + `"}`
	for _, ask := range []struct {
		method, path, media, body string
		plain, graphQL            int
	}{
		{"POST", "/graphql", plainJSON, `{"query":"{ __typename }"}`, 200, 200},
		{"POST", "/graphql", plainJSON, `{"query":"{ nothing }"}`, 200, 400},
		{"POST", "/graphql", plainJSON, `{"query":"{"}`, 200, 400},
		{"POST", "/graphql", plainJSON, `{"query":1}`, 400, 400},
		{"POST", "/graphql", plainJSON, `{"query":"{ __typename }","variables":[]}`, 400, 400},
		{"POST", "/graphql", plainJSON, `[{"query":"{ __typename }"}]`, 400, 400},
		{"POST", "/graphql", plainJSON, `{"query":"{ __typename }"`, 400, 400},
		{"POST", "/graphql", plainJSON, "{\"query\":\"{ __typename # \xff }\"}", 400, 400},
		{"POST", "/graphql", plainJSON, large, 413, 413},
		{"POST", "/graphql", "text/plain", `{"query":"{ __typename }"}`, 415, 415},
		{"POST", "/graphql", "application/x-www-form-urlencoded", "query=%7B__typename%7D", 415, 415},
		{"POST", "/graphql", "application/json; charset=gb18030", `{"query":"{ __typename }"}`, 415, 415},
		{"PUT", "/graphql", plainJSON, `{"query":"{ __typename }"}`, 405, 405},
		{"GET", "/graphql?query=" + url.QueryEscape("{ __typename }"), "", "", 200, 200},
		{"GET", "/graphql?query=" + url.QueryEscape(`mutation { customerClaim(input: {id: "x"}) { userErrors { code } } }`), "", "", 405, 405},
		{"GET", "/graphql", "", "", 400, 400},
		{"GET", "/nowhere", "", "", 404, 404},
	} {
		for accept, want := range map[string]int{plainJSON: ask.plain, graphQLJSON: ask.graphQL} {
			a := c.Send(ask.method, ask.path, []byte(ask.body), "Content-Type", ask.media, "Accept", accept)
			if a.Status != want || a.Header.Get("X-Request-Id") == "" || want >= 400 && bytes.Contains(a.Body, []byte(`"data"`)) {
				t.Errorf("%s %s %.40q as %s: answered %d %s, want %d", ask.method, ask.path, ask.body, accept, a.Status, a.Body, want)
			}
			if strings.HasPrefix(ask.path, "/graphql") && a.Header.Get("Content-Type") != accept+"; charset=utf-8" {
				t.Errorf("%s %s is answered as %s", ask.method, ask.path, a.Header.Get("Content-Type"))
			}
		}
	}
}

// TestWhatIsRefusedOutrightIsToldInTheFormOfItsPath sends what is refused before it is read, as either media type and in both
// languages: on the path of GraphQL as errors, with a code, elsewhere as one error.
func TestWhatIsRefusedOutrightIsToldInTheFormOfItsPath(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	cookie := signIn(t, c, "director", "guanxi")
	for name, ask := range map[string]struct {
		status     int
		code, word string
		header     []string
	}{
		"a bad token":  {401, "UNAUTHENTICATED", "令牌无效", []string{"Authorization", "Bearer x"}},
		"another site": {403, "PERMISSION_DENIED", "会话仅限", []string{"Cookie", cookie, "Origin", "https://evil.example"}},
	} {
		for _, media := range []string{plainJSON, graphQLJSON} {
			for _, language := range []string{"en", "zh"} {
				a := c.Send("POST", "/graphql", []byte(`{"query":"{ __typename }"}`), append([]string{"Content-Type", plainJSON, "Accept", media, "Accept-Language", language}, ask.header...)...)
				var keys map[string]any
				if err := json.Unmarshal(a.Body, &keys); err != nil || len(keys) != 1 || len(a.Errors) != 1 || a.Status != ask.status || a.Header.Get("Content-Type") != media+"; charset=utf-8" {
					t.Fatalf("%s is answered %d %s %s", name, a.Status, a.Header.Get("Content-Type"), a.Body)
				}
				if e := a.Refused(ask.code); e.Message == "" || strings.Contains(e.Message, ask.word) != (language == "zh") {
					t.Errorf("%s is told in %s %s", name, language, e.Message)
				}
				if challenge := a.Header.Get("WWW-Authenticate") != ""; challenge != (ask.status == 401) {
					t.Errorf("%s is answered with %v", name, a.Header)
				}
			}
		}
	}
	for _, path := range []string{"/files/x", "/reports/x.csv", "/graphql/x"} {
		a := c.Send("GET", path, nil, "Authorization", "Bearer x")
		var told struct {
			Error struct{ Code, Message string }
		}
		if err := json.Unmarshal(a.Body, &told); err != nil || told.Error.Code == "" || told.Error.Message == "" || a.Errors != nil {
			t.Errorf("%s is answered %d %s", path, a.Status, a.Body)
		}
	}
}

func TestBrokenTextIsRefusedByPlace(t *testing.T) {
	t.Parallel()
	c := servertest.NewEmpty(t)
	a := c.Send("POST", "/graphql", []byte("{\"query\":\"{ __typename }\",\"variables\":{\"x\":\"\xd6\xd0\"}}"), "Content-Type", plainJSON)
	if e := a.Refused("BAD_INPUT"); !strings.Contains(e.Message, "at byte 44") {
		t.Errorf("answered %s", a.Body)
	}
}

func TestAnswersSpeakTheLanguageOfTheAsker(t *testing.T) {
	t.Parallel()
	c := servertest.NewEmpty(t)
	for languages, want := range map[string]string{
		"": "Sign in first.", "zh": "请先登录。", "zh-CN,zh;q=0.9,en;q=0.8": "请先登录。", "en-US,en;q=0.9,zh;q=0.5": "Sign in first.", "fr": "Sign in first.", "%%": "Sign in first.",
	} {
		a := c.Send("POST", "/graphql", []byte(`{"query":"{ customers { totalCount } }"}`), "Content-Type", plainJSON, "Accept-Language", languages)
		if e := a.Refused("UNAUTHENTICATED"); e.Message != want {
			t.Errorf("%q is told %q", languages, e.Message)
		}
	}
}

func TestPagesOfOtherSitesMayCallOnlyWhenListed(t *testing.T) {
	t.Parallel()
	c := servertest.NewEmpty(t, func(o *server.Options) { o.Origins = []string{"https://crm.example.com"} })
	ask := func(method, origin string) http.Header {
		return c.Send(method, "/graphql", []byte(`{"query":"{ __typename }"}`), "Content-Type", plainJSON, "Origin", origin, "Access-Control-Request-Method", "POST").Header
	}
	for _, method := range []string{"OPTIONS", "POST"} {
		if h := ask(method, "https://crm.example.com"); h.Get("Access-Control-Allow-Origin") != "https://crm.example.com" || h.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s of a listed site: %v", method, h)
		}
		if h := ask(method, "https://crm.example.com.evil.example"); h.Get("Access-Control-Allow-Origin") != "" || h.Get("Access-Control-Allow-Headers") != "" {
			t.Errorf("%s of another site: %v", method, h)
		}
	}
}

// signIn signs in and gives the cookie.
func signIn(t *testing.T, c *servertest.Company, login, password string) string {
	t.Helper()
	a := c.Send("POST", "/session", []byte(fmt.Sprintf(`{"login":%q,"password":%q}`, login, password)), "Content-Type", plainJSON)
	if a.Status != http.StatusOK {
		t.Fatalf("signing in was answered %d %s", a.Status, a.Body)
	}
	set := a.Header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(set, want) {
			t.Errorf("the cookie %q lacks %s", set, want)
		}
	}
	cookie, _, _ := strings.Cut(set, ";")
	return cookie
}

func TestASessionIsGoodForThisServersPagesOnly(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	cookie := signIn(t, c, "Director", "guanxi")
	c.Send("GET", "/graphql?query="+url.QueryEscape(customers), nil, "Cookie", cookie).Good() // so that the session is one of those known lately
	for name, try := range map[string]struct {
		status int
		header []string
	}{
		"no word of where from":     {403, nil},
		"the page":                  {200, []string{"X-Requested-With", "guanxi", "Origin", c.URL}},
		"a program":                 {200, []string{"X-Requested-With", "script"}},
		"a page of this origin":     {200, []string{"Sec-Fetch-Site", "same-origin"}},
		"another site":              {403, []string{"Origin", "https://evil.example"}},
		"another site with word":    {403, []string{"Origin", "https://evil.example", "X-Requested-With", "guanxi"}},
		"another site by the fetch": {403, []string{"Sec-Fetch-Site", "cross-site"}},
	} {
		a := c.Send("POST", "/graphql", []byte(`{"query":"`+customers+`"}`), append([]string{"Content-Type", plainJSON, "Cookie", cookie}, try.header...)...)
		if a.Status != try.status {
			t.Errorf("%s: answered %d %s", name, a.Status, a.Body)
		}
		if seen := a.Data != nil; seen != (try.status == 200) {
			t.Errorf("%s: answered %s", name, a.Body)
		}
	}
}

func TestSigningOutEndsTheSession(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	cookie := signIn(t, c, "director", "guanxi")
	who := func() string { return string(c.Send("GET", "/session", nil, "Cookie", cookie).Body) }
	if !strings.Contains(who(), "林海峰") {
		t.Errorf("signed in as %s", who())
	}
	if a := c.Send("DELETE", "/session", nil, "Cookie", cookie); a.Status != http.StatusForbidden {
		t.Errorf("another site could sign out: %d", a.Status)
	}
	if a := c.Send("DELETE", "/session", nil, "Cookie", cookie, "X-Requested-With", "guanxi"); a.Status != http.StatusNoContent || !strings.Contains(a.Header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("signing out was answered %d %v", a.Status, a.Header)
	}
	if strings.Contains(who(), "林海峰") {
		t.Error("the session is still good")
	}
}

func TestASessionEndsAfterAWeek(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	cookie := signIn(t, c, "director", "guanxi")
	c.Pass(7 * 24 * 60 * 60 * 1e9)
	if a := c.Send("GET", "/session", nil, "Cookie", cookie); strings.Contains(string(a.Body), "林海峰") {
		t.Error("the session is still good")
	}
}

func TestWrongSignInsAreAlikeAndFew(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	try := func(login, password string) *servertest.Answer {
		return c.Send("POST", "/session", []byte(fmt.Sprintf(`{"login":%q,"password":%q}`, login, password)), "Content-Type", plainJSON)
	}
	change(t, c, "update users set active = false where login = 'marketing'")
	wrong, unknown, gone := try("director", "wrong"), try("nobody", "guanxi"), try("marketing", "guanxi")
	if wrong.Status != 401 || !bytes.Equal(wrong.Body, unknown.Body) || !bytes.Equal(wrong.Body, gone.Body) || unknown.Status != 401 || gone.Status != 401 {
		t.Errorf("a wrong password: %d %s; an unknown login: %d %s; a former user: %d %s", wrong.Status, wrong.Body, unknown.Status, unknown.Body, gone.Status, gone.Body)
	}
	for range 4 {
		try("DIRECTOR", "wrong")
	}
	if a := try("director", "guanxi"); a.Status != http.StatusTooManyRequests {
		t.Errorf("after five wrong passwords: %d %s", a.Status, a.Body)
	}
	signIn(t, c, "leader", "guanxi")
	c.Pass(15 * 60 * 1e9)
	signIn(t, c, "director", "guanxi")
	if strings.Contains(c.Log(), "wrong") {
		t.Error("a password stands in the log")
	}
	c.Pass(60 * 1e9)
	last := 0
	for i := range 21 {
		last = try(fmt.Sprint("user", i), "x").Status
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the 21st try within a minute was answered %d", last)
	}
	if a := c.Send("POST", "/session", []byte(`login=a&password=b`), "Content-Type", "application/x-www-form-urlencoded"); a.Status != http.StatusBadRequest {
		t.Errorf("a form was answered %d", a.Status)
	}
}

func TestReadinessSaysWhetherRequestsCanBeAnswered(t *testing.T) {
	t.Parallel()
	c := servertest.NewEmpty(t)
	if a := c.Send("GET", "/readyz", nil); a.Status != 200 {
		t.Errorf("ready: %d", a.Status)
	}
	broken := c.Beside(func(o *server.Options) { o.Ready = c.Store.DB.DB.PingContext })
	c.Store.DB.DB.Close()
	if a := broken.Send("GET", "/readyz", nil); a.Status != 503 || a.Header.Get("Retry-After") == "" {
		t.Errorf("with the database gone: %d", a.Status)
	}
	if a := broken.Send("GET", "/healthz", nil); a.Status != 200 {
		t.Errorf("alive: %d", a.Status)
	}
}

func TestThePlaygroundIsServed(t *testing.T) {
	t.Parallel()
	c := servertest.NewEmpty(t)
	if a := c.Send("GET", "/playground", nil); a.Status != 200 || !strings.Contains(a.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("the playground: %d", a.Status)
	}
	var people []any
	if a := c.Send("GET", "/playground/people.json", nil); json.Unmarshal(a.Body, &people) != nil || len(people) != 0 {
		t.Errorf("a server without the sample company offers %s", a.Body)
	}
}

// TestWhoHasGoneIsNoFailure asks and is gone before anything is answered, with a credential that is recalled and with none that is.
func TestWhoHasGoneIsNoFailure(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	for range 2 {
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		r := httptest.NewRequestWithContext(gone, http.MethodPost, "/graphql", strings.NewReader(`{"query":"{ customers(first: 1) { nodes { id } } }"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+c.Token("admin"))
		c.Door.ServeHTTP(httptest.NewRecorder(), r)
		c.Ask("admin", `{ customers(first: 1) { nodes { id } } }`, nil).Good()
	}
	if log := c.Log(); strings.Contains(log, "level=ERROR") || !strings.Contains(log, "context canceled") {
		t.Errorf("the log says %s", log)
	}
}
