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
	bases  int    // how many of them, the first, hold all but what has changed since
	whole  uint64 // names the bases, among all there were
	refs   *refs
	tables *tables
}

// Bounds of bringing a version further.
const (
	mostAsked   = 300    // records changed, while somebody waits
	mostRows    = 3_000  // facts read anew for them
	mostTended  = 60_000 // in the background; beyond it everything is loaded anew
	mostParts   = 6
	smallOfAll  = 50 // parts that hold more than a 50th of all rows together are merged with all others
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
	found, err := t.read(ctx, in, q, facts.text(facts.metByEach(), condition+" limit "+q.Bind(rows+1)), 16)
	if err != nil {
		return nil, err
	}
	fresh := found.segment()
	switch {
	case fresh == nil:
		return nil, errUnfit
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

// read reads facts.
func (t *tables) read(ctx context.Context, in access.Raw, q *access.Query, text string, capacity int) (*gathering, error) {
	g, f := gather(capacity), fact{}
	err := in(ctx, q, text, func(row [][]byte) error {
		if err := t.factOf(row, &f); err != nil {
			return err
		}
		g.add(&f)
		return nil
	})
	return g, err
}

// partsOf makes a part of each segment.
func partsOf(list []*segment) []part {
	var parts []part
	for _, s := range list {
		parts = append(parts, part{segment: s})
	}
	return parts
}

// tidy merges small parts, and all of them when the small ones have grown; nil when two rows cannot be told apart.
func (v *version) tidy() *version {
	if len(v.parts)-v.bases < mostParts {
		return v
	}
	all, small, gone := 0, 0, 0
	for i, p := range v.parts {
		if gone += p.gone; i < v.bases {
			all += p.len()
		} else {
			small += p.len()
		}
	}
	next := *v
	if small+gone > smallAlways+all/smallOfAll {
		next.parts = partsOf(together(v.parts).segments(v.tables.few))
		next.bases, next.whole = len(next.parts), v.tables.named.Add(1)
	} else {
		next.parts = append(slices.Clone(v.parts[:v.bases]), partsOf([]*segment{together(v.parts[v.bases:]).segment()})...)
	}
	if slices.ContainsFunc(next.parts, func(p part) bool { return p.segment == nil }) || next.parts == nil {
		return nil
	}
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
