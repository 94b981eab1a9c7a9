package server_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"guanxi/server"
	"guanxi/server/servertest"
	"guanxi/store"
)

// atTheDoor sends a request to a server that has no database: what it answers it answers without one.
func atTheDoor(t *testing.T, query, variables string) (code, message string) {
	t.Helper()
	if variables == "" {
		variables = "{}"
	}
	body, err := json.Marshal(map[string]any{"query": query, "variables": json.RawMessage(variables)})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", plainJSON)
	w := httptest.NewRecorder()
	server.New(server.Options{Store: &store.Store{}}).ServeHTTP(w, r)
	var a struct {
		Data   any
		Errors []servertest.Error
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || len(a.Errors) == 0 || a.Data != nil {
		t.Fatalf("answered %d %.300s", w.Code, w.Body)
	}
	return a.Errors[0].Code(), a.Errors[0].Message
}

// turnedAway fails the test unless a request is refused at the door with a code and words.
func turnedAway(t *testing.T, query, variables, code, words string) {
	t.Helper()
	if got, message := atTheDoor(t, query, variables); got != code || !strings.Contains(message, words) {
		t.Errorf("%.80s is told %s %q, not %s %q", query, got, message, code, words)
	}
}

func TestA35DirectivesAreRefusedCheaply(t *testing.T) {
	t.Parallel()
	turnedAway(t, "{ __typename "+strings.Repeat("@a ", 100_000)+"}", "", "LIMIT_EXCEEDED", "longer than 65536 bytes")
	turnedAway(t, "{ __typename "+strings.Repeat("@a ", 15_000)+"}", "", "GRAPHQL_PARSE_FAILED", "token limit")
	turnedAway(t, "{ __typename "+strings.Repeat("@a ", 21)+"}", "", "LIMIT_EXCEEDED", "21 directives")
}

func TestA36PasswordsAreTriedOnceInAnOperation(t *testing.T) {
	t.Parallel()
	try := func(i int) string {
		return fmt.Sprintf(`a%d: userPasswordSet(input: {user: "x", currentPassword: "p%d", newPassword: "xxxxxxxx"}) { userErrors { code } }`, i, i)
	}
	turnedAway(t, "mutation { "+many(2, try)+"}", "", "LIMIT_EXCEEDED", "2 fields that check a password")
	turnedAway(t, "mutation { ...F ...G } fragment F on Mutation { "+try(1)+" } fragment G on Mutation { "+try(2)+" }", "", "LIMIT_EXCEEDED", "2 fields that check a password")
	c := servertest.NewEmpty(t)
	if a := c.Send("POST", "/graphql", []byte(`[{"query":"{ __typename }"},{"query":"{ __typename }"}]`), "Content-Type", plainJSON); a.Status != http.StatusBadRequest {
		t.Errorf("a list of requests was answered %d %s", a.Status, a.Body)
	}
}

func TestA36APasswordIsNotGuessedByWhoIsSignedIn(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	other := c.Beside()
	id := idsOf(t, c, "select id from users where login = 'director'")[0]
	set := func(on *servertest.Company, present string) *servertest.Answer {
		return on.Ask("director", "mutation($i: UserPasswordSetInput!) { userPasswordSet(input: $i) { userErrors { code } } }",
			map[string]any{"i": map[string]any{"user": id, "currentPassword": present, "newPassword": "another one"}})
	}
	for i := range 5 {
		on := []*servertest.Company{c, other}[i%2]
		if a := set(on, fmt.Sprint("wrong", i)).Good(); a.Text("userPasswordSet.userErrors.0.code") != "INVALID" {
			t.Fatalf("a wrong password was answered %s", a.Body)
		}
	}
	set(c, "guanxi").Refused("RATE_LIMITED")
	set(other, "guanxi").Refused("RATE_LIMITED")
}

func TestA37AFragmentCostsAsMuchAsWhatStandsInIt(t *testing.T) {
	t.Parallel()
	inside := "first: 100) { nodes { contacts(first: 100) { nodes { activities(first: 100) { nodes { id } } } } } }"
	turnedAway(t, "{ customers("+inside+" }", "", "LIMIT_EXCEEDED", "costs 1020201 points")
	turnedAway(t, "{ ...F } fragment F on Query { customers("+inside+" }", "", "LIMIT_EXCEEDED", "costs 1020201 points")
	turnedAway(t, "{ departments { nodes { ...D } } } fragment D on Department { "+strings.Repeat("parent { ", 8)+"id"+strings.Repeat(" }", 8)+" }", "", "LIMIT_EXCEEDED", "11 levels")
}

func TestA38ACycleIsRefused(t *testing.T) {
	t.Parallel()
	turnedAway(t, "{ customers { nodes { ...A } } } fragment A on Customer { ...B } fragment B on Customer { ...A }", "", "BAD_INPUT", "spreads itself")
	turnedAway(t, "{ customers { nodes { ...A } } } fragment A on Customer { owner { ...B } } fragment B on User { id ...C } fragment C on User { ...B }", "", "BAD_INPUT", "spreads itself")
}

func TestA39PagesAreClampedBeforeTheyAreMultiplied(t *testing.T) {
	t.Parallel()
	thrice := "customers(first: $n) { nodes { contacts(first: $n) { nodes { activities(last: $n) { nodes { id } } } } } } }"
	for _, n := range []string{"2147483647", "9223372036854775807", "99999999999999999999", "-1", "0", "101"} {
		turnedAway(t, "{ "+strings.ReplaceAll(thrice, "$n", n), "", "BAD_INPUT", "A page has 1 to 100 records.")
		turnedAway(t, "query($n: Int) { "+thrice, `{"n": `+n+`}`, "BAD_INPUT", "A page has 1 to 100 records.")
		turnedAway(t, "query($n: Int = "+n+") { "+thrice, "", "BAD_INPUT", "A page has 1 to 100 records.")
	}
	turnedAway(t, "query($n: Int) { "+thrice, `{"n": 100}`, "LIMIT_EXCEEDED", "costs 1020201 points")
	deep := "{ customers(first: 100) { nodes { contacts(first: 100) { nodes { activities(first: 100) { nodes { customer { contacts(first: 100) { nodes { id } } } } } } } } } }"
	turnedAway(t, deep, "", "LIMIT_EXCEEDED", "points; at most 20000")
}

func TestA40EqualFieldsAreRefusedByNumber(t *testing.T) {
	t.Parallel()
	in := func(what string) string { return "{ departments { nodes { " + what + " } } }" }
	turnedAway(t, in(strings.Repeat("name ", 3000)), "", "GRAPHQL_PARSE_FAILED", "token limit")
	turnedAway(t, in(strings.Repeat("name ", 201)), "", "LIMIT_EXCEEDED", "201 fields side by side")
	turnedAway(t, in(strings.Repeat("... { "+strings.Repeat("... { name } ", 10)+"} ", 45)), "", "LIMIT_EXCEEDED", "450 fields side by side")
	turnedAway(t, in("...F0")+many(40, func(i int) string {
		return fmt.Sprintf("fragment F%d on Department { parent { ...F%d } parent { ...F%d } }", i, i+1, i+1)
	})+" fragment F40 on Department { id }", "", "LIMIT_EXCEEDED", "at most")
}

func TestA41ValuesAreNeitherDeepNorLong(t *testing.T) {
	t.Parallel()
	const query = "query($w: CustomerWhere) { customers(where: $w) { totalCount } }"
	nested := func(n int) string { return strings.Repeat(`{"and": [`, n) + `{}` + strings.Repeat("]}", n) }
	list := func(n int) string { return strings.TrimSuffix(strings.Repeat(`"x",`, n), ",") }
	turnedAway(t, query, `{"w": `+nested(4000)+`}`, "LIMIT_EXCEEDED", "nested more than 40 deep")
	turnedAway(t, query, `{"w": `+nested(5)+`}`, "LIMIT_EXCEEDED", "nests at most 5 deep")
	turnedAway(t, "{ customers(where: {and: [{or: [{not: {and: [{not: {name: {eq: \"x\"}}}]}}]}]}) { totalCount } }", "", "LIMIT_EXCEEDED", "nests at most 5 deep")
	turnedAway(t, "query($w: [CustomerWhere!]) { customers(where: {or: [{and: $w}]}) { totalCount } }", `{"w": [`+nested(3)+`]}`, "LIMIT_EXCEEDED", "nests at most 5 deep")
	turnedAway(t, "{ opportunities(where: {customer: {opportunities: {some: {customer: {opportunities: {some: {customer: {name: {eq: \"x\"}}}}}}}}}) { totalCount } }", "", "LIMIT_EXCEEDED", "nests at most 5 deep")
	turnedAway(t, query, `{"w": {"id": {"in": [`+list(201)+`]}}}`, "LIMIT_EXCEEDED", "w.id.in lists 201 values")
	turnedAway(t, "{ customers(where: {id: {in: ["+list(201)+"]}}) { totalCount } }", "", "LIMIT_EXCEEDED", "customers.where.id.in lists 201 values")
	turnedAway(t, query, `{"w": {"id": {"in": [`+list(100_000)+`]}}}`, "TOO_LARGE", "larger than allowed")
	or := strings.TrimSuffix(strings.Repeat(`{"name": {"eq": "x"}, "phone": {"eq": "x"}},`, 101), ",")
	turnedAway(t, query, `{"w": {"or": [`+or+`]}}`, "LIMIT_EXCEEDED", "at most 200 conditions, not 202")
	c := servertest.New(t)
	c.Ask("admin", query, map[string]any{"w": json.RawMessage(nested(4))}).Good()
	c.Ask("admin", query, map[string]any{"w": map[string]any{"name": map[string]any{"contains": strings.Repeat("%_", 33)}}}).Refused("LIMIT_EXCEEDED")
}

func TestA42NobodyLearnsTheSchemaWithoutSigningIn(t *testing.T) {
	t.Parallel()
	for _, query := range []string{"{ __schema { types { name } } }", `{ __type(name: "Customer") { name } }`, "{ ...F } fragment F on Query { a: __schema { types { name } } }"} {
		turnedAway(t, query, "", "UNAUTHENTICATED", "Sign in first.")
	}
	turnedAway(t, "{ __schema { types { fields { type { fields { name } } } } } }", "", "LIMIT_EXCEEDED", "lists of types in each other")
	_, message := atTheDoor(t, "{ custmers { totalCount } }", "")
	if strings.Contains(strings.ToLower(message), "did you mean") || strings.Contains(message, "customers") {
		t.Errorf("told %s", message)
	}
	c := servertest.New(t)
	whole := "{ __schema { types { name fields { args { type { kind name ofType { kind name ofType { name } } } } } } } }"
	if a := c.Ask("guangdong.sales", whole, nil).Good(); a.Extensions["tracing"] != nil {
		t.Errorf("told of its own times: %v", a.Extensions)
	}
}

func TestA43AnotherSitesPageIsRefused(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	cookie := signIn(t, c, "director", "guanxi")
	for media, body := range map[string]string{
		plainJSON:                           `{"query":"{ __typename }"}`,
		"text/plain":                        `{"query":"{ __typename }"}`,
		"application/x-www-form-urlencoded": "query=%7B__typename%7D",
		"multipart/form-data; boundary=x":   "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{\"query\":\"{ __typename }\"}\r\n--x--",
	} {
		for _, header := range [][]string{nil, {"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}} {
			a := c.Send("POST", "/graphql", []byte(body), append([]string{"Content-Type", media, "Cookie", cookie}, header...)...)
			if a.Status != http.StatusForbidden || a.Data != nil {
				t.Errorf("%s with %v was answered %d %s", media, header, a.Status, a.Body)
			}
		}
	}
	get := "/graphql?query=mutation%7BjobCancel(input:%7Bid:%22x%22%7D)%7BuserErrors%7Bcode%7D%7D%7D"
	if a := c.Send("GET", get, nil, "Cookie", cookie); a.Status != http.StatusMethodNotAllowed {
		t.Errorf("a mutation by GET was answered %d %s", a.Status, a.Body)
	}
}

func TestA44BodiesAreBoundedBeforeTheyAreRead(t *testing.T) {
	t.Parallel()
	c := servertest.NewEmpty(t)
	large := []byte(`{"query":"{ __typename }","x":"` + strings.Repeat("x", 2<<20) + `"}`)
	if a := c.Send("POST", "/graphql", large, "Content-Type", plainJSON); a.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("2 MB were answered %d %s", a.Status, a.Body)
	}
	var bomb bytes.Buffer
	pack := gzip.NewWriter(&bomb)
	if _, err := pack.Write(large); err != nil || pack.Close() != nil {
		t.Fatal(err)
	}
	if a := c.Send("POST", "/graphql", bomb.Bytes(), "Content-Type", plainJSON, "Content-Encoding", "gzip"); a.Status != http.StatusUnsupportedMediaType {
		t.Errorf("a compressed body was answered %d %s", a.Status, a.Body)
	}
	hash := `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + strings.Repeat("a", 64) + `"}}}`
	if a := c.Send("POST", "/graphql", []byte(hash), "Content-Type", plainJSON); a.Status != http.StatusBadRequest {
		t.Errorf("a hash in place of a document was answered %d %s", a.Status, a.Body)
	}
}

func TestA45AFileGoesToOnePlace(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	for more, status := range map[int]int{1: http.StatusBadRequest, 50_000: http.StatusRequestEntityTooLarge} {
		fan := `{"f":["variables.file"` + strings.Repeat(`,"variables.file"`, more) + `]}`
		if a := send(t, c, "admin", create("x"), fan, part{"f", "x", "x"}); a.Status != status {
			t.Errorf("one file for %d places and one more was answered %d %.200s", more, a.Status, a.Body)
		}
	}
	orphans := []part{{"f", "x", "x"}}
	for i := range 200 {
		orphans = append(orphans, part{fmt.Sprint("orphan", i), "x", "x"})
	}
	send(t, c, "admin", create("parts"), `{"f":["variables.file"]}`, orphans...).Good()
	places := []string{}
	for i := range 10_000 {
		places = append(places, fmt.Sprintf(`"%d":["variables.file"]`, i))
	}
	if a := send(t, c, "admin", create("x"), "{"+strings.Join(places, ",")+"}"); a.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("10,000 files were answered %d %.200s", a.Status, a.Body)
	}
	form := "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n" + create("x") + "\r\n--x\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{\"f\":[\"variables.file\"]}\r\n--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\n"
	a := c.Send("POST", "/graphql", []byte(form), "Content-Type", "multipart/form-data; boundary=x")
	a.Refused("UNAUTHENTICATED") // before a file is read: this one never comes
}
