package store_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/models"
)

// besides are indexes that no list, filter or look-up of records below needs, each with the statement that does.
var besides = map[string]string{
	"access_log_at_idx":                   "the access log's own page, and its clearing out by age",
	"access_log_record_id_idx":            "who has read a record",
	"access_log_user_id_idx":              "what a user has read",
	"audit_entries_kind_at_idx":           "records as they were recorded by an instant, a kind at once",
	"audit_entries_record_id_idx":         "the history of a record",
	"departments_parent_id_idx":           "the departments below one, as parent_id refers",
	"encounters_competitor_id_idx":        "the encounters with a competitor, as competitor_id refers",
	"external_keys_record_id_idx":         "the keys that an imported record is known by elsewhere",
	"grants_grantee_role_id_idx":          "the grants of a viewer's roles",
	"grants_grantee_user_id_idx":          "the grants of a viewer",
	"group_members_user_id_idx":           "the groups of a viewer",
	"holding_counts_holders_idx":          "the counts of records by whose they are",
	"idempotency_keys_created_at_idx":     "keys are forgotten after a day",
	"jobs_open_idx":                       "the next job to be done",
	"jobs_owner_id_idx":                   "the jobs of a user",
	"memberships_department_id_idx":       "the users whom a grant over a department reaches",
	"pool_members_subject_id_idx":         "the pools of a viewer",
	"relationships_valid_until_idx":       "the affiliations that end after a day, however they are counted",
	"shares_record_id_idx":                "the shares of a record",
	"sign_in_tries_last_idx":              "tries are forgotten after a while",
	"stage_changes_opportunity_id_idx":    "the course of an opportunity",
	"uploads_at_idx":                      "files that no record took are cleared away by age",
	"user_roles_role_id_idx":              "the users of a role",
	"activities_assignee_id_idx":          "what a simulation opens to whom it is assigned",
	"audit_entries_expected_close_idx":    "opportunities that slipped",
	"stage_changes_changed_at_idx":        "reports of stages entered in a period",
	"activities_service_id_idx":           "the activities of a service, as service_id refers",
	"activities_elsewhere_service_idx":    "activities attached to a service of another customer",
	"documents_service_id_idx":            "the documents of a service, as service_id refers",
	"saved_reports_owner_id_idx":          "the saved reports of those whom a viewer reaches",
	"dashboards_owner_id_idx":             "the dashboards of those whom a viewer reaches",
	"relationships_between_others_idx":    "the relationships between competitors and users, which everyone sees",
	"relationships_valid_until_order_idx": "relationships by their end",
}

// besidesAll are the endings of the names of indexes of one purpose.
var besidesAll = map[string]string{
	"_deletion_id_idx":  "what was deleted together comes back together",
	"_search_terms_idx": "the search for whole terms",
	"_search_text_idx":  "the search for parts of names",
	"_phone_terms_idx":  "the search for the ends of phone numbers",
}

