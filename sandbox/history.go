package sandbox

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/models"
	"guanxi/store"
)

// history is what was written of an opportunity since it was entered, until it became what it is today.
type history struct {
	*selling
	chance
	*deal
	entered models.Opportunity // as it was entered
	by      uuid.UUID          // who worked on it
	moved   time.Time          // its last change of stage while it was open
	writes  []store.Past       // after it was entered
	err     error
}

// remember writes the history of an opportunity that is made. It decides on nothing of today but the record's version and
// when it was last written.
func (s *selling) remember(d *deal) error {
	h := &history{selling: s, chance: s.past, deal: d, by: s.staff[d.seller].id, moved: d.opened}
	d.Record = born(d.ID, d.opened, d.opened, 1)
	h.begin()
	h.meetings()
	h.stages()
	h.handOver()
	h.days()
	h.amounts()
	return h.write()
}

// begin takes the record back to when it was entered, by who worked on it.
func (h *history) begin() {
	o := *h.Opportunity
	o.Status, o.StageID, o.OwnerID, o.MainCompetitorID = models.Open, step(0), &h.by, nil
	o.ClosedAt, o.ClosingOwnerID, o.ClosingDepartmentID, o.ClosingNote, o.LossReasonID, o.WonByID = nil, nil, nil, nil, nil, nil
	h.entered = o
}

func (h *history) add(at time.Time, action string, by uuid.UUID, changes map[string]store.Change) {
	h.writes = append(h.writes, store.Past{Record: h.ID, Actor: by, Action: action, At: at, Changes: changes})
}

// meetings tells when each competitor was met; one who was met in losing to him is told of with the loss.
func (h *history) meetings() {
	for n, e := range h.parts.Encounters {
		if !e.CreatedAt.Equal(h.closed) {
			changes := h.meeting(n)
			compare(changes, "main_competitor_id", h.foremost(n), h.foremost(n+1))
			h.add(e.CreatedAt, "ENCOUNTER", h.by, changes)
		}
	}
}

// meeting tells what the n-th encounter made of the parts.
func (h *history) meeting(n int) map[string]store.Change {
	before, after := h.parts, h.parts
	before.Encounters, after.Encounters = h.parts.Encounters[:n], h.parts.Encounters[:n+1]
	changes, err := before.ChangesTo(after)
	if err != nil {
		h.err = err
	}
	return changes
}

// foremost is the main competitor of the first so many encounters while the opportunity was open.
func (h *history) foremost(n int) *uuid.UUID {
	for _, e := range h.parts.Encounters[:n] {
		if e.IsMain {
			return &e.CompetitorID
		}
	}
	if n == 0 {
		return nil
	}
	return &h.parts.Encounters[0].CompetitorID
}

// stages tells the changes of stage and the close.
func (h *history) stages() {
	for _, c := range h.way[1:] {
		changes := map[string]store.Change{}
		if c.ToStatus == models.Open {
			changes["stage_id"] = store.Change{Old: c.FromStageID, New: c.ToStageID}
			h.moved = c.ChangedAt
			h.add(c.ChangedAt, "STAGE", h.by, changes)
			continue
		}
		n := len(h.parts.Encounters)
		if n > 0 && h.parts.Encounters[n-1].CreatedAt.Equal(h.closed) {
			n--
			changes = h.meeting(n)
		}
		compare(changes, "main_competitor_id", h.foremost(n), h.MainCompetitorID)
		maps.Copy(changes, h.ending())
		h.add(c.ChangedAt, c.ToStatus, h.by, changes)
	}
}

// ending tells what the close made of the record's own fields.
func (h *history) ending() map[string]store.Change {
	changes := map[string]store.Change{"status": {Old: models.Open, New: h.Status}, "closed_at": {New: h.ClosedAt}}
	compare(changes, "closing_owner_id", nil, h.ClosingOwnerID)
	compare(changes, "closing_department_id", nil, h.ClosingDepartmentID)
	compare(changes, "closing_note", nil, h.ClosingNote)
	compare(changes, "loss_reason_id", nil, h.LossReasonID)
	compare(changes, "won_by_id", nil, h.WonByID)
	return changes
}

// handOver tells when it went from who worked on it to who has it today: with its customer, if that was meanwhile, else when it was
// closed; one that is open still, and whose customer had gone before, was entered for who has it.
func (h *history) handOver() {
	if h.owner == h.seller {
		return
	}
	at, earliest := h.client.handed, h.closed
	if earliest.IsZero() {
		earliest = h.opened
	}
	switch {
	case at.After(earliest):
	case h.closed.IsZero():
		h.entered.OwnerID = h.OwnerID
		return
	default:
		at = h.closed
	}
	h.add(at, "TRANSFER", h.person("admin"), map[string]store.Change{"owner_id": {Old: &h.by, New: h.OwnerID}})
}

