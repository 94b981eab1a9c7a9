package adjacency

import (
	"context"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/feed"
	"guanxi/models"
)

// version is the net as one snapshot of the database shows it. It is not changed: whoever brings it further makes another, which
// shares what stayed the same.
type version struct {
	*tables
	hands pages[uint32]    // of each party the number of whose hands it is in; 0 for one that is not there
	names pages[text]      // of each party its name
	ends  pages[[2]uint32] // of each relationship, zero for one that is not there
	arcs  blocks
	types []Type // by number
}

// Type is what is known of a type of relationship.
type Type struct {
	ab, ba     string
	abEn, baEn *string
	introduces bool
}

// Label tells what a is to b, or b to a, in Chinese or in English where there is any.
func (t *Type) Label(aToB, chinese bool) string {
	name, english := t.ab, t.abEn
	if !aToB {
		name, english = t.ba, t.baEn
	}
	if !chinese && english != nil {
		return *english
	}
	return name
}

// Bounds of bringing a version further.
const (
	mostAsked  = 500    // records changed, while somebody waits
	mostTended = 60_000 // in the background; beyond it everything is loaded anew
)

// change sorts what entries name.
type change struct {
	parties, relationships []uuid.UUID
	types                  bool
}

// changeOf sorts what entries name.
func changeOf(entries []feed.Entry) change {
	c := change{}
	for _, e := range entries {
		switch e.Kind {
		case models.CustomerCode, models.ContactCode, models.CompetitorCode, models.UserCode:
			c.parties = append(c.parties, e.Records...)
		case models.RelationshipCode:
			c.relationships = append(c.relationships, e.Records...)
		case models.RelationshipTypeCode:
			c.types = true
		}
	}
	c.parties, c.relationships = models.SortIDs(c.parties), models.SortIDs(c.relationships)
	return c
}

func (c *change) size() int { return len(c.parties) + len(c.relationships) }

func (c *change) none() bool { return c.size() == 0 && !c.types }

// further gives the version with what a change touched read anew, in the snapshot that shows the change.
func (v *version) further(ctx context.Context, in access.Raw, c change, most int, now time.Time) (*version, error) {
	if c.size() > most {
		return nil, errFar
	}
	next := *v
	if c.types {
		types, err := v.tables.readTypes(ctx, in, now)
		if err != nil {
			return nil, err
		}
		next.types = types
	}
	if len(c.parties) > 0 {
		if err := next.readParties(ctx, in, c.parties, now); err != nil {
			return nil, err
		}
	}
	if len(c.relationships) > 0 {
		if err := next.readRelationships(ctx, in, c.relationships, now); err != nil {
			return nil, err
		}
	}
	return &next, nil
}

// readParties reads anew whose hands some parties are in, and their names.
func (v *version) readParties(ctx context.Context, in access.Raw, ids []uuid.UUID, now time.Time) error {
	hands, names := map[uint32]uint32{}, map[uint32]text{}
	for _, id := range ids {
		hands[v.parties.Number(id)] = 0
	}
	q := system(now).Query()
	err := in(ctx, q, partiesText(q, "p.id = any("+q.Bind(ids)+")"), func(row [][]byte) error {
		party, of := v.tables.party(row)
		hands[party] = of
		if was := v.names.at(party); v.texts.is(was, row[nameOf]) {
			return nil
		}
		name, err := v.texts.keep(row[nameOf])
		names[party] = name
		return err
	})
	for party, of := range hands {
		if v.hands.at(party) == of {
			delete(hands, party) // what else changed in it does not matter here
		}
	}
	v.hands, v.names = v.hands.with(hands), v.names.with(names)
	return err
}

// readRelationships reads some relationships anew.
func (v *version) readRelationships(ctx context.Context, in access.Raw, ids []uuid.UUID, now time.Time) error {
	less, more, ends := map[uint32]map[uint32]bool{}, map[uint32][]arc{}, map[uint32][2]uint32{}
	for _, id := range ids {
		number := v.edges.Number(id)
		ends[number] = [2]uint32{}
		for _, party := range v.ends.at(number) {
			if party == 0 {
				continue
			}
			if less[party] == nil {
				less[party] = map[uint32]bool{}
			}
			less[party][number] = true
		}
	}
	q := system(now).Query()
	err := in(ctx, q, relationshipsText(q, "e.id = any("+q.Bind(ids)+")"), func(row [][]byte) error {
		number, e, err := v.tables.relationship(row)
		if err != nil {
			return err
		}
		a, b := e.arcs(number)
		more[e.a], more[e.b] = append(more[e.a], a), append(more[e.b], b)
		ends[number] = [2]uint32{e.a, e.b}
		return nil
	})
	v.ends, v.arcs = v.ends.with(ends), v.arcs.with(less, more)
	return err
}

// size tells how many parties are there, and how many relationships.
func (v *version) size() (parties, relationships int) {
	for _, page := range v.hands {
		for _, of := range page {
			if of != 0 {
				parties++
			}
		}
	}
	for _, b := range v.arcs {
		relationships += len(b.arcs)
	}
	return parties, relationships / 2
}
