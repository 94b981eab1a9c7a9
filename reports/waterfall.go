package reports

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// WaterfallAsk asks how the open opportunities of one instant became those of another.
type WaterfallAsk struct {
	From  time.Time
	Until *time.Time // now when nil
	Where map[string]any
	By    *string
}

// Waterfall leads from what was open at an instant to what was open at a later one.
type Waterfall struct {
	Rows       []*WaterfallRow
	Total      *WaterfallRow
	Definition *ReportDefinition

	before, after *plan
	snap          *access.Snapshot
	opened        *models.Batch
}

// WaterfallRow is the way of one group, or of all.
type WaterfallRow struct {
	Key                                                                                           *ReportKey
	Begin, Created, Entered, Reopened, Raised, Lowered, Revalued, Won, Lost, Cancelled, Left, End *WaterfallStep
}

// WaterfallStep is one step of the way, with the opportunities that took it.
type WaterfallStep struct {
	Count   int
	Amount  *models.Money
	Unknown *int

	step, line string
	sum        decimal.Decimal
	unknown    int
	of         *Waterfall
}

// maxWaterfalls is how many groups are told.
const maxWaterfalls = 1000

// wholeWaterfall is the line of the total; no key is like it.
const wholeWaterfall = "*"

var waterfallSentence = say(
	"How what was open at one instant became what was open at another, as recorded by then, over the opportunities that the viewer sees today and that match the filter at either instant. Count: end = begin + created + entered + reopened − won − lost − cancelled − left. Amount: end = begin + created + entered + reopened + raised − lowered + revalued − won − lost − cancelled − left. Created are those recorded between, also when they were closed by the end. Entered and left are those that came to match or ceased to, were restored or deleted, or moved between groups. What was closed and reopened between, or the other way round, counts by its two ends. Amounts are in the company's currency: open ones at the rate of the instant's day, closed ones at that of the closing day; revalued is what only the rates did. An unknown amount counts as 0 and is told.",
	"从一个时点的进行中商机到另一时点的变化，均按当时已录入的内容，范围为查看者今日可见且在任一时点符合筛选的商机。数量：期末 = 期初 + 新建 + 转入 + 重开 − 赢单 − 丢单 − 取消 − 转出。金额：期末 = 期初 + 新建 + 转入 + 重开 + 调高 − 调低 + 重估 − 赢单 − 丢单 − 取消 − 转出。新建含期间录入而期末前已结束者。转入与转出指开始或不再符合筛选、恢复或删除、在分组间移动。期间结束又重开（或相反）的按两端状态计。金额折算为公司货币：进行中按该时点当日汇率，已结束按结束日汇率；重估仅为汇率所致。未知金额按 0 计并注明。")

// waterfalls is the dataset of the two ends.
var waterfalls = &Dataset{
	Name: "waterfall", Noun: "Waterfall", Label: say("How the pipeline changed", "商机变化"), Over: say("Opportunities", "商机"), Sentence: waterfallSentence,
	Kind: access.Opportunity, Alias: "o", Clocks: opportunityClocks, Dimensions: opportunityDimensions, Measures: waterfallMeasures,
	asOf: true, sources: opportunitySources,
	values: append([]*value{
		{name: "stored_amount", text: "o.amount", cast: "numeric", rule: access.Amounts},
		{name: "stored_currency", text: "o.currency", cast: "text", rule: access.Amounts},
		{name: "closed_at", text: "o.closed_at", cast: "timestamptz"},
		{name: "created_at", text: "o.created_at", cast: "timestamptz"},
	}, opportunityValues...),
}

