package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// attempt is a write that the store refuses, with its code and field.
type attempt struct {
	name  string
	err   error
	code  fault.Code
	field string
}

// refuse wants each attempt refused exactly where it goes wrong.
func refuse(t *testing.T, attempts []attempt) {
	t.Helper()
	for _, a := range attempts {
		refusals, _ := fault.Refusals(a.err)
		var one *fault.Fault
		if len(refusals) == 1 {
			one = refusals[0]
		} else if !errors.As(a.err, &one) {
			t.Errorf("%s: %v, want %s at %q", a.name, a.err, a.code, a.field)
			continue
		}
		if field := strings.Join(one.Field, "."); one.Code != a.code || field != a.field {
			t.Errorf("%s: %s at %q, want %s at %q", a.name, one.Code, field, a.code, a.field)
		}
	}
}

func failed[T any](_ T, err error) error { return err }

// encounterOf gives the one encounter of an opportunity.
func encounterOf(w *world, opportunity uuid.UUID) (id uuid.UUID) {
	w.t.Helper()
	if err := w.store.DB.NewSelect().Model((*models.Encounter)(nil)).Column("id").Where("opportunity_id = ?", opportunity).Scan(context.Background(), &id); err != nil {
		w.t.Fatal(err)
	}
	return id
}

// without takes permissions away from a role.
func without(list ...access.Permission) func(w *world, user, role uuid.UUID) {
	return func(w *world, _, role uuid.UUID) {
		for _, p := range list {
			w.exec("update roles set permissions = array_remove(permissions, ?) where id = ?", string(p), role)
		}
	}
}

func TestWithoutTheRightToAmountsNoneIsWritten(t *testing.T) {
	w := newWorld(t)
	ctx, s, rep := context.Background(), w.store, w.user("rep", withoutAmounts)
	v, mine, q, price := w.viewer(rep), w.opportunity(rep, nil, 100), ask("x"), decimal.NewFromInt(7)
	product, rival, other := w.product("泵"), w.competitor("甲"), w.competitor("乙")
	met := w.must(s.OpportunityCreate(ctx, v, q, store.OpportunityDraft{Fields: map[string]any{"title": "机会"}, Encounters: []store.Meeting{{Competitor: rival}}}))
	encounter := encounterOf(w, met)
	line := func(unit, amount *decimal.Decimal) []store.Line {
		return []store.Line{{Product: product, Quantity: price}, {Product: product, Quantity: price, UnitPrice: unit, Amount: amount}}
	}
	create := func(draft store.OpportunityDraft) error {
		if draft.Fields == nil {
			draft.Fields = map[string]any{"title": "机会"}
		}
		return failed(s.OpportunityCreate(ctx, v, q, draft))
	}
	amount := map[string]any{"title": "机会", "amount": &price}
	refuse(t, []attempt{
		{"create with an amount", create(store.OpportunityDraft{Fields: amount}), fault.FieldDenied, "input.amount"},
		{"update an amount", failed(s.OpportunityUpdate(ctx, v, q, mine, nil, map[string]any{"amount": &price})), fault.FieldDenied, "input.amount"},
		{"take an amount away", failed(s.OpportunityUpdate(ctx, v, q, mine, nil, map[string]any{"amount": (*decimal.Decimal)(nil)})), fault.FieldDenied, "input.amount"},
		{"create with a line's amount", create(store.OpportunityDraft{Lines: line(nil, &price)}), fault.FieldDenied, "input.lines.1.amount"},
		{"create with a line's price", create(store.OpportunityDraft{Lines: line(&price, nil)}), fault.FieldDenied, "input.lines.1.unitPrice"},
		{"replace a line's amount", failed(s.OpportunityLinesReplace(ctx, v, q, mine, nil, line(nil, &price))), fault.FieldDenied, "input.lines.1.amount"},
		{"create with a quoted price", create(store.OpportunityDraft{Encounters: []store.Meeting{{Competitor: rival, QuotedPrice: &price}}}), fault.FieldDenied, "input.encounters.0.quotedPrice"},
		{"create with a price's currency", create(store.OpportunityDraft{Encounters: []store.Meeting{{Competitor: rival, Currency: ptr("CNY")}}}), fault.FieldDenied, "input.encounters.0.currency"},
		{"add a quoted price", failed(s.EncounterAdd(ctx, v, q, mine, nil, store.Meeting{Competitor: other, QuotedPrice: &price})), fault.FieldDenied, "input.quotedPrice"},
		{"change a quoted price", failed(s.EncounterUpdate(ctx, v, q, encounter, nil, []string{"quotedPrice"}, func(e *models.Encounter) { e.QuotedPrice = &price })), fault.FieldDenied, "input.quotedPrice"},
	})
	if n := w.number("select count(*) from opportunities where amount is distinct from 100 and amount is not null"); n != 0 {
		t.Errorf("%d amounts were written", n)
	}
	if n := w.number("select (select count(*) from opportunity_lines) + (select count(*) from encounters where quoted_price is not null)"); n != 0 {
		t.Errorf("%d lines and prices were written", n)
	}
}

