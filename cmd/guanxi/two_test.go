package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/internal/pgtest"
	"guanxi/store"
)

// two is a company served by two processes on one database.
type two struct {
	*testing.T
	pool    *pgxpool.Pool
	store   *store.Store
	home    string
	servers [2]*process

	prefix string // of names
	mu     sync.Mutex
	tokens map[string]string
	named  int
}

// serveTwice starts two servers on a new database; admin is its administrator.
func serveTwice(t *testing.T) *two {
	t.Helper()
	w := &two{T: t, pool: pgtest.New(t), home: t.TempDir(), tokens: map[string]string{}}
	var err error
	if w.store, err = store.Open(t.Context(), w.pool); err == nil {
		err = w.store.Setup(t.Context(), store.SetupOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
	w.account("admin", "administrator")
	for i := range w.servers {
		w.servers[i] = w.serve()
	}
	return w
}

// serve starts one more server on the database. It takes as many requests as a test sends.
func (w *two) serve() *process {
	w.Helper()
	url := w.pool.Config().ConnString()
	return startProcess(w.T, "serve", "GUANXI_HOME="+w.home, "GUANXI_DATABASE_URL="+url, "GUANXI_COST_PER_MINUTE=0")
}

// rounds is how often a race is run: often enough here to be worth its time, and GUANXI_ROUNDS times as often on demand.
func rounds(n int) int {
	times, err := strconv.Atoi(cmp.Or(os.Getenv("GUANXI_ROUNDS"), "1"))
	if err != nil {
		panic(err)
	}
	return n * times
}

// name makes a name that is not in use.
func (w *two) name(of string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.named++
	return fmt.Sprint(w.prefix, of, " ", w.named)
}

// account makes a user with a role and gives his id.
func (w *two) account(login, role string) string {
	w.Helper()
	id, err := w.store.CreateAccount(w.Context(), store.Account{Login: login, Name: login, Role: role})
	if err != nil {
		w.Fatal(err)
	}
	return id.String()
}

// token gives an API token of the user.
func (w *two) token(login string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tokens[login] == "" {
		secret, err := w.store.IssueToken(w.Context(), login, "test")
		if err != nil {
			panic(err)
		}
		w.tokens[login] = secret
	}
	return w.tokens[login]
}

// reply is what a server answered; one that was killed answered nothing.
type reply struct {
	status int
	text   string
	Data   map[string]any
	Errors []struct {
		Extensions struct{ Code string }
	}
}

// try asks one of the servers as the user.
func (w *two) try(server int, login, query string, values ...any) *reply {
	return send(w.servers[server].address, w.token(login), fmt.Sprintf(query, values...))
}

// send asks a server with a bearer token.
func send(address, token, query string) *reply {
	status, text, err := post(address, token, query)
	if err != nil {
		return &reply{text: err.Error()}
	}
	r := &reply{status: status, text: text}
	_ = json.Unmarshal([]byte(text), r)
	return r
}

// at gives the value at a path of the data, such as "customer.owner.id"; nil where there is none.
func (r *reply) at(path string) any {
	var here any = r.Data
	for name := range strings.SplitSeq(path, ".") {
		fields, _ := here.(map[string]any)
		here = fields[name]
	}
	return here
}

// code is "" when all went well, else the first code that was answered.
func (r *reply) code() string {
	for _, e := range r.Errors {
		return e.Extensions.Code
	}
	for _, field := range r.Data {
		payload, _ := field.(map[string]any)
		refusals, _ := payload["userErrors"].([]any)
		for _, one := range refusals {
			return fmt.Sprint(one.(map[string]any)["code"])
		}
	}
	if r.status != http.StatusOK {
		return fmt.Sprint("status ", r.status)
	}
	return ""
}

// do carries out a mutation that must succeed, and gives the id at a path of its answer, such as "customerCreate.customer.id".
func (w *two) do(server int, login, path, query string, values ...any) string {
	w.Helper()
	r := w.try(server, login, query, values...)
	id, ok := r.at(path).(string)
	if r.code() != "" || !ok {
		w.Errorf("%s\nanswered %s: %s", fmt.Sprintf(query, values...), login, r.text)
	}
	return id
}

// refusals is what every mutation here asks for besides its record.
const refusals = "userErrors { code field message }"

// customer makes a customer of the user and gives its id.
func (w *two) customer(login string) string {
	w.Helper()
	return w.do(0, login, "customerCreate.customer.id", `mutation { customerCreate(input: {name: %q, kind: ORGANIZATION, phone: "13800138000"}) { customer { id } `+refusals+` } }`, w.name("customer"))
}

// opportunity makes an opportunity of the user and gives its id.
func (w *two) opportunity(login string) string {
	w.Helper()
	return w.do(0, login, "opportunityCreate.opportunity.id", `mutation { opportunityCreate(input: {title: %q, customer: %q}) { opportunity { id } `+refusals+` } }`,
		w.name("opportunity"), w.customer(login))
}

// number asks the database itself.
func (w *two) number(text string, values ...any) (n int) {
	w.Helper()
	if err := w.pool.QueryRow(w.Context(), text, values...).Scan(&n); err != nil {
		w.Fatal(err)
	}
	return n
}

// never fails the test when the database holds a row of what must not be.
func (w *two) never(what, text string, values ...any) {
	w.Helper()
	if n := w.number("select count(*) from ("+text+") as x", values...); n != 0 {
		w.Errorf("%s: %d", what, n)
	}
}

// atOnce lets all act at the same moment and gives what each was answered.
func atOnce(acts ...func() *reply) []*reply {
	replies := make([]*reply, len(acts))
	begin := make(chan struct{})
	var all sync.WaitGroup
	for i, act := range acts {
		all.Go(func() {
			<-begin
			replies[i] = act()
		})
	}
	close(begin)
	all.Wait()
	return replies
}

// download gives the status and the bytes of a file.
func (w *two) download(server int, login, document string) (int, string) {
	r, err := http.NewRequest(http.MethodGet, w.servers[server].address+"/files/"+document, nil)
	if err != nil {
		panic(err)
	}
	r.Header.Set("Authorization", "Bearer "+w.token(login))
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(text)
}

// upload makes a document of the user and gives its id.
func (w *two) upload(login, content string) string {
	w.Helper()
	r := w.tryUpload(0, login, content, "")
	id, ok := r.at("documentCreate.document.id").(string)
	if !ok {
		w.Errorf("an upload was answered %s", r.text)
	}
	return id
}

// tryUpload sends a file under a key; without one when it is empty.
func (w *two) tryUpload(server int, login, content, key string) *reply {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("operations", fmt.Sprintf(`{"query": %q, "variables": {"file": null, "key": %s}}`,
		`mutation($file: Upload!, $key: String) { documentCreate(input: {file: $file, idempotencyKey: $key}) { document { id } `+refusals+` } }`, quoted(key)))
	_ = form.WriteField("map", `{"f": ["variables.file"]}`)
	part, err := form.CreateFormFile("f", "plan.txt")
	if err == nil {
		_, err = io.WriteString(part, content)
	}
	if err == nil {
		err = form.Close()
	}
	r, err2 := http.NewRequest(http.MethodPost, w.servers[server].address+"/graphql", &body)
	if err != nil || err2 != nil {
		panic(fmt.Sprint(err, err2))
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Authorization", "Bearer "+w.token(login))
	return answered(http.DefaultClient.Do(r))
}

// quoted writes a text for JSON and GraphQL alike; null for none.
func quoted(text string) string {
	if text == "" {
		return "null"
	}
	return strconv.Quote(text)
}

// answered reads an answer.
func answered(response *http.Response, err error) *reply {
	if err != nil {
		return &reply{text: err.Error()}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return &reply{text: err.Error()}
	}
	r := &reply{status: response.StatusCode, text: string(text)}
	_ = json.Unmarshal(text, r)
	return r
}
