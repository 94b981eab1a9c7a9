package importer

import (
	"context"
	"slices"
	"strings"
	"testing"

	"guanxi/access"
	"guanxi/fault"
)

// administrator is somebody with all the rights of an administrator but those that the statements take away.
func (c *company) administrator(less ...string) *access.Viewer {
	c.t.Helper()
	for _, sql := range less {
		c.people(sql)
	}
	return c.person("administrator")
}

func TestImportingNeedsEachPermissionForWhatItWrites(t *testing.T) {
	c := newCompany(t)
	mapping, folder := oldCRM(t)
	run := func(viewer *access.Viewer) error {
		_, err := Run(context.Background(), c.store, viewer, open(t, mapping, folder), Options{})
		return err
	}
	for _, permission := range []string{"IMPORT", "CUSTOMER_CREATE", "CUSTOMER_UPDATE", "OPPORTUNITY_TRANSFER", "USER_ADMIN", "CATALOG_ADMIN", "DICTIONARY_ADMIN"} {
		lacking := c.administrator("update roles set permissions = array_remove(permissions, '" + permission + "') where code = 'administrator'")
		if err := run(lacking); !fault.Is(err, fault.PermissionDenied) || !strings.Contains(err.Error(), permission) {
			t.Errorf("without %s: %v", permission, err)
		}
		c.people("update roles set permissions = permissions || $1::text where code = 'administrator'", permission)
	}
	for rule, field := range map[string]string{"AMOUNTS": "amount", "CONTACT_DETAILS": "phone"} {
		blind := c.administrator("update field_rights set access = 'NONE' where rule = '" + rule + "'")
		if err := run(blind); !fault.Is(err, fault.FieldDenied) || !strings.HasPrefix(err.Error(), field+":") {
			t.Errorf("without the right to %s: %v", rule, err)
		}
		c.people("update field_rights set access = 'FULL' where rule = $1", rule)
	}
	is(c, 0, "select count(*) from external_keys")
}

func TestMakingACurrencyInPassingNeedsItsPermission(t *testing.T) {
	c := newCompany(t)
	mapping, folder := files(t, `
source: old-crm
currency: ISK
files:
  products.csv:
    records:
      - { kind: product, key: name, fields: { name: name, listPrice: price } }
`, "products.csv", "name,price\n泵,100.50\n")
	c.people("delete from currencies where code <> 'USD'")
	lacking := c.administrator("update roles set permissions = array_remove(permissions, 'DICTIONARY_ADMIN') where code = 'administrator'")
	_, err := Run(context.Background(), c.store, lacking, open(t, mapping, folder), Options{})
	if !fault.Is(err, fault.PermissionDenied) {
		t.Errorf("made a currency: %v", err)
	}
	is(c, 0, "select count(*) from currencies where code = 'ISK'")
	is(c, 0, "select count(*) from products")
	c.clean(mapping, folder)
	is(c, 1, "select count(*) from currencies where code = 'ISK'")
}

func TestValueKeptIsToldToWhoReadsItEverywhere(t *testing.T) {
	c := imported(t)
	c.people("update customers set phone = '0771-99' where name = '甲公司'")
	mapping, folder := oldCRM(t, "customers.csv", "甲公司,0771-1,早", "甲公司,0771-2,早")
	told := func(viewer *access.Viewer) []string {
		t.Helper()
		r, err := Run(context.Background(), c.store, viewer, open(t, mapping, folder), Options{DryRun: true})
		if err != nil || len(r.Kept) != 1 {
			t.Fatalf("kept %v (%v)", r.Kept, err)
		}
		return []string{r.Kept[0].Field, r.Kept[0].Record}
	}
	if got := told(c.administrator()); !slices.Equal(got, []string{"phone", "0771-99"}) {
		t.Errorf("told %q to an administrator", got)
	}
	partly := c.administrator("update field_rights set access = 'MASKED' where rule = 'CONTACT_DETAILS' and relation = 'OTHER'")
	if got := told(partly); !slices.Equal(got, []string{"phone", "…"}) {
		t.Errorf("told %q to one who reads his own alone", got)
	}
}
