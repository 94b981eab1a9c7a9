package importer

import (
	"reflect"
	"time"

	"guanxi/fault"
	"guanxi/models"
)

// fill brings what the source says into the records. Fields whose record may have to be made in passing come last, when
// the row has no other problem.
func (c *chunk) fill() error {
	for _, w := range c.works {
		if defaults := makerOf(c.kind).defaults; w.isNew() && defaults != nil {
			if err := defaults(c, w); err != nil {
				return err
			}
		}
		for _, creating := range []bool{false, true} {
			for _, field := range sortedKeys(w.Fields) {
				if w.Fields[field].Ref.Create != creating || len(w.problems) > 0 && creating || !w.news(field) {
					continue
				}
				if err := c.bring(w, field); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// bring writes one field that the source has changed, unless people have changed it too.
func (c *chunk) bring(w *work, field string) error {
	before := len(w.problems)
	value, currency, err := c.settle(w, field)
	if err != nil {
		return err
	}
	last := w.imported[field]
	if w.leavesEmpty(field, before) {
		if now := w.get(field); !w.isNew() && (now == "" || now != last.Record) {
			return nil // it is empty, or people have filled it
		}
		value, currency = nil, ""
	}
	if len(w.problems) > 0 {
		return nil
	}
	if now := w.get(field); !w.isNew() && (now != last.Record && now != wanted(value, currency) || !c.reads(w, field)) {
		shown, err := c.shown(w, field, now)
		w.kept = append(w.kept, Kept{w.File, w.Line, w.Kind, w.Key, field, w.problem(field, fault.Sentence{}).Value, shown})
		return err
	}
	w.set(field, value, currency)
	w.brought = append(w.brought, field)
	return nil
}

// leavesEmpty takes the problems of a field off the row when the mapping says to leave such a field empty, and tells them.
func (w *work) leavesEmpty(field string, before int) bool {
	if !w.lenient[field] || len(w.problems) == before {
		return false
	}
	for _, problem := range w.problems[before:] {
		problem.Effect = Emptied
		w.told = append(w.told, problem)
	}
	w.problems = w.problems[:before]
	w.blank[field] = true
	return true
}

// reads tells whether the viewer reads a field of the record as it was: what he may not read stays, whatever it is.
func (c *chunk) reads(w *work, field string) bool {
	rule := makerOf(w.Kind).kind.ToWrite(columnOf(w.Kind, field))
	before, owned := w.rowBefore.(models.BusinessRecord)
	return rule == "" || !owned || c.tx.Viewer.ReadsOn(before, rule)
}

// wanted writes a value as get would, once the record had it.
func wanted(value any, currency string) string {
	if value == nil {
		return ""
	}
	text := canonical(reflect.ValueOf(value))
	if currency != "" {
		text += " " + currency
	}
	return text
}

// remember notes what the source said and what the record has now, of the fields that were written.
func (w *work) remember() {
	for _, field := range w.brought {
		source := w.Fields[field].String()
		if w.blank[field] {
			source = "" // it is tried again next time
		}
		w.imported[field] = memory{Source: source, Record: w.get(field)}
	}
}

// settle turns what the source says in a field into what a record stores, nil for nothing; what is wrong is noted.
func (c *chunk) settle(w *work, field string) (value any, currency string, err error) {
	v := w.Fields[field]
	switch v.Type {
	case Text, Choice:
		if w.Kind == "dictionaryEntry" && field == "dictionary" {
			return c.dictionaryNamed(w, v.Text)
		}
		return v.Text, "", nil
	case Choices:
		return v.Words, "", nil
	case Number:
		if at, ok := w.at(field); ok && at.Type() == reflect.TypeFor[*int]() && !v.Number.IsInteger() {
			w.wrong(field, fault.Say("this is no whole number", "应为整数"))
		}
		return v.Number, "", nil
	case Amount:
		currency = nearest(v.Currency, c.tx.Viewer.Company.Currency)
		return v.Number, currency, c.keepCurrency(currency)
	case Date:
		return v.Date, "", nil
	case Moment:
		return v.Time.UTC().Truncate(time.Microsecond), "", nil
	case YesNo:
		return v.Yes, "", nil
	case Reference:
		id, err := c.refer(w, field, v.Ref)
		return id, "", err
	}
	return nil, "", nil
}
