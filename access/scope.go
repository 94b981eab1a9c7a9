package access

import (
	"fmt"
	"maps"
	"slices"
	"strings"
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

// closes tells whether the grant takes those whom it reaches out of a scope.
func (g *granted) closes() bool {
	return slices.ContainsFunc(closings, func(c closing) bool { return c.grant != nil && c.grant(g) })
}

// scopeOf adds up the viewer's grants for a kind at a level.
func (v *Viewer) scopeOf(kind *Kind, level string) *Scope {
	key := scopeKey{kind, level}
	st := v.footing
	st.mu.Lock()
	defer st.mu.Unlock()
	if s, ok := st.scopes[key]; ok {
		return s
	}
	s := foldGrants(st.grants, kind, level, v.UserID)
	st.scopes[key] = s
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
		switch {
		case g.closes():
			into = denied
			s.DeniedAll = s.DeniedAll || g.Everyone
		case g.Effect == models.Allow:
			s.All = s.All || g.Everyone
		default:
			continue
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
	return models.SortIDs(slices.AppendSeq(make([]uuid.UUID, 0, len(set)), maps.Keys(set)))
}

// Reaches tells whether the scope holds the owner; nil is a record without one.
func (s *Scope) Reaches(owner *uuid.UUID, me uuid.UUID) bool {
	return s.takes(models.OrNil(owner), me)
}

// takes tells whether the scope holds the owner, zero for none.
func (s *Scope) takes(owner, me uuid.UUID) bool {
	switch {
	case owner == uuid.Nil:
		return s.All
	case owner == me:
		return true
	case s.All:
		return !among(s.Denied, owner)
	}
	return among(s.Users, owner)
}

// among tells whether an id is in a list that is sorted.
func among(list []uuid.UUID, id uuid.UUID) bool {
	_, found := slices.BinarySearchFunc(list, id, models.CompareIDs)
	return found
}

// alone tells whether the scope holds the viewer and nobody else.
func (s *Scope) alone() bool { return !s.All && len(s.Users) == 1 }

// inScope renders whether the scope holds the user in a column.
func (a asked) inScope(column string) string {
	switch {
	case a.scope.alone():
		return column + " = @me"
	case a.scope.All && len(a.scope.Denied) == 0:
		return column + " is not null"
	case a.scope.All:
		return "(" + column + " = @me or " + column + " is not null and not coalesce(" + isAmong(column, a.people("@denied_")) + ", false))"
	}
	return "coalesce(" + isAmong(column, a.people("@scope_")) + ", false)"
}

// isAmong renders whether the id in a column is among those of a parameter, which are sorted: by halving them, so that a thousand
// people cost each row little more than ten.
func isAmong(column, people string) string {
	return fmt.Sprintf("%[1]s = (%[2]s)[width_bucket(%[1]s, %[2]s)]", column, people)
}

// unowned renders whether a column names nobody and the scope is everyone's.
func (a asked) unowned(column string) string {
	if a.scope.All {
		return column + " is null"
	}
	return "false"
}

// reaches renders whether the scope holds the owner in a column, or what has none.
func (a asked) reaches(column string) string {
	return "(" + either([]string{a.unowned(column), a.inScope(column)}) + ")"
}

// spares renders whether no DENY reaches the owner in a column.
func (a asked) spares(column string) string {
	switch {
	case a.scope.DeniedAll:
		return "false"
	case len(a.scope.Denied) == 0:
		return "true"
	}
	return "(" + column + " is null or not coalesce(" + isAmong(column, a.people("@denied_")) + ", false))"
}

// people names the parameter of those in the scope, or denied, such as @scope_customer_observe.
func (a asked) people(which string) string {
	return strings.ToLower(which + a.kind.Name + "_" + a.level)
}

// peopleNamed gives the users whom such a parameter stands for.
func (v *Viewer) peopleNamed(name string) []uuid.UUID {
	which, rest, _ := strings.Cut(name, "_")
	end := strings.LastIndexByte(rest, '_')
	kind, _ := Named(strings.ToUpper(rest[:end]))
	scope := v.scopeOf(kind, strings.ToUpper(rest[end+1:]))
	if which == "@denied" {
		return scope.Denied
	}
	return scope.Users
}
