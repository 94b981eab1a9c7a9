package columns

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/internal/numbers"
	"guanxi/models"
)

// errFar is what tells that columns cannot be brought to a snapshot while somebody waits: too much has changed, or something
// on which all amounts hang.
var errFar = errors.New("columns: too far from the snapshot")

// errUnfit is what tells that a value does not fit into columns.
var errUnfit = errors.New("columns: a value does not fit")

// tables numbers everything that columns refer to.
type tables struct {
	of        [narrow]*numbers.Dictionary // nil for words
	words     [narrow]*words
	customers *numbers.Dictionary
	few       int // rows of a segment at least, where they are cut by time

	named    atomic.Uint64 // how many names were given to bases and to small tables
	standing sync.Mutex
	decided  map[standing]*sight // the owners alone
	counted  counted
}

func newTables(few int) *tables {
	t := &tables{customers: numbers.New(), few: few, counted: counted{most: mostCounted}}
	users, entries, competitors := numbers.New(), numbers.New(), numbers.New()
	for c := range narrow {
		switch c {
		case Owner, ClosingOwner, CustomerOwner:
			t.of[c] = users
		case LossReason, CustomerRegion, CustomerIndustry, CustomerSource:
			t.of[c] = entries
		case MainCompetitor, WonBy:
			t.of[c] = competitors
		case Status, CustomerKind, CustomerLifecycle:
			t.words[c] = newWords()
		default:
			t.of[c] = numbers.New()
		}
	}
	return t
}

// columnTexts say where the columns come from: o is the opportunity, c its customer.
var columnTexts = [narrow]string{
	Owner: "o.owner_id", Stage: "o.stage_id", Pipeline: "o.pipeline_id", ClosingOwner: "o.closing_owner_id",
	ClosingDepartment: "o.closing_department_id", LossReason: "o.loss_reason_id", MainCompetitor: "o.main_competitor_id", WonBy: "o.won_by_id",
	MainProduct: "o.main_product_id", CustomerOwner: "c.owner_id", CustomerPool: "c.pool_id", CustomerRegion: "c.region_id",
	CustomerIndustry: "c.industry_id", CustomerSource: "c.source_id", CustomerKind: "c.kind", CustomerLifecycle: "c.lifecycle", Status: "o.status",
}

// basis is what amounts and days in columns hang on beside the records.
type basis struct {
	currency, zone string
	day            models.Date // whose rates count for what is open
}

func basisOf(v *access.Viewer) basis {
	return basis{currency: v.Company.Currency, zone: v.Zone().String(), day: v.Today}
}

// system is for whom columns are read: they hold every record, and are cut to each viewer's sight when they are asked.
func system(b basis, now time.Time) *access.Viewer {
	return access.System("columns hold every record and are cut to each viewer's sight", now, models.Company{Currency: b.currency, TimeZone: b.zone})
}

// factsStatement is the statement that reads facts under construction. Nothing in it fails, whatever is written in the records: it runs in the
// transactions of those who ask.
type factsStatement struct {
	q                 *access.Query
	home, zone, today string
}

func factsFor(q *access.Query, b basis) *factsStatement {
	return &factsStatement{q, q.Bind(b.currency) + "::text", q.Bind(b.zone) + "::text", q.Bind(string(b.day)) + "::text::date"}
}

// local gives an instant's day by the company's calendar, day that of the rates by which the opportunity under an alias is converted.
func (s *factsStatement) local(at string) string {
	return "(" + at + " at time zone " + s.zone + ")::date"
}
func (s *factsStatement) day(alias string) string {
	return "coalesce(" + s.local(alias+".closed_at") + ", " + s.today + ")"
}

// dayNumbered counts a day from 1970, and money an amount in ten-thousandths; what is too far or too large is told.
func dayNumbered(finite, value string) string {
	return fmt.Sprintf("case when isfinite(%[1]s) then %[2]s - date '1970-01-01' when %[1]s is not null then %[3]d end", finite, value, tooFarDay)
}

func money(value string) string {
	return fmt.Sprintf("case when abs(%[1]s) < 900000000000000 then (%[1]s * %[2]d)::bigint when %[1]s is not null then %[3]d end", value, perUnit, int64(tooLarge))
}

// text renders the statement over the opportunities o that a condition chooses, with whom they met from a source e.
func (s *factsStatement) text(met, condition string) string {
	return fmt.Sprintf(`select o.id, %s, c.id, %s, %s, %s, %s, %s, m.amount is null and o.amount is not null, %s,
	o.status = 'OPEN' and (o.amount is not null and o.currency <> %s or coalesce(e.elsewhere, false)), e.met
from %s left join %s on c.id = o.customer_id
cross join lateral %s m
%s
where %s`, strings.Join(columnTexts[:], ", "), dayNumbered("o.closed_at", s.local("o.closed_at")), dayNumbered("o.opened_on", "o.opened_on"),
		dayNumbered("o.expected_close_on", "o.expected_close_on"), dayNumbered("o.created_at", s.local("o.created_at")), money("m.amount"),
		"case when o.currency <> "+s.home+" then "+money("o.amount")+" end", s.home,
		s.q.Visible(access.Opportunity, "o"), s.q.Visible(access.Customer, "c"), access.Converted("o", s.home, s.day("o")), met, condition)
}

