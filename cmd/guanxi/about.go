package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/vektah/gqlparser/v2/formatter"

	"guanxi/graph"
)

type (
	schemaCommand  struct{}
	versionCommand struct{}
)

// Run prints the schema in GraphQL's own language.
func (schemaCommand) Run(p *Program) error {
	schema := graph.NewExecutableSchema(graph.Config{}).Schema()
	formatter.NewFormatter(p.Out, formatter.WithIndent("  ")).FormatSchema(schema)
	return nil
}

// Run prints the version, the commit that it was built from, and Go's version.
func (versionCommand) Run(p *Program) error {
	version, commit := "unknown", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				commit = " " + setting.Value
			}
		}
	}
	fmt.Fprintf(p.Out, "guanxi %s%s %s\n", version, commit, runtime.Version())
	return nil
}
