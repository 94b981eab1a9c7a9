package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"guanxi/fault"
	"guanxi/models"
)

// SetupOptions describe the company that a new database is for.
type SetupOptions struct {
	Company  string // its name; "Guanxi" when empty
	Currency string // of its reports, one of the currencies that are set up; CNY when empty
	TimeZone string // of its dates and reports, an IANA name; Asia/Shanghai when empty
	Sample   bool   // whether its people and records are invented
}

func (o *SetupOptions) fillIn() {
	for _, choice := range []struct {
		value     *string
		otherwise string
	}{{&o.Company, "Guanxi"}, {&o.Currency, "CNY"}, {&o.TimeZone, "Asia/Shanghai"}} {
		if *choice.value == "" {
			*choice.value = choice.otherwise
		}
	}
}

// Setup gives a migrated, empty database what every company starts with: its name, currencies, dictionaries, roles with
// their rights, relationship types and a pipeline. A database that has been set up stays as it is, whatever administrators
// have changed since, and of several processes that begin at once one does it and the others wait.
func (s *Store) Setup(ctx context.Context, o SetupOptions) error {
	o.fillIn()
	if err := checkSetup(o); err != nil {
		return err
	}
	now, err := s.Now(ctx)
	if err != nil {
		return err
	}
	return fault.FromSQL(s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		b := &beginning{ctx: ctx, tx: tx, now: now.UTC().Truncate(time.Microsecond)}
		if !b.company(o) {
			return b.err
		}
		b.add(&currencies)
		b.dictionaries()
		b.roles()
		b.relationshipTypes()
		b.pipeline()
		return b.err
	}))
}

func checkSetup(o SetupOptions) error {
	var wrong fault.Many
	if _, ok := models.ZoneNamed(o.TimeZone); !ok {
		wrong = append(wrong, fault.Refuse(fault.Invalid, fault.Say("%q is no time zone; write a name such as Asia/Shanghai.", "“%s”不是时区，请写类似 Asia/Shanghai 的名称。", o.TimeZone)).At("timeZone"))
	}
	known := false
	for _, c := range currencies {
		known = known || c.Code == o.Currency
	}
	if !known {
		wrong = append(wrong, fault.Refuse(fault.Invalid, fault.Say("%q is no known currency; write a code such as CNY.", "“%s”不是已知币种，请写类似 CNY 的代码。", o.Currency)).At("currency"))
	}
	return wrong.OrNil()
}

// beginning writes the first rows of a database; it stops at the first error.
type beginning struct {
	ctx context.Context
	tx  bun.Tx
	now time.Time
	err error
}

// company makes the one row that describes the company; false when it was there already. Who comes second waits at this
// row until the first is done.
func (b *beginning) company(o SetupOptions) bool {
	row := &models.Company{Name: o.Company, Currency: o.Currency, TimeZone: o.TimeZone, FiscalYearStart: 1, SmallSample: 5, Sample: o.Sample}
	row.Record = b.record(models.CompanyID)
	made, err := b.tx.NewInsert().Model(row).On("conflict do nothing").Exec(b.ctx)
	if err != nil {
		b.err = err
		return false
	}
	n, err := made.RowsAffected()
	b.err = err
	return err == nil && n == 1
}

func (b *beginning) add(rows any) {
	if b.err == nil {
		_, b.err = b.tx.NewInsert().Model(rows).Exec(b.ctx)
	}
}

func (b *beginning) record(id uuid.UUID) models.Record {
	return models.Record{ID: id, Version: 1, CreatedAt: b.now, UpdatedAt: b.now}
}

// BuiltIn is the id, the same in every database, of what Setup makes under a name: a role's code, a dictionary's code, a
// dictionary's code and an entry's joined by a slash, a relationship type's code, a stage's code.
func BuiltIn(kind models.KindCode, name string) uuid.UUID {
	if kind == models.RelationshipTypeCode && name == models.WorksAt {
		return models.WorksAtID
	}
	sum := sha256.Sum256([]byte(name))
	return models.NewIDAt(kind, time.UnixMilli(0), bytes.NewReader(sum[:]))
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
