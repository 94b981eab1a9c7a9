package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// Limits of mix warnings.
const (
	maxCompared = 50 // of a report's rows, those with the most cases are compared with each other
	maxWarnings = 100
	maxStrata   = 100 // shown of one warning, the heaviest
)

// MixWarning tells of two rows of a report whose ranking turns round when both are compared at the same mix of another dimension.
type MixWarning struct {
	Sentence      string
	Within        string
	Higher, Lower *MixSide // by their rates overall
	Everywhere    bool
	StrataShared  int
	Strata        []*MixStratum

	size float64 // how plain it is
}

// UsualMixes are what rows are compared within when nobody says within what, as far as the viewer has the right to it.
var UsualMixes = []string{"REGION", "INDUSTRY", "MAIN_PRODUCT", "AMOUNT_BAND"}

// MixSide is one of the two: its rate overall, that at the same mix, and which share of its cases is in the strata compared.
type MixSide struct {
	Key          *ReportKey
	Overall      *Rate
	Standardised float64
	Share        float64
}

// MixStratum is how the two stand in one stratum.
type MixStratum struct {
	Key           *ReportKey
	Weight        float64
	Higher, Lower *Rate

	mixes *mixes
	lines [2]int // of the two, in the list of those that can be opened
}

// MixWarnings tells which rows of the report rank otherwise within a dimension, or within any of the usual ones.
func (s *Shaped[R]) MixWarnings(ctx context.Context, within *string, first int) ([]*MixWarning, error) {
	r := s.report
	if len(r.plan.by) != 1 {
		return nil, fault.Deny(fault.BadInput, fault.Say("Warnings of mix need a report by exactly one dimension.", "结构提示要求报表恰好按一个维度分组。")).At("by")
	}
	keys := make([]string, len(r.groups[1]))
	for i, group := range r.groups[1] {
		keys[i] = group[0]
	}
	return models.Fetch(ctx, r.opened, fmt.Sprint("mix ", asked(within), first), func() ([]*MixWarning, error) {
		return r.plan.mixes(ctx, r.engine, r.snap, r.plan.by[0], keys, within, first)
	})
}

// MixWarnings tells which of the report's competitors rank otherwise, by our win rate against them, within a dimension, or within any of
// the usual ones.
func (r *CompetitorReport) MixWarnings(ctx context.Context, within *string, first int) ([]*MixWarning, error) {
	keys := make([]string, len(r.Rows))
	for i, row := range r.Rows {
		keys[i] = row.ID.String()
	}
	return models.Fetch(ctx, r.opened, fmt.Sprint("mix ", asked(within), first), func() ([]*MixWarning, error) {
		return r.plan.mixes(ctx, r.engine, r.snap, competitorKey, keys, within, first)
	})
}

// mixes are what was read to be compared: each row's numbers with its key, and the keys of the strata.
type mixes struct {
	plan *plan
	rows []mixed
	keys []*ReportKey
	of   map[string]*ReportKey

	engine *Engine
	snap   *access.Snapshot
	opened *models.Batch
	lines  [][]string // the rows and strata whose cases are shown
	at     map[[2]string]int
}

// asked names the dimension that warnings are asked within; the usual ones have no name.
func asked(within *string) string {
	if within == nil {
		return ""
	}
	return *within
}

