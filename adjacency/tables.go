package adjacency

import (
	"cmp"
	"sync"

	"github.com/google/uuid"

	"guanxi/internal/numbers"
	"guanxi/models"
)

// tables number everything that the net refers to, for all its versions.
type tables struct {
	parties, edges, types *numbers.Dictionary
	handsOf               *handsTable
	texts                 texts
	inOrder               struct{ parties, edges uint32 } // numbers up to these are in the order of the ids
}

// newTables makes tables with room for so many.
func newTables(parties, relationships int) *tables {
	t := &tables{parties: numbers.For(parties), edges: numbers.For(relationships), types: numbers.New(), handsOf: newHandsTable()}
	t.types.Number(models.WorksAtID)
	return t
}

// worksAt is the number of the type of affiliations.
const worksAt = 1

// compare orders parties by their ids, and compareEdges relationships.
func (t *tables) compare(a, b uint32) int {
	return compared(t.parties, t.inOrder.parties, a, b)
}

func (t *tables) compareEdges(a, b uint32) int {
	return compared(t.edges, t.inOrder.edges, a, b)
}

func compared(d *numbers.Dictionary, inOrder, a, b uint32) int {
	if a <= inOrder && b <= inOrder {
		return cmp.Compare(a, b)
	}
	ids := d.All()
	return models.CompareIDs(ids[a], ids[b])
}

// ascending tells up to which number ids are in order.
func ascending(d *numbers.Dictionary) uint32 {
	ids := d.All()
	n := 1
	for n+1 < len(ids) && models.CompareIDs(ids[n], ids[n+1]) < 0 {
		n++
	}
	return uint32(n)
}

// hands are what decides who sees a party, beside shares and affiliations.
type hands struct {
	kind        models.KindCode
	owner, pool uuid.UUID // zero for none
}

// handsTable numbers hands, from 1 on. Very many parties are in the same.
type handsTable struct {
	mu      sync.RWMutex
	list    []hands
	numbers map[hands]uint32
}

func newHandsTable() *handsTable {
	return &handsTable{list: make([]hands, 1), numbers: map[hands]uint32{}}
}

func (t *handsTable) number(h hands) uint32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	n, has := t.numbers[h]
	if !has {
		n = uint32(len(t.list))
		t.list = append(t.list, h)
		t.numbers[h] = n
	}
	return n
}

// all lists hands by their numbers.
func (t *handsTable) all() []hands {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.list[:len(t.list):len(t.list)]
}

func (t *handsTable) bytes() int { return len(t.all()) * 96 }

// bytes tells the memory that the tables take.
func (t *tables) bytes() int {
	return t.parties.Bytes() + t.edges.Bytes() + t.handsOf.bytes() + t.texts.bytes()
}
