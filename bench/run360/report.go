package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// results are the medians of each cell by contestant.
type results map[cell]map[string]summary

// summary is the median of some turns: in milliseconds, but the rate.
type summary struct {
	rate, p50, p99, app, sql, kilobytes float64
	failed                              int // in all turns
	wrong                               string
}

func summarize(turns []turn) summary {
	middle := func(of func(turn) float64) float64 {
		var list []float64
		for _, t := range turns {
			list = append(list, of(t))
		}
		slices.Sort(list)
		return list[len(list)/2]
	}
	s := summary{
		rate: middle(turn.rate), p50: middle(func(t turn) float64 { return t.share(0.5) }), p99: middle(func(t turn) float64 { return t.share(0.99) }),
		app: middle(func(t turn) float64 { return t.each(t.app) }), sql: middle(func(t turn) float64 { return t.each(t.sql) }),
		kilobytes: middle(func(t turn) float64 { return float64(t.bytes) / 1024 / float64(max(len(t.took), 1)) }),
	}
	for _, t := range turns {
		s.failed, s.wrong = s.failed+t.failed, cmp.Or(s.wrong, t.wrong)
	}
	return s
}

const (
	ourName     = "guanxi"
	noLog       = "guanxi, log thrown away"
	fullLimit   = "limit, full rule"
	simpleLimit = "limit, simple rule"
)

// contestants starts those who are measured.
func (m *measuring) contestants(ctx context.Context, database string) (all []*contestant, err error) {
	ours, err := m.startGuanxi(ctx, ourName, database, "")
	if err != nil {
		return nil, err
	}
	all = append(all, ours)
	thrown := *ours
	thrown.name, thrown.before, thrown.after = noLog, "create rule thrown_away as on insert to access_log do instead nothing", "drop rule thrown_away on access_log"
	all = append(all, &thrown)
	for _, rule := range []string{"full", "simple"} {
		c, err := m.startLimit(ctx, rule, database)
		if err != nil {
			return all, err
		}
		all = append(all, c)
	}
	if m.peer != "" {
		peers, err := m.startPeers(ctx, database)
		if err != nil {
			fmt.Println("PostGraphile is not measured:", err)
		}
		all = append(all, peers...)
	}
	return all, nil
}

// duel measures all contestants on one database.
func (m *measuring) duel(ctx context.Context, database string) (err error) {
	if err := m.begin(ctx, database); err != nil {
		return err
	}
	defer m.admin.Close(context.WithoutCancel(ctx))
	fmt.Printf("\n%s: %s\n%s, turns of %v, medians of %d rounds; load of the machine at the beginning %s\n", database, m.size(ctx), time.Now().UTC().Format(time.DateTime), m.turn, m.rounds, load())
	all, err := m.contestants(ctx, database)
	defer func() {
		for _, c := range all {
			if c.name != noLog {
				c.stop()
			}
		}
		err = errors.Join(err, m.dropPeers(context.WithoutCancel(ctx)))
	}()
	if err != nil {
		return err
	}
	fresh, _ := all[0].process.memory()
	if err := m.agree(ctx, all); err != nil {
		return err
	}
	found := results{}
	for _, q := range m.asked {
		if err := m.ask(ctx, all, q, found); err != nil {
			return err
		}
	}
	trips, lean, err := m.lean(ctx, database)
	if err != nil {
		return err
	}
	now, most := all[0].process.memory()
	fmt.Printf("\n%s\nmemory of %s in MiB: %d when it began, %d now, %d at most, %d without copies of records; load of the machine at the end %s\n", trips, ourName, fresh, now, most, lean, load())
	m.goals(found, lean)
	return nil
}

// ask measures one question and prints each cell as it is done: the share of the limit is that of the rate of who asks by the full rule.
func (m *measuring) ask(ctx context.Context, all []*contestant, q question, found results) error {
	var some []*contestant
	for _, c := range all {
		if c.takes(q) && (c.name != noLog || q.name == "Customer360") {
			some = append(some, c)
		}
	}
	fmt.Println()
	var wrong []string
	fmt.Printf("%-13s %5s  %-32s %8s %9s %9s %7s %7s %6s %6s\n", q.name, "conns", "server", "req/s", "p50 ms", "p99 ms", "CPU app", "+ PG ms", "KB", "limit")
	for _, who := range m.whose {
		for _, connections := range m.connections {
			k := cell{q.name, who.name, connections}
			turns, err := m.round(ctx, some, k, q, who)
			if err != nil {
				return err
			}
			found[k] = map[string]summary{}
			for name, list := range turns {
				found[k][name] = summarize(list)
			}
			for _, c := range some {
				s := found[k][c.name]
				if s.failed > 0 {
					wrong = append(wrong, fmt.Sprintf("%s for %s at %d: %d failed: %s", c.name, who.name, connections, s.failed, s.wrong))
				}
				fmt.Printf("%-13s %5d  %-32s %8.1f %9.2f %9.2f %7.2f %7.2f %6.1f %6.2f\n", who.name, connections, c.name, s.rate, s.p50, s.p99, s.app, s.sql, s.kilobytes, s.rate/found[k][fullLimit].rate)
			}
		}
	}
	for _, line := range wrong {
		fmt.Println(line[:min(len(line), 300)])
	}
	return nil
}

