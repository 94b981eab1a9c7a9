// Package migrations brings a database to the shape that this version of Guanxi needs, and back.
package migrations

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"
)

//go:embed *.sql
var files embed.FS

// Status is one migration and whether it has been applied.
type Status struct {
	Name    string
	Applied bool
}

// Hash names the whole set of migrations: it changes when one of them does.
func Hash() string {
	sum := sha256.New()
	names, _ := fs.Glob(files, "*.sql")
	for _, name := range names {
		text, _ := files.ReadFile(name)
		fmt.Fprintf(sum, "%s %d\n", name, len(text))
		sum.Write(text)
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// Up applies what is missing and lists the names of what it applied.
func Up(ctx context.Context, db *bun.DB) ([]string, error) {
	return run(ctx, db, func(m *migrate.Migrator) (*migrate.MigrationGroup, error) { return m.Migrate(ctx) })
}

// Down takes back the last group that was applied together and lists its names.
func Down(ctx context.Context, db *bun.DB) ([]string, error) {
	return run(ctx, db, func(m *migrate.Migrator) (*migrate.MigrationGroup, error) { return m.Rollback(ctx) })
}

// Statuses lists all migrations in order.
func Statuses(ctx context.Context, db *bun.DB) ([]Status, error) {
	m, err := migrator(db)
	if err != nil {
		return nil, err
	}
	if err := m.Init(ctx); err != nil {
		return nil, err
	}
	known, err := m.MigrationsWithStatus(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Status, len(known))
	for i, k := range known {
		list[i] = Status{Name: k.Name + "_" + k.Comment, Applied: k.IsApplied()}
	}
	return list, nil
}

func migrator(db *bun.DB) (*migrate.Migrator, error) {
	set := migrate.NewMigrations()
	if err := set.Discover(files); err != nil {
		return nil, err
	}
	return migrate.NewMigrator(db, set, migrate.WithMarkAppliedOnSuccess(true), migrate.BeforeMigration(unbound)), nil
}

// unbound lets a migration take as long as it takes, whatever bounds the statements of the pool that it runs in: it may write millions of rows.
func unbound(ctx context.Context, in bun.IConn, _ *migrate.Migration) error {
	for _, text := range []string{"set local statement_timeout = 0", "set local lock_timeout = 0"} {
		if _, err := in.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// run lets one process at a time migrate: the others wait, then find nothing to do.
func run(ctx context.Context, db *bun.DB, step func(*migrate.Migrator) (*migrate.MigrationGroup, error)) ([]string, error) {
	m, err := migrator(db)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	for _, text := range []string{"set statement_timeout = 0", "set lock_timeout = 0", "select pg_advisory_lock(hashtext('guanxi migrations'))"} {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return nil, err
		}
	}
	defer release(context.WithoutCancel(ctx), conn)
	if err := m.Init(ctx); err != nil {
		return nil, err
	}
	group, err := step(m)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(group.Migrations))
	for i, one := range group.Migrations {
		names[i] = one.Name + "_" + one.Comment
	}
	return names, nil
}

func release(ctx context.Context, conn bun.Conn) {
	for _, text := range []string{"select pg_advisory_unlock(hashtext('guanxi migrations'))", "reset statement_timeout", "reset lock_timeout"} {
		conn.ExecContext(ctx, text)
	}
}
