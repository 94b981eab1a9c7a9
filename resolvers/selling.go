package resolvers

import (
	"context"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/graph"
	"guanxi/loaders"
	"guanxi/models"
	"guanxi/store"
)

// opportunityDraft decodes a new opportunity with its lines and the competitors met.
func opportunityDraft(input map[string]any) store.OpportunityDraft {
	draft := store.OpportunityDraft{Fields: input}
	if lines, ok := input["lines"].([]*graph.OpportunityLineInput); ok {
		draft.Lines = linesOf(lines)
	}
	met, _ := input["encounters"].([]*graph.EncounterInput)
	for _, e := range met {
		draft.Encounters = append(draft.Encounters, store.Meeting{Competitor: e.Competitor, QuotedPrice: e.QuotedPrice, Currency: e.Currency,
			Strengths: e.Strengths, Weaknesses: e.Weaknesses, Main: e.Main})
	}
	return draft
}

func linesOf(input []*graph.OpportunityLineInput) []store.Line {
	lines := make([]store.Line, len(input))
	for i, l := range input {
		lines[i] = store.Line{Product: l.Product, Quantity: l.Quantity, UnitPrice: l.UnitPrice, Amount: l.Amount}
	}
	return lines
}

// pricedOf names the protected fields that an input gives, be it as null.
func pricedOf(input graph.EncounterUpdateInput) (named []string) {
	if input.QuotedPrice.IsSet() {
		named = append(named, "quotedPrice")
	}
	if input.Currency.IsSet() {
		named = append(named, "currency")
	}
	return named
}

// encounterChange decodes what an input changes of an encounter: absent stays, null clears.
func encounterChange(input graph.EncounterUpdateInput) func(*models.Encounter) {
	return func(e *models.Encounter) {
		if v, ok := input.QuotedPrice.ValueOK(); ok {
			e.QuotedPrice = v
		}
		if v, ok := input.Currency.ValueOK(); ok {
			e.Currency = v
		}
		if v, ok := input.Strengths.ValueOK(); ok {
			e.Strengths = v
		}
		if v, ok := input.Weaknesses.ValueOK(); ok {
			e.Weaknesses = v
		}
		if input.Main != nil {
			e.IsMain = *input.Main
		}
	}
}

func outcomeOf(ctx context.Context, obj *models.Encounter) (*string, error) {
	return loaders.Each(ctx, obj, "outcome", nil, func(ids []uuid.UUID) (map[uuid.UUID]*string, error) {
		return store.OutcomesOf(ctx, access.Of(ctx), "id", ids, obj.AsOf)
	})
}

// lineMoney joins a line's amount with its opportunity's currency.
func lineMoney(ctx context.Context, r *opportunityLineResolver, obj *models.OpportunityLine, amount *decimal.Decimal) (*models.Money, error) {
	whole, err := r.Opportunity(ctx, obj)
	if err != nil || whole == nil || amount == nil {
		return nil, err
	}
	currency := whole.Currency
	if currency == nil {
		currency = &viewer(ctx).Company.Currency
	}
	return models.MoneyOf(amount, currency), nil
}

// stageSummary tells a change of stage or status in a few words, such as 有需求 → 谈判 or 谈判 → LOST.
func stageSummary(ctx context.Context, r *stageChangeResolver, obj *models.StageChange) (string, error) {
	from, err := r.FromStage(ctx, obj)
	if err != nil {
		return "", err
	}
	to, err := r.ToStage(ctx, obj)
	if err != nil {
		return "", err
	}
	name := func(s *models.Stage) string {
		if s == nil {
			return ""
		}
		return localized(ctx, s.Name, s.NameEn)
	}
	switch {
	case obj.FromStatus == nil:
		return name(to), nil
	case *obj.FromStatus != obj.ToStatus:
		return name(from) + " → " + statusName(ctx, obj.ToStatus), nil
	}
	return name(from) + " → " + name(to), nil
}

func statusName(ctx context.Context, status string) string {
	names := map[string][2]string{models.Open: {"进行中", "open"}, models.Won: {"赢单", "won"}, models.Lost: {"丢单", "lost"}, models.Cancelled: {"取消", "cancelled"}}
	return localized(ctx, names[status][0], &[]string{names[status][1]}[0])
}