func TestOpportunityNamesOnlyWhatThereIs(t *testing.T) {
	w := newWorld(t)
	ctx, s, rep := context.Background(), w.store, w.user("rep")
	v, mine, q := w.viewer(rep), w.opportunity(rep, nil, 100), ask("x")
	nobody, nothing, reason := models.NewID(models.CompetitorCode), models.NewID(models.ProductCode), models.NewID(models.DictionaryEntryCode)
	fields, one := map[string]any{"title": "机会"}, decimal.NewFromInt(1)
	lines := []store.Line{{Product: nothing, Quantity: one}}
	meeting := store.Meeting{Competitor: nobody}
	rival, unknown := w.competitor("甲"), ptr("XYZ")
	priced := store.Meeting{Competitor: rival, QuotedPrice: &one, Currency: unknown}
	encounter := encounterOf(w, w.must(s.OpportunityCreate(ctx, v, q, store.OpportunityDraft{Fields: fields, Encounters: []store.Meeting{{Competitor: rival}}})))
	refuse(t, []attempt{
		{"create with a line", failed(s.OpportunityCreate(ctx, v, q, store.OpportunityDraft{Fields: fields, Lines: lines})), fault.NotFound, "input.lines.0.product"},
		{"replace lines", failed(s.OpportunityLinesReplace(ctx, v, q, mine, nil, lines)), fault.NotFound, "input.lines.0.product"},
		{"create with a competitor", failed(s.OpportunityCreate(ctx, v, q, store.OpportunityDraft{Fields: fields, Encounters: []store.Meeting{meeting}})), fault.NotFound, "input.encounters.0.competitor"},
		{"meet a competitor", failed(s.EncounterAdd(ctx, v, q, mine, nil, meeting)), fault.NotFound, "input.competitor"},
		{"lose for a reason", failed(s.OpportunityClose(ctx, v, q, mine, nil, store.Closing{Status: "LOST", LossReason: &reason})), fault.NotFound, "input.lossReason"},
		{"create in a currency", failed(s.OpportunityCreate(ctx, v, q, store.OpportunityDraft{Fields: map[string]any{"title": "机会", "currency": unknown}})), fault.NotFound, "input.currency"},
		{"change to a currency", failed(s.OpportunityUpdate(ctx, v, q, mine, nil, map[string]any{"currency": unknown})), fault.NotFound, "input.currency"},
		{"create with a price", failed(s.OpportunityCreate(ctx, v, q, store.OpportunityDraft{Fields: fields, Encounters: []store.Meeting{priced}})), fault.NotFound, "input.encounters.0.currency"},
		{"change a price", failed(s.EncounterUpdate(ctx, v, q, encounter, nil, nil, func(e *models.Encounter) { e.Currency = unknown })), fault.NotFound, "input.currency"},
		{"lose to a competitor", failed(s.OpportunityClose(ctx, v, q, mine, nil, store.Closing{Status: "LOST", WonBy: &nobody})), fault.NotFound, "input.wonBy"},
	})
	if n := w.number(`select (select count(*) from opportunities where id <> ? and id <> (select opportunity_id from encounters where id = ?))
		+ (select count(*) from encounters where id <> ? or currency is not null) + (select count(*) from opportunity_lines)`, mine, encounter, encounter); n != 0 {
		t.Errorf("%d rows were left of what was refused", n)
	}
}

