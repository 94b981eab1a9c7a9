package access

import (
	"fmt"
	"reflect"
)

// Alike tells that two viewers see the same records of a kind, by the same rules with the same values. Where it does not, they
// may see the same all the same.
func Alike(kind *Kind, one, other *Viewer) bool {
	a, b := one.Query(), other.Query()
	return a.Sees(kind) == b.Sees(kind) && reflect.DeepEqual(a.Args(), b.Args())
}

// Differing renders the ids of all records of a kind, no part of another, that one of two viewers sees and the other does not, and
// whether it is the second who does: gained. Each has his own parameters in the text.
func (q *Query) Differing(kind *Kind, before, after *Viewer) string {
	return fmt.Sprintf("select d.id, d.after as gained from (select r.id, %s as before, %s as after from %s r where %strue offset 0) d where d.before <> d.after",
		q.For(before).Sees(kind), q.For(after).Sees(kind), kind.Table, q.kept(kind))
}
