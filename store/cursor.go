package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"hash"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/access"
	"guanxi/fault"
)

// cursors seals places in lists: nobody can read or change one, it serves only the viewer and the list that it was made
// for, and the same place always gives the same cursor.
type cursors struct {
	seal cipher.AEAD
	macs sync.Pool // of hash.Hash: keyed, to make nonces by
}

func openCursors(ctx context.Context, pool *pgxpool.Pool) (*cursors, error) {
	secret := make([]byte, 64)
	rand.Read(secret)
	tx, err := pool.Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(ctx)
	mode := pgx.QueryExecModeExec
	if _, err := tx.Exec(ctx, "insert into secrets (name, value) values ('cursors', $1) on conflict do nothing", mode, secret); err != nil {
		return nil, err
	}
	if err := tx.QueryRow(ctx, "select value from secrets where name = 'cursors'").Scan(&secret); err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(secret[:32])
	if err != nil {
		return nil, err
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	c := &cursors{seal: seal}
	c.macs.New = func() any { return hmac.New(sha256.New, secret[32:]) }
	return c, tx.Commit(ctx)
}

// place is where a record stands in a sorted list: its sort key values as text, nil for unknown.
type place []*string

func (c *cursors) write(viewer uuid.UUID, list string, p place) string {
	plain, _ := json.Marshal(p)
	return c.Seal(viewer, list, plain)
}

// Seal makes a cursor from bytes, for one viewer and one list.
func (c *cursors) Seal(viewer uuid.UUID, list string, plain []byte) string {
	context := append(viewer[:], list...)
	mac := c.macs.Get().(hash.Hash)
	defer c.macs.Put(mac)
	mac.Reset()
	mac.Write(context)
	mac.Write([]byte{0})
	mac.Write(plain)
	nonce := mac.Sum(nil)[:c.seal.NonceSize()]
	return base64.RawURLEncoding.EncodeToString(c.seal.Seal(nonce, nonce, plain, context))
}

// Open gives back the bytes of a cursor, or refuses one that is not for this viewer and list.
func (c *cursors) Open(viewer uuid.UUID, list, cursor, field string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) < c.seal.NonceSize() {
		return nil, badCursor(field)
	}
	size := c.seal.NonceSize()
	plain, err := c.seal.Open(nil, raw[:size], raw[size:], append(viewer[:], list...))
	if err != nil {
		return nil, badCursor(field)
	}
	return plain, nil
}

func (c *cursors) read(viewer uuid.UUID, list, cursor, field string, keys int) (place, error) {
	plain, err := c.Open(viewer, list, cursor, field)
	if err != nil {
		return nil, err
	}
	var p place
	if json.Unmarshal(plain, &p) != nil || len(p) != keys {
		return nil, badCursor(field)
	}
	return p, nil
}

func badCursor(field string) error {
	return fault.Deny(fault.BadInput, fault.Say("This cursor is not from this list.", "此游标不属于这个列表。")).At(field)
}

// SealPlace makes a cursor of a place in a list that is read elsewhere, for the viewer and that list alone.
func (s *Store) SealPlace(v *access.Viewer, list, place string) string {
	return s.cursors.Seal(v.UserID, list, []byte(place))
}

// OpenPlace gives back the place in a cursor, nil for none, or refuses one that is not for the viewer and the list.
func (s *Store) OpenPlace(v *access.Viewer, list string, cursor *string, field string) (*string, error) {
	if cursor == nil {
		return nil, nil
	}
	plain, err := s.cursors.Open(v.UserID, list, *cursor, field)
	place := string(plain)
	return &place, err
}