func TestPoolIsLeftByItsMembersAlone(t *testing.T) {
	w := newWorld(t)
	ctx, s, boss := context.Background(), w.store, w.user("boss", everything)
	v, q := w.viewer(boss), ask("x")
	pool := models.NewID(models.PoolCode)
	w.insert(&models.Pool{Record: models.Record{ID: pool}, Name: "公海"})
	owned, pooled := w.customer("有主", boss), w.customer("公海里", boss)
	w.exec("update customers set owner_id = null, pool_id = ? where id = ?", pool, pooled)
	refuse(t, []attempt{
		{"release into no pool", failed(s.CustomerRelease(ctx, v, q, owned, models.NewID(models.PoolCode), nil)), fault.NotFound, "input.pool"},
		{"claim what has an owner", failed(s.CustomerClaim(ctx, v, q, owned, nil)), fault.NotInPool, "input.id"},
		{"claim from another's pool", failed(s.CustomerClaim(ctx, v, q, pooled, nil)), fault.NotInPool, "input.id"},
	})
	if n := w.number("select count(*) from customers where id = ? and owner_id = ? or id = ? and pool_id = ?", owned, boss, pooled, pool); n != 2 {
		t.Errorf("%d of 2 customers are where they were", n)
	}
}

func TestSettersNameOnlyWhoIsThere(t *testing.T) {
	w := newWorld(t)
	ctx, s, admin, wang := context.Background(), w.store, w.user("admin"), w.user("wang")
	v, q := w.viewer(admin), ask("x")
	user, role, department, group := models.NewID(models.UserCode), models.NewID(models.RoleCode), models.NewID(models.DepartmentCode), models.NewID(models.GroupCode)
	pool := w.must(s.PoolCreate(ctx, v, q, map[string]any{"name": "公海"}, nil))
	team := w.must(s.GroupCreate(ctx, v, q, map[string]any{"name": "组", "members": []uuid.UUID{wang}}))
	within := func(do func(*store.Tx) error) error {
		return failed(s.Write(ctx, v, q, func(tx *store.Tx) (uuid.UUID, error) { return uuid.Nil, do(tx) }))
	}
	members := func(id uuid.UUID) []models.PoolMember { return []models.PoolMember{{SubjectID: id}} }
	draft := store.UserDraft{User: models.User{Login: "li", Name: "李"}, Roles: []uuid.UUID{role}}
	grant := models.Grant{GranteeRoleID: &role, Everyone: true, Effect: models.Allow, Level: models.Observe}
	refuse(t, []attempt{
		{"new pool of nobody", failed(s.PoolCreate(ctx, v, q, map[string]any{"name": "x"}, members(user))), fault.NotFound, "input.members.0"},
		{"pool of no department", failed(s.PoolUpdate(ctx, v, q, pool, nil, map[string]any{}, members(department))), fault.NotFound, "input.members.0"},
		{"pool of no group", within(func(tx *store.Tx) error { return tx.PoolMembersSet(pool, members(group)) }), fault.NotFound, "input.members.0"},
		{"new user of no role", failed(s.UserCreate(ctx, v, q, draft)), fault.NotFound, "input.roles.0"},
		{"user of no role", failed(s.UserRolesSet(ctx, v, q, wang, nil, []uuid.UUID{role})), fault.NotFound, "input.roles.0"},
		{"new group of nobody", failed(s.GroupCreate(ctx, v, q, map[string]any{"name": "x", "members": []uuid.UUID{wang, user}})), fault.NotFound, "input.members.1"},
		{"group formed of nobody", within(func(tx *store.Tx) error { return failed(tx.GroupForm("x", []uuid.UUID{user})) }), fault.NotFound, "input.members.0"},
		{"group of nobody", failed(s.GroupMembersSet(ctx, v, q, team, nil, []uuid.UUID{user})), fault.NotFound, "input.members.0"},
		{"nobody into a group", within(func(tx *store.Tx) error { return tx.GroupMember(team, user, true) }), fault.NotFound, "input.members.1"},
		{"no group dissolved", failed(s.GroupDissolve(ctx, v, q, group, nil)), fault.NotFound, "input.id"},
		{"member of no department", failed(s.MembershipCreate(ctx, v, q, models.Membership{UserID: wang, DepartmentID: department})), fault.NotFound, "input.department"},
		{"grant to no role", failed(s.GrantCreate(ctx, v, q, grant)), fault.NotFound, "input.grantee.role"},
		{"view as nobody", func() error { _, _, err := s.ViewAsCreate(ctx, v, q, user); return err }(), fault.NotFound, "input.user"},
		{"account of no role", failed(s.CreateAccount(ctx, store.Account{Login: "x", Name: "x", Role: "nothing"})), fault.NotFound, "role"},
		{"password of nobody", s.ReplacePassword(ctx, "nobody", "long enough 1"), fault.NotFound, "user"},
	})
	if n := w.number("select (select count(*) from users where login in ('li', 'x')) + (select count(*) from groups where name = 'x') + (select count(*) from pools where name = 'x')"); n != 0 {
		t.Errorf("%d rows were left of what was refused", n)
	}
}

