package columns

import (
	"encoding/binary"
	"math/bits"
	"sync"

	"github.com/google/uuid"
)

// dictionary numbers ids from 1 on; 0 stands for none. A number, once given, stays.
type dictionary struct {
	mu     sync.RWMutex
	ids    []uuid.UUID // by number, the first unused
	places []uint32    // open addressing by the id's hash
}

func newDictionary() *dictionary {
	return &dictionary{ids: make([]uuid.UUID, 1), places: make([]uint32, 64)}
}

// hash spreads ids, which are alike in many bits.
func hash(id []byte) uint64 {
	a, b := binary.LittleEndian.Uint64(id), binary.LittleEndian.Uint64(id[8:])
	h := a*0x9E3779B97F4A7C15 ^ bits.RotateLeft64(b*0xC2B2AE3D27D4EB4F, 29)
	return h ^ h>>32
}

// number gives an id's number, a new one to an id that has none.
func (d *dictionary) number(id uuid.UUID) uint32 {
	if n := d.find(id); n != 0 {
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

// find gives an id's number, 0 when it has none.
func (d *dictionary) find(id uuid.UUID) uint32 {
	if id == uuid.Nil {
		return 0
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	_, n := d.at(id)
	return n
}

func (d *dictionary) at(id uuid.UUID) (place uint64, n uint32) {
	mask := uint64(len(d.places) - 1)
	for place = hash(id[:]) & mask; d.places[place] != 0; place = (place + 1) & mask {
		if d.ids[d.places[place]] == id {
			return place, d.places[place]
		}
	}
	return place, 0
}

func (d *dictionary) grow() {
	d.places = make([]uint32, len(d.places)*2)
	for n := 1; n < len(d.ids); n++ {
		place, _ := d.at(d.ids[n])
		d.places[place] = uint32(n)
	}
}

// all gives the ids by their numbers.
func (d *dictionary) all() []uuid.UUID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.ids[:len(d.ids):len(d.ids)]
}

func (d *dictionary) bytes() int { return len(d.ids)*16 + len(d.places)*4 }

// words numbers the values of closed lists, such as a status, in the same way.
type words struct {
	mu   sync.RWMutex
	list []string
}

func newWords() *words { return &words{list: make([]string, 1)} }

func (w *words) number(word string) uint32 {
	if n := w.find(word); n != 0 {
		return n
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for n, one := range w.list {
		if one == word && n > 0 {
			return uint32(n)
		}
	}
	w.list = append(w.list, word)
	return uint32(len(w.list) - 1)
}

func (w *words) find(word string) uint32 {
	for n, one := range w.all() {
		if one == word && n > 0 {
			return uint32(n)
		}
	}
	return 0
}

func (w *words) all() []string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.list[:len(w.list):len(w.list)]
}
