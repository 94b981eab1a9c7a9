package reports_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"guanxi/models"
	"guanxi/reports"
)

// TestRegionsAreGroupedOnEachLevelOfTheirTree counts by hand under which entry of each level every record stands, for one who sees all
// and one who sees few customers.
func TestRegionsAreGroupedOnEachLevelOfTheirTree(t *testing.T) {
	w := newWorld(t)
	above := map[uuid.UUID]uuid.UUID{}
	tree := w.entries("more_regions", nil, "华南", "广州", "天河", "体育西")
	for i := 1; i < len(tree); i++ {
		above[tree[i].ID] = tree[i-1].ID
	}
	above[tree[1].ID] = w.regions[0].ID // 广州 below 广东, which is below 华南
	above[w.regions[0].ID] = tree[0].ID
	for entry, parent := range above {
		w.exec("update dictionary_entries set parent_id = ? where id = ?", parent, entry)
	}
	all := slices.Concat(w.regions, tree)
	for i := range 24 {
		region := all[i%len(all)].ID
		c := w.customer(w.users[i%3].ID, maybe(w.random, region))
		w.exec("update customers set industry_id = ? where id = ?", c.RegionID, c.ID)
	}
	industrious := len(w.customers) // those that fill adds have no industry
	w.fill(120)
	path := func(region *uuid.UUID) (ids []string) {
		for at := region; at != nil; {
			ids = append([]string{at.String()}, ids...)
			next, has := above[*at]
			if at = &next; !has {
				break
			}
		}
		return ids
	}
	boss := w.viewer(w.users[0].ID, true, everyAmount...)
	few := w.viewer(w.users[1].ID, false)
	for level := 1; level <= 3; level++ {
		for _, name := range []string{"REGION", "INDUSTRY"} {
			want := map[string]int{}
			for i, c := range w.customers {
				in := c.RegionID
				if name == "INDUSTRY" && i >= industrious {
					in = nil
				}
				want[on(path(in), level)]++
			}
			a := ask(fmt.Sprintf("%s_LEVEL_%d", name, level))
			if got := keyed(w.run(boss, reports.Customers, a)); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("customers by %s on level %d: %v, want %v", name, level, got, want)
			}
		}
		for viewer, sees := range map[string]func(*sale) bool{
			"all": func(*sale) bool { return true },
			"few": func(s *sale) bool { return s.OwnerID != nil && *s.OwnerID == w.users[1].ID },
		} {
			v, owner := boss, (*uuid.UUID)(nil)
			if viewer == "few" {
				v, owner = few, &w.users[1].ID
			}
			want := map[string]int{}
			for _, s := range w.sales {
				var customer *models.Customer
				for _, c := range w.customers {
					if s.CustomerID != nil && c.ID == *s.CustomerID && (owner == nil || *c.OwnerID == *owner) {
						customer = c
					}
				}
				switch {
				case !sees(s) && customer == nil: // who owns the customer sees it too
				case customer == nil:
					want[""]++
				default:
					want[on(path(customer.RegionID), level)]++
				}
			}
			r := w.run(v, reports.Opportunities, ask(fmt.Sprintf("REGION_LEVEL_%d", level)))
			if got := keyed(r); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("who sees %s, level %d: %v, want %v", viewer, level, got, want)
			}
		}
	}
}

// on is the key on a level of a path; "" when it ends above.
func on(path []string, level int) string {
	if len(path) < level {
		return ""
	}
	return path[level-1]
}

// keyed counts the records of each row by its key.
func keyed(r *reports.Report) map[string]int {
	found := map[string]int{}
	for _, row := range r.Rows {
		key := ""
		if row.Keys[0].ID != nil {
			key = *row.Keys[0].ID
		}
		found[key] += row.Records()
	}
	return found
}

// TestEveryDatasetWithARegionHasItsLevels asks each for all levels of all its trees.
func TestEveryDatasetWithARegionHasItsLevels(t *testing.T) {
	w := newWorld(t)
	w.fill(30)
	v, asked := w.viewer(w.users[0].ID, true, everyAmount...), 0
	for _, d := range reports.Datasets() {
		for _, name := range []string{"REGION", "INDUSTRY", "PRODUCT_CATEGORY"} {
			if _, has := d.Dimension(name); !has || d == reports.Competition {
				continue
			}
			by := []string{name + "_LEVEL_1", name + "_LEVEL_2", name + "_LEVEL_3"}
			a := ask(by...)
			a.Coverage = true
			r, sum := w.run(v, d, a), 0
			for _, row := range r.Rows {
				sum += row.Records()
			}
			if sum != r.Total.Records() || len(r.Coverage) < 3 {
				t.Errorf("%s by %v: groups add up to %d of %d", d.Name, by, sum, r.Total.Records())
			}
			asked++
		}
	}
	if asked < 20 {
		t.Errorf("only %d datasets and trees", asked)
	}
}