func TestShareNeedsItsPermissionAndSomebodyThere(t *testing.T) {
	w := newWorld(t)
	ctx, s, q := context.Background(), w.store, ask("x")
	rep, other := w.user("rep", everything), w.user("other", without(access.To(access.Sharing, access.Customer)))
	v, plain := w.viewer(rep), w.viewer(other)
	mine, his := w.customer("甲", rep), w.customer("乙", other)
	pool := w.must(s.PoolCreate(ctx, v, q, map[string]any{"name": "公海"}, nil))
	share := w.must(s.ShareCreate(ctx, v, q, models.Share{RecordID: his, SubjectID: rep, Level: models.Observe, Kinds: []string{"CUSTOMER"}}))
	to := func(record, subject uuid.UUID) error {
		return failed(s.ShareCreate(ctx, v, q, models.Share{RecordID: record, SubjectID: subject, Level: models.Observe, Kinds: []string{"CUSTOMER"}}))
	}
	refuse(t, []attempt{
		{"to nobody", to(mine, models.NewID(models.UserCode)), fault.NotFound, "input.subject"},
		{"to no department", to(mine, models.NewID(models.DepartmentCode)), fault.NotFound, "input.subject"},
		{"to no group", to(mine, models.NewID(models.GroupCode)), fault.NotFound, "input.subject"},
		{"to a customer", to(mine, his), fault.NotFound, "input.subject"},
		{"a pool", to(pool, other), fault.NotFound, "input.record"},
		{"without the permission", failed(s.ShareCreate(ctx, plain, q, models.Share{RecordID: his, SubjectID: rep, Level: models.Observe, Kinds: []string{"CUSTOMER"}})), fault.Forbidden, "input.kinds"},
		{"end without the permission", failed(s.ShareDelete(ctx, plain, q, share, nil)), fault.Forbidden, "input.id"},
	})
	if n := w.number("select count(*) from shares"); n != 1 {
		t.Errorf("%d shares, one was made", n)
	}
}

// TestHiddenRecordIsNotHeldAgainstAChange changes the customer of a service whose opportunity its owner does not see: a refusal
// would tell him of which customer that is.
func TestHiddenRecordIsNotHeldAgainstAChange(t *testing.T) {
	w := newWorld(t)
	ctx, boss, rep := context.Background(), w.user("boss", everything), w.user("rep")
	a, b := w.customer("甲", boss), w.customer("乙", rep)
	w.insert(&models.Share{Record: models.Record{ID: models.NewID(models.ShareCode)}, RecordID: a, SubjectID: rep, Level: models.Observe, Kinds: []string{"CUSTOMER"}})
	hidden := w.opportunity(boss, &a, 1)
	service := w.service(boss, map[string]any{"opportunity": &hidden})
	w.exec("update services set owner_id = ? where id = ?", rep, service.ID)
	w.must(w.store.ServiceUpdate(ctx, w.viewer(rep), ask("serviceUpdate"), service.ID, nil, map[string]any{"customer": &b}))
	if s := w.readService(service.ID); *s.CustomerID != b {
		t.Errorf("of customer %v, want %v", *s.CustomerID, b)
	}
}

