package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// Meeting is a competitor to be noted in an opportunity.
type Meeting struct {
	Competitor            uuid.UUID
	QuotedPrice           *decimal.Decimal
	Currency              *string
	Strengths, Weaknesses *string
	Main                  bool
}

// using refuses a field under a rule to who may not use it.
type using func(rule access.Rule, path ...string) error

// pricing is the use of what is protected in an opportunity and its parts.
func pricing(v *access.Viewer, o *models.Opportunity) using {
	return func(rule access.Rule, path ...string) error { return v.UseOn(o, rule, path...) }
}

// mayWrite refuses protected values to who may not use them.
func (m Meeting) mayWrite(use using, path ...string) error {
	var named []string
	if m.QuotedPrice != nil {
		named = append(named, "quotedPrice")
	}
	if m.Currency != nil {
		named = append(named, "currency")
	}
	return mayPrice(use, named, path...)
}

// mayPrice refuses those of an encounter's or a line's fields that are named and protected to who may not use them, whatever the values:
// also one that changes nothing would tell what is there.
func mayPrice(use using, named []string, path ...string) error {
	for _, field := range named {
		if err := use(access.Amounts, append(slices.Clone(path), field)...); err != nil {
			return err
		}
	}
	return nil
}

// EncounterAdd notes a competitor met in an opportunity.
func (s *Store) EncounterAdd(ctx context.Context, v *access.Viewer, q Request, opportunity uuid.UUID, version *int, m Meeting) (uuid.UUID, error) {
	if err := m.mayWrite(v.Use, "input"); err != nil {
		return uuid.Nil, err
	}
	return Opportunities.Edit(ctx, s, v, q, access.Update, opportunity, version, "ENCOUNTER", func(tx *Tx, o *models.Opportunity) error {
		if err := m.mayWrite(pricing(v, o), "input"); err != nil {
			return err
		}
		return tx.noteParts(o.ID, func() error {
			if err := tx.meet(o, m, "input"); err != nil {
				return err
			}
			return tx.derive(o)
		})
	})
}

// meet writes an encounter; field is where the input names it.
func (tx *Tx) meet(o *models.Opportunity, m Meeting, field ...string) error {
	if err := tx.See(access.Competitor, m.Competitor, append(slices.Clone(field), "competitor")...); err != nil {
		return err
	}
	met, err := tx.NewSelect().Model((*models.Encounter)(nil)).Where("opportunity_id = ? and competitor_id = ?", o.ID, m.Competitor).Exists(tx.ctx)
	if err != nil {
		return err
	}
	if met {
		return fault.Refuse(fault.Duplicate, fault.Say("This competitor is noted already.", "该竞争对手已记录。")).At(append(slices.Clone(field), "competitor")...)
	}
	row := &models.Encounter{OpportunityID: o.ID, CompetitorID: m.Competitor, QuotedPrice: m.QuotedPrice, Currency: m.Currency,
		Strengths: m.Strengths, Weaknesses: m.Weaknesses, IsMain: m.Main, CreatedAt: tx.Now}
	row.ID = models.NewID(models.EncounterCode)
	if err := tx.checkEncounter(o, row, field...); err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(row).Exec(tx.ctx)
	return fault.FromSQL(err)
}

// checkEncounter settles the currency, refuses what is wrong, and lets one encounter at most be the main one.
func (tx *Tx) checkEncounter(o *models.Opportunity, e *models.Encounter, field ...string) error {
	at := func(name string) []string { return append(slices.Clone(field), name) }
	if e.QuotedPrice != nil && e.QuotedPrice.IsNegative() {
		return fault.Refuse(fault.Invalid, fault.Say("A price is 0 or more.", "价格不能小于 0。")).At(at("quotedPrice")...)
	}
	if e.QuotedPrice != nil && e.Currency == nil {
		e.Currency = o.Currency
		if e.Currency == nil {
			e.Currency = &tx.Viewer.Company.Currency
		}
	}
	if err := tx.currency(e.Currency, at("currency")...); err != nil {
		return err
	}
	e.Strengths, e.Weaknesses = known(e.Strengths), known(e.Weaknesses)
	for name, value := range map[string]*string{"strengths": e.Strengths, "weaknesses": e.Weaknesses} {
		if value != nil {
			if f := checkText(*value, false, true); f != nil {
				return f.At(at(name)...)
			}
		}
	}
	if !e.IsMain {
		return nil
	}
	_, err := tx.NewUpdate().Model((*models.Encounter)(nil)).Set("is_main = false").Where("opportunity_id = ? and is_main and id <> ?", o.ID, e.ID).Exec(tx.ctx)
	return err
}