// waterfallMeasures lists the steps, in their order, and what they amount to.
var waterfallMeasures = append(steps(
	"begin", "Open at the beginning", "期初", "Open at the first instant.", "期初进行中。",
	"created", "Created", "新建", "Recorded between, also when closed by the end.", "期间录入，含期末前已结束者。",
	"entered", "Entered", "转入", "Open at the end, and not in this group before, though recorded.", "期末进行中，已录入而之前不在此组。",
	"reopened", "Reopened", "重开", "Closed at the first instant, open at the end.", "期初已结束，期末进行中。",
	"raised", "Raised", "调高", "Amounts of those open at first that were raised.", "期初进行中而金额调高。",
	"lowered", "Lowered", "调低", "Amounts of those open at first that were lowered.", "期初进行中而金额调低。",
	"revalued", "Revalued", "重估", "Amounts of those open at first that exchange rates alone changed.", "期初进行中而金额仅因汇率变化。",
	"won", "Won", "赢单", "Open at first or created between, and won at the end.", "期初进行中或期间新建，期末已赢单。",
	"lost", "Lost", "丢单", "Open at first or created between, and lost at the end.", "期初进行中或期间新建，期末已丢单。",
	"cancelled", "Cancelled", "取消", "Open at first or created between, and cancelled at the end.", "期初进行中或期间新建，期末已取消。",
	"left", "Left", "转出", "Open at first, and not in this group at the end.", "期初进行中，期末不在此组。",
	"end", "Open at the end", "期末", "Open at the end.", "期末进行中。",
), &Measure{Name: "amount", Label: say("Amount", "金额"), Sentence: say("What each step amounts to, or by how much it changed amounts, in the company's currency; an unknown amount counts as 0 and is told.", "各步的金额或其变化额，折算为公司货币；未知金额按 0 计并注明。"), Unit: MoneyUnit, Rule: access.Amounts,
	form: amount{&component{name: "amounts", fold: summed, of: "amount"}, &component{name: "known", of: "amount"}}})

// steps are measures that count those that took each step: its name, label and sentence.
func steps(words ...string) (list []*Measure) {
	for i := 0; i < len(words); i += 5 {
		list = append(list, whole(words[i], say(words[i+1], words[i+2]), say(words[i+3], words[i+4]), number{all}))
	}
	return list
}

// Fall answers how the pipeline changed between two instants, in one statement.
func Fall(ctx context.Context, snap *access.Snapshot, ask WaterfallAsk) (*Waterfall, error) {
	until := snap.Viewer.Now
	if ask.Until != nil {
		until = *ask.Until
	}
	if !ask.From.Before(until) {
		return nil, fault.Deny(fault.BadInput, fault.Say("from is before until.", "from 须早于 until。")).At("from")
	}
	w := &Waterfall{Rows: []*WaterfallRow{}, snap: snap, opened: models.NewBatch[models.Keyed](nil)}
	for at, end := range map[*time.Time]**plan{&ask.From: &w.before, &until: &w.after} {
		p, err := ask.end(ctx, snap.Viewer, at)
		if err != nil {
			return nil, err
		}
		*end = p
	}
	w.Definition = w.after.definition(snap, w.opened)
	instant := func(at time.Time) string { return at.UTC().Format(time.RFC3339) }
	w.Definition.Population = w.after.over(say(fmt.Sprintf("open at %s or at %s, or in between", instant(ask.From), instant(until)),
		fmt.Sprintf("于 %s、%s 或其间处于进行中", instant(ask.From), instant(until)))).In(w.after.language)
	w.Definition.Sentence = waterfallSentence.In(w.after.language)
	w.Definition.Measures = shown(waterfallMeasures, snap.Viewer, w.after.language)
	return w, w.read(ctx)
}

// end is the plan of one of the two instants.
func (ask WaterfallAsk) end(ctx context.Context, v *access.Viewer, at *time.Time) (*plan, error) {
	one := Ask{Where: ask.Where, First: maxWaterfalls, AsOf: at, Measures: []string{}}
	if ask.By != nil {
		one.By = []string{*ask.By}
	}
	p, err := check(waterfalls, v, one, fault.Language(ctx))
	if fault.Is(err, fault.BadInput) && at.After(v.Now) {
		err = fault.Deny(fault.BadInput, fault.Say("Nothing is recorded yet at an instant to come.", "将来的时点尚无记录。")).At("until")
	}
	return p, err
}

