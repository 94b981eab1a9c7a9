// Package market fills databases with a company that sells much, for measuring: who sells, to whom, and what is around the customers.
// The same numbers give the same company.
package market

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/models"
	"guanxi/search"
	"guanxi/simulate"
	"guanxi/store"
)

//go:embed tools.sql
var tools string

//go:embed people.sql
var people string

//go:embed records.sql
var records string

//go:embed around.sql
var around string

// Sellers is how many users a market has.
const Sellers = 2_000

// Those who look at a market, by their number.
const (
	Manager  = 1           // sees 210 owners
	Rep      = 15          // sees his own
	Director = Sellers - 1 // sees three quarters of all owners
	All      = Sellers     // sees everything, but no contact's details
)

// ID is the id of the n-th record of a kind.
func ID(n uint32, kind models.KindCode) uuid.UUID {
	return uuid.UUID{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n), 6: 0x70, 8: 0x80, 15: byte(kind)}
}

// Size is how many records there are.
type Size struct {
	Users, Customers, Contacts, Relationships, Opportunities, Activities, Services, Documents int
}

// Scaled is a million customers with all that is around them, times the scale.
func Scaled(scale float64) Size {
	times := func(n float64) int { return max(50, int(n*scale*1e6)/50*50) }
	return Size{Sellers, times(1), times(2), times(3), times(5), times(5), times(2), times(1)}
}

// Sell adds those who sell, when there is no opportunity yet, and the opportunities after so many until there are so many, with a
// customer for every five. Nothing is found by its name.
func Sell(ctx context.Context, conn *pgx.Conn, from, until int) error {
	texts := []string{"set statement_timeout = 0; set max_parallel_maintenance_workers = 0", tools}
	if from == 0 {
		texts = append(texts, people)
	}
	words := words(Size{Users: Sellers}, false, "({n} - 1) / 5 + 1", "{from}", fmt.Sprint(from+1), "{until}", fmt.Sprint(until))
	for _, text := range append(texts, records, "vacuum analyze") {
		if _, err := conn.Exec(ctx, words(text)); err != nil {
			return err
		}
	}
	return nil
}

// words gives what puts numbers and names into a text of SQL; the buyer is whose the {n}-th opportunity is.
func words(s Size, named bool, buyer string, more ...string) func(string) string {
	list := append(more, "{users}", fmt.Sprint(s.Users), "{customers}", fmt.Sprint(s.Customers), "{contacts}", fmt.Sprint(s.Contacts),
		"{relationships}", fmt.Sprint(s.Relationships), "{opportunities}", fmt.Sprint(s.Opportunities), "{activities}", fmt.Sprint(s.Activities),
		"{services}", fmt.Sprint(s.Services), "{documents}", fmt.Sprint(s.Documents), "{works}", models.WorksAtID.String(),
		"{region}", models.RegionDictionary, "{industry}", models.IndustryDictionary, "{source}", models.SourceDictionary,
		"{reason}", models.LossReasonDictionary, "{category}", models.DocumentCategoryDictionary)
	for _, n := range []string{"n", "sold"} {
		list = append(list, "{buyer of "+n+"}", strings.ReplaceAll(buyer, "{n}", n))
	}
	for _, kind := range kinds {
		list = append(list, "{called "+kind+"}", called(kind, named))
	}
	return strings.NewReplacer(list...).Replace
}

// Fill makes the whole company in a database that is set up and empty, and tells as it goes on. Indexes are made when all is there.
func Fill(ctx context.Context, s *store.Store, size Size, say func(format string, words ...any)) error {
	held, err := s.Pool.Acquire(ctx)
	if err != nil {
		return err
	}
	conn := held.Hijack() // it ends with the settings, tables and functions of filling
	defer conn.Close(context.WithoutCancel(ctx))
	words := words(size, true, fmt.Sprintf("pg_temp.busy({n}, 30, %d, 2)", size.Customers), "{from}", "1", "{until}", fmt.Sprint(size.Opportunities))
	run := func(text string) func() error {
		return func() error { _, err := conn.Exec(ctx, text); return err }
	}
	var indexes []string
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"beginning", run("set statement_timeout = 0; set synchronous_commit = off; set work_mem = '256MB'; set maintenance_work_mem = '512MB';" + words(tools))},
		{"taking indexes away", func() error { indexes, err = dropIndexes(ctx, conn); return err }},
		{"names", func() error { return size.name(ctx, conn) }},
		{"people", run(words(people))},
		{"customers and opportunities", run(words(records))},
		{"what is around them", run(words(around))},
		{"indexes", func() error { return run(strings.Join(indexes, ";"))() }},
		{"vacuum", run("vacuum analyze")},
		{"search forms", func() error { return known(ctx, conn) }},
		{"counting for simulations", func() error { return simulate.Count(ctx, s) }},
	} {
		began := time.Now()
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
		say("%-30s %v", step.what, time.Since(began).Round(100*time.Millisecond))
	}
	return nil
}

// known says that what the records are found by is written as it is now, so that no server writes it anew.
func known(ctx context.Context, conn *pgx.Conn) error {
	var kinds []int16
	for _, kind := range search.Searchable() {
		kinds = append(kinds, int16(kind.Code))
	}
	_, err := conn.Exec(ctx, "insert into search_forms (kind, form) select unnest($1::smallint[]), $2 on conflict (kind) do update set form = excluded.form, reached = null", kinds, search.Form)
	return err
}

// dropIndexes drops the indexes of what is filled in by the million, but for those that hold a constraint, and tells how to make
// them again.
func dropIndexes(ctx context.Context, conn *pgx.Conn) ([]string, error) {
	rows, err := conn.Query(ctx, `select c.relname, pg_get_indexdef(c.oid) from pg_index i join pg_class c on c.oid = i.indexrelid
		where i.indrelid = any ('{customers,contacts,relationships,opportunities,opportunity_lines,stage_changes,encounters,services,documents,activities}'::regclass[])
			and not exists (select from pg_constraint k where k.conindid = c.oid)`)
	if err != nil {
		return nil, err
	}
	var drop, again []string
	var name, text string
	_, err = pgx.ForEachRow(rows, []any{&name, &text}, func() error {
		drop, again = append(drop, pgx.Identifier{name}.Sanitize()), append(again, text)
		return nil
	})
	if err == nil {
		_, err = conn.Exec(ctx, "drop index "+strings.Join(drop, ", "))
	}
	return again, err
}
