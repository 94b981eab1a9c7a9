package columns

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"sync"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
)

// The rules of access/rules.go by which columns decide who sees what, stated a second time: for opportunities, for the
// customers that they belong to, and for the encounters that are parts of them. When the rules there are others than these, columns answer nothing.
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
	encounterRules = []string{ // seen with their opportunity, and the price read as its amount is
		"way WHOLE", "closing INACTIVE", "closing NO_PERMISSION", "closing DENIED",
		"relation OWN", "relation SCOPE", "relation OTHER", "column quoted_price AMOUNTS",
	}
	openKinds = []*access.Kind{
		access.User, access.Department, access.Membership, access.DictionaryEntry, access.Stage, access.Pipeline, access.Product, access.Competitor,
	}
	openRules = []string{"way REFERENCE", "closing INACTIVE", "closing NO_PERMISSION", "closing DENIED", "relation OWN", "relation SCOPE", "relation OTHER"}
)

// Common tells whether the records of a kind are in the small tables, which everyone sees alike.
func Common(kind *access.Kind) bool { return slices.Contains(openKinds, kind) }

// Lawful tells whether the rules are those that columns know.
func Lawful() bool {
	return slices.Equal(access.RulesOf(access.Opportunity), opportunityRules) && slices.Equal(access.RulesOf(access.Customer), customerRules) &&
		slices.Equal(access.RulesOf(access.Encounter), encounterRules) &&
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
	reaches                   // the same by CUSTOMER_SCOPE, where the opportunity's owner is spared
	shown                     // the customer himself is seen
)

// sight is what a viewer sees, by the numbers of owners, pools and customers.
type sight struct {
	nothing   bool // no permission to read opportunities
	owner     []uint8
	custOwner []uint8
	pool      []bool
	shares    map[uuid.UUID]bool // opportunities shared
	customers []uint8            // by customer: what a share of it opens; nil when none is shared
	opened    []uint32           // the customers of which a share opens what belongs to them

	everything bool // whatever its owner, each opportunity is seen
	allShown   bool // whatever its owner and pool, each customer is seen
	allRead    bool // whatever the owner, amounts are read
	allSpared  bool // no owner is denied

	shared []sharedRecord
	naming sync.Once
	eyes   eyes // of owners alone, until it is named
}

// mostShares is how many shares are looked at one by one; who has more is answered by SQL.
const mostShares = 5_000

// sightOf decides for every owner, pool and share what the viewer sees.
func (t *tables) sightOf(v *access.Viewer, shared []sharedRecord) *sight {
	s := &sight{nothing: !v.MayRead(access.Opportunity), shares: map[uuid.UUID]bool{}}
	t.decideOwners(v, s)
	if v.MayRead(access.Customer) {
		pools := t.of[CustomerPool].All()
		s.pool = make([]bool, len(pools))
		for n, id := range pools[1:] {
			s.pool[n+1] = v.InPool(id)
		}
	}
	t.decideShares(v, s, shared)
	s.shared = shared
	return s
}

// standing is all that a viewer's sight of owners hangs on: his scopes, which are the same ones for as long as his rights are, and what he reads.
type standing struct {
	scope, customers *access.Scope
	user             uuid.UUID
	customersRead    bool
	reads            [3]bool // own, in scope, other
	owners           int
}

// mostStandings is how many are kept.
const mostStandings = 256

// decideOwners decides by the owner: of an opportunity, and of a customer. What was decided is kept for who asks again.
func (t *tables) decideOwners(v *access.Viewer, s *sight) {
	owners := t.of[Owner].All()
	of := standing{v.ScopeToRead(access.Opportunity), v.ScopeToRead(access.Customer), v.UserID, v.MayRead(access.Customer), [3]bool{}, len(owners)}
	for i, relation := range []access.Relation{access.Own, access.InScope, access.Other} {
		of.reads[i] = v.Reads(access.Amounts, relation) == access.Full
	}
	t.standing.Lock()
	had, has := t.decided[of]
	t.standing.Unlock()
	if !has {
		had = of.decide(owners)
		t.standing.Lock()
		if t.decided == nil || len(t.decided) == mostStandings {
			t.decided = map[standing]*sight{}
		}
		t.decided[of] = had
		t.standing.Unlock()
	}
	s.owner, s.custOwner = had.owner, had.custOwner
	s.everything, s.allShown, s.allRead, s.allSpared = had.everything, had.allShown, had.allRead, had.allSpared
	s.eyes = had.eyes
}