// movers renders which opportunities o may be otherwise at one instant than at the other: those that were entered or changed between,
// and those whose customer or the like was, where they are grouped by it; also all that are open, where the day itself decides on the
// group. With it go the ids by which their history is found, none where that takes more than their own.
func (w *Waterfall) movers(s, later *statement) (moved, ids string) {
	var sources []string
	ids = s.q.Changed(access.Opportunity, s.instant(), later.instant())
	moved = "o.id in (" + ids + ")"
	for _, d := range s.by {
		if d.Type == BandKeys {
			return "(" + moved + " or o.status = 'OPEN')", ""
		}
		sources = append(sources, d.From)
	}
	for _, source := range s.dataset.ordered(sources) {
		if source.tree {
			moved += " or " + source.alias + ".path && array(" + s.q.Changed(source.kind, s.instant(), later.instant()) + ")"
			ids = ""
			continue
		}
		if column, byID := strings.CutPrefix(source.on, source.alias+".id = "); byID && access.Remembered(source.kind) {
			moved += " or " + column + " in (" + s.q.Changed(source.kind, s.instant(), later.instant()) + ")"
			ids = ""
		}
	}
	return "(" + moved + ") is true", ids
}

// ends are the statements of the two instants: of the earlier one only what moved since, of the later one also what is open.
func (w *Waterfall) ends() (s, later *statement) {
	before, after := *w.before, *w.after
	s, later = before.statement(), after.statement()
	later.q = s.q
	s.also, s.among = w.movers(s, later)
	later.also = "(o.status = 'OPEN' or " + s.also + ")"
	d := *waterfalls
	d.values = append([]*value{{name: "moved", text: s.also, cast: "boolean"}}, d.values...)
	before.dataset, after.dataset = &d, &d
	return s, later
}

// moved renders, as moves, each opportunity with what it was at both instants: what took which step is read from this alone. One that
// moved to another group is in both, left in the one and entered in the other. Both ends are read only of what may have moved between:
// of what is open and did not, all but the rate is the same.
func (w *Waterfall) moved() (*statement, string, error) {
	s, later := w.ends()
	values := []string{"status", "amount", "stored_amount", "stored_currency", "closed_at", "created_at"}
	before, err := s.facts(values...)
	if err != nil {
		return nil, "", err
	}
	after, err := later.facts(append(values, "moved")...)
	if err != nil {
		return nil, "", err
	}
	key, unmoved, same := "null::text", "null::text", ""
	if len(s.by) > 0 {
		key, unmoved, same = "case when b.id is null then a.k1 else b.k1 end", "a.k1", " and coalesce(a.k1::text, '') = coalesce(b.k1::text, '')"
	}
	day := "coalesce(" + later.homeDay("a.closed_at") + ", " + later.today() + ")"
	return s, fmt.Sprintf(`with before as (
  %s
), after as (
  %s
), moves as (
  select coalesce(b.id, a.id) as id, %s as k1, b.id is not null as was, a.id is not null as "is", coalesce(b.status = 'OPEN', false) as was_open,
    coalesce(a.status, '') as status, b.id is null and coalesce(a.created_at > %s, false) as created, b.amount as first, a.amount as last, x.amount as unchanged
  from before b full join (select * from after where moved) a on a.id = b.id%s
  cross join lateral (select b.stored_amount as amount, b.stored_currency as currency, %s as day) r
  cross join lateral %s x
  union all
  select a.id, %s, true, true, true, a.status, false, x.amount, a.amount, a.amount
  from after a
  cross join lateral (select a.stored_amount as amount, a.stored_currency as currency, %s as day) r
  cross join lateral %[7]s x
  where not a.moved
  offset 0
), steps as (
  select m.id, m.k1, s.step, s.amount
  from moves m cross join lateral (values
    ('BEGIN', was_open, first),
    ('CREATED', created, last),
    ('ENTERED', not was and not created and status = 'OPEN', last),
    ('REOPENED', was and not was_open and status = 'OPEN', last),
    ('REVALUED', was_open and "is" and coalesce(unchanged, 0) <> coalesce(first, 0), coalesce(unchanged, 0) - coalesce(first, 0)),
    ('RAISED', was_open and "is" and coalesce(last, 0) > coalesce(unchanged, 0), coalesce(last, 0) - coalesce(unchanged, 0)),
    ('LOWERED', was_open and "is" and coalesce(last, 0) < coalesce(unchanged, 0), coalesce(unchanged, 0) - coalesce(last, 0)),
    ('WON', (was_open or created) and status = 'WON', last),
    ('LOST', (was_open or created) and status = 'LOST', last),
    ('CANCELLED', (was_open or created) and status = 'CANCELLED', last),
    ('LEFT', was_open and not "is", first),
    ('END', status = 'OPEN', last)
  ) as s (step, holds, amount) where s.holds
)`, before, after, key, s.instant(), same, day, access.Converted("r", s.home(), "r.day"), unmoved, s.today()), nil
}

