package access

import (
	"slices"

	"github.com/google/uuid"

	"guanxi/models"
)

// MayTake tells whether becoming a customer's owner would show the viewer nothing that a DENY of his keeps from him: an owner
// sees all that belongs to his customer. It follows from the viewer's grants alone.
func (v *Viewer) MayTake() bool { return !slices.ContainsFunc(Kinds, v.KeptFrom) }

// KeptFrom tells whether a DENY keeps the viewer from reading or writing others' records of a kind that belongs to customers, which
// his roles let him read.
func (v *Viewer) KeptFrom(kind *Kind) bool {
	belongs := kind == Contact || kind.Customer != ""
	return kind.Guard == Business && belongs && v.May(To(Read, kind)) && v.deniedOthers(kind)
}

// deniedOthers tells whether a DENY keeps the viewer from reading or writing others' records of a kind.
func (v *Viewer) deniedOthers(kind *Kind) bool {
	for _, level := range []string{models.Observe, models.Manage} {
		s := v.scopeOf(kind, level)
		if s.DeniedAll || slices.ContainsFunc(s.Denied, func(user uuid.UUID) bool { return user != v.UserID }) {
			return true
		}
	}
	return false
}
