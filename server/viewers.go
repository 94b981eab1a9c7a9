package server

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2"

	"guanxi/access"
	"guanxi/store"
)

// viewers keeps the rights of those who asked lately, each as of the epoch it was read in: a change of anybody's rights
// begins another epoch, so that what is kept is never out of date.
type viewers struct {
	store       *store.Store
	kept        *lru.Cache[viewerKey, *access.Viewer]
	credentials *lru.Cache[secretKey, *store.Credential] // that were good when they were last asked for
}

// secretKey names a secret without having it.
type secretKey struct {
	hash    [sha256.Size]byte
	session bool
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
	credentials, err := lru.New[secretKey, *store.Credential](viewersKept)
	if err != nil {
		panic(err)
	}
	return &viewers{store: s, kept: kept, credentials: credentials}
}

// remember keeps a credential as it was found just now; forgets one that is no longer good.
func (v *viewers) remember(key secretKey, c *store.Credential) {
	if c == nil {
		v.credentials.Remove(key)
	} else {
		v.credentials.Add(key, c)
	}
}

// recall gives a credential as it was found lately, when the rights of its user are kept as of then.
func (v *viewers) recall(key secretKey) (*store.Credential, bool) {
	c, known := v.credentials.Get(key)
	return c, known && v.knows(c)
}

// knows tells whether the rights of a credential's user are kept.
func (v *viewers) knows(c *store.Credential) bool {
	return v.kept.Contains(viewerKey{c.UserID, c.Epoch})
}

// expected gives the viewer of a credential that was recalled; nil when his rights have been forgotten since.
func (v *viewers) expected(c *store.Credential) *access.Viewer {
	known, ok := v.kept.Get(viewerKey{c.UserID, c.Epoch})
	if !ok {
		return nil
	}
	return v.store.Expected(c, known)
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
