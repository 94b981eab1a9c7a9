package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"guanxi/console"
	"guanxi/fault"
	"guanxi/feed"
	"guanxi/jobs"
	"guanxi/network"
	"guanxi/postgres"
	"guanxi/reports"
	"guanxi/sandbox"
	"guanxi/server"
	"guanxi/simulate"
	"guanxi/store/migrations"
)

type serveCommand struct {
	Sandbox     string `help:"Fill an empty database with the sample company: small, medium, large or a number of opportunities." placeholder:"SIZE"`
	ForcePublic bool   `help:"Listen on an address that others can reach although the sample people's passwords are known to all."`
}

// Run serves until the context ends.
func (c *serveCommand) Run(ctx context.Context, p *Program) (err error) {
	if err := sandbox.CheckSize(c.Sandbox); err != nil {
		return usage{err}
	}
	how, err := p.settings()
	if err != nil {
		return err
	}
	listener, err := p.listen()
	if err != nil {
		return err
	}
	defer listener.Close()
	public := !loopback(listener.Addr())
	if c.Sandbox != "" && public && !c.ForcePublic {
		return publicSample(listener.Addr())
	}
	here, err := p.open(ctx, false, postgres.Limits{})
	if err != nil {
		return stopped(ctx, err)
	}
	defer func() {
		p.say("Stopping …")
		err = errors.Join(err, here.close(ctx))
	}()
	if c.Sandbox != "" {
		if err := p.fill(ctx, here, sandbox.Options{Size: c.Sandbox, Seed: defaultSeed}); err != nil {
			return stopped(ctx, err)
		}
	}
	sample, err := sandbox.Filled(ctx, here.store)
	if err != nil {
		return stopped(ctx, err)
	}
	if sample && public && !c.ForcePublic {
		return publicSample(listener.Addr())
	}
	return p.serve(ctx, here, listener, how, sample)
}

// settings are what the environment says of serving, read before anything is begun.
type settings struct {
	limits  server.Limits
	proxies []netip.Prefix
	logKept time.Duration
	columns int // the bytes that columns may take; 0 for none at all
	names   int // the bytes that names may take; 0 for none at all
	net     int // the bytes that the net in memory may take; 0 for none at all
}

func (p *Program) settings() (how settings, err error) {
	if how.limits, err = p.limits(); err != nil {
		return how, err
	}
	if how.proxies, err = p.proxies(); err != nil {
		return how, err
	}
	if how.logKept, err = p.logKept(); err != nil {
		return how, err
	}
	if how.columns, err = p.memory("GUANXI_COLUMNS", 2048); err != nil {
		return how, err
	}
	if how.names, err = p.memory("GUANXI_SEARCH", 2048); err != nil {
		return how, err
	}
	how.net, err = p.memory("GUANXI_NET", 1024)
	return how, err
}

// serve answers requests until the context ends.
func (p *Program) serve(ctx context.Context, here *place, listener net.Listener, how settings, sample bool) error {
	working, stop := context.WithCancel(ctx)
	counted := server.NewUsage()
	var background sync.WaitGroup
	defer func() {
		stop()
		background.Wait()
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := counted.Keep(last, here.store); err != nil {
			p.log.Warn("usage cannot be kept", "cause", err)
		}
	}()
	background.Go(func() { counted.Run(working, here.store, p.log) })
	changes := feed.New(here.store.Pool, p.log)
	here.store.Wrote = changes.Wrote
	background.Go(func() { changes.Run(working) })
	follow := func(run func(context.Context, <-chan struct{})) {
		background.Go(func() {
			hints, unfollow := changes.Follow()
			defer unfollow()
			run(working, hints)
		})
	}
	walks, engine := network.New(), reports.New()
	after := follow
	if kept := p.net(here, how); kept != nil {
		walks = network.WithNet(kept)
		follow(kept.Run)
		after = func(run func(context.Context, <-chan struct{})) {
			follow(func(ctx context.Context, hints <-chan struct{}) {
				select { // the net is soonest loaded, and most wanted: SQL takes long for it where it is wide
				case <-kept.Tried():
				case <-ctx.Done():
				}
				run(ctx, hints)
			})
		}
	}
	if kept := p.columns(here, how); kept != nil {
		engine = reports.WithColumns(kept)
		after(kept.Run)
	}
	if kept := p.names(here, how); kept != nil {
		here.store.Names = kept
		after(kept.Run)
	}
	handler := server.New(server.Options{
		Reports: engine, Network: walks, Usage: counted,
		Store: here.store, Files: here.files, Log: p.log, Origins: p.listed("GUANXI_ORIGINS"), Limits: how.limits, Proxies: how.proxies,
		Ready:    func(ctx context.Context) error { return migrations.Current(ctx, here.store.DB) },
		Examples: examples(here.store, sample),
		People:   people(sample),
	})
	p.greet(ctx, here, listener, sample)
	p.tend(working, here, how)
	worker := jobs.Worker{Store: here.store, Log: p.log, Kinds: map[string]jobs.Work{simulate.JobKind: simulate.Work(here.store, handler.Totals)}}
	background.Go(func() { worker.Run(working) })
	return server.Run(ctx, listener, handler)
}

