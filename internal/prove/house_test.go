package prove

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/columns"
	"guanxi/files"
	"guanxi/internal/naive"
	"guanxi/internal/pgtest"
	"guanxi/models"
	"guanxi/reports"
	"guanxi/search"
	"guanxi/server"
	"guanxi/store"
)

// began is when the companies are looked at first: 2 March in Shanghai.
var began = time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)

// house is a server on a database that holds one company after another.
type house struct {
	pool *pgxpool.Pool
	web  http.Handler

	columns *columns.Store // from which its reports are answered, where they hold what is asked
	now     time.Time

	requests int
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{pool: pgtest.New(t), now: began}
	s, err := store.Open(t.Context(), h.pool)
	if err != nil {
		t.Fatal(err)
	}
	s.Clock = func() time.Time { return h.now }
	folder, err := files.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := folder.Put(t.Context(), naive.FileKey, strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	h.columns = columns.New(columns.Options{Pool: h.pool, Log: slog.New(slog.DiscardHandler), Now: s.Now, AtOnce: true})
	s.Names = search.NewNames(search.Options{Pool: h.pool, Log: slog.New(slog.DiscardHandler), Now: s.Now, AtOnce: true})
	h.web = server.New(server.Options{Store: s, Files: folder, Reports: reports.WithColumns(h.columns)})
	return h
}

// emptied are the tables that a company leaves its rows in, those that refer to others first.
var emptied = []string{
	"access_log", "audit_entries", "jobs", "idempotency_keys", "external_keys", "api_tokens", "sessions", "shares", "grants", "field_rights", "user_roles", "group_members",
	"pool_members", "memberships", "document_readers", "document_revisions", "encounters", "opportunity_lines", "stage_changes", "relationships",
	"dashboards", "saved_reports", "activities", "documents", "services", "opportunities", "contacts", "customers", "pools", "roles", "groups", "departments", "relationship_types",
	"products", "competitors", "stages", "pipelines", "dictionary_entries", "dictionaries", "users", "exchange_rates", "currencies", "company",
}

// fill puts another company in place of the one before.
func (h *house) fill(ctx context.Context, c *naive.Company) error {
	h.now = c.Now
	return pgx.BeginFunc(ctx, h.pool, func(tx pgx.Tx) error {
		for _, table := range emptied {
			if _, err := tx.Exec(ctx, "delete from "+table, pgx.QueryExecModeCacheStatement); err != nil {
				return err
			}
		}
		if err := naive.WriteIndexed(ctx, tx, c, indexed); err != nil {
			return err
		}
		for user := range c.Users {
			_, err := tx.Exec(ctx, "insert into api_tokens (id, user_id, name, token_hash, created_at) values ($1, $2, 'test', $3, $4)",
				pgx.QueryExecModeCacheStatement, naive.ID(models.APITokenCode, user), userID(user), store.SecretHash(secret(user)), h.now)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func secret(user int) string { return "secret of " + strconv.Itoa(user) }

func userID(user int) uuid.UUID { return naive.ID(models.UserCode, user) }

func indexed(name, phone string) naive.Indexed {
	terms, text := search.Name(name)
	found := naive.Indexed{Terms: terms, Text: text, Phones: search.Phones(phone)}
	if e164, ok := search.NormalPhone(phone, "CN"); ok {
		found.Phones = search.Phones(phone, e164)
	}
	return found
}

// answer is what the API answered.
type answer struct {
	Status int
	Data   map[string]any `json:"data"`
	Errors []struct {
		Path       []any          `json:"path"`
		Message    string         `json:"message"`
		Extensions map[string]any `json:"extensions"`
	} `json:"errors"`

	body []byte
}

// refusal is the code that the whole request was refused with; empty when it was not.
func (a *answer) refusal() string {
	if len(a.Errors) == 0 {
		return ""
	}
	code, _ := a.Errors[0].Extensions["code"].(string)
	return code
}

func (h *house) ask(user int, query string, variables map[string]any) (*answer, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return nil, err
	}
	w := h.send(user, http.MethodPost, "/graphql", body)
	a := &answer{Status: w.Code, body: w.Body.Bytes()}
	if err := json.Unmarshal(a.body, a); err != nil {
		return nil, fmt.Errorf("answered %d %s: %w", w.Code, a.body, err)
	}
	return a, nil
}

func (h *house) send(user int, method, path string, body []byte) *httptest.ResponseRecorder {
	h.requests++
	r := httptest.NewRequest(method, path, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+secret(user))
	w := httptest.NewRecorder()
	h.web.ServeHTTP(w, r)
	return w
}

// at gives the value at a path of an answer, such as "customers.nodes.0.name"; nil where there is none.
func at(value any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

// list gives the list at a path.
func list(value any, path string) []any {
	found, _ := at(value, path).([]any)
	return found
}

// idsAt gives what stands at the path "id" of each of a list, "" for none.
func idsAt(values []any, path string) []string {
	ids := make([]string, len(values))
	for i, v := range values {
		ids[i], _ = at(v, path).(string)
	}
	return ids
}

// byID tells the values of a list by their ids.
func byID(values []any) map[string]any {
	found := make(map[string]any, len(values))
	for _, v := range values {
		id, _ := at(v, "id").(string)
		found[id] = v
	}
	return found
}
