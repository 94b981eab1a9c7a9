package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// Limits bound what one connection of a pool may do. A zero field takes the
// default; Unlimited takes the bound away.
type Limits struct {
	Statement   time.Duration // one statement; default 8 s
	Lock        time.Duration // waiting for one lock; default 3 s
	Idle        time.Duration // a transaction that does nothing; default 30 s
	Connections int32         // connections in the pool; default 20
}

// Unlimited is a limit that never strikes.
const Unlimited time.Duration = -1

const (
	defaultStatement   = 8 * time.Second
	defaultLock        = 3 * time.Second
	defaultIdle        = 30 * time.Second
	defaultConnections = 20

	// oldestServer is the first release whose features the store relies on, as server_version_num says it.
	oldestServer = 150000
	// patience is how long a server that does not answer is waited for.
	patience = 30 * time.Second
)

// NewPool opens a pool on a database. A statement whose context ends is
// cancelled on the server, and its connection is kept. Times are in UTC. The
// pool is returned when the server has answered; one that does not is tried
// again for 30 seconds.
func NewPool(ctx context.Context, url string, limits Limits) (*pgxpool.Pool, error) {
	config, err := poolConfig(url, limits)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(context.WithoutCancel(ctx), config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := waitForServer(ctx, pool); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

// Bun returns bun on a pool, for writes and administration.
func Bun(pool *pgxpool.Pool) *bun.DB {
	return bun.NewDB(stdlib.OpenDBFromPool(pool), pgdialect.New())
}

func poolConfig(url string, limits Limits) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the database's address: %w", err)
	}
	if limits.Connections > 0 {
		config.MaxConns = limits.Connections
	} else if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = defaultConnections
	}
	connection := config.ConnConfig
	connection.DefaultQueryExecMode = pgx.QueryExecModeExec
	connection.BuildContextWatcherHandler = cancelOnServer
	config.AfterConnect = knowIDs
	given := connection.RuntimeParams
	connection.RuntimeParams = runtimeParameters(limits)
	maps.Copy(connection.RuntimeParams, given)
	return config, nil
}

// runtimeParameters are a session's settings; the address may say otherwise.
func runtimeParameters(limits Limits) map[string]string {
	return map[string]string{
		"application_name":                    "guanxi",
		"timezone":                            "UTC",
		"statement_timeout":                   milliseconds(limits.Statement, defaultStatement),
		"lock_timeout":                        milliseconds(limits.Lock, defaultLock),
		"idle_in_transaction_session_timeout": milliseconds(limits.Idle, defaultIdle),
	}
}

// milliseconds writes a limit as PostgreSQL reads it, where 0 is no limit.
func milliseconds(limit, otherwise time.Duration) string {
	switch {
	case limit < 0:
		return "0"
	case limit == 0:
		limit = otherwise
	}
	return strconv.FormatInt(max(limit.Milliseconds(), 1), 10)
}

// cancelOnServer asks the server to cancel a statement whose context ended,
// and closes the connection only if that does not help.
func cancelOnServer(conn *pgconn.PgConn) ctxwatch.Handler {
	return &pgconn.CancelRequestContextWatcherHandler{
		Conn:               conn,
		CancelRequestDelay: 20 * time.Millisecond,
		DeadlineDelay:      5 * time.Second,
	}
}

// waitForServer tries until the server answers, then checks that it can serve.
func waitForServer(ctx context.Context, pool *pgxpool.Pool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		err := checkServer(ctx, pool)
		if err == nil || !worthAnotherTry(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the database does not answer: %w", err)
		case <-time.After(pause):
		}
	}
}

func checkServer(ctx context.Context, pool *pgxpool.Pool) error {
	var version int
	var encoding string
	err := pool.QueryRow(ctx, `select current_setting('server_version_num')::int, current_setting('server_encoding')`).Scan(&version, &encoding)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	if version < oldestServer {
		return fmt.Errorf("the database runs PostgreSQL %d; Guanxi needs %d or newer", version/10000, oldestServer/10000)
	}
	if encoding != "UTF8" {
		return fmt.Errorf("the database's encoding is %s; Guanxi needs UTF8", encoding)
	}
	return nil
}

// worthAnotherTry says whether a failure to connect may pass by itself: the
// server cannot be reached, is starting or stopping, or has no room.
func worthAnotherTry(err error) bool {
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return strings.HasPrefix(answer.Code, "57P") || strings.HasPrefix(answer.Code, "53") || strings.HasPrefix(answer.Code, "08")
	}
	var connect *pgconn.ConnectError
	return errors.As(err, &connect)
}
