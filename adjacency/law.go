package adjacency

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
)

// The rules of access/rules.go by which the net decides who sees a party, stated a second time. When the rules there are others
// than these, it answers nothing.
var (
	customerWays = []string{
		"way OWNER", "way SCOPE", "way UNOWNED", "way SHARE", "way POOL_MEMBER",
		"closing INACTIVE", "closing NO_PERMISSION", "closing DELETED", "closing DENIED",
	}
	contactWays = []string{
		"way OWNER", "way SCOPE", "way UNOWNED", "way SHARE", "way CUSTOMER_OWNER", "way CUSTOMER_SHARE", "way CUSTOMER_SCOPE", "way POOL_MEMBER",
		"closing INACTIVE", "closing NO_PERMISSION", "closing DELETED", "closing DENIED",
	}
	openWays         = []string{"way REFERENCE", "closing INACTIVE", "closing NO_PERMISSION", "closing DENIED"}
	relationshipWays = []string{"way BOTH_ENDS", "closing INACTIVE", "closing NO_PERMISSION", "closing DELETED", "closing DENIED"}
)

// Lawful tells whether the rules are those that the net knows.
func Lawful() bool {
	return decides(access.Customer, customerWays) && decides(access.Contact, contactWays) && decides(access.Relationship, relationshipWays) &&
		len(access.Relationship.Protected)+len(access.RelationshipType.Protected) == 0 && // of these it uses what is open to all
		!slices.ContainsFunc([]*access.Kind{access.Competitor, access.User, access.RelationshipType}, func(k *access.Kind) bool {
			return k.ReadBy != "" || !decides(k, openWays)
		}) &&
		!slices.ContainsFunc([]*access.Kind{access.Customer, access.Contact, access.Competitor, access.User}, func(k *access.Kind) bool {
			_, protected := k.Protected["name"]
			return protected
		})
}

// decides tells whether records of a kind are seen by these rules.
func decides(kind *access.Kind, rules []string) bool {
	return slices.Equal(rules, slices.DeleteFunc(access.RulesOf(kind), func(name string) bool {
		return !strings.HasPrefix(name, "way ") && !strings.HasPrefix(name, "closing ")
	}))
}

// What the hands that a party is in say of it.
const (
	decided uint8 = 1 << iota
	shown         // it is seen
	spared        // of a contact: no DENY reaches its owner
	opens         // of a customer: its contacts are seen, by CUSTOMER_OWNER, CUSTOMER_SHARE or POOL_MEMBER
	reached       // the same by CUSTOMER_SCOPE, of those whose owner is spared
)

// sight is what a viewer sees.
type sight struct {
	viewer                        *access.Viewer
	customers, contacts           *access.Scope
	readsCustomers, readsContacts bool
	walks                         bool             // he may read relationships
	shares                        map[uint32]uint8 // parties shared with him, and what that says of them
	today                         int32
}

// mostShares is how many shares are looked at one by one; who has more is answered by SQL.
const mostShares = 5_000

// share is a customer or contact of which a live share reaches the viewer, with the kinds that it covers.
type share struct {
	record uuid.UUID
	kinds  []string
}

// sharesText renders what is shared with the viewer as rows beside those of the feed, which have a seal of 0 or more.
func sharesText(q *access.Query) string {
	return "(select -1, 0, s.record_id, null, array_to_string(s.kinds, ' '), null from (" +
		q.SharedRecords(access.Customer, access.Contact) + " limit " + q.Bind(mostShares+1) + ") s)"
}

// shareOf reads a row, if it is of a share.
func shareOf(row access.Row) (one share, is bool, err error) {
	var seal int64
	var kinds *string
	if err := row.Scan(&seal, nil, nil, nil, nil, nil); err != nil || seal >= 0 {
		return one, false, err
	}
	err = row.Scan(nil, nil, &one.record, nil, &kinds, nil)
	if kinds != nil {
		one.kinds = strings.Fields(*kinds)
	}
	return one, true, err
}

// sightOf gives what a viewer sees.
func (t *tables) sightOf(v *access.Viewer, shares []share) *sight {
	s := &sight{
		viewer: v, customers: v.ScopeToRead(access.Customer), contacts: v.ScopeToRead(access.Contact), readsCustomers: v.MayRead(access.Customer),
		readsContacts: v.MayRead(access.Contact), walks: v.MayRead(access.Relationship), shares: map[uint32]uint8{}, today: dayOf(v.Today),
	}
	for _, one := range shares {
		if party := t.parties.Find(one.record); party != 0 {
			s.shares[party] |= s.shared(models.KindOf(one.record), one.kinds)
		}
	}
	return s
}

// shared tells what a share of a party says of it.
func (s *sight) shared(kind models.KindCode, kinds []string) (says uint8) {
	switch kind {
	case models.ContactCode:
		says = shown
	case models.CustomerCode:
		says = shown
		if access.Covers(kinds, access.Contact) {
			says |= opens
		}
	}
	return says
}

// decide tells what hands say of the parties in them.
func (s *sight) decide(h hands) uint8 {
	says := decided
	add := func(holds bool, what uint8) {
		if holds {
			says |= what
		}
	}
	me := s.viewer.UserID
	switch h.kind {
	case models.CustomerCode:
		add(s.customers.Takes(h.owner, me) || s.viewer.InPool(h.pool), shown)
		add(h.owner == me || s.viewer.InPool(h.pool), opens)
		add(s.contacts.Takes(h.owner, me), reached)
	case models.ContactCode:
		add(s.contacts.Takes(h.owner, me), shown)
		add(s.contacts.Spares(h.owner), spared)
	default:
		says |= shown
	}
	return says
}
