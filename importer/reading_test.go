package importer

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// customers is a small mapping; more is put at its top.
func customers(more string) string {
	return more + `
source: test
files:
  customers.csv:
    records:
      - kind: customer
        key: no
        fields: { name: name, note: note }
`
}

// world is a folder with a mapping and one file.
func world(t *testing.T, mapping, name, content string) (string, string) {
	t.Helper()
	dir := t.TempDir()
	return write(t, filepath.Join(dir, "mapping.yaml"), mapping), write(t, filepath.Join(dir, name), content)
}

// read gives the rows and the problems of one customers.csv.
func read(t *testing.T, mapping, content string) ([]Row, Problems) {
	t.Helper()
	source := open2(t, mapping, content)
	var rows []Row
	var problems Problems
	if err := source.Each(func(r Row) error { rows = append(rows, r); return nil }, func(p Problem) { problems = append(problems, p) }); err != nil {
		t.Fatal(err)
	}
	return rows, problems
}

func open2(t *testing.T, mapping, content string) *Source {
	t.Helper()
	path, file := world(t, mapping, "customers.csv", content)
	return open(t, path, file)
}

// refused gives the problems for which the file is not opened.
func refused(t *testing.T, mapping, content string) Problems {
	t.Helper()
	path, file := world(t, mapping, "customers.csv", content)
	loaded, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(loaded, []string{file})
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatalf("opened, or failed otherwise: %v", err)
	}
	return problems
}

// says wants exactly these problems, each by a part of its English and a Chinese sentence.
func says(t *testing.T, problems Problems, parts ...string) {
	t.Helper()
	if len(problems) != len(parts) {
		t.Fatalf("%d problems, want %d:\n%v", len(problems), len(parts), problems)
	}
	for i, part := range parts {
		if !strings.Contains(problems[i].Error(), part) {
			t.Errorf("problem %q, want it to say %q", problems[i].Error(), part)
		}
		if problems[i].Zh == "" || problems[i].In("zh") == problems[i].In("en") {
			t.Errorf("problem %q is not told in Chinese", problems[i].Error())
		}
	}
}

func TestEncodingsAreReadAsTheMappingSays(t *testing.T) {
	const content = "no,name,note\n1,华为技术,\"两行\n文字\"\n"
	gb, _ := simplifiedchinese.GB18030.NewEncoder().String(content)
	utf16, _ := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(content)
	for name, c := range map[string]struct{ mapping, content string }{
		"utf-8":           {"", content},
		"utf-8 with mark": {"", "\ufeff" + content},
		"windows lines":   {"", strings.ReplaceAll(content, "\n1", "\r\n1")},
		"gb18030":         {"encoding: GB18030", gb},
		"utf-16":          {"encoding: utf-16", utf16},
		"semicolons":      {"separator: ;", strings.ReplaceAll(content, ",", ";")},
		"tabs":            {"separator: tab", strings.ReplaceAll(content, ",", "\t")},
	} {
		rows, problems := read(t, customers(c.mapping), c.content)
		if len(problems) > 0 || len(rows) != 1 {
			t.Fatalf("%s: %d rows, %v", name, len(rows), problems)
		}
		if rows[0].Fields["name"].Text != "华为技术" || rows[0].Fields["note"].Text != "两行\n文字" || rows[0].Line != 2 || rows[0].Key != "1" {
			t.Errorf("%s: %v", name, rows[0])
		}
	}
}

func TestAWrongEncodingIsRefusedWithAProposal(t *testing.T) {
	gb, _ := simplifiedchinese.GB18030.NewEncoder().String("no,name,note\n1,abc,\n2,华为技术,\n")
	problems := refused(t, customers(""), gb)
	says(t, problems, "customers.csv:3: byte 23 of the file (0xBB) is not UTF-8; with encoding: gb18030 in the mapping the line reads: 2,华为技术,")
	says(t, refused(t, customers(""), "\xff\xfen\x00o\x00"), "encoding: utf-16")
	says(t, refused(t, customers("encoding: gb18030"), "\ufeffno,name,note\n"), "customers.csv:1: the file begins with the mark of UTF-8")
	says(t, refused(t, customers("encoding: gb18030"), "no,name,note\n1,\xff\xff,\n"), "customers.csv:2: the line is not written in gb18030")
	says(t, refused(t, customers(""), ""), "empty")
}

