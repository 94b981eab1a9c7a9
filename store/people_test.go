package store_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// says asserts that a write was refused with the code at the field, such as "input.login"; an empty field is any.
func says(t *testing.T, err error, code fault.Code, field string) {
	t.Helper()
	refusals, _ := fault.Refusals(err)
	for _, f := range refusals {
		if f.Code == code && (field == "" || strings.Join(f.Field, ".") == field) {
			return
		}
	}
	t.Errorf("want %s at %q, got %v", code, field, err)
}

func (w *world) department(name string, above *uuid.UUID) uuid.UUID {
	w.t.Helper()
	input := map[string]any{"name": name}
	if above != nil {
		input["parent"] = above
	}
	id, err := w.store.DepartmentCreate(context.Background(), w.system(), store.Request{}, input)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) system() *access.Viewer {
	return access.System("tests arrange what they need", w.now, models.Company{Currency: "CNY", TimeZone: "Asia/Shanghai"})
}

func (w *world) number(text string, args ...any) int {
	w.t.Helper()
	return number(w.t, w.store, text, args...)
}

func TestUserIsMadeWithRolesAndOnePrimaryDepartment(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	admin := w.viewer(w.user("admin"))
	a, b := w.department("a", nil), w.department("b", nil)
	password := "correct horse"
	draft := store.UserDraft{User: models.User{Login: "wang", Name: "小王"}, Password: &password, Roles: admin.Roles,
		Places: []models.Membership{{DepartmentID: a}, {DepartmentID: b, IsPrimary: true}}}
	id, err := w.store.UserCreate(ctx, admin, store.Request{}, draft)
	if err != nil {
		t.Fatal(err)
	}
	if n := w.number("select count(*) from memberships where user_id = ? and (is_primary = (department_id = ?))", id, b); n != 2 {
		t.Errorf("%d of 2 memberships as asked", n)
	}
	if session, _, err := w.store.SignIn(ctx, "WANG", password); err != nil || session == nil {
		t.Errorf("he cannot sign in: %v", err)
	}
	_, err = w.store.UserCreate(ctx, admin, store.Request{}, store.UserDraft{User: models.User{Login: "Wang", Name: "x"}})
	says(t, err, fault.Duplicate, "input.login")
	draft.User.Login, draft.Places[0].IsPrimary = "li", true
	_, err = w.store.UserCreate(ctx, admin, store.Request{}, draft)
	says(t, err, fault.Invalid, "input.departments.1.primary")
	if n := w.number("select count(*) from users where login = 'li'"); n != 0 {
		t.Error("a refused user was made all the same")
	}
}

func TestGivingRolesTakesAccessAdmin(t *testing.T) {
	w := newWorld(t)
	only := func(w *world, _, role uuid.UUID) {
		w.exec("update roles set permissions = '{USER_ADMIN}' where id = ?", role)
	}
	staff, admin := w.viewer(w.user("staff", only)), w.viewer(w.user("admin"))
	_, err := w.store.UserCreate(t.Context(), staff, store.Request{}, store.UserDraft{User: models.User{Login: "x", Name: "x"}, Roles: admin.Roles})
	if !fault.Is(err, fault.PermissionDenied) {
		t.Errorf("want a refusal, got %v", err)
	}
	_, err = w.store.UserPasswordSet(t.Context(), staff, store.Request{}, store.PasswordChange{User: admin.UserID, New: "new password"})
	if !fault.Is(err, fault.PermissionDenied) {
		t.Errorf("who only administers users took an administrator's account: %v", err)
	}
}