func (of *standing) decide(owners []uuid.UUID) *sight {
	s := &sight{everything: true, allShown: of.customersRead, allRead: true, allSpared: true}
	s.owner, s.custOwner = make([]uint8, len(owners)), make([]uint8, len(owners))
	for n, id := range owners {
		own, takes := id == of.user, of.scope.Takes(id, of.user)
		relation := 2
		switch {
		case own:
			relation = 0
		case takes:
			relation = 1
		}
		s.owner[n] = flag(of.reads[relation], reads) | flag(own || takes, seen) | flag(of.scope.Spares(id), spared)
		s.custOwner[n] = flag(own, opens) | flag(takes, reaches) | flag(of.customersRead && (own || of.customers.Takes(id, of.user)), shown)
		s.everything = s.everything && s.owner[n]&seen != 0
		s.allRead = s.allRead && s.owner[n]&reads != 0
		s.allSpared = s.allSpared && s.owner[n]&spared != 0
		s.allShown = s.allShown && s.custOwner[n]&shown != 0
	}
	s.eyes = sha256.Sum256(slices.Concat(s.owner, s.custOwner))
	return s
}

// bytes tells the memory that the tables take which grow with the company.
func (t *tables) bytes() int {
	t.standing.Lock()
	defer t.standing.Unlock()
	sum := t.customers.Bytes() + t.counted.bytes()
	for _, s := range t.decided {
		sum += len(s.owner) + len(s.custOwner)
	}
	return sum
}

func flag(is bool, f uint8) uint8 {
	if is {
		return f
	}
	return 0
}

var errManyShares = errors.New("columns: too many shares")

// sharedRecord is a record of which a share reaches the viewer, and the kinds that the share covers.
type sharedRecord struct {
	id    uuid.UUID
	kinds []string
}

// sharesOf reads what is shared with the snapshot's viewer.
func sharesOf(ctx context.Context, snap *access.Snapshot) (list []sharedRecord, err error) {
	q := snap.Viewer.Query()
	text := q.SharedRecords(access.Opportunity, access.Customer) + " limit " + q.Bind(mostShares+1)
	err = snap.Run(ctx, q, text, func(row access.Row) error {
		one := sharedRecord{}
		if len(list) == mostShares {
			return errManyShares
		}
		err := row.Scan(&one.id, &one.kinds)
		list = append(list, one)
		return err
	})
	if errors.Is(err, errManyShares) {
		return nil, ErrLacks
	}
	return list, err
}

// decideShares adds what is shared with the viewer: an opportunity by SHARE, a customer by SHARE for himself, and by
// CUSTOMER_SHARE for opportunities when the share covers them.
func (t *tables) decideShares(v *access.Viewer, s *sight, shared []sharedRecord) {
	customers := len(t.customers.All()) // who is numbered after that is no customer of this version's
	for _, one := range shared {
		if kind, _ := access.Coded(models.KindCode(one.id[15])); kind == access.Opportunity {
			s.shares[one.id] = true
		} else if number := t.customers.Find(one.id); number != 0 {
			s.share(number, customers, access.Covers(one.kinds, access.Opportunity), v.MayRead(access.Customer))
		}
	}
}

// share notes a share of a customer, of so many: whether it opens what belongs to him, and shows him.
func (s *sight) share(number uint32, customers int, open, show bool) {
	if s.customers == nil {
		s.customers = make([]uint8, customers)
	}
	if int(number) >= len(s.customers) {
		return
	}
	if open && s.customers[number]&opens == 0 {
		s.customers[number] |= opens
		s.opened = append(s.opened, number)
	}
	if show {
		s.customers[number] |= shown
	}
}

// opensCustomer tells whether a share opens what belongs to a customer, showsShared whether it shows him.
func (s *sight) opensCustomer(n uint32) bool { return s.customers != nil && s.customers[n]&opens != 0 }
func (s *sight) showsShared(n uint32) bool   { return s.customers != nil && s.customers[n]&shown != 0 }

// seesByOwners tells whether the viewer sees a row for its owner, or for that of its customer.
func (s *sight) seesByOwners(p *segment, row uint32) bool {
	owner := s.owner[p.narrow[Owner].at(row)]
	if owner&seen != 0 {
		return true
	}
	of := s.custOwner[p.narrow[CustomerOwner].at(row)]
	return (of&opens != 0 || of&reaches != 0 && owner&spared != 0) && p.customer.at(row) != 0
}

// showsCustomer tells whether the viewer sees the customer of a row.
func (s *sight) showsCustomer(p *segment, row uint32) bool {
	customer := p.customer.at(row)
	return customer != 0 && (s.custOwner[p.narrow[CustomerOwner].at(row)]&shown != 0 ||
		s.pool != nil && s.pool[p.narrow[CustomerPool].at(row)] ||
		s.showsShared(customer))
}

// readsAmounts tells whether the viewer reads what is under AMOUNTS on a row.
func (s *sight) readsAmounts(p *segment, row uint32) bool {
	return s.owner[p.narrow[Owner].at(row)]&reads != 0
}
