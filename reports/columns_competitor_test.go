package reports_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
)

// encounter lets something happen to whom opportunities met: one more, one less, none any more, one that is noted elsewhere.
func (m *market) encounter(sale uuid.UUID) {
	r, rivals := m.r, m.rivals
	switch r.IntN(8) {
	case 0:
		m.exec("delete from encounters where opportunity_id = $1", sale)
	case 1:
		m.exec("delete from encounters where id = (select id from encounters order by random() limit 1)")
	case 2:
		m.exec(`update encounters e set opportunity_id = $1 where id = (select id from encounters order by random() limit 1)
			and not exists (select from encounters o where o.opportunity_id = $1 and (o.competitor_id = e.competitor_id or o.is_main))`, sale)
	case 3: // what they ask is next to what we ask
		m.exec(`update encounters e set quoted_price = o.amount + $2, currency = o.currency from opportunities o where o.id = e.opportunity_id and o.id = $1 and o.amount is not null`,
			sale, decimal.New(r.Int64N(5), -4))
	default:
		for range 1 + r.IntN(3) {
			var price, currency any
			if r.IntN(5) > 0 {
				price, currency = decimal.New(r.Int64N(30_000_000_000), -int32(r.IntN(5))), []string{"CNY", "CNY", "USD", "EUR", "JPY"}[r.IntN(5)]
			}
			m.exec(`insert into encounters (id, opportunity_id, competitor_id, quoted_price, currency, created_at) values ($1, $2, $3, $4, $5, now())
				on conflict (opportunity_id, competitor_id) do update set quoted_price = excluded.quoted_price, currency = excluded.currency`,
				models.NewID(models.EncounterCode), sale, rivals[r.IntN(len(rivals))], price, currency)
		}
	}
}

// rivalry asks SQL and columns the same of competitors, in one snapshot.
func (m *market) rivalry(snap *access.Snapshot, by *reports.Engine) {
	m.t.Helper()
	ask := m.ask(snap.Viewer)
	ask.First = 1 + m.r.IntN(8)
	if m.r.IntN(12) == 0 {
		ask.AsOf = &marketNow
	}
	parts := m.parts(snap.Viewer)
	m.contest(snap.Viewer, &ask, parts)
	want, got := rivals(m.sql, snap, ask, parts), rivals(by, snap, ask, parts)
	if want == got && !strings.Contains(got, notAsTold) {
		return
	}
	sql, columns := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < min(len(sql), len(columns))-1 && sql[i] == columns[i] {
		i++
	}
	where, _ := json.Marshal(ask)
	m.t.Fatalf("viewer %s asks of competitors %s, %+v:\nSQL tells %s\ncolumns   %s", snap.Viewer.UserID, where, parts, sql[i], columns[i])
}

// contest asks for some competitors in some order, and for the coverage of what is asked of them.
func (m *market) contest(v *access.Viewer, ask *reports.Ask, p parts) {
	r := m.r
	n, half := r.IntN(4), float64(r.IntN(4))/3
	ask.Having, ask.OrderBy, ask.Measures, ask.Covered = nil, nil, []string{"encounters", "winRate", "priceGap"}[:2+r.IntN(2)], []string{p.by, p.trend, p.within}
	measures := []string{"RANK", "ENCOUNTERS", "THEY_WON", "WIN_RATE", "UNKNOWN", "STRENGTH", "KEY"}
	having := []map[string]any{{"encounters": &models.IntFilter{Gt: &n}}, {"not": map[string]any{"winRate": &models.FloatFilter{Gte: &half}}}, {"rank": &models.IntFilter{Gt: &n}}}
	if v.ReadsSome(access.Amounts) {
		measures = append(measures, "AMOUNT_LOST", "RANK_BY_AMOUNT_LOST", "PRICE_GAP")
		having = append(having, map[string]any{"or": []map[string]any{{"amountLost": &models.DecimalFilter{IsNull: ptr(true)}}, {"priceGap": &models.FloatFilter{Lt: &half}}}})
	}
	for range r.IntN(3) {
		ask.OrderBy = append(ask.OrderBy, &reports.Order{Measure: measures[r.IntN(len(measures))], Direction: []string{"ASC", "DESC"}[r.IntN(2)]})
	}
	if r.IntN(3) == 0 {
		ask.Having = having[r.IntN(len(having))]
	}
}

// parts are what is asked of the rows.
type parts struct {
	by, trend, within string
	first, page       int
	outcome           *string
}