// logKept reads for how long the access log is kept; 0 is for ever.
func (p *Program) logKept() (time.Duration, error) {
	days, err := strconv.Atoi(cmp.Or(p.Environment("GUANXI_ACCESS_LOG_DAYS"), "365"))
	if err != nil || days < 0 || days > 36_500 {
		return 0, usage{errors.New("GUANXI_ACCESS_LOG_DAYS is a number of days, 0 for ever")}
	}
	return time.Duration(days) * 24 * time.Hour, nil
}

// tend starts what a server does for its database by the way, until the context ends. Any number of servers may.
func (p *Program) tend(ctx context.Context, here *place, how settings) {
	go p.regularly(ctx, 5*time.Minute, "uploads that died cannot be swept", func() error {
		_, err := here.store.SweepUploads(ctx, here.files)
		return err
	})
	go p.regularly(ctx, time.Minute, "tries to sign in cannot be pruned", func() error { return here.store.PruneTries(ctx) })
	var rested time.Time
	go p.regularly(ctx, time.Minute, "records cannot be counted for simulations", func() error {
		began := time.Now()
		if began.Before(rested) {
			return nil
		}
		defer func() { rested = time.Now().Add(9 * time.Since(began)) }() // it takes a tenth of the time at most
		return simulate.Count(ctx, here.store)
	})
	go p.regularly(ctx, time.Minute, "what names are found by cannot be written anew", func() error { return here.store.RewriteSearch(ctx) })
	go p.regularly(ctx, time.Hour, "usage cannot be pruned", func() error { return here.store.PruneUsage(ctx) })
	if how.logKept > 0 {
		go p.regularly(ctx, time.Minute, "the access log cannot be pruned", func() error {
			_, err := here.store.PruneAccessLog(ctx, how.logKept)
			return err
		})
	}
}

// regularly does something at once and then after every pause, until the context ends.
func (p *Program) regularly(ctx context.Context, pause time.Duration, complaint string, do func() error) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		if err := do(); err != nil && ctx.Err() == nil {
			p.log.Warn(complaint, "cause", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (p *Program) greet(ctx context.Context, here *place, listener net.Listener, sample bool) {
	address := "http://" + listener.Addr().String()
	p.say("")
	if sample {
		p.say("The sample company's people, all with the password %q:", sandbox.Password)
		for _, person := range sandbox.People() {
			p.say("  %-16s %s", person.Login, fault.Sentence{En: person.TitleEn, Zh: person.Title}.In(p.language()))
		}
		p.say("")
	} else if populated, err := here.store.Populated(ctx); err == nil && !populated {
		p.say("Nobody can sign in yet: guanxi user create --login … --name … --role administrator makes the first user.")
	}
	p.say("Guanxi is at %s (GraphQL at %s/graphql, playground at %s/playground). Ctrl-C stops it.", address, address, address)
	if p.Listening != nil {
		p.Listening(address)
	}
}

// listen takes the address first, so that one in use is told before anything is begun.
func (p *Program) listen() (net.Listener, error) {
	address := cmp.Or(p.Environment("GUANXI_LISTEN"), "127.0.0.1:8080")
	if _, _, err := net.SplitHostPort(address); err != nil {
		return nil, usage{fmt.Errorf("GUANXI_LISTEN is %q: write host:port, such as 127.0.0.1:8080", address)}
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w (GUANXI_LISTEN chooses another address)", address, err)
	}
	return listener, nil
}

func loopback(address net.Addr) bool {
	at, ok := address.(*net.TCPAddr)
	return ok && at.IP.IsLoopback()
}

func publicSample(address net.Addr) error {
	return usage{fmt.Errorf("the passwords of the sample people are known to all, and others can reach %s: listen on 127.0.0.1, or say --force-public", address)}
}

// stopped makes of an error that came because somebody stopped the program no error.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// people are whom the playground offers to sign in as.
func people(sample bool) func(*http.Request) []console.Person {
	if !sample {
		return nil
	}
	return func(r *http.Request) []console.Person {
		var list []console.Person
		for _, person := range sandbox.People() {
			title := fault.Sentence{En: person.TitleEn, Zh: person.Title}.In(fault.Language(r.Context()))
			list = append(list, console.Person{Login: person.Login, Name: person.Name, Title: title, Password: person.Password})
		}
		return list
	}
}
