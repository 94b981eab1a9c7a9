package access

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"guanxi/models"
)

// Scope is the people whose records a viewer reaches for one kind at one level, by his grants.
type Scope struct {
	All       bool        // an ALLOW over everyone is live, which also reaches what has no owner
	DeniedAll bool        // a DENY over everyone is live
	Users     []uuid.UUID // reached, when not All: allowed, less denied, plus the viewer
	Denied    []uuid.UUID // reached by a DENY
}

// granted is a live grant of the viewer with the users that its subject reaches.
type granted struct {
	models.Grant
	Reached []uuid.UUID
}

// live tells whether the grant counts at the instant.
func (g *granted) live(now time.Time) bool {
	return (g.ValidFrom == nil || !now.Before(*g.ValidFrom)) && (g.ValidUntil == nil || now.Before(*g.ValidUntil))
}

// counts tells whether the grant speaks on reading (OBSERVE) or writing (MANAGE): an ALLOW to write also lets read, a
// DENY of reading also keeps from writing.
func (g *granted) counts(level string) bool {
	if g.Level == level {
		return true
	}
	if g.Effect == models.Allow {
		return g.Level == models.Manage
	}
	return g.Level == models.Observe
}

// scopeOf adds up the viewer's grants for a kind at a level.
func (v *Viewer) scopeOf(kind *Kind, level string) *Scope {
	key := scopeKey{kind, level}
	v.mu.Lock()
	defer v.mu.Unlock()
	if s, ok := v.scopes[key]; ok {
		return s
	}
	s := foldGrants(v.grants, kind, level, v.UserID)
	v.scopes[key] = s
	return s
}

func foldGrants(grants []granted, kind *Kind, level string, me uuid.UUID) *Scope {
	allowed, denied := map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
	s := &Scope{}
	for i := range grants {
		g := &grants[i]
		if !g.counts(level) || !covers(g.Kinds, kind) {
			continue
		}
		into := allowed
		if g.Effect == models.Deny {
			into = denied
			s.DeniedAll = s.DeniedAll || g.Everyone
		} else {
			s.All = s.All || g.Everyone
		}
		for _, user := range g.Reached {
			into[user] = true
		}
	}
	s.Denied = sorted(denied)
	if s.DeniedAll {
		s.All = false
		clear(allowed)
	}
	for user := range denied {
		delete(allowed, user)
	}
	allowed[me] = true
	s.Users = sorted(allowed)
	return s
}

func sorted(set map[uuid.UUID]bool) []uuid.UUID {
	list := make([]uuid.UUID, 0, len(set))
	for id := range set {
		list = append(list, id)
	}
	slices.SortFunc(list, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return list
}

// Reaches tells whether the scope holds the owner; nil is a record without one.
func (s *Scope) Reaches(owner *uuid.UUID, me uuid.UUID) bool {
	switch {
	case owner == nil:
		return s.All
	case *owner == me:
		return true
	case s.All:
		return !slices.Contains(s.Denied, *owner)
	}
	return slices.Contains(s.Users, *owner)
}

// reaches renders whether the scope holds the owner in a column.
func (q *Query) reaches(s *Scope, name, column string) string {
	switch {
	case s.All && len(s.Denied) == 0:
		return "true"
	case s.All:
		denied := q.bindOnce("denied "+name, func() any { return s.Denied })
		return q.Text("(" + column + " is null or " + column + " = @me or not (" + column + " = any(" + denied + "::uuid[])))")
	}
	users := q.bindOnce("scope "+name, func() any { return s.Users })
	return "coalesce(" + column + " = any(" + users + "::uuid[]), false)"
}

// spares renders whether no DENY reaches the owner in a column.
func (q *Query) spares(s *Scope, name, column string) string {
	switch {
	case s.DeniedAll:
		return "false"
	case len(s.Denied) == 0:
		return "true"
	}
	denied := q.bindOnce("denied "+name, func() any { return s.Denied })
	return "(" + column + " is null or not (" + column + " = any(" + denied + "::uuid[])))"
}
