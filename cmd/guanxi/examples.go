package main

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"guanxi/console"
	"guanxi/operations"
	"guanxi/sandbox"
	"guanxi/store"
)

// exampleAge is how long variables looked up for the examples are good.
const exampleAge = time.Minute

// examples gives the users' requests as the playground's tabs; with variables only where there is the sample company to
// look them up in.
func examples(st *store.Store, sample bool) func(*http.Request) []console.Example {
	var mu sync.Mutex
	var list []console.Example
	var made time.Time
	return func(r *http.Request) []console.Example {
		mu.Lock()
		defer mu.Unlock()
		if list == nil || sample && time.Since(made) > exampleAge {
			list, made = allExamples(r.Context(), st, sample), time.Now()
		}
		return list
	}
}

func allExamples(ctx context.Context, st *store.Store, sample bool) []console.Example {
	list := []console.Example{}
	for _, file := range operations.Files() {
		variables := map[string]map[string]any{}
		if sample {
			if known, err := sandbox.Variables(ctx, st, file.Variables); err == nil {
				variables = known
			}
		}
		for _, request := range requestsIn(file.Document) {
			list = append(list, console.Example{Title: request.name, Query: request.text, Variables: variables[request.name]})
		}
	}
	return list
}

// request is one request of a document, with the fragments that it needs.
type request struct{ name, text string }

var (
	definition = regexp.MustCompile(`(?m)^(?:#.*\n)*(query|mutation|fragment) (\w+)`)
	spread     = regexp.MustCompile(`\.\.\. ?(\w+)`)
)

// requestsIn takes a document apart, leaving each part as it is written.
func requestsIn(document string) []request {
	places := definition.FindAllStringSubmatchIndex(document, -1)
	fragments := map[string]string{}
	var list []request
	for i, at := range places {
		end := len(document)
		if i+1 < len(places) {
			end = places[i+1][0]
		}
		text, kind, name := strings.TrimSpace(document[at[0]:end]), document[at[2]:at[3]], document[at[4]:at[5]]
		if kind == "fragment" {
			fragments[name] = text
			continue
		}
		list = append(list, request{name, text})
	}
	for i := range list {
		list[i].text = withFragments(list[i].text, fragments)
	}
	return list
}

// withFragments appends the fragments that a text spreads, and those that they spread.
func withFragments(text string, fragments map[string]string) string {
	added := map[string]bool{}
	for again := true; again; {
		again = false
		for _, match := range spread.FindAllStringSubmatch(text, -1) {
			if body, known := fragments[match[1]]; known && !added[match[1]] {
				added[match[1]], again = true, true
				text += "\n\n" + body
			}
		}
	}
	return text + "\n"
}
