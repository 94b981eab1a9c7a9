package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"guanxi/server/servertest"
)

const competitorsThen = `query then($at: DateTime, $of: [ID!]) { competitorAnalysis(asOf: $at, where: {id: {in: $of}}, first: 3, orderBy: [{measure: STRENGTH, direction: DESC}, {measure: PRICE_GAP}], having: {encounters: {gt: 0}}) {
	other { encounters } total { competitors encounters priceGap { average sample } lossReasons { count } records(first: 3) { totalCount nodes { id status amount { amount } } } breakdown(by: STATUS, first: 5) { records(first: 3) { nodes { id status } } } }
	rows { competitor { id } encounters open weWon theyWon winRate { value sample } amountLost { amount } priceGap { average median sample } strength { value games records { nodes { id status } } } lossReasons { key { label } count records { nodes { id status } } }
		records(first: 3) { totalCount nodes { id status amount { amount } } } breakdown(by: STATUS, first: 5) { key { id } encounters records(first: 3) { nodes { id status } } } trend(by: CLOSED_YEAR, first: 5) { encounters } }
	unattributed { lost amountLost { amount } records { totalCount nodes { id status } } } coverage { field share } mixWarnings(within: REGION) { sentence strata { higherRecords { nodes { id } } lowerRecords { nodes { id } } } } definition { asOf sentence } }
	encounterReport(asOf: $at, clock: CREATED, where: {id: {in: $of}}, by: [COMPETITOR]) { rows { count open averageQuotedPrice { amount } records { totalCount } }
		total { count records(first: 3) { nodes { id main createdAt outcome quotedPrice { amount currency } competitor { id } opportunity { id status amount { amount } } } } } definition { asOf sentence } }
	opportunityLineReport(asOf: $at, where: {id: {in: $of}}, by: [PRODUCT]) { rows { count open amount { amount } }
		total { count records(first: 3) { nodes { id quantity position amount { amount } product { id } opportunity { id status } } } } definition { asOf } } }`

