package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
	"guanxi/store"
)

// dangler is a company in which rules of every sort name one subject.
type dangler struct {
	*world

	admin, member, allowed, denied uuid.UUID // in the subject; with an ALLOW over it; with an ALLOW over everyone and a DENY over it
	pool, document                 uuid.UUID
	empty, end                     func() error // let the members leave the subject; take the subject itself away
}

// newDangler forms a department or a group and gives all that can be given over it.
func newDangler(t *testing.T, kind models.KindCode) *dangler {
	w := newWorld(t)
	d := &dangler{world: w, admin: w.user("admin", everything), member: w.user("member"), allowed: w.user("allowed"), denied: w.user("denied", everything), pool: models.NewID(models.PoolCode)}
	subject := d.subject(kind)
	other := w.user("other")
	w.customer("the member's", d.member)
	shared, pooled := w.customer("shared", other), w.customer("pooled", other)
	w.insert(&models.Pool{Record: models.Record{ID: d.pool}, Name: "公海"})
	w.exec("update customers set owner_id = null, pool_id = ? where id = ?", d.pool, pooled)
	d.document = models.NewID(models.DocumentCode)
	document := &models.Document{Name: "listed", MediaType: "text/plain", SHA256: make([]byte, 32), StorageKey: "k", Revision: 1, Restricted: true, UploadedAt: w.now}
	document.ID, document.OwnerID = d.document, &other
	w.insert(document)
	for _, g := range []models.Grant{{GranteeUserID: &d.allowed, Effect: models.Allow}, {GranteeUserID: &d.denied, Effect: models.Deny}} {
		g.ID, g.SubjectID, g.Level = models.NewID(models.GrantCode), &subject, models.Observe
		w.insert(&g)
	}
	w.insert(&models.Share{Record: models.Record{ID: models.NewID(models.ShareCode)}, RecordID: shared, SubjectID: subject, Level: models.Observe})
	w.insert(&models.PoolMember{PoolID: d.pool, SubjectID: subject})
	w.insert(&models.DocumentReader{DocumentID: d.document, SubjectID: subject})
	return d
}

func (d *dangler) subject(kind models.KindCode) uuid.UUID {
	ctx, admin, members := context.Background(), d.viewer(d.admin), []uuid.UUID{d.member}
	if kind == models.GroupCode {
		group, err := d.store.GroupCreate(ctx, admin, store.Request{}, map[string]any{"name": "项目组", "members": members})
		if err != nil {
			d.t.Fatal(err)
		}
		d.empty = func() error { return failed(d.store.GroupMembersSet(ctx, admin, store.Request{}, group, nil, nil)) }
		d.end = func() error { return failed(d.store.GroupDissolve(ctx, admin, store.Request{}, group, nil)) }
		return group
	}
	department, membership := d.department("分公司", nil), models.NewID(models.MembershipCode)
	d.insert(&models.Membership{Record: models.Record{ID: membership}, UserID: d.member, DepartmentID: department, IsPrimary: true})
	d.empty = func() error { return failed(d.store.MembershipDelete(ctx, admin, store.Request{}, membership, nil)) }
	d.end = func() error { return failed(d.store.DepartmentDelete(ctx, admin, store.Request{}, department, nil)) }
	return department
}

// sees lists, for each of the three, the names of the customers and documents that they see.
func (d *dangler) sees() map[string][]string {
	d.t.Helper()
	seen := map[string][]string{}
	for name, user := range map[string]uuid.UUID{"member": d.member, "allowed": d.allowed, "denied": d.denied} {
		seen[name] = []string{}
		for _, kind := range []*access.Kind{access.Customer, access.Document} {
			snap := access.Look(d.store.Pool, d.viewer(user))
			q := snap.Viewer.Query()
			err := snap.Run(context.Background(), q, "select r.name from "+q.Visible(kind, "r")+" order by r.name", func(row access.Row) error {
				var one string
				err := row.Scan(&one)
				seen[name] = append(seen[name], one)
				return err
			})
			snap.Close(context.Background())
			if err != nil {
				d.t.Fatal(err)
			}
		}
	}
	return seen
}

