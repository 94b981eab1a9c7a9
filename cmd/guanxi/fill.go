package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"guanxi/postgres"
	"guanxi/sandbox"
)

// defaultSeed is the seed of the sample company that serve fills.
const defaultSeed = 1

type sandboxCommand struct {
	Size  string `help:"small, medium, large or a number of opportunities." default:"small" placeholder:"SIZE"`
	Seed  int64  `help:"The same seed and end give the same company." default:"1"`
	Until string `help:"The day, YYYY-MM-DD, or instant that its history ends at; now when absent." placeholder:"DAY"`
}

// Run fills the sample company.
func (c *sandboxCommand) Run(ctx context.Context, p *Program) error {
	until, err := instant(c.Until)
	if err = errors.Join(sandbox.CheckSize(c.Size), err); err != nil {
		return usage{err}
	}
	return p.at(ctx, postgres.Limits{}, func(here *place) error {
		return p.fill(ctx, here, sandbox.Options{Size: c.Size, Seed: c.Seed, Until: until})
	})
}

// Years that a sample company's history may end in.
const earliest, latest = 1980, 2100

func instant(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil && at.Year() >= earliest && at.Year() <= latest {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("--until is %q: write a day such as 2026-03-01, or an instant such as 2026-03-01T18:00:00+08:00, of the years %d to %d", text, earliest, latest)
}

// fill brings in the sample company unless it is there.
func (p *Program) fill(ctx context.Context, here *place, o sandbox.Options) error {
	filled, err := sandbox.Filled(ctx, here.store)
	if err != nil || filled {
		if err == nil {
			p.say("The sample company is there.")
		}
		return err
	}
	p.say("Filling the sample company (%s) …", o.Size)
	began := time.Now()
	bar := p.bar("records")
	o.Progress = bar.to
	o.PutFile = func(ctx context.Context, key string, data []byte) error {
		// a fill that was killed may have left the file
		if err := here.files.Remove(ctx, key); err != nil {
			return err
		}
		_, err := here.files.Put(ctx, key, bytes.NewReader(data))
		return err
	}
	err = sandbox.Fill(ctx, here.store, o)
	bar.end()
	if err == nil {
		p.say("Filled in %s.", time.Since(began).Round(100*time.Millisecond))
	}
	return errors.Join(err, ctx.Err())
}
