package prove

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"guanxi/internal/naive"
)

// networks compares the net around each customer: parties with their hops, and relationships.
func (v viewer) networks() {
	depth := 1 + v.draw("depth", 4)
	query := fmt.Sprintf(`query ($n: Int) { customers(first: $n) { nodes { id network(depth: %d, first: 100) { truncated
		nodes { hops party { id } } edges { a { id } b { id } relationship { id } } } } } }`, depth)
	for _, customer := range list(v.ask(query, map[string]any{"n": v.size + 1}), "customers.nodes") {
		id, _ := at(customer, "id").(string)
		start := naive.End{Record: v.recordOf(id)}
		hops, edges := v.c.Network(v.user, start, depth)
		v.hops(id, hops, list(customer, "network.nodes"))
		v.compare("network", v.all("RELATIONSHIP"), idsAt(list(customer, "network.edges"), "relationship.id"), func(r *naive.Record) bool { return slices.Contains(edges, r) })
		for _, edge := range list(customer, "network.edges") {
			relationship, _ := at(edge, "relationship.id").(string)
			r := v.recordOf(relationship)
			v.same("end of an edge", r.ID(), fmt.Sprintf("%v %v", r.Ends[0].ID(), r.Ends[1].ID()), fmt.Sprintf("%v %v", at(edge, "a.id"), at(edge, "b.id")))
		}
	}
}

func (v viewer) hops(start string, want map[uuid.UUID]int, nodes []any) {
	got := map[string]float64{}
	for _, node := range nodes {
		id, _ := at(node, "party.id").(string)
		got[id], _ = at(node, "hops").(float64)
	}
	for _, r := range append(v.all("CUSTOMER"), v.all("CONTACT")...) {
		hops, near := want[r.ID()]
		at, shown := got[r.ID().String()]
		v.decide("party of a network", r.ID(), near, shown)
		if near && int(at) != hops {
			v.Fatalf("network of %s: for user %d %s is %d hops away, not %v\n%s", start, v.user, v.name(r.ID()), hops, at, describe(v.c))
		}
	}
	if len(got) != len(want) {
		v.Fatalf("network of %s: user %d is shown %v, the model has %v\n%s", start, v.user, got, want, describe(v.c))
	}
}

// paths compares the chains between some parties.
func (v viewer) paths() {
	parties := []naive.End{{Kind: "USER", Number: 0}, {Kind: "USER", Number: 1}, {Kind: "COMPETITOR", Number: 0}}
	for _, r := range append(v.all("CUSTOMER"), v.all("CONTACT")...) {
		parties = append(parties, naive.End{Record: r})
	}
	head, body, variables := "query (", ") {", map[string]any{}
	asked := [5][2]uuid.UUID{}
	for i := range asked {
		asked[i] = [2]uuid.UUID{parties[v.draw("from", len(parties))].ID(), parties[v.draw("to", len(parties))].ID()}
		head += fmt.Sprintf("$a%d: ID! $b%d: ID! ", i, i)
		body += fmt.Sprintf(" p%d: paths(from: $a%d, to: $b%d, maxHops: 4, first: 3) { hops steps { party { id } relationship { id } } }", i, i, i)
		variables[fmt.Sprintf("a%d", i)], variables[fmt.Sprintf("b%d", i)] = asked[i][0], asked[i][1]
	}
	data := v.ask(head+body+" }", variables)
	for i, ends := range asked {
		v.chains(ends, list(data, fmt.Sprintf("p%d", i)))
	}
}

// chains compares the chains between two parties; each relationship of the company is in them or not.
func (v viewer) chains(ends [2]uuid.UUID, found []any) {
	var want []naive.Chain
	if ends[0] != ends[1] {
		want = v.c.Paths(v.user, ends[0], ends[1], 4, 3)
	}
	wanted, got := []string{}, []string{}
	used := map[string]bool{}
	for _, chain := range want {
		steps := []string{}
		for i, party := range chain.Parties {
			steps = append(steps, party.String())
			if i > 0 {
				steps = append(steps, chain.Relationships[i-1].ID().String())
			}
		}
		wanted = append(wanted, fmt.Sprint(steps))
	}
	for _, path := range found {
		steps := []string{}
		for _, step := range list(path, "steps") {
			party, _ := at(step, "party.id").(string)
			steps = append(steps, party)
			if relationship, ok := at(step, "relationship.id").(string); ok {
				used[relationship] = true
				steps = append(steps, relationship)
			}
		}
		got = append(got, fmt.Sprint(steps))
	}
	if !slices.Equal(wanted, got) {
		v.Fatalf("paths from %s to %s: for user %d the model has %v, the API %v\n%s", v.name(ends[0]), v.name(ends[1]), v.user, wanted, got, describe(v.c))
	}
	for _, r := range v.all("RELATIONSHIP") {
		v.count("paths", r.ID(), used[r.ID().String()])
	}
}
