package naive

// Rules lists the field rules.
var Rules = []string{"CONTACT_DETAILS", "AMOUNTS", "COSTS"}

// Reads tells how far the user reads the fields of a rule on a record that he sees: FULL, MASKED or NONE. The rights of his
// roles add up.
func (c *Company) Reads(user int, r *Record, rule string) string {
	relation := "OTHER"
	switch {
	case r.Owner == user || r.Assignee == user:
		relation = "OWN"
	case c.inScope(user, r.Kind, false, r.Owner):
		relation = "SCOPE"
	}
	return c.right(user, rule, relation)
}

func (c *Company) right(user int, rule, relation string) string {
	best := "NONE"
	for _, role := range c.Users[user].Roles {
		switch right := c.Roles[role].Fields[rule][relation]; {
		case right == "FULL":
			return "FULL"
		case right == "MASKED":
			best = "MASKED"
		}
	}
	return best
}

// ReadsSome tells whether the user has the full right on some relation; else using the field otherwise than selecting it is
// refused.
func (c *Company) ReadsSome(user int, rule string) bool {
	return c.right(user, rule, "OWN") == "FULL" || c.right(user, rule, "SCOPE") == "FULL" || c.right(user, rule, "OTHER") == "FULL"
}
