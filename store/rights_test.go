package store_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

func TestRoleSaysOnlyWhatThereIs(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	admin := w.viewer(w.user("admin"))
	_, err := w.store.RoleCreate(ctx, admin, store.Request{}, models.Role{Code: "x", Name: "x", Permissions: []string{"CUSTOMER_READ", "EVERYTHING"}},
		[]*models.FieldRight{{Rule: "SECRETS", Relation: "OWN", Access: "FULL"}})
	says(t, err, fault.Invalid, "input.permissions.1")
	says(t, err, fault.Invalid, "input.fieldRights.0")
	id, err := w.store.RoleCreate(ctx, admin, store.Request{}, models.Role{Code: "x", Name: "x", Permissions: []string{"CUSTOMER_READ"}},
		[]*models.FieldRight{{Rule: "AMOUNTS", Relation: "OWN", Access: "FULL"}})
	if err != nil {
		t.Fatal(err)
	}
	change := map[string]any{"permissions": []string{}, "fieldRights": []*models.FieldRight{{Rule: "COSTS", Relation: "OTHER", Access: "MASKED"}}}
	if _, err := w.store.RoleUpdate(ctx, admin, store.Request{}, id, nil, change); err != nil {
		t.Fatal(err)
	}
	if n := w.number("select count(*) from roles r join field_rights f on f.role_id = r.id where r.id = ? and permissions = '{}' and f.rule = 'COSTS' and r.version = 2", id); n != 1 {
		t.Error("the role is not as it was changed to")
	}
	_, err = w.store.RoleCreate(ctx, admin, store.Request{}, models.Role{Code: "x", Name: "y"}, nil)
	says(t, err, fault.Duplicate, "input.code")
}

