package main

import (
	"context"
	"errors"
	"fmt"

	"guanxi/postgres"
	"guanxi/store/migrations"
)

type migrateCommand struct {
	Up     migrateUpCommand     `cmd:"" help:"Apply what is missing."`
	Down   migrateDownCommand   `cmd:"" help:"Take back what was applied last."`
	Status migrateStatusCommand `cmd:"" help:"List the migrations and whether they are applied."`
}

type (
	migrateUpCommand     struct{}
	migrateDownCommand   struct{}
	migrateStatusCommand struct{}
)

// Run applies the migrations that are missing.
func (migrateUpCommand) Run(ctx context.Context, p *Program) error {
	return p.migrating(ctx, func(database *postgres.Database) error {
		names, err := migrations.Up(ctx, postgres.Bun(database.Pool))
		return p.told("applied", names, err)
	})
}

// Run takes back the last group of migrations.
func (migrateDownCommand) Run(ctx context.Context, p *Program) error {
	return p.migrating(ctx, func(database *postgres.Database) error {
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
