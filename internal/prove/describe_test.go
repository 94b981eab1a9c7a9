package prove

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"guanxi/internal/naive"
)

// describe tells a company in lines, to see why two decide differently.
func describe(c *naive.Company) string {
	var b strings.Builder
	line := func(format string, values ...any) { fmt.Fprintf(&b, format+"\n", values...) }
	line("departments below %v, pools of %v, types %v", c.Parents, c.Pools, c.Types)
	for i, u := range c.Users {
		line("user %d: active %t, departments %v, roles %v", i, u.Active, u.Departments, u.Roles)
	}
	for i, g := range c.Groups {
		line("group %d: dissolved %t, members %v", i, g.Dissolved, g.Members)
	}
	for i, r := range c.Roles {
		var may []string
		for permission, yes := range r.May {
			if yes {
				may = append(may, permission)
			}
		}
		slices.Sort(may)
		if len(may) < 45 {
			line("role %d: %v %v", i, may, r.Fields)
		}
	}
	for _, g := range c.Grants {
		line("grant %d to user %d, role %d over %+v: deny %t, manage %t, kinds %v, from %v until %v", g.Number, g.ToUser, g.ToRole, g.Over, g.Deny, g.Manage, g.Kinds, hours(c, g.From), hours(c, g.Until))
	}
	for _, s := range c.Shares {
		line("share %d of %s %d with %+v: manage %t, kinds %v, until %v", s.Number, s.Record.Kind, s.Record.Number, s.With, s.Manage, s.Kinds, hours(c, s.Until))
	}
	for _, r := range c.Records {
		line("%s", told(r))
	}
	return b.String()
}

func hours(c *naive.Company, at *time.Time) string {
	if at == nil {
		return "-"
	}
	return at.Sub(c.Now).String()
}

func told(r *naive.Record) string {
	text := fmt.Sprintf("%s %d %s: owner %d, assignee %d", r.Kind, r.Number, r.ID(), r.Owner, r.Assignee)
	if r.Pool >= 0 {
		text += fmt.Sprintf(", pool %d", r.Pool)
	}
	for _, to := range append([]*naive.Record{r.Customer, r.Contact}, r.Attached...) {
		if to != nil {
			text += fmt.Sprintf(", of %s %d", to.Kind, to.Number)
		}
	}
	if r.Kind == "RELATIONSHIP" {
		text += fmt.Sprintf(", type %d from %s to %s, strength %d, %q until %q", r.Type, r.Ends[0].ID(), r.Ends[1].ID(), r.Strength, r.From, r.Until)
	}
	if r.Listed {
		text += fmt.Sprintf(", for %+v only", r.Readers)
	}
	if r.Deletion > 0 {
		text += fmt.Sprintf(", deleted in %d", r.Deletion)
	}
	return text + fmt.Sprintf(", phone %q, amount %d, %s, %d parts", r.Phone, r.Amount, r.Status, len(r.Parts))
}
