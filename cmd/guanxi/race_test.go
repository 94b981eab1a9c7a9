package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// won counts the replies without a refusal; each other must have one of the codes.
func (w *two) won(replies []*reply, codes ...string) (winners []int) {
	w.Helper()
	for i, r := range replies {
		switch code := r.code(); {
		case code == "":
			winners = append(winners, i)
		case !slices.Contains(codes, code):
			w.Errorf("answered %s, want one of %s: %s", code, codes, r.text)
		}
	}
	return winners
}

// one fails the test unless exactly one of the replies is of success, and the others of the codes.
func (w *two) one(replies []*reply, codes ...string) int {
	w.Helper()
	winners := w.won(replies, codes...)
	if len(winners) != 1 {
		w.Fatalf("%d of %d won", len(winners), len(replies))
	}
	return winners[0]
}

// mutate is the mutation of one field, sent to one of the servers.
func (w *two) mutate(server int, login, field, input string, values ...any) func() *reply {
	query := fmt.Sprintf("mutation { %s(input: {%s}) { %s } }", field, fmt.Sprintf(input, values...), refusals)
	return func() *reply { return w.try(server, login, "%s", query) }
}

// alike gives the same act on both servers in turn, so many times.
func alike(n int, act func(server, i int) func() *reply) []func() *reply {
	acts := make([]func() *reply, n)
	for i := range acts {
		acts[i] = act(i%2, i)
	}
	return acts
}

// guardDeleted makes the database refuse any change of a deleted row that leaves it deleted, so that a write which comes after
// a deletion is told as INTERNAL.
func (w *two) guardDeleted(table string) {
	w.Helper()
	for _, text := range []string{
		"create function refuse() returns trigger language plpgsql as $$ begin raise 'a deleted row is changed'; end $$",
		"create trigger guard before update on " + table + " for each row when (old.deleted_at is not null and new.deleted_at is not null) execute function refuse()",
	} {
		if _, err := w.pool.Exec(w.Context(), text); err != nil {
			w.Fatal(err)
		}
	}
}

const historyIsWhole = `select record_id from audit_entries where record_id = $1 group by record_id having count(*) <> $2`

func TestA53FiftyClaimOneCustomerAndOneHasIt(t *testing.T) {
	t.Parallel()
	w := serveTwice(t)
	var ids []string
	for i := range 50 {
		ids = append(ids, w.account(fmt.Sprintf("claimant%02d", i), "sales"))
	}
	group := w.do(0, "admin", "groupCreate.group.id", `mutation { groupCreate(input: {name: "claimants", members: ["%s"]}) { group { id } `+refusals+` } }`, strings.Join(ids, `","`))
	pool := w.do(0, "admin", "poolCreate.pool.id", `mutation { poolCreate(input: {name: "pool", members: [{group: %q}]}) { pool { id } `+refusals+` } }`, group)
	customer := w.customer("admin")
	for range rounds(2) {
		if r := w.mutate(0, "admin", "customerRelease", `id: %q, pool: %q`, customer, pool)(); r.code() != "" {
			t.Fatal(r.text)
		}
		claims := w.number("select count(*) from audit_entries where record_id = $1 and action = 'CLAIM'", customer)
		replies := atOnce(alike(50, func(server, i int) func() *reply {
			return w.mutate(server, fmt.Sprintf("claimant%02d", i), "customerClaim", `id: %q`, customer)
		})...)
		winner := w.one(replies, "ALREADY_CLAIMED")
		w.never("the customer is not the winner's", "select from customers where id = $1 and (owner_id <> $2 or pool_id is not null)", customer, ids[winner])
		w.never("claims more than one", "select from audit_entries where record_id = $1 and action = 'CLAIM' offset $2", customer, claims+1)
		for i, r := range replies {
			if i != winner && (strings.Contains(r.text, "claimant") || strings.Contains(r.text, ids[winner])) {
				t.Errorf("who came too late is told who has it: %s", r.text)
			}
		}
	}
}

