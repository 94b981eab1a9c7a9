package access

import (
	"slices"

	"github.com/google/uuid"

	"guanxi/models"
)

// Holding is in whose hands a record is: nearly always, who sees it follows from that alone, for a million records as for
// one. What else opens a record is rare and looked up; see Besides.
type Holding struct {
	Owner   uuid.UUID   // zero for none
	Holders []uuid.UUID // of each customer that it belongs to: its owner, or its pool, or zero; of a customer itself, its pool
}

// Grasp is what decides Holds for a viewer and a kind, for who asks of many hands.
type Grasp struct {
	viewer *Viewer
	kind   *Kind
	reads  bool
	scope  *Scope
}

// Grasp gives what decides Holds of a kind.
func (v *Viewer) Grasp(kind *Kind) Grasp {
	return Grasp{viewer: v, kind: kind, reads: v.reads(kind), scope: v.scopeOrNone(kind)}
}

// Holds tells whether the viewer sees the records of the kind that are in these hands: by owning them, by his scope, over the
// owner of their customer, or by a pool.
func (g Grasp) Holds(h Holding) bool {
	me, s := g.viewer.UserID, g.scope
	if g.viewer.system {
		return true
	}
	if !g.reads {
		return false
	}
	if s.takes(h.Owner, me) {
		return true
	}
	for _, holder := range h.Holders {
		if models.KindOf(holder) == models.PoolCode {
			if (g.kind == Customer || g.kind == Contact) && g.viewer.InPool(holder) {
				return true
			}
			holder = uuid.Nil
		}
		if g.kind != Customer && s.takes(holder, me) && !s.DeniedAll && !among(s.Denied, h.Owner) {
			return true
		}
	}
	return false
}

// reads tells whether the viewer may see records of a kind at all.
func (v *Viewer) reads(kind *Kind) bool { return v.system || !v.Anonymous() && v.May(To(Read, kind)) }

// Hands are owners and pools, some or all there are.
type Hands struct {
	All bool
	Of  []uuid.UUID // sorted
}

// None tells whether there are none.
func (h Hands) None() bool { return !h.All && len(h.Of) == 0 }

// Add puts two together.
func (h Hands) Add(more Hands) Hands {
	if h.All || more.All {
		return Hands{All: true}
	}
	return Hands{Of: models.SortIDs(slices.Concat(h.Of, more.Of))}
}

// Changing gives the hands of the records of a kind that two viewers, one user before and after a change of rights, do not
// see alike by Holds: it may name some too many and never leaves one out.
func Changing(kind *Kind, before, after *Viewer) Hands {
	b, a := before.scopeOrNone(kind), after.scopeOrNone(kind)
	var of []uuid.UUID
	switch {
	case b.All != a.All:
		return Hands{All: true}
	case b.DeniedAll != a.DeniedAll || before.reads(kind) != after.reads(kind):
		if b.All {
			return Hands{All: true}
		}
		of = slices.Concat(b.Users, a.Users)
	case b.All:
		of = apart(b.Denied, a.Denied)
	default:
		of = slices.Concat(apart(b.Users, a.Users), apart(b.Denied, a.Denied))
	}
	if kind == Customer || kind == Contact {
		of = append(of, apart(before.poolsFor(kind), after.poolsFor(kind))...)
	}
	return Hands{Of: models.SortIDs(of)}
}

// scopeOrNone is the viewer's scope for reading a kind; an empty one when he may not.
func (v *Viewer) scopeOrNone(kind *Kind) *Scope {
	switch {
	case v.system:
		return &Scope{All: true}
	case !v.reads(kind):
		return &Scope{}
	}
	return v.scopeOf(kind, models.Observe)
}

func (v *Viewer) poolsFor(kind *Kind) []uuid.UUID {
	if !v.reads(kind) {
		return nil
	}
	return v.pools
}

// apart lists what is in one of two lists and not in the other.
func apart(a, b []uuid.UUID) []uuid.UUID {
	a, b = inOrder(a), inOrder(b)
	var list []uuid.UUID
	for _, id := range a {
		if !among(b, id) {
			list = append(list, id)
		}
	}
	for _, id := range b {
		if !among(a, id) {
			list = append(list, id)
		}
	}
	return list
}

// inOrder gives a list sorted; most are.
func inOrder(list []uuid.UUID) []uuid.UUID {
	if slices.IsSortedFunc(list, models.CompareIDs) {
		return list
	}
	return models.SortIDs(slices.Clone(list))
}

// SameBesides tells whether what opens records to the viewer besides the hands they are in is the same.
func SameBesides(kind *Kind, before, after *Viewer) bool {
	b, a := before.scopeOrNone(kind), after.scopeOrNone(kind)
	return before.reads(kind) == after.reads(kind) && b.denies() == a.denies() &&
		len(apart(before.subjects, after.subjects)) == 0 && len(apart(before.reach, after.reach)) == 0
}

func (s *Scope) denies() bool { return s.DeniedAll || len(s.Denied) > 0 }