func TestWorkIsAssignedToWhoIsThereAndEntriesStayInTheirDictionary(t *testing.T) {
	w := newWorld(t)
	ctx, s, q := context.Background(), w.store, ask("x")
	rep, gone := w.user("rep"), w.user("gone")
	v := w.viewer(rep)
	w.exec("update users set active = false where id = ?", gone)
	activity := w.activity(rep, map[string]any{"subject": "电话"})
	one := w.must(s.DictionaryCreate(ctx, v, q, map[string]any{"code": "one", "name": "一"}))
	two := w.must(s.DictionaryCreate(ctx, v, q, map[string]any{"code": "two", "name": "二"}))
	above := w.must(s.DictionaryEntryCreate(ctx, v, q, map[string]any{"dictionary": one, "label": "上"}))
	refuse(t, []attempt{
		{"an activity made for one who left", failed(s.ActivityCreate(ctx, v, q, map[string]any{"subject": "x", "assignee": &gone})), fault.NotFound, "input.assignee"},
		{"an activity given to one who left", failed(s.ActivityUpdate(ctx, v, q, activity.ID, nil, map[string]any{"assignee": &gone})), fault.NotFound, "input.assignee"},
		{"an entry below another dictionary's", failed(s.DictionaryEntryCreate(ctx, v, q, map[string]any{"dictionary": two, "label": "下", "parent": &above})), fault.NotFound, "input.parent"},
	})
}

func TestRolesAndGrantsAreReadByAdministratorsAlone(t *testing.T) {
	w := newWorld(t)
	ctx, admin := context.Background(), w.viewer(w.user("admin", everything))
	plain := w.user("plain", without(access.AccessAdmin))
	snap, own := w.look(plain), w.viewer(plain).Roles[0]
	if _, err := w.store.GrantCreate(ctx, admin, ask("x"), models.Grant{GranteeRoleID: &admin.Roles[0], Everyone: true, Effect: models.Allow, Level: models.Observe}); err != nil {
		t.Fatal(err)
	}
	roles := []uuid.UUID{own, admin.Roles[0]}
	rights, err := store.FieldRightsOf(ctx, snap, roles)
	if _, told := rights[admin.Roles[0]]; err != nil || told || len(rights[own]) == 0 {
		t.Errorf("another's role told %v, his own %d rights (%v)", told, len(rights[own]), err)
	}
	grants, err := store.GrantsOf(ctx, snap, roles)
	if err != nil || len(grants) != 0 {
		t.Errorf("told the grants of %d roles (%v)", len(grants), err)
	}
}

func TestForeignCursorOpensNothing(t *testing.T) {
	w := newWorld(t)
	a, b := w.viewer(w.user("a", everything)), w.viewer(w.user("b", everything))
	cursor := w.store.SealPlace(a, "list", "here")
	if place, err := w.store.OpenPlace(a, "list", &cursor, "after"); err != nil || *place != "here" {
		t.Fatalf("his own: %v", err)
	}
	changed := "A" + cursor[1:]
	if changed == cursor {
		changed = "B" + cursor[1:]
	}
	for name, err := range map[string]error{
		"another's":      failed(w.store.OpenPlace(b, "list", &cursor, "after")),
		"another list's": failed(w.store.OpenPlace(a, "other", &cursor, "after")),
		"a changed one":  failed(w.store.OpenPlace(a, "list", &changed, "after")),
		"a short one":    failed(w.store.OpenPlace(a, "list", ptr("AAAA"), "after")),
	} {
		refuse(t, []attempt{{name, err, fault.BadInput, "after"}})
	}
}

