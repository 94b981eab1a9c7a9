package importer

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

func loadProblems(t *testing.T, path string) Problems {
	t.Helper()
	_, err := Load(path)
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatalf("loaded, or failed otherwise: %v", err)
	}
	return problems
}

func TestAWrongMappingIsRefusedWithItsLines(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "mapping.yaml"), `source: test
encoding: klingon
dates: YYYY/Q
currency: dollars
files:
  a.csv:
    records:
      - kind: customer
        key: no
        fields:
          nome: x
          kind: { text: FIRM }
          owner: { column: x, by: shoe size }
          note: { column: x, text: y }
      - kind: spaceship
      - kind: user
        fields: { name: x, department: { column: x, create: true } }
  b.csv:
    separator: "::"
`)
	says(t, loadProblems(t, path),
		`mapping.yaml:2: encoding "klingon" is not known; known are big5`,
		"mapping.yaml:4: \"dollars\" is no currency code",
		`mapping.yaml:3: date format "YYYY/Q": "Q" means nothing`,
		"kind is one of ORGANIZATION, PERSON",
		`:11: a customer has no field "nome"; it has address,`,
		"note: name a column or a text",
		`owner can be found by key, login, name, email, not by "shoe size"`,
		`a customer needs the field "name"`,
		`:15: there is no kind "spaceship"`,
		":16: key: a user needs the column",
		":17: department: what it points to cannot be made in passing",
		":19: the separator is one character", ":19: b.csv: records: the mapping does not say what the file holds",
	)
}

func TestAKeyThatIsNoneIsRefused(t *testing.T) {
	for _, c := range []struct{ mapping, says string }{
		{"source: a\ncolour: red\n", `mapping.yaml:2: a mapping has no key "colour" here`},
		{"source: a\nfiles:\n  a.csv:\n    records:\n      - kind: user\n        fields: { name: { colum: x } }\n", `mapping.yaml:6: a mapping has no key "colum" here`},
		{"source: a\nempty: [ { valu: x } ]\n", `mapping.yaml:2: a mapping has no key "valu" here`},
		{"source: [a\n", "mapping.yaml:"},
		{"source: a\nsource: b\n", "already defined"},
		{"", "empty"},
	} {
		path := write(t, filepath.Join(t.TempDir(), "mapping.yaml"), c.mapping)
		if problems := loadProblems(t, path); !strings.Contains(problems.Error(), c.says) {
			t.Errorf("%q: %v, want %q", c.mapping, problems, c.says)
		}
	}
}

func TestAnExtendedMappingIsLaidOver(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "below.yaml"), customers("empty: [x]\n"))
	above := write(t, filepath.Join(dir, "above.yaml"), "extends: below.yaml\nsource: other\nfiles:\n  customers.csv:\n    empty: [y]\n    columns: { note: { values: { a: b } } }\n")
	file := write(t, filepath.Join(dir, "customers.csv"), "no,name,note\n1,x,y\n2,n,a\n")
	source := open(t, above, file)
	rows := all(t, source)
	if source.Name != "other" || len(rows) != 2 || rows[0].Fields["name"].Text != "x" || rows[0].Fields["note"].Type != Empty || rows[1].Fields["note"].Text != "b" {
		t.Errorf("%s: %v", source.Name, rows)
	}
	wrong := write(t, filepath.Join(dir, "wrong.yaml"), "extends: above.yaml\n\nfiles:\n  customers.csv:\n    dates: soon\n")
	says(t, loadProblems(t, wrong), "wrong.yaml:5: date format")
	circle := write(t, filepath.Join(dir, "circle.yaml"), "extends: circle.yaml\n")
	says(t, loadProblems(t, circle), "circle.yaml:1: extends goes in a circle")
}
