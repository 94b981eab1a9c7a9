package reports_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
)

// filters say, by dataset, a filter on a field that may be empty, and what finds the empty ones.
var filters = map[string][2]map[string]any{
	"opportunities":    {{"closedAt": &models.DateTimeFilter{Gt: pointer(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))}}, {"closedAt": &models.DateTimeFilter{IsNull: pointer(true)}}},
	"encounters":       {{"opportunity": map[string]any{"openedOn": &models.DateFilter{Lt: pointer(models.Date("2026-01-01"))}}}, {"opportunity": map[string]any{"openedOn": &models.DateFilter{IsNull: pointer(true)}}}},
	"opportunityLines": {{"amount": &models.DecimalFilter{Gt: pointer(decimal.New(50_000, 0))}}, {"amount": &models.DecimalFilter{IsNull: pointer(true)}}},
	"stageChanges":     {{"fromStatus": &models.EnumFilter{Eq: pointer(models.Open)}}, {"fromStatus": &models.EnumFilter{IsNull: pointer(true)}}},
	"stageCohorts":     {{"fromStatus": &models.EnumFilter{Eq: pointer(models.Open)}}, {"fromStatus": &models.EnumFilter{IsNull: pointer(true)}}},
	"slips":            {{"openedOn": &models.DateFilter{Lt: pointer(models.Date("2026-01-01"))}}, {"openedOn": &models.DateFilter{IsNull: pointer(true)}}},
	"customers":        {{"region": map[string]any{"label": &models.StringFilter{Eq: pointer("广东")}}}, {"region": map[string]any{"label": &models.StringFilter{IsNull: pointer(true)}}}},
	"contacts":         {{"gender": &models.EnumFilter{Eq: pointer("FEMALE")}}, {"gender": &models.EnumFilter{IsNull: pointer(true)}}},
	"relationships":    {{"strength": &models.IntFilter{Gte: pointer(3)}}, {"strength": &models.IntFilter{IsNull: pointer(true)}}},
	"activities":       {{"nextFollowUpOn": &models.DateFilter{Lt: pointer(models.Date("2026-05-21"))}}, {"nextFollowUpOn": &models.DateFilter{IsNull: pointer(true)}}},
	"services":         {{"cost": &models.DecimalFilter{Gt: pointer(decimal.New(3000, 0))}}, {"cost": &models.DecimalFilter{IsNull: pointer(true)}}},
	"documents":        {{"opportunity": map[string]any{"status": &models.EnumFilter{Eq: pointer(models.Won)}}}, {"opportunity": map[string]any{"status": &models.EnumFilter{IsNull: pointer(true)}}}},
}

// writtenDown writes a report down, rows in their order, so that two can be compared.
func writtenDown(r *reports.Report, measures []*reports.Measure) (list []string) {
	for _, row := range slices.Concat(r.Rows, r.Subtotals, []*reports.Row{r.Total}) {
		text := ""
		for _, k := range row.Keys {
			text += k.Label + "|"
		}
		for _, m := range measures {
			text += " " + m.Name + "=" + shown(row.Value(m))
		}
		list = append(list, text)
	}
	return list
}

func shown(value any) string {
	switch value := value.(type) {
	case nil:
		return "unknown"
	case *int:
		return fmt.Sprint(*value)
	case *float64:
		return fmt.Sprint(*value)
	case *decimal.Decimal:
		return value.String()
	case *models.Money:
		return value.Amount.String()
	case *reports.Rate:
		return fmt.Sprint(value.Sample, " ", shown2(value.Value))
	case *reports.AmountRate:
		return fmt.Sprint(value.Sample, " ", shown2(value.Value))
	}
	return fmt.Sprint(value)
}

func shown2(value *float64) string {
	if value == nil {
		return "none"
	}
	return fmt.Sprint(*value)
}

// TestDatasetsKeepTheLaws holds every dataset, for somebody who sees little: a filter, its contrary and what is unknown to it are
// all; two halves of a period are the whole, and what has no place in time is told; what is asked besides changes no number; by
// every dimension the rows add up; and what he does not see changes nothing.
func TestDatasetsKeepTheLaws(t *testing.T) {
	w := newWorld(t)
	w.fill(80)
	w.work()
	user := w.users[0].ID
	w.viewer(user, false, access.Own, access.Other)
	w.exec("insert into field_rights (role_id, rule, relation, access) select role_id, r, relation, 'FULL' from field_rights cross join (values ('COSTS'), ('CONTACT_DETAILS')) x (r)")
	v := w.again(user)
	before := map[string][]string{}
	for _, d := range reports.Datasets() {
		if d != reports.Competition {
			w.filtersAddUp(v, d)
			w.periodsAddUp(v, d)
			w.dimensionsAddUp(v, d)
			w.measuresStandAlone(v, d)
			before[d.Name] = writtenDown(w.run(v, d, by(d)), d.Measures)
		}
	}
	w.hide(user)
	for _, d := range reports.Datasets() {
		if was := before[d.Name]; was != nil && !slices.Equal(was, writtenDown(w.run(w.again(user), d, by(d)), d.Measures)) {
			t.Errorf("%s: what is hidden changed\n%v", d.Name, was)
		}
	}
}

