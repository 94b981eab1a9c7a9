package limit

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/bench/market"
)

type server struct {
	pool    *pgxpool.Pool
	full    bool
	mu      sync.Mutex
	viewers map[string]*viewer
}

// viewer is one who asks, with what he may see: found out once.
type viewer struct {
	market.Viewer
	full  bool
	bits  []byte
	mu    sync.Mutex
	plans map[string]*plan
}

// viewer knows a user by his login.
func (s *server) viewer(ctx context.Context, login string) (*viewer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v, known := s.viewers[login]; known {
		return v, nil
	}
	found, err := market.Look(ctx, s.pool, login)
	if err != nil {
		return nil, err
	}
	v := &viewer{Viewer: found, full: s.full, bits: found.Bits(), plans: map[string]*plan{}}
	s.viewers[login] = v
	return v, nil
}

// argument gives what a parameter stands for.
func (v *viewer) argument(name string, variables map[string]any) any {
	switch name {
	case "@bits":
		return v.bits
	case "@me":
		return v.User
	case "@denied":
		return v.Denied
	case "@shared":
		return v.Shared
	case "@pools":
		return v.Pools
	case "@today":
		return time.Now().In(shanghai).Format(time.DateOnly)
	}
	return variables[strings.TrimPrefix(name, "@")]
}

var shanghai = time.FixedZone("", 8*3600)

// plan gives the statements of an operation for this viewer, made when they are first asked for.
func (v *viewer) plan(name string, build func(*viewer) *plan) *plan {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.plans[name] == nil {
		v.plans[name] = build(v)
	}
	return v.plans[name]
}
