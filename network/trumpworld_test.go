package network_test

import (
	"context"
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/google/uuid"

	"guanxi/internal/pgtest"
	"guanxi/models"
	"guanxi/network"
)

// connections reads pairs of names, each with whether it is a person, from the published list of connections.
func connections(t *testing.T) (pairs [][2]string, person map[string]bool) {
	t.Helper()
	file, err := os.Open("../../shared/data/network-trumpworld/trumpworld.csv")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("shared/data/network-trumpworld is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	person = map[string]bool{}
	for _, row := range rows[1:] {
		if row[1] != row[3] {
			pairs = append(pairs, [2]string{row[1], row[3]})
		}
		person[row[1]], person[row[3]] = row[0] == "Person", row[2] == "Person"
	}
	return pairs, person
}

// twoHops walks two hops from a name.
func twoHops(next map[string]map[string]bool, start string) map[string]int {
	near := map[string]int{start: 0}
	for name := range next[start] {
		near[name] = 1
	}
	for name := range next[start] {
		for other := range next[name] {
			if _, known := near[other]; !known {
				near[other] = 2
			}
		}
	}
	return near
}

func TestARealNetOfCompaniesAndPeople(t *testing.T) {
	t.Parallel()
	pairs, person := connections(t)
	w := newWorld(t, pgtest.New(t))
	ids, next := map[string]uuid.UUID{}, map[string]map[string]bool{}
	for name, is := range person {
		kind := models.CustomerCode
		if is {
			kind = models.ContactCode
		}
		ids[name], next[name] = w.party(kind, w.mine), map[string]bool{}
	}
	var edges []edge
	for _, p := range pairs {
		if !next[p[0]][p[1]] {
			edges = append(edges, edge{a: ids[p[0]], b: ids[p[1]]})
		}
		next[p[0]][p[1]], next[p[1]][p[0]] = true, true
	}
	w.connect(edges...)

	// the busiest of all has more around it than may be listed; of those that fit, the one with most
	var busiest, fits string
	for _, p := range pairs {
		around, most := len(twoHops(next, p[0])), len(twoHops(next, fits))
		if len(next[p[0]]) > len(next[busiest]) {
			busiest = p[0]
		}
		if around <= network.MostNodes && around > most {
			fits = p[0]
		}
	}
	for _, engine := range w.engines() {
		for _, name := range []string{busiest, fits} {
			near := twoHops(next, name)
			got, err := engine.Around(context.Background(), w.look(), ids[name], 2, network.MostNodes)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: %d neighbours, %d parties within two hops; listed %d with %d edges", name, len(next[name]), len(near), len(got.Nodes), len(got.Edges))
			if len(got.Nodes) != min(len(near), network.MostNodes) || got.Truncated != (len(near) > network.MostNodes) {
				t.Errorf("%d parties (truncated %v) around %s, want %d", len(got.Nodes), got.Truncated, name, len(near))
			}
			hops := map[uuid.UUID]int{}
			for other, n := range near {
				hops[ids[other]] = n
			}
			for _, n := range got.Nodes {
				if want, known := hops[n.PartyID]; !known || want != n.Hops {
					t.Errorf("%v is %d hops from %s, want %d", n.PartyID, n.Hops, name, want)
				}
			}
		}
	}
}
