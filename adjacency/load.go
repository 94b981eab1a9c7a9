package adjacency

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
)

// errFar is what tells that the net cannot be brought to a snapshot while somebody waits: too much has changed.
var errFar = errors.New("adjacency: too far from the snapshot")

// errUnfit is what tells that a value does not fit.
var errUnfit = errors.New("adjacency: a value does not fit")

// system is for whom the net is read: it holds every party and relationship, and is walked over what each viewer sees.
func system(now time.Time) *access.Viewer {
	return access.System("the net holds all parties and relationships and is walked over each viewer's sight", now, models.Company{})
}

// partiesText renders the statement that reads in whose hands parties p are, and their names.
func partiesText(q *access.Query, condition string) string {
	text := ""
	for _, of := range []struct {
		kind  *access.Kind
		hands string
	}{
		{access.Customer, "p.owner_id, p.pool_id"}, {access.Contact, "p.owner_id, null::uuid"},
		{access.Competitor, "null::uuid, null::uuid"}, {access.User, "null::uuid, null::uuid"},
	} {
		if text != "" {
			text += " union all "
		}
		text += "select p.id, " + of.hands + ", p.name from " + q.Visible(of.kind, "p") + " where " + condition
	}
	return text
}

// nameOf is where the name stands in a row of partiesText.
const nameOf = 3

// party reads a row of partiesText, but for the name.
func (t *tables) party(row [][]byte) (party, of uint32) {
	id := uuid.UUID(row[0])
	return t.parties.Number(id), t.handsOf.number(hands{models.KindOf(id), idOf(row[1]), idOf(row[2])})
}

func idOf(value []byte) (id uuid.UUID) {
	copy(id[:], value)
	return id
}

// relationshipsText renders the statement that reads relationships e.
func relationshipsText(q *access.Query, condition string) string {
	return "select e.id, e.type_id, e.a_id, e.b_id, e.valid_from, e.valid_until, e.strength from " + q.Visible(access.Relationship, "e") + " where " + condition
}

// relationship reads a row of relationshipsText.
func (t *tables) relationship(row [][]byte) (number uint32, e edge, err error) {
	e = edge{
		a: t.parties.Number(uuid.UUID(row[2])), b: t.parties.Number(uuid.UUID(row[3])),
		from: numberOr(row[4], math.MinInt32), until: numberOr(row[5], math.MaxInt32),
	}
	kind, strength := t.types.Number(uuid.UUID(row[1])), numberOr(row[6], 0)
	if kind > math.MaxUint16 || strength < 0 || strength > math.MaxUint8 {
		return 0, e, errUnfit
	}
	e.kind, e.strength = uint16(kind), uint8(strength)
	return t.edges.Number(uuid.UUID(row[0])), e, nil
}

// numberOr reads a number, or a day as PostgreSQL counts them: those without end are the least and the greatest.
func numberOr(value []byte, none int32) int32 {
	if value == nil {
		return none
	}
	return int32(binary.BigEndian.Uint32(value))
}

// dayOf counts a day as PostgreSQL does.
func dayOf(day models.Date) int32 {
	const first = 10_957 // 2000-01-01, counted from 1970
	return int32(day.Time().Unix()/(24*60*60)) - first
}

// readTypes reads the types of relationships.
func (t *tables) readTypes(ctx context.Context, in access.Raw, now time.Time) ([]Type, error) {
	var types []Type
	q := system(now).Query()
	text := "select t.id, t.name_ab, t.name_ba, t.name_ab_en, t.name_ba_en, t.introduces from " + q.Visible(access.RelationshipType, "t")
	err := in(ctx, q, text, func(row [][]byte) error {
		at := t.types.Number(uuid.UUID(row[0]))
		for uint32(len(types)) <= at {
			types = append(types, Type{})
		}
		types[at] = Type{ab: string(row[1]), ba: string(row[2]), abEn: textOf(row[3]), baEn: textOf(row[4]), introduces: row[5][0] == 1}
		return nil
	})
	return types, err
}

func textOf(value []byte) *string {
	if value == nil {
		return nil
	}
	text := string(value)
	return &text
}

// read reads everything that a snapshot shows: so many parties and relationships.
func read(ctx context.Context, in access.Raw, now time.Time, parties, relationships int) (*version, error) {
	t := newTables(parties, relationships)
	v := &version{tables: t}
	of, names := make([]uint32, 0, parties+1), make([]text, 0, parties+1)
	q := system(now).Query()
	if err := in(ctx, q, partiesText(q, "true")+" order by 1", func(row [][]byte) error {
		party, hands := t.party(row)
		of = put(of, party, hands)
		name, err := t.texts.keep(row[nameOf])
		names = put(names, party, name)
		return err
	}); err != nil {
		return nil, err
	}
	t.inOrder.parties = ascending(t.parties)
	edges := make([]edge, 0, relationships+1)
	if err := in(ctx, q, relationshipsText(q, "true")+" order by 1", func(row [][]byte) error {
		number, e, err := t.relationship(row)
		edges = put(edges, number, e)
		return err
	}); err != nil {
		return nil, err
	}
	t.inOrder.edges = ascending(t.edges)
	ends := make([][2]uint32, len(edges))
	for number, e := range edges {
		ends[number] = [2]uint32{e.a, e.b}
	}
	v.hands, v.names, v.ends, v.arcs = paged(of), paged(names), paged(ends), blocksOf(edges, len(t.parties.All()))
	var err error
	v.types, err = t.readTypes(ctx, in, now)
	return v, err
}

// put sets a value at a place of a list, which grows to it.
func put[T any](list []T, at uint32, value T) []T {
	for uint32(len(list)) <= at {
		list = append(list, *new(T))
	}
	list[at] = value
	return list
}
