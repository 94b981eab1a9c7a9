package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/fault"
)

// How often signing in may be tried, on all servers of the database together.
const (
	accountTries = 5
	accountPause = 15 * time.Minute
	addressTries = 20
	addressPause = time.Minute
	triesKept    = 24 * time.Hour
	triesSwept   = 100     // at most with each try
	triesAtMost  = 100_000 // names that tries count under; the oldest are forgotten first
)

// Try is one try to sign in. Whether the account exists plays no part in it.
type Try struct {
	Login   string
	Address string
	Known   string // a browser that this account has signed in with, else ""
}

// account names what the tries for an account count under: those of a browser that the account knows count apart, so that
// strangers who try in its name lock out strangers alone.
func (t Try) account() []byte {
	return triesKey("account", plainLogin(t.Login), t.Known)
}

// plainLogin writes a login in the one way in which all its spellings count as one.
func plainLogin(login string) string { return strings.ToLower(strings.TrimSpace(login)) }

func triesKey(parts ...string) []byte {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return sum[:]
}

// TakeTry takes one try, and tells how long to wait when there is none. It counts as failed until it is forgiven, so that
// many at once are no way around. What is kept is the hash of a name, and for a day only.
func (s *Store) TakeTry(ctx context.Context, t Try) (wait time.Duration, err error) {
	now, err := s.Now(ctx)
	if err != nil {
		return 0, fault.FromSQL(err)
	}
	err = pgx.BeginFunc(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `delete from sign_in_tries where key = any (array(
			select key from sign_in_tries where last < $1 order by last limit $2 for update skip locked))`, now.Add(-triesKept), triesSwept)
		if err != nil {
			return err
		}
		if t.Known == "" {
			if wait, err = take(ctx, tx, triesKey("address", t.Address), now, addressPause, addressTries); err != nil || wait > 0 {
				return err
			}
		}
		wait, err = take(ctx, tx, t.account(), now, accountPause, accountTries)
		return err
	})
	return wait, fault.FromSQL(err)
}

// take takes one of a number of tries within a while, or tells when the next one is free.
func take(ctx context.Context, tx pgx.Tx, key []byte, now time.Time, pause time.Duration, most int) (wait time.Duration, err error) {
	var oldest *time.Time
	err = tx.QueryRow(ctx, `insert into sign_in_tries as t (key, tries, failed, last) values ($1, array[$2::timestamptz], 1, $2)
		on conflict (key) do update set failed = t.failed + 1, last = $2, tries = array(select x from unnest(t.tries) x where x > $3 order by x) || $2::timestamptz
		where (select count(*) from unnest(t.tries) x where x > $3) < $4 returning null::timestamptz`, key, now, now.Add(-pause), most).Scan(&oldest)
	if !errors.Is(err, pgx.ErrNoRows) {
		return 0, err
	}
	err = tx.QueryRow(ctx, "select min(x) from sign_in_tries t, unnest(t.tries) x where t.key = $1 and x > $2", key, now.Add(-pause)).Scan(&oldest)
	if err != nil || oldest == nil {
		return time.Second, err
	}
	return oldest.Add(pause).Sub(now), nil
}

// PruneTries forgets the names beyond the most that are kept. Who wanted the tries in a name forgotten would have to try in so many
// others first, from thousands of addresses.
func (s *Store) PruneTries(ctx context.Context) error {
	_, err := s.Pool.Exec(ctx, "delete from sign_in_tries where last <= (select last from sign_in_tries order by last desc offset $1 limit 1)", triesAtMost)
	return fault.FromSQL(err)
}

// ForgiveTries forgets the tries for an account after one that succeeded, and tells how many had failed since the last that
// did, as far as they are kept. Those from an address stay.
func (s *Store) ForgiveTries(ctx context.Context, t Try) (failed int, err error) {
	strangers := t
	strangers.Known = ""
	err = pgx.BeginFunc(ctx, s.Pool, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `with gone as (delete from sign_in_tries where key = any ($1) returning failed)
			select coalesce(sum(failed), 0) - 1 from gone`, [][]byte{t.account(), strangers.account()}).Scan(&failed)
	})
	return max(failed, 0), fault.FromSQL(err)
}

// knownBrowsers is what the secrets of browsers are sealed for, each for one login.
const knownBrowsers = "browser of "

// NewBrowser makes the secret by which a browser that an account has signed in with is known again.
func (s *Store) NewBrowser(login string) string {
	secret, _ := NewSecret()
	return s.cursors.Seal(uuid.Nil, knownBrowsers+plainLogin(login), []byte(secret))
}

// KnownBrowser tells by its secret which browser of an account one is; "" for one that is not known.
func (s *Store) KnownBrowser(login, secret string) string {
	plain, err := s.cursors.Open(uuid.Nil, knownBrowsers+plainLogin(login), secret, "")
	if err != nil {
		return ""
	}
	return string(plain)
}

// passwordTries counts who asks for a password of the account that he is signed in to.
func passwordTries(user uuid.UUID) Try { return Try{Login: user.String(), Known: "signed in"} }

// tooManyTries refuses one more try.
func tooManyTries(wait time.Duration) error {
	return fault.Deny(fault.RateLimited, fault.Say("Too many wrong passwords; wait %d minutes.", "密码错误次数过多，请等待 %d 分钟。", int(wait.Minutes())+1))
}
