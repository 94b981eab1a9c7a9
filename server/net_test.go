package server_test

import (
	"fmt"
	"testing"

	"guanxi/network"
	"guanxi/server"
	"guanxi/server/servertest"
)

// Networks and paths are walked in memory and tell what a server tells that walks by SQL. A relationship that another server made
// is walked by the next request.
func TestTheNetIsWalkedInMemory(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	plain := c.Beside(func(o *server.Options) { o.Network = network.New() })
	first := c.Ask("guangdong.sales", "{ customers(first: 12) { nodes { id } } }", nil).Good()
	var ids []string
	for i := range first.List("customers.nodes") {
		ids = append(ids, first.Text(fmt.Sprintf("customers.nodes.%d.id", i)))
	}
	const around = `query ($ids: [ID!]) { customers(where: {id: {in: $ids}}, first: 20) { nodes { network(depth: 3, first: 40) { truncated
		nodes { hops party { ... on Customer { name } ... on Contact { name } } } edges { label a { id } b { id } relationship { id } } } } } }`
	const known = `query ($ids: [ID!]) { customers(where: {id: {in: $ids}}, first: 20) { nodes {
		alone: network(depth: 3, first: 40) { truncated nodes { party { __typename id name } again: party { id ... on Customer { lifecycle owner { name } } } } }
		edges: network(depth: 3, first: 40) { edges { a { name } b { id more: name ... on Contact { phone } } relationship { id strength } again: relationship { type { code } } } } } } }`
	const between = `query ($from: ID!, $to: ID!) { paths(from: $from, to: $to, maxHops: 6, first: 5) { hops steps { label party { id name } relationship { id strength }
		again: party { ... on User { login } } } } }`
	same := func(login, query string, variables map[string]any) *servertest.Answer {
		t.Helper()
		got, want := c.Ask(login, query, variables).Good(), plain.Ask(login, query, variables).Good()
		if string(got.Body) != string(want.Body) {
			t.Errorf("%s is told %s from memory, and %s by SQL", login, got.Body, want.Body)
		}
		return got
	}
	for _, login := range []string{"director", "head", "guangdong.sales"} {
		same(login, around, map[string]any{"ids": ids})
		same(login, known, map[string]any{"ids": ids})
		same(login, between, map[string]any{"from": ids[0], "to": ids[1]})
	}
	answered, declined := c.Net.Answered()
	if answered < 4 || declined > 0 {
		t.Errorf("%d questions were answered in memory and %d left to SQL", answered, declined)
	}
	ends := map[string]any{"from": ids[2], "to": ids[11]}
	before := same("director", between, ends)
	kinds := c.Ask("director", `{ relationshipTypes(where: {introduces: {eq: true}, not: {code: {eq: "WORKS_AT"}}}, first: 50) { nodes { id aKinds bKinds } } }`, nil).Good()
	made := false
	for i := range kinds.List("relationshipTypes.nodes") {
		answer := plain.Ask("director", `mutation ($type: ID!, $a: ID!, $b: ID!) { relationshipCreate(input: {type: $type, a: $a, b: $b, strength: 5}) { relationship { id } userErrors { message } } }`,
			map[string]any{"type": kinds.Text(fmt.Sprintf("relationshipTypes.nodes.%d.id", i)), "a": ids[2], "b": ids[11]}).Good()
		if made = answer.Get("relationshipCreate.relationship.id") != nil; made {
			break
		}
	}
	if after := same("director", between, ends); !made || string(after.Body) == string(before.Body) || after.Number("paths.0.hops") != 1 {
		t.Errorf("before a relationship was made (%t) the paths were %s, after that %s", made, before.Body, after.Body)
	}
}
