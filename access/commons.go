package access

import (
	"sync"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2"
)

// Commons keeps records of the kinds that everyone signed in sees alike, as of one epoch: their next change begins another
// one, which each snapshot reads itself, so that what is kept is never out of date.
type Commons struct {
	mu    sync.Mutex
	epoch Epoch
	rows  *lru.Cache[commonKey, any]
}

// commonKey names a record of a kind: whoever asks for one by an id may have that of another kind.
type commonKey struct {
	kind *Kind
	id   uuid.UUID
}

// commonsKept is how many records are kept; those asked for longest ago are forgotten.
const commonsKept = 20_000

// NewCommons begins with nothing.
func NewCommons() *Commons {
	rows, err := lru.New[commonKey, any](commonsKept)
	if err != nil {
		panic(err) // the size is positive
	}
	return &Commons{rows: rows}
}

// Common tells whether everyone who is signed in sees all records of the kind, and the same of them.
func (k *Kind) Common() bool {
	return k.Guard == Reference && k.toRead() == "" && len(k.Protected) == 0
}

// Common gives a common record as the snapshot shows it, if it is kept. Who takes it copies it.
func (s *Snapshot) Common(kind *Kind, id uuid.UUID) (row any, kept bool) {
	epoch := s.epochFor(kind)
	if epoch == nil {
		return nil, false
	}
	s.commons.mu.Lock()
	defer s.commons.mu.Unlock()
	if s.commons.epoch != *epoch {
		return nil, false
	}
	return s.commons.rows.Get(commonKey{kind, id})
}

// KeepCommon keeps a common record that the snapshot has read. Nobody changes it any more.
func (s *Snapshot) KeepCommon(kind *Kind, id uuid.UUID, row any) {
	epoch := s.epochFor(kind)
	if epoch == nil {
		return
	}
	s.commons.mu.Lock()
	defer s.commons.mu.Unlock()
	if epoch.after(s.commons.epoch) {
		s.commons.rows.Purge()
		s.commons.epoch = *epoch
	}
	if s.commons.epoch == *epoch {
		s.commons.rows.Add(commonKey{kind, id}, row)
	}
}

// epochFor gives the epoch of what the snapshot shows of a kind; nil when nothing of it is kept, or not for this viewer.
func (s *Snapshot) epochFor(kind *Kind) *Epoch {
	if s.commons == nil || !kind.Common() || s.Viewer.system || s.Viewer.Anonymous() {
		return nil
	}
	return s.epoch.Load()
}

// after tells whether an epoch follows another. Both numbers only grow.
func (e Epoch) after(other Epoch) bool {
	return e != other && e.Rights >= other.Rights && e.Catalog >= other.Catalog
}