// leeway is the time in which other things may have been changed: after the competitors were met, and before the last that is told
// of the opportunity while it was open.
func (h *history) leeway() (from, until time.Time, enough bool) {
	from, until = h.opened.Add(5*time.Hour), h.moved
	if !h.closed.IsZero() {
		until = h.closed
	}
	until = until.Add(-time.Hour)
	return from, until, until.Sub(from) > 12*time.Hour
}

// days tells how the day that it is expected to close on was moved until it became today's: mostly to a later one, when it was near.
func (h *history) days() {
	from, until, enough := h.leeway()
	days := h.hopes()
	if !enough || len(days) == 1 {
		return
	}
	h.entered.ExpectedCloseOn = &days[0]
	for i, day := range days[1:] {
		last := until.Add(-time.Duration(len(days)-2-i) * time.Hour)
		if day.Time().After(from) && day.Time().Before(last) {
			last = day.Time()
		}
		at := days[i].Time().Add(time.Duration(h.between(-72, 96)) * time.Hour)
		if at.Before(from) || at.After(last) {
			at = from.Add(time.Duration(h.Float64() * float64(last.Sub(from))))
		}
		at = at.Truncate(time.Second)
		h.add(at, "UPDATE", h.by, map[string]store.Change{"expected_close_on": {Old: days[i], New: day}})
		from = at.Add(time.Hour)
	}
}

// hopes are the days that it was expected to close on, one after the other; the last is today's.
func (h *history) hopes() []models.Date {
	today := *h.ExpectedCloseOn
	first := h.hoped
	if first == today && h.yes(0.32) {
		first = models.DateOf(today.Time().AddDate(0, 0, -h.between(7, 45)))
		if h.yes(0.12) {
			first = models.DateOf(today.Time().AddDate(0, 0, h.between(5, 30)))
		}
	}
	gap := int(today.Time().Sub(first.Time()).Hours() / 24)
	switch {
	case gap == 0 || first <= models.DateOf(h.opened.In(china)):
		return []models.Date{today}
	case gap > 20 && h.yes(0.4):
		return []models.Date{first, models.DateOf(first.Time().AddDate(0, 0, h.between(gap/3, gap*2/3))), today}
	}
	return []models.Date{first, today}
}

// amounts tells what it was thought to come to at first, where that was something else, or not known.
func (h *history) amounts() {
	from, until, enough := h.leeway()
	if !enough || h.Amount == nil {
		return
	}
	changes := map[string]store.Change{}
	switch h.weigh([]float64{73, 5, 22}) {
	case 0:
		return
	case 1:
		h.entered.Amount, h.entered.Currency = nil, nil
		compare(changes, "currency", nil, h.Currency)
	case 2:
		guess := decimal.NewFromFloat(math.Round(h.Amount.InexactFloat64()*(0.75+0.6*h.Float64())/100) * 100)
		if guess.Equal(*h.Amount) || !guess.IsPositive() {
			return
		}
		h.entered.Amount = &guess
	}
	changes["amount"] = store.Change{Old: h.entered.Amount, New: h.Amount}
	at := from.Add(time.Duration(h.Float64() * float64(until.Sub(from)))).Truncate(time.Second)
	h.add(at, "UPDATE", h.by, changes)
}

// compare tells of a column that one write changed, if it did.
func compare[T comparable](changes map[string]store.Change, column string, before, after *T) {
	if before != after && (before == nil || after == nil || *before != *after) {
		changes[column] = store.Change{Old: before, New: after}
	}
}

// write makes entries of it all, in order: how it was entered comes first.
func (h *history) write() error {
	changes, err := store.Parts{}.ChangesTo(store.Parts{Lines: h.parts.Lines})
	if err != nil || h.err != nil {
		return cmp.Or(err, h.err)
	}
	maps.Copy(changes, store.Made(&h.entered))
	slices.SortStableFunc(h.writes, func(a, b store.Past) int { return a.At.Compare(b.At) })
	first := store.Past{Record: h.ID, Actor: h.by, Action: "CREATE", At: h.opened, Changes: changes}
	for i, past := range append([]store.Past{first}, h.writes...) {
		entry, err := past.Entry(h.id(models.AuditEntryCode, past.At.Add(time.Duration(i)*time.Millisecond)))
		if err != nil {
			return err
		}
		h.entries = append(h.entries, entry)
		h.Version, h.UpdatedAt = i+1, past.At
	}
	return nil
}
