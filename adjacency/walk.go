package adjacency

import (
	"math/bits"
	"sync"

	"guanxi/models"
)

// walk is one walk over the net as its viewer sees it. What it needs on the way is used again by later walks.
type walk struct {
	*View
	inHands []hands  // by number
	says    []uint8  // what they say of the parties in them; 0 before they are met
	places  []uint64 // open addressing of the parties met: the walk's number above, 1 + the place in met below
	turn    uint32   // the walk's number; what has another in places is of earlier walks
	met     []party
	steps   []step
	lists   [4][]int32 // of places in met
	inner   []inner
}

// party is a party that a walk has met.
type party struct {
	number  uint32
	seen    bool
	listed  bool // around a party: it is in the answer
	reached int8 // around a party: the hop at which it was a candidate last

	strength uint8   // around a party: of the strongest relationship that leads to it
	hops     [2]int8 // of a chain: 1 + how far it is from each end, 0 when not reached
	at       int8    // of a chain: 1 + its place in it, 0 when it is in none
	best     int32   // of a chain: where its best chains to the end begin among the steps
	chains   int32   // and how many they are
}

var walks = sync.Pool{New: func() any { return &walk{places: make([]uint64, 1024)} }}

// mostKept is how many places are kept for the next walk.
const mostKept = 1 << 20

func (v *View) walk() *walk {
	w := walks.Get().(*walk)
	w.View = v
	w.inHands = v.handsOf.all()
	n := len(w.inHands)
	if cap(w.says) < n {
		w.says = make([]uint8, n)
	}
	w.says = w.says[:n]
	clear(w.says)
	w.forget()
	return w
}

// forget forgets whom the walk has met.
func (w *walk) forget() {
	w.met, w.steps = w.met[:0], w.steps[:0]
	if w.turn++; w.turn == 0 {
		clear(w.places)
		w.turn = 1
	}
}

// done leaves what the walk needed to later walks.
func (w *walk) done() {
	w.View, w.inHands = nil, nil
	if len(w.places) <= mostKept {
		walks.Put(w)
	}
}

// place finds where a party is, or would be, among the places.
func (w *walk) place(number uint32) (place uint64, at int32) {
	mask := uint64(len(w.places) - 1)
	shift := 64 - bits.Len64(mask)
	for place = uint64(number) * 0x9E3779B97F4A7C15 >> shift; uint32(w.places[place]>>32) == w.turn; place = (place + 1) & mask {
		if at := int32(uint32(w.places[place])) - 1; w.met[at].number == number {
			return place, at
		}
	}
	return place, -1
}

// meet gives the place of a party among those met; whether it is seen is decided when it is met first.
func (w *walk) meet(number uint32) int32 {
	place, at := w.place(number)
	if at < 0 {
		at = w.take(place, party{number: number, seen: w.sees(number)})
	}
	return at
}

// take puts a party that is met first where it would be among the places.
func (w *walk) take(place uint64, p party) (at int32) {
	at = int32(len(w.met))
	w.met = append(w.met, p)
	w.places[place] = uint64(w.turn)<<32 | uint64(at+1)
	if len(w.met)*2 > len(w.places) {
		w.places = make([]uint64, len(w.places)*2)
		for i := range w.met {
			place, _ := w.place(w.met[i].number)
			w.places[place] = uint64(w.turn)<<32 | uint64(i+1)
		}
	}
	return at
}

// saysOf tells what the hands with a number say of the parties in them.
func (w *walk) saysOf(of uint32) uint8 {
	if w.says[of] == 0 {
		w.says[of] = w.sight.decide(w.inHands[of])
	}
	return w.says[of]
}

// sees tells whether the viewer sees a party.
func (w *walk) sees(number uint32) bool { return w.seesIn(number, w.hands.at(number)) }

// seesIn tells it of a party in hands with a number.
func (w *walk) seesIn(number, of uint32) bool {
	if of == 0 {
		return false
	}
	switch w.inHands[of].kind {
	case models.CustomerCode:
		return w.sight.readsCustomers && (w.saysOf(of)|w.sight.shares[number])&shown != 0
	case models.ContactCode:
		return w.sight.readsContacts && ((w.saysOf(of)|w.sight.shares[number])&shown != 0 || w.byCustomer(number, w.saysOf(of)&spared != 0))
	}
	return true
}

// byCustomer tells whether the viewer sees a contact by a customer that it is affiliated with.
func (w *walk) byCustomer(contact uint32, spared bool) bool {
	for _, a := range w.arcs.of(contact) {
		if a.kind != worksAt || !a.isA || a.until <= w.sight.today {
			continue
		}
		if of := w.hands.at(a.far); of != 0 {
			says := w.saysOf(of) | w.sight.shares[a.far]
			if says&opens != 0 || spared && says&reached != 0 {
				return true
			}
		}
	}
	return false
}

// holds tells whether the relationship holds today.
func (w *walk) holds(a *arc) bool { return a.from <= w.sight.today && a.until > w.sight.today }
