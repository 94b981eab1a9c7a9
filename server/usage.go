package server

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/access"
	"guanxi/models"
	"guanxi/resolvers"
	"guanxi/store"
)

// How usage is counted.
const (
	usagePause   = 5 * time.Second // until it is kept
	usageCounted = 200_000         // things, people and days at most between; what is more is not counted
)

// Usage counts in memory what is used, by whom and on which day. It costs no request a statement: what was counted is kept
// by the way, and lost with a server that is killed before.
type Usage struct {
	mu     sync.Mutex
	counts map[counted]*tally
}

type counted struct {
	resolvers.Usable

	day  models.Date
	user uuid.UUID
}

type tally struct {
	uses int64
	last time.Time
}

// NewUsage begins to count.
func NewUsage() *Usage { return &Usage{counts: map[counted]*tally{}} }

// add counts one use of each thing; who views as another is counted himself.
func (u *Usage) add(v *access.Viewer, things map[resolvers.Usable]bool) {
	if u == nil {
		return
	}
	user := v.UserID
	if behind := v.Behind(); behind != uuid.Nil {
		user = behind
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	for thing := range things {
		u.count(counted{thing, v.Today, user}, tally{1, v.Now})
	}
}

// count adds to what is counted of one thing.
func (u *Usage) count(of counted, more tally) {
	known := u.counts[of]
	switch {
	case known == nil && len(u.counts) >= usageCounted:
	case known == nil:
		begun := more
		u.counts[of] = &begun
	default:
		known.uses += more.uses
		if more.last.After(known.last) {
			known.last = more.last
		}
	}
}

// Keep writes down what was counted since the last time.
func (u *Usage) Keep(ctx context.Context, s *store.Store) error {
	u.mu.Lock()
	counts := u.counts
	u.counts = map[counted]*tally{}
	u.mu.Unlock()
	if len(counts) == 0 {
		return nil
	}
	list := make([]store.Used, 0, len(counts))
	for of, t := range counts {
		list = append(list, store.Used{Day: of.day, Kind: of.Kind, Name: of.Name, User: of.user, Uses: t.uses, Last: t.last})
	}
	err := s.KeepUsage(ctx, list)
	if err != nil {
		u.mu.Lock()
		defer u.mu.Unlock()
		for of, t := range counts {
			u.count(of, *t)
		}
	}
	return err
}

// Run keeps what is counted every few seconds until the context ends. What comes after is for Keep.
func (u *Usage) Run(ctx context.Context, s *store.Store, log *slog.Logger) {
	tick := time.NewTicker(usagePause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := u.Keep(ctx, s); err != nil && ctx.Err() == nil {
				log.Warn("usage cannot be kept", "cause", err)
			}
		}
	}
}

// uses are what an operation uses: things that it uses whatever its variables hold, and fields whose arguments tell of more.
type uses struct {
	always map[resolvers.Usable]bool
	told   []*ast.Field
}

// uses finds the fields selected, and where to look for what the operation groups and filters by.
func (e *engine) uses(op *graphql.OperationContext) uses {
	u := uses{always: map[resolvers.Usable]bool{}}
	e.selected(op, func(f *ast.Field) {
		if f.Definition == nil || len(f.Alias) > 1 && f.Alias[:2] == ownAlias {
			return
		}
		for _, object := range e.schema.GetPossibleTypes(f.ObjectDefinition) {
			for _, thing := range resolvers.UsedField(object, f.Definition) {
				u.always[thing] = true
			}
		}
		if len(f.Arguments) > 0 || slices.ContainsFunc(f.Definition.Arguments, func(a *ast.ArgumentDefinition) bool { return a.DefaultValue != nil }) {
			u.told = append(u.told, f)
		}
	})
	return u
}

// toldBy finds what an operation's arguments group and filter by.
func (e *engine) toldBy(u uses, variables map[string]any) map[resolvers.Usable]bool {
	found := map[resolvers.Usable]bool{}
	for _, f := range u.told {
		for name, value := range f.ArgumentMap(variables) {
			if argument := f.Definition.Arguments.ForName(name); argument != nil {
				resolvers.UsedValue(e.schema, argument.Type, value, func(thing resolvers.Usable) { found[thing] = true })
			}
		}
	}
	return found
}