// TestCursorOfAnotherFormOpensNoTimeline hands a list a cursor that is sealed for it and holds something else.
func TestCursorOfAnotherFormOpensNoTimeline(t *testing.T) {
	w := newWorld(t)
	rep := w.user("rep")
	v, customer := w.viewer(rep), w.customer("甲", rep)
	for _, plain := range []string{"no list", `["2026-01-01"]`, `["2026-01-01", null, null]`} {
		cursor := w.store.SealPlace(v, "CUSTOMER.timeline", plain)
		_, err := store.Timelines(context.Background(), w.store, w.look(rep), []uuid.UUID{customer}, ptr(5), &cursor)
		refuse(t, []attempt{{plain, err, fault.BadInput, "after"}})
	}
}

func TestMainProductIsNoFilterWithoutAmounts(t *testing.T) {
	w := newWorld(t)
	rep := w.user("rep", withoutAmounts)
	where := map[string]any{"mainProduct": map[string]any{"name": &models.StringFilter{Eq: ptr("泵")}}}
	_, err := store.Opportunities.List(context.Background(), w.store, w.look(rep), store.Ask{Where: where})
	refuse(t, []attempt{{"filter by the main product", err, fault.FieldDenied, "where.mainProduct"}})
}

func TestHistoryOfAReferenceRecordIsForWhoAdministersIt(t *testing.T) {
	w := newWorld(t)
	ctx, admin, plain := context.Background(), w.user("admin"), w.user("plain", without(access.DictionaryAdmin))
	id := w.must(w.store.DictionaryCreate(ctx, w.viewer(admin), ask("x"), map[string]any{"code": "one", "name": "一"}))
	var entry uuid.UUID
	if err := w.store.DB.NewSelect().Model((*models.AuditEntry)(nil)).Column("id").Where("record_id = ?", id).Scan(ctx, &entry); err != nil {
		t.Fatal(err)
	}
	for user, want := range map[uuid.UUID]int{admin: 1, plain: 0} {
		if found, err := store.HistoryByIDs(ctx, w.look(user), []uuid.UUID{entry}); err != nil || len(found) != want {
			t.Errorf("%d entries, want %d (%v)", len(found), want, err)
		}
	}
	_, err := store.History(ctx, w.store, w.look(plain), id, store.Ask{})
	refuse(t, []attempt{{"the history of a dictionary", err, fault.PermissionDenied, ""}})
}

func TestExplanationIsForSomebodyAndOfWhatHeMayDo(t *testing.T) {
	w := newWorld(t)
	ctx, admin, plain := context.Background(), w.user("admin"), w.user("plain", without(access.UserAdmin))
	place := w.department("部门", nil)
	nobody := access.Look(w.store.Pool, access.Nobody(w.now))
	t.Cleanup(func() { nobody.Close(ctx) })
	_, err := nobody.Explain(ctx, uuid.Nil, place, "")
	refuse(t, []attempt{{"to nobody", err, fault.Unauthenticated, ""}})
	for user, manageable := range map[uuid.UUID]bool{admin: true, plain: false} {
		x, err := w.look(user).Explain(ctx, user, place, "")
		if err != nil || x == nil || !x.Visible || x.Manageable != manageable {
			t.Errorf("explained %+v (%v), want manageable %v", x, err, manageable)
		}
	}
}

func TestNobodyIsToldOfTheCompany(t *testing.T) {
	w := newWorld(t)
	snap := access.Look(w.store.Pool, access.Nobody(w.now))
	t.Cleanup(func() { snap.Close(context.Background()) })
	if c, err := store.Company(context.Background(), snap); err != nil || c != nil {
		t.Errorf("told %v (%v)", c, err)
	}
}

// TestOnlyWhoManagesEveryKindIsToldWhatRefersToIt takes away one permission to read after another: what may refer to a
// competitor is then hidden.
func TestOnlyWhoManagesEveryKindIsToldWhatRefersToIt(t *testing.T) {
	w := newWorld(t)
	ctx, s, competitor := context.Background(), w.store, w.competitor("甲")
	for _, kind := range []*access.Kind{access.Opportunity, access.Relationship} {
		v := w.viewer(w.user(kind.Name, everything, without(access.To(access.Read, kind))))
		_, err := store.Competitors.Remove(ctx, s, v, ask("x"), competitor, nil)
		refuse(t, []attempt{{"without " + kind.Name, err, fault.Forbidden, "input.id"}})
	}
	w.must(store.Competitors.Remove(ctx, s, w.viewer(w.user("boss", everything)), ask("x"), competitor, nil))
}

