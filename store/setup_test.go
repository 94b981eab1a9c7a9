package store_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/internal/pgtest"
	"guanxi/models"
	"guanxi/store"
)

func emptyStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func number(t *testing.T, s *store.Store, text string, args ...any) (n int) {
	t.Helper()
	if err := s.DB.NewRaw(text, args...).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSetupOfSeveralServersAtOnceHappensOnce(t *testing.T) {
	t.Parallel()
	s := emptyStore(t)
	var servers sync.WaitGroup
	for range 4 {
		servers.Go(func() {
			if err := s.Setup(context.Background(), store.SetupOptions{Company: "华南机电"}); err != nil {
				t.Error(err)
			}
		})
	}
	servers.Wait()
	if n := number(t, s, "select count(*) from company where name = '华南机电' and currency = 'CNY' and time_zone = 'Asia/Shanghai' and not sample"); n != 1 {
		t.Errorf("%d companies as asked for", n)
	}
	if n := number(t, s, "select count(*) from roles"); n != 7 {
		t.Errorf("%d roles, 7 are shipped", n)
	}
	if n := number(t, s, "select count(*) from relationship_types where id = ? and code = ?", models.WorksAtID, models.WorksAt); n != 1 {
		t.Error("no type for affiliations")
	}
	if n := number(t, s, "select count(distinct loss_kind) from dictionary_entries"); n != 6 {
		t.Errorf("loss reasons of %d kinds, there are 6", n)
	}
	if n := number(t, s, "select count(*) from stages s join pipelines p on p.id = s.pipeline_id and p.is_default"); n < 3 {
		t.Errorf("%d stages in the default pipeline", n)
	}
}

func TestSetupLeavesWhatAdministratorsChanged(t *testing.T) {
	t.Parallel()
	s := emptyStore(t)
	if err := s.Setup(t.Context(), store.SetupOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, change := range []string{
		"update roles set permissions = '{}' where code = 'sales'", "delete from dictionary_entries where code = 'VISIT'",
		"update company set name = 'Ours', currency = 'EUR'",
	} {
		if _, err := s.DB.ExecContext(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Setup(t.Context(), store.SetupOptions{Company: "Theirs"}); err != nil {
		t.Fatal(err)
	}
	if n := number(t, s, "select count(*) from roles where code = 'sales' and permissions = '{}'"); n != 1 {
		t.Error("a role's permissions came back")
	}
	if n := number(t, s, "select count(*) from dictionary_entries where code = 'VISIT'"); n != 0 {
		t.Error("a deleted dictionary entry came back")
	}
	if n := number(t, s, "select count(*) from company where name = 'Ours' and currency = 'EUR'"); n != 1 {
		t.Error("the company's name or currency was overwritten")
	}
}

func TestSetupRefusesUnknownZoneAndCurrency(t *testing.T) {
	t.Parallel()
	s := emptyStore(t)
	err := s.Setup(t.Context(), store.SetupOptions{Currency: "ZZZ", TimeZone: "Mars/Olympus"})
	refusals, _ := fault.Refusals(err)
	if len(refusals) != 2 || refusals[0].Field[0] != "timeZone" || refusals[1].Field[0] != "currency" {
		t.Errorf("want both fields refused, got %v", err)
	}
	if n := number(t, s, "select count(*) from company"); n != 0 {
		t.Error("a company was set up all the same")
	}
}

// TestShippedRolesAreThoseOfTheProduct holds the roles against the sentences that describe them.
func TestShippedRolesAreThoseOfTheProduct(t *testing.T) {
	t.Parallel()
	s := emptyStore(t)
	if err := s.Setup(t.Context(), store.SetupOptions{}); err != nil {
		t.Fatal(err)
	}
	standing := map[string][]string{
		"administrator": {"MANAGE everyone all"}, "analyst": {"OBSERVE everyone all"}, "finance": {"OBSERVE everyone CUSTOMER"},
		"service": {"MANAGE everyone SERVICE", "OBSERVE everyone CUSTOMER"}, "marketing": {"OBSERVE everyone CUSTOMER"},
		"sales": nil, "sales_manager": nil,
	}
	for code, want := range standing {
		var got []string
		err := s.DB.NewRaw(`select level || ' ' || case when everyone then 'everyone' else 'some' end || ' ' || coalesce(array_to_string(kinds, ','), 'all')
			from grants join roles r on r.id = grantee_role_id where r.code = ? and effect = 'ALLOW' order by 1`, code).Scan(t.Context(), &got)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s has the grants %v (%v), want %v", code, got, err, want)
		}
	}
	writes := "select count(*) from roles, unnest(permissions) p where code = 'analyst' and not (p like '%\\_READ' or p like '%\\_EXPORT' or p = 'REPORT')"
	if n := number(t, s, writes); n != 0 {
		t.Errorf("the analyst may do %d things that are not reading", n)
	}
	if n := number(t, s, "select count(*) from field_rights f join roles r on r.id = f.role_id where access <> 'NONE' and (code, rule) in (('analyst', 'CONTACT_DETAILS'), ('marketing', 'AMOUNTS'))"); n != 0 {
		t.Error("the analyst reads contact details or marketing reads amounts")
	}
	if n := number(t, s, "select count(*) from field_rights"); n != 7*len(access.Rules)*len(access.Relations) {
		t.Errorf("%d field rights: a rule or relation is left open for some role", n)
	}
	var given []string
	if err := s.DB.NewRaw("select distinct unnest(permissions) from roles where code <> 'administrator'").Scan(t.Context(), &given); err != nil {
		t.Fatal(err)
	}
	for _, p := range given {
		if !slices.Contains(access.Permissions(), access.Permission(p)) {
			t.Errorf("no such permission: %s", p)
		}
	}
	if n := number(t, s, "select cardinality(permissions) from roles where code = 'administrator'"); n != len(access.Permissions()) {
		t.Errorf("the administrator has %d of %d permissions", n, len(access.Permissions()))
	}
}
