package store_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// masks lets a role read contact details of others' records only masked.
func masks(w *world, _, role uuid.UUID) {
	w.exec("update field_rights set access = 'MASKED' where role_id = ? and rule = 'CONTACT_DETAILS' and relation = 'OTHER'", role)
}

func (w *world) share(record, subject uuid.UUID, level string) {
	w.insert(&models.Share{Record: models.Record{ID: models.NewID(models.ShareCode)}, RecordID: record, SubjectID: subject, Level: level})
}

func TestMaskShowsNoWholeValueHoweverItIsWritten(t *testing.T) {
	w := newWorld(t)
	boss, reader := w.user("boss"), w.user("reader", masks)
	contact := w.contact("丽丽", boss)
	w.share(contact, reader, models.Observe)
	shown := func(column string, value any) *string {
		w.exec("update contacts set "+column+" = ? where id = ?", value, contact)
		snap := w.look(reader)
		defer snap.Close(context.Background())
		c, err := store.Contacts.ByID(context.Background(), snap, contact)
		if err != nil {
			t.Fatal(err)
		}
		return map[string]*string{"phone": c.Phone, "email": c.Email, "wechat": c.Wechat}[column]
	}
	for _, c := range []struct{ column, stored, want string }{
		{"phone", "13812345678", "138****5678"}, {"phone", "+86 138 1234 5678", "138****5678"}, {"phone", "(0755) 8613 1234", "075****1234"},
		{"phone", "+1 415 555 2671", "141****2671"}, {"phone", "021-6888", "****"}, {"phone", "6813123", "****"}, {"phone", "ask Lily", "****"},
		{"email", "lily@example.com", "l***@example.com"}, {"email", "l@example.com", "***"}, {"email", "lily at example", "***"},
		{"email", "lily@example.com, 13812345678", "***"}, {"wechat", "lily_wang", "li***"}, {"wechat", "ly", "***"},
	} {
		if got := shown(c.column, c.stored); got == nil || *got != c.want {
			t.Errorf("%s %q is not shown as %q", c.column, c.stored, c.want)
		}
	}
	for _, column := range []string{"phone", "email", "wechat"} {
		if got := shown(column, nil); got != nil {
			t.Errorf("no %s is shown as %q", column, *got)
		}
	}
}

func TestUsedKeyTellsNothingOfAHiddenEncounter(t *testing.T) {
	w := newWorld(t)
	ctx, boss, rep := context.Background(), w.user("boss"), w.viewer(w.user("rep"))
	met := models.NewID(models.EncounterCode)
	w.insert(&models.Encounter{Part: models.Part{ID: met}, OpportunityID: w.opportunity(boss, nil, 10), CompetitorID: w.competitor("对手"), CreatedAt: w.now})
	used := func(operation string) store.Request { return store.Request{Operation: operation, Key: ptr("k")} }
	w.must(w.store.CustomerCreate(ctx, rep, used("customerCreate"), map[string]any{"name": "客户", "kind": "ORGANIZATION"}))
	for _, id := range []uuid.UUID{met, models.NewID(models.EncounterCode)} {
		_, err := w.store.EncounterRemove(ctx, rep, used("encounterRemove"), id, nil)
		w.refused(err, fault.IdempotencyKeyReused, "idempotencyKey")
		_, err = w.store.EncounterUpdate(ctx, rep, used("encounterUpdate"), id, nil, nil, func(*models.Encounter) {})
		w.refused(err, fault.IdempotencyKeyReused, "idempotencyKey")
		_, err = w.store.EncounterRemove(ctx, rep, ask("encounterRemove"), id, nil)
		w.refused(err, fault.NotFound, "id")
	}
	w.must(w.store.EncounterRemove(ctx, w.viewer(boss), used("encounterRemove"), met, nil))
	w.must(w.store.EncounterRemove(ctx, w.viewer(boss), used("encounterRemove"), met, nil)) // the repetition answers as the first
}

// TestShareOpensNoMoreThanADenyLeaves lets a head who must not see one person's records share a colleague's customer that
// this person works for too.
func TestShareOpensNoMoreThanADenyLeaves(t *testing.T) {
	w := newWorld(t)
	ctx, colleague, apart := context.Background(), w.user("colleague"), w.user("apart")
	head := w.user("head")
	for _, g := range []models.Grant{
		{SubjectID: &colleague, Effect: models.Allow, Level: models.Manage}, {SubjectID: &apart, Effect: models.Allow, Level: models.Manage},
		{SubjectID: &apart, Effect: models.Deny, Level: models.Observe},
	} {
		g.ID, g.GranteeUserID = models.NewID(models.GrantCode), &head
		w.insert(&g)
	}
	customer := w.customer("客户", colleague)
	secret, contact := w.opportunity(apart, &customer, 10), w.contact("联系人", apart, customer)
	share := func(user uuid.UUID, kinds ...string) error {
		_, err := w.store.ShareCreate(ctx, w.viewer(user), ask("shareCreate"), models.Share{RecordID: customer, SubjectID: head, Level: models.Observe, Kinds: kinds})
		return err
	}
	for _, kinds := range [][]string{nil, {"OPPORTUNITY"}, {"CUSTOMER"}, {"CONTACT"}} {
		w.refused(share(head, kinds...), fault.Forbidden, "kinds")
	}
	sees := func(kind *access.Kind, id uuid.UUID) bool {
		snap := w.look(head)
		defer snap.Close(ctx)
		q, seen := snap.Viewer.Query(), false
		if err := snap.Run(ctx, q, "select 1 from "+q.Visible(kind, "r")+" where r.id = "+q.Bind(id), func(access.Row) error { seen = true; return nil }); err != nil {
			t.Fatal(err)
		}
		return seen
	}
	if sees(access.Opportunity, secret) || sees(access.Contact, contact) || !sees(access.Customer, customer) {
		t.Error("the head sees what he is denied, or not what he has")
	}
	if err := share(colleague); err != nil || !sees(access.Opportunity, secret) {
		t.Errorf("the customer's owner shares all of it: %v", err)
	}
}

// counter counts the statements of writes that pass through it.
type counter struct{ n int }

func (c *counter) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	c.n++
	return ctx
}

func (c *counter) AfterQuery(context.Context, *bun.QueryEvent) {}

func TestClaimOfAHiddenCustomerRunsWhatThatOfNoneRuns(t *testing.T) {
	w := newWorld(t)
	boss, rep := w.user("boss"), w.viewer(w.user("rep"))
	pooled, pool := w.customer("公海客户", boss), models.NewID(models.PoolCode)
	w.insert(&models.Pool{Record: models.Record{ID: pool}, Name: "公海"})
	w.exec("update customers set owner_id = null, pool_id = ? where id = ?", pool, pooled)
	hook := &counter{}
	w.store.DB = w.store.DB.WithQueryHook(hook)
	run := func(id uuid.UUID) int {
		hook.n = 0
		_, err := w.store.CustomerClaim(context.Background(), rep, ask("customerClaim"), id, nil)
		w.refused(err, fault.NotFound, "id")
		return hook.n
	}
	owned, inPool, never := run(w.customer("客户", boss)), run(pooled), run(models.NewID(models.CustomerCode))
	if never == 0 || owned != never || inPool != never {
		t.Errorf("%d statements for a hidden customer, %d for one in a pool, %d for none", owned, inPool, never)
	}
}
