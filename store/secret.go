package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// SessionLength is how long a browser stays signed in.
const SessionLength = 7 * 24 * time.Hour

// NewSecret makes a secret of 256 random bits and its hash, which is all that is kept of it.
func NewSecret() (secret string, hash []byte) {
	bits := make([]byte, 32)
	rand.Read(bits) // never fails
	secret = base64.RawURLEncoding.EncodeToString(bits)
	return secret, SecretHash(secret)
}

// SecretHash is what is kept of a secret.
func SecretHash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// Credential is whom a secret stands for, as the database has it at this instant.
type Credential struct {
	UserID uuid.UUID
	Epoch  int64     // counts the changes of anybody's rights
	Now    time.Time // by the store's clock

	token    uuid.UUID
	ends     *time.Time
	lastUsed *models.Date

	asked string // how it was found
	hash  []byte
	read  time.Time // by this process's clock
}

// How a credential is found: of an API token that is not revoked, or a session, of a user who is active.
const (
	byToken = `select u.id, e.epoch, e.catalog, now(), t.id, t.expires_at, t.last_used_on
		from api_tokens t join users u on u.id = t.user_id cross join rights_epoch e
		where t.token_hash = $1 and u.active and t.revoked_at is null`
	bySession = `select u.id, e.epoch, e.catalog, now(), t.id, t.expires_at, null::date
		from sessions t join users u on u.id = t.user_id cross join rights_epoch e
		where t.token_hash = $1 and u.active`
)

// OfToken finds whom an API token stands for; nil for one that is unknown, past its end or revoked, or whose user is not
// active.
func (s *Store) OfToken(ctx context.Context, secret string) (*Credential, error) {
	c, err := s.credential(ctx, byToken, secret)
	if err != nil || c == nil {
		return nil, err
	}
	return c, s.noteUse(ctx, c)
}

// OfSession finds who is signed in by a session; nil for one that is unknown or past its end, or whose user is not active.
func (s *Store) OfSession(ctx context.Context, secret string) (*Credential, error) {
	return s.credential(ctx, bySession, secret)
}

func (s *Store) credential(ctx context.Context, text, secret string) (*Credential, error) {
	c := &Credential{asked: text, hash: SecretHash(secret), read: time.Now()}
	rows, err := s.Pool.Query(ctx, text, pgx.QueryExecModeCacheStatement, c.hash)
	if err != nil {
		return nil, fault.FromSQL(err)
	}
	defer rows.Close()
	good := false
	for rows.Next() {
		if _, good, err = s.take(c, rows); err != nil {
			return nil, err
		}
	}
	if err := rows.Err(); err != nil || !good {
		return nil, fault.FromSQL(err)
	}
	return c, nil
}

// take reads a credential's row, with the epoch that it is of, and tells whether it is still good.
func (s *Store) take(c *Credential, row access.Row) (epoch access.Epoch, good bool, err error) {
	if err := row.Scan(&c.UserID, &epoch.Rights, &epoch.Catalog, &c.Now, &c.token, &c.ends, &c.lastUsed); err != nil {
		return epoch, false, err
	}
	c.Epoch = epoch.Rights
	if s.Clock != nil {
		c.Now = s.Clock()
	}
	return epoch, c.ends == nil || c.ends.After(c.Now), nil
}

// Expected gives the viewer of a credential that was good lately for a request that begins now. Whatever he reads is opened
// with Reopening, which finds out whether he is still so.
func (s *Store) Expected(c *Credential, v *access.Viewer) *access.Viewer {
	if s.Clock != nil {
		return v.At(s.Clock())
	}
	return v.Expected(c.Now.Add(time.Since(c.read)))
}

// Reopening opens a snapshot for the viewer of a credential that was good lately, if it is now as it was then: neither ended
// nor revoked, of the same user with the same rights, and for a token, noted today as used.
func (s *Store) Reopening(lately *Credential) *access.Opening {
	return &access.Opening{Text: lately.asked, Values: []any{lately.hash}, Take: func(v *access.Viewer, row access.Row) (access.Epoch, error) {
		c := &Credential{asked: lately.asked}
		epoch, good, err := s.take(c, row)
		if err == nil && !(good && c.UserID == lately.UserID && c.Epoch == lately.Epoch && c.noted() && v.Settle(c.Now)) {
			err = access.ErrMoved
		}
		return epoch, err
	}}
}

// noted tells whether it is kept that the token was used today; of a session nobody keeps that.
func (c *Credential) noted() bool {
	return c.asked == bySession || c.lastUsed != nil && *c.lastUsed >= models.DateOf(c.Now.UTC())
}

// noteUse keeps the day that a token was last used: one write a day at most.
func (s *Store) noteUse(ctx context.Context, c *Credential) error {
	if c.noted() {
		return nil
	}
	today := models.DateOf(c.Now.UTC())
	err := pgx.BeginFunc(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "update api_tokens set last_used_on = $1::date where id = $2", string(today), c.token)
		return err
	})
	return fault.FromSQL(err)
}

// Rights reads a user's rights as they all are at one instant, and the epoch that they are of.
func (s *Store) Rights(ctx context.Context, user uuid.UUID, now time.Time) (v *access.Viewer, epoch int64, err error) {
	err = pgx.BeginTxFunc(ctx, s.Pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, "select epoch from rights_epoch").Scan(&epoch); err != nil {
			return err
		}
		v, err = access.Load(ctx, tx, user, now)
		return err
	})
	return v, epoch, fault.FromSQL(err)
}

// SignIn begins a session for who proves his password; nil when the login is unknown, the user not active or the password
// wrong, in the same time for all of these.
func (s *Store) SignIn(ctx context.Context, login, password string) (session *models.Session, secret string, err error) {
	user, hash, err := s.passwordHash(ctx, login)
	if err != nil {
		return nil, "", err
	}
	right, err := checkPassword(ctx, password, hash)
	if err != nil || !right {
		return nil, "", err
	}
	return s.beginSession(ctx, user)
}

func (s *Store) beginSession(ctx context.Context, user uuid.UUID) (session *models.Session, secret string, err error) {
	now, err := s.Now(ctx)
	if err != nil {
		return nil, "", fault.FromSQL(err)
	}
	secret, hash := NewSecret()
	session = &models.Session{UserID: user, TokenHash: hash, CreatedAt: now, ExpiresAt: now.Add(SessionLength)}
	session.ID = models.NewID(models.SessionCode)
	err = pgx.BeginFunc(ctx, s.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "delete from sessions where user_id = $1 and expires_at < $2", user, now); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "insert into sessions (id, user_id, token_hash, created_at, expires_at) values ($1, $2, $3, $4, $5)",
			session.ID, user, hash, session.CreatedAt, session.ExpiresAt); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "insert into audit_entries (id, record_id, action, at, actor_id) values ($1, $2, 'SIGN_IN', $3, $2)",
			models.NewID(models.AuditEntryCode), user, now)
		return err
	})
	return session, secret, fault.FromSQL(err)
}

// SignOut ends a session.
func (s *Store) SignOut(ctx context.Context, secret string) error {
	return fault.FromSQL(pgx.BeginFunc(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "delete from sessions where token_hash = $1", SecretHash(secret))
		return err
	}))
}
