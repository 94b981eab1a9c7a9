package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"guanxi/models"
	"guanxi/server/servertest"
	"guanxi/store"
)

// office is an empty company with the few people that a test hires.
type office struct {
	*testing.T
	*servertest.Company
	ids map[string]string // of users, by login
}

func newOffice(t *testing.T, logins ...string) *office {
	t.Helper()
	t.Parallel()
	o := &office{T: t, Company: servertest.NewEmpty(t), ids: map[string]string{}}
	o.hire("administrator", "admin")
	o.hire("sales_manager", logins...)
	return o
}

func (o *office) hire(role string, logins ...string) {
	o.Helper()
	for _, login := range logins {
		id, err := o.Store.CreateAccount(o.Context(), store.Account{Login: login, Name: login, Role: role})
		if err != nil {
			o.Fatal(err)
		}
		o.ids[login] = id.String()
	}
}

// asks sends the mutation of one field.
func (o *office) asks(login, field, thing, input string, values ...any) *servertest.Answer {
	o.Helper()
	if thing != "id" {
		thing += " { id }"
	}
	return o.Ask(login, fmt.Sprintf("mutation { it: %s(input: {%s}) { %s userErrors { code field message } } }", field, fmt.Sprintf(input, values...), thing), nil)
}

// does carries out a mutation that must succeed and gives the id of what it is about.
func (o *office) does(login, field, thing, input string, values ...any) string {
	o.Helper()
	a := o.asks(login, field, thing, input, values...).Good()
	if len(a.List("it.userErrors")) > 0 {
		o.Fatalf("%s: %s", field, a.Body)
	}
	if thing == "id" {
		return a.Text("it.id")
	}
	id, _ := a.Get("it." + thing + ".id").(string)
	return id
}

// refused fails the test unless a mutation is refused by the code at the field.
func (o *office) refused(code, at, login, field, thing, input string, values ...any) {
	o.Helper()
	a := o.asks(login, field, thing, input, values...)
	got, _ := a.Get("it.userErrors.0.code").(string)
	var place []string
	if list, ok := a.Get("it.userErrors.0.field").([]any); ok {
		place = texts(list)
	}
	if got != code || strings.Join(place, ".") != at {
		o.Errorf("%s of %s is not refused by %s at %s: %s", field, login, code, at, a.Body)
	}
}

func (o *office) customer(owner string) string {
	o.Helper()
	return o.does(owner, "customerCreate", "customer", `name: "customer", kind: ORGANIZATION`)
}

func (o *office) sees(login, id string) bool {
	o.Helper()
	return o.Ask(login, "query($id: ID!) { node(id: $id) { id } }", map[string]any{"id": id}).Good().Get("node") != nil
}

// shown fails the test unless exactly these people see the record.
func (o *office) shown(what, id string, seen map[string]bool) {
	o.Helper()
	for login, want := range seen {
		if got := o.sees(login, id); got != want {
			o.Errorf("%s: %s sees it: %v", what, login, got)
		}
	}
}

func (o *office) user(login string) string { return fmt.Sprintf("user: %q", o.ids[login]) }

func (o *office) grant(grantee, over, more string) {
	o.Helper()
	o.does("admin", "grantCreate", "grant", `grantee: {%s}, subject: {%s}, %s`, o.user(grantee), over, more)
}

const observe, manage = "level: OBSERVE", "level: MANAGE"

// share shares a record and gives the share's id.
func (o *office) share(login, record, subject, more string) string {
	o.Helper()
	return o.does(login, "shareCreate", "share", `record: %q, subject: {%s}, %s`, record, subject, more)
}

// sharedKinds are how a record of each kind is made, changed and handed over.
var sharedKinds = []struct{ kind, thing, create, change string }{
	{"customer", "customer", `name: "x", kind: ORGANIZATION`, `name: "y"`},
	{"contact", "contact", `name: "x"`, `name: "y"`},
	{"opportunity", "opportunity", `title: "x"`, `title: "y"`},
	{"service", "service", `title: "x"`, `title: "y"`},
	{"activity", "activity", `summary: "x"`, `summary: "y"`},
	{"document", "document", "", `name: "y"`},
	{"savedReport", "savedReport", `name: "x", document: "{ lossRate { total { count } } }"`, `name: "y"`},
	{"dashboard", "dashboard", `title: "x"`, `title: "y"`},
}

