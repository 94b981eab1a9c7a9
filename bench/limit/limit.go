// Package limit is what Guanxi is measured against: each operation is SQL written by hand for it, sent as prepared statements in one
// batch, in one snapshot, and its rows are written as JSON as they arrive. It finds out once what its viewers may see and never asks
// again; it checks no input, counts no cost and keeps no log.
package limit

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// New serves a database. Who sees a record is decided by its owner alone, or by the full rule. A viewer's login is his token.
func New(pool *pgxpool.Pool, full bool) http.Handler {
	return &server{pool: pool, full: full, viewers: map[string]*viewer{}}
}

// Serve serves a database until the context ends, and tells where.
func Serve(ctx context.Context, database string, full bool, tell func(address string)) error {
	config, err := pgxpool.ParseConfig(database)
	if err != nil {
		return err
	}
	config.MaxConns, config.MinConns = 16, 16
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	defer pool.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	tell("http://" + listener.Addr().String())
	web := &http.Server{Handler: New(pool, full), ReadHeaderTimeout: 10 * time.Second}
	go func() { <-ctx.Done(); _ = web.Close() }()
	if err := web.Serve(listener); ctx.Err() == nil {
		return err
	}
	return nil
}

// request is what may be asked: an operation by its name, and the values in it.
type request struct {
	OperationName string
	Variables     map[string]any
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v, err := s.viewer(r.Context(), strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	var asked request
	if err == nil {
		err = json.NewDecoder(r.Body).Decode(&asked)
	}
	var answer []byte
	if err == nil {
		answer, err = s.answer(r.Context(), v, asked)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer)
}

func (s *server) answer(ctx context.Context, v *viewer, asked request) ([]byte, error) {
	if asked.OperationName == "Introduction" {
		return s.introduction(ctx, v, asked.Variables)
	}
	build, known := plans[asked.OperationName]
	if !known {
		return nil, fmt.Errorf("no operation %q", asked.OperationName)
	}
	return v.plan(asked.OperationName, build).run(ctx, s.pool, v, asked.Variables)
}

// run sends the statements of an operation as one batch and writes the answer from their rows.
func (p *plan) run(ctx context.Context, pool *pgxpool.Pool, v *viewer, variables map[string]any) ([]byte, error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release()
	batch := &pgx.Batch{}
	batch.Queue("begin isolation level repeatable read read only")
	for _, st := range p.statements {
		batch.Queue(st.text, st.arguments(v, variables)...)
	}
	batch.Queue("commit")
	results := conn.SendBatch(ctx, batch)
	defer results.Close()
	if _, err := results.Exec(); err != nil {
		return nil, err
	}
	answer := make([]byte, 0, 48<<10)
	answer = append(answer, p.opening...)
	var counts []int64
	for _, st := range p.statements {
		if st.counts {
			counts, err = st.keep(results)
		} else {
			answer, err = st.write(answer, results, counts)
		}
		if err != nil {
			return nil, fmt.Errorf("%w in %s", err, st.text)
		}
	}
	return append(answer, p.closing...), results.Close()
}
