package importer

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// TestDisclosedUniquenessOfExternalKeys imports as somebody who sees no record: a key that is taken tells him that it is, and
// the same whatever its record has become.
func TestDisclosedUniquenessOfExternalKeys(t *testing.T) {
	c := imported(t)
	c.people("delete from grants where grantee_role_id = (select id from roles where code = 'administrator')")
	blind := c.person("administrator")
	mapping, folder := oldCRM(t, "customers.csv", "甲公司", "丙公司")
	tell := func() string {
		t.Helper()
		result, err := Run(context.Background(), c.store, blind, open(t, mapping, folder), Options{DryRun: true})
		if err != nil {
			t.Fatal(err)
		}
		var told bytes.Buffer
		for _, problem := range result.Problems {
			if strings.Contains(problem.File, "customers") {
				told.WriteString(problem.Sentence.In("en") + "\n")
			}
		}
		return told.String()
	}
	taken := tell()
	if strings.Count(taken, "\n") != 1 {
		t.Fatalf("a key that is taken is told as %q", taken)
	}
	c.people("update customers set name = '秘密公司', phone = '13800000000', version = version + 5, owner_id = null where name = '甲公司'")
	if again := tell(); again != taken || strings.Contains(again, "秘密") {
		t.Errorf("before its record changed %q, after %q", taken, again)
	}
	c.people("delete from external_keys where key = 'C1'")
	if free := tell(); free != "" {
		t.Errorf("a key that nobody has is refused with %q", free)
	}
}
