package server_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/access"
	"guanxi/models"
	"guanxi/resolvers"
	"guanxi/server/servertest"
)

// waysTo lead to the objects of each type that has protected fields: a request with a place for the field, and the path of a
// list of such objects.
var waysTo = map[string][2]string{
	"Customer":                 {"{ customers(first: 100) { nodes { # } } }", "customers.nodes"},
	"Contact":                  {"{ contacts(first: 100) { nodes { # } } }", "contacts.nodes"},
	"Opportunity":              {"{ opportunities(first: 100) { nodes { # } } }", "opportunities.nodes"},
	"Service":                  {"{ services(first: 100) { nodes { # } } }", "services.nodes"},
	"OpportunityLine":          {"{ opportunities(first: 100) { nodes { lines { # } } } }", "opportunities.nodes lines"},
	"Encounter":                {"{ opportunities(first: 100) { nodes { encounters { # } } } }", "opportunities.nodes encounters"},
	"CustomerValue":            {"{ customers(first: 100) { nodes { value { # } } } }", "customers.nodes value"},
	"OpportunityReportRow":     {"{ opportunityReport(by: [STATUS]) { rows { # } } }", "opportunityReport.rows"},
	"CustomerReportRow":        {"{ customerReport(by: [LIFECYCLE]) { rows { # } } }", "customerReport.rows"},
	"ContactReportRow":         {"{ contactReport(by: [OWNER]) { rows { # } } }", "contactReport.rows"},
	"EncounterReportRow":       {"{ encounterReport(by: [COMPETITOR]) { rows { # } } }", "encounterReport.rows"},
	"OpportunityLineReportRow": {"{ opportunityLineReport(by: [PRODUCT]) { rows { # } } }", "opportunityLineReport.rows"},
	"SlipReportRow":            {"{ slipReport(by: [OWNER]) { rows { # } } }", "slipReport.rows"},
	"ServiceReportRow":         {"{ serviceReport(by: [KIND]) { rows { # } } }", "serviceReport.rows"},
	"CompetitorReportRow":      {"{ competitorAnalysis { rows { # } } }", "competitorAnalysis.rows"},
	"CompetitorBreakdownRow":   {"{ competitorAnalysis { rows { breakdown(by: OWNER) { # } trend(by: CLOSED_YEAR) { # } } } }", "competitorAnalysis.rows breakdown"},
	"WaterfallStep":            {`{ opportunityWaterfall(from: "2026-01-01T00:00:00Z") { total { end { # } } } }`, "opportunityWaterfall.total end"},
	"UnattributedLosses":       {"{ competitorAnalysis { unattributed { # } } }", "competitorAnalysis.unattributed"},
}

// values lists what stands in a field of the objects at a path: words of which each leads on from every object.
func values(a *servertest.Answer, path, field string) (found []any) {
	ways := strings.Fields(path)
	objects := []any{a.Get(ways[0])}
	for _, way := range append([]string{""}, ways[1:]...) {
		var next []any
		for _, one := range objects {
			if way != "" {
				one = one.(map[string]any)[way]
			}
			if list, ok := one.([]any); ok {
				next = append(next, list...)
			} else if one != nil {
				next = append(next, one)
			}
		}
		objects = next
	}
	for _, one := range objects {
		if value := one.(map[string]any)[field]; value != nil {
			found = append(found, value)
		}
	}
	return found
}

// TestEachProtectedFieldIsNullWithoutTheRight selects each protected field that the schema has, columns and computed ones: the
// administrator is shown values, somebody who reads none of them nulls alone, and is told that the field is denied.
func TestEachProtectedFieldIsNullWithoutTheRight(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	change(t, c, "update encounters set quoted_price = 555, currency = 'CNY'")
	change(t, c, "update contacts set birthday = '1980-02-03', wechat = 'weixin'")
	change(t, c, "update customers set address = 'Street'")
	login, schema := blind(t, c), newWalk().schema
	for object, fields := range resolvers.ProtectedFields() {
		if len(fields) == 0 {
			continue
		}
		way, known := waysTo[object]
		if !known {
			t.Errorf("no way is known to %s", object)
			continue
		}
		selected := "__typename"
		for field := range fields {
			selected += " " + field
			if len(schema.Types[schema.Types[object].Fields.ForName(field).Type.Name()].Fields) > 0 {
				selected += " { __typename }"
			}
		}
		query := strings.ReplaceAll(way[0], "#", selected)
		all, his := c.Ask("admin", query, nil).Good(), c.Ask(login, query, nil).Good()
		for field := range fields {
			if len(values(all, way[1], field)) == 0 {
				t.Errorf("the administrator is shown no %s.%s", object, field)
			}
			if shown := values(his, way[1], field); len(shown) > 0 || !strings.Contains(fmt.Sprint(his.Extensions["denied"]), object+"."+field) {
				t.Errorf("without the right %s.%s is %v, denied %v", object, field, shown, his.Extensions["denied"])
			}
		}
	}
}

