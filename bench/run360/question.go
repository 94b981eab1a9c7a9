package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/bench/market"
	"guanxi/operations"
)

// question is an operation that is asked again and again with values in turn.
type question struct {
	name string
	text string // for Guanxi
	peer string // for PostGraphile; empty when it is not asked
	with func(picks, int) map[string]any
	same func(ours, theirs any) string // tells what differs between two answers; empty for nothing
}

const lists = `
query Newest { opportunities(first: 50, orderBy: [{ field: CREATED_AT, direction: DESC }]) {
	nodes { id title status amount { amount currency } owner { id name } customer { id name } createdAt } } }
query ByName { customers(first: 50, orderBy: [{ field: NAME, direction: ASC }]) { nodes { id name lifecycle owner { id name } region { id label } } } }
query Net($id: ID!) { customer(id: $id) { network(depth: 3, first: 500) { nodes { party { __typename id name } hops } truncated } } }`

// typed is what is looked for: pairs of characters that many names have, and few.
var typed = []string{"电子", "公司", "深圳", "王伟", "启华", "重工", "采购", "李丽"}

// questions are those that may be chosen.
func questions() []question {
	var text string
	for _, file := range operations.Files() {
		if file.Name == "customer360" {
			text = file.Document
		}
	}
	none := func(picks, int) map[string]any { return nil }
	one := func(p picks, i int) map[string]any { return map[string]any{"id": p.busy[i%len(p.busy)]} }
	return []question{
		{"Customer360", text, peer360, one, differs},
		{"Sections", sections(text), sections(peer360), one, differs},
		{"Newest", lists, peerNewest, none, differs},
		{"ByName", lists, "", none, differs}, // PostGraphile orders by no index that is in a language's order
		{"Find", text, "", func(_ picks, i int) map[string]any { return map[string]any{"text": typed[i%len(typed)]} }, differsInNumber("search", "nodes")},
		{"Introduction", text, "", func(p picks, i int) map[string]any {
			return map[string]any{"from": p.busy[i%len(p.busy)], "to": p.some[i%len(p.some)]}
		}, differsInHops},
		{"Net", lists, "", one, differs},
	}
}

// sections is Customer360 under another name without the network, whose cost is that of the hubs nearby.
func sections(text string) string {
	text = strings.Replace(text, "query Customer360", "query Sections", 1)
	if from := strings.Index(text, "    network(depth"); from >= 0 {
		until := strings.Index(text[from:], "truncated")
		end := strings.Index(text[from+until:], "}")
		return text[:from] + text[from+until+end+1:]
	}
	return strings.Replace(text, " network }", " }", 1)
}

// picks are the customers that a viewer asks about: busy ones, and some.
type picks struct{ busy, some []uuid.UUID }

// Busy is a customer with so many opportunities; a person who has few customers asks about the busiest of his.
const (
	leastBusy, mostBusy = 25, 60
	asksAbout           = 40
)

// pick chooses for a viewer from those customers whose owners he sees.
func pick(ctx context.Context, conn *pgx.Conn, who looker) (p picks, err error) {
	owner, busy := "true", fmt.Sprintf("n between %d and %d", leastBusy, mostBusy)
	switch who.login {
	case fmt.Sprint(market.Director), fmt.Sprint(market.Manager):
		owner = `c.owner_id in (select m.user_id from grants g join memberships m on true join departments d on d.id = m.department_id
				left join group_members x on x.group_id = g.subject_id and x.user_id = m.user_id
			where g.grantee_user_id = (select id from users where login = '` + who.login + `') and g.effect = 'ALLOW' and (g.subject_id = any(d.path) or x.user_id is not null))
			and c.owner_id not in (select subject_id from grants where effect = 'DENY')`
	case fmt.Sprint(market.Rep):
		owner, busy = "c.owner_id = (select id from users where login = '"+who.login+"')", "n >= 2"
	}
	rows, err := conn.Query(ctx, `select c.id from customers c join (select customer_id, count(*) as n from opportunities where deleted_at is null group by 1) o on o.customer_id = c.id
		where c.deleted_at is null and `+busy+` and `+owner+` order by (n <= `+fmt.Sprint(mostBusy)+`) desc, case when `+fmt.Sprint(who.login == fmt.Sprint(market.Rep))+` then -n end, hashtext(c.id::text) limit $1`, asksAbout)
	if err != nil {
		return p, err
	}
	if p.busy, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID]); err != nil {
		return p, err
	}
	rows, err = conn.Query(ctx, "select c.id from customers c where c.deleted_at is null and "+owner+" order by hashtext(c.id::text) limit $1", asksAbout+1)
	if err != nil {
		return p, err
	}
	if p.some, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID]); err == nil && (len(p.busy) == 0 || len(p.some) < 2) {
		err = fmt.Errorf("%s has no customers to ask about: the database is too small", who.name)
	}
	return p, err
}

