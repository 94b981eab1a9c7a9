package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
)

// ViewAsLength is how long an administrator may ask as another user sees before he must say so again.
const ViewAsLength = 15 * time.Minute

// viewAsSeal tells tokens for viewing as another from cursors of lists.
const viewAsSeal = "view as"

// viewingAs is what such a token holds. That it is the issuer's is in its seal.
type viewingAs struct {
	Target uuid.UUID
	Until  time.Time
}

// ViewAsCreate makes a token with which the viewer, and nobody else, may ask as an active user sees until it ends. It opens
// nothing by itself: each request needs the viewer's own credential and permission too.
func (s *Store) ViewAsCreate(ctx context.Context, v *access.Viewer, q Request, target uuid.UUID) (token string, until time.Time, err error) {
	if err := v.Need(access.AccessAdmin); err != nil {
		return "", until, err
	}
	_, err = s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) {
		if err := tx.active(target, "input", "user"); err != nil {
			return uuid.Nil, err
		}
		until = tx.Now.Add(ViewAsLength)
		return target, tx.Audit(target, "VIEW_AS", map[string]Change{"until": {New: until}})
	})
	if err != nil {
		return "", until, err
	}
	plain, err := json.Marshal(viewingAs{target, until})
	return s.SealPlace(v, viewAsSeal, string(plain)), until, err
}

// ViewedAs gives the user whom the viewer may ask as by a token; it refuses one that is another's, changed or past its end.
func (s *Store) ViewedAs(v *access.Viewer, token string) (uuid.UUID, error) {
	if err := v.Need(access.AccessAdmin); err != nil {
		return uuid.Nil, err
	}
	var as viewingAs
	plain, err := s.OpenPlace(v, viewAsSeal, &token, "")
	if err != nil || json.Unmarshal([]byte(*plain), &as) != nil || !v.Now.Before(as.Until) {
		return uuid.Nil, NotViewingAs()
	}
	return as.Target, nil
}

// NotViewingAs is the one refusal of a token for viewing as another that is not good, for whatever reason.
func NotViewingAs() error {
	return fault.Deny(fault.Unauthenticated, fault.Say("The token in the Guanxi-View-As header is not good: not yours, past its end, or of a user who has left.",
		"Guanxi-View-As 请求头中的令牌无效：不是您的、已过期，或对应用户已停用。"))
}