// make makes a record of a kind.
func (o *office) make(login, kind, input string) string {
	o.Helper()
	if kind == "document" {
		return send(o.T, o.Company, login, create("x"), `{"f":["variables.file"]}`, part{"f", "x.txt", "x"}).Good().Text("documentCreate.document.id")
	}
	return o.does(login, kind+"Create", kind, "%s", input)
}

// TestA19EveryKindIsSharedWithEverySubject shares a record of each kind with a user, a department with and without those
// below it and a group, to read and to write, until an instant and without end.
func TestA19EveryKindIsSharedWithEverySubject(t *testing.T) {
	o := newOffice(t, "owner", "one", "above", "below", "member", "stranger")
	top := o.does("admin", "departmentCreate", "department", `name: "top"`)
	sub := o.does("admin", "departmentCreate", "department", `name: "sub", parent: %q`, top)
	o.does("admin", "membershipCreate", "membership", `%s, department: %q`, o.user("above"), top)
	o.does("admin", "membershipCreate", "membership", `%s, department: %q`, o.user("below"), sub)
	group := o.does("admin", "groupCreate", "group", `name: "group", members: [%q]`, o.ids["member"])
	for _, k := range sharedKinds {
		id := o.make("owner", k.kind, k.create)
		update := func(login string) []any {
			return []any{login, k.kind + "Update", k.thing, `id: %q, ` + k.change, id}
		}
		writes := func(login, code string) {
			o.Helper()
			u := update(login)
			if code == "" {
				o.does(login, u[1].(string), k.thing, u[3].(string), id)
			} else {
				o.refused(code, "input.id", login, u[1].(string), k.thing, u[3].(string), id)
			}
		}
		nobody := map[string]bool{"one": false, "above": false, "below": false, "member": false, "stranger": false}
		o.shown(k.kind+" not shared", id, nobody)
		for subject, reached := range map[string]string{
			o.user("one"): "one", fmt.Sprintf("department: {id: %q}", top): "above", fmt.Sprintf("group: %q", group): "member",
			fmt.Sprintf("department: {id: %q, withSubDepartments: true}", top): "above below",
		} {
			seen := map[string]bool{}
			for login := range nobody {
				seen[login] = strings.Contains(reached, login)
			}
			first := strings.Fields(reached)[0]
			share := o.share("owner", id, subject, observe)
			o.shown(k.kind+" shared with "+reached, id, seen)
			writes(first, "FORBIDDEN")
			writes("stranger", "NOT_FOUND")
			o.refused("FORBIDDEN", "input.record", first, "shareCreate", "share", `record: %q, subject: {%s}, level: OBSERVE`, id, o.user("stranger"))
			o.refused("NOT_FOUND", "input.id", first, "shareDelete", "id", `id: %q`, share)
			o.does("owner", "shareDelete", "id", `id: %q`, share)
			o.shown(k.kind+" no more shared", id, nobody)
			share = o.share("owner", id, subject, fmt.Sprintf("level: MANAGE, expiresAt: %q", o.in(time.Hour)))
			writes(first, "")
			o.Pass(time.Hour)
			o.shown(k.kind+" after the share's end", id, nobody)
			writes(first, "NOT_FOUND")
			o.does("owner", "shareDelete", "id", `id: %q`, share)
		}
	}
}

// in tells the instant after some time on the server's clock.
func (o *office) in(d time.Duration) string {
	o.Helper()
	now, err := o.Store.Now(o.Context())
	if err != nil {
		o.Fatal(err)
	}
	return now.Add(d).UTC().Format(time.RFC3339Nano)
}

