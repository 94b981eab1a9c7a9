package server_test

import (
	"strings"
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

// What the company is made of, and what is asked of it, is found as customers are, by its name of now, by whoever sees it.
func TestDepartmentsTeamsReportsAndBoardsAreFound(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	plain := c.Beside(func(o *server.Options) { o.Store.Names = nil })
	noun := map[string]string{"DEPARTMENT": "department", "GROUP": "group", "POOL": "pool", "SAVED_REPORT": "savedReport", "DASHBOARD": "dashboard"}
	named := map[string]string{"DEPARTMENT": "name", "GROUP": "name", "POOL": "name", "SAVED_REPORT": "name", "DASHBOARD": "title"}
	for kind, noun := range noun {
		given := map[string]any{named[kind]: "鄱阳湖水文"}
		if kind == "SAVED_REPORT" {
			given["document"] = "{ lossRate { total { count } } }"
		}
		made := c.Ask("admin", `mutation($input: `+strings.ToUpper(noun[:1])+noun[1:]+`CreateInput!) { made: `+noun+`Create(input: $input) { record: `+noun+` { id } userErrors { message } } }`,
			map[string]any{"input": given}).Good()
		find := `query($text: String!) { search(text: $text, kinds: [` + kind + `]) { nodes { record { id } } } }`
		finds := func(text string, times int) {
			t.Helper()
			for _, server := range []*servertest.Company{c, plain} {
				if a := server.Ask("admin", find, map[string]any{"text": text}).Good(); len(a.List("search.nodes")) != times || times > 0 && a.Text("search.nodes.0.record.id") != made.Text("made.record.id") {
					t.Errorf("%s by %s: %s", kind, text, a.Body)
				}
			}
		}
		finds("poyanghu", 1)
		finds("阳湖", 1)
		if kind == "SAVED_REPORT" || kind == "DASHBOARD" {
			if a := c.Ask("guangdong.sales", find, map[string]any{"text": "pyhsw"}).Good(); len(a.List("search.nodes")) != 0 {
				t.Errorf("another's %s is found: %s", kind, a.Body)
			}
		}
		c.Ask("admin", `mutation($input: `+strings.ToUpper(noun[:1])+noun[1:]+`UpdateInput!) { `+noun+`Update(input: $input) { userErrors { message } } }`,
			map[string]any{"input": map[string]any{"id": made.Text("made.record.id"), named[kind]: "洞庭湖水文"}}).Good()
		finds("poyanghu", 0)
		finds("dth", 1)
	}
}
