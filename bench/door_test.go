// Package bench measures what takes time, and prints it against what it may take. Times are printed here and asserted
// nowhere: go test ./bench -run xxx -bench .
package bench

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"guanxi/server"
	"guanxi/store"
)

// What reading, measuring and validating a document may take.
const (
	refusing  = 5 * time.Millisecond  // one that is too much
	accepting = 50 * time.Millisecond // any other
)

// shape is a document made to take long.
type shape struct {
	name, document, variables string
	limit                     time.Duration
}

func shapes() []shape {
	repeat := strings.Repeat
	inCustomers := func(what string) string { return "{ customers { nodes { " + what + " } } }" }
	numbered := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format+" ", i)
		}
		return b.String()
	}
	chain := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format+" ", i, i+1, i+1)
		}
		return b.String()
	}
	return []shape{
		{"fields of one name", inCustomers(repeat("name ", 198)), "", accepting},
		{"fields of one name in fields of one name", "{ " + repeat("customers { nodes { "+repeat("name ", 190)+"} } ", 5) + "}", "", accepting},
		{"objects of one name side by side", inCustomers(repeat("owner { name } ", 190)), "", accepting},
		{"inline fragments side by side", inCustomers(repeat("... on Customer { owner { name } } ", 165)), "", accepting},
		{"inline fragments in each other", inCustomers(repeat("... on Customer { ", 480) + "name" + repeat(" }", 480)), "", accepting},
		{"one fragment spread often", inCustomers(repeat("...F ", 90)) + " fragment F on Customer { id name }", "", accepting},
		{"many fragments of one field", inCustomers(numbered(180, "...F%d")) + numbered(180, "fragment F%d on Customer { name }"), "", accepting},
		{"fragments in a row", inCustomers("...F0") + chain(150, "fragment F%d on Customer { ...F%d name } # %d\n") + "fragment F150 on Customer { name }", "", accepting},
		{"interfaces and their types", `{ node(id: "x") { ` + repeat("... on Customer { name } ... on Contact { name } ... on BusinessRecord { id } ", 60) + "} }", "", accepting},
		{"unknown fields", inCustomers(numbered(198, "nonsense%d")), "", accepting},
		{"unknown arguments", "{ customers(" + numbered(450, "a%d: 1") + ") { totalCount } }", "", accepting},
		{"a filter of many literals", "{ customers(where: {or: [" + repeat(`{name: {eq: "x"}} `, 195) + "]}) { totalCount } }", "", accepting},
		{"an unknown input", "{ customers(where: {" + numbered(480, "a%d: 1") + "}) { totalCount } }", "", accepting},
		{"variables used often", "query(" + numbered(60, "$v%d: ID") + ") { customers(where: {id: {in: [" + numbered(60, "$v%d") + repeat("$v1 ", 100) + "]}}) { totalCount } }", "", accepting},
		{"operations side by side", numbered(300, "query Q%d { __typename }"), "", accepting},
		{"a whole introspection", "{ __schema { types { name fields { name args { name type { name } } } } } }", "", accepting},
		{"mutations", "mutation { " + numbered(5, `m%d: customerUpdate(input: {id: "x", name: "y"}) { customer { name } userErrors { code } }`) + "}", "", accepting},

		{"fields by the hundred", inCustomers(repeat("name ", 1900)), "", refusing},
		{"directives", "{ __typename " + repeat("@a ", 990) + "}", "", refusing},
		{"directives by the hundred thousand", "{ __typename " + repeat("@a ", 100_000) + "}", "", refusing},
		{"tokens", repeat("{ ", 30_000), "", refusing},
		{"aliases", inCustomers(numbered(600, "a%d: name")), "", refusing},
		{"levels", repeat("{ a ", 900) + repeat("}", 900), "", refusing},
		{"fragments that double", inCustomers("...F0") + chain(190, "fragment F%d on Customer { owner { ...F%d } owner { ...F%d } }") + "fragment F190 on User { id }", "", refusing},
		{"a fragment that spreads itself", inCustomers("...F0") + " fragment F0 on Customer { ...F1 } fragment F1 on Customer { ...F0 }", "", refusing},
		{"one fragment of much text spread at many places", spreadAtManyPlaces(repeat("x", 58_000)), "", accepting},
		{"a large block of text", `{ customers(where: {name: {eq: """` + repeat("\n", 60_000) + `"""}}) { totalCount } }`, "", accepting},
		{"comments", "{ __typename } " + repeat("#\n", 30_000), "", refusing},
		{"a document of a megabyte", "{ __typename } #" + repeat("x", 1_000_000), "", 2 * refusing},
		{"a deep literal", "{ customers(where: {and: " + repeat("[", 900) + repeat("]", 900) + "}) { totalCount } }", "", refusing},
		{"pages in pages", "{ customers(first: 100) { nodes { contacts(first: 100) { nodes { activities(first: 100) { nodes { id } } } } } } }", "", refusing},
		{"a deep value", "query($w: CustomerWhere) { customers(where: $w) { totalCount } }", `{"w": ` + repeat(`{"and": [`, 4_000) + repeat("]}", 4_000) + "}", 2 * refusing},
		{"a long list", "query($w: CustomerWhere) { customers(where: $w) { totalCount } }", `{"w": {"id": {"in": ["x"` + repeat(`,"x"`, 100_000) + "]}}}", 4 * refusing},
	}
}

// spreadAtManyPlaces spreads a fragment with a text in a filter below many objects.
func spreadAtManyPlaces(text string) string {
	return "{ customer(id: 1) { activities { ...A } opportunities { ...O } services { ...S } } }" +
		" fragment A on ActivityConnection { nodes { owner { ...U } createdBy { ...U } opportunity { owner { ...U } createdBy { ...U } } service { owner { ...U } createdBy { ...U } } } }" +
		" fragment O on OpportunityConnection { nodes { owner { ...U } createdBy { ...U } customer { owner { ...U } createdBy { ...U } } } }" +
		" fragment S on ServiceConnection { nodes { owner { ...U } createdBy { ...U } customer { owner { ...U } createdBy { ...U } } } }" +
		` fragment U on User { relationships(where: {note: {eq: "` + text + `"}}) { totalCount } }`
}

// BenchmarkDoor sends each shape as nobody in particular, without a database, and prints the time of the processor as a
// share of what it may take.
func BenchmarkDoor(b *testing.B) {
	handler := server.New(server.Options{Store: &store.Store{}})
	for _, s := range shapes() {
		b.Run(strings.ReplaceAll(s.name, " ", "-"), func(b *testing.B) {
			body, err := json.Marshal(map[string]any{"query": s.document, "variables": json.RawMessage(orEmpty(s.variables))})
			if err != nil {
				b.Fatal(err)
			}
			n, began := 0, busy(b)
			b.ReportAllocs()
			for ; b.Loop(); n++ {
				// a comment makes each document another, so that none is known already
				fresh := strings.Replace(string(body), `"query":"`, fmt.Sprintf(`"query":"#%d\n`, n), 1)
				r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(fresh))
				r.Header.Set("Content-Type", "application/json")
				handler.ServeHTTP(httptest.NewRecorder(), r)
			}
			each := (busy(b) - began) / time.Duration(n)
			b.ReportMetric(float64(each)/float64(s.limit), "of-its-limit")
			b.ReportMetric(float64(each)/float64(time.Millisecond), "cpu-ms/op")
		})
	}
}

// busy tells how long the processor has worked for this program, which is the same whoever else uses the machine.
func busy(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func orEmpty(variables string) string {
	if variables == "" {
		return "{}"
	}
	return variables
}