// TestA19NobodySharesMoreThanHeManages lets one who was lent a record lend it on: no further, not for more kinds, not to
// write what he only reads, and not for longer.
func TestA19NobodySharesMoreThanHeManages(t *testing.T) {
	o := newOffice(t, "owner", "borrower", "friend")
	customer := o.customer("owner")
	to := o.user("friend")
	for _, k := range []string{"", ", kinds: [CUSTOMER]"} {
		share := o.share("owner", customer, o.user("borrower"), observe+k)
		for _, level := range []string{observe, manage} {
			for _, subject := range []string{to, o.user("borrower")} {
				o.refused("FORBIDDEN", "input.record", "borrower", "shareCreate", "share", `record: %q, subject: {%s}, %s`, customer, subject, level)
			}
		}
		o.does("owner", "shareDelete", "id", `id: %q`, share)
	}
	ends := o.in(time.Hour)
	share := o.share("owner", customer, o.user("borrower"), fmt.Sprintf("level: MANAGE, kinds: [CUSTOMER, OPPORTUNITY], expiresAt: %q", ends))
	until := func(instant string) string { return fmt.Sprintf(", expiresAt: %q", instant) }
	o.refused("FORBIDDEN", "input.kinds", "borrower", "shareCreate", "share", `record: %q, subject: {%s}, level: OBSERVE, kinds: [SERVICE]`+until(ends), customer, to)
	o.refused("FORBIDDEN", "input.kinds", "borrower", "shareCreate", "share", `record: %q, subject: {%s}, level: OBSERVE`+until(ends), customer, to)
	for _, longer := range []string{"", until(o.in(time.Hour + time.Millisecond))} {
		o.refused("FORBIDDEN", "input.expiresAt", "borrower", "shareCreate", "share", `record: %q, subject: {%s}, level: OBSERVE, kinds: [OPPORTUNITY]`+longer, customer, to)
	}
	o.share("borrower", customer, to, manage+", kinds: [OPPORTUNITY]"+until(ends))
	o.shown("lent on", customer, map[string]bool{"borrower": true, "friend": true})
	o.Pass(time.Hour)
	o.shown("after its end", customer, map[string]bool{"borrower": false, "friend": false, "owner": true})
	o.does("owner", "shareDelete", "id", `id: %q`, share)

	// a right that lasts besides the one that ends lets share without end; so does a grant, but not beyond its own end
	o.share("owner", customer, o.user("borrower"), manage+until(o.in(time.Hour)))
	o.grant("borrower", o.user("owner"), manage+", effect: ALLOW"+strings.Replace(until(o.in(2*time.Hour)), "expiresAt", "until", 1))
	o.refused("FORBIDDEN", "input.expiresAt", "borrower", "shareCreate", "share", `record: %q, subject: {%s}, level: OBSERVE`, customer, to)
	o.share("borrower", customer, to, observe+until(o.in(2*time.Hour)))
	o.share("owner", customer, o.user("borrower"), manage)
	o.share("borrower", customer, to, observe)
	o.refused("INVALID", "input.expiresAt", "owner", "shareCreate", "share", `record: %q, subject: {%s}, level: OBSERVE`+until(o.in(0)), customer, to)
}

// TestA19ACustomerThatIsLentIsNotTakenByAPool lends a customer to a salesperson, who may hand nothing over: put into a pool of his and
// claimed, it would be his own, for ever and with all its fields.
func TestA19ACustomerThatIsLentIsNotTakenByAPool(t *testing.T) {
	o := newOffice(t, "owner", "clerk")
	o.hire("sales", "friend")
	pool := o.does("admin", "poolCreate", "pool", `name: "pool", members: [{%s}]`, o.user("friend"))
	lent := o.customer("owner")
	o.share("owner", lent, o.user("friend"), manage)
	o.does("friend", "customerUpdate", "customer", `id: %q, name: "managed"`, lent)
	o.refused("FORBIDDEN", "input.id", "friend", "customerRelease", "customer", `id: %q, pool: %q`, lent, pool)
	o.refused("NOT_IN_POOL", "input.id", "friend", "customerClaim", "customer", `id: %q`, lent)
	own := o.customer("friend")
	o.does("friend", "customerRelease", "customer", `id: %q, pool: %q`, own, pool)
	o.does("friend", "customerClaim", "customer", `id: %q`, own)
	o.share("owner", lent, o.user("clerk"), manage)
	o.does("clerk", "customerRelease", "customer", `id: %q, pool: %q`, lent, pool) // who may hand customers over
}