// TestA08NoSumIsComparedOrSortedByWithoutTheRight compares and sorts the rows of each report by each protected number that the
// schema offers, with each operator, plain and under and, or and not, in both directions and behind another key.
func TestA08NoSumIsComparedOrSortedByWithoutTheRight(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	login, schema, tried := blind(t, c), newWalk().schema, 0
	for name, having := range schema.Types {
		dataset, isHaving := strings.CutSuffix(name, "Having")
		if !isHaving {
			continue
		}
		row, count, report := schema.Types[dataset+"ReportRow"], "count", "competitorAnalysis("
		if dimensions := schema.Types[dataset+"Dimension"]; dimensions != nil {
			report = fmt.Sprintf("%sReport(by: [%s], ", strings.ToLower(dataset[:1])+dataset[1:], dimensions.EnumValues[0].Name)
		}
		if row.Fields.ForName(count) == nil {
			count = "encounters"
		}
		try := func(argument, what string, rule access.Rule, value any) {
			tried++
			query := fmt.Sprintf("query($v: %s) { %s%s: $v) { rows { __typename } } }", what, report, argument)
			refused := c.Ask(login, query, map[string]any{"v": value}).Refused("FIELD_DENIED")
			if c.Last().Statements != 0 || !strings.Contains(refused.Message, string(rule)) {
				t.Errorf("%s by %v: refused after %d statements with %q", dataset, value, c.Last().Statements, refused.Message)
			}
			c.Ask("admin", query, map[string]any{"v": value}).Good()
		}
		for _, f := range having.Fields {
			if !underRule(f) {
				continue
			}
			for _, operator := range schema.Types[f.Type.Name()].Fields {
				value := map[string]any{"in": []any{1}, "isNull": true}[operator.Name]
				if value == nil {
					value = 1
				}
				if f.Type.Name() == "DecimalFilter" {
					value = map[string]any{"in": []any{"1"}, "isNull": true}[operator.Name]
					if value == nil {
						value = "1"
					}
				}
				one := map[string]any{f.Name: map[string]any{operator.Name: value}}
				for _, where := range []any{one, map[string]any{"not": one}, map[string]any{"or": []any{map[string]any{count: map[string]any{"gt": 0}}, map[string]any{"and": []any{one}}}}} {
					try("having", name, ruleIn(f), where)
				}
			}
		}
		for _, m := range schema.Types[dataset+"Measure"].EnumValues {
			f := row.Fields.ForName(camel(m.Name))
			if f == nil || !underRule(f) {
				continue
			}
			for _, direction := range []string{"ASC", "DESC"} {
				one := map[string]any{"measure": m.Name, "direction": direction}
				try("orderBy", "["+dataset+"ReportOrder!]", ruleIn(f), []any{one})
				try("orderBy", "["+dataset+"ReportOrder!]", ruleIn(f), []any{map[string]any{"measure": strings.ToUpper(count)}, one})
			}
		}
	}
	if tried < 3*7*3+5*4 {
		t.Errorf("only %d comparisons and sorts were tried", tried)
	}
}

func ruleIn(f *ast.FieldDefinition) access.Rule {
	return access.Rule(f.Directives.ForName("protected").Arguments.ForName("rule").Value.Raw)
}