// TestOnlyWhoManagesAllChangesWhichPartiesATypeJoins has an administrator of types who sees no relationship narrow one.
func TestOnlyWhoManagesAllChangesWhichPartiesATypeJoins(t *testing.T) {
	w := newWorld(t)
	ctx, s, q, boss := context.Background(), w.store, ask("x"), w.viewer(w.user("boss", everything))
	kinds := []string{"CONTACT"}
	joins := w.must(s.RelationshipTypeCreate(ctx, boss, q, map[string]any{"code": "KNOWS", "nameAb": "认识", "nameBa": "认识", "category": "SOCIAL", "aKinds": kinds, "bKinds": kinds}))
	wider := map[string]any{"aKinds": []string{"CONTACT", "CUSTOMER"}}
	_, err := s.RelationshipTypeUpdate(ctx, w.viewer(w.user("rep")), q, joins, nil, wider)
	refuse(t, []attempt{{"without seeing all", err, fault.Forbidden, "input.aKinds"}})
	w.must(s.RelationshipTypeUpdate(ctx, boss, q, joins, nil, wider))
}

// TestNothingIsWrittenWhileViewingAsAnother asks the store itself, which the server does not even do.
func TestNothingIsWrittenWhileViewingAsAnother(t *testing.T) {
	w := newWorld(t)
	rep := w.viewer(w.user("rep"))
	as := rep.LookedAsBy(w.viewer(w.user("admin", everything)))
	_, err := w.store.CustomerCreate(context.Background(), as, ask("x"), map[string]any{"name": "甲"})
	refuse(t, []attempt{{"as another", err, fault.PermissionDenied, ""}})
}

func TestWhatWasNeverThereIsRefusedByName(t *testing.T) {
	w := newWorld(t)
	ctx, s, q, rep := context.Background(), w.store, ask("x"), w.user("rep")
	v, place := w.viewer(rep), w.department("部门", nil)
	refuse(t, []attempt{
		{"a token", failed(s.APITokenRevoke(ctx, v, q, models.NewID(models.APITokenCode))), fault.NotFound, "input.id"},
		{"a job", failed(s.JobCancel(ctx, v, q, models.NewID(models.JobCode))), fault.NotFound, "input.id"},
		{"a currency", s.CurrencyUpdate(ctx, v, q, "XYZ", map[string]any{"name": "x"}), fault.NotFound, "input.code"},
		{"a membership", failed(s.MembershipDelete(ctx, v, q, models.NewID(models.MembershipCode), nil)), fault.NotFound, "input.id"},
		{"a member", failed(s.MembershipCreate(ctx, v, q, models.Membership{UserID: models.NewID(models.UserCode), DepartmentID: place})), fault.NotFound, "input.user"},
	})
}

func TestCategoryOfDocumentsIsNotDeleted(t *testing.T) {
	w := newWorld(t)
	ctx, s, v, q := context.Background(), w.store, w.viewer(w.user("boss", everything)), ask("x")
	for code, allowed := range map[string]bool{models.DocumentCategoryDictionary: false, "other": true} {
		dictionary := w.must(s.DictionaryCreate(ctx, v, q, map[string]any{"code": code, "name": code}))
		entry := w.must(s.DictionaryEntryCreate(ctx, v, q, map[string]any{"dictionary": dictionary, "label": "合同"}))
		_, err := s.DictionaryEntryDelete(ctx, v, q, entry, nil)
		if allowed && err != nil {
			t.Errorf("an entry of another dictionary: %v", err)
		} else if !allowed {
			refuse(t, []attempt{{"a category of documents", err, fault.Forbidden, "input.id"}})
		}
	}
}