// TestA19WhatIsLentIsNotTakenByMovingIt lends records to a salesperson, who may hand nothing over, and has him move them to a customer of his
// own, by name or by what hangs on it.
func TestA19WhatIsLentIsNotTakenByMovingIt(t *testing.T) {
	o := newOffice(t, "owner")
	o.hire("sales", "friend")
	mine, mineToo, theirs := o.customer("friend"), o.customer("friend"), o.customer("owner")
	place := o.does("friend", "opportunityCreate", "opportunity", `title: "place", customer: %q`, mine)
	lent := map[string]string{}
	for thing, title := range map[string]string{"opportunity": "title", "service": "title", "activity": "summary"} {
		lent[thing] = o.does("owner", thing+"Create", thing, `%s: "lent"`, title)
		o.share("owner", lent[thing], o.user("friend"), manage)
		o.refused("FORBIDDEN", "input.customer", "friend", thing+"Update", thing, `id: %q, customer: %q`, lent[thing], mine)
	}
	o.refused("FORBIDDEN", "input.customer", "friend", "activityUpdate", "activity", `id: %q, opportunity: %q`, lent["activity"], place)
	loose := o.does("friend", "opportunityCreate", "opportunity", `title: "loose"`)
	for _, thing := range []string{"service", "activity"} {
		o.refused("FORBIDDEN", "input.opportunity", "friend", thing+"Update", thing, `id: %q, opportunity: %q`, lent[thing], loose) // which he may move later
	}
	pool := o.does("admin", "poolCreate", "pool", `name: "pool", members: [{%s}]`, o.user("friend"))
	pooled := o.customer("friend")
	o.does("friend", "customerRelease", "customer", `id: %q, pool: %q`, pooled, pool)
	o.refused("FORBIDDEN", "input.customer", "friend", "opportunityUpdate", "opportunity", `id: %q, customer: %q`, lent["opportunity"], pooled) // which he may claim
	o.share("owner", theirs, o.user("friend"), observe)
	o.does("friend", "opportunityUpdate", "opportunity", `id: %q, customer: %q`, lent["opportunity"], theirs)

	o.does("friend", "opportunityUpdate", "opportunity", `id: %q, customer: %q`, place, mineToo) // his own, wherever he likes
	ours := o.does("owner", "opportunityCreate", "opportunity", `title: "ours"`)
	o.does("admin", "opportunityUpdate", "opportunity", `id: %q, customer: %q`, ours, mine)
	o.does("friend", "opportunityUpdate", "opportunity", `id: %q, customer: %q`, ours, mineToo) // it was his customer's
}

// TestA19ADenyIsNotUndoneByTakingTheCustomer lets a head, from whom a DENY keeps one person's records, try to become the
// owner of a customer that this person works for too: by a handover to himself, and by way of a pool.
func TestA19ADenyIsNotUndoneByTakingTheCustomer(t *testing.T) {
	o := newOffice(t, "head", "colleague", "apart", "other")
	customer := o.customer("colleague")
	o.share("colleague", customer, o.user("apart"), observe)
	secret := o.does("apart", "opportunityCreate", "opportunity", `title: "secret", customer: %q`, customer)
	for _, over := range []string{"colleague", "apart"} {
		o.grant("head", o.user(over), manage+", effect: ALLOW")
	}
	o.does("head", "customerUpdate", "customer", `id: %q, name: "managed"`, customer)
	o.shown("before the DENY", secret, map[string]bool{"head": true, "colleague": true})
	deny := o.does("admin", "grantCreate", "grant", `grantee: {%s}, subject: {%s}, effect: DENY, level: OBSERVE, kinds: [OPPORTUNITY]`, o.user("head"), o.user("apart"))
	hidden := map[string]bool{"head": false}
	o.shown("under the DENY", secret, hidden)
	o.refused("FORBIDDEN", "input.to", "head", "customerTransfer", "customer", `id: %q, to: %q`, customer, o.ids["head"])
	o.refused("FORBIDDEN", "input.kinds", "head", "shareCreate", "share", `record: %q, subject: {%s}, level: OBSERVE`, customer, o.user("head"))
	pool := o.does("admin", "poolCreate", "pool", `name: "pool", members: [{%s}, {%s}]`, o.user("head"), o.user("other"))
	o.does("head", "customerRelease", "customer", `id: %q, pool: %q`, customer, pool)
	o.refused("FORBIDDEN", "input.id", "head", "customerClaim", "customer", `id: %q`, customer)
	o.shown("after all that", secret, hidden)

	o.does("other", "customerClaim", "customer", `id: %q`, customer) // whom no DENY keeps from anything
	o.shown("claimed", secret, map[string]bool{"head": false, "other": true})
	own := o.customer("head")
	o.does("head", "customerTransfer", "customer", `id: %q, to: %q`, own, o.ids["head"]) // his already
	o.does("head", "customerTransfer", "customer", `id: %q, to: %q`, own, o.ids["other"])
	o.does("admin", "grantDelete", "id", `id: %q`, deny)
	customer = o.customer("colleague")
	o.does("head", "customerTransfer", "customer", `id: %q, to: %q`, customer, o.ids["head"])
}