// by asks a dataset by its first dimension and its last, which is of time, with subtotals.
func by(d *reports.Dataset) reports.Ask {
	a := ask(d.Dimensions[0].Name, d.Dimensions[len(d.Dimensions)-2].Name)
	a.Subtotals = true
	return a
}

func (w *world) again(user uuid.UUID) *access.Viewer {
	w.t.Helper()
	v, err := access.Load(context.Background(), w.pool, user, w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// hide adds more of everything, owned by others and for customers that the user does not see.
func (w *world) hide(user uuid.UUID) {
	sales, customers, users := w.sales, w.customers, w.users
	w.sales, w.customers, w.users = nil, nil, users[1:]
	for range 3 {
		w.customer(w.users[0].ID, &w.regions[0].ID)
	}
	all := w.users
	w.users = []models.User{all[0], all[1], all[2], all[0]}
	for range 30 {
		w.sale(func(s *sale) {
			w.anything(s)
			s.CustomerID = &w.customers[0].ID
		})
	}
	for range 20 {
		w.errand()
	}
	for range 10 {
		w.person([]models.RelationshipType{{Record: models.Record{ID: models.WorksAtID}}, {Record: models.Record{ID: models.WorksAtID}}})
	}
	for _, s := range w.sales {
		w.steps(s)
	}
	w.slippery(w.sales, w.prices)
	w.sales, w.customers, w.users = append(sales, w.sales...), append(customers, w.customers...), users
}

// filtersAddUp asks what a filter holds of, what its contrary does, and what is unknown to both.
func (w *world) filtersAddUp(v *access.Viewer, d *reports.Dataset) {
	w.t.Helper()
	filter := filters[d.Name]
	parts := []map[string]any{filter[0], {"not": filter[0]}, filter[1]}
	count, all := 0, w.run(v, d, ask()).Total.Records()
	for _, where := range parts {
		a := ask()
		a.Where = where
		n := w.run(v, d, a).Total.Records()
		count += n
		if n == all && all > 3 {
			w.t.Errorf("%s: the filter chooses all", d.Name)
		}
	}
	if count != all || all == 0 {
		w.t.Errorf("%s: a filter, its contrary and unknown are %d of %d", d.Name, count, all)
	}
}

// periodsAddUp splits a period in two, on each clock; with what lies around it and what has no time it is all.
func (w *world) periodsAddUp(v *access.Viewer, d *reports.Dataset) {
	w.t.Helper()
	all := w.run(v, d, ask()).Total.Records()
	for _, clock := range d.Clocks {
		total := 0
		snap := access.Look(w.pool, v)
		for _, ends := range [][2]*models.Date{{nil, day("2026-01-01")}, {day("2026-01-01"), day("2026-03-15")}, {day("2026-03-15"), day("2026-06-01")}, {day("2026-06-01"), nil}} {
			a := ask()
			a.Clock, a.Period = clock.Name, &reports.Period{From: ends[0], Until: ends[1]}
			r, err := reports.New().Run(w.t.Context(), snap, d, a)
			if err != nil {
				w.t.Fatal(err)
			}
			total += r.Total.Records()
			if ends[1] == nil {
				excluded, err := r.Definition.Excluded(w.t.Context())
				if err != nil || total+excluded != all {
					w.t.Errorf("%s on %s: the parts are %d and %d without a time, of %d, %v", d.Name, clock.Name, total, excluded, all, err)
				}
			}
		}
		snap.Close(context.Background())
		halves := map[string]decimal.Decimal{}
		for _, ends := range [][2]string{{"2026-01-01", "2026-03-15"}, {"2026-03-15", "2026-06-01"}} {
			for name, sum := range w.over(v, d, clock, day(ends[0]), day(ends[1])) {
				halves[name] = halves[name].Add(sum)
			}
		}
		for name, sum := range w.over(v, d, clock, day("2026-01-01"), day("2026-06-01")) {
			if !halves[name].Equal(sum) {
				w.t.Errorf("%s on %s: %s of two halves is %v, of the whole %v", d.Name, clock.Name, name, halves[name], sum)
			}
		}
	}
}

func (w *world) over(v *access.Viewer, d *reports.Dataset, clock *reports.Clock, from, until *models.Date) map[string]decimal.Decimal {
	w.t.Helper()
	a := ask()
	a.Clock, a.Period = clock.Name, &reports.Period{From: from, Until: until}
	sums := map[string]decimal.Decimal{}
	w.sumUp(sums, d, w.run(v, d, a).Total)
	return sums
}

// sumUp adds a row's measures that add up.
func (w *world) sumUp(sums map[string]decimal.Decimal, d *reports.Dataset, row *reports.Row) {
	w.t.Helper()
	for _, m := range d.Measures {
		if !m.Additive() {
			continue
		}
		sum := sums[m.Name]
		switch value := row.Value(m).(type) {
		case int:
			sum = sum.Add(decimal.NewFromInt(int64(value)))
		case *int:
			sum = sum.Add(decimal.NewFromInt(int64(*value)))
		case *decimal.Decimal:
			sum = sum.Add(*value)
		case *models.Money:
			sum = sum.Add(value.Amount)
		}
		sums[m.Name] = sum
	}
}

// dimensionsAddUp groups by every dimension: rows, other among them, are the total, of shares and running totals too; and the
// subtotals of two dimensions are the rows of one.
func (w *world) dimensionsAddUp(v *access.Viewer, d *reports.Dataset) {
	w.t.Helper()
	for i, dimension := range d.Dimensions {
		if _, same := reports.Opportunities.Dimension(dimension.Name); same && d != reports.Opportunities && i%4 > 0 {
			continue // of the opportunity or the customer, as for others
		}
		a := ask(dimension.Name)
		a.First, a.OrderBy = 2, []*reports.Order{{Measure: "COUNT", Direction: "DESC"}, {Measure: "KEY"}}
		r := w.run(v, d, a)
		rows, total := map[string]decimal.Decimal{}, map[string]decimal.Decimal{}
		share := 0.0
		for _, row := range r.Rows {
			w.sumUp(rows, d, row)
			part, err := row.ShareOfTotal("COUNT")
			if err != nil {
				w.t.Fatal(err)
			}
			share += *part
			if row.Keys[0].Label == "" {
				w.t.Errorf("%s: a key without a label", dimension.Name)
			}
		}
		w.sumUp(total, d, r.Total)
		for name, sum := range total {
			if !rows[name].Equal(sum) {
				w.t.Errorf("%s by %s: %s of the rows is %v, of all %v", d.Name, dimension.Name, name, rows[name], sum)
			}
		}
		last, err := r.Rows[len(r.Rows)-1].RunningTotal("COUNT")
		if err != nil || !last.Equal(total["count"]) || share < 0.999999 || share > 1.000001 || r.Coverage[0].Known+r.Coverage[0].Unknown != r.Total.Records() {
			w.t.Errorf("%s by %s: the rows run to %v of %v, shares to %v (%v)", d.Name, dimension.Name, last, total["count"], share, err)
		}
		if i%5 == 0 {
			other := d.Dimensions[(i+1)%len(d.Dimensions)].Name
			two := ask(dimension.Name, other)
			two.Subtotals = true
			above, alone := w.run(v, d, two), w.run(v, d, ask(dimension.Name))
			above.Rows, alone.Subtotals = nil, nil
			if got, want := writtenDown(above, d.Measures), writtenDown(alone, d.Measures); !slices.Equal(got, want) {
				w.t.Errorf("%s by %s: the subtotals are\n%v\nand the rows\n%v", d.Name, dimension.Name, got, want)
			}
		}
	}
}

// measuresStandAlone asks each measure by itself, sorted by it: it is what it is among all.
func (w *world) measuresStandAlone(v *access.Viewer, d *reports.Dataset) {
	w.t.Helper()
	together := w.run(v, d, by(d))
	for _, m := range d.Measures {
		a := by(d)
		a.Measures, a.Coverage = []string{m.Name}, false
		one := []*reports.Measure{m}
		a.OrderBy = []*reports.Order{{Measure: m.Order(), Direction: "DESC"}}
		sorted := writtenDown(w.run(v, d, a), one)
		slices.Sort(sorted)
		want := writtenDown(together, one)
		slices.Sort(want)
		if !slices.Equal(sorted, want) {
			w.t.Errorf("%s: alone and sorted by %s, there is\n%v\nwant\n%v", d.Name, m.Name, sorted, want)
		}
	}
}
