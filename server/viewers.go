package server

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2"

	"guanxi/access"
	"guanxi/store"
)

// viewers keeps the rights of those who asked lately, each as of the epoch it was read in: a change of anybody's rights
// begins another epoch, so that what is kept is never out of date.
type viewers struct {
	store *store.Store
	kept  *lru.Cache[viewerKey, *access.Viewer]
}

type viewerKey struct {
	user  uuid.UUID
	epoch int64
}

const viewersKept = 5_000

func newViewers(s *store.Store) *viewers {
	kept, err := lru.New[viewerKey, *access.Viewer](viewersKept)
	if err != nil {
		panic(err) // the size is positive
	}
	return &viewers{store: s, kept: kept}
}

// of gives the viewer that a credential stands for, at the instant.
func (v *viewers) of(ctx context.Context, c *store.Credential, now time.Time) (*access.Viewer, error) {
	if known, ok := v.kept.Get(viewerKey{c.UserID, c.Epoch}); ok {
		return known.At(now), nil
	}
	fresh, epoch, err := v.store.Rights(ctx, c.UserID, now)
	if err != nil {
		return nil, err
	}
	v.kept.Add(viewerKey{c.UserID, epoch}, fresh)
	return fresh, nil
}