func TestA54AnOpportunityIsClosedOnce(t *testing.T) {
	t.Parallel()
	w := serveTwice(t)
	w.account("rep", "sales")
	w.account("boss", "administrator")
	for _, race := range []struct{ first, second string }{
		{"opportunityWin", "opportunityWin"}, {"opportunityWin", "opportunityLose"}, {"opportunityLose", "opportunityCancel"},
	} {
		for round := range rounds(2) {
			id := w.opportunity("rep")
			replies := atOnce(w.mutate(round%2, "rep", race.first, `id: %q`, id), w.mutate(1-round%2, "boss", race.second, `id: %q`, id),
				w.mutate(1-round%2, "rep", race.first, `id: %q`, id))
			w.one(replies, "ALREADY_CLOSED")
			w.never("not one closing in the history", "select from opportunities where id = $1 and (select count(*) from stage_changes where opportunity_id = $1 and to_status <> 'OPEN') <> 1", id)
			w.never("not one closing in the audit", "select from opportunities where id = $1 and (select count(*) from audit_entries where record_id = $1 and action <> 'CREATE') <> 1", id)
			w.never("closed otherwise than its history says", `select from opportunities o where id = $1 and (version <> 2 or closed_at is null
				or not exists (select from stage_changes c where c.opportunity_id = o.id and c.to_status = o.status))`, id)
		}
	}
}

func TestA54AClosingAndADeletionFollowEachOther(t *testing.T) {
	t.Parallel()
	w := serveTwice(t)
	w.guardDeleted("opportunities")
	w.account("rep", "sales")
	for round := range rounds(4) {
		id := w.opportunity("rep")
		replies := atOnce(w.mutate(round%2, "rep", "opportunityWin", `id: %q`, id), w.mutate(1-round%2, "rep", "opportunityDelete", `id: %q`, id))
		if r := replies[1]; r.code() != "" {
			t.Errorf("the deletion was answered %s", r.text)
		}
		w.won(replies[:1], "NOT_FOUND")
		status := "WON"
		if replies[0].code() != "" {
			status = "OPEN"
		}
		w.never("deleted otherwise", "select from opportunities where id = $1 and (deleted_at is null or status <> $2)", id, status)
		id = w.opportunity("rep")
		w.one(atOnce(w.mutate(round%2, "rep", "opportunityWin", `id: %q, expectedVersion: 1`, id),
			w.mutate(1-round%2, "rep", "opportunityDelete", `id: %q, expectedVersion: 1`, id)), "NOT_FOUND", "STALE_VERSION")
	}
}

func TestA55OfTwoChangesFromOneVersionOneIsMade(t *testing.T) {
	t.Parallel()
	w := serveTwice(t)
	w.account("rep", "sales")
	w.account("boss", "administrator")
	customer := w.customer("rep")
	for round := range rounds(5) {
		version := round + 1
		replies := atOnce(alike(6, func(server, i int) func() *reply {
			return w.mutate(server, []string{"rep", "boss"}[i/2%2], "customerUpdate", `id: %q, expectedVersion: %d, name: "name %d %d"`, customer, version, round, i)
		})...)
		winner := w.one(replies, "STALE_VERSION")
		w.never("not the winner's name", "select from customers where id = $1 and (name <> $2 or version <> $3)", customer, fmt.Sprintf("name %d %d", round, winner), version+1)
		w.never("not one entry for each version", historyIsWhole, customer, version+1)
		for i, r := range replies {
			if i != winner && (strings.Contains(r.text, "name ") || strings.Contains(r.text, "boss") || strings.Contains(r.text, "rep")) {
				t.Errorf("the loser is told more than the version: %s", r.text)
			}
		}
	}
}

func TestA55OfTwoHandoversFromOneVersionOneIsMade(t *testing.T) {
	t.Parallel()
	w := serveTwice(t)
	heads := []string{w.account("a", "sales_manager"), w.account("b", "sales_manager")}
	w.account("rep", "sales_manager")
	for round := range rounds(4) {
		customer := w.customer("rep")
		hand := func(version string) []*reply {
			return atOnce(w.mutate(round%2, "rep", "customerTransfer", `id: %q, to: %q%s`, customer, heads[0], version),
				w.mutate(1-round%2, "rep", "customerTransfer", `id: %q, to: %q%s`, customer, heads[1], version))
		}
		// who has handed it over sees it no more, so that the later is told of no such record
		winner := w.one(hand([]string{"", ", expectedVersion: 1"}[round%2]), "NOT_FOUND")
		w.never("not the first one's", "select from customers where id = $1 and (owner_id <> $2 or version <> 2)", customer, heads[winner])
		w.never("not one handover", historyIsWhole, customer, 2)
	}
}

