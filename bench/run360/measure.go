package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/jackc/pgx/v5"
)

// measuring is one run.
type measuring struct {
	choices
	place  *place
	admin  *pgx.Conn
	picks  map[string]picks
	asked  []question
	whose  []looker
	peered bool // PostGraphile has been given what it needs in the database
}

// cell is one question for one viewer on so many connections.
type cell struct {
	question    string
	viewer      string
	connections int
}

// begin chooses what is asked, and of which records.
func (m *measuring) begin(ctx context.Context, database string) (err error) {
	if m.admin, err = pgx.Connect(ctx, m.place.URL(database)); err != nil {
		return err
	}
	if err := os.MkdirAll(m.home+"-files", 0o755); err != nil {
		return err
	}
	m.picks, m.asked, m.whose = map[string]picks{}, nil, nil
	for _, q := range questions() {
		if slices.Contains(m.questions, q.name) {
			m.asked = append(m.asked, q)
		}
	}
	for _, who := range lookers {
		if !slices.Contains(m.viewers, who.name) {
			continue
		}
		m.whose = append(m.whose, who)
		if m.picks[who.name], err = pick(ctx, m.admin, who); err != nil {
			return err
		}
	}
	if len(m.asked) != len(m.questions) || len(m.whose) != len(m.viewers) {
		return fmt.Errorf("unknown among questions %q or viewers %q", m.questions, m.viewers)
	}
	return nil
}

// takes tells whether a contestant is asked a question.
func (c *contestant) takes(q question) bool { return c.speaks != peer || q.peer != "" }

// rounds asks all contestants in turns, and gives each cell's turns by contestant.
func (m *measuring) round(ctx context.Context, all []*contestant, k cell, q question, who looker) (map[string][]turn, error) {
	turns := map[string][]turn{}
	for round := range m.rounds + 1 { // the first warms up
		for i := range all {
			c := all[(i+round)%len(all)]
			if !c.takes(q) {
				continue
			}
			t, err := m.turnOf(ctx, c, k, q, who, round > 0)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				turns[c.name] = append(turns[c.name], t)
			}
		}
	}
	return turns, nil
}

func (m *measuring) turnOf(ctx context.Context, c *contestant, k cell, q question, who looker, counts bool) (t turn, err error) {
	d := m.turn
	if !counts {
		d /= 4
	}
	if c.before != "" {
		if _, err := m.admin.Exec(ctx, c.before); err != nil {
			return t, err
		}
		defer func() { _, wrong := m.admin.Exec(ctx, c.after); err = errors.Join(err, wrong) }()
	}
	pids, err := c.backends(ctx, m.admin)
	if err != nil {
		return t, err
	}
	app, sql := c.process.worked(), workedOf(pids)
	if t, err = m.asker(c, q, who, k.connections).load(ctx, k.connections, d); err != nil {
		return t, err
	}
	t.app = c.process.worked() - app
	now, err := c.backends(ctx, m.admin)
	for pid, sum := range workedOf(now) { // those that came meanwhile have worked in this turn alone; what went is lost
		t.sql += sum - sql[pid]
	}
	return t, err
}

// compared is how many answers are compared for each viewer.
const compared = 4

// agree compares the answers of the others with the first's, and prints what differs.
func (m *measuring) agree(ctx context.Context, all []*contestant) error {
	for _, q := range m.asked {
		for _, who := range m.whose {
			var ours []any
			for i := range compared {
				answer, err := m.asker(all[0], q, who, 1).answer(ctx, i)
				if err != nil {
					fmt.Println(err)
				}
				ours = append(ours, answer)
			}
			for _, c := range all[1:] {
				if c.before != "" || c.speaks == peer && q.name != "Newest" && q.name != "ByName" || !c.takes(q) {
					continue
				}
				alike, otherwise, err := m.compare(ctx, c, q, who, ours)
				if err != nil {
					return err
				}
				fmt.Printf("%s for %s: %d of %d answers of %s are Guanxi's%s\n", q.name, who.name, alike, len(ours), c.name, otherwise)
			}
		}
	}
	return nil
}

// compare tells how many answers of a contestant are ours, and what differs in the first that is not.
func (m *measuring) compare(ctx context.Context, c *contestant, q question, who looker, ours []any) (alike int, otherwise string, err error) {
	same := q.same
	if c.speaks == peer {
		same = differsInIDs // its fields are its own
	}
	for i := range ours {
		theirs, err := m.asker(c, q, who, 1).answer(ctx, i)
		if err != nil {
			return alike, "", err
		}
		if ours[i] == nil { // which has been told
			continue
		}
		if wrong := same(ours[i], theirs); wrong == "" {
			alike++
		} else if otherwise == "" {
			otherwise = "; otherwise " + wrong
		}
	}
	return alike, otherwise, nil
}
