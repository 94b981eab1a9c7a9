package main

import (
	"strings"
	"testing"
)

const stream = `{"Action":"start","Package":"a"}
{"Action":"output","Package":"a","Test":"TestGood","Output":"quiet words\n"}
{"Action":"pass","Package":"a","Test":"TestGood","Elapsed":0}
{"Action":"output","Package":"a","Test":"TestLater","Output":"    a_test.go:5: SKIPPED: no data\n"}
{"Action":"output","Package":"a","Test":"TestLater","Output":"--- SKIP: TestLater (0.00s)\n"}
{"Action":"skip","Package":"a","Test":"TestLater","Elapsed":0}
{"Action":"pass","Package":"a","Elapsed":1.25}
`

func TestPassedPackagesAreOneLineAndSkipsAreToldLast(t *testing.T) {
	var out strings.Builder
	passed, err := summarise(strings.NewReader(stream), &out)
	const want = "pass a 1.2s\n1 passed, 0 failed, 1 skipped\na TestLater: a_test.go:5: SKIPPED: no data\n"
	if err != nil || !passed || out.String() != want {
		t.Errorf("passed %v, %v, printed\n%s\nwant\n%s", passed, err, out.String(), want)
	}
}

func TestFailureIsPrintedInFull(t *testing.T) {
	failing := strings.ReplaceAll(stream, `"pass","Package":"a","Test":"TestGood"`, `"fail","Package":"a","Test":"TestGood"`) +
		`{"Action":"build-output","ImportPath":"b","Output":"b.go:1: broken\n"}` + "\n"
	var out strings.Builder
	passed, err := summarise(strings.NewReader(failing), &out)
	if err != nil || passed {
		t.Errorf("passed %v, %v", passed, err)
	}
	for _, want := range []string{"quiet words\n", "b.go:1: broken\n", "1 failed"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}
