package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// Request is what a write was asked to do: the mutation's name and input, and the key by which a repetition of it is
// known.
type Request struct {
	Operation string
	Input     any
	Key       *string
}

// Tx is one write: everything in it happens, or nothing. Its time is fixed when it begins.
type Tx struct {
	bun.Tx
	Viewer *access.Viewer
	Now    time.Time
	ctx    context.Context
	store  *Store
	noted  map[string]Change // changes beside the record's own columns, for its audit entry
}

const attempts = 3

// Write carries out a request in one transaction, once for each idempotency key of the viewer, and gives the id of the
// record that it made or changed. Writes that met another at the same moment are tried again.
func (s *Store) Write(ctx context.Context, v *access.Viewer, r Request, do func(*Tx) (uuid.UUID, error)) (id uuid.UUID, err error) {
	if err := v.NeedHimself(); err != nil {
		return uuid.Nil, err
	}
	for attempt := range attempts {
		id, err = s.writeOnce(ctx, v, r, do)
		if !fault.Is(err, fault.Conflict) || attempt == attempts-1 {
			return id, err
		}
		select {
		case <-time.After(time.Duration(rand.IntN(40)+10<<attempt) * time.Millisecond):
		case <-ctx.Done():
			return id, err
		}
	}
	return id, err
}

func (s *Store) writeOnce(ctx context.Context, v *access.Viewer, r Request, do func(*Tx) (uuid.UUID, error)) (uuid.UUID, error) {
	var id uuid.UUID
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, raw bun.Tx) error {
		tx := s.tx(ctx, raw, v)
		done, err := tx.repeated(r)
		if err != nil || done != nil {
			if done != nil {
				id = *done
			}
			return err
		}
		if id, err = do(tx); err != nil {
			return err
		}
		return tx.remember(r, id)
	})
	if err == nil && s.Wrote != nil {
		s.Wrote()
	}
	return id, named(fault.FromSQL(err))
}

// tx is a write on a transaction that has begun, at the viewer's time as the database keeps it.
func (s *Store) tx(ctx context.Context, raw bun.Tx, v *access.Viewer) *Tx {
	return &Tx{Tx: raw, Viewer: v, Now: v.Now.UTC().Truncate(time.Microsecond), ctx: ctx, store: s}
}

// repeated looks whether the viewer's key has been used: for the same request it gives what that request made, for
// another it refuses. While the first request is still running, this waits for it.
func (tx *Tx) repeated(r Request) (*uuid.UUID, error) {
	if r.Key == nil {
		return nil, nil
	}
	if n := len([]rune(*r.Key)); n < 1 || n > 255 {
		return nil, fault.Refuse(fault.Invalid, fault.Say("An idempotency key has 1 to 255 characters.", "幂等键为 1 到 255 个字符。")).At("input", "idempotencyKey")
	}
	key := &models.IdempotencyKey{UserID: tx.Viewer.UserID, Key: *r.Key, Operation: r.Operation, RequestHash: hashOf(r), CreatedAt: tx.Now}
	if _, err := tx.NewDelete().Model((*models.IdempotencyKey)(nil)).Where("user_id = ? and key = ? and created_at < ?", key.UserID, key.Key, tx.Now.Add(-24*time.Hour)).Exec(tx.ctx); err != nil {
		return nil, err
	}
	made, err := tx.NewInsert().Model(key).On("conflict do nothing").Exec(tx.ctx)
	if err != nil {
		return nil, err
	}
	if n, _ := made.RowsAffected(); n == 1 {
		return nil, nil
	}
	var first models.IdempotencyKey
	if err := tx.NewSelect().Model(&first).Where("user_id = ? and key = ?", key.UserID, key.Key).Scan(tx.ctx); err != nil {
		return nil, err
	}
	if first.Operation != key.Operation || string(first.RequestHash) != string(key.RequestHash) {
		return nil, fault.Refuse(fault.IdempotencyKeyReused, fault.Say("This key was used for another request.", "此幂等键已用于另一个请求。")).At("input", "idempotencyKey")
	}
	if first.RecordID == nil {
		return &uuid.Nil, nil
	}
	return first.RecordID, nil
}

func (tx *Tx) remember(r Request, id uuid.UUID) error {
	if r.Key == nil {
		return nil
	}
	_, err := tx.NewUpdate().Model((*models.IdempotencyKey)(nil)).Set("record_id = ?", id).
		Where("user_id = ? and key = ?", tx.Viewer.UserID, *r.Key).Exec(tx.ctx)
	return err
}

func hashOf(r Request) []byte {
	text, _ := json.Marshal([]any{r.Operation, r.Input})
	sum := sha256.Sum256(text)
	return sum[:]
}

// found tells whether a scoped query finds anything, within the write.
func (tx *Tx) found(q *access.Query, text string) (bool, error) {
	var one int
	text = q.Text(text)
	err := tx.Tx.Tx.QueryRowContext(tx.ctx, text, append([]any{pgx.QueryExecModeCacheDescribe}, q.Args()...)...).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Sees tells whether the viewer sees the record.
func (tx *Tx) Sees(kind *access.Kind, id uuid.UUID) (bool, error) {
	q := tx.Viewer.Query()
	return tx.found(q, "select 1 from "+q.Visible(kind, "r")+" where r.id = "+q.Bind(id))
}

// Manages tells whether the viewer may write the record.
func (tx *Tx) Manages(kind *access.Kind, id uuid.UUID) (bool, error) {
	q := tx.Viewer.Query()
	return tx.found(q, "select 1 from "+q.Manageable(kind, "r")+" where r.id = "+q.Bind(id))
}

// See refuses a reference to a record that the viewer does not see.
func (tx *Tx) See(kind *access.Kind, id uuid.UUID, field ...string) error {
	seen, err := tx.Sees(kind, id)
	if err == nil && !seen {
		return fault.Absent(field...)
	}
	return err
}

// Manage refuses to write a record: as absent when the viewer does not see it, as forbidden when he only sees it.
func (tx *Tx) Manage(kind *access.Kind, id uuid.UUID, field ...string) error {
	if err := tx.See(kind, id, field...); err != nil {
		return err
	}
	managed, err := tx.Manages(kind, id)
	if err == nil && !managed {
		return fault.Refuse(fault.Forbidden, fault.Say("You see this record but may not change it.", "您可以查看但无权修改这条记录。")).At(field...)
	}
	return err
}

// Audit keeps who did what to a record.
func (tx *Tx) Audit(record uuid.UUID, action string, changes map[string]Change) error {
	maps.Copy(changes, tx.noted)
	tx.noted = nil
	text, err := json.Marshal(changes)
	if err != nil {
		return err
	}
	entry := &models.AuditEntry{RecordID: record, Action: action, At: tx.Now, ActorID: tx.Viewer.Owner(), Changes: text}
	entry.ID = models.NewID(models.AuditEntryCode)
	_, err = tx.NewInsert().Model(entry).Exec(tx.ctx)
	return err
}

// note keeps a change that is no column of the record for its audit entry.
func (tx *Tx) note(field string, old, new any) {
	if tx.noted == nil {
		tx.noted = map[string]Change{}
	}
	tx.noted[field] = Change{Old: old, New: new}
}

// Change is one field's value before and after.
type Change struct {
	Old any `json:"old"`
	New any `json:"new"`
}
