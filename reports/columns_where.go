package reports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/columns"
	"guanxi/models"
)

// sifted is a plan's filter on records as columns know it, made when it is asked for first.
type sifted struct {
	once   sync.Once
	filter *columns.Filter
	err    error
}

func (f *sifted) of(ctx context.Context, snap *access.Snapshot, p *plan) (*columns.Filter, error) {
	f.once.Do(func() { f.filter, f.err = (&sieve{ctx, snap}).plan(p) })
	return f.filter, f.err
}

// sieve puts filters on records to columns. What they ask of records that everyone sees alike is found by SQL in the same snapshot.
type sieve struct {
	ctx  context.Context
	snap *access.Snapshot
}

// plan puts the plan's filter on records to columns, as package access puts it to SQL; errLacks for what columns do
// not hold. What access refuses is left to it.
func (s *sieve) plan(p *plan) (*columns.Filter, error) {
	if _, err := p.viewer.Query().Where(p.dataset.Kind, p.dataset.Alias, p.Where); err != nil {
		return nil, errLacks
	}
	if len(p.Where) == 0 {
		return nil, nil
	}
	return s.all(p.dataset.Kind, p.Where)
}

// all joins the conditions of one filter object.
func (s *sieve) all(kind *access.Kind, where map[string]any) (*columns.Filter, error) {
	all := &columns.Filter{All: []*columns.Filter{}}
	for _, name := range slices.Sorted(maps.Keys(where)) {
		part, err := s.one(kind, name, where[name])
		if err != nil {
			return nil, err
		}
		if part != nil {
			all.All = append(all.All, part)
		}
	}
	return all, nil
}

func (s *sieve) one(kind *access.Kind, name string, with any) (*columns.Filter, error) {
	if access.IsNil(with) {
		return nil, nil
	}
	switch name {
	case "and", "or":
		list := []*columns.Filter{}
		for _, where := range with.([]map[string]any) {
			part, err := s.all(kind, where)
			if err != nil {
				return nil, err
			}
			list = append(list, part)
		}
		if name == "or" {
			return &columns.Filter{Any: list}, nil
		}
		return &columns.Filter{All: list}, nil
	case "not":
		inner, err := s.all(kind, with.(map[string]any))
		return &columns.Filter{Not: inner}, err
	}
	if field, has := kind.Fields[name]; has {
		return filterField(kind, field, with)
	}
	link := kind.Relations[name]
	where, is := with.(map[string]any)
	if is && kind == access.Opportunity && link.Many && link.To == access.Encounter {
		return s.met(where)
	}
	if !is || link.Many || link.Column == "" {
		return nil, errLacks
	}
	switch { // what stands beside a row in columns, or is the row itself
	case kind == access.Opportunity && link.To == access.Customer, kind == access.Encounter && link.To == access.Opportunity:
		return s.all(link.To, where)
	}
	return s.link(kind, link, where)
}

// columnarFields are what columns hold behind the fields and links of opportunities, of their customers and of encounters.
var columnarFields = map[*access.Kind]map[string]columns.Dimension{
	access.Opportunity: {
		"status": columns.By(columns.Status), "owner_id": columns.By(columns.Owner), "stage_id": columns.By(columns.Stage), "pipeline_id": columns.By(columns.Pipeline),
		"closing_owner_id": columns.By(columns.ClosingOwner), "closing_department_id": columns.By(columns.ClosingDepartment), "loss_reason_id": columns.By(columns.LossReason),
		"main_competitor_id": columns.By(columns.MainCompetitor), "won_by_id": columns.By(columns.WonBy), "main_product_id": columns.By(columns.MainProduct),
	},
	access.Customer: {
		"id": columns.By(columns.Customer), "kind": columns.By(columns.CustomerKind), "lifecycle": columns.By(columns.CustomerLifecycle), "owner_id": columns.By(columns.CustomerOwner),
		"pool_id": columns.By(columns.CustomerPool), "region_id": columns.By(columns.CustomerRegion), "industry_id": columns.By(columns.CustomerIndustry), "source_id": columns.By(columns.CustomerSource),
	},
	access.Encounter: {"competitor_id": columns.Rival},
}

// columnarDays are the days of opportunities that are filtered by.
var columnarDays = map[string]columns.Clock{"opened_on": columns.Opened, "expected_close_on": columns.Expected}