func TestRoleInUseStays(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	admin, wang := w.viewer(w.user("admin")), w.viewer(w.user("wang"))
	role := wang.Roles[0]
	_, err := w.store.RoleDelete(ctx, admin, store.Request{}, role, nil)
	says(t, err, fault.InUse, "")
	if _, err := w.store.GrantCreate(ctx, admin, store.Request{}, models.Grant{GranteeRoleID: &role, Everyone: true, Effect: models.Allow, Level: models.Observe}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.UserRolesSet(ctx, admin, store.Request{}, wang.UserID, nil, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.RoleDelete(ctx, admin, store.Request{}, role, nil); err != nil {
		t.Fatal(err)
	}
	if n := w.number("select count(*) from grants"); n != 0 {
		t.Error("a standing grant outlived its role")
	}
}

func TestLastAdministratorStays(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	admin := w.viewer(w.user("admin"))
	_, err := w.store.UserRolesSet(ctx, admin, store.Request{}, admin.UserID, nil, nil)
	says(t, err, fault.Forbidden, "")
	_, err = w.store.UserDeactivate(ctx, admin, store.Request{}, admin.UserID, nil)
	says(t, err, fault.Forbidden, "")
	_, err = w.store.RoleUpdate(ctx, admin, store.Request{}, admin.Roles[0], nil, map[string]any{"permissions": []string{"USER_ADMIN"}})
	says(t, err, fault.Forbidden, "")
	if !w.viewer(admin.UserID).May(access.AccessAdmin) {
		t.Error("the last administrator is none any more")
	}
}

func TestTwoAdministratorsCannotRemoveEachOtherAtOnce(t *testing.T) {
	w := newWorld(t)
	admins := []*access.Viewer{w.viewer(w.user("a")), w.viewer(w.user("b"))}
	var both sync.WaitGroup
	for i := range admins {
		both.Go(func() {
			_, err := w.store.UserRolesSet(context.Background(), admins[i], store.Request{}, admins[1-i].UserID, nil, nil)
			if err != nil {
				says(t, err, fault.Forbidden, "")
			}
		})
	}
	both.Wait()
	n := w.number("select count(distinct u.id) from users u join user_roles x on x.user_id = u.id join roles r on r.id = x.role_id where 'ACCESS_ADMIN' = any(r.permissions)")
	if n != 1 {
		t.Errorf("%d administrators left, one of two is", n)
	}
}

func TestGrantIsOfOneOverOne(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	admin := w.viewer(w.user("admin"))
	wang := w.user("wang")
	now, then := w.now, w.now.Add(-time.Hour)
	for field, g := range map[string]models.Grant{
		"input.grantee":      {Everyone: true, Effect: models.Allow, Level: models.Observe},
		"input.subject":      {GranteeUserID: &wang, Effect: models.Allow, Level: models.Observe},
		"input.until":        {GranteeUserID: &wang, Everyone: true, Effect: models.Allow, Level: models.Observe, ValidFrom: &now, ValidUntil: &then},
		"input.kinds.0":      {GranteeUserID: &wang, Everyone: true, Effect: models.Allow, Level: models.Observe, Kinds: []string{"POOL"}},
		"input.kinds":        {GranteeUserID: &wang, Everyone: true, Effect: models.Allow, Level: models.Observe, Kinds: []string{}},
		"input.level":        {GranteeUserID: &wang, Everyone: true, Effect: models.Allow, Level: "OWN"},
		"input.effect":       {GranteeUserID: &wang, Everyone: true, Effect: "MAYBE", Level: models.Manage},
		"input.grantee.user": {GranteeUserID: &w.stage, Everyone: true, Effect: models.Allow, Level: models.Manage},
		"input.subject.user": {GranteeUserID: &wang, SubjectID: ptr(models.NewID(models.UserCode)), Effect: models.Allow, Level: models.Manage},
	} {
		_, err := w.store.GrantCreate(ctx, admin, store.Request{}, g)
		code := fault.Invalid
		if field == "input.grantee.user" || field == "input.subject.user" {
			code = fault.NotFound
		}
		says(t, err, code, field)
	}
	id, err := w.store.GrantCreate(ctx, admin, store.Request{}, models.Grant{GranteeUserID: &wang, Everyone: true, Effect: models.Allow, Level: models.Observe, Kinds: []string{"CUSTOMER", "CUSTOMER"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.store.GrantUpdate(ctx, admin, store.Request{}, id, ptr(1), store.GrantChange{Level: ptr(models.Manage), Kinds: ptr([]string(nil))})
	if err != nil {
		t.Fatal(err)
	}
	if n := w.number("select count(*) from grants where id = ? and kinds is null and level = 'MANAGE' and created_by = ?", id, admin.UserID); n != 1 {
		t.Error("the grant is not as it was changed to")
	}
	_, err = w.store.GrantDelete(ctx, admin, store.Request{}, id, ptr(1))
	says(t, err, fault.StaleVersion, "")
	seen, err := store.Grants.ByID(ctx, w.look(admin.UserID), id)
	if err != nil || seen == nil {
		t.Errorf("an administrator does not see the grant: %v", err)
	}
}

func TestGrantsAreSeenByAdministratorsOnly(t *testing.T) {
	w := newWorld(t)
	plain := func(w *world, _, role uuid.UUID) { w.exec("update roles set permissions = '{}' where id = ?", role) }
	wang := w.user("wang", everything, plain)
	page, err := store.Grants.List(t.Context(), w.store, w.look(wang), store.Ask{})
	if err != nil || len(page.Edges) != 0 {
		t.Errorf("who administers nothing sees %d grants, %v", len(page.Edges), err)
	}
}

func TestOnlyWhoManagesShares(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	noDocuments := func(w *world, _, role uuid.UUID) {
		w.exec("update roles set permissions = array_remove(permissions, 'DOCUMENT_SHARE') where id = ?", role)
	}
	wang, li := w.viewer(w.user("wang", noDocuments)), w.viewer(w.user("li"))
	customer := w.customer("华南机电", wang.UserID)
	to := func(level string, kinds ...string) models.Share {
		return models.Share{RecordID: customer, SubjectID: li.UserID, Level: level, Kinds: kinds}
	}
	_, err := w.store.ShareCreate(ctx, li, store.Request{}, to(models.Observe, "CUSTOMER"))
	says(t, err, fault.NotFound, "input.record")
	_, err = w.store.ShareCreate(ctx, wang, store.Request{}, to(models.Observe))
	says(t, err, fault.Forbidden, "input.kinds")
	past := to(models.Observe, "CUSTOMER")
	past.ExpiresAt = &w.now
	_, err = w.store.ShareCreate(ctx, wang, store.Request{}, past)
	says(t, err, fault.Invalid, "input.expiresAt")
	id, err := w.store.ShareCreate(ctx, wang, store.Request{}, to(models.Observe, "OPPORTUNITY"))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := store.Customers.ByID(ctx, w.look(li.UserID), customer); err != nil || c == nil {
		t.Errorf("the customer shared is not seen: %v", err)
	}
	_, err = w.store.ShareCreate(ctx, w.viewer(li.UserID), store.Request{}, to(models.Observe, "CUSTOMER"))
	says(t, err, fault.Forbidden, "input.record")
	_, err = w.store.ShareDelete(ctx, w.viewer(li.UserID), store.Request{}, id, nil)
	says(t, err, fault.NotFound, "input.id")
	if seen, err := store.ShareByID(ctx, w.look(li.UserID), id); err != nil || seen != nil {
		t.Errorf("who does not manage the record reads its share: %v, %v", seen, err)
	}
	if _, err := w.store.ShareDelete(ctx, wang, store.Request{}, id, nil); err != nil {
		t.Fatal(err)
	}
	if c, err := store.Customers.ByID(ctx, w.look(li.UserID), customer); err != nil || c != nil {
		t.Errorf("the customer is seen after the share ended: %v", err)
	}
}

func TestNobodySharesMoreThanHeHas(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	boss, wang, li := w.user("boss"), w.user("wang"), w.user("li")
	customer := w.customer("华南机电", wang)
	w.insert(&models.Grant{Record: models.Record{ID: models.NewID(models.GrantCode)}, GranteeUserID: &boss, SubjectID: &wang,
		Effect: models.Allow, Level: models.Manage, Kinds: []string{"CUSTOMER"}})
	w.insert(&models.Grant{Record: models.Record{ID: models.NewID(models.GrantCode)}, GranteeUserID: &boss, SubjectID: &wang,
		Effect: models.Allow, Level: models.Observe, Kinds: []string{"OPPORTUNITY"}})
	share := models.Share{RecordID: customer, SubjectID: li, Level: models.Manage, Kinds: []string{"OPPORTUNITY"}}
	_, err := w.store.ShareCreate(ctx, w.viewer(boss), store.Request{}, share)
	says(t, err, fault.Forbidden, "input.kinds")
	share.Level = models.Observe
	if _, err = w.store.ShareCreate(ctx, w.viewer(boss), store.Request{}, share); err != nil {
		t.Error(err)
	}
	share.Kinds = []string{"SERVICE"}
	_, err = w.store.ShareCreate(ctx, w.viewer(boss), store.Request{}, share)
	says(t, err, fault.Forbidden, "input.kinds")
}

func TestPoolMembersAreThoseOfTheGroup(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	admin, wang := w.viewer(w.user("admin", everything)), w.user("wang")
	group, err := w.store.GroupCreate(ctx, admin, store.Request{}, map[string]any{"name": "抢单组", "members": []uuid.UUID{wang}})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := w.store.PoolCreate(ctx, admin, store.Request{}, map[string]any{"name": "公海"}, []models.PoolMember{{SubjectID: group}})
	if err != nil {
		t.Fatal(err)
	}
	if pools := w.viewer(wang).Pools(); !slices.Equal(pools, []uuid.UUID{pool}) {
		t.Errorf("a member of the group is in the pools %v", pools)
	}
	customer := w.customer("华南机电", wang)
	w.exec("update customers set owner_id = null, pool_id = ? where id = ?", pool, customer)
	_, err = w.store.PoolDelete(ctx, admin, store.Request{}, pool, nil)
	says(t, err, fault.InUse, "")
	if _, err := w.store.PoolUpdate(ctx, admin, store.Request{}, pool, nil, nil, []models.PoolMember{}); err != nil || len(w.viewer(wang).Pools()) != 0 {
		t.Errorf("a member was not taken out: %v", err)
	}
	_, err = w.store.PoolCreate(ctx, admin, store.Request{}, map[string]any{"name": "公海"}, nil)
	says(t, err, fault.Duplicate, "input.name")
	_, err = w.store.PoolCreate(ctx, admin, store.Request{}, map[string]any{"name": "x"}, []models.PoolMember{{SubjectID: customer}})
	says(t, err, fault.NotFound, "input.members.0")
}
