package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/postgres"
)

// template is a database to clone. One without a base is there from the beginning.
type template struct {
	database string
	base     *template
	fill     func(context.Context, *pgxpool.Pool) error
}

// templateName is the name of a template's database: short, and different for every hash.
func templateName(name, hash string) string {
	sum := sha256.Sum256([]byte(hash))
	return "tmpl_" + name + "_" + hex.EncodeToString(sum[:8])
}

// prepare makes sure that a template is there, filling it if this process is the first to ask.
func (h *host) prepare(ctx context.Context, wanted template) error {
	if wanted.base == nil {
		return nil
	}
	if err := h.prepare(ctx, *wanted.base); err != nil {
		return err
	}
	h.mu.Lock()
	once := h.templates[wanted.database]
	if once == nil {
		once = new(sync.Once)
		h.templates[wanted.database] = once
	}
	h.mu.Unlock()
	once.Do(func() {
		err := h.fillOnce(context.WithoutCancel(ctx), wanted)
		h.mu.Lock()
		h.failures[wanted.database] = err
		h.mu.Unlock()
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.failures[wanted.database]
}

// fillOnce fills a template unless another process has done so, or waits while one does.
func (h *host) fillOnce(ctx context.Context, wanted template) error {
	ctx, cancel := context.WithTimeout(ctx, setupPatience)
	defer cancel()
	conn, err := h.admin.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, `select pg_advisory_lock(hashtext($1))`, wanted.database); err != nil {
		return err
	}
	defer conn.Exec(context.WithoutCancel(ctx), `select pg_advisory_unlock(hashtext($1))`, wanted.database)

	var there bool
	err = conn.QueryRow(ctx, `select exists (select from pg_database where datname = $1)`, wanted.database).Scan(&there)
	if err != nil || there {
		return err
	}
	return h.fill(ctx, wanted)
}

// fill builds a template under another name, so that one with its own name is whole.
func (h *host) fill(ctx context.Context, wanted template) error {
	draft := wanted.database + "_draft"
	draftName := pgx.Identifier{draft}.Sanitize()
	if _, err := h.admin.Exec(ctx, "drop database if exists "+draftName+" with (force)"); err != nil {
		return err
	}
	if err := createFrom(ctx, h.admin, draft, wanted.base.database); err != nil {
		return err
	}
	if err := fillDraft(ctx, h.cluster.URL(draft), wanted.fill); err != nil {
		h.drop(h.cluster.URL(draft))
		return fmt.Errorf("fill %s: %w", wanted.database, err)
	}
	for _, statement := range []string{
		"alter database " + draftName + " with allow_connections false",
		"alter database " + draftName + " rename to " + pgx.Identifier{wanted.database}.Sanitize(),
	} {
		if _, err := h.admin.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func fillDraft(ctx context.Context, url string, fill func(context.Context, *pgxpool.Pool) error) error {
	pool, err := postgres.NewPool(ctx, url, postgres.Limits{
		Statement: postgres.Unlimited, Lock: postgres.Unlimited, Idle: postgres.Unlimited,
	})
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := fill(ctx, pool); err != nil {
		return err
	}
	_, err = pool.Exec(ctx, "analyze")
	return err
}

// createFrom clones a database by copying its files, the quickest way for a small one.
func createFrom(ctx context.Context, admin *pgxpool.Pool, name, from string) error {
	_, err := admin.Exec(ctx, fmt.Sprintf("create database %s template %s strategy file_copy",
		pgx.Identifier{name}.Sanitize(), pgx.Identifier{from}.Sanitize()))
	return err
}