func (m *market) parts(v *access.Viewer) parts {
	r := m.r
	dimension := func() string {
		for {
			d := reports.Competition.Dimensions[r.IntN(len(reports.Competition.Dimensions))]
			if d.Rule == "" || v.ReadsSome(d.Rule) {
				return d.Name
			}
		}
	}
	p := parts{by: dimension(), within: dimension(), first: 1 + r.IntN(6), page: 1 + r.IntN(4)}
	p.trend = []string{"CLOSED_QUARTER", "CLOSED_MONTH", "OPENED_YEAR", "CLOSED_WEEK", "EXPECTED_CLOSE_DAY", "CREATED_WEEK"}[r.IntN(6)]
	p.outcome = maybe2(r, []string{"OPEN", "WE_WON", "THEY_WON", "OTHER_WON", "NOBODY_WON", "UNKNOWN"}[r.IntN(6)])
	return p
}

// rivals writes everything that is told of competitors.
func rivals(e *reports.Engine, snap *access.Snapshot, ask reports.Ask, p parts) string {
	ctx := context.Background()
	var b strings.Builder
	failed := func(err error) { fmt.Fprintln(&b, "refused:", err) }
	page := func(of func(context.Context, *string, *int, *string) (*reports.RecordPage, error)) {
		var after *string
		for range 2 {
			one, err := of(ctx, p.outcome, &p.page, after)
			if err != nil {
				failed(err)
				return
			}
			fmt.Fprintln(&b, "  records", one.IDs, one.HasNext, one.After, one.Total)
			if len(one.IDs) == 0 {
				return
			}
			cursors := one.Cursors()
			after = &cursors[len(cursors)-1]
		}
	}
	pieces := func(name string, list []*reports.CompetitorBreakdownRow, err error) {
		if err != nil {
			failed(err)
		}
		for _, one := range list {
			fmt.Fprintln(&b, " ", name, keyText(one.Key), numbers(one.Bouts))
			page(one.Page)
			gap(&b, one.PriceGap)
		}
	}
	r, err := e.Competitors(ctx, snap, ask)
	if err != nil {
		failed(err)
		return b.String()
	}
	without := func(open func(context.Context, *int, *string) (*reports.RecordPage, error)) {
		page(func(ctx context.Context, _ *string, first *int, after *string) (*reports.RecordPage, error) {
			return open(ctx, first, after)
		})
	}
	fmt.Fprintln(&b, "unattributed", r.Unattributed.Lost, money(r.Unattributed.AmountLost))
	without(r.Unattributed.Page)
	for _, c := range r.Coverage {
		fmt.Fprintln(&b, c.Field, c.Known, c.Unknown)
	}
	row := func(row *reports.CompetitorReportRow) {
		fmt.Fprintln(&b, row.ID, rank(row.Rank), rank(row.RankByAmountLost), row.Competitors, numbers(row.Bouts))
		reasons, err := row.LossReasons(ctx, p.first)
		if err != nil {
			failed(err)
		}
		for _, one := range reasons {
			id, _ := one.Key()
			fmt.Fprintln(&b, "  reason", id, one.ReasonID == nil, keyText(one.Named), one.Count)
			without(one.Page)
		}
		list, err := row.Breakdown(ctx, p.by, p.first)
		pieces("group", list, err)
		list, err = row.Trend(ctx, p.trend, p.first)
		pieces("step", list, err)
		page(row.Page)
		gap(&b, row.PriceGap)
		if before := row.Previous; before != nil {
			fmt.Fprintln(&b, "  before", before.ID, rank(before.Rank), rank(before.RankByAmountLost), before.Competitors, numbers(before.Bouts))
			list, err := before.Breakdown(ctx, p.by, p.first)
			pieces("group before", list, err)
		}
		if one, err := row.Strength(ctx); err != nil || one == nil {
			fmt.Fprintln(&b, "  strength", err)
		} else {
			fmt.Fprintf(&b, "  strength %.9f %.9f %.9f %d\n", one.Value, one.Low, one.High, one.Games)
			without(one.Page)
		}
	}
	for _, one := range append(slices.Clone(r.Rows), r.Other, r.Total) {
		if one != nil {
			row(one)
		}
	}
	warnings, err := r.MixWarnings(ctx, &p.within, 10)
	if err != nil {
		failed(err)
	}
	warned(&b, warnings)
	excluded, err := r.Definition.Excluded(ctx)
	fmt.Fprintln(&b, "excluded", excluded, err)
	return b.String()
}

// gap writes how far prices are apart.
func gap(b *strings.Builder, of func(context.Context) (*reports.PriceGap, error)) {
	switch one, err := of(context.Background()); {
	case err != nil || one == nil:
		fmt.Fprintln(b, "  no gap", err)
	default:
		fmt.Fprintln(b, "  gap", number(one.Average), number(one.Median), one.Sample, number(one.Share), one.SmallSample)
	}
}

func keyText(key *reports.ReportKey) string {
	id := "-"
	if key.ID != nil {
		id = *key.ID
	}
	return fmt.Sprint(key.Dimension, " ", id, key.Label, key.Unknown, key.Other)
}

