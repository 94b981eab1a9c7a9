package access

import (
	"cmp"
	"context"
	"errors"
	"time"

	"guanxi/models"
)

// Opening is what a snapshot asks before all else, in the wave in which it begins: for whom it reads, and of what epoch what
// it shows is. It is asked anew when the snapshot begins again.
type Opening struct {
	Text   string
	Values []any

	// Take takes the one row that there is when all is as it was thought to be. It tells the epoch, or refuses with ErrMoved.
	Take func(*Viewer, Row) (Epoch, error)
}

// Epoch counts the changes of what requests keep in memory between them, as one snapshot shows it.
type Epoch struct {
	Rights  int64 // changes of anybody's rights
	Catalog int64 // changes of the records that everyone sees alike
}

// ErrMoved says that what a snapshot was opened for is no longer so: nothing that was read may be used.
var ErrMoved = errors.New("access: what the snapshot was opened for has moved")

// EpochOnly opens a snapshot for a viewer whose rights were just read.
var EpochOnly = &Opening{Text: "select epoch, catalog from rights_epoch", Take: func(_ *Viewer, row Row) (e Epoch, err error) {
	return e, row.Scan(&e.Rights, &e.Catalog)
}}

// Opened makes the snapshot ask an opening first, and use what is kept of common records.
func (s *Snapshot) Opened(o *Opening, c *Commons) *Snapshot {
	s.opening, s.commons = o, c
	return s
}

// Open begins the snapshot, unless it has begun, and tells whether it could be opened; ErrMoved when not for whom it was meant.
// Without it the opening goes with the first wave.
func (s *Snapshot) Open(ctx context.Context) error {
	s.wave(ctx, nil, func(*statement) {})
	s.line.Lock()
	defer s.line.Unlock()
	switch {
	case s.moved.Load():
		return ErrMoved
	case s.epoch.Load() == nil:
		return cmp.Or(s.broken, ErrMoved)
	}
	return nil
}

// hurried gives up opening for a viewer whose time is not settled, while some of his tasks are at work.
func (s *Snapshot) hurried() {
	s.line.Lock()
	defer s.line.Unlock()
	if s.Viewer.expected && s.epoch.Load() == nil && s.broken == nil {
		s.broken = ErrMoved
		s.moved.Store(true)
	}
}

// opens gives the statement that opens the snapshot; nil when nothing is asked.
func (s *Snapshot) opens() *statement {
	if s.opening == nil {
		return nil
	}
	one := &statement{text: s.opening.Text, args: s.opening.Values, opening: true}
	one.each = func(row Row) error {
		epoch, err := s.opening.Take(s.Viewer, row)
		if err == nil {
			s.epoch.Store(&epoch)
		}
		return err
	}
	return one
}

// opened tells what came of the opening.
func (s *Snapshot) opened(one *statement) error {
	if one.err == nil && s.epoch.Load() == nil {
		one.err = ErrMoved
	}
	if errors.Is(one.err, ErrMoved) {
		s.moved.Store(true)
	}
	return one.err
}

// Expected gives the viewer for a request that begins now, as far as that is known before the database is asked. What is
// rendered for him takes the database's time.
func (v *Viewer) Expected(now time.Time) *Viewer {
	at := v.At(now)
	at.expected = true
	return at
}

// Settle gives the viewer the time of the snapshot. It tells whether all that was rendered for him is right at that time.
func (v *Viewer) Settle(now time.Time) bool {
	today := models.DateOf(now.In(v.Zone()))
	right := today == v.Today && v.footing == v.footingAt(now)
	if v.expected {
		v.Now = now
	}
	return right
}