// TestCompetitorsAsOfAnInstantAreToldThroughTheDoor asks what had been recorded before deals were lost, prices changed, competitors and lines
// taken away: of what one sees it is what he was told then, and what happens to what is hidden changes no byte.
func TestCompetitorsAsOfAnInstantAreToldThroughTheDoor(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	do := func(text string, variables map[string]any) *servertest.Answer {
		c.Pass(time.Minute)
		a := c.Ask("admin", text, variables).Good()
		if strings.Contains(string(a.Body), `"userErrors":[{`) {
			t.Fatalf("%s", a.Body)
		}
		return a
	}
	me := do(`{ users(first: 1, where: {login: {eq: "guangdong.sales"}}) { nodes { id } } }`, nil).List("users.nodes")[0].(map[string]any)["id"]
	rivals := do(`{ competitors(first: 2) { nodes { id } } }`, nil).List("competitors.nodes")
	one, other := rivals[0].(map[string]any)["id"], rivals[1].(map[string]any)["id"]
	product := do(`{ products(first: 1) { nodes { id } } }`, nil).List("products.nodes")[0].(map[string]any)["id"]
	of := []string{}
	made := func(owner any) (string, string) {
		a := do(`mutation($owner: ID, $one: ID!, $product: ID!) { opportunityCreate(input: {title: "Then", amount: "100", owner: $owner, encounters: [{competitor: $one, quotedPrice: "120"}], lines: [{product: $product, quantity: "2", unitPrice: "50"}]}) { opportunity { id encounters { id } lines { id } } userErrors { message } } }`,
			map[string]any{"owner": owner, "one": one, "product": product})
		id, met := a.Text("opportunityCreate.opportunity.id"), a.List("opportunityCreate.opportunity.encounters")[0].(map[string]any)["id"].(string)
		of = append(of, id, met, a.List("opportunityCreate.opportunity.lines")[0].(map[string]any)["id"].(string))
		return id, met
	}
	seen, met := made(me)
	hidden, hiddenMet := made(nil)
	at := do(`{ competitorAnalysis { definition { asOf } } }`, nil).Text("competitorAnalysis.definition.asOf")
	ask := func(login string) *servertest.Answer {
		return c.Ask(login, competitorsThen, map[string]any{"at": at, "of": of}).Good()
	}
	bytes := func(a *servertest.Answer) string { return fmt.Sprint(a.Data) }
	before, all := bytes(ask("guangdong.sales")), bytes(ask("admin"))
	turn := func(id, met string) {
		c.Pass(time.Minute)
		do(`mutation($id: ID!) { encounterUpdate(input: {id: $id, quotedPrice: "500", currency: "CNY"}) { userErrors { message } } }`, map[string]any{"id": met})
		do(`mutation($id: ID!, $other: ID!) { opportunityLose(input: {id: $id, wonBy: $other}) { userErrors { message } } }`, map[string]any{"id": id, "other": other})
		do(`mutation($id: ID!) { opportunityLinesReplace(input: {id: $id, lines: []}) { userErrors { message } } }`, map[string]any{"id": id})
		do(`mutation($id: ID!) { encounterRemove(input: {id: $id}) { userErrors { message } } }`, map[string]any{"id": met})
	}
	turn(hidden, hiddenMet)
	if got := bytes(ask("guangdong.sales")); got != before {
		t.Errorf("what is hidden changed\n%s\nto\n%s", before, got)
	}
	turn(seen, met)
	for login, want := range map[string]string{"guangdong.sales": before, "admin": all} {
		if got := bytes(ask(login)); got != want {
			t.Errorf("%s is told\n%s\nand was\n%s", login, got, want)
		}
	}
	told := ask("guangdong.sales")
	rows := told.List("competitorAnalysis.rows")
	if len(rows) != 1 || !strings.Contains(told.Text("competitorAnalysis.definition.sentence"), "As of an earlier instant") || told.Text("competitorAnalysis.definition.asOf") != at {
		t.Fatalf("%s", told.Body)
	}
	row := rows[0].(map[string]any)
	records := row["records"].(map[string]any)
	if row["open"] != 1.0 || row["priceGap"].(map[string]any)["average"] != 0.2 || fmt.Sprint(records["nodes"]) != "[map[amount:map[amount:100] id:"+seen+" status:OPEN]]" {
		t.Errorf("the row is %v", row)
	}
	if total := told.Get("competitorAnalysis.total").(map[string]any); told.Get("competitorAnalysis.other") != nil || total["competitors"] != 1.0 || total["encounters"] != 1.0 || fmt.Sprint(total["records"]) != fmt.Sprint(records) {
		t.Errorf("the total is %v", total)
	}
	behind := told.List("encounterReport.total.records.nodes")
	if len(behind) != 1 || behind[0].(map[string]any)["id"] != met || behind[0].(map[string]any)["outcome"] != "OPEN" || fmt.Sprint(behind[0].(map[string]any)["quotedPrice"]) != "map[amount:120 currency:CNY]" {
		t.Errorf("encounters open to %v", behind)
	}
	lines := told.List("opportunityLineReport.total.records.nodes")
	if len(lines) != 1 || fmt.Sprint(lines[0].(map[string]any)["amount"], lines[0].(map[string]any)["opportunity"]) != "map[amount:100] map[id:"+seen+" status:OPEN]" {
		t.Errorf("lines open to %v", lines)
	}
	at = do(`{ competitorAnalysis { definition { asOf } } }`, nil).Text("competitorAnalysis.definition.asOf")
	now := ask("guangdong.sales").List("competitorAnalysis.rows")
	if len(now) != 1 || now[0].(map[string]any)["theyWon"] != 1.0 || now[0].(map[string]any)["competitor"].(map[string]any)["id"] != other {
		t.Errorf("now it is %v", now)
	}
	at = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).Format(time.RFC3339)
	c.Ask("admin", competitorsThen, map[string]any{"at": at, "of": []string{seen}}).Refused("BAD_INPUT")
}