// EncounterUpdate lets change alter what is noted of a competitor met; priced are the protected fields that it names.
func (s *Store) EncounterUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, priced []string, change func(*models.Encounter)) (uuid.UUID, error) {
	if err := mayPrice(v.Use, priced, "input"); err != nil {
		return uuid.Nil, err
	}
	return s.editEncounter(ctx, v, q, id, version, func(tx *Tx, o *models.Opportunity, e *models.Encounter) error {
		if err := mayPrice(pricing(v, o), priced, "input"); err != nil {
			return err
		}
		change(e)
		if err := tx.checkEncounter(o, e, "input"); err != nil {
			return err
		}
		_, err := tx.NewUpdate().Model(e).Where("id = ?", id).Exec(ctx)
		return fault.FromSQL(err)
	})
}

// EncounterRemove takes away an encounter noted by mistake, not that of the competitor who won.
func (s *Store) EncounterRemove(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int) (uuid.UUID, error) {
	return s.editEncounter(ctx, v, q, id, version, func(tx *Tx, o *models.Opportunity, e *models.Encounter) error {
		if o.WonByID != nil && *o.WonByID == e.CompetitorID {
			return fault.Refuse(fault.Invalid, fault.Say("This competitor won the opportunity.", "该竞争对手赢得了这个商机。")).At("input", "id")
		}
		_, err := tx.NewDelete().Model(e).Where("id = ?", id).Exec(ctx)
		return err
	})
}

// editEncounter changes an encounter as a part of its opportunity. One that was never issued belongs to an opportunity that
// was never issued, so that it is refused exactly as a hidden one.
func (s *Store) editEncounter(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, edit func(*Tx, *models.Opportunity, *models.Encounter) error) (uuid.UUID, error) {
	if err := v.Need(access.To(access.Update, access.Opportunity)); err != nil {
		return uuid.Nil, err
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) {
		e := new(models.Encounter)
		if err := tx.NewSelect().Model(e).Where("id = ?", id).Scan(ctx); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return uuid.Nil, fault.FromSQL(err)
		}
		return e.OpportunityID, Opportunities.alter(tx, e.OpportunityID, version, "ENCOUNTER", func(tx *Tx, o *models.Opportunity) error {
			if err := tx.NewSelect().Model(e).WherePK().Scan(ctx); err != nil {
				return absentRow(err, "input", "id")
			}
			return tx.noteParts(o.ID, func() error {
				if err := edit(tx, o, e); err != nil {
					return err
				}
				return tx.derive(o)
			})
		})
	})
}

// OutcomesOf derives how encounters ended, from their opportunities; those of cancelled ones have no outcome. They are those whose
// id, or opportunity_id, is among the ids; as recorded by an instant, if one is given.
func OutcomesOf(ctx context.Context, snap *access.Snapshot, column string, ids []uuid.UUID, at *time.Time) (map[uuid.UUID]*string, error) {
	q := snap.Viewer.Query()
	visible := q.Visible
	if at != nil {
		instant := q.Bind(*at) + "::timestamptz"
		visible = func(kind *access.Kind, alias string) string { return q.VisibleThen(kind, alias, instant, "") }
	}
	text := "select e.id, " + access.Outcome + " from " + visible(access.Encounter, "e") + " join " +
		visible(access.Opportunity, "o") + " on o.id = e.opportunity_id left join " +
		visible(access.DictionaryEntry, "lr") + " on lr.id = o.loss_reason_id where e." + column + " = any(" + q.Bind(ids) + ") and o.status <> 'CANCELLED'"
	outcomes := map[uuid.UUID]*string{}
	err := snap.Run(ctx, q, text, func(row access.Row) error {
		var id uuid.UUID
		var outcome string
		err := row.Scan(&id, &outcome)
		outcomes[id] = &outcome
		return err
	})
	return outcomes, err
}
