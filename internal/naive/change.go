package naive

import "slices"

// What the changes do to the facts. Who may make them is asked of Sees and May.

// Delete takes a record away, with what is only its: contacts of no other customer, and what hangs on nothing else.
func (c *Company) Delete(r *Record) {
	c.deletions++
	taken := map[*Record]bool{r: true}
	if r.Kind == "CUSTOMER" {
		for _, contact := range c.Records {
			if contact.Kind == "CONTACT" && c.onlyAt(contact, r) {
				taken[contact] = true
			}
		}
	}
	for grown := -1; grown != len(taken); {
		grown = len(taken)
		for _, other := range c.Records {
			if other.Deletion == 0 && goesWith(other, taken) {
				taken[other] = true
			}
		}
	}
	for one := range taken {
		if one.Deletion == 0 {
			one.Deletion = c.deletions
		}
	}
}

// onlyAt tells whether the contact is at the customer and at no other.
func (c *Company) onlyAt(contact, customer *Record) bool {
	here, elsewhere := false, false
	for _, a := range c.affiliations(contact) {
		here = here || a.Deletion == 0 && a.Ends[1].Record == customer
		elsewhere = elsewhere || a.Deletion == 0 && a.Ends[1].Record != customer
	}
	return here && !elsewhere
}

// goesWith tells whether a record, no customer and no contact, goes with those taken away.
func goesWith(r *Record, taken map[*Record]bool) bool {
	switch {
	case r.Kind == "RELATIONSHIP":
		return taken[r.Ends[0].Record] || taken[r.Ends[1].Record]
	case r.Kind == "CUSTOMER" || r.Kind == "CONTACT":
		return false
	case r.Customer != nil:
		return taken[r.Customer]
	case r.Kind == "ACTIVITY" && taken[r.Contact]:
		return true
	}
	return slices.ContainsFunc(r.Attached, func(a *Record) bool { return taken[a] })
}

// Restore brings back what was deleted with the record. With a relationship that is found, since both its parties are there,
// nothing was.
func (c *Company) Restore(r *Record) {
	if r.Kind == "RELATIONSHIP" {
		r.Deletion = 0
		return
	}
	deletion := r.Deletion
	for _, one := range c.Records {
		if one.Deletion == deletion {
			one.Deletion = 0
		}
	}
}

// Transfer hands a record over; its shares end unless they are kept.
func (c *Company) Transfer(r *Record, to int, keepShares bool) {
	r.Owner, r.Pool, r.ClaimedBy = to, -1, -1
	if !keepShares {
		c.endShares(r)
	}
}

// Release puts a customer into a pool.
func (c *Company) Release(r *Record, pool int) {
	r.Owner, r.Pool, r.ClaimedBy = -1, pool, -1
	c.endShares(r)
}

// Claim takes a customer out of its pool. Its owner changes, so that its shares end.
func (c *Company) Claim(r *Record, by int) {
	r.ClaimedBy, r.ClaimedFrom = by, r.Pool
	r.Owner, r.Pool = by, -1
	c.endShares(r)
}

// Reattach gives an opportunity to another customer, and with it what is attached to it.
func (c *Company) Reattach(opportunity, customer *Record) {
	opportunity.Customer = customer
	for _, r := range c.Records {
		if slices.Contains(r.Attached, opportunity) {
			r.Customer = customer
		}
	}
}

func (c *Company) endShares(r *Record) {
	c.Shares = slices.DeleteFunc(c.Shares, func(s *Share) bool { return s.Record == r })
}
