package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// TestEachWriteNeedsItsPermission calls every write of the store as nobody and as somebody without any role, without the API
// before it: it refuses by itself, before it looks for a record.
func TestEachWriteNeedsItsPermission(t *testing.T) {
	w := newWorld(t)
	ctx, id, s := context.Background(), models.NewID(models.CustomerCode), w.store
	user := models.NewID(models.UserCode)
	w.insert(&models.User{Record: models.Record{ID: user}, Login: "roleless", Name: "roleless", Active: true})
	roleless, nobody := w.viewer(user), access.Nobody(w.now)
	only := func(_ uuid.UUID, err error) error { return err }
	q, input, file := ask("x"), map[string]any{"name": "x"}, store.File{Name: "a.txt", Bytes: strings.NewReader("a")}
	writes := map[string]func(v *access.Viewer) error{
		"customerCreate": func(v *access.Viewer) error { return only(s.CustomerCreate(ctx, v, q, input)) },
		"customerUpdate": func(v *access.Viewer) error { return only(store.Customers.Update(ctx, s, v, q, id, nil, input, nil)) },
		"customerTransfer": func(v *access.Viewer) error {
			return only(store.Customers.Transfer(ctx, s, v, q, id, user, false, nil))
		},
		"customerDelete":   func(v *access.Viewer) error { return only(store.Customers.Delete(ctx, s, v, q, id, nil)) },
		"customerRestore":  func(v *access.Viewer) error { return only(store.Customers.Restore(ctx, s, v, q, id)) },
		"customerRelease":  func(v *access.Viewer) error { return only(s.CustomerRelease(ctx, v, q, id, id, nil)) },
		"customerClaim":    func(v *access.Viewer) error { return only(s.CustomerClaim(ctx, v, q, id, nil)) },
		"competitorDelete": func(v *access.Viewer) error { return only(s.CompetitorDelete(ctx, v, q, id, nil)) },
		"competitorRemove": func(v *access.Viewer) error { return only(store.Competitors.Remove(ctx, s, v, q, id, nil)) },
		"companyUpdate":    func(v *access.Viewer) error { return only(s.CompanyUpdate(ctx, v, q, nil, input)) },
		"currencyCreate": func(v *access.Viewer) error {
			return s.CurrencyCreate(ctx, v, q, map[string]any{"code": "JPY", "name": "x"})
		},
		"departmentUpdate": func(v *access.Viewer) error { return only(s.DepartmentUpdate(ctx, v, q, id, nil, input)) },
		"documentCreate":   func(v *access.Viewer) error { return only(s.DocumentCreate(ctx, v, q, nil, file, input)) },
		"documentRevise":   func(v *access.Viewer) error { return only(s.DocumentRevise(ctx, v, q, nil, file, id, nil)) },
		"encounterRemove":  func(v *access.Viewer) error { return only(s.EncounterRemove(ctx, v, q, id, nil)) },
		"grantCreate":      func(v *access.Viewer) error { return only(s.GrantCreate(ctx, v, q, models.Grant{})) },
		"membershipCreate": func(v *access.Viewer) error {
			return only(s.MembershipCreate(ctx, v, q, models.Membership{UserID: user}))
		},
		"membershipDelete":    func(v *access.Viewer) error { return only(s.MembershipDelete(ctx, v, q, id, nil)) },
		"relationshipRestore": func(v *access.Viewer) error { return only(s.RelationshipRestore(ctx, v, q, id)) },
		"roleDelete":          func(v *access.Viewer) error { return only(s.RoleDelete(ctx, v, q, id, nil)) },
		"userRolesSet":        func(v *access.Viewer) error { return only(s.UserRolesSet(ctx, v, q, user, nil, nil)) },
		"userCreate": func(v *access.Viewer) error {
			return only(s.UserCreate(ctx, v, q, store.UserDraft{User: models.User{Login: "x", Name: "x"}}))
		},
		"userUpdate": func(v *access.Viewer) error { return only(s.UserUpdate(ctx, v, q, user, nil, input)) },
		"userPasswordSet": func(v *access.Viewer) error {
			return only(s.UserPasswordSet(ctx, v, q, store.PasswordChange{User: id, New: "long enough 1"}))
		},
		"userActivate":   func(v *access.Viewer) error { return only(s.UserActivate(ctx, v, q, user, nil)) },
		"userDeactivate": func(v *access.Viewer) error { return only(s.UserDeactivate(ctx, v, q, user, nil)) },
		"groupDissolve":  func(v *access.Viewer) error { return only(s.GroupDissolve(ctx, v, q, id, nil)) },
		"grantUpdate":    func(v *access.Viewer) error { return only(s.GrantUpdate(ctx, v, q, id, nil, store.GrantChange{})) },
		"currencyUpdate": func(v *access.Viewer) error { return s.CurrencyUpdate(ctx, v, q, "CNY", input) },
		"viewAsCreate":   func(v *access.Viewer) error { _, _, err := s.ViewAsCreate(ctx, v, q, id); return err },
		"viewedAs":       func(v *access.Viewer) error { return only(s.ViewedAs(v, "x")) },
	}
	for name, write := range writes {
		if err := write(nobody); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s as nobody: %v", name, err)
		}
		if err := write(roleless); !fault.Is(err, fault.PermissionDenied) {
			t.Errorf("%s without any role: %v", name, err)
		}
	}
	open := map[string]func(v *access.Viewer) error{
		"shareCreate": func(v *access.Viewer) error {
			return only(s.ShareCreate(ctx, v, q, models.Share{RecordID: id, SubjectID: user}))
		},
		"shareDelete": func(v *access.Viewer) error { return only(s.ShareDelete(ctx, v, q, id, nil)) },
		"apiTokenCreate": func(v *access.Viewer) error {
			_, _, err := s.APITokenCreate(ctx, v, q, "x", ptr(time.Now()))
			return err
		},
		"jobStart":  func(v *access.Viewer) error { return only(s.JobStart(ctx, v, q, "x", nil)) },
		"jobCancel": func(v *access.Viewer) error { return only(s.JobCancel(ctx, v, q, id)) },
		"ownPasswordSet": func(v *access.Viewer) error {
			return only(s.UserPasswordSet(ctx, v, q, store.PasswordChange{New: "long enough 1"}))
		},
		"apiTokenRevoke": func(v *access.Viewer) error { return only(s.APITokenRevoke(ctx, v, q, id)) },
	}
	for name, write := range open {
		if err := write(nobody); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s as nobody: %v", name, err)
		}
	}
}
