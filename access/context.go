package access

import (
	"context"

	"guanxi/models"
)

type snapshotKey struct{}

// With puts the request's snapshot into its context.
func With(ctx context.Context, s *Snapshot) context.Context {
	return context.WithValue(models.WithPatience(ctx, s), snapshotKey{}, s)
}

// Of gives the request's snapshot. A context without one is a fault of the program.
func Of(ctx context.Context) *Snapshot {
	s, ok := ctx.Value(snapshotKey{}).(*Snapshot)
	if !ok {
		panic("access: no viewer in this context")
	}
	return s
}
