package reports

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/columns"
	"guanxi/models"
)

// What is declared in SQL and what is held in columns meets here: by the very text of the SQL, so that a declaration that
// changes is no longer found, and SQL answers.

// columnarKeys are the dimensions over columns, by their keys.
var columnarKeys = map[string]columns.Dimension{
	"o.status": columns.By(columns.Status), "o.stage_id": columns.By(columns.Stage), "o.pipeline_id": columns.By(columns.Pipeline),
	"o.owner_id": columns.By(columns.Owner), "om.department_id": columns.OwnerDepartment,
	"o.closing_owner_id": columns.By(columns.ClosingOwner), "o.closing_department_id": columns.By(columns.ClosingDepartment),
	"cd.path[1]": columns.ClosingDepartmentAt(1), "cd.path[2]": columns.ClosingDepartmentAt(2), "cd.path[3]": columns.ClosingDepartmentAt(3),
	"cd.path[4]": columns.ClosingDepartmentAt(4), "cd.path[5]": columns.ClosingDepartmentAt(5),
	"c.id": columns.By(columns.Customer), "c.kind": columns.By(columns.CustomerKind), "c.lifecycle": columns.By(columns.CustomerLifecycle),
	"c.source_id": columns.By(columns.CustomerSource), "c.region_id": columns.By(columns.CustomerRegion), "c.industry_id": columns.By(columns.CustomerIndustry),
	"e.competitor_id": columns.Rival, access.Outcome: columns.Ending, bandKey("q.amount", amountEnds): columns.PriceBands(amountEnds), "o.won_by_id": columns.By(columns.WonBy),
	"o.main_competitor_id": columns.By(columns.MainCompetitor), "o.main_product_id": columns.By(columns.MainProduct),
	"p.category_id": columns.ProductCategory, "o.loss_reason_id": columns.By(columns.LossReason), "lr.loss_kind": columns.LossKind,
	"od.path[1]": columns.OwnerDepartmentAt(1), "od.path[2]": columns.OwnerDepartmentAt(2), "od.path[3]": columns.OwnerDepartmentAt(3),
	"od.path[4]": columns.OwnerDepartmentAt(4), "od.path[5]": columns.OwnerDepartmentAt(5),
	"rt.path[1]": columns.By(columns.CustomerRegion).AtLevel(1), "rt.path[2]": columns.By(columns.CustomerRegion).AtLevel(2), "rt.path[3]": columns.By(columns.CustomerRegion).AtLevel(3),
	"it.path[1]": columns.By(columns.CustomerIndustry).AtLevel(1), "it.path[2]": columns.By(columns.CustomerIndustry).AtLevel(2), "it.path[3]": columns.By(columns.CustomerIndustry).AtLevel(3),
	"pt.path[1]": columns.ProductCategory.AtLevel(1), "pt.path[2]": columns.ProductCategory.AtLevel(2), "pt.path[3]": columns.ProductCategory.AtLevel(3),
	bandKey("m.amount", amountEnds): columns.Bands(amountEnds),
	bandKey("(coalesce((o.closed_at at time zone {zone})::date, {localtoday}) - o.opened_on)::numeric", ageEnds): columns.Ages(ageEnds),
}

// columnarSources are the sources that columns hold, each with its condition, and columnarValues the values that they add up.
var (
	columnarSources = map[string]string{
		"customer": "c.id = o.customer_id", "owner": "om.user_id = o.owner_id and om.is_primary", "closing department": "cd.id = o.closing_department_id",
		"product": "p.id = o.main_product_id", "loss reason": "lr.id = o.loss_reason_id", "stage": "s.id = o.stage_id", "amount": "",
		"owner's department": "od.id = om.department_id", "opportunity": "o.id = e.opportunity_id", "quoted price": "",
		"region": "rt.id = c.region_id", "industry": "it.id = c.industry_id", "product's category": "pt.id = p.category_id",
	}
	columnarValues = map[string]string{
		"status": "o.status", "outcome": access.Outcome,
		"amount": "m.amount", "unconverted": "m.amount is null and o.amount is not null", "cycle_days": "(o.closed_at at time zone {zone})::date - o.opened_on",
		"opened_on": "o.opened_on", "customer": "c.id", "owner": "o.owner_id",
		"price_gap": "case when m.amount > 0 then (q.quoted_price - m.amount) / m.amount end",
		"weighted":  "case when o.status = 'OPEN' then " + weightedText + " end",
		"quoted":    "q.amount", "reason": "o.loss_reason_id", "competitor": "e.competitor_id", "opportunity": "o.id",
	}
	columnarDifferent = map[string]columns.Dimension{
		"customer": columns.By(columns.Customer), "owner": columns.By(columns.Owner), "competitor": columns.Rival, "opportunity": columns.Each,
	}
	columnarKnown = map[string]columns.Dimension{"reason": columns.By(columns.LossReason)} // values of which the known ones are counted

	columnarClocks = map[string]columns.Clock{
		"o.closed_at": columns.Closed, "o.opened_on": columns.Opened, "o.expected_close_on": columns.Expected, "o.created_at": columns.Created,
	}
)