// size tells how much there is.
func (m *measuring) size(ctx context.Context) string {
	var all []string
	for _, table := range []string{"customers", "contacts", "relationships", "opportunities", "activities", "services", "documents"} {
		var n float64
		_ = m.admin.QueryRow(ctx, "select reltuples from pg_class where oid = $1::regclass", table).Scan(&n)
		all = append(all, fmt.Sprintf("%.0f %s", n, table))
	}
	var size string
	_ = m.admin.QueryRow(ctx, "select pg_size_pretty(pg_database_size(current_database()))").Scan(&size)
	return strings.Join(all, ", ") + "; " + size
}

// load is how many wanted the processor of late.
func load() string {
	text, _ := os.ReadFile("/proc/loadavg")
	return strings.Join(strings.Fields(string(text))[:2], " and ")
}

// growth compares the same questions on the least and the largest database.
func (m *measuring) growth(ctx context.Context, small, large string) error {
	var all []*contestant
	defer func() {
		for _, c := range all {
			c.stop()
		}
	}()
	chosen := map[string]map[string]picks{}
	for _, name := range []string{small, large} {
		if err := m.begin(ctx, name); err != nil {
			return err
		}
		m.admin.Close(ctx)
		chosen[name] = m.picks
		c, err := m.startGuanxi(ctx, name, name, "")
		if err != nil {
			return err
		}
		all = append(all, c)
	}
	if err := m.begin(ctx, large); err != nil {
		return err
	}
	defer m.admin.Close(context.WithoutCancel(ctx))
	for i, name := range []string{small, large} {
		all[i].picks = chosen[name]
	}
	fmt.Printf("\nGrowth from %s to %s\n", small, large)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "question\tviewer\tp50 ms\t\tCPU ms\t\ttimes p50\ttimes CPU\t")
	for _, q := range m.asked {
		for _, who := range m.whose {
			turns, err := m.round(ctx, all, cell{q.name, who.name, 1}, q, who)
			if err != nil {
				return err
			}
			a, b := summarize(turns[small]), summarize(turns[large])
			fmt.Fprintf(table, "%s\t%s\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t\n", q.name, who.name, a.p50, b.p50, a.app+a.sql, b.app+b.sql, b.p50/a.p50, (b.app+b.sql)/(a.app+a.sql))
		}
	}
	return table.Flush()
}

// goals prints what was aimed at beside what was found; what was not measured has no line.
func (m *measuring) goals(found results, memory int) {
	fmt.Println()
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "measure\tgoal\tfound\t")
	line := func(measure, goal, found string) { fmt.Fprintf(table, "%s\t%s\t%s\t\n", measure, goal, found) }
	// by viewer, as a question was answered on so many connections
	each := func(question string, connections int, of func(map[string]summary) float64) string {
		var list []string
		for _, who := range m.whose {
			if all, ok := found[cell{question, who.name, connections}]; ok {
				if n := of(all); n == n && n < 1e9 && n != 0 {
					list = append(list, fmt.Sprintf("%s %.3g", who.name, n))
				}
			}
		}
		return strings.Join(list, ", ")
	}
	tell := func(measure, goal, question string, connections int, of func(map[string]summary) float64) {
		if text := each(question, connections, of); text != "" {
			line(measure, goal, text)
		}
	}
	rates := func(other string) func(map[string]summary) float64 {
		return func(all map[string]summary) float64 { return all[ourName].rate / all[other].rate }
	}
	slower := func(all map[string]summary) float64 { return all[ourName].p50 / all[fullLimit].p50 }
	faster := func(all map[string]summary) float64 { return all[fullLimit].p50 / all[ourName].p50 }
	ours := func(all map[string]summary) float64 { return all[ourName].p50 }
	tell("Customer360, 8 connections, of the limit with the full rule", "≥ 0.80", "Customer360", 8, rates(fullLimit))
	tell("… of the limit with the simple rule", "≥ 0.80", "Customer360", 8, rates(simpleLimit))
	tell("… without its network, of the limit with the full rule", "≥ 0.80", "Sections", 8, rates(fullLimit))
	tell("… without its network, of the limit with the simple rule", "≥ 0.80", "Sections", 8, rates(simpleLimit))
	tell("… of the limit, without the access log", "", "Customer360", 8, func(all map[string]summary) float64 { return all[noLog].rate / all[fullLimit].rate })
	tell("… of PostGraphile with row-level security", "≥ 5", "Customer360", 8, rates(peerRules))
	tell("… of PostGraphile without authorization", "≥ 2.5", "Customer360", 8, rates(peerOpen))
	tell("… without its network, of PostGraphile with row-level security", "≥ 5", "Sections", 8, rates(peerRules))
	tell("… without its network, of PostGraphile without authorization", "≥ 2.5", "Sections", 8, rates(peerOpen))
	tell("… p50 at one connection, ms", "≤ 2", "Customer360", 1, ours)
	tell("… without its network, p50 at one connection, ms", "≤ 2", "Sections", 1, ours)
	line("memory without copies of records, MiB", "≤ 80", fmt.Sprint(memory))
	tell("newest 50, p50 of the best form's for the viewer", "≤ 1.5", "Newest", 1, slower)
	tell("first 50 by name, p50 of the best form's", "≤ 1.5", "ByName", 1, slower)
	tell("3 hops of 500 nodes, times as fast as SQL", "≥ 30", "Net", 1, faster)
	tell("… p50 with HTTP, ms", "≤ 2", "Net", 1, ours)
	tell("paths of at most 5 hops, times as fast as SQL", "≥ 30", "Introduction", 1, faster)
	tell("… p50 with HTTP, ms", "≤ 2", "Introduction", 1, ours)
	tell("search of 2 Chinese characters, p99, ms", "≤ 15", "Find", 1, func(all map[string]summary) float64 { return all[ourName].p99 })
	table.Flush()
}
