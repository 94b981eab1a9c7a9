package store

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/models"
)

// Past is a write that the history of a copied record tells of, as if it had been done here at its time.
type Past struct {
	Record, Actor uuid.UUID
	Action        string
	At            time.Time
	Changes       map[string]Change
}

// Entry is the entry that the write would have left.
func (p Past) Entry(id uuid.UUID) (*models.AuditEntry, error) {
	text, err := json.Marshal(p.Changes)
	entry := &models.AuditEntry{RecordID: p.Record, Action: p.Action, At: p.At, ActorID: &p.Actor, Changes: text}
	entry.ID = id
	return entry, err
}

// Made tells what a new row has, for its history.
func Made(row any) map[string]Change { return made(row) }

// Parts are the lines of an opportunity and the encounters in it, in the order that its history keeps them in.
type Parts struct {
	Lines      []*models.OpportunityLine
	Encounters []*models.Encounter
}

// ChangesTo tells what became of the parts, as a write that changes them does.
func (p Parts) ChangesTo(after Parts) (map[string]Change, error) {
	was, err := p.kept()
	if err != nil {
		return nil, err
	}
	is, err := after.kept()
	return was.changesTo(is), err
}

// The parts in the form in which a history keeps them.
type (
	keptLine struct {
		Product  uuid.UUID `json:"product"`
		Quantity *string   `json:"quantity"`
	}
	keptLineAmount struct {
		Product   uuid.UUID `json:"product"`
		UnitPrice *string   `json:"unitPrice"`
		Amount    *string   `json:"amount"`
	}
	keptLineID struct {
		ID       uuid.UUID `json:"id"`
		Position int       `json:"position"`
	}
	keptEncounter struct {
		Competitor uuid.UUID `json:"competitor"`
		Strengths  *string   `json:"strengths"`
		Weaknesses *string   `json:"weaknesses"`
		Main       bool      `json:"main"`
	}
	keptPrice struct {
		Competitor  uuid.UUID `json:"competitor"`
		QuotedPrice *string   `json:"quotedPrice"`
		Currency    *string   `json:"currency"`
	}
	keptEncounterID struct {
		ID        uuid.UUID `json:"id"`
		CreatedAt time.Time `json:"created_at"`
	}
	keptIDs struct {
		Lines      []keptLineID      `json:"lines"`
		Encounters []keptEncounterID `json:"encounters"`
	}
)

// kept is what tx.parts would read of them.
func (p Parts) kept() (partsOf, error) {
	lines, amounts := make([]keptLine, len(p.Lines)), make([]keptLineAmount, len(p.Lines))
	met, prices := make([]keptEncounter, len(p.Encounters)), make([]keptPrice, len(p.Encounters))
	ids := keptIDs{make([]keptLineID, len(p.Lines)), make([]keptEncounterID, len(p.Encounters))}
	for i, l := range p.Lines {
		lines[i], amounts[i] = keptLine{l.ProductID, digits(&l.Quantity)}, keptLineAmount{l.ProductID, digits(l.UnitPrice), digits(l.Amount)}
		ids.Lines[i] = keptLineID{l.ID, l.Position}
	}
	for i, e := range p.Encounters {
		met[i], prices[i] = keptEncounter{e.CompetitorID, e.Strengths, e.Weaknesses, e.IsMain}, keptPrice{e.CompetitorID, digits(e.QuotedPrice), e.Currency}
		ids.Encounters[i] = keptEncounterID{e.ID, e.CreatedAt}
	}
	var kept partsOf
	for into, list := range map[*json.RawMessage]any{&kept.Lines: lines, &kept.LineAmounts: amounts, &kept.Encounters: met, &kept.QuotedPrices: prices, &kept.IDs: ids} {
		var err error
		if *into, err = json.Marshal(list); err != nil {
			return kept, err
		}
	}
	return kept, nil
}

// digits writes a number with the places that its column keeps.
func digits(d *decimal.Decimal) *string {
	if d == nil {
		return nil
	}
	text := d.StringFixed(4)
	return &text
}
