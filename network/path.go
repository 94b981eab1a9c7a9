package network

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// How much one search for chains may look at before it is refused: parties, and relationships at one step.
const (
	mostParties = 50_000
	mostLinks   = 200_000
)

// Path is a chain of parties from one to another.
type Path struct {
	Hops  int
	Steps []*PathStep // both ends included
}

// PathStep is one party of a chain. Its batch is all steps that were found together.
type PathStep struct {
	PartyID        uuid.UUID
	RelationshipID *uuid.UUID // that leads here; nil on the first
	Label          *string    // what the party before is to this one, in the reader's language; nil on the first

	known
	strength *int
	batch    *models.Batch
}

// Key gives the party and the steps that came with it.
func (s *PathStep) Key() (uuid.UUID, *models.Batch) { return s.PartyID, s.batch }

// Join tells the step which others came with it.
func (s *PathStep) Join(b *models.Batch) { s.batch = b }

// KnownRelationship gives the relationship when no more of it is selected than what is known; else nil, and on the first.
func (s *PathStep) KnownRelationship(ctx context.Context) *models.Relationship {
	if s.RelationshipID == nil {
		return nil
	}
	return s.relationship(ctx, *s.RelationshipID, s.strength)
}

// pathsBySQL searches from both ends, a statement a step.
func pathsBySQL(ctx context.Context, snap *access.Snapshot, from, to uuid.UUID, maxHops, first int) ([]*Path, error) {
	s := &meeting{ctx: ctx, snap: snap, here: begin(from, false), there: begin(to, true)}
	for range maxHops {
		met, err := s.step()
		if err != nil {
			return nil, err
		}
		if met {
			return paths(from, strongest(s.layers(), to, first)[from]), nil
		}
	}
	return []*Path{}, nil
}

// link is a relationship walked from near to far.
type link struct {
	near, far, relationship uuid.UUID
	strength                int
	label                   string
}

// side is the search from one end: all that is within so many hops of it.
type side struct {
	backward bool // it walks against the direction of the chain
	reached  map[uuid.UUID]bool
	frontier []uuid.UUID
	layers   [][]link // hop by hop, the links that lead to parties not reached before
}

func begin(end uuid.UUID, backward bool) *side {
	return &side{backward: backward, reached: map[uuid.UUID]bool{end: true}, frontier: []uuid.UUID{end}}
}

// meeting is a search from both ends.
type meeting struct {
	ctx         context.Context
	snap        *access.Snapshot
	here, there *side
}

// step goes one hop further from the end with fewer parties at its frontier, and tells whether the sides meet.
func (m *meeting) step() (bool, error) {
	s, other := m.here, m.there
	if len(m.there.frontier) < len(m.here.frontier) {
		s, other = m.there, m.here
	}
	if len(s.frontier) == 0 {
		return false, nil
	}
	links, err := m.links(s)
	if err != nil {
		return false, err
	}
	s.advance(links)
	if len(m.here.reached)+len(m.there.reached) > mostParties {
		return false, tooWide()
	}
	for _, id := range s.frontier {
		if other.reached[id] {
			return true, nil
		}
	}
	return false, nil
}

func tooWide() error {
	return fault.Deny(fault.LimitExceeded, fault.Say(
		"The net between these two is too wide to search; ask for fewer hops.", "两者之间的关系网过大，请减少 maxHops。")).At("maxHops")
}

// links fetches the relationships of the frontier, one for each pair of parties.
func (m *meeting) links(s *side) ([]link, error) {
	q := m.snap.Viewer.Query().Sifts()
	frontier := "unnest(" + q.Bind(s.frontier) + "::uuid[]) as f(id)"
	outward, inward := labels(m.ctx)
	if s.backward {
		outward, inward = inward, outward
	}
	arm := func(near, far, label string) string {
		return fmt.Sprintf(`select f.id as near, e.%s as far, e.id, coalesce(e.strength, 0) as strength, %s as label
			from %s cross join %s join %s on t.id = e.type_id where t.introduces`,
			far, label, frontier, liveOf(q, near, ""), q.Visible(access.RelationshipType, "t"))
	}
	text := fmt.Sprintf("select distinct on (near, far) near, far, id, strength, label from (%s union all %s) s order by near, far, strength desc, id limit %s",
		arm("a_id", "b_id", outward), arm("b_id", "a_id", inward), q.Bind(mostLinks+1))
	var found []link
	err := m.snap.Run(m.ctx, q, text, func(row access.Row) error {
		var l link
		err := row.Scan(&l.near, &l.far, &l.relationship, &l.strength, &l.label)
		found = append(found, l)
		return err
	})
	if err == nil && len(found) > mostLinks {
		err = tooWide()
	}
	return found, err
}

// advance moves the frontier to the parties that the links lead to for the first time.
func (s *side) advance(links []link) {
	var layer []link
	frontier := map[uuid.UUID]bool{}
	s.frontier = nil
	for _, l := range links {
		if s.reached[l.far] {
			continue
		}
		layer = append(layer, l)
		if !frontier[l.far] {
			frontier[l.far] = true
			s.frontier = append(s.frontier, l.far)
		}
	}
	for id := range frontier {
		s.reached[id] = true
	}
	s.layers = append(s.layers, layer)
}

// layers lists the links of both sides in the direction of the chain.
func (m *meeting) layers() [][]link {
	all := m.here.layers
	for i := len(m.there.layers) - 1; i >= 0; i-- {
		turned := make([]link, len(m.there.layers[i]))
		for k, l := range m.there.layers[i] {
			l.near, l.far = l.far, l.near
			turned[k] = l
		}
		all = append(all, turned)
	}
	return all
}
