package feed

import (
	"errors"
	"sync"

	"github.com/google/uuid"
)

// Kept is what is kept in memory beside the records, in a few versions, each exactly what one snapshot of the database shows. Who
// asks in a snapshot finds the newest version that holds nothing which it does not show, and what it shows beyond. The zero
// value holds nothing.
type Kept[T any] struct {
	mu       sync.Mutex
	versions []*Version[T] // the newest last; few, for those who ask in snapshots somewhat older
}

// mostVersions is how many versions are kept.
const mostVersions = 4

// Version is one version of what is kept. It is not changed: whoever brings it further makes another.
type Version[T any] struct {
	Of T

	sealed int64               // the last seal of the snapshot
	since  map[uuid.UUID]int64 // entries that are in it beyond an older version's seal, with their seals, 0 for none
}

// Sealed tells the last seal of the snapshot that the version shows.
func (v *Version[T]) Sealed() int64 { return v.sealed }

// Missing lists the entries that a reading shows and the version has not.
func (v *Version[T]) Missing(r *Reading) []Entry {
	var missing []Entry
	for _, e := range r.Entries {
		if _, has := v.since[e.ID]; !has {
			missing = append(missing, e)
		}
	}
	return missing
}

// holds tells whether all that is in the version is in a reading, made after a seal that every version kept has.
func (v *Version[T]) holds(after int64, shown map[uuid.UUID]bool) bool {
	for id, seal := range v.since {
		if (seal == 0 || seal > after) && !shown[id] {
			return false
		}
	}
	return true
}

// at says which snapshot a version shows: that of a reading. What is sealed up to a seal need not be remembered one by one.
func (v *Version[T]) at(r *Reading, upTo int64, before map[uuid.UUID]int64) {
	v.sealed, v.since = r.Sealed, map[uuid.UUID]int64{}
	for id, seal := range before {
		if seal == 0 || seal > upTo {
			v.since[id] = seal
		}
	}
	for _, e := range r.Entries {
		v.since[e.ID] = e.Seal
	}
}

// Begin keeps one version alone: that of the snapshot of a reading after the last seal there can be.
func (k *Kept[T]) Begin(of T, r *Reading) {
	v := &Version[T]{Of: of}
	v.at(r, r.Sealed, nil)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.versions = []*Version[T]{v}
}

// Add keeps a version that follows the newest, of the snapshot of a reading after that one's seal. It does nothing when
// somebody was quicker, or nothing is kept any more.
func (k *Kept[T]) Add(newest *Version[T], of T, r *Reading) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.versions) == 0 || k.versions[len(k.versions)-1] != newest {
		return
	}
	v := &Version[T]{Of: of}
	k.versions = append(k.versions, v)
	if len(k.versions) > mostVersions {
		k.versions = k.versions[1:]
	}
	v.at(r, k.versions[0].sealed, newest.since)
}

// Drop keeps nothing any more.
func (k *Kept[T]) Drop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.versions = nil
}

// Newest gives the newest version, nil when there is none.
func (k *Kept[T]) Newest() *Version[T] {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.versions) == 0 {
		return nil
	}
	return k.versions[len(k.versions)-1]
}

// All lists what is in the versions, the newest last.
func (k *Kept[T]) All() []T {
	var all []T
	for _, v := range k.now() {
		all = append(all, v.Of)
	}
	return all
}

func (k *Kept[T]) now() []*Version[T] {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.versions
}

// Fitting gives the newest version that holds nothing but what a snapshot shows, and what it shows beyond that version; nil when
// there is none. The snapshot is the one that a statement is run in, which reads the feed.
func (k *Kept[T]) Fitting(run func(text string, args []any, each func(Row) error) error) (*Version[T], []Entry, error) {
	versions := k.now()
	if len(versions) == 0 {
		return nil, nil, nil
	}
	after := versions[0].sealed
	r, err := ReadBy(after, run)
	if errors.Is(err, ErrBehind) || err == nil && r.Sealed < after {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	shown := map[uuid.UUID]bool{}
	for _, e := range r.Entries {
		shown[e.ID] = true
	}
	for i := len(versions) - 1; i >= 0; i-- {
		if versions[i].holds(after, shown) {
			return versions[i], versions[i].Missing(r), nil
		}
	}
	return nil, nil, nil
}
