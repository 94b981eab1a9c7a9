package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"guanxi/files"
	"guanxi/postgres"
	"guanxi/store"
	"guanxi/store/migrations"
)

// home is the data folder.
func (p *Program) home() (string, error) {
	if given := p.Environment("GUANXI_HOME"); given != "" {
		return filepath.Abs(given)
	}
	if data := p.Environment("XDG_DATA_HOME"); data != "" {
		return filepath.Join(data, "guanxi"), nil
	}
	own := p.Environment("HOME")
	if own == "" {
		return "", errors.New("there is no HOME: say in GUANXI_HOME where data is to be kept")
	}
	return filepath.Join(own, ".local", "share", "guanxi"), nil
}

// listed gives the parts of a list separated by commas.
func (p *Program) listed(name string) (list []string) {
	for part := range strings.SplitSeq(p.Environment(name), ",") {
		if part = strings.TrimRight(strings.TrimSpace(part), "/"); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// place is an opened database with what stands on it.
type place struct {
	database *postgres.Database
	store    *store.Store
	files    *files.Folder
}

// database opens the database: for a server alone, or for a command beside it.
func (p *Program) database(ctx context.Context, attach bool, limits postgres.Limits) (*postgres.Database, error) {
	home, err := p.home()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(home, 0o755); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	url := p.Environment("GUANXI_DATABASE_URL")
	switch {
	case url != "":
		p.say("Opening the database that GUANXI_DATABASE_URL names …")
	case !attach:
		p.say("Opening the private PostgreSQL in %s …", home)
	}
	return postgres.Open(ctx, postgres.Options{URL: url, Home: home, Attach: attach, Limits: limits, Log: p.log})
}

// open opens database and files, migrated and set up.
func (p *Program) open(ctx context.Context, attach bool, limits postgres.Limits) (_ *place, err error) {
	database, err := p.database(ctx, attach, limits)
	if err != nil {
		return nil, err
	}
	here := &place{database: database}
	defer func() {
		if err != nil {
			here.close(ctx)
		}
	}()
	if err := p.migrate(ctx, database); err != nil {
		return nil, err
	}
	if here.store, err = store.Open(ctx, database.Pool); err != nil {
		return nil, err
	}
	if err := here.store.Setup(ctx, store.SetupOptions{}); err != nil {
		return nil, err
	}
	here.files, err = p.openFiles(ctx)
	return here, err
}

func (p *Program) openFiles(ctx context.Context) (*files.Folder, error) {
	if address := p.Environment("GUANXI_FILES"); address != "" {
		return files.Open(ctx, address)
	}
	home, err := p.home()
	if err != nil {
		return nil, err
	}
	return files.Open(ctx, filepath.Join(home, "files"))
}

// migrate brings the database up to date; when it is already, it writes nothing.
func (p *Program) migrate(ctx context.Context, database *postgres.Database) error {
	db := postgres.Bun(database.Pool)
	if migrations.Current(ctx, db) == nil {
		return nil
	}
	applied, err := migrations.Up(ctx, db)
	if err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	if len(applied) > 0 {
		p.say("Migrated the database: %d steps.", len(applied))
	}
	return nil
}

// close closes everything, even when the context has ended.
func (h *place) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	var err error
	if h.files != nil {
		err = h.files.Close()
	}
	return errors.Join(err, h.database.Close(ctx))
}

// at does something at the opened database, beside a server or without one.
func (p *Program) at(ctx context.Context, limits postgres.Limits, do func(*place) error) (err error) {
	here, err := p.open(ctx, true, limits)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, here.close(ctx)) }()
	return do(here)
}
