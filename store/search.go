package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"guanxi/access"
	"guanxi/models"
	"guanxi/search"
)

// Search finds a page of records as people type, best first, and a way to count them all.
func (s *Store) Search(ctx context.Context, snap *access.Snapshot, text string, kinds []string, first *int, after *string) (*search.Page, func(context.Context) (models.Count, error), error) {
	ask := search.Ask{Text: text, Kinds: kinds, First: defaultPage, After: after, Names: s.Names}
	if first != nil {
		ask.First = *first
	}
	what, _ := json.Marshal([]any{"search", text, kinds})
	sum := sha256.Sum256(what)
	list, me := hex.EncodeToString(sum[:16]), snap.Viewer.UserID
	ask.Seal = func(plain []byte) string { return s.cursors.Seal(me, list, plain) }
	ask.Open = func(cursor string) ([]byte, error) { return s.cursors.Open(me, list, cursor, "after") }
	page, err := search.Find(ctx, snap, ask)
	return page, func(ctx context.Context) (models.Count, error) { return search.Count(ctx, snap, ask) }, err
}