// TestA19ADenyIsNotUndoneByMovingWhatRecordsHangOn moves an opportunity and a service, on which somebody whom a DENY closes has
// written, to a customer of one's own, and to one that is shared with oneself.
func TestA19ADenyIsNotUndoneByMovingWhatRecordsHangOn(t *testing.T) {
	o := newOffice(t, "head", "colleague", "apart")
	customer := o.customer("colleague")
	deal := o.does("colleague", "opportunityCreate", "opportunity", `title: "deal", customer: %q`, customer)
	repair := o.does("colleague", "serviceCreate", "service", `title: "repair", customer: %q`, customer)
	var secrets []string
	for record, place := range map[string]string{deal: "opportunity", repair: "service"} {
		o.share("colleague", record, o.user("apart"), observe)
		secrets = append(secrets, o.does("apart", "activityCreate", "activity", `summary: "secret", %s: %q`, place, record))
	}
	for _, over := range []string{"colleague", "apart"} {
		o.grant("head", o.user(over), manage+", effect: ALLOW")
	}
	deny := o.does("admin", "grantCreate", "grant", `grantee: {%s}, subject: {%s}, effect: DENY, level: OBSERVE, kinds: [ACTIVITY]`, o.user("head"), o.user("apart"))
	own, lent, other := o.customer("head"), o.customer("colleague"), o.customer("colleague")
	o.share("colleague", lent, o.user("head"), observe)
	move := func(refused bool, to string) {
		o.Helper()
		for record, thing := range map[string]string{deal: "opportunity", repair: "service"} {
			if refused {
				o.refused("FORBIDDEN", "input.customer", "head", thing+"Update", thing, `id: %q, customer: %q`, record, to)
			} else {
				o.does("head", thing+"Update", thing, `id: %q, customer: %q`, record, to)
			}
		}
		for _, secret := range secrets {
			o.shown("moved", secret, map[string]bool{"head": false})
		}
	}
	move(true, own)
	move(true, lent)
	move(false, other)
	mine := o.does("head", "opportunityCreate", "opportunity", `title: "mine", customer: %q`, own)
	o.does("head", "opportunityUpdate", "opportunity", `id: %q, customer: %q`, mine, o.customer("head")) // from one's own to one's own
	o.does("admin", "grantDelete", "id", `id: %q`, deny)
	o.does("head", "opportunityUpdate", "opportunity", `id: %q, customer: %q`, deal, own)
}

// TestA19ADenyIsNotUndoneByAnAffiliation ties a contact that one only sees to a customer of one's own, whose contacts one writes.
func TestA19ADenyIsNotUndoneByAnAffiliation(t *testing.T) {
	o := newOffice(t, "head", "apart")
	contact := o.does("apart", "contactCreate", "contact", `name: "contact"`)
	own := o.customer("head")
	o.grant("head", o.user("apart"), manage+", effect: ALLOW")
	deny := o.does("admin", "grantCreate", "grant", `grantee: {%s}, subject: {%s}, effect: DENY, level: MANAGE, kinds: [CONTACT]`, o.user("head"), o.user("apart"))
	worksAt := fmt.Sprintf("type: %q, a: %q, b: %q", models.WorksAtID, contact, own)
	o.refused("FORBIDDEN", "input.a", "head", "relationshipCreate", "relationship", "%s", worksAt)
	former := o.does("admin", "relationshipCreate", "relationship", `%s, from: "2020-01-01", until: "2021-01-01"`, worksAt)
	o.refused("FORBIDDEN", "input.id", "head", "relationshipUpdate", "relationship", `id: %q, until: null`, former)
	deleted := o.does("admin", "relationshipCreate", "relationship", "%s", worksAt)
	o.does("admin", "relationshipDelete", "id", `id: %q`, deleted)
	o.refused("FORBIDDEN", "input.id", "head", "relationshipRestore", "relationship", `id: %q`, deleted)
	o.refused("FORBIDDEN", "input.id", "head", "contactUpdate", "contact", `id: %q, note: "changed"`, contact)

	ours := o.does("head", "contactCreate", "contact", `name: "ours"`)
	o.does("head", "relationshipCreate", "relationship", "type: %q, a: %q, b: %q", models.WorksAtID, ours, own)
	o.does("admin", "grantDelete", "id", `id: %q`, deny)
	o.does("head", "relationshipCreate", "relationship", "%s", worksAt)
}

