package access

import (
	"fmt"

	"github.com/google/uuid"

	"guanxi/models"
)

// What whoever decides apart from SQL who sees a record needs to know. He states rules a second time, so he holds what he
// states against RulesOf, and decides nothing when it differs.

// RulesOf names the rules by which records of a kind are read, in the order of rules.go: its ways, what shuts it, the relations
// in which fields are read, and the protected columns with their rules.
func RulesOf(kind *Kind) []string {
	var names []string
	for _, w := range ways {
		if w.of(kind) {
			names = append(names, "way "+w.name)
		}
	}
	for _, c := range closings {
		if c.of == nil || c.of(kind) {
			names = append(names, "closing "+c.name)
		}
	}
	for _, r := range relations {
		names = append(names, "relation "+string(r.name))
	}
	for _, column := range kind.Columns {
		if rule := kind.Protected[column]; rule != "" {
			names = append(names, fmt.Sprintf("column %s %s", column, rule))
		}
	}
	return names
}

// IsSystem tells whether no person is behind the viewer, so that he sees everything.
func (v *Viewer) IsSystem() bool { return v.system }

// MayRead tells whether the viewer's roles let him see records of the kind at all.
func (v *Viewer) MayRead(kind *Kind) bool { return kind.toRead() == "" || v.May(kind.toRead()) }

// ScopeToRead gives the viewer's scope for reading records of a kind.
func (v *Viewer) ScopeToRead(kind *Kind) *Scope { return v.scopeOf(kind, models.Observe) }

// Takes tells whether the scope of a viewer holds the owner, the zero id for a record without one.
func (s *Scope) Takes(owner, me uuid.UUID) bool { return s.takes(owner, me) }

// Spares tells whether no DENY reaches the owner, the zero id for none.
func (s *Scope) Spares(owner uuid.UUID) bool {
	return !s.DeniedAll && (owner == uuid.Nil || !among(s.Denied, owner))
}

// Covers tells whether a share or grant of some kinds, none for all, covers a kind.
func Covers(kinds []string, kind *Kind) bool { return covers(kinds, kind) }

// SharedRecords renders the records of some kinds of which a live share reaches the viewer to read, each with the kinds that
// the share covers.
func (q *Query) SharedRecords(kinds ...*Kind) string {
	codes := make([]int32, len(kinds))
	for i, k := range kinds {
		codes[i] = int32(k.Code)
	}
	return q.Text("select s.record_id, s.kinds from shares s where " + reached("s") + " and " + sharedNow +
		" and get_byte(uuid_send(s.record_id), 15) = any(" + q.Bind(codes) + ")")
}
