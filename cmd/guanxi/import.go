package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"guanxi/importer"
	"guanxi/postgres"
)

type importCommand struct {
	Mapping string   `help:"The file that says what each column is." required:"" type:"existingfile" placeholder:"FILE"`
	DryRun  bool     `help:"Tell what would happen and write nothing."`
	Paths   []string `arg:"" help:"A folder, or files." type:"path" name:"path"`
}

// importTime is how long one statement of an import may take.
const importTime = 5 * time.Minute

// Run imports the files. It fails when rows had to be left out; the others are in.
func (c *importCommand) Run(ctx context.Context, p *Program) error {
	mapping, err := importer.Load(c.Mapping)
	if err != nil {
		return p.problems(err)
	}
	source, err := importer.Open(mapping, c.Paths)
	if err != nil {
		return p.problems(err)
	}
	return p.at(ctx, postgres.Limits{Statement: importTime}, func(here *place) error { return p.bringIn(ctx, here, source, c.DryRun) })
}

func (p *Program) bringIn(ctx context.Context, here *place, source *importer.Source, rehearsal bool) error {
	viewer, err := here.store.AtKeyboard(ctx)
	if err != nil {
		return err
	}
	bar := p.bar("bytes")
	result, err := importer.Run(ctx, here.store, viewer, source, importer.Options{DryRun: rehearsal, Progress: bar.to})
	bar.end()
	if result != nil {
		if err := result.Write(p.Err, p.language()); err != nil {
			return err
		}
	}
	if err != nil {
		return p.problems(err)
	}
	if bad := result.BadRows(); bad > 0 {
		return fmt.Errorf("%d rows were left out", bad)
	}
	return nil
}

// problems writes what is wrong in files in the language of the terminal.
func (p *Program) problems(err error) error {
	var list importer.Problems
	var one importer.Problem
	switch {
	case errors.As(err, &list):
		return errors.New("nothing was imported:\n" + list.In(p.language()))
	case errors.As(err, &one):
		return errors.New("nothing was imported: " + one.In(p.language()))
	}
	return err
}