// filterField puts the comparison of one value.
func filterField(kind *access.Kind, field access.Field, with any) (*columns.Filter, error) {
	switch c := with.(type) {
	case *models.EnumFilter:
		if of, has := columnarFields[kind][field.Column]; has {
			return among(of, c.Eq, c.In, c.IsNull), nil
		}
	case *models.IDFilter:
		if of, has := columnarFields[kind][field.Column]; has {
			return amongIDs(of, c), nil
		}
		if kind == access.Opportunity && field.Column == "id" {
			return &columns.Filter{Says: said(c), ID: func(id uuid.UUID) int8 {
				return truthOf((c.Eq == nil || *c.Eq == id) && (c.In == nil || slices.Contains(c.In, id)) && (c.IsNull == nil || !*c.IsNull))
			}}, nil
		}
	case *models.DateTimeFilter:
		if field.Column == "deleted_at" { // of whatever is seen it is empty
			truth := ranged(c, func(time.Time) bound { return bound{} })(0, true)
			return &columns.Filter{Says: fmt.Sprint(truth), Day: func(int32) int8 { return truth }}, nil
		}
	case *models.DateFilter:
		if clock, has := columnarDays[field.Column]; has && kind == access.Opportunity {
			test := ranged(c, func(d models.Date) bound { return bound{int64(*dayNumber(&d)), 0} })
			return &columns.Filter{Says: said(c), Clock: clock, Day: func(day int32) int8 { return test(int64(day), day == columns.NoDay) }}, nil
		}
	case *models.DecimalFilter:
		if kind == access.Opportunity && field.Column == "amount" {
			test := ranged(c, amountBound)
			return &columns.Filter{Says: said(c), Amount: func(amount int64) int8 { return test(amount, amount == columns.NoAmount) }}, nil
		}
	}
	return nil, errLacks
}

// said writes what a comparison asks; nothing when that cannot be written.
func said(comparison any) string {
	text, err := json.Marshal(comparison)
	if err != nil {
		return ""
	}
	return string(text)
}

// met puts a filter on whom an opportunity met.
func (s *sieve) met(where map[string]any) (*columns.Filter, error) {
	all := &columns.Filter{All: []*columns.Filter{}}
	for _, quantifier := range slices.Sorted(maps.Keys(where)) {
		of, _ := where[quantifier].(map[string]any)
		if of == nil {
			continue
		}
		inner, err := s.all(access.Encounter, of)
		if err != nil {
			return nil, err
		}
		part := &columns.Filter{Met: inner, Every: quantifier == "every"}
		if quantifier == "none" {
			part = &columns.Filter{Not: part}
		}
		all.All = append(all.All, part)
	}
	return all, nil
}

// link puts a filter on the record that a column names.
func (s *sieve) link(kind *access.Kind, link access.Link, where map[string]any) (*columns.Filter, error) {
	of, has := columnarFields[kind][link.Column]
	if !has || link.To.Guard != access.Reference {
		return nil, errLacks
	}
	inner := &access.Kind{Fields: map[string]access.Field{"id": {Column: link.Column}}}
	columnar, err := filterByID(inner, of, where)
	if errors.Is(err, errLacks) {
		return s.looked(link.To, of, where)
	}
	return columnar, err
}

// looked looks up which records of a kind fulfil a filter, and whether none at all does.
func (s *sieve) looked(kind *access.Kind, of columns.Dimension, where map[string]any) (*columns.Filter, error) {
	q := s.snap.Viewer.Query()
	test, err := q.Where(kind, "l", where)
	if err != nil {
		return nil, errLacks
	}
	source := q.Visible(kind, "l")
	f := &columns.Filter{Of: &of, Keys: map[string]int8{}}
	err = s.snap.Run(s.ctx, q, fmt.Sprintf("(select l.id::text, %[1]s from %[2]s limit %[3]s) union all select null, %[1]s from (values (1)) one left join %[2]s on false", test, source, q.Bind(mostNamed+1)),
		func(row access.Row) error {
			var id *string
			var holds *bool
			err := row.Scan(&id, &holds)
			truth := columns.Unknown
			if holds != nil {
				truth = truthOf(*holds)
			}
			if id != nil {
				f.Keys[*id] = truth
			} else {
				f.Null, f.Other = truth, truth
			}
			return err
		})
	if err == nil && len(f.Keys) > mostNamed {
		err = errLacks
	}
	return f, err
}