// differs tells where two answers are not the same. Cursors and endings of pages are each server's own, and what one server masks the
// other leaves out.
func differs(ours, theirs any) string { return differsAt("", ours, theirs) }

func differsAt(path string, ours, theirs any) string {
	switch a := ours.(type) {
	case map[string]any:
		b, _ := theirs.(map[string]any)
		for key, value := range a {
			if key == "cursor" || key == "endCursor" || key == "extensions" {
				continue
			}
			if wrong := differsAt(path+"."+key, value, b[key]); wrong != "" {
				return wrong
			}
		}
		return ""
	case []any:
		b, _ := theirs.([]any)
		if len(a) != len(b) {
			return fmt.Sprintf("%s has %d and %d", path, len(a), len(b))
		}
		for i := range a {
			if wrong := differsAt(fmt.Sprintf("%s[%d]", path, i), a[i], b[i]); wrong != "" {
				return wrong
			}
		}
		return ""
	case string:
		if strings.Contains(a, "***") && theirs == nil {
			return ""
		}
	}
	if ours != theirs {
		return fmt.Sprintf("%s is %v and %v", path, ours, theirs)
	}
	return ""
}

// differsInNumber compares how long a list is.
func differsInNumber(path ...string) func(ours, theirs any) string {
	return func(ours, theirs any) string {
		if a, b := len(listAt(ours, path)), len(listAt(theirs, path)); a != b {
			return fmt.Sprintf("%s has %d and %d", strings.Join(path, "."), a, b)
		}
		return ""
	}
}

func listAt(answer any, path []string) []any {
	at, _ := answer.(map[string]any)
	at, _ = at["data"].(map[string]any)
	for _, key := range path[:len(path)-1] {
		at, _ = at[key].(map[string]any)
	}
	list, _ := at[path[len(path)-1]].([]any)
	return list
}

// differsInIDs compares which records two answers are about, wherever they stand.
func differsInIDs(ours, theirs any) string {
	var ids func(answer any) []string
	ids = func(answer any) (list []string) {
		switch a := answer.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(a)) {
				if text, is := a[key].(string); is && key == "id" {
					list = append(list, text)
				}
				list = append(list, ids(a[key])...)
			}
		case []any:
			for _, one := range a {
				list = append(list, ids(one)...)
			}
		}
		return list
	}
	if a, b := ids(ours), ids(theirs); !slices.Equal(a, b) {
		return fmt.Sprintf("%d and %d records", len(a), len(b))
	}
	return ""
}

// differsInHops compares the shortest chains by their length: which of equal ones is told first is Guanxi's own rule.
func differsInHops(ours, theirs any) string {
	hops := func(answer any) any {
		list := listAt(answer, []string{"paths"})
		if len(list) == 0 {
			return nil
		}
		return list[0].(map[string]any)["hops"]
	}
	if a, b := hops(ours), hops(theirs); a != b {
		return fmt.Sprintf("paths have %v and %v hops", a, b)
	}
	return ""
}