// columnar gives a dimension as columns know it.
func (p *plan) columnar(d *Dimension) (columns.Dimension, bool) {
	if d.Type == TimeKeys {
		for _, c := range p.dataset.Clocks {
			if clock, knows := columnarClocks[c.Column]; knows && d.Key == d.Grain.key(c.day()) {
				return columns.Steps(clock, d.Grain.step(p.calendar.start)), true
			}
		}
		return columns.Dimension{}, false
	}
	dimension, knows := columnarKeys[d.Key]
	return dimension, knows && p.joins(d.From)
}

// joins tells whether a source, if one is needed, is joined as columns know it.
func (p *plan) joins(name string) bool {
	if name == "" {
		return true
	}
	on, knows := columnarSources[name]
	s := p.dataset.source(name)
	return knows && s.on == on && p.joins(s.needs)
}

// countable tells whether columns know what a component is made of, and asks them for it.
func (p *plan) countable(c *component, q *columns.Question) bool {
	for _, name := range c.needs() {
		if strings.HasPrefix(name, "k") && c.fold == counted && c.when.of == "" {
			continue // one of the keys, which are asked for
		}
		if v := p.dataset.value(name); v.text != columnarValues[name] {
			return false
		}
		switch name {
		case "amount", "unconverted", "weighted":
			c.amounts(q)
		case "cycle_days", "opened_on":
			q.Cycles = true
		case "price_gap":
			q.Gaps = true
		case "quoted":
			q.Prices = true
		}
	}
	if _, knows := columnarKnown[c.of]; knows {
		return c.fold == counted && c.when.of == ""
	}
	if _, knows := columnarDifferent[c.of]; knows || c.fold != counted && c.fold != summed || c.of == "price_gap" {
		return p.listable(c, q)
	}
	switch {
	case c.when.of == "unconverted":
		return c.of == "" && len(c.when.in) == 0
	case c.of == "unconverted" || c.of == "status" || c.of == "outcome" || c.of == "weighted" && c.fold == counted || c.of == "opened_on" && c.fold == summed:
		return false
	}
	return c.when.of == "" || c.when.of == told(q) && len(c.when.in) > 0
}

// listable tells the same of a component that is computed from single values.
func (p *plan) listable(c *component, q *columns.Question) bool {
	_, different := columnarDifferent[c.of]
	middle := c.fold == median || c.fold == ninth
	q.AmountsListed, q.CyclesListed = q.AmountsListed || c.of == "amount", q.CyclesListed || c.of == "cycle_days"
	q.PricesListed = q.PricesListed || c.of == "quoted"
	switch {
	case c.when.of != "":
		return false
	case different:
		return c.fold == distinct
	case c.of == "price_gap":
		return q.Met && (middle || c.fold == counted || c.fold == summed)
	}
	return middle && (c.of == "amount" || c.of == "cycle_days" || c.of == "quoted")
}

// differing lists the values of which the different ones are counted, knowing those of which the known ones are.
func differing(list []*component) []string {
	return valuesOf(list, func(c *component) bool { return c.fold == distinct })
}

func knowing(list []*component) []string {
	return valuesOf(list, func(c *component) bool { _, is := columnarKnown[c.of]; return is })
}

// valuesOf lists the values that some components are made of, each once.
func valuesOf(list []*component, some func(*component) bool) []string {
	var names []string
	for _, c := range list {
		if some(c) && !slices.Contains(names, c.of) {
			names = append(names, c.of)
		}
	}
	return names
}

// told names the value by which columns tell numbers apart.
func told(q *columns.Question) string {
	if q.Met {
		return "outcome"
	}
	return "status"
}

// amounts asks for the amounts that the component needs: those of some statuses, or all.
func (c *component) amounts(q *columns.Question) {
	q.Amounts = true
	switch {
	case c.of == "weighted":
		q.Weighted, q.AmountsOf = true, append(q.AmountsOf, models.Open)
	case c.when.of == told(q):
		q.AmountsOf = append(q.AmountsOf, c.when.in...)
	default:
		q.AllAmounts = true
	}
}

// columnar computes the component of a group from its numbers.
func (c *component) columnar(n columns.Numbers) figure {
	if c.fold == summed {
		return figure{d: decimal.NewNullDecimal(c.sumOf(&n))}
	}
	return figure{n: c.countOf(&n)}
}

func (c *component) countOf(n *columns.Numbers) int {
	switch {
	case c.when.of == "unconverted":
		return n.NoRate
	case c.of == "amount":
		return n.Amounts
	case c.of == "cycle_days":
		return n.Cycles
	case c.of == "opened_on":
		return n.Opened
	case c.of == "quoted":
		return n.Prices
	}
	return n.Count
}

func (c *component) sumOf(n *columns.Numbers) decimal.Decimal {
	switch c.of {
	case "amount":
		return decimal.NewFromBigInt(n.Amount(), -4)
	case "weighted":
		return decimal.NewFromBigInt(n.Weighted(), -4)
	case "quoted":
		return decimal.NewFromBigInt(n.Price(), -4)
	}
	return decimal.NewFromInt(int64(n.Days))
}
