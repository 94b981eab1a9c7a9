package store

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"github.com/alexedwards/argon2id"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/fault"
)

// PasswordCost is what a password's hash costs to make: 19 MiB and two passes.
var PasswordCost = argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// The lengths of a password, in characters.
const (
	shortestPassword = 8
	longestPassword  = 200
)

// hashing bounds how many passwords are hashed at once, and so the memory that a flood of sign-ins takes.
var hashing = make(chan struct{}, max(2, runtime.NumCPU()))

// nobodysHash is compared with for logins that do not exist, so that they take as long as those that do.
var nobodysHash = sync.OnceValues(func() (string, error) { return argon2id.CreateHash("nobody", &PasswordCost) })

// HashPassword makes the hash that is kept of a password. One that is too short or too long is refused.
func HashPassword(ctx context.Context, password string) (hash string, err error) {
	if n := len([]rune(password)); n < shortestPassword || n > longestPassword {
		return "", fault.Refuse(fault.Invalid, fault.Say("A password has %d to %d characters.", "密码须为 %d 到 %d 个字符。", shortestPassword, longestPassword))
	}
	err = inTurn(ctx, func() error {
		hash, err = argon2id.CreateHash(password, &PasswordCost)
		return err
	})
	return hash, err
}

// CheckPassword tells whether a password is the one that the hash was made of; never for an empty hash.
func CheckPassword(ctx context.Context, password, hash string) (bool, error) {
	if hash == "" {
		return false, nil
	}
	return checkPassword(ctx, password, &hash)
}

// checkPassword takes the same time with no hash, which no password fits.
func checkPassword(ctx context.Context, password string, hash *string) (right bool, err error) {
	against := hash
	if hash == nil {
		nobody, err := nobodysHash()
		if err != nil {
			return false, err
		}
		against = &nobody
	}
	if len(password) > 4*longestPassword {
		password = password[:4*longestPassword] // no password is as long; hashing it takes no longer than another
	}
	err = inTurn(ctx, func() error {
		right, err = argon2id.ComparePasswordAndHash(password, *against)
		return err
	})
	return right && hash != nil, err
}

func inTurn(ctx context.Context, do func() error) error {
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
		return do()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// passwordHash finds an active user's id and the hash of his password; nil when there is none.
func (s *Store) passwordHash(ctx context.Context, login string) (user uuid.UUID, hash *string, err error) {
	err = s.Pool.QueryRow(ctx, "select id, password_hash from users where lower(login) = lower($1) and active", login).Scan(&user, &hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, nil, nil
	}
	return user, hash, fault.FromSQL(err)
}