// TestA20SharesEndWithTheOwner changes a customer's owner in each way.
func TestA20SharesEndWithTheOwner(t *testing.T) {
	o := newOffice(t, "owner", "heir", "friend", "clerk")
	pool := o.does("admin", "poolCreate", "pool", `name: "pool", members: [{%s}]`, o.user("heir"))
	shared := func() string {
		id := o.customer("owner")
		o.share("owner", id, o.user("friend"), manage)
		return id
	}
	friend := func(what, id string, sees bool) {
		o.Helper()
		o.shown(what, id, map[string]bool{"friend": sees})
		want := map[bool]int{true: 1}[sees]
		if n := len(o.Ask("admin", "query($id: ID!) { customer(id: $id) { shares { id } } }", map[string]any{"id": id}).Good().List("customer.shares")); n != want {
			o.Errorf("%s: %d shares", what, n)
		}
	}
	handed := shared()
	o.does("owner", "customerTransfer", "customer", `id: %q, to: %q`, handed, o.ids["heir"])
	friend("handed over", handed, false)
	kept := shared()
	o.does("owner", "customerTransfer", "customer", `id: %q, to: %q, keepShares: true`, kept, o.ids["heir"])
	friend("handed over with its shares", kept, true)
	released := shared()
	o.does("owner", "customerRelease", "customer", `id: %q, pool: %q`, released, pool)
	friend("released", released, false)
	o.share("admin", released, o.user("friend"), observe)
	friend("shared in the pool", released, true)
	o.does("heir", "customerClaim", "customer", `id: %q`, released)
	friend("claimed", released, false)
	for _, k := range sharedKinds[1:] {
		id := o.make("owner", k.kind, k.create)
		o.share("owner", id, o.user("friend"), observe)
		o.shown(k.kind, id, map[string]bool{"friend": true})
		o.does("owner", k.kind+"Transfer", k.thing, `id: %q, to: %q`, id, o.ids["heir"])
		o.shown(k.kind+" handed over", id, map[string]bool{"friend": false, "heir": true, "owner": false})
	}
	gone := shared()
	o.does("admin", "userDeactivate", "user", `id: %q`, o.ids["clerk"])
	o.refused("NOT_FOUND", "input.to", "owner", "customerTransfer", "customer", `id: %q, to: %q`, gone, o.ids["clerk"])
	friend("not handed over", gone, true)
}

