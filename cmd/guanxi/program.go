package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/alecthomas/kong"

	"guanxi/fault"
)

// What the program ends with.
const (
	done       = 0
	failed     = 1
	wrongUsage = 2
)

// Program is one call of the program: what it was called with, and where it reads and writes. What people read goes to
// Err, what programs read to Out.
type Program struct {
	Args        []string
	Environment func(name string) string
	In          io.Reader
	Out, Err    io.Writer

	// Listening, if not nil, hears the address of a server that listens.
	Listening func(address string)

	log *slog.Logger
}

// commands are what the program can do.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Serve the API and the playground."`
	Migrate migrateCommand `cmd:"" help:"Bring the database to the shape that this version needs, or back."`
	Sandbox sandboxCommand `cmd:"" help:"Fill an empty database with the sample company."`
	Import  importCommand  `cmd:"" help:"Bring in records from files of another system."`
	Token   tokenCommand   `cmd:"" help:"Make an API token for a user, and print it."`
	User    userCommand    `cmd:"" help:"Make users, set passwords."`
	Schema  schemaCommand  `cmd:"" help:"Print the API's GraphQL schema."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

const description = `A customer-relationship server: one binary, one PostgreSQL, a GraphQL API.

Environment:
  GUANXI_HOME          data folder: the private database and the documents (~/.local/share/guanxi)
  GUANXI_DATABASE_URL  a PostgreSQL to use instead of the private one
  GUANXI_LISTEN        address to listen on (127.0.0.1:8080)
  GUANXI_ORIGINS       other sites whose pages may call with a bearer token, separated by commas
  GUANXI_COST_PER_MINUTE, GUANXI_COST_BURST
                       points that requests of one person may cost a minute, and at once (200000, 50000; 0: no limit)
  GUANXI_REQUESTS      requests of one person carried out at once (20; 0: no limit)
  GUANXI_REPORTS       of these, requests with reports (2; 0: no limit)
  GUANXI_PROXIES       addresses or networks of proxies whose X-Forwarded-For is believed, separated by commas
  GUANXI_FILES         where documents are kept instead: a folder, or s3://bucket?region=…
  GUANXI_PASSWORD      the password that "user password" sets
  GUANXI_DEBUG         anything: log each request

Exit status: 0 done, 1 failed, 2 wrong usage.`

// exit is how kong asks to end, after printing help.
type exit int

// Run does what the program was called for and gives its exit status.
func (p *Program) Run(ctx context.Context) (status int) {
	p.log = slog.New(slog.NewTextHandler(p.Err, &slog.HandlerOptions{Level: p.level(), ReplaceAttr: withoutLevel}))
	defer func() {
		switch cause := recover().(type) {
		case nil:
		case exit:
			status = int(cause)
		default:
			panic(cause)
		}
	}()
	var c commands
	parser, err := kong.New(&c, kong.Name("guanxi"), kong.Description(description), kong.Writers(p.Err, p.Err), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Exit(func(code int) { panic(exit(code)) }), kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(p))
	if err != nil {
		panic(err) // the commands above are well formed
	}
	chosen, err := parser.Parse(p.Args)
	if err != nil {
		p.say("guanxi: %v\nguanxi --help tells what there is.", err)
		return wrongUsage
	}
	return p.status(chosen.Run())
}

// usage is a mistake in how the program was called.
type usage struct{ error }

func (u usage) Unwrap() error { return u.error }

func (p *Program) status(err error) int {
	var mistake usage
	switch {
	case err == nil:
		return done
	case errors.As(err, &mistake):
		p.say("guanxi: %s", p.sentence(err))
		return wrongUsage
	}
	p.say("guanxi: %s", p.sentence(err))
	return failed
}

// sentence writes an error in the language of the terminal.
func (p *Program) sentence(err error) string {
	var f *fault.Fault
	if !errors.As(err, &f) || !p.chinese() {
		return err.Error()
	}
	return f.Sentence.In("zh")
}

func (p *Program) language() string {
	if p.chinese() {
		return "zh"
	}
	return "en"
}

func (p *Program) chinese() bool {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := p.Environment(name); value != "" {
			return strings.HasPrefix(value, "zh")
		}
	}
	return false
}

// say tells people something.
func (p *Program) say(format string, values ...any) { fmt.Fprintf(p.Err, format+"\n", values...) }

func (p *Program) level() slog.Level {
	if p.Environment("GUANXI_DEBUG") != "" {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// withoutLevel leaves the word INFO out of lines that are no warning.
func withoutLevel(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.LevelKey && a.Value.Any() == slog.LevelInfo {
		return slog.Attr{}
	}
	return a
}
