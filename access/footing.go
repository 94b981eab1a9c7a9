package access

import (
	"slices"
	"sync"
	"time"
	"unique"
)

// footing is what follows from a viewer's rights while the same of his grants are live: whom he reaches, and the sources
// of records as they are rendered for him. It is worked out when it is asked for first, and serves all his requests until
// his rights change or a grant begins or ends.
type footing struct {
	grants []granted // those that count

	mu      sync.Mutex
	scopes  map[scopeKey]*Scope
	sources map[sourceKey]unique.Handle[string]
}

type sourceKey struct {
	kind         *Kind
	alias, level string
	each         bool
}

// footings are those of one viewer, by which of his grants are live.
type footings struct {
	mu     sync.Mutex
	byLive map[string]*footing
}

// mostFootings is how many of one viewer are kept: another begins only where a grant begins or ends.
const mostFootings = 4

// footingAt gives the viewer's footing at an instant.
func (v *Viewer) footingAt(now time.Time) *footing {
	live := make([]byte, len(v.given))
	for i := range v.given {
		if v.given[i].live(now) {
			live[i] = 1
		}
	}
	v.known.mu.Lock()
	defer v.known.mu.Unlock()
	s, ok := v.known.byLive[string(live)]
	if !ok {
		s = newFooting(slices.DeleteFunc(slices.Clone(v.given), func(g granted) bool { return !g.live(now) }))
		if len(v.known.byLive) >= mostFootings {
			clear(v.known.byLive)
		}
		v.known.byLive[string(live)] = s
	}
	return s
}

func newFooting(grants []granted) *footing {
	return &footing{grants: grants, scopes: map[scopeKey]*Scope{}, sources: map[sourceKey]unique.Handle[string]{}}
}

// sourceOf gives the source of a kind's rows at a level for the viewer, with his parameters still under their names. Equal
// texts of many viewers are one in memory.
func (v *Viewer) sourceOf(kind *Kind, alias, level string, each bool) string {
	key := sourceKey{kind, alias, level, each}
	v.footing.mu.Lock()
	kept, ok := v.footing.sources[key]
	v.footing.mu.Unlock()
	if !ok {
		raw := &Query{viewer: v, unbound: true, each: each}
		kept = unique.Make(raw.freshSource(kind, alias, level))
		v.footing.mu.Lock()
		v.footing.sources[key] = kept
		v.footing.mu.Unlock()
	}
	return kept.Value()
}