// TestA20AShareStandsUntilTheOwnerChanges takes from a giver, after he has shared, all that let him share.
func TestA20AShareStandsUntilTheOwnerChanges(t *testing.T) {
	o := newOffice(t, "owner", "head", "friend", "heir")
	customer := o.customer("owner")
	secret := o.does("owner", "opportunityCreate", "opportunity", `title: "x", customer: %q`, customer)
	lent := func(what string, head bool) {
		o.Helper()
		for _, id := range []string{customer, secret} {
			o.shown(what, id, map[string]bool{"friend": true, "head": head})
		}
	}
	over := fmt.Sprintf(`grantee: {%s}, subject: {%s}, level: MANAGE, effect: `, o.user("head"), o.user("owner"))
	allow := o.does("admin", "grantCreate", "grant", "%s", over+"ALLOW")
	o.share("head", customer, o.user("friend"), manage)
	lent("shared", true)
	deny := o.does("admin", "grantCreate", "grant", "%s", strings.Replace(over, "MANAGE", "OBSERVE", 1)+"DENY")
	lent("the giver is denied", false)
	o.does("admin", "grantDelete", "id", `id: %q`, deny)
	o.does("admin", "grantDelete", "id", `id: %q`, allow)
	lent("the giver's grant is gone", false)
	o.does("friend", "customerTransfer", "customer", `id: %q, to: %q`, customer, o.ids["heir"])
	o.shown("handed over", customer, map[string]bool{"friend": false, "heir": true})

	// lent across the hour in which the giver himself has no right
	customer = o.customer("owner")
	secret = customer
	o.does("admin", "grantCreate", "grant", "%sALLOW, until: %q", over, o.in(time.Hour))
	o.does("admin", "grantCreate", "grant", "%sALLOW, from: %q", over, o.in(2*time.Hour))
	o.share("head", customer, o.user("friend"), observe)
	for i, head := range []bool{true, false, true} {
		lent(fmt.Sprint("hour ", i), head)
		o.Pass(time.Hour)
	}
	o.does("admin", "userDeactivate", "user", `id: %q`, o.ids["head"])
	o.shown("the giver has left", customer, map[string]bool{"friend": true})
}

// TestADenyLeavesWhatWasLent denies everyone's records to one who was lent a customer: he keeps what was lent, for the kinds and at
// the level of the share, and loses the rest, until his role does not read the kind.
func TestADenyLeavesWhatWasLent(t *testing.T) {
	o := newOffice(t, "owner", "friend")
	lent, other := o.customer("owner"), o.customer("owner")
	deal := o.does("owner", "opportunityCreate", "opportunity", `title: "x", customer: %q`, lent)
	service := o.does("owner", "serviceCreate", "service", `title: "x", customer: %q`, lent)
	o.grant("friend", "everyone: true", manage+", effect: ALLOW")
	o.share("owner", lent, o.user("friend"), manage+", kinds: [OPPORTUNITY]")
	all := map[string]bool{"friend": true}
	for _, id := range []string{lent, deal, service, other} {
		o.shown("before the DENY", id, all)
	}
	writing := o.does("admin", "grantCreate", "grant", `grantee: {%s}, subject: {everyone: true}, effect: DENY, level: MANAGE`, o.user("friend"))
	o.does("friend", "customerUpdate", "customer", `id: %q, name: "y"`, lent)
	o.does("friend", "opportunityUpdate", "opportunity", `id: %q, title: "y"`, deal)
	o.refused("FORBIDDEN", "input.id", "friend", "serviceUpdate", "service", `id: %q, title: "y"`, service)
	o.refused("FORBIDDEN", "input.id", "friend", "customerUpdate", "customer", `id: %q, name: "y"`, other)
	o.does("admin", "grantDelete", "id", `id: %q`, writing)
	o.grant("friend", "everyone: true", observe+", effect: DENY")
	for id, seen := range map[string]bool{lent: true, deal: true, service: false, other: false} {
		o.shown("under the DENY", id, map[string]bool{"friend": seen})
	}
	o.does("friend", "opportunityUpdate", "opportunity", `id: %q, title: "z"`, deal)
	change(t, o.Company, "update roles set permissions = array_remove(permissions, 'OPPORTUNITY_READ') where code = 'sales_manager'")
	for id, seen := range map[string]bool{lent: true, deal: false} {
		o.shown("without READ", id, map[string]bool{"friend": seen})
	}
}

