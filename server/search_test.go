package server_test

import (
	"testing"

	"guanxi/server"
	"guanxi/server/servertest"
)

// Searches are answered from names in memory as SQL answers them, also right after a change that another server made; and they
// find what was typed wrong.
func TestSearchesAreAnsweredFromMemory(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	plain := c.Beside(func(o *server.Options) { o.Store.Names = nil })
	const find = `query($text: String!) { search(text: $text, first: 30) { totalCount totalCountExact edges { cursor node { matched record { __typename id } } } pageInfo { hasNextPage } } }`
	for _, login := range []string{"director", "head", "guangdong.sales"} {
		for _, text := range []string{"有限", "公司", "zha", "gs", "a", "138"} {
			words := map[string]any{"text": text}
			if got, want := c.Ask(login, find, words).Good(), plain.Ask(login, find, words).Good(); string(got.Body) != string(want.Body) {
				t.Errorf("%s looks for %s and is told %s from memory, and %s by SQL", login, text, got.Body, want.Body)
			}
		}
	}
	plain.Ask("director", `mutation { customerCreate(input: {name: "Grandewick Überseehandel", kind: ORGANIZATION}) { customer { id } userErrors { message } } }`, nil).Good()
	for text, matched := range map[string]string{"grandewick uber": "NAME", "grandewikc": "SIMILAR", "uberseehnadel": "SIMILAR"} {
		a := c.Ask("director", `query($text: String!) { search(text: $text) { totalCount nodes { matched record { ... on Customer { name } } } } }`, map[string]any{"text": text}).Good()
		if a.Number("search.totalCount") != 1 || a.Text("search.nodes.0.matched") != matched {
			t.Errorf("%s finds %s", text, a.Body)
		}
	}
	if answered, declined := c.Store.Names.Answered(); answered < 21 || declined > 0 {
		t.Errorf("memory answered %d searches and left %d to SQL", answered, declined)
	}
}