// filterByID reads a filter that compares nothing but ids.
func filterByID(kind *access.Kind, of columns.Dimension, where map[string]any) (*columns.Filter, error) {
	all := &columns.Filter{All: []*columns.Filter{}}
	for _, name := range slices.Sorted(maps.Keys(where)) {
		if access.IsNil(where[name]) {
			continue
		}
		c, is := where[name].(*models.IDFilter)
		if name != "id" || !is {
			return nil, errLacks
		}
		all.All = append(all.All, amongIDs(of, c))
	}
	return all, nil
}

func amongIDs(of columns.Dimension, c *models.IDFilter) *columns.Filter {
	var eq *string
	if c.Eq != nil {
		text := c.Eq.String()
		eq = &text
	}
	var in []string
	if c.In != nil {
		in = []string{}
		for _, id := range c.In {
			in = append(in, uuid.UUID(id).String())
		}
	}
	return among(of, eq, in, c.IsNull)
}

// among compares a value with one, with several, and with none: an unknown one is equal to nothing and differs from nothing.
func among(of columns.Dimension, eq *string, in []string, null *bool) *columns.Filter {
	all := &columns.Filter{All: []*columns.Filter{}}
	add := func(f columns.Filter) {
		f.Of = &of
		all.All = append(all.All, &f)
	}
	if eq != nil {
		add(columns.Filter{Null: columns.Unknown, Other: columns.No, Keys: map[string]int8{*eq: columns.Yes}})
	}
	if in != nil {
		keys := map[string]int8{}
		for _, one := range in {
			keys[one] = columns.Yes
		}
		add(columns.Filter{Null: columns.Unknown, Other: columns.No, Keys: keys})
	}
	if null != nil {
		add(columns.Filter{Null: truthOf(*null), Other: truthOf(!*null)})
	}
	return all
}

// bound is a value to compare a whole number with: itself, or between it and the next.
type bound struct {
	at      int64
	between int // 1 when the value is more than at and less than the next
}

func (b bound) compare(value int64) int {
	switch {
	case value < b.at, value == b.at && b.between > 0:
		return -1
	case value > b.at:
		return 1
	}
	return 0
}

// amountBound gives an amount in ten-thousandths.
func amountBound(d decimal.Decimal) bound {
	scaled := d.Shift(4)
	whole := scaled.Floor()
	switch {
	case whole.GreaterThan(decimal.NewFromInt(math.MaxInt64 / 2)):
		return bound{at: math.MaxInt64}
	case whole.LessThan(decimal.NewFromInt(math.MinInt64 / 2)):
		return bound{at: math.MinInt64}
	case whole.Equal(scaled):
		return bound{at: whole.IntPart()}
	}
	return bound{at: whole.IntPart(), between: 1}
}

// ranged gives a test that tells how true a comparison is of a whole number.
func ranged[T any](c *models.Range[T], of func(T) bound) func(value int64, unknown bool) int8 {
	type one struct {
		with  bound
		holds func(int) bool
	}
	var all []one
	add := func(with *T, holds func(int) bool) {
		if with != nil {
			all = append(all, one{of(*with), holds})
		}
	}
	add(c.Eq, func(n int) bool { return n == 0 })
	add(c.Gt, func(n int) bool { return n > 0 })
	add(c.Gte, func(n int) bool { return n >= 0 })
	add(c.Lt, func(n int) bool { return n < 0 })
	add(c.Lte, func(n int) bool { return n <= 0 })
	in := make([]bound, len(c.In))
	for i, with := range c.In {
		in[i] = of(with)
	}
	return func(value int64, unknown bool) int8 {
		truth := columns.Yes
		if c.IsNull != nil {
			truth = truthOf(unknown == *c.IsNull)
		}
		if unknown {
			if len(all) > 0 || c.In != nil {
				truth = min(truth, columns.Unknown)
			}
			return truth
		}
		for _, one := range all {
			truth = min(truth, truthOf(one.holds(one.with.compare(value))))
		}
		if c.In != nil {
			truth = min(truth, truthOf(slices.ContainsFunc(in, func(with bound) bool { return with.compare(value) == 0 })))
		}
		return truth
	}
}
