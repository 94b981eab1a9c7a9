package access

import (
	"reflect"
	"slices"
	"strconv"
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
	texts   map[string]keptText
}

// keptText is a statement's text with the names of the viewer's parameters by their places; "" for a value.
type keptText struct {
	text  unique.Handle[string]
	names []string
}

// mostTexts is how many texts are kept of one viewer; with one more, all are forgotten.
const mostTexts = 128

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
	return &footing{grants: grants, scopes: map[scopeKey]*Scope{}, sources: map[sourceKey]unique.Handle[string]{}, texts: map[string]keptText{}}
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

// Kept renders a whole statement, or gives it as it was rendered for the viewer before under the key: a key names one text
// but for the values that it binds, listed in the order in which it binds them. Kinds stand in it by their address: the histories of
// all kinds have one name.
func (q *Query) Kept(key string, values []any, render func() (string, error)) (string, error) {
	f := q.viewer.footing
	if q.viewer.expected {
		key = "expected " + key // @now is rendered otherwise
	}
	f.mu.Lock()
	kept, ok := f.texts[key]
	f.mu.Unlock()
	if ok && len(*q.args) == 0 {
		q.rebind(kept.names, values)
		return kept.text.Value(), nil
	}
	text, err := render()
	if err != nil {
		return "", err
	}
	text = q.Text(text)
	if names, only := q.names(values); only {
		f.mu.Lock()
		defer f.mu.Unlock()
		if len(f.texts) >= mostTexts {
			clear(f.texts)
		}
		f.texts[key] = keptText{unique.Make(text), names}
	}
	return text, nil
}

// rebind takes the values, and the viewer's own, in the order of their places.
func (q *Query) rebind(names []string, values []any) {
	for _, name := range names {
		if name == "" {
			q.Bind(values[0])
			values = values[1:]
		} else {
			q.bindOnce(name, func() any { return q.viewer.parameter(name) })
		}
	}
}

// names lists the names of the viewer's parameters by their places, and tells whether the others are the values, in their order.
func (q *Query) names(values []any) (names []string, only bool) {
	names = make([]string, len(*q.args))
	for name, place := range q.named {
		at, err := strconv.Atoi(place[1:])
		if err != nil {
			panic(err) // a place is a number
		}
		names[at-1] = name
	}
	for i, name := range names {
		if name != "" {
			continue
		}
		if len(values) == 0 || !reflect.DeepEqual((*q.args)[i], values[0]) {
			return nil, false
		}
		values = values[1:]
	}
	return names, len(values) == 0
}
