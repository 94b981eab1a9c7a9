package columns

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/internal/numbers"
	"guanxi/models"
)

// The rules of access/rules.go by which columns decide who sees what, stated a second time: for opportunities, and for the
// customers that they belong to. When the rules there are others than these, columns answer nothing.
var (
	opportunityRules = []string{
		"way OWNER", "way SCOPE", "way UNOWNED", "way SHARE", "way CUSTOMER_OWNER", "way CUSTOMER_SHARE", "way CUSTOMER_SCOPE",
		"closing INACTIVE", "closing NO_PERMISSION", "closing DELETED", "closing DENIED",
		"relation OWN", "relation SCOPE", "relation OTHER", "column amount AMOUNTS", "column main_product_id AMOUNTS",
	}
	customerRules = []string{
		"way OWNER", "way SCOPE", "way UNOWNED", "way SHARE", "way POOL_MEMBER",
		"closing INACTIVE", "closing NO_PERMISSION", "closing DELETED", "closing DENIED",
		"relation OWN", "relation SCOPE", "relation OTHER", "column phone CONTACT_DETAILS", "column email CONTACT_DETAILS", "column address CONTACT_DETAILS", "column phone_terms CONTACT_DETAILS",
	}
	openKinds = []*access.Kind{
		access.User, access.Department, access.Membership, access.DictionaryEntry, access.Stage, access.Pipeline, access.Product, access.Competitor,
	}
	openRules = []string{"way REFERENCE", "closing INACTIVE", "closing NO_PERMISSION", "closing DENIED", "relation OWN", "relation SCOPE", "relation OTHER"}
)

// Lawful tells whether the rules are those that columns know.
func Lawful() bool {
	return slices.Equal(access.RulesOf(access.Opportunity), opportunityRules) && slices.Equal(access.RulesOf(access.Customer), customerRules) &&
		!slices.ContainsFunc(openKinds, func(k *access.Kind) bool { return k.ReadBy != "" || !slices.Equal(access.RulesOf(k), openRules) })
}

// What an owner's number says of an opportunity.
const (
	seen   uint8 = 1 << iota // by OWNER, SCOPE or UNOWNED
	spared                   // no DENY reaches him
	reads                    // the viewer reads what is under AMOUNTS on his records
)

// What the number of a customer's owner says, or that of a customer which is shared.
const (
	opens   uint8 = 1 << iota // what belongs to the customer: by CUSTOMER_OWNER or CUSTOMER_SHARE
	reached                   // the same by CUSTOMER_SCOPE, where the opportunity's owner is spared
	shown                     // the customer himself is seen
)

// sight is what a viewer sees, by the numbers of owners, pools and customers.
type sight struct {
	nothing   bool // no permission to read opportunities
	owner     []uint8
	custOwner []uint8
	pool      []bool
	shares    map[uint64]bool  // opportunities shared, by key
	customers map[uint32]uint8 // customers shared, by number

	everything bool // whatever its owner, each opportunity is seen
	allShown   bool // whatever its owner and pool, each customer is seen
	allRead    bool
}

// mostShares is how many shares are looked at one by one; who has more is answered by SQL.
const mostShares = 5_000

// sightOf decides for every owner, pool and share what the snapshot's viewer sees.
func (t *tables) sightOf(ctx context.Context, snap *access.Snapshot) (*sight, error) {
	v := snap.Viewer
	s := &sight{nothing: !v.MayRead(access.Opportunity), shares: map[uint64]bool{}, customers: map[uint32]uint8{}}
	t.decideOwners(v, s)
	if v.MayRead(access.Customer) {
		pools := t.of[CustomerPool].All()
		s.pool = make([]bool, len(pools))
		for n, id := range pools[1:] {
			s.pool[n+1] = v.InPool(id)
		}
	}
	return s, t.decideShares(ctx, snap, s)
}

