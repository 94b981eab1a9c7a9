package columns

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/feed"
	"guanxi/models"
)

// version is what one snapshot of the database shows, in columns. It is not changed: whoever brings it further makes another,
// which shares what stayed the same.
type version struct {
	basis
	parts  []part
	refs   *refs
	tables *tables
}

// Bounds of bringing a version further.
const (
	mostAsked   = 300    // records changed, while somebody waits
	mostRows    = 3_000  // facts read anew for them
	mostTended  = 60_000 // in the background; beyond it everything is loaded anew
	mostParts   = 6
	smallOfAll  = 50 // parts that hold more than a 50th of all rows together are merged with the largest
	smallAlways = 20_000
)

// change sorts what entries name.
type change struct {
	opportunities, customers []uuid.UUID
	refs, all                bool
}

// note takes an entry into account.
func (c *change) note(e feed.Entry) {
	switch e.Kind {
	case models.OpportunityCode, models.EncounterCode: // of an encounter an entry names the opportunity
		c.opportunities = append(c.opportunities, e.Records...)
	case models.CustomerCode:
		c.customers = append(c.customers, e.Records...)
	case models.MembershipCode, models.DepartmentCode, models.ProductCode, models.DictionaryEntryCode, models.StageCode, models.UserCode, models.PipelineCode, models.CompetitorCode:
		c.refs = true
	case feed.Settings:
		c.all = true
	}
}

// changeOf sorts what entries name.
func changeOf(entries []feed.Entry) change {
	c := change{}
	for _, e := range entries {
		c.note(e)
	}
	return c
}

func (c *change) size() int { return len(c.opportunities) + len(c.customers) }

func (c *change) none() bool { return c.size() == 0 && !c.refs && !c.all }

// further gives the version less what a change touched and with that read anew, in the snapshot that shows the change.
func (v *version) further(ctx context.Context, in access.Raw, c change, most int, now time.Time) (*version, error) {
	if c.all || c.size() > most {
		return nil, errFar
	}
	next, t := *v, v.tables
	var err error
	if c.refs {
		if next.refs, err = t.refsOf(ctx, in, v.basis, now); err != nil {
			return nil, err
		}
	}
	if c.size() == 0 {
		return &next, nil
	}
	q := system(v.basis, now).Query()
	condition := "o.id = any(" + q.Bind(c.opportunities) + ")"
	if len(c.customers) > 0 {
		condition = "(" + condition + " or o.customer_id = any(" + q.Bind(c.customers) + "))"
	}
	rows, facts := max(mostRows, most), factsFor(q, v.basis)
	fresh, err := t.read(ctx, in, q, facts.text(facts.metByEach(), condition+" limit "+q.Bind(rows+1)), 16)
	switch {
	case err != nil:
		return nil, err
	case fresh.len() > rows:
		return nil, errFar
	}
	keys := slices.Clone(fresh.keys)
	for _, id := range c.opportunities {
		keys = append(keys, id)
	}
	next.parts = make([]part, 0, len(v.parts)+1)
	for _, p := range v.parts {
		next.parts = append(next.parts, p.without(keys))
	}
	if fresh.len() > 0 {
		next.parts = append(next.parts, part{segment: fresh})
	}
	return &next, nil
}

// read reads facts into a segment.
func (t *tables) read(ctx context.Context, in access.Raw, q *access.Query, text string, capacity int) (*segment, error) {
	g, f := gather(capacity), fact{}
	err := in(ctx, q, text, func(row [][]byte) error {
		if err := t.factOf(row, &f); err != nil {
			return err
		}
		g.add(&f)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if s := g.segment(); s != nil {
		return s, nil
	}
	return nil, errUnfit
}

// tidy merges small parts, and all of them when the small ones have grown; nil when two rows cannot be told apart.
func (v *version) tidy() *version {
	if len(v.parts) < mostParts {
		return v
	}
	small, gone := 0, 0
	for i, p := range v.parts {
		gone += p.gone
		if i > 0 {
			small += p.len()
		}
	}
	first := 1
	if small+gone > smallAlways+v.parts[0].len()/smallOfAll {
		first = 0
	}
	s := merged(v.parts[first:])
	if s == nil {
		return nil
	}
	next := *v
	next.parts = append(slices.Clone(v.parts[:first]), part{segment: s})
	return &next
}

// rows tells how many facts the version holds, floating whether some of them change with the day.
func (v *version) rows() (rows int, floating bool) {
	for _, p := range v.parts {
		rows += p.len() - p.gone
		floating = floating || p.floating != nil
	}
	return rows, floating
}
