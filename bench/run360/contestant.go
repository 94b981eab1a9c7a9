package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"guanxi/bench/limit"
	"guanxi/bench/market"
)

// looker is one who asks, as he is known to the databases of a market.
type looker struct {
	name, login string
}

var lookers = []looker{
	{"all", fmt.Sprint(market.All)}, {"director", fmt.Sprint(market.Director)}, {"manager", fmt.Sprint(market.Manager)}, {"rep", fmt.Sprint(market.Rep)},
}

// contestant is a server that is asked the questions.
type contestant struct {
	name        string
	application string // under which its connections are known to PostgreSQL
	process     *process
	url         string
	path        string            // of the address that is asked
	tokens      map[string]string // by login, what stands for the viewer
	speaks      dialect
	picks       map[string]picks // what it is asked about, by viewer
	before      string           // SQL that is run before its turns, and what takes that back
	after       string
}

// dialect is what a contestant understands.
type dialect int

const (
	guanxi dialect = iota
	byName         // the names of questions; their texts are its own
	peer           // PostGraphile's schema
)

func (c *contestant) stop() {
	if c.process != nil {
		c.process.stop()
	}
}

// database is the address for a contestant, in the folder of a socket or of PostgreSQL's own.
func (m *measuring) database(name, socket, application string) string {
	address, _ := url.Parse(m.place.URL(name))
	values := address.Query()
	values.Set("application_name", application)
	if socket != "" {
		values.Set("host", socket)
	}
	address.RawQuery = strings.ReplaceAll(values.Encode(), "+", "%20")
	return address.String()
}

// startGuanxi starts the program that is measured, as it comes but for the limits on what one person may ask. Through another socket
// than PostgreSQL's own it is watched.
func (m *measuring) startGuanxi(ctx context.Context, name, database, socket string, more ...string) (*contestant, error) {
	c := &contestant{name: name, application: "bench " + name, path: "/graphql", picks: m.picks, tokens: map[string]string{}, speaks: guanxi}
	environment := append([]string{
		"GUANXI_HOME=" + filepath.Join(m.home+"-files"), "GUANXI_LISTEN=127.0.0.1:0", "GUANXI_DATABASE_URL=" + m.database(database, socket, c.application),
		"GUANXI_COST_PER_MINUTE=0", "GUANXI_REQUESTS=0", "GUANXI_REPORTS=0", "GUANXI_COLUMNS=off",
	}, more...)
	var err error
	if c.process, err = start(ctx, "", environment, m.guanxi, "serve"); err != nil {
		return nil, err
	}
	for setting, loaded := range map[string]string{"GUANXI_SEARCH=off": "names are loaded", "GUANXI_NET=off": "the net is loaded"} {
		if slices.Contains(more, setting) {
			continue
		}
		if err := c.process.tells(ctx, loaded); err != nil {
			c.stop()
			return nil, err
		}
	}
	c.process.rest(ctx)
	c.url = c.process.url
	for _, who := range lookers {
		command := exec.CommandContext(ctx, m.guanxi, "token", "--user", who.login, "--name", "bench")
		command.Env = append(os.Environ(), environment...)
		out, err := command.Output()
		if err != nil {
			c.stop()
			return nil, fmt.Errorf("a token for %s: %w", who.login, err)
		}
		c.tokens[who.login] = strings.TrimSpace(string(out))
	}
	return c, nil
}

// startLimit starts the server that is the limit.
func (m *measuring) startLimit(ctx context.Context, rule, database string) (*contestant, error) {
	c := &contestant{name: "limit, " + rule + " rule", application: "bench limit " + rule, path: "/", picks: m.picks, speaks: byName, tokens: map[string]string{}}
	for _, who := range lookers {
		c.tokens[who.login] = who.login
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if c.process, err = start(ctx, "", nil, program, "limit", rule, m.database(database, "", c.application)); err == nil {
		c.url = c.process.url
	}
	return c, err
}

// serveLimit is what such a process does.
func serveLimit(ctx context.Context, rule, database string) error {
	return limit.Serve(ctx, database, rule == "full", func(address string) { fmt.Println(address) })
}

// backends are the processes of PostgreSQL that work for a contestant.
func (c *contestant) backends(ctx context.Context, admin *pgx.Conn) ([]int, error) {
	rows, err := admin.Query(ctx, "select pid from pg_stat_activity where application_name = $1", c.application)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int])
}