// TestA20NoShareOutlivesAHandover lets the owner share a customer while it is handed over.
func TestA20NoShareOutlivesAHandover(t *testing.T) {
	t.Parallel()
	w := serveTwice(t)
	w.account("rep", "sales")
	friend, heir := w.account("friend", "sales"), w.account("heir", "sales")
	for round := range rounds(8) {
		customer := w.customer("rep")
		replies := atOnce(w.mutate(round%2, "rep", "shareCreate", `record: %q, subject: {user: %q}, level: MANAGE`, customer, friend),
			w.mutate(1-round%2, "admin", "customerTransfer", `id: %q, to: %q`, customer, heir))
		w.won(replies[:1], "NOT_FOUND")
		if replies[1].code() != "" {
			t.Errorf("the handover was answered %s", replies[1].text)
		}
		w.never("a share has outlived the handover", "select from shares where record_id = $1", customer)
	}
}

func TestADeletedRecordIsNotChangedAndComesBackOnce(t *testing.T) {
	t.Parallel()
	w := serveTwice(t)
	w.guardDeleted("customers")
	w.account("rep", "sales")
	for round := range rounds(4) {
		here, there := round%2, 1-round%2
		customer := w.customer("rep")
		replies := atOnce(w.mutate(here, "rep", "customerUpdate", `id: %q, name: "late"`, customer), w.mutate(there, "rep", "customerDelete", `id: %q`, customer),
			w.mutate(here, "rep", "opportunityCreate", `title: "x", customer: %q`, customer))
		w.won(replies[:1], "NOT_FOUND")
		w.won(replies[2:], "NOT_FOUND")
		if replies[1].code() != "" {
			t.Errorf("the deletion was answered %s", replies[1].text)
		}
		w.never("a live opportunity of a deleted customer", "select from opportunities where customer_id = $1 and deleted_at is null", customer)
		before := w.number("select version from customers where id = $1", customer)
		w.one(atOnce(alike(4, func(server, _ int) func() *reply {
			return w.mutate(server, "rep", "customerRestore", `id: %q`, customer)
		})...), "NOT_FOUND")
		w.never("restored more than once", "select from customers where id = $1 and (version <> $2 or deleted_at is not null or deletion_id is not null)", customer, before+1)
		w.never("something of the set is missing", "select from opportunities where customer_id = $1 and deleted_at is not null", customer)
	}
}

func TestA56OfTwoWithOneKeyOneIsMade(t *testing.T) {
	t.Parallel()
	w := serveTwice(t)
	department := w.do(0, "admin", "departmentCreate.department.id", `mutation { departmentCreate(input: {name: "d"}) { department { id } `+refusals+` } }`)
	dictionary := w.do(0, "admin", "dictionaryCreate.dictionary.id", `mutation { dictionaryCreate(input: {code: "d", name: "d"}) { dictionary { id } `+refusals+` } }`)
	user := w.account("rep", "sales")
	for _, made := range []struct{ field, input, table, column string }{
		{"userCreate", `login: "new%[1]d", name: "x"`, "users", "login"},
		{"roleCreate", `code: "new%[1]d", name: "x"`, "roles", "code"},
		{"poolCreate", `name: "new%[1]d"`, "pools", "name"},
		{"competitorCreate", `name: "new%[1]d"`, "competitors", "name"},
		{"productCreate", `name: "new%[1]d"`, "products", "name"},
		{"pipelineCreate", `name: "new%[1]d"`, "pipelines", "name"},
		{"dictionaryCreate", `code: "new%[1]d", name: "x"`, "dictionaries", "code"},
		{"dictionaryEntryCreate", `dictionary: "` + dictionary + `", label: "new%[1]d"`, "dictionary_entries", "label"},
	} {
		for round := range rounds(1) {
			w.one(atOnce(alike(4, func(server, _ int) func() *reply { return w.mutate(server, "admin", made.field, made.input, round) })...), "DUPLICATE")
			w.never(made.field+" more than once", "select from "+made.table+" where "+made.column+" = $1 offset 1", fmt.Sprintf("new%d", round))
		}
	}
	for range rounds(2) {
		w.one(atOnce(alike(4, func(server, _ int) func() *reply {
			return w.mutate(server, "admin", "membershipCreate", `user: %q, department: %q, primary: true`, user, department)
		})...), "DUPLICATE")
		w.never("not one primary membership", "select user_id from memberships where is_primary and user_id = $1 group by user_id having count(*) <> 1", user)
		if _, err := w.pool.Exec(t.Context(), "delete from memberships"); err != nil {
			t.Fatal(err)
		}
	}
}