func numbers(of reports.Bouts) string {
	return fmt.Sprint(of.Encounters, of.Open, of.WeWon, of.TheyWon, of.OtherWon, of.NobodyWon, of.Unknown, " ", value(of.WinRate), money(of.AmountWon), money(of.AmountLost))
}

func rank(place *int) int {
	if place == nil {
		return 0
	}
	return *place
}

func money(m *models.Money) string {
	if m == nil {
		return "-"
	}
	return value(m)
}

// mixed writes the warnings of mix of a report that was answered.
func mixed(r *reports.Report, err error, within string) string {
	if err != nil {
		return ""
	}
	list, err := reports.Shape[reports.OpportunityReportRow](r).MixWarnings(context.Background(), &within, 10)
	if err != nil {
		return "no warnings: " + err.Error()
	}
	var b strings.Builder
	warned(&b, list)
	return b.String()
}

// notAsTold is written where records are others than a number has told.
const notAsTold = "the records are not as told"

func warned(b *strings.Builder, list []*reports.MixWarning) {
	for _, w := range list {
		text, _ := json.Marshal(w)
		fmt.Fprintf(b, "%s\n", text)
		for _, stratum := range w.Strata {
			higher, err := stratum.HigherPage(context.Background(), nil, nil)
			lower, wrong := stratum.LowerPage(context.Background(), nil, nil)
			if err != nil || wrong != nil || higher.Total.Number != stratum.Higher.Sample || lower.Total.Number != stratum.Lower.Sample {
				fmt.Fprintln(b, notAsTold, higher, lower, err, wrong)
				continue
			}
			fmt.Fprintln(b, higher.IDs, lower.IDs)
		}
	}
}

// All that a board of competitors asks is answered from columns: nothing of it is left to SQL.
func TestColumnsAnswerABoardOfCompetitors(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 1)
	m.exec("update opportunities o set status = 'LOST', won_by_id = e.competitor_id, loss_reason_id = $1, amount = 10, currency = 'CNY' from encounters e where e.opportunity_id = o.id and o.status <> 'OPEN'", m.reasons[0])
	m.exec("update competitors set website = name where id < $1", m.rivals[len(m.rivals)/2])
	m.tend()
	viewers := m.viewers()
	snap := access.Look(m.pool, viewers[len(viewers)-2]) // who sees all
	defer snap.Close(t.Context())
	from, until := models.DateOf(marketNow.AddDate(-1, 0, 0)), models.DateOf(marketNow.Add(48*time.Hour))
	amount := decimal.NewFromInt(1)
	ask := reports.Ask{First: 20, Period: &reports.Period{From: &from, Until: &until}, Where: map[string]any{"amount": &models.DecimalFilter{Gte: &amount}}}
	theyWon := models.TheyWon
	told := rivals(m.both, snap, ask, parts{by: "REGION", trend: "CLOSED_QUARTER", within: "INDUSTRY", first: 20, page: 5, outcome: &theyWon})
	// The rows, what is unattributed, reasons, groups and steps, the records and the prices behind rows, groups and steps, strength, mix, and what has no day.
	if answered, declined := m.store.Answered(); answered < 12 || declined != 0 {
		t.Errorf("columns answered %d questions and declined %d", answered, declined)
	}
	for _, where := range []map[string]any{
		{"owner": map[string]any{"not": map[string]any{"name": &models.StringFilter{Contains: ptr("1")}}}}, {"stage": map[string]any{"probability": &models.FloatFilter{Gte: ptr(0.3)}}},
		{"lossReason": map[string]any{"lossKind": &models.EnumFilter{Eq: ptr("PRICE")}}}, {"customer": map[string]any{"region": map[string]any{"label": &models.StringFilter{StartsWith: ptr("广")}}}},
		{"encounters": map[string]any{"some": map[string]any{"competitor": map[string]any{"id": &models.IDFilter{Eq: &m.rivals[0]}}}}}, {"encounters": map[string]any{"none": map[string]any{}}},
		{"encounters": map[string]any{"some": map[string]any{"competitor": map[string]any{"website": &models.StringFilter{Contains: ptr("1")}}}}}, // unknown of some
		{"encounters": map[string]any{"every": map[string]any{"not": map[string]any{"competitor": map[string]any{"website": &models.StringFilter{Contains: ptr("1")}}}}}},
		{"encounters": map[string]any{"every": map[string]any{"competitor": map[string]any{"id": &models.IDFilter{In: m.rivals[:4]}}}}},
	} {
		m.compare(snap, m.both, reports.Ask{First: 20, By: []string{"STATUS"}, Where: where})
	}
	if _, declined := m.store.Answered(); declined != 0 {
		t.Errorf("columns declined %d questions that filter by what everyone sees alike", declined)
	}
	for _, part := range []string{"  records [", "  gap ", "  reason ", "  group ", "  step ", "  strength "} {
		if !strings.Contains(told, part) {
			t.Errorf("nothing is told of %s in\n%s", part, told)
		}
	}
}