// places of the values of a row after those of the narrow columns.
const (
	atCustomer = int(narrow) + 1 + iota
	atClosed   // and the other clocks, in their order
	_
	_
	_
	atAmount
	atNoRate
	atForeign
	atFloating
	atMet
)

// factOf reads a row into a fact.
func (t *tables) factOf(row [][]byte, f *fact) error {
	f.key = uuid.UUID(row[0])
	for c := range narrow {
		n := t.numberOf(c, row[c+1])
		if n > 0xFFFF {
			return errUnfit
		}
		f.narrow[c] = uint16(n)
	}
	f.customer = 0
	if id := row[atCustomer]; id != nil {
		f.customer = t.customers.Number(uuid.UUID(id))
	}
	for c := range f.days {
		if f.days[c] = dayOf(row[atClosed+c]); !fits(f.days[c]) {
			return errUnfit
		}
	}
	f.amount, f.foreign = amountOf(row[atAmount]), amountOf(row[atForeign])
	if row[atNoRate][0] == 1 {
		f.amount = noRate
	}
	f.floating = row[atFloating] != nil && row[atFloating][0] == 1
	if !t.met(row[atMet], f) {
		return errUnfit
	}
	if f.amount == tooLarge || f.foreign == tooLarge {
		return errUnfit
	}
	return nil
}

func (t *tables) numberOf(c Column, value []byte) uint32 {
	switch {
	case value == nil:
		return 0
	case t.words[c] != nil:
		return t.words[c].number(string(value))
	}
	return t.of[c].Number(uuid.UUID(value))
}

func dayOf(value []byte) int32 {
	if value == nil {
		return noDay
	}
	return int32(binary.BigEndian.Uint32(value))
}

func fits(day int32) bool { return day == noDay || day >= firstDay && day <= lastDay }

func amountOf(value []byte) int64 {
	if value == nil {
		return noAmount
	}
	return int64(binary.BigEndian.Uint64(value))
}

// refs are the small tables that facts lead to, by the numbers of what they belong to.
type refs struct {
	department  []uint16    // the primary one of each user
	above       [5][]uint16 // the department at each level above a department, itself included
	category    []uint16    // of each product
	lossKind    []uint16    // of each dictionary entry
	lossKinds   *words
	probability []probability // of each stage
	tree
	kept   sync.Map // what was made of them since, by name
	number uint64   // names them
}

// probability is a decimal of at most 15 places: units of 10^-places.
type probability struct {
	units uint64
	scale uint64 // 10^places, 0 when it does not fit
}

// refsOf reads the small tables.
func (t *tables) refsOf(ctx context.Context, in access.Raw, b basis, now time.Time) (*refs, error) {
	r := &refs{lossKinds: newWords(), number: t.named.Add(1), tree: tree{parents: map[uuid.UUID]uuid.UUID{}}}
	departments, users := t.of[ClosingDepartment], t.of[Owner]
	set := func(list *[]uint16, at uint32, n uint32) error {
		for uint32(len(*list)) <= at {
			*list = append(*list, 0)
		}
		if n > 0xFFFF {
			return errUnfit
		}
		(*list)[at] = uint16(n)
		return nil
	}
	v := system(b, now)
	read := func(kind *access.Kind, columns, condition string, each func([][]byte) error) error {
		q := v.Query()
		return in(ctx, q, "select "+columns+" from "+q.Visible(kind, "r")+" where "+condition, each)
	}
	return r, errors.Join(
		read(access.Membership, "r.user_id, r.department_id", "r.is_primary", func(row [][]byte) error {
			return set(&r.department, users.Number(uuid.UUID(row[0])), departments.Number(uuid.UUID(row[1])))
		}),
		read(access.Department, "r.id, r.path[1], r.path[2], r.path[3], r.path[4], r.path[5]", "true", func(row [][]byte) error {
			for level := range r.above {
				if row[level+1] == nil {
					continue
				}
				if err := set(&r.above[level], departments.Number(uuid.UUID(row[0])), departments.Number(uuid.UUID(row[level+1]))); err != nil {
					return err
				}
			}
			return nil
		}),
		read(access.Product, "r.id, r.category_id", "r.category_id is not null", func(row [][]byte) error {
			return set(&r.category, t.of[MainProduct].Number(uuid.UUID(row[0])), t.of[LossReason].Number(uuid.UUID(row[1])))
		}),
		read(access.DictionaryEntry, "r.id, r.parent_id, r.loss_kind", "true", func(row [][]byte) error {
			r.add(row[0], row[1])
			if row[2] == nil {
				return nil
			}
			return set(&r.lossKind, t.of[LossReason].Number(uuid.UUID(row[0])), r.lossKinds.number(string(row[2])))
		}),
		read(access.Stage, "r.id, r.probability::numeric::text", "true", func(row [][]byte) error {
			at := t.of[Stage].Number(uuid.UUID(row[0]))
			for uint32(len(r.probability)) <= at {
				r.probability = append(r.probability, probability{})
			}
			r.probability[at] = probabilityOf(string(row[1]))
			return nil
		}))
}

// probabilityOf reads a number from 0 to 1.
func probabilityOf(text string) probability {
	whole, places, _ := strings.Cut(text, ".")
	units, err := strconv.ParseUint(whole+places, 10, 64)
	if err != nil || len(places) > 15 {
		return probability{}
	}
	scale := uint64(1)
	for range len(places) {
		scale *= 10
	}
	return probability{units, scale}
}