// treeIsTrue finds the departments whose path is not that of the one above and themselves: in a cycle no path can be true.
const treeIsTrue = `select d.id from departments d left join departments p on p.id = d.parent_id
	where d.path is distinct from coalesce(p.path, '{}') || d.id`

func TestA58DepartmentsNeverStandBelowThemselves(t *testing.T) {
	t.Parallel()
	w := serveTwice(t)
	for round := range rounds(4) {
		var ids []string
		for i := range 3 {
			ids = append(ids, w.do(0, "admin", "departmentCreate.department.id", `mutation { departmentCreate(input: {name: "r%d %d"}) { department { id } `+refusals+` } }`, round, i))
		}
		below := func(server, child, parent int) func() *reply {
			return w.mutate(server, "admin", "departmentUpdate", `id: %q, parent: %q`, ids[child], ids[parent])
		}
		if round%2 == 0 { // each below the other
			w.one(atOnce(below(0, 0, 1), below(1, 1, 0)), "CYCLE")
		} else if winners := w.won(atOnce(below(0, 0, 1), below(1, 1, 2), below(0, 2, 0)), "CYCLE"); len(winners) != 2 {
			t.Errorf("of three moves in a circle %d were made", len(winners))
		}
		w.never("paths are not those of the tree", treeIsTrue)
	}
}

// TestA58ManyMovesAtOnceAreAllMade moves departments about under each other from both servers: moves wait for each other, and
// none is refused because of another.
func TestA58ManyMovesAtOnceAreAllMade(t *testing.T) {
	t.Parallel()
	w := serveTwice(t)
	const many = 24
	var tops, ids []string
	make := func(name, parent string) string {
		return w.do(0, "admin", "departmentCreate.department.id", `mutation { departmentCreate(input: {name: %q, parent: %s}) { department { id } `+refusals+` } }`, name, parent)
	}
	for i := range 3 {
		tops = append(tops, make(fmt.Sprint("top ", i), "null"))
	}
	for i := range many {
		parent := tops[0]
		if i%3 > 0 {
			parent = ids[i-1]
		}
		ids = append(ids, make(fmt.Sprint("d ", i), fmt.Sprintf("%q", parent)))
	}
	for round := range rounds(2) {
		replies := atOnce(alike(many, func(server, i int) func() *reply {
			return w.mutate(server, "admin", "departmentUpdate", `id: %q, parent: %q`, ids[i], tops[(round+i)%3])
		})...)
		if winners := w.won(replies); len(winners) != many {
			t.Errorf("%d of %d moves were made", len(winners), many)
		}
		w.never("paths are not those of the tree", treeIsTrue)
	}
}

// TestRatesStayIntoTheCompanysCurrency sets exchange rates while the company's currency is changed.
func TestRatesStayIntoTheCompanysCurrency(t *testing.T) {
	t.Parallel()
	w := serveTwice(t)
	for round := range rounds(6) {
		if _, err := w.pool.Exec(t.Context(), "truncate exchange_rates"); err != nil {
			t.Fatal(err)
		}
		if r := w.mutate(0, "admin", "companyUpdate", `currency: "CNY"`)(); r.code() != "" {
			t.Fatal(r.text)
		}
		replies := atOnce(w.mutate(round%2, "admin", "exchangeRateSet", `currency: "USD", validOn: "2026-01-01", rate: "7.1"`),
			w.mutate(1-round%2, "admin", "companyUpdate", `currency: "USD"`))
		w.one(replies, "INVALID")
		w.never("a rate of the company's own currency", "select from exchange_rates join company on company.currency = exchange_rates.currency")
	}
}