// camel turns WON_AMOUNT into wonAmount.
func camel(name string) string {
	words := strings.Split(strings.ToLower(name), "_")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

// TestA08SumsAreOfWhatOneReads lets a manager read the amounts of his own opportunities alone: other amounts of those that he
// sees change neither which groups he is listed nor their order; they change what the administrator is listed.
func TestA08SumsAreOfWhatOneReads(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	p := newPerson(t, c, "director")
	change(t, c, "update field_rights set access = case when relation = 'OWN' then 'FULL' else 'NONE' end where rule = 'AMOUNTS' and role_id in (select role_id from user_roles where user_id = ?)", p.id)
	change(t, c, "update opportunities set owner_id = ? where id in (select id from opportunities where id = any(?::uuid[]) order by id limit 3)", p.id, "{"+strings.Join(keysOf(p.visible["opportunities"]), ",")+"}")
	var asked []string
	for _, measure := range []string{"WON_AMOUNT", "LOST_AMOUNT", "OPEN_AMOUNT", "WEIGHTED_AMOUNT", "LOSS_RATE_BY_AMOUNT"} {
		asked = append(asked, "orderBy: [{measure: "+measure+", direction: DESC}]")
	}
	for _, field := range []string{"wonAmount", "lostAmount", "openAmount"} {
		asked = append(asked, "having: {"+field+": {gt: \"1000\"}}", "having: {not: {"+field+": {gt: \"1000\"}}}", "having: {"+field+": {isNull: true}}")
	}
	answers := func(login string) (bodies []string) {
		for _, one := range asked {
			for _, by := range []string{"OWNER", "STAGE"} {
				bodies = append(bodies, fmt.Sprint(c.Ask(login, "{ opportunityReport(by: ["+by+"], "+one+") { rows { keys { id other } count wonAmount { amount } openAmount { amount } } } }", nil).Good().Data))
			}
		}
		return bodies
	}
	his, all := answers("director"), answers("admin")
	change(t, c, "update opportunities set amount = case when amount is null then 999999 else 1000000000 - amount end, currency = 'CNY' where owner_id is distinct from ?", p.id)
	for i, again := range answers("director") {
		if again != his[i] {
			t.Errorf("%s: amounts that he does not read make of %s %s", asked[i/2], his[i], again)
		}
	}
	if reflect.DeepEqual(answers("admin"), all) {
		t.Error("the administrator is answered the same")
	}
}

func keysOf(set map[string]bool) (list []string) {
	for key := range set {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}

// TestA24NoProtectedValueIsFoundByItsText writes a word of its own into each protected text of each kind, and looks for it whole
// and in part: nobody finds anything by it but, by the end of a phone number, who reads it in full.
func TestA24NoProtectedValueIsFoundByItsText(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	login, tried := blind(t, c), 0
	found := func(login, text string) (ids []string) {
		a := c.Ask(login, "query($t: String!) { search(text: $t, first: 100) { totalCount nodes { matched record { id } } } }", map[string]any{"t": text}).Good()
		for _, hit := range a.List("search.nodes") {
			ids = append(ids, hit.(map[string]any)["record"].(map[string]any)["id"].(string))
		}
		if int(a.Number("search.totalCount")) != len(ids) {
			t.Errorf("%s finds %d by %s, counted %v", login, len(ids), text, a.Number("search.totalCount"))
		}
		return ids
	}
	for _, kind := range access.Kinds {
		for _, column := range models.Columns(kind.Model) {
			if kind.Protected[column.Name] == "" || column.Input == "" || column.Type != reflect.TypeFor[*string]() {
				continue
			}
			tried++
			id := idsOf(t, c, "select id from "+kind.Table+" where deleted_at is null order by id limit 1")[0]
			value := "qxzw" + column.Name + "vkj"
			if column.Name == "phone" {
				value = "139" + fmt.Sprintf("%08d", 70717273+tried)
			}
			name := strings.ToLower(kind.Model.Name())
			c.Ask("admin", fmt.Sprintf("mutation($id: ID!, $v: String) { %sUpdate(input: {id: $id, %s: $v}) { userErrors { message } } }", name, column.Input), map[string]any{"id": id, "v": value}).Good()
			for _, text := range []string{value, value[:6], value[len(value)-4:], strings.ToUpper(value)} {
				if ids := found(login, text); slices.Contains(ids, id) {
					t.Errorf("%s.%s is found by %s without the right", kind.Table, column.Name, text)
				}
			}
			if byPhone := slices.Contains(found("admin", value[len(value)-4:]), id); byPhone != (column.Name == "phone") {
				t.Errorf("the administrator finds %s.%s by its end: %t", kind.Table, column.Name, byPhone)
			}
		}
	}
	if tried < 6 {
		t.Errorf("only %d texts are protected", tried)
	}
}
