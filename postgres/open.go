package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// databaseName is the database that Guanxi uses in a private cluster.
const databaseName = "guanxi"

// Options say which database to open, and how.
type Options struct {
	URL    string       // a database anywhere; empty means a private cluster in Home
	Home   string       // the data folder, for a private cluster
	Attach bool         // a short command: may run beside a server on the same Home
	Limits Limits       // bounds of the pool's connections
	Log    *slog.Logger // told what is being done; nil is silent
}

// Database is an open database.
type Database struct {
	Pool    *pgxpool.Pool
	URL     string // for opening further pools on it
	Private bool   // true when it is a cluster of our own

	cluster *Cluster
	server  *fileLock
	unkeep  func() // ends the keeping of the cluster
}

// Open opens the database at a URL or, without one, the private cluster of
// the data folder, which it makes, starts or adopts. Unless it attaches, a
// second process on the same data folder is refused, and the private cluster
// is started again whenever it ends before Close.
func Open(ctx context.Context, options Options) (*Database, error) {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	database := &Database{URL: options.URL, Private: options.URL == ""}
	err := database.open(ctx, options)
	if err != nil {
		return nil, errors.Join(err, database.Close(context.WithoutCancel(ctx)))
	}
	return database, nil
}

func (d *Database) open(ctx context.Context, options Options) error {
	if d.Private {
		if err := d.openPrivate(ctx, options); err != nil {
			return err
		}
	}
	pool, err := NewPool(ctx, d.URL, options.Limits)
	d.Pool = pool
	return err
}

func (d *Database) openPrivate(ctx context.Context, options Options) error {
	folder, err := PrivateFolder(options.Home)
	if err != nil {
		return err
	}
	if !options.Attach {
		d.server, err = takeServerLock(folder + ".server")
		if err != nil {
			return err
		}
	}
	if home, err := filepath.EvalSymlinks(options.Home); err == nil && !strings.HasPrefix(folder, home) {
		options.Log.Info("the database's user may not enter the data folder, so the database lives elsewhere", "folder", folder)
	}
	d.cluster, err = JoinCluster(ctx, ClusterOptions{Folder: folder, Log: options.Log})
	if err != nil {
		return err
	}
	if !options.Attach {
		d.unkeep = keeping(ctx, d.cluster)
	}
	d.URL = d.cluster.URL(databaseName)
	return createDatabase(ctx, d.cluster.URL("postgres"), databaseName)
}

// keeping keeps a cluster running until the function that it gives is called.
func keeping(ctx context.Context, cluster *Cluster) (end func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		cluster.keep(ctx)
		close(ended)
	}()
	return func() { cancel(); <-ended }
}

// Close closes the pool and, if nobody else uses it, stops the private
// cluster. It waits at most a minute, or as long as the context allows.
func (d *Database) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if d.Pool != nil {
		closePool(ctx, d.Pool)
		d.Pool = nil
	}
	if d.unkeep != nil {
		d.unkeep()
		d.unkeep = nil
	}
	var err error
	if d.cluster != nil {
		err = d.cluster.Leave(ctx)
		d.cluster = nil
	}
	d.server.release()
	return err
}

// closePool closes a pool, but does not wait for ever for a connection that is still in use.
func closePool(ctx context.Context, pool *pgxpool.Pool) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	closed := make(chan struct{})
	go func() { pool.Close(); close(closed) }()
	select {
	case <-closed:
	case <-ctx.Done():
	}
}

// createDatabase makes a database unless it is there.
func createDatabase(ctx context.Context, url, name string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("open the private cluster: %w", err)
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize())
	var answer *pgconn.PgError
	if errors.As(err, &answer) && (answer.Code == "42P04" || answer.Code == "23505") {
		return nil // it is there, or another process is making it
	}
	return err
}
