// Package numbers numbers ids, so that what is kept of many records in memory refers to them by small numbers.
package numbers

import (
	"encoding/binary"
	"math/bits"
	"sync"

	"github.com/google/uuid"
)

// Dictionary numbers ids from 1 on; 0 stands for none. A number, once given, stays.
type Dictionary struct {
	mu     sync.RWMutex
	ids    []uuid.UUID // by number, the first unused
	places []uint32    // open addressing by the id's hash
}

// New makes a dictionary that holds nothing yet.
func New() *Dictionary { return For(0) }

// For makes a dictionary with room for so many ids.
func For(n int) *Dictionary {
	return &Dictionary{ids: make([]uuid.UUID, 1, n+1), places: make([]uint32, 64<<bits.Len(uint(2*(n+1)/64)))}
}

// Hash spreads ids, which are alike in many bits.
func Hash(id []byte) uint64 {
	a, b := binary.LittleEndian.Uint64(id), binary.LittleEndian.Uint64(id[8:])
	h := a*0x9E3779B97F4A7C15 ^ bits.RotateLeft64(b*0xC2B2AE3D27D4EB4F, 29)
	return h ^ h>>32
}

// Number gives an id's number, a new one to an id that has none.
func (d *Dictionary) Number(id uuid.UUID) uint32 {
	if n := d.Find(id); n != 0 {
		return n
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	at, n := d.at(id)
	if n != 0 {
		return n
	}
	n = uint32(len(d.ids))
	d.ids = append(d.ids, id)
	d.places[at] = n
	if len(d.ids)*2 > len(d.places) {
		d.grow()
	}
	return n
}

// Find gives an id's number, 0 when it has none.
func (d *Dictionary) Find(id uuid.UUID) uint32 {
	if id == uuid.Nil {
		return 0
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	_, n := d.at(id)
	return n
}

func (d *Dictionary) at(id uuid.UUID) (place uint64, n uint32) {
	mask := uint64(len(d.places) - 1)
	for place = Hash(id[:]) & mask; d.places[place] != 0; place = (place + 1) & mask {
		if d.ids[d.places[place]] == id {
			return place, d.places[place]
		}
	}
	return place, 0
}

func (d *Dictionary) grow() {
	d.places = make([]uint32, len(d.places)*2)
	for n := 1; n < len(d.ids); n++ {
		place, _ := d.at(d.ids[n])
		d.places[place] = uint32(n)
	}
}

// All gives the ids by their numbers.
func (d *Dictionary) All() []uuid.UUID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.ids[:len(d.ids):len(d.ids)]
}

// Bytes tells the memory that the dictionary takes.
func (d *Dictionary) Bytes() int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return cap(d.ids)*16 + len(d.places)*4
}
