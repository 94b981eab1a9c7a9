package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/bench/market"
	"guanxi/postgres"
	"guanxi/store"
	"guanxi/store/migrations"
)

// place is a private cluster for measuring. Its databases stay for the next time.
type place struct {
	*postgres.Cluster
	log *slog.Logger
}

// join starts the cluster, or uses the one that runs. What is measured reads; what Guanxi writes of it is forced to disk as ever.
func join(ctx context.Context, folder string, log *slog.Logger) (*place, error) {
	cluster, err := postgres.JoinCluster(ctx, postgres.ClusterOptions{Folder: folder, Fleeting: true, Log: log, Settings: map[string]string{
		"shared_buffers": "3GB", "max_connections": "250", "autovacuum": "off", "wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "1GB",
	}})
	return &place{cluster, log}, err
}

// filled makes sure that the database of a scale is there, and tells its name. It becomes its name when it is whole.
func (p *place) filled(ctx context.Context, scale float64) (name string, err error) {
	name = fmt.Sprintf("market_%g", scale)
	admin, err := pgx.Connect(ctx, p.URL("postgres"))
	if err != nil {
		return name, err
	}
	defer admin.Close(context.WithoutCancel(ctx))
	var there bool
	if err := admin.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&there); err != nil {
		return name, err
	}
	draft := name + "_draft"
	do := func(text string, names ...any) {
		if err == nil {
			_, err = admin.Exec(ctx, fmt.Sprintf(text, names...))
		}
	}
	if !there {
		do("drop database if exists %q with (force)", draft)
		do("create database %q", draft)
		do("alter system set fsync = off")
		do("select pg_reload_conf()")
		if err == nil {
			err = p.fill(ctx, draft, scale)
		}
		restored := []error{err}
		err = nil
		do("alter system reset fsync")
		do("select pg_reload_conf()")
		if err = errors.Join(append(restored, err)...); err == nil {
			do("checkpoint")
			do("alter database %q rename to %q", draft, name)
		}
	}
	return name, err
}

func (p *place) fill(ctx context.Context, name string, scale float64) error {
	size := market.Scaled(scale)
	fmt.Printf("Filling %s: %+v\n", name, size)
	s, err := p.open(ctx, name)
	if err != nil {
		return err
	}
	defer s.Pool.Close()
	return market.Fill(ctx, s, size, func(format string, words ...any) { fmt.Printf("  "+format+"\n", words...) })
}

// open opens a database of the cluster, brought up to date and set up.
func (p *place) open(ctx context.Context, name string) (s *store.Store, err error) {
	pool, err := postgres.NewPool(ctx, p.URL(name), postgres.Limits{Statement: postgres.Unlimited, Lock: postgres.Unlimited, Idle: postgres.Unlimited, Connections: 4})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			closeSoon(pool)
		}
	}()
	if _, err = migrations.Up(ctx, postgres.Bun(pool)); err != nil {
		return nil, err
	}
	if s, err = store.Open(ctx, pool); err != nil {
		return nil, err
	}
	return s, s.Setup(ctx, store.SetupOptions{})
}

func closeSoon(pool *pgxpool.Pool) { go pool.Close() }

// socket is the folder of the socket that the cluster listens at.
func (p *place) socket() string {
	address, _ := url.Parse(p.URL("postgres"))
	return address.Query().Get("host")
}
