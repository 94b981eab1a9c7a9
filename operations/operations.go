// Package operations holds the users' own requests, which the playground opens as examples and the tests run.
package operations

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed *.graphql *.json
var files embed.FS

// File is one document of requests, with the variables of each by its name.
type File struct {
	Name      string
	Document  string
	Variables []byte // JSON
}

// Files lists the documents by name.
func Files() []File {
	names, err := fs.Glob(files, "*.graphql")
	if err != nil {
		panic(err) // the pattern is well formed
	}
	var list []File
	for _, name := range names {
		name = strings.TrimSuffix(name, ".graphql")
		list = append(list, File{Name: name, Document: string(read(name + ".graphql")), Variables: read(name + ".json")})
	}
	return list
}

func read(name string) []byte {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err) // every document has its variables beside it
	}
	return text
}