func TestAnUnknownColumnIsRefusedWithTheHeader(t *testing.T) {
	says(t, refused(t, customers(""), "no,title,title\n1,a,b\n"),
		"customers.csv:1: column name: the mapping names this column, the file has: no, title, title",
		"column note: the mapping names this column")
	says(t, refused(t, customers(""), "no,name,name,note\n"), "2 columns of this name")
}

func TestABadRowIsReportedAndTheOthersGoOn(t *testing.T) {
	rows, problems := read(t, customers(""), strings.Join([]string{
		"no,name,note,,", "1,one,,,", "2,two", "3,\x00,,,", ",four,,,", ",,,,", "1,again,,,", "7,,,,", `8,a"b,,,`, "9,nine,,,", "",
	}, "\n"))
	says(t, problems,
		"customers.csv:3: the row has 2 cells, the header has 5",
		"customers.csv:4: the row contains a NUL character",
		"customers.csv:5: column no: empty, but it is needed",
		`customers.csv:7: column no: lines 2 (of `,
		"customers.csv:8: column name: empty, but name is required",
		`customers.csv:9: the row cannot be read: bare " in non-quoted-field in line 9`,
	)
	if len(rows) != 2 || rows[0].Key != "1" || rows[1].Key != "9" {
		t.Errorf("rows: %v", rows)
	}
}

func TestEveryProblemOfARowIsReported(t *testing.T) {
	mapping := `
source: test
files:
  customers.csv:
    records:
      - kind: opportunity
        key: no
        fields: { title: name, status: status, amount: amount, openedOn: opened }
`
	rows, problems := read(t, mapping, "no,name,status,amount,opened\n1,A,WON,1.00005,2026-02-30\n2,B,won,\"1,000\",\n3,C,OPEN,12.5,2026-02-28\n")
	says(t, problems,
		`:2: column amount: "1.00005" has more than 4 decimals`,
		`:2: column opened: "2026-02-30" is no date written as YYYY-MM-DD`,
		`:3: column amount: "1,000" is no number written as 1234.56`,
		`:3: column status: "won" is not one of OPEN, WON, LOST, CANCELLED`,
	)
	if len(rows) != 1 || rows[0].Fields["amount"].String() != "12.5" || rows[0].Fields["openedOn"].Date != "2026-02-28" {
		t.Errorf("rows: %v", rows)
	}
}

func TestRecordsThatRepeatMustAgree(t *testing.T) {
	mapping := `
source: test
empty: ["-"]
files:
  customers.csv:
    records:
      - { kind: department, key: [office, team], repeated: true, unless: { team: "" }, fields: { name: team, parent: { column: boss, by: name } } }
      - { kind: user, key: no, where: { office: [Nord, Süd] }, fields: { name: no, department: [office, team] } }
`
	rows, problems := read(t, mapping, "no,office,team,boss\n1,Nord,A/B,x\n2,Nord,A/B,x\n3,Nord,A/B,y\n4,West,-,\n5,Süd,-,\n")
	says(t, problems, "lines 2 (of ", ":6: column office, team: a part of the reference is empty")
	var keys []string
	for _, row := range rows {
		keys = append(keys, row.Kind+" "+row.Key)
	}
	if got := strings.Join(keys, "; "); got != "department Nord/A//B; user 1; user 2; user 3" {
		t.Errorf("rows: %s", got)
	}
	if ref := rows[1].Fields["department"].Ref; ref.Key != rows[0].Key || ref.Kind != "department" {
		t.Errorf("the user's department is %+v", ref)
	}
}

func TestASourceIsReadAgainAlike(t *testing.T) {
	source := open2(t, customers(""), "no,name,note\n1,one,\n2,two,\n")
	if first, second := all(t, source), all(t, source); len(first) != 2 || len(second) != 2 || first[1].String() != second[1].String() {
		t.Errorf("first %v, then %v", first, second)
	}
	stop := errors.New("stop")
	if err := source.Each(func(Row) error { return stop }, func(Problem) {}); !errors.Is(err, stop) {
		t.Errorf("an error of take gives %v", err)
	}
}
