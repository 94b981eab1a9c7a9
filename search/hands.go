package search

import (
	"encoding/binary"
	"errors"
	"slices"
	"sync"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
)

// hands numbers in whose hands records of one kind are. A number, once given, stays.
type hands struct {
	mu    sync.RWMutex
	known map[string]uint32
	list  []hand
	with  map[uuid.UUID][]uint32 // the numbers of the hands in which somebody, or a pool, has a part
}

// hand is whose a record is, as far as that opens it to somebody.
type hand struct {
	access.Holding
	assignee uuid.UUID
	listed   bool // it has a list of its own
}

func newHands() *hands { return &hands{known: map[string]uint32{}, with: map[uuid.UUID][]uint32{}} }

// number gives the number of what a row says, in PostgreSQL's binary form: owner, assignee, holders, and a list of its own.
func (h *hands) number(key []byte, row [][]byte) (uint32, []byte, error) {
	key = append(append(append(key[:0], some(row[0])...), some(row[1])...), row[3]...)
	holders, err := elements(row[2])
	if err != nil {
		return 0, key, err
	}
	for _, holder := range holders {
		key = append(key, holder...)
	}
	h.mu.RLock()
	n, has := h.known[string(key)]
	h.mu.RUnlock()
	if has {
		return n, key, nil
	}
	one := hand{listed: row[3][0] == 1}
	one.Owner, one.assignee = uuid.UUID(some(row[0])), uuid.UUID(some(row[1]))
	for _, holder := range holders {
		one.Holders = append(one.Holders, uuid.UUID(holder))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if n, has = h.known[string(key)]; !has {
		n = uint32(len(h.list))
		h.known[string(key)] = n
		h.list = append(h.list, one)
		for _, id := range models.SortIDs(append(slices.Clone(one.Holders), one.Owner, one.assignee)) {
			h.with[id] = append(h.with[id], n)
		}
	}
	return n, key, nil
}

var nobody = make([]byte, 16)

func some(id []byte) []byte {
	if id == nil {
		return nobody
	}
	return id
}

func (h *hands) all() []hand {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.list[:len(h.list):len(h.list)]
}

// of gives the numbers of the hands in which any of some has a part, a list for each.
func (h *hands) of(ids []uuid.UUID) [][]uint32 {
	h.mu.RLock()
	defer h.mu.RUnlock()
	var lists [][]uint32
	for _, id := range ids {
		if list := h.with[id]; len(list) > 0 {
			lists = append(lists, list)
		}
	}
	return lists
}

// bytes tells the memory that they take, roughly.
func (h *hands) bytes() int { return len(h.all()) * 270 }

var errUnfit = errors.New("search: a value does not fit")

// elements reads an array of one dimension in PostgreSQL's binary form.
func elements(array []byte) ([][]byte, error) {
	if len(array) < 12 || binary.BigEndian.Uint32(array) == 0 {
		return nil, nil
	}
	n, rest := int(binary.BigEndian.Uint32(array[12:])), array[20:]
	list := make([][]byte, 0, n)
	for range n {
		if len(rest) < 4 {
			return nil, errUnfit
		}
		size := int(int32(binary.BigEndian.Uint32(rest)))
		if size < 0 || len(rest) < 4+size {
			return nil, errUnfit
		}
		list, rest = append(list, rest[4:4+size]), rest[4+size:]
	}
	return list, nil
}

// sight is what one viewer may see of one kind, by the numbers of hands.
type sight struct {
	viewer *access.Viewer
	kind   *access.Kind
	grasp  access.Grasp
	hands  []hand
	rule   access.Rule // that phone numbers are under
	told   []uint8

	narrow bool       // what he sees by hands is all in those within
	within [][]uint32 // numbers of hands; he need not see all that is in them
}

// What is told of a number.
const (
	told uint8 = 1 << iota
	seen
	asked  // whether the viewer reads phone numbers is told
	called // he does
)

func newSight(v *access.Viewer, kind *access.Kind, h *hands) *sight {
	s := &sight{viewer: v, kind: kind, grasp: v.Grasp(kind), hands: h.all(), rule: kind.Protected["phone_terms"]}
	s.told = make([]uint8, len(s.hands))
	if within := s.grasp.Within(); !within.All {
		s.narrow, s.within = true, h.of(within.Of)
	}
	return s
}

// of decides a number when it is first asked for; very many are.
func (s *sight) of(number uint32) uint8 {
	if s.told[number] != 0 {
		return s.told[number]
	}
	h, mark := &s.hands[number], told
	if s.grasp.MayHold(h.Holding, h.assignee == s.viewer.UserID, h.listed) {
		mark |= seen
	}
	s.told[number] = mark
	return mark
}

// calls tells whether the viewer reads phone numbers of a number's.
func (s *sight) calls(number uint32) bool {
	mark := s.of(number)
	if mark&asked == 0 {
		mark |= asked
		if s.rule != "" && s.viewer.ReadsHeld(s.kind, s.hands[number].Owner, s.rule) {
			mark |= called
		}
		s.told[number] = mark
	}
	return mark&called != 0
}