// TestEveryIndexIsNeeded explains every list that can be asked for, in every order, by who sees all, few and his customers', and every way
// from a record to others: an index that none of them uses, makes nothing unique and is not named with its reason is one too many.
func TestEveryIndexIsNeeded(t *testing.T) {
	w := newWorld(t)
	w.fill(t)
	used := map[string]bool{}
	for _, plan := range w.plans(t) {
		for _, found := range usesIndex.FindAllStringSubmatch(plan, -1) {
			used[found[1]] = true
		}
	}
	rows, err := w.store.Pool.Query(t.Context(), `select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
		where n.nspname = current_schema and not i.indisunique and c.relname not like 'bun\_%' order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(names) < 50 {
		t.Fatal(len(names), err)
	}
	for _, name := range names {
		named := besides[name] != "" || slices.ContainsFunc(slices.Collect(maps.Keys(besidesAll)), func(end string) bool { return strings.HasSuffix(name, end) })
		if !used[name] && !named {
			t.Errorf("nothing uses %s", name)
		}
	}
	for name := range besides {
		if !slices.Contains(names, name) {
			t.Errorf("%s is named, and is not there", name)
		}
	}
}

var usesIndex = regexp.MustCompile(`(?:using|Index Scan on) ([a-z_]+)`)

// TestEachOrderIsReadFromAnIndex: whoever sees all reads a page of any big kind, in any order that its list offers, without sorting.
func TestEachOrderIsReadFromAnIndex(t *testing.T) {
	w := newWorld(t)
	w.fill(t)
	boss := w.user("boss", everything)
	seen := 0
	for kind, fields := range offered(t) {
		if kind.Guard != access.Business && kind.Guard != access.BetweenParties || kind == access.SavedReport || kind == access.Dashboard {
			continue // few
		}
		for _, field := range fields {
			for _, direction := range []string{"ASC", "DESC"} {
				for _, backward := range []bool{false, true} {
					plan := w.planned(t, boss, access.Page{Kind: kind, Backward: backward}, models.Order{Field: field, Direction: direction})
					seen++
					if strings.Contains(plan, "Sort") {
						t.Errorf("%s by %s %s, backward %t, is sorted:\n%s", kind.Name, field, direction, backward, plan)
					}
				}
			}
		}
	}
	if seen < 130 {
		t.Errorf("only %d orders", seen)
	}
}

// fill gives the world 2,000 customers and what belongs to them, and lets PostgreSQL count them.
func (w *world) fill(t *testing.T) {
	t.Helper()
	company, err := os.ReadFile("../bench/company.sql")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := w.store.Pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for _, text := range []string{
		`create function pg_temp.id(n bigint, kind int) returns uuid language sql immutable as
			$$ select (lpad(to_hex(n), 8, '0') || '-0000-7000-8000-0000000000' || lpad(to_hex(kind), 2, '0'))::uuid $$`,
		strings.NewReplacer("{users}", "40", "{customers}", "2000", "{works}", models.WorksAtID.String(), "{pool}", fmt.Sprint(int(models.PoolCode))).Replace(string(company)),
		"set session_replication_role = default", "analyze",
	} {
		if _, err := conn.Exec(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
}

// offered reads the orders of lists from the schema.
func offered(t *testing.T) map[*access.Kind][]string {
	t.Helper()
	files, err := filepath.Glob("../graph/schema/*.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	orders := map[*access.Kind][]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, enum := range orderEnum.FindAllStringSubmatch(string(text), -1) {
			for _, kind := range access.Kinds {
				if kind.Model.Name() == enum[1] {
					orders[kind] = orderValue.FindAllString(enum[2], -1)
				}
			}
		}
	}
	return orders
}

var (
	orderEnum  = regexp.MustCompile(`(?s)enum (\w+)OrderField \{(.*?)\n\}`)
	orderValue = regexp.MustCompile(`(?m)\b[A-Z]+(?:_[A-Z]+)*$`)
)

// plans explains the catalogue of lists and look-ups.
func (w *world) plans(t *testing.T) (plans []string) {
	t.Helper()
	boss, rep := w.user("boss", everything), w.user("rep")
	for kind, fields := range offered(t) {
		deletable := kind.Guard == access.Business || kind.Guard == access.BetweenParties
		for _, user := range []uuid.UUID{boss, rep} {
			plans = append(plans, w.planned(t, user, access.Page{Kind: kind}))
			if deletable {
				plans = append(plans, w.planned(t, user, access.Page{Kind: kind, Deleted: true}, models.Order{Field: "DELETED_AT", Direction: "DESC"}))
			}
			for _, field := range fields {
				plans = append(plans, w.planned(t, user, access.Page{Kind: kind}, models.Order{Field: field, Direction: "DESC"}))
			}
		}
	}
	for _, from := range access.Kinds {
		for _, name := range slices.Sorted(maps.Keys(from.Relations)) {
			link := from.Relations[name]
			if !link.Many {
				continue
			}
			q := w.viewer(boss).Query()
			plans = append(plans, w.explained(t, q, fmt.Sprintf("select r.id from unnest(%s::uuid[]) p (id) cross join lateral (select r.id from %s where %s offset 0) r",
				q.Bind([]uuid.UUID{uuid.Nil}), q.Visible(link.To, "r"), link.On("p", "r"))))
		}
	}
	return plans
}

// planned explains a page of a list.
func (w *world) planned(t *testing.T, user uuid.UUID, page access.Page, orders ...models.Order) string {
	t.Helper()
	q := w.viewer(user).Query()
	var err error
	if page.Keys, err = q.Order(page.Kind, "r", orders); err != nil {
		t.Fatal(err)
	}
	page.Size = 21
	text, err := q.Page(page)
	if err != nil {
		t.Fatal(err)
	}
	return w.explained(t, q, text)
}

// explained gives the plan of a statement where reading whole tables and sorting is as good as forbidden, as it is where there is much.
func (w *world) explained(t *testing.T, q *access.Query, text string) string {
	t.Helper()
	tx, err := w.store.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	for _, off := range []string{"enable_seqscan", "enable_bitmapscan", "enable_sort", "enable_hashjoin", "enable_mergejoin"} {
		if _, err := tx.Exec(t.Context(), "set local "+off+" = off"); err != nil {
			t.Fatal(err)
		}
	}
	text = q.Text(text)
	rows, err := tx.Query(t.Context(), "explain (costs off) "+text, append([]any{pgx.QueryExecModeCacheDescribe}, q.Args()...)...)
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return strings.Join(lines, "\n")
}

// TestEachFormBeginsAtItsIndex: who sees few begins at each owner's customers in the order of names, who sees many walks all names.
func TestEachFormBeginsAtItsIndex(t *testing.T) {
	w := newWorld(t)
	w.fill(t)
	manager := w.manager()
	const ofOwner, ofAll = "customers_owner_id_name_idx", " customers_name_idx"
	for name, try := range map[string]struct {
		user         uuid.UUID
		used, unused string
	}{
		"sees all": {w.user("boss", everything), ofAll, ofOwner},
		"manager":  {manager, ofAll, ofOwner},
		"rep":      {w.user("rep"), ofOwner, ofAll},
	} {
		plan := w.planned(t, try.user, access.Page{Kind: access.Customer}, models.Order{Field: "NAME"})
		if !strings.Contains(plan, try.used) || strings.Contains(plan, try.unused) {
			t.Errorf("%s:\n%s", name, plan)
		}
	}
}

// manager sees the records of 51 people.
func (w *world) manager() uuid.UUID {
	group := models.NewID(models.GroupCode)
	w.exec("insert into groups (id, name, created_at, updated_at) values (?, 'many', now(), now())", group)
	for n := range 51 {
		w.exec("insert into group_members (group_id, user_id) values (?, ?)", group, w.user(fmt.Sprint("member", n)))
	}
	return w.user("manager", func(w *world, user, _ uuid.UUID) {
		w.insert(&models.Grant{Record: models.Record{ID: models.NewID(models.GrantCode)}, GranteeUserID: &user, SubjectID: &group, Effect: models.Allow, Level: models.Observe})
	})
}

// TestWhatBelongsToCustomersIsFoundByWhatItCarries: who sees few begins at what their customers bring, who sees many looks up no customer on
// the way, and an index alone counts for both.
func TestWhatBelongsToCustomersIsFoundByWhatItCarries(t *testing.T) {
	w := newWorld(t)
	w.fill(t)
	w.exec("vacuum opportunities")
	for name, user := range map[string]uuid.UUID{"rep": w.user("rep"), "manager": w.manager()} {
		for kind, try := range map[*access.Kind]struct{ order, index string }{
			access.Opportunity: {"CREATED_AT", "opportunities_customer_owner_id_idx"},
			access.Service:     {"OPENED_AT", "services_customer_owner_id_idx"},
			access.Document:    {"UPLOADED_AT", "documents_customer_owner_id_idx"},
			access.Activity:    {"AT", "activities_customer_owner_id_idx"},
		} {
			plan := w.planned(t, user, access.Page{Kind: kind}, models.Order{Field: try.order, Direction: "DESC"})
			if name == "rep" != strings.Contains(plan, "using "+try.index) || name == "manager" && strings.Contains(plan, " on customers ") {
				t.Errorf("%s of %s:\n%s", kind.Name, name, plan)
			}
		}
		q := w.viewer(user).Query()
		count, err := q.Count(access.Page{Kind: access.Opportunity}, 100)
		if err != nil {
			t.Fatal(err)
		}
		plan := w.explained(t, q, count)
		for _, index := range []string{"opportunities_owner_id_id_idx", "opportunities_customer_owner_id_id_idx"} {
			if !strings.Contains(plan, "Index Only Scan using "+index) {
				t.Errorf("%s's opportunities are counted without %s:\n%s", name, index, plan)
			}
		}
	}
}
