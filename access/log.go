package access

import (
	"fmt"

	"github.com/google/uuid"

	"guanxi/models"
)

// Reading is a protected field of a record that was read in full; of a figure, the record is uuid.Nil.
type Reading struct {
	Field  string // Type.field
	Record uuid.UUID
}

// Note keeps that a protected field was read in full, for the access log. Of a report's figure, records says how many are
// behind it.
func (s *Snapshot) Note(field string, record uuid.UUID, records int) {
	s.noting.Lock()
	defer s.noting.Unlock()
	if s.read == nil {
		s.read = map[Reading]int{}
	}
	r := Reading{field, record}
	if record != uuid.Nil {
		s.read[r] = 1
		return
	}
	s.read[r] += records
}

// Noted gives what was read in full, with how many records each is of.
func (s *Snapshot) Noted() map[Reading]int {
	s.noting.Lock()
	defer s.noting.Unlock()
	return s.read
}

// SeesEvery tells whether no record of a kind that is there is hidden from the viewer by whose it is.
func (v *Viewer) SeesEvery(kind *Kind) bool {
	s := v.scopeOf(kind, models.Observe)
	return v.May(To(Read, kind)) && s.All && len(s.Denied) == 0
}

// logged are the kinds whose records the access log tells of.
var logged = []*Kind{Customer, Contact, Opportunity, Service, Document}

// tellsOfSeen renders which entries of the access log are told of: those on a record that the viewer sees, and those on none. Whether the
// record is shared with him is asked once, and not by each kind that it may be of.
func (q *Query) tellsOfSeen() string {
	q.shareKnown = "known.shared"
	defer func() { q.shareKnown = "" }()
	text := ""
	for _, kind := range logged {
		text += fmt.Sprintf(" when %d then exists (select 1 from %s where p.id = r.record_id)", kind.Code, q.Visible(kind, "p"))
	}
	return " and (r.record_id is null or (select case get_byte(uuid_send(r.record_id), 15)" + text + " else false end from (select " +
		sharedBy("r.record_id", liveShare) + " as shared offset 0) known))"
}
