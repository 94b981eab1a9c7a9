package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// APITokenCreate makes a token that stands for the viewer and gives its secret, which nobody can read again.
func (s *Store) APITokenCreate(ctx context.Context, v *access.Viewer, q Request, name string, expires *time.Time) (id uuid.UUID, secret string, err error) {
	if v.Anonymous() {
		return uuid.Nil, "", access.SignInFirst()
	}
	id, err = s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) {
		var wrong fault.Many
		if f := within(name, 100, "input", "name"); f != nil {
			wrong = append(wrong, f)
		}
		if expires != nil && !expires.After(tx.Now) {
			wrong = append(wrong, fault.Refuse(fault.Invalid, fault.Say("A token ends in the future.", "令牌的失效时间必须在将来。")).At("input", "expiresAt"))
		}
		if err := wrong.OrNil(); err != nil {
			return uuid.Nil, err
		}
		token := &models.APIToken{UserID: v.UserID, Name: name, CreatedAt: tx.Now, ExpiresAt: expires}
		token.ID = models.NewID(models.APITokenCode)
		secret, token.TokenHash = NewSecret()
		if _, err := tx.NewInsert().Model(token).Exec(tx.ctx); err != nil {
			return uuid.Nil, fault.FromSQL(err)
		}
		return token.ID, tx.Audit(token.ID, "CREATE", map[string]Change{"name": {New: name}, "expires_at": {New: expires}})
	})
	return id, secret, err
}

// APITokenRevoke ends a token of the viewer's own, or with USER_ADMIN another's. One that has ended stays ended.
func (s *Store) APITokenRevoke(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID) (uuid.UUID, error) {
	if v.Anonymous() {
		return uuid.Nil, access.SignInFirst()
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) {
		var token models.APIToken
		if err := tx.NewSelect().Model(&token).Where("id = ?", id).For("update").Scan(tx.ctx); err != nil {
			return uuid.Nil, absentRow(err, "input", "id")
		}
		if token.UserID != v.UserID && !v.May(access.UserAdmin) {
			return uuid.Nil, fault.Absent("input", "id")
		}
		if token.RevokedAt != nil {
			return id, nil
		}
		if _, err := tx.NewUpdate().Model(&token).Set("revoked_at = ?", tx.Now).Where("id = ?", id).Exec(tx.ctx); err != nil {
			return uuid.Nil, fault.FromSQL(err)
		}
		return id, tx.Audit(id, "REVOKE", map[string]Change{"revoked_at": {New: tx.Now}})
	})
}

// APITokens lists the viewer's own tokens, newest first.
func APITokens(ctx context.Context, snap *access.Snapshot) ([]*models.APIToken, error) {
	tokens := []*models.APIToken{}
	q := snap.Viewer.Query()
	text := "select t.id, t.user_id, t.name, t.created_at, t.expires_at, t.revoked_at, t.last_used_on from api_tokens t where t.user_id = @me order by t.created_at desc, t.id desc"
	err := snap.Run(ctx, q, text, func(row access.Row) error {
		t := &models.APIToken{}
		err := row.Scan(&t.ID, &t.UserID, &t.Name, &t.CreatedAt, &t.ExpiresAt, &t.RevokedAt, &t.LastUsedOn)
		tokens = append(tokens, t)
		return err
	})
	models.NewBatch(tokens)
	return tokens, err
}
