package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"guanxi/postgres"
	"guanxi/store"
	"guanxi/store/migrations"
)

type migrateCommand struct {
	Up     migrateUpCommand     `cmd:"" help:"Apply what is missing."`
	Down   migrateDownCommand   `cmd:"" help:"Take back what was applied last."`
	Status migrateStatusCommand `cmd:"" help:"List the migrations and whether they are applied."`
}

type (
	migrateUpCommand   struct{}
	migrateDownCommand struct {
		LoseData bool `help:"Do it although the database holds records: they are lost with their tables."`
	}
	migrateStatusCommand struct{}
)

// Run applies the migrations that are missing.
func (migrateUpCommand) Run(ctx context.Context, p *Program) error {
	return p.migrating(ctx, func(database *postgres.Database) error {
		names, err := migrations.Up(ctx, postgres.Bun(database.Pool))
		return p.told("applied", names, err)
	})
}

// Run takes back the last group of migrations. Where there are records it must be told that they may go.
func (c migrateDownCommand) Run(ctx context.Context, p *Program) error {
	return p.migrating(ctx, func(database *postgres.Database) error {
		if used, err := inUse(ctx, database); err != nil || used && !c.LoseData {
			return cmp.Or(err, errors.New("the database holds records, which would be lost with their tables: make a copy, then say --lose-data"))
		}
		names, err := migrations.Down(ctx, postgres.Bun(database.Pool))
		return p.told("taken back", names, err)
	})
}

// Run lists the migrations.
func (migrateStatusCommand) Run(ctx context.Context, p *Program) error {
	return p.migrating(ctx, func(database *postgres.Database) error {
		list, err := migrations.Statuses(ctx, postgres.Bun(database.Pool))
		for _, one := range list {
			state := "missing"
			if one.Applied {
				state = "applied"
			}
			fmt.Fprintf(p.Out, "%s\t%s\n", state, one.Name)
		}
		return err
	})
}

// inUse tells whether there are users in the database; without its tables there are none.
func inUse(ctx context.Context, database *postgres.Database) (used bool, err error) {
	err = database.Pool.QueryRow(ctx, "select to_regclass('users') is not null").Scan(&used)
	if err != nil || !used {
		return false, err
	}
	return (&store.Store{Pool: database.Pool}).Populated(ctx)
}

func (p *Program) told(what string, names []string, err error) error {
	for _, name := range names {
		fmt.Fprintf(p.Out, "%s\t%s\n", what, name)
	}
	if err == nil && len(names) == 0 {
		p.say("Nothing to do.")
	}
	return err
}

func (p *Program) migrating(ctx context.Context, do func(*postgres.Database) error) (err error) {
	database, err := p.database(ctx, true, postgres.Limits{Statement: postgres.Unlimited})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close(context.WithoutCancel(ctx))) }()
	return do(database)
}