func (w *Waterfall) read(ctx context.Context) error {
	s, text, err := w.moved()
	if err != nil {
		return err
	}
	label, order := "null::text", "k1"
	if len(s.by) > 0 {
		order = s.byKeys("asc", 1)[0] + ", k1"
		if s.by[0].Type == RecordKeys {
			label = "label1"
		}
	}
	text += fmt.Sprintf(`, g as (
  select k1, jsonb_object_agg(step, jsonb_build_array(n, total, unknown)) as steps
  from (select k1, step, count(*) as n, coalesce(sum(amount), 0)::text as total, count(*) - count(amount) as unknown from steps group by k1, step) f
  group by k1
), ranked as (
  select %s from g%s
)
select k1::text, %s, steps from ranked order by %s limit %d`, s.rankedColumns(), s.labels(), label, order, maxWaterfalls+1)
	w.Total = w.row(nil, wholeWaterfall)
	err = w.snap.Run(ctx, s.q, text, func(row access.Row) error {
		var key, name *string
		var steps map[string][3]any
		if err := row.Scan(&key, &name, &steps); err != nil {
			return err
		}
		return w.take(key, name, steps)
	})
	if err == nil && len(w.Rows) > maxWaterfalls {
		err = fault.Deny(fault.LimitExceeded, fault.Say("There are more than %d groups.", "分组超过 %d 个。", maxWaterfalls)).At("by")
	}
	for _, row := range append(slices.Clone(w.Rows), w.Total) {
		row.finish()
	}
	if len(s.by) == 0 {
		w.Rows = []*WaterfallRow{}
	}
	return err
}

// take adds one group, and adds it to the total.
func (w *Waterfall) take(key, name *string, steps map[string][3]any) error {
	line := ""
	if key != nil {
		line = *key
	}
	row := w.row(nil, line)
	if len(w.after.by) > 0 {
		row.Key = w.after.by[0].keyOf(key, name, w.after)
	}
	whole := w.Total.steps()
	for i, step := range row.steps() {
		found, has := steps[step.step]
		if !has {
			continue
		}
		sum, err := decimal.NewFromString(fmt.Sprint(found[1]))
		if err != nil {
			return err
		}
		step.add(int(found[0].(float64)), int(found[2].(float64)), sum)
		whole[i].add(step.Count, step.unknown, sum)
	}
	w.Rows = append(w.Rows, row)
	return nil
}

func (s *WaterfallStep) add(n, unknown int, sum decimal.Decimal) {
	s.Count, s.unknown, s.sum = s.Count+n, s.unknown+unknown, s.sum.Add(sum)
}

