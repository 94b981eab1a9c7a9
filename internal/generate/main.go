// Generate writes the code that follows from the schema: what gqlgen writes, and graph/plan.generated.go, by which package
// plan reads.
package main

import (
	"log"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen/config"
)

func main() {
	c, err := config.LoadConfigFromDefaultLocations()
	if err != nil {
		log.Fatal(err)
	}
	if err := api.Generate(c, api.AddPlugin(planner{})); err != nil {
		log.Fatal(err)
	}
}
