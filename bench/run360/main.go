// Command run360 measures Guanxi beside what it is compared with, on one large database: each question is asked of all of them in
// turns, so that only what one machine does in the same minutes is compared. docs/performance.md tells how to read what it prints.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// choices are what is measured, and for how long.
type choices struct {
	home        string
	scales      []float64
	guanxi      string
	questions   []string
	viewers     []string
	connections []int
	turn        time.Duration
	rounds      int
	peer        string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if len(os.Args) == 4 && os.Args[1] == "limit" {
		err = serveLimit(ctx, os.Args[2], os.Args[3])
	} else if c, wrong := choose(); wrong != nil {
		err = wrong
	} else {
		err = run(ctx, c)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "run360:", err)
		os.Exit(1)
	}
}

func choose() (c choices, err error) {
	flag.StringVar(&c.home, "home", filepath.Join(os.TempDir(), "guanxi-bench-360"), "folder of the databases, which stay for the next time")
	flag.StringVar(&c.guanxi, "guanxi", "bin/guanxi", "the program that is measured")
	flag.StringVar(&c.peer, "peer", "", "folder of PostGraphile with its packages; none is measured without")
	flag.DurationVar(&c.turn, "turn", 2*time.Second, "how long a server is asked one question in a round")
	flag.IntVar(&c.rounds, "rounds", 3, "how often each has its turn; medians are told")
	scales := flag.String("scale", "1", "millions of customers; of several, separated by commas, the last is measured, and growth from the first told")
	connections := flag.String("connections", "1,8,32", "how many ask at once")
	questions := flag.String("questions", "Customer360,Sections,Newest,ByName,Find,Introduction,Net", "what is asked")
	viewers := flag.String("viewers", "all,manager,rep", "for whom: all, director, manager, rep")
	flag.Parse()
	c.questions, c.viewers = strings.Split(*questions, ","), strings.Split(*viewers, ",")
	for text := range strings.SplitSeq(*scales, ",") {
		scale, wrong := strconv.ParseFloat(text, 64)
		if wrong != nil || scale <= 0 {
			return c, fmt.Errorf("-scale %q: write numbers above 0, separated by commas", *scales)
		}
		c.scales = append(c.scales, scale)
	}
	for text := range strings.SplitSeq(*connections, ",") {
		n, wrong := strconv.Atoi(text)
		if wrong != nil || n < 1 {
			return c, fmt.Errorf("-connections %q: write numbers from 1, separated by commas", *connections)
		}
		c.connections = append(c.connections, n)
	}
	return c, nil
}

func run(ctx context.Context, c choices) (err error) {
	p, err := join(ctx, c.home, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err != nil {
		return err
	}
	defer func() {
		if left := p.Leave(context.WithoutCancel(ctx)); err == nil {
			err = left
		}
	}()
	var names []string
	for _, scale := range c.scales {
		name, err := p.filled(ctx, scale)
		if err != nil {
			return err
		}
		names = append(names, name)
	}
	m := &measuring{choices: c, place: p}
	if err := m.duel(ctx, names[len(names)-1]); err != nil {
		return err
	}
	if len(names) > 1 {
		return m.growth(ctx, names[0], names[len(names)-1])
	}
	return nil
}