// TestA22ARuleOverWhatIsGoneReachesNobody deletes the department, or dissolves the group, that grants, a share, a pool and a
// document's list name: nobody sees more than when its members had left it, neither by a condition that fell away nor by a list
// that is empty now, and the histories tell of what ended with it.
func TestA22ARuleOverWhatIsGoneReachesNobody(t *testing.T) {
	for name, kind := range map[string]models.KindCode{"department": models.DepartmentCode, "group": models.GroupCode} {
		t.Run(name, func(t *testing.T) {
			d := newDangler(t, kind)
			d.holds("with the subject", map[string][]string{
				"member": {"pooled", "shared", "the member's", "listed"}, "allowed": {"the member's"}, "denied": {"pooled", "shared"},
			})
			if err := d.empty(); err != nil {
				t.Fatal(err)
			}
			left := map[string][]string{"member": {"the member's"}, "allowed": {}, "denied": {"pooled", "shared", "the member's"}}
			d.holds("without its members", left)
			if err := d.end(); err != nil {
				t.Fatal(err)
			}
			d.holds("without the subject", left)
			d.refersNowhere(left)
			if kind == models.DepartmentCode {
				told := d.number(`select count(*) from audit_entries where action = 'DELETE' and jsonb_exists(changes, 'effect') or action = 'UNSHARE'
					or record_id in (?, ?) and (jsonb_exists(changes, 'members') or jsonb_exists(changes, 'readers'))`, d.pool, d.document)
				if told != 5 {
					t.Errorf("histories tell of %d of the 5 that ended with the department", told)
				}
			}
		})
	}
}

func (d *dangler) holds(when string, want map[string][]string) {
	d.t.Helper()
	if got := d.sees(); fmt.Sprint(got) != fmt.Sprint(want) {
		d.t.Errorf("%s they see %v, not %v", when, got, want)
	}
}

// refersNowhere leaves rules in the database that name what this server does not know: a subject never issued, a kind, a
// permission, a rule of fields and a relation of another version. They open nothing, and a DENY beside them stays one.
func (d *dangler) refersNowhere(want map[string][]string) {
	d.t.Helper()
	for _, code := range []models.KindCode{models.DepartmentCode, models.GroupCode} {
		nowhere := models.NewID(code)
		for _, user := range []uuid.UUID{d.member, d.allowed} {
			d.insert(&models.Grant{Record: models.Record{ID: models.NewID(models.GrantCode)}, GranteeUserID: &user, SubjectID: &nowhere, WithSubDepartments: true, Effect: models.Allow, Level: models.Manage})
		}
		d.exec("insert into pool_members (pool_id, subject_id, with_sub_departments) values (?, ?, true)", d.pool, nowhere)
		d.exec("insert into document_readers (document_id, subject_id, with_sub_departments) values (?, ?, true)", d.document, nowhere)
	}
	d.insert(&models.Grant{Record: models.Record{ID: models.NewID(models.GrantCode)}, GranteeUserID: &d.allowed, Everyone: true, Effect: models.Allow, Level: models.Manage, Kinds: []string{"SPACESHIP"}})
	d.exec("update roles set permissions = array_remove(permissions, 'CUSTOMER_READ') || array['SPACESHIP_READ', 'READ', ''] where code = 'allowed'")
	d.holds("with rules over nothing", want)
	d.insert(&models.Grant{Record: models.Record{ID: models.NewID(models.GrantCode)}, GranteeUserID: &d.denied, Everyone: true, Effect: models.Deny, Level: models.Observe, Kinds: []string{"SPACESHIP", "CUSTOMER"}})
	if got := d.sees()["denied"]; !slices.Equal(got, []string{}) {
		d.t.Errorf("beside a kind that there is not a DENY lets %v through", got)
	}
	d.exec("delete from field_rights where role_id = (select id from roles where code = 'denied')")
	d.exec("insert into field_rights (role_id, rule, relation, access) select id, 'SECRETS', 'OTHER', 'FULL' from roles where code = 'denied'")
	if v := d.viewer(d.denied); slices.ContainsFunc(access.Rules, v.ReadsSome) || !slices.ContainsFunc(access.Rules, d.viewer(d.allowed).ReadsSome) {
		d.t.Error("a right to fields under no rule that there is reads some")
	}
}