// mixes compares the groups of a dimension within another one, or within each of the usual ones: the plainest warnings come first.
func (p *plan) mixes(ctx context.Context, e *Engine, snap *access.Snapshot, d *Dimension, keys []string, within *string, first int) ([]*MixWarning, error) {
	if within != nil {
		return p.mix(ctx, e, snap, d, keys, *within, first)
	}
	all := []*MixWarning{}
	for _, name := range UsualMixes {
		stratum, _ := p.dataset.Dimension(name)
		if stratum == d || p.viewer.Use(stratum.Rule) != nil {
			continue
		}
		if stratum.Rule != "" {
			snap.Note(Opportunities.Noun+"Dimension."+name, uuid.Nil, 0) // it is referred to, though the request does not name it
		}
		list, err := p.mix(ctx, e, snap, d, keys, name, first)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	slices.SortStableFunc(all, func(a, b *MixWarning) int { return cmp.Compare(b.size, a.size) })
	return all[:min(len(all), first)], nil
}

// mix compares the groups of a dimension that have the given keys, by the dataset's own rate, within another dimension.
func (p *plan) mix(ctx context.Context, e *Engine, snap *access.Snapshot, d *Dimension, keys []string, within string, first int) ([]*MixWarning, error) {
	if first < 1 || first > maxWarnings {
		return nil, outOfRange("first", maxWarnings)
	}
	stratum, err := p.dimension(within, "within")
	if err != nil {
		return nil, err
	}
	if stratum == d {
		return nil, fault.Deny(fault.BadInput, fault.Say("%s is named twice.", "%s 重复。", within)).At("within")
	}
	of := *p
	of.by, of.components, of.at = []*Dimension{d, stratum}, nil, map[string]int{}
	of.need(p.dataset.compared.components()...)
	m := &mixes{plan: &of, of: map[string]*ReportKey{}, engine: e, snap: snap, opened: models.NewBatch[models.Keyed](nil), at: map[[2]string]int{}}
	found, err := answered(e, func(x executor) ([]scored, error) { return x.scores(ctx, snap, &of, keys) })
	if err != nil {
		return nil, err
	}
	for _, one := range found {
		m.take(one)
	}
	list := []*MixWarning{}
	for _, r := range reversals(m.rows) {
		if len(list) < first {
			list = append(list, m.warning(r))
		}
	}
	return list, nil
}

// scored is one row's score in one stratum, and overall.
type scored struct {
	key, stratum        string
	label, stratumLabel *string
	here, overall       score
}

// scores reads the scores of the rows with the most cases, overall and in each stratum that is known and where a row has the
// company's minimum of cases; a stratum with one such row compares nothing.
func (bySQL) scores(ctx context.Context, snap *access.Snapshot, p *plan, keys []string) ([]scored, error) {
	s := p.statement()
	facts, err := s.facts()
	if err != nil {
		return nil, err
	}
	rate := p.dataset.compared
	cases := make([]string, len(rate.of))
	for i, c := range rate.of {
		cases[i] = c.over()
	}
	text := fmt.Sprintf(`with facts as (
  %s
), cells as (
  select k1, k2, %s as hits, %s as cases
  from facts where k1::text = any(%s::text[])
  group by k1, k2
), rows as (
  select k1, sum(hits)::bigint as hits, sum(cases)::bigint as cases from cells group by k1 order by 3 desc, 1 limit %d
), shared as (
  select c.k1, c.k2, c.hits, c.cases, r.hits as all_hits, r.cases as all_cases, count(*) over (partition by c.k2) as sides
  from cells c join rows r on r.k1 = c.k1 where c.k2 is not null and c.cases >= %s::bigint
), named as (
  select %s from shared g%s
)
select %s, hits, cases, all_hits, all_cases from named where sides > 1 order by 1, 3`,
		facts, rate.hits.over(), strings.Join(cases, " + "), s.q.Bind(keys), maxCompared,
		s.q.Bind(p.enough()), s.rankedColumns(), s.labels(), s.lineKeys(2))
	var list []scored
	return list, snap.Run(ctx, s.q, text, func(row access.Row) error {
		var one scored
		err := row.Scan(&one.key, &one.label, &one.stratum, &one.stratumLabel, &one.here.hits, &one.here.cases, &one.overall.hits, &one.overall.cases)
		list = append(list, one)
		return err
	})
}

// enough is how many cases a row needs in a stratum to be compared there.
func (p *plan) enough() int { return max(1, p.viewer.Company.SmallSample) }

// take takes one row's score in one stratum; a row's strata come one after the other.
func (m *mixes) take(one scored) {
	if n := len(m.keys); n == 0 || *m.keys[n-1].ID != one.key {
		m.keys = append(m.keys, m.plan.by[0].keyOf(&one.key, one.label, m.plan))
		m.rows = append(m.rows, mixed{one.overall, map[string]score{}})
	}
	m.rows[len(m.rows)-1].strata[one.stratum] = one.here
	if m.of[one.stratum] == nil {
		m.of[one.stratum] = m.plan.by[1].keyOf(&one.stratum, one.stratumLabel, m.plan)
	}
}

// warning shows a reversal with all that it rests on.
func (m *mixes) warning(r reversal) *MixWarning {
	w := &MixWarning{
		Within: m.plan.by[1].Name, size: r.size(m.rows),
		Higher: m.side(r, r.higher, 0), Lower: m.side(r, r.lower, 1), Everywhere: r.everywhere, StrataShared: len(r.strata), Strata: []*MixStratum{},
	}
	w.Sentence = m.sentence(w)
	a, b := m.rows[r.higher].strata, m.rows[r.lower].strata
	for _, name := range r.strata[:min(len(r.strata), maxStrata)] {
		weight := float64(a[name].cases+b[name].cases) / float64(r.shared[0]+r.shared[1])
		w.Strata = append(w.Strata, &MixStratum{Key: m.of[name], Weight: weight, Higher: m.rateOf(a[name]), Lower: m.rateOf(b[name]),
			mixes: m, lines: [2]int{m.line(r.higher, name), m.line(r.lower, name)}})
	}
	return w
}

func (m *mixes) side(r reversal, place, side int) *MixSide {
	overall := m.rows[place].overall
	return &MixSide{Key: m.keys[place], Overall: m.rateOf(overall), Standardised: r.same[side], Share: float64(r.shared[side]) / float64(overall.cases)}
}

func (m *mixes) rateOf(s score) *Rate {
	return rateOf(s.hits, s.cases, m.plan.viewer.Company.SmallSample)
}

func (m *mixes) sentence(w *MixWarning) string {
	a, b, by := w.Higher.Key.Label, w.Lower.Key.Label, m.plan.by[1].Label
	if w.Everywhere {
		return say(fmt.Sprintf("%s has a higher rate than %s overall, and a lower one in each of the %d groups by %s with enough cases of both.", a, b, w.StrataShared, by.En),
			fmt.Sprintf("总体比率 %s 高于 %s，但按%s分组，在双方样本足够的 %d 组中均更低。", a, b, by.Zh, w.StrataShared)).In(m.plan.language)
	}
	return say(fmt.Sprintf("%s has a higher rate than %s overall, and a lower one at the same mix of the %d groups by %s with enough cases of both.", a, b, w.StrataShared, by.En),
		fmt.Sprintf("总体比率 %s 高于 %s，但在双方样本足够的 %d 个%s分组按相同构成比较时更低。", a, b, w.StrataShared, by.Zh)).In(m.plan.language)
}