// decideOwners decides by the owner: of an opportunity, and of a customer.
func (t *tables) decideOwners(v *access.Viewer, s *sight) {
	scope, customers := v.ScopeToRead(access.Opportunity), v.ScopeToRead(access.Customer)
	owners := t.of[Owner].All()
	s.owner, s.custOwner = make([]uint8, len(owners)), make([]uint8, len(owners))
	s.everything, s.allShown, s.allRead = true, v.MayRead(access.Customer), true
	for n, id := range owners {
		if id == v.UserID || scope.Takes(id, v.UserID) {
			s.owner[n] |= seen
		}
		if scope.Spares(id) {
			s.owner[n] |= spared
		}
		if v.Reads(access.Amounts, relationTo(v, scope, id)) == access.Full {
			s.owner[n] |= reads
		}
		if id == v.UserID {
			s.custOwner[n] |= opens
		}
		if scope.Takes(id, v.UserID) {
			s.custOwner[n] |= reached
		}
		if v.MayRead(access.Customer) && (id == v.UserID || customers.Takes(id, v.UserID)) {
			s.custOwner[n] |= shown
		}
		s.everything = s.everything && s.owner[n]&seen != 0
		s.allRead = s.allRead && s.owner[n]&reads != 0
		s.allShown = s.allShown && s.custOwner[n]&shown != 0
	}
}

// relationTo tells how the viewer stands to a record of the owner.
func relationTo(v *access.Viewer, scope *access.Scope, owner uuid.UUID) access.Relation {
	switch {
	case owner == v.UserID:
		return access.Own
	case scope.Takes(owner, v.UserID):
		return access.InScope
	}
	return access.Other
}

var errManyShares = errors.New("columns: too many shares")

// decideShares adds what is shared with the viewer: an opportunity by SHARE, a customer by SHARE for himself, and by
// CUSTOMER_SHARE for opportunities when the share covers them.
func (t *tables) decideShares(ctx context.Context, snap *access.Snapshot, s *sight) error {
	q := snap.Viewer.Query()
	text := q.SharedRecords(access.Opportunity, access.Customer) + " limit " + q.Bind(mostShares+1)
	n := 0
	err := snap.Run(ctx, q, text, func(row access.Row) error {
		var id uuid.UUID
		var kinds []string
		if err := row.Scan(&id, &kinds); err != nil {
			return err
		}
		if n++; n > mostShares {
			return errManyShares
		}
		if kind, _ := access.Coded(models.KindCode(id[15])); kind == access.Opportunity {
			s.shares[numbers.Hash(id[:])] = true
		} else if number := t.customers.Find(id); number != 0 {
			if access.Covers(kinds, access.Opportunity) {
				s.customers[number] |= opens
			}
			if snap.Viewer.MayRead(access.Customer) {
				s.customers[number] |= shown
			}
		}
		return nil
	})
	if errors.Is(err, errManyShares) {
		return ErrLacks
	}
	return err
}

// sees tells whether the viewer sees a row.
func (s *sight) sees(p *segment, row int) bool {
	owner := s.owner[p.narrow[Owner][row]]
	if owner&seen != 0 {
		return true
	}
	if customer := p.customer[row]; customer != 0 {
		of := s.custOwner[p.narrow[CustomerOwner][row]]
		if of&opens != 0 || of&reached != 0 && owner&spared != 0 {
			return true
		}
		if len(s.customers) > 0 && s.customers[customer]&opens != 0 {
			return true
		}
	}
	return len(s.shares) > 0 && s.shares[p.keys[row]]
}

// showsCustomer tells whether the viewer sees the customer of a row.
func (s *sight) showsCustomer(p *segment, row int) bool {
	customer := p.customer[row]
	return customer != 0 && (s.custOwner[p.narrow[CustomerOwner][row]]&shown != 0 ||
		s.pool != nil && s.pool[p.narrow[CustomerPool][row]] ||
		len(s.customers) > 0 && s.customers[customer]&shown != 0)
}

// readsAmounts tells whether the viewer reads what is under AMOUNTS on a row.
func (s *sight) readsAmounts(p *segment, row int) bool {
	return s.owner[p.narrow[Owner][row]]&reads != 0
}
