package servertest

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// Answer is what a server answered.
type Answer struct {
	Status int         `json:"-"`
	Header http.Header `json:"-"`
	Body   []byte      `json:"-"`

	Data       map[string]any `json:"data"`
	Errors     []Error        `json:"errors"`
	Extensions map[string]any `json:"extensions"`

	t testing.TB
}

// Error is one error of an answer.
type Error struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path"`
	Extensions map[string]any `json:"extensions"`
}

// Code gives the error's code.
func (e Error) Code() string {
	code, _ := e.Extensions["code"].(string)
	return code
}

// Good fails the test when the answer has errors, else gives the answer.
func (a *Answer) Good() *Answer {
	a.t.Helper()
	if a.Status != http.StatusOK || len(a.Errors) > 0 || a.Data == nil {
		a.t.Fatalf("answered %d %s", a.Status, a.Body)
	}
	return a
}

// Refused fails the test unless the answer's first error has the code, and gives that error.
func (a *Answer) Refused(code string) Error {
	a.t.Helper()
	if len(a.Errors) == 0 || a.Errors[0].Code() != code {
		a.t.Fatalf("want %s, answered %d %s", code, a.Status, a.Body)
	}
	return a.Errors[0]
}

// Get gives the value at a path of the data, such as "customers.nodes.0.name"; nil where there is none.
func (a *Answer) Get(path string) any {
	var at any = a.Data
	for name := range strings.SplitSeq(path, ".") {
		switch value := at.(type) {
		case map[string]any:
			at = value[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(value) {
				return nil
			}
			at = value[i]
		default:
			return nil
		}
	}
	return at
}

// Text gives the text at a path of the data; it fails the test where there is none.
func (a *Answer) Text(path string) string {
	a.t.Helper()
	text, ok := a.Get(path).(string)
	if !ok {
		a.t.Fatalf("no text at %s in %s", path, a.Body)
	}
	return text
}

// Number gives the number at a path of the data; it fails the test where there is none.
func (a *Answer) Number(path string) float64 {
	a.t.Helper()
	number, ok := a.Get(path).(float64)
	if !ok {
		a.t.Fatalf("no number at %s in %s", path, a.Body)
	}
	return number
}

// List gives the list at a path of the data; it fails the test where there is none.
func (a *Answer) List(path string) []any {
	a.t.Helper()
	list, ok := a.Get(path).([]any)
	if !ok {
		a.t.Fatalf("no list at %s in %s", path, a.Body)
	}
	return list
}
