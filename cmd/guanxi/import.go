package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"guanxi/fault"
	"guanxi/importer"
	"guanxi/postgres"
	"guanxi/simulate"
	"guanxi/store"
)

type importCommand struct {
	Mapping  string   `help:"The file that says what each column is." required:"" type:"existingfile" placeholder:"FILE"`
	DryRun   bool     `help:"Tell what would happen and write nothing."`
	Problems string   `help:"Also write the problems to this CSV file, in English and Chinese." type:"path" placeholder:"FILE"`
	Paths    []string `arg:"" help:"A folder, or files." type:"path" name:"path"`
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
	return p.at(ctx, postgres.Limits{Statement: importTime}, func(here *place) error { return p.bringIn(ctx, here, source, c) })
}

func (p *Program) bringIn(ctx context.Context, here *place, source *importer.Source, c *importCommand) error {
	viewer, err := here.store.AtKeyboard(ctx)
	if err != nil {
		return err
	}
	bar := p.bar("bytes")
	options := importer.Options{DryRun: c.DryRun, Progress: bar.to}
	var effects *simulate.Simulation
	if source.Organizes() {
		options.Rehearse = func(do func(*store.Tx) error) (err error) {
			effects, err = simulate.Of(ctx, here.store, viewer, do, nil)
			return err
		}
	}
	result, err := importer.Run(ctx, here.store, viewer, source, options)
	bar.end()
	if result != nil {
		if err := result.Write(p.Err, p.language()); err != nil {
			return err
		}
		if err := writeProblems(c.Problems, result.Problems); err != nil {
			return err
		}
	}
	if err != nil {
		return p.problems(err)
	}
	if effects != nil {
		p.tellEffects(effects)
	}
	if bad := result.BadRows(); bad > 0 {
		return fmt.Errorf("%d rows were left out", bad)
	}
	return nil
}

// writeProblems writes problems to a file, if one is named.
func writeProblems(path string, list importer.Problems) error {
	if path == "" {
		return nil
	}
	var table bytes.Buffer
	if err := list.WriteCSV(&table); err != nil {
		return err
	}
	return os.WriteFile(path, table.Bytes(), 0o600)
}

// tellEffects writes who would see more or less than now.
func (p *Program) tellEffects(effects *simulate.Simulation) {
	if len(effects.Changed) == 0 {
		p.say("%s", fault.Say("Nobody would see more or less than now.", "没有人的可见范围会改变。").In(p.language()))
	}
	for _, u := range effects.Changed {
		for _, k := range u.Gained {
			p.say("%s", fault.Say("%s would newly see %d records of kind %s", "%s 将新增可见 %d 条 %s 记录", u.Login, k.Count, k.Kind).In(p.language()))
		}
		for _, k := range u.Lost {
			p.say("%s", fault.Say("%s would no longer see %d records of kind %s", "%s 将不再可见 %d 条 %s 记录", u.Login, k.Count, k.Kind).In(p.language()))
		}
	}
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
