package server_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tealeg/xlsx/v3"
	"golang.org/x/text/encoding/simplifiedchinese"

	"guanxi/access"
	"guanxi/operations"
	"guanxi/server/servertest"
)

// fileOf asks for reports as a file.
func fileOf(t *testing.T, c *servertest.Company, login, path, query string, variables map[string]any, header ...string) *servertest.Answer {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	return c.Send(http.MethodPost, path, body, append(header, "Content-Type", plainJSON, "Authorization", "Bearer "+c.Token(login))...)
}

// grid is the lines of a file, empty ones among them.
type grid [][]string

// csvGrid reads a CSV file in UTF-8.
func csvGrid(t *testing.T, body []byte) (lines grid) {
	t.Helper()
	text, marked := strings.CutPrefix(string(body), "\ufeff")
	if !marked {
		t.Fatalf("no byte order mark before %.100s", body)
	}
	for block := range strings.SplitSeq(text, "\n\n") {
		reader := csv.NewReader(strings.NewReader(block))
		reader.FieldsPerRecord = -1
		read, err := reader.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		lines = append(append(lines, read...), nil)
	}
	return lines
}

// xlsxGrids reads the sheets of an XLSX file by title.
func xlsxGrids(t *testing.T, body []byte) map[string]grid {
	t.Helper()
	book, err := xlsx.OpenBinary(body)
	if err != nil {
		t.Fatalf("%v in %.100q", err, body)
	}
	grids := map[string]grid{}
	for _, sheet := range book.Sheets {
		var lines grid
		err := sheet.ForEachRow(func(row *xlsx.Row) error {
			var line []string
			err := row.ForEachCell(func(cell *xlsx.Cell) error { line = append(line, cell.Value); return nil })
			lines = append(lines, line)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		grids[sheet.Name] = lines
	}
	return grids
}

// table gives the lines under the head that begins with a word, each by the names of the head, until an empty line.
func (g grid) table(head string) (list []map[string]string) {
	var names []string
	for _, line := range g {
		switch {
		case len(line) == 0 || line[0] == "":
			names = nil
		case line[0] == head:
			names = line
		case names != nil:
			row := map[string]string{}
			for i, text := range line {
				row[names[i]] = text
			}
			list = append(list, row)
		}
	}
	return list
}

const fewRows = `query Lost($first: Int!) {
	byOwner: lossRate(by: [CLOSING_OWNER, STATUS], first: $first, orderBy: [{measure: LOST, direction: DESC}]) {
		...Board rows { previous { count } } total { count lost lossRate { value sample } lostAmount { amount currency } } } }
	fragment Board on OpportunityReport { rows { count lost lossRate { value } lostAmount { amount currency } records(first: 2) { nodes { title amount { amount } } } } }`

// TestAFileHasTheVeryNumbersOfTheAnswer holds a file's lines against the answer of /graphql, the row other and the total
// among them, though nothing that the request selects tells them apart.
func TestAFileHasTheVeryNumbersOfTheAnswer(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	variables := map[string]any{"first": 3}
	answer := c.Ask("admin", fewRows, variables).Good()
	a := fileOf(t, c, "admin", "/reports.csv", fewRows, variables)
	if got := a.Header.Get("Content-Disposition"); a.Status != 200 || got != "attachment; filename=Lost.csv; filename*=UTF-8''Lost.csv" || a.Header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Fatalf("answered %d %v %s", a.Status, a.Header, a.Body)
	}
	lines := csvGrid(t, a.Body)
	head := []string{"line", "Closing owner", "Closing owner (id)", "Status", "Status (id)", "Opportunities", "Lost", "Loss rate", "Loss rate.sample",
		"Amount lost", "Amount lost.currency", "previous.Opportunities"}
	if !slices.Equal(lines[0], head) {
		t.Fatalf("the head is %q", lines[0])
	}
	rows := lines.table("line")[:5]
	marks := []string{}
	for i, row := range rows {
		marks = append(marks, row["line"])
		path := "byOwner.rows." + string(rune('0'+i))
		if i == 4 {
			path = "byOwner.total"
		}
		if row["Amount lost"] != text(answer.Get(path+".lostAmount.amount")) || row["Lost"] != text(answer.Get(path+".lost")) || row["Loss rate"] != text(answer.Get(path+".lossRate.value")) {
			t.Errorf("line %d is %v; the answer has %v", i, row, answer.Get(path))
		}
	}
	if !slices.Equal(marks, []string{"row", "row", "row", "other", "total"}) {
		t.Errorf("the lines are %q", marks)
	}
	if behind := lines.table("line")[5:]; len(behind) == 0 || behind[0]["Status"] != rows[0]["Status"] || behind[0]["title"] != answer.Get("byOwner.rows.0.records.nodes.0.title") {
		t.Errorf("behind the rows are %v", behind)
	}
	for _, about := range []string{"CLOSING_OWNER", "sentence", "timeZone", "asOf"} {
		if !slices.ContainsFunc(lines, func(line []string) bool { return len(line) > 1 && line[0] == about && line[1] != "" }) {
			t.Errorf("the file says nothing of %s", about)
		}
	}
	book := xlsxGrids(t, fileOf(t, c, "admin", "/reports.xlsx", fewRows, variables).Body)
	if !equalGrids(book["byOwner"][:6], lines[:6]) || len(book["byOwner (about)"]) == 0 {
		t.Errorf("the sheet is\n%q, the other file\n%q", book["byOwner"], lines[:6])
	}
}

// TestAnAliasHeadsItsColumn gives measures each other's names: a file has them under the names that the request gave.
func TestAnAliasHeadsItsColumn(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	const swapped = `query Swapped { lossRate(by: [STATUS]) { rows { won: lost lost: won amount: lostAmount { amount count: currency } wonAmount { value: amount amount: currency } lossRate { value } } } }`
	rows := c.Ask("admin", swapped, nil).Good().List("lossRate.rows")
	lines := csvGrid(t, fileOf(t, c, "admin", "/reports.csv", swapped, nil).Body)
	if head := []string{"line", "Status", "Status (id)", "won", "lost", "amount", "amount.count", "Amount won.value", "Amount won.amount", "Loss rate"}; !slices.Equal(lines[0], head) {
		t.Fatalf("the head is %q", lines[0])
	}
	for i, line := range lines.table("line")[:len(rows)] {
		row := rows[i].(map[string]any)
		if line["won"] != text(row["won"]) || line["lost"] != text(row["lost"]) || line["amount"] != within(row["amount"], "amount") ||
			line["amount.count"] != within(row["amount"], "count") || line["Amount won.value"] != within(row["wonAmount"], "value") || line["Amount won.amount"] != within(row["wonAmount"], "amount") {
			t.Errorf("the line %v is not of %v", line, row)
		}
	}
}

// within gives a field of a value of an answer, as a file has it.
func within(of any, name string) string {
	object, _ := of.(map[string]any)
	return text(object[name])
}

func equalGrids(a, b grid) bool { return slices.EqualFunc(a, b, slices.Equal[[]string]) }

// text writes a value of an answer as a file has it.
func text(value any) string {
	written, _ := json.Marshal(value)
	return strings.Trim(strings.ReplaceAll(string(written), "null", ""), `"`)
}

// TestTheBoardsComeAsFiles asks for the users' own boards in every form, in both languages.
func TestTheBoardsComeAsFiles(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	var board string
	for _, file := range operations.Files() {
		if strings.Contains(file.Document, "query LossBoard") {
			board = file.Document
		}
	}
	ask := func(path, operation string, header ...string) *servertest.Answer {
		period := map[string]any{"from": "2000-01-01", "until": "2100-01-01"}
		body, _ := json.Marshal(map[string]any{"query": board, "operationName": operation, "variables": map[string]any{"period": period}})
		a := c.Send(http.MethodPost, path, body, append(header, "Content-Type", plainJSON, "Authorization", "Bearer "+c.Token("admin"))...)
		if a.Status != 200 {
			t.Fatalf("%s as %s: %d %.500s", operation, path, a.Status, a.Body)
		}
		return a
	}
	if got := slices.Sorted(maps.Keys(xlsxGrids(t, ask("/reports.xlsx", "LossBoard").Body))); len(got) != 14 || got[0] != "byCompetitor" || got[1] != "byCompetitor (about)" {
		t.Errorf("the sheets are %q", got)
	}
	chinese := csvGrid(t, ask("/reports.csv", "LossBoard", "Accept-Language", "zh-CN").Body)
	if got := chinese.table("行别"); got[0]["行别"] != "合计" || got[0]["丢单率"] == "" || got[1]["关单负责人"] == "" && got[1]["行别"] != "明细" {
		t.Errorf("in Chinese: %v", got[:2])
	}
	if !slices.ContainsFunc(chinese, func(line []string) bool { return len(line) == 1 && line[0] == "byQuarter" }) {
		t.Error("no block is headed byQuarter")
	}
	decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(ask("/reports.csv?encoding=gb18030", "LossBoard", "Accept-Language", "zh-CN").Body)
	if err != nil || !equalGrids(csvGrid(t, append([]byte("\ufeff"), withoutClock(decoded)...)), csvGrid(t, withoutClock(ask("/reports.csv", "LossBoard", "Accept-Language", "zh-CN").Body))) {
		t.Errorf("as GB18030 it says something else: %v", err)
	}
	competitors := csvGrid(t, ask("/reports.csv", "CompetitorBoard").Body).table("line")
	if competitors[0]["Rank"] != "1" || competitors[0]["competitor.name"] == "" || competitors[0]["Amount lost"] == "" {
		t.Errorf("the strongest competitor is %v", competitors[0])
	}
	var plain struct{ Data map[string]any }
	if err := json.Unmarshal(ask("/reports.json", "CompetitorBoard").Body, &plain); err != nil || plain.Data["competitorAnalysis"] == nil {
		t.Errorf("as JSON: %v, %v", plain, err)
	}
}

// TestAFileOfCompetitorsTellsWhatItsRowsLeaveOut asks for one competitor and the total: a file tells of the others too, whether or not
// the request does, and the lines add up.
func TestAFileOfCompetitorsTellsWhatItsRowsLeaveOut(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	const asked = "query Rivals { competitorAnalysis(first: 1) { rows { ...R } %s total { ...R } } } fragment R on CompetitorReportRow { rank competitor { name } competitors encounters theyWon amountLost { amount } lossReasons(first: 1) { key { label } count } }"
	answer := c.Ask("admin", fmt.Sprintf(asked, "other { ...R }"), nil).Good()
	for _, document := range []string{fmt.Sprintf(asked, ""), fmt.Sprintf(asked, "other { ...R }")} {
		lines := csvGrid(t, fileOf(t, c, "admin", "/reports.csv", document, nil).Body)
		marked := map[string]map[string]string{}
		for _, line := range lines.table("line") {
			if _, row := line["Encounters"]; row {
				marked[line["line"]] = line
			}
		}
		for mark, path := range map[string]string{"row": "rows.0", "other": "other", "total": "total"} {
			path = "competitorAnalysis." + path
			if got := marked[mark]; len(marked) != 3 || got["Encounters"] != text(answer.Get(path+".encounters")) || got["Competitors"] != text(answer.Get(path+".competitors")) ||
				got["Amount lost"] != text(answer.Get(path+".amountLost.amount")) || got["Rank"] != text(answer.Get(path+".rank")) {
				t.Errorf("%s is %v; the answer has %v", mark, got, answer.Get(path))
			}
		}
		if n := func(mark string) int { n, _ := strconv.Atoi(marked[mark]["Encounters"]); return n }; n("other") == 0 || n("row")+n("other") != n("total") {
			t.Errorf("the lines do not add up: %v", marked)
		}
		if book := xlsxGrids(t, fileOf(t, c, "admin", "/reports.xlsx", document, nil).Body)["competitorAnalysis"]; !equalGrids(book[:4], lines[:4]) {
			t.Errorf("the sheet is %v, the other file %v", book, lines)
		}
	}
}

// withoutClock leaves out the lines that tell the time.
func withoutClock(body []byte) []byte {
	var kept [][]byte
	for line := range bytes.SplitSeq(body, []byte("\n")) {
		if !bytes.HasPrefix(line, []byte("截至")) {
			kept = append(kept, line)
		}
	}
	return bytes.Join(kept, []byte("\n"))
}

// TestAFileIsRefusedAsAnAnswerIs asks for what is no report, for what the asker may not read, and from where he may not ask.
func TestAFileIsRefusedAsAnAnswerIs(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	letExport(t, c, "marketing", access.Opportunity)
	const byAmount = `{ opportunityReport(by: [STATUS], orderBy: [{measure: WON_AMOUNT}]) { total { count } } }`
	for _, ask := range []struct {
		login, path, query, code string
		status                   int
	}{
		{"admin", "/reports.csv", `{ customers { totalCount } }`, "BAD_INPUT", 400},
		{"admin", "/reports.csv", `query { ...Q } fragment Q on Query { lossRate { total { count } } viewer { user { id } } }`, "BAD_INPUT", 400},
		{"admin", "/reports.json", `{ __schema { types { name } } }`, "BAD_INPUT", 400},
		{"admin", "/reports.xlsx", `mutation { customerClaim(input: {id: "x"}) { userErrors { code } } }`, "BAD_INPUT", 400},
		{"admin", "/reports.csv", `{ lossRate { nothing } }`, "GRAPHQL_VALIDATION_FAILED", 400},
		{"admin", "/reports.csv", `{ lossRate(first: 0) { total { count } } }`, "BAD_INPUT", 400},
		{"admin", "/reports.csv?encoding=utf-16", `{ lossRate { total { count } } }`, "BAD_INPUT", 400},
		{"admin", "/reports.xlsx?encoding=gb18030", `{ lossRate { total { count } } }`, "BAD_INPUT", 400},
		{"admin", "/reports.csv", `{ lossRate @skip(if: true) { total { count } } }`, "BAD_INPUT", 400},
		{"admin", "/reports.xlsx", `{ lossRate @skip(if: true) { total { count } } }`, "BAD_INPUT", 400},
		{"marketing", "/reports.csv", byAmount, "FIELD_DENIED", 400},
	} {
		a := fileOf(t, c, ask.login, ask.path, ask.query, nil)
		if a.Refused(ask.code); a.Status != ask.status || a.Header.Get("Content-Disposition") != "" {
			t.Errorf("%s %s: answered %d %s", ask.path, ask.query, a.Status, a.Body)
		}
	}
	body := []byte(`{"query":"{ lossRate { total { count } } }"}`)
	if a := c.Send(http.MethodPost, "/reports.csv", body, "Content-Type", plainJSON); a.Status != 401 || a.Refused("UNAUTHENTICATED").Message == "" {
		t.Errorf("nobody is answered %d %s", a.Status, a.Body)
	}
	if a := c.Send(http.MethodPost, "/reports.csv", body, "Content-Type", "text/plain", "Authorization", "Bearer "+c.Token("admin")); a.Status != 415 {
		t.Errorf("as text/plain it is answered %d", a.Status)
	}
	if a := c.Send(http.MethodPost, "/reports.csv", body, "Content-Type", plainJSON, "Authorization", "Bearer wrong"); a.Status != 401 {
		t.Errorf("with a wrong token it is answered %d", a.Status)
	}
}

// TestAFileHoldsNoMoreThanItsAskerReads asks as one who reads no amounts, and as an administrator who looks as he does.
func TestAFileHoldsNoMoreThanItsAskerReads(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	letExport(t, c, "marketing", access.Opportunity)
	variables := map[string]any{"first": 3}
	a := fileOf(t, c, "marketing", "/reports.csv", fewRows, variables)
	if a.Status != 200 {
		t.Fatalf("answered %d %s", a.Status, a.Body)
	}
	lines := csvGrid(t, a.Body)
	for _, row := range lines.table("line") {
		if row["Amount lost"] != "" || row["amount.amount"] != "" {
			t.Errorf("one who reads no amounts is told %v", row)
		}
	}
	if !slices.ContainsFunc(lines, func(line []string) bool { return slices.Equal(line, []string{"OpportunityReportRow.lostAmount"}) }) {
		t.Errorf("the file does not say what is left out: %q", lines)
	}
	asHe := fileOf(t, c, "admin", "/reports.csv", fewRows, variables, lookAs(t, c, "admin", "marketing")[2:]...)
	if !equalGrids(csvGrid(t, asHe.Body), lines) {
		t.Errorf("who looks as he does is told\n%s", asHe.Body)
	}
	if got := c.Ask("admin", `{ accessLog(where: {user: {login: {eq: "marketing"}}}) { nodes { viewedBy { login } operation } } }`, nil).Good().List("accessLog.nodes"); len(got) == 0 {
		t.Error("that he looked is not in the access log")
	}
}
