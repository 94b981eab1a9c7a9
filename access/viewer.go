package access

import (
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"guanxi/fault"
	"guanxi/models"
)

// Viewer is whoever asks, with everything that decides what he may see and do, as it was at one instant.
type Viewer struct {
	UserID uuid.UUID
	Now    time.Time   // the request's instant, by the database's clock
	Today  models.Date // its day in the company's zone

	Company models.Company
	Roles   []uuid.UUID

	behind      uuid.UUID // the administrator who asks as this user sees, if one does
	system      bool
	permissions map[Permission]bool
	rights      map[Rule]map[Relation]Right
	given       []granted   // all grants, whenever they count
	subjects    []uuid.UUID // the viewer, his departments and groups
	reach       []uuid.UUID // these and the departments above
	pools       []uuid.UUID // pools he is a member of

	known   *footings
	footing *footing // at this instant

	expected bool // Now is not the snapshot's time yet
}

type scopeKey struct {
	kind  *Kind
	level string
}

// Nobody is the anonymous viewer: he sees nothing and may do nothing.
func Nobody(now time.Time) *Viewer {
	return &Viewer{Now: now, Today: models.DateOf(now), known: &footings{byLive: map[string]*footing{}}, footing: newFooting(nil)}
}

// System is the viewer of work that has no person behind it, such as filling the sample company; the reason is for the
// reader of the code. It sees everything.
func System(reason string, now time.Time, company models.Company) *Viewer {
	v := Nobody(now)
	v.system, v.Company = reason != "", company
	v.Today = models.DateOf(now.In(v.Zone()))
	return v
}

// Anonymous tells whether nobody is signed in.
func (v *Viewer) Anonymous() bool { return v.UserID == uuid.Nil && !v.system }

// May tells whether a role of the viewer gives the permission.
func (v *Viewer) May(p Permission) bool { return v.system || v.permissions[p] }

// Need refuses the request when the viewer lacks the permission.
func (v *Viewer) Need(p Permission) error {
	switch {
	case v.Anonymous():
		return SignInFirst()
	case !v.May(p):
		return fault.Deny(fault.PermissionDenied, fault.Say("This needs the permission %s.", "需要权限 %s。", p))
	}
	return nil
}

// SignInFirst is the refusal of whoever is not signed in.
func SignInFirst() error {
	return fault.Deny(fault.Unauthenticated, fault.Say("Sign in first.", "请先登录。"))
}

// Permissions lists what the viewer's roles permit, in a fixed order.
func (v *Viewer) Permissions() []Permission {
	var held []Permission
	for _, p := range Permissions() {
		if v.May(p) {
			held = append(held, p)
		}
	}
	return held
}

// Zone is the company's time zone.
func (v *Viewer) Zone() *time.Location {
	if known, ok := zones.Load(v.Company.TimeZone); ok {
		return known.(*time.Location)
	}
	zone, err := time.LoadLocation(v.Company.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	zones.Store(v.Company.TimeZone, zone)
	return zone
}

// zones keeps the time zones that companies have named, by their names.
var zones sync.Map

// Owner gives the user as the owner of something new; nobody for the system.
func (v *Viewer) Owner() *uuid.UUID {
	if v.UserID == uuid.Nil {
		return nil
	}
	id := v.UserID
	return &id
}

// At gives the same viewer at another instant: grants count from their beginning to their end.
func (v *Viewer) At(now time.Time) *Viewer {
	later := &Viewer{
		UserID: v.UserID, behind: v.behind, Now: now, Company: v.Company, Roles: v.Roles, system: v.system, permissions: v.permissions,
		rights: v.rights, subjects: v.subjects, reach: v.reach, pools: v.pools, given: v.given, known: v.known,
	}
	later.Today = models.DateOf(now.In(v.Zone()))
	later.footing = later.footingAt(now)
	return later
}

// Pools lists the pools that the viewer is a member of.
func (v *Viewer) Pools() []uuid.UUID { return v.pools }

// InPool tells whether the viewer is a member of the pool.
func (v *Viewer) InPool(pool uuid.UUID) bool { return slices.Contains(v.pools, pool) }

// KnowsRole tells whether the viewer may read what a role permits: his own roles, or all with ACCESS_ADMIN.
func (v *Viewer) KnowsRole(role uuid.UUID) bool {
	return v.May(AccessAdmin) || slices.Contains(v.Roles, role)
}

// ManagesAll tells whether the viewer manages every record of the company's daily work, so that none is hidden from him, be it
// deleted; documents with a list of their own excepted.
func (v *Viewer) ManagesAll() bool {
	return v.system || !slices.ContainsFunc(Kinds, func(k *Kind) bool {
		needed := k.toRead()
		if k.Guard == Business {
			scope := v.scopeOf(k, models.Manage)
			return !v.May(needed) || !scope.All || len(scope.Denied) > 0
		}
		return k.Guard == BetweenParties && !v.May(needed)
	})
}
