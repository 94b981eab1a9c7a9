package reports_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
)

// bout asks SQL and columns the same of encounters, in one snapshot, and sometimes what was asked before, maybe by somebody else.
func (m *market) bout(snap *access.Snapshot, by *reports.Engine) {
	m.t.Helper()
	list := []reports.Ask{m.askEncounters(snap.Viewer)}
	if m.bouts = append(m.bouts, list[0]); m.r.IntN(2) == 0 {
		list = append(list, m.bouts[m.r.IntN(len(m.bouts))])
	}
	for _, ask := range list {
		m.compareOf(snap, by, reports.Encounters, ask, func(*reports.Report, error) string { return "" })
	}
}

// askEncounters draws a question that a viewer may put on encounters.
func (m *market) askEncounters(v *access.Viewer) reports.Ask {
	r := m.r
	ask := m.question(v, reports.Encounters)
	if r.IntN(2) == 0 { // what sets encounters apart from opportunities
		if d := []string{"COMPETITOR", "OUTCOME", "QUOTED_BAND"}[r.IntN(3)]; len(ask.By) > 0 && (d != "QUOTED_BAND" || v.ReadsSome(access.Amounts)) {
			ask.By = []string{d, ask.By[0]}[:1+r.IntN(2)]
			if ask.By[len(ask.By)-1] == d {
				ask.By = ask.By[:1]
			}
		}
	}
	if r.IntN(3) == 0 {
		ask.Measures = []string{"count", "theyWon", "winRate", "amountLost", "averageQuotedPrice"}
	}
	measures := []string{"COUNT", "THEY_WON", "WIN_RATE", "OPPORTUNITIES", "COMPETITORS", "KEY"}
	n, half, money := r.IntN(4), float64(r.IntN(4))/3, decimal.New(r.Int64N(1_000_000), 0)
	having := []map[string]any{{"count": &models.IntFilter{Gt: &n}}, {"winRate": &models.FloatFilter{Gte: &half}}, {"not": map[string]any{"opportunities": &models.IntFilter{Lte: &n}}}}
	if v.ReadsSome(access.Amounts) {
		measures = append(measures, "AMOUNT_LOST", "AVERAGE_QUOTED_PRICE", "MEDIAN_QUOTED_PRICE")
		having = append(having, map[string]any{"medianQuotedPrice": &models.DecimalFilter{Gt: &money}}, map[string]any{"averageQuotedPrice": &models.DecimalFilter{IsNull: ptr(true)}})
	}
	for range r.IntN(3) {
		ask.OrderBy = append(ask.OrderBy, &reports.Order{Measure: measures[r.IntN(len(measures))], Direction: []string{"ASC", "DESC"}[r.IntN(2)]})
	}
	if r.IntN(3) == 0 {
		ask.Having = having[r.IntN(len(having))]
	}
	if r.IntN(2) == 0 {
		ask.Where = m.whereEncounters(v, 2)
	}
	return ask
}

// whereEncounters draws a filter on encounters: of whom was met, of the opportunity, and of both joined in any way.
func (m *market) whereEncounters(v *access.Viewer, depth int) map[string]any {
	r := m.r
	if depth > 0 && r.IntN(2) == 0 {
		inner := func() map[string]any { return m.whereEncounters(v, depth-1) }
		return []map[string]any{{"not": inner()}, {"or": []map[string]any{inner(), inner()}}, {"and": []map[string]any{inner(), inner()}}}[r.IntN(3)]
	}
	one := m.rivals[r.IntN(len(m.rivals))]
	list := []map[string]any{
		{"competitor": map[string]any{"id": &models.IDFilter{Eq: &one}}}, {"competitor": map[string]any{"id": &models.IDFilter{In: []uuid.UUID{one, m.rivals[0]}}}},
		{"competitor": map[string]any{"id": &models.IDFilter{IsNull: ptr(r.IntN(2) == 0)}}}, {"competitor": map[string]any{"not": map[string]any{"name": &models.StringFilter{Contains: ptr("2")}}}},
		{"opportunity": m.where(v, 1)}, {"opportunity": map[string]any{"status": &models.EnumFilter{Eq: ptr(models.Lost)}}, "competitor": map[string]any{"id": &models.IDFilter{Eq: &one}}},
		{"main": &models.BooleanFilter{Eq: ptr(true)}},
	}
	reason := map[string]any{"opportunity": map[string]any{"lossReason": map[string]any{"id": &models.IDFilter{In: m.reasons[:1+r.IntN(3)]}}}} // unknown of most
	mixed := []map[string]any{list[r.IntN(4)], reason}
	list = append(list, map[string]any{"or": mixed}, map[string]any{"not": map[string]any{"or": mixed}}, map[string]any{"not": map[string]any{"and": mixed}})
	return list[r.IntN(len(list))]
}

// Whatever is asked of encounters of the opportunity, the competitor and his price is answered from columns.
func TestColumnsAnswerReportsOnEncounters(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 1)
	viewers := m.viewers()
	snap := access.Look(m.pool, viewers[len(viewers)-2]) // who sees all
	defer snap.Close(t.Context())
	from, until := models.DateOf(marketNow.AddDate(-1, 0, 0)), models.DateOf(marketNow.Add(48*time.Hour))
	lost := map[string]any{"opportunity": map[string]any{"status": &models.EnumFilter{Eq: ptr(models.Lost)}}}
	asks := []reports.Ask{
		{By: []string{"COMPETITOR", "OUTCOME"}, Subtotals: true}, {By: []string{"QUOTED_BAND"}}, {By: []string{"REGION", "CLOSED_QUARTER"}, Where: lost},
		{Where: map[string]any{"competitor": map[string]any{"id": &models.IDFilter{Eq: &m.rivals[0]}}}, By: []string{"OWNER_DEPARTMENT"}}, {},
	}
	for _, ask := range asks {
		ask.First, ask.Coverage, ask.Period = 20, true, &reports.Period{From: &from, Until: &until}
		m.compareOf(snap, m.both, reports.Encounters, ask, func(*reports.Report, error) string { return "" })
	}
	if answered, declined := m.store.Answered(); declined != 0 || answered < int64(len(asks)) {
		t.Errorf("columns answered %d questions and declined %d", answered, declined)
	}
}