func (w *Waterfall) row(key *ReportKey, line string) *WaterfallRow {
	step := func(name string) *WaterfallStep { return &WaterfallStep{step: name, line: line, of: w} }
	return &WaterfallRow{
		Key: key, Begin: step("BEGIN"), Created: step("CREATED"), Entered: step("ENTERED"), Reopened: step("REOPENED"), Raised: step("RAISED"), Lowered: step("LOWERED"),
		Revalued: step("REVALUED"), Won: step("WON"), Lost: step("LOST"), Cancelled: step("CANCELLED"), Left: step("LEFT"), End: step("END"),
	}
}

// steps lists the row's steps in their order.
func (r *WaterfallRow) steps() []*WaterfallStep {
	return []*WaterfallStep{r.Begin, r.Created, r.Entered, r.Reopened, r.Raised, r.Lowered, r.Revalued, r.Won, r.Lost, r.Cancelled, r.Left, r.End}
}

// finish gives the amounts to who reads some.
func (r *WaterfallRow) finish() {
	for _, s := range r.steps() {
		if v := s.of.snap.Viewer; v.ReadsSome(access.Amounts) {
			s.Amount, s.Unknown = &models.Money{Amount: s.sum, Currency: v.Company.Currency}, &s.unknown
		}
	}
}

// Coverage tells of all that took a step how many have a known key, and how many a known amount at each end that it stood at.
func (w *Waterfall) Coverage(ctx context.Context) ([]*Coverage, error) {
	s, text, err := w.moved()
	if err != nil {
		return nil, err
	}
	var all, keyless, unknown int
	text += "\nselect count(distinct id), count(distinct id) filter (where k1 is null), count(distinct id) filter (where amount is null) from steps"
	err = w.snap.Run(ctx, s.q, text, func(row access.Row) error { return row.Scan(&all, &keyless, &unknown) })
	list := []*Coverage{}
	for _, d := range w.after.by {
		list = append(list, w.covered(d.Name, all, keyless, "k1"))
	}
	return append(list, w.covered("amount", all, unknown, "amount")), err
}

func (w *Waterfall) covered(field string, all, unknown int, column string) *Coverage {
	c := coverage(field, all-unknown, all)
	c.Unknowns = &Behind{snap: w.snap, opened: w.opened, name: "unknown " + field, kind: access.Opportunity, asOf: w.after.AsOf, text: func() (*access.Query, string, error) {
		s, text, err := w.moved()
		if err != nil {
			return nil, "", err
		}
		return s.q, text + ", behind as (\n  select distinct '1'::text as line, id from steps where " + column + " is null\n)", nil
	}}
	return c
}

// AsOf is the instant that the step's records are shown as of: the later one, the earlier for those that begin or left.
func (s *WaterfallStep) AsOf() *time.Time {
	if s.step == "BEGIN" || s.step == "LEFT" {
		return s.of.before.AsOf
	}
	return s.of.after.AsOf
}

// Page opens the step: a page of the opportunities that took it. What is asked of one row is read for all in one statement.
func (s *WaterfallStep) Page(ctx context.Context, first *int, after *string) (*RecordPage, error) {
	t, err := turn(first, after)
	if err != nil {
		return nil, err
	}
	pages, err := models.Fetch(ctx, s.of.opened, fmt.Sprint(s.step, t.size, t.after, s.line == wholeWaterfall), func() (*RecordPages, error) { return s.pages(ctx, t) })
	if err != nil {
		return nil, err
	}
	return pages.page(s.line), nil
}

func (s *WaterfallStep) pages(ctx context.Context, t turned) (*RecordPages, error) {
	sql, text, err := s.of.moved()
	if err != nil {
		return nil, err
	}
	line := "coalesce(k1::text, '')"
	if s.line == wholeWaterfall {
		line = "'" + wholeWaterfall + "'"
	}
	return t.read(ctx, s.of.snap, sql.q, text+fmt.Sprintf(", behind as (\n  select distinct %s as line, id from steps where step = %s\n)", line, sql.q.Bind(s.step)))
}
