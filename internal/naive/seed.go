package naive

import (
	"flag"
	"os"
)

// Without GUANXI_PROVE, tests draw the same companies each time, so that what has passed passes on every machine; make prove
// draws fresh ones, and -rapid.seed others.
func init() {
	if seed := flag.Lookup("rapid.seed"); seed != nil && os.Getenv("GUANXI_PROVE") == "" {
		_ = seed.Value.Set("20261122")
	}
}