// TestADocumentsListReplacesEveryOtherRule gives a document of a shared customer a list of its own.
func TestADocumentsListReplacesEveryOtherRule(t *testing.T) {
	o := newOffice(t, "owner", "author", "reader", "member", "below", "boss")
	top := o.does("admin", "departmentCreate", "department", `name: "top"`)
	sub := o.does("admin", "departmentCreate", "department", `name: "sub", parent: %q`, top)
	o.does("admin", "membershipCreate", "membership", `%s, department: %q`, o.user("below"), sub)
	group := o.does("admin", "groupCreate", "group", `name: "group", members: [%q]`, o.ids["member"])
	customer := o.customer("owner")
	o.share("owner", customer, o.user("author"), manage)
	o.grant("boss", "everyone: true", manage+", effect: ALLOW")
	document := o.make("author", "document", "")
	o.does("author", "documentUpdate", "document", `id: %q, customer: %q`, document, customer)
	o.share("author", document, o.user("reader"), manage)
	o.shown("without a list", document, map[string]bool{"owner": true, "author": true, "reader": true, "boss": true, "admin": true, "member": false})
	list := func(readers string) {
		o.Helper()
		o.does("author", "documentReadersSet", "document", `id: %q, restricted: true, readers: [%s]`, document, readers)
	}
	list("")
	o.shown("with an empty list", document, map[string]bool{"owner": false, "author": true, "reader": false, "boss": false, "admin": false})
	list(fmt.Sprintf("{group: %q}, {department: {id: %q}}", group, top))
	o.shown("for a group and a department alone", document, map[string]bool{"member": true, "below": false, "boss": false, "owner": false})
	list(fmt.Sprintf("{department: {id: %q, withSubDepartments: true}}", top))
	o.shown("for a department and those below", document, map[string]bool{"member": false, "below": true, "admin": false})
	o.refused("FORBIDDEN", "input.id", "below", "documentReadersSet", "document", `id: %q, restricted: false`, document)
	o.refused("FORBIDDEN", "input.id", "below", "documentUpdate", "document", `id: %q, name: "mine"`, document)
	o.refused("NOT_FOUND", "input.id", "boss", "documentReadersSet", "document", `id: %q, restricted: false`, document)
	o.does("author", "documentTransfer", "document", `id: %q, to: %q`, document, o.ids["reader"])
	o.shown("handed over, the list stays", document, map[string]bool{"author": false, "reader": true, "below": true, "boss": false})
	o.does("reader", "documentReadersSet", "document", `id: %q, restricted: false`, document)
	o.shown("without the list again", document, map[string]bool{"boss": true, "below": false, "owner": true})

	// a list has no end, so that who manages the document until an instant only cannot set one
	other := o.make("author", "document", "")
	o.share("author", other, o.user("reader"), fmt.Sprintf("level: MANAGE, expiresAt: %q", o.in(time.Hour)))
	o.refused("FORBIDDEN", "input.restricted", "reader", "documentReadersSet", "document", `id: %q, restricted: true, readers: [{%s}]`, other, o.user("reader"))
	o.shown("not restricted", other, map[string]bool{"boss": true})
}

// TestA31ASetComesBackByAnyOfItsRecords deletes a customer with what is only its, and has it restored by those who could
// manage one of the set, and by nobody else.
func TestA31ASetComesBackByAnyOfItsRecords(t *testing.T) {
	o := newOffice(t, "owner", "rep", "stranger")
	customer := o.customer("owner")
	o.share("owner", customer, o.user("rep"), observe)
	opportunity := o.does("rep", "opportunityCreate", "opportunity", `title: "x", customer: %q`, customer)
	o.does("owner", "customerDelete", "id", `id: %q`, customer)
	deleted := func(login, list string) []any {
		o.Helper()
		return o.Ask(login, "{ it: "+list+" { nodes { id } } }", nil).Good().List("it.nodes")
	}
	for login, want := range map[string][2]int{"owner": {1, 1}, "rep": {0, 1}, "stranger": {0, 0}} {
		if c, p := deleted(login, "deletedCustomers"), deleted(login, "deletedOpportunities"); len(c) != want[0] || len(p) != want[1] {
			t.Errorf("%s finds %v and %v deleted", login, c, p)
		}
	}
	never := models.NewID(models.CustomerCode).String()
	for _, id := range []string{customer, never} {
		o.refused("NOT_FOUND", "input.id", "stranger", "customerRestore", "customer", `id: %q`, id)
		o.refused("NOT_FOUND", "input.id", "rep", "customerRestore", "customer", `id: %q`, id)
	}
	o.does("rep", "opportunityRestore", "opportunity", `id: %q`, opportunity)
	o.shown("restored", customer, map[string]bool{"owner": true, "rep": true, "stranger": false})
	o.shown("restored", opportunity, map[string]bool{"owner": true, "rep": true, "stranger": false})
}