func TestDeactivatingEndsSessionsAndTokens(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	admin := w.viewer(w.user("admin"))
	wang := w.viewer(w.user("wang"))
	_, secret, err := w.store.APITokenCreate(ctx, wang, store.Request{}, "script", nil)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := w.store.OfToken(ctx, secret); err != nil || c == nil || c.UserID != wang.UserID {
		t.Fatalf("the token stands for %v, %v", c, err)
	}
	if n := w.number("select count(*) from api_tokens where position(? in encode(token_hash, 'escape')) > 0", secret); n != 0 || len(secret) != 43 {
		t.Errorf("the secret of %d characters is kept", len(secret))
	}
	if _, err := w.store.UserDeactivate(ctx, admin, store.Request{}, wang.UserID, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.UserActivate(ctx, admin, store.Request{}, wang.UserID, nil); err != nil {
		t.Fatal(err)
	}
	if c, err := w.store.OfToken(ctx, secret); err != nil || c != nil {
		t.Errorf("a token of before still stands for %v, %v", c, err)
	}
}

func TestTokensOfOthersAreAbsent(t *testing.T) {
	w := newWorld(t)
	plain := func(w *world, _, role uuid.UUID) { w.exec("update roles set permissions = '{}' where id = ?", role) }
	a, b := w.viewer(w.user("a")), w.viewer(w.user("b", plain))
	id, _, err := w.store.APITokenCreate(t.Context(), a, store.Request{}, "script", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.store.APITokenRevoke(t.Context(), b, store.Request{}, id)
	says(t, err, fault.NotFound, "input.id")
	past := w.now.Add(-time.Minute)
	_, _, err = w.store.APITokenCreate(t.Context(), b, store.Request{}, "", &past)
	says(t, err, fault.Invalid, "input.name")
	says(t, err, fault.Invalid, "input.expiresAt")
}

func TestOwnPasswordTakesThePresentOne(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	me := w.viewer(w.user("me"))
	hash, err := store.HashPassword(ctx, "old password")
	if err != nil {
		t.Fatal(err)
	}
	w.exec("update users set password_hash = ? where id = ?", hash, me.UserID)
	session, _, err := w.store.SignIn(ctx, "me", "old password")
	if err != nil || session == nil {
		t.Fatal(err)
	}
	wrong, right := "a guess", "old password"
	_, err = w.store.UserPasswordSet(ctx, me, store.Request{}, store.PasswordChange{User: me.UserID, Current: &wrong, New: "new password"})
	says(t, err, fault.Invalid, "input.currentPassword")
	_, err = w.store.UserPasswordSet(ctx, me, store.Request{}, store.PasswordChange{User: me.UserID, Current: &right, New: "short"})
	says(t, err, fault.Invalid, "input.newPassword")
	if _, err = w.store.UserPasswordSet(ctx, me, store.Request{}, store.PasswordChange{User: me.UserID, Current: &right, New: "new password"}); err != nil {
		t.Fatal(err)
	}
	if n := w.number("select count(*) from sessions where id = ?", session.ID); n != 0 {
		t.Error("a session of before goes on")
	}
	if s, _, err := w.store.SignIn(ctx, "me", "new password"); err != nil || s == nil {
		t.Errorf("the new password does not sign in: %v", err)
	}
}

func TestDepartmentMovesWithAllBelowIt(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	admin := w.viewer(w.user("admin", everything))
	a := w.department("a", nil)
	b := w.department("b", &a)
	c := w.department("c", &b)
	_, err := w.store.DepartmentUpdate(ctx, admin, store.Request{}, a, nil, map[string]any{"parent": &c})
	says(t, err, fault.Cycle, "input.parent")
	if _, err := w.store.DepartmentUpdate(ctx, admin, store.Request{}, b, nil, map[string]any{"parent": (*uuid.UUID)(nil)}); err != nil {
		t.Fatal(err)
	}
	var d models.Department
	if err := w.store.DB.NewSelect().Model(&d).Where("id = ?", c).Scan(ctx); err != nil || !slices.Equal(d.Path, []uuid.UUID{b, c}) {
		t.Errorf("the path of c is %v, %v", d.Path, err)
	}
	_, err = w.store.DepartmentDelete(ctx, admin, store.Request{}, b, nil)
	says(t, err, fault.InUse, "")
}

func TestTwoMovesThatWouldMakeACircle(t *testing.T) {
	w := newWorld(t)
	admin := w.viewer(w.user("admin"))
	for range 5 {
		a, b := w.department("a", nil), w.department("b", nil)
		errs := make([]error, 2)
		var both sync.WaitGroup
		for i, pair := range [][2]uuid.UUID{{a, b}, {b, a}} {
			both.Go(func() {
				_, errs[i] = w.store.DepartmentUpdate(context.Background(), admin, store.Request{}, pair[0], nil, map[string]any{"parent": &pair[1]})
			})
		}
		both.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("one move wins, the other is refused; got %v and %v", errs[0], errs[1])
		}
		for _, err := range errs {
			if err != nil {
				says(t, err, fault.Cycle, "input.parent")
			}
		}
	}
}

func TestOneMembershipStaysPrimary(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	admin := w.viewer(w.user("admin"))
	wang := w.user("wang")
	var made []uuid.UUID
	for i, name := range []string{"a", "b", "c"} {
		id, err := w.store.MembershipCreate(ctx, admin, store.Request{}, models.Membership{UserID: wang, DepartmentID: w.department(name, nil), IsPrimary: i == 2})
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, id)
	}
	primary := func(want uuid.UUID) {
		t.Helper()
		if n := w.number("select count(*) from memberships where user_id = ? and is_primary = (id = ?)", wang, want); n < 2 || w.number("select count(*) from memberships where user_id = ? and is_primary", wang) != 1 {
			t.Errorf("%v is not the one primary membership", want)
		}
	}
	primary(made[2])
	no := false
	_, err := w.store.MembershipUpdate(ctx, admin, store.Request{}, made[2], nil, store.MembershipChange{Primary: &no})
	says(t, err, fault.Invalid, "input.primary")
	if _, err := w.store.MembershipDelete(ctx, admin, store.Request{}, made[2], nil); err != nil {
		t.Fatal(err)
	}
	primary(made[0])
	yes := true
	var both sync.WaitGroup
	for _, id := range made[:2] {
		both.Go(func() {
			if _, err := w.store.MembershipUpdate(context.Background(), admin, store.Request{}, id, nil, store.MembershipChange{Primary: &yes}); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if n := w.number("select count(*) from memberships where user_id = ? and is_primary", wang); n != 1 {
		t.Errorf("%d primary memberships after a race", n)
	}
	_, err = w.store.MembershipCreate(ctx, admin, store.Request{}, models.Membership{UserID: wang, DepartmentID: departmentOf(w, made[0])})
	says(t, err, fault.Duplicate, "input.department")
}

func departmentOf(w *world, membership uuid.UUID) (id uuid.UUID) {
	if err := w.store.DB.NewRaw("select department_id from memberships where id = ?", membership).Scan(context.Background(), &id); err != nil {
		w.t.Fatal(err)
	}
	return id
}

func TestDissolvedGroupReachesNobody(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	admin := w.viewer(w.user("admin"))
	wang, li := w.user("wang"), w.user("li")
	customer := w.customer("华南机电", wang)
	group, err := w.store.GroupCreate(ctx, admin, store.Request{}, map[string]any{"name": "项目组", "members": []uuid.UUID{wang}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.GrantCreate(ctx, admin, store.Request{}, models.Grant{GranteeUserID: &li, SubjectID: &group, Effect: models.Allow, Level: models.Observe}); err != nil {
		t.Fatal(err)
	}
	sees := func() bool {
		c, err := store.Customers.ByID(ctx, w.look(li), customer)
		if err != nil {
			t.Fatal(err)
		}
		return c != nil
	}
	if !sees() {
		t.Error("the leader does not see a member's customer")
	}
	if _, err := w.store.GroupMembersSet(ctx, admin, store.Request{}, group, nil, nil); err != nil || sees() {
		t.Errorf("the leader sees the customer of who left: %v", err)
	}
	if _, err := w.store.GroupMembersSet(ctx, admin, store.Request{}, group, nil, []uuid.UUID{wang}); err != nil || !sees() {
		t.Errorf("the leader does not see the customer of who came back: %v", err)
	}
	if _, err := w.store.GroupDissolve(ctx, admin, store.Request{}, group, nil); err != nil || sees() {
		t.Errorf("the leader sees the customer of a dissolved group: %v", err)
	}
	_, err = w.store.GroupMembersSet(ctx, admin, store.Request{}, group, nil, []uuid.UUID{wang})
	says(t, err, fault.Invalid, "input.id")
	_, err = w.store.GrantCreate(ctx, admin, store.Request{}, models.Grant{GranteeUserID: &li, SubjectID: &group, Effect: models.Allow, Level: models.Observe})
	says(t, err, fault.NotFound, "input.subject")
}
