package store

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// CompanyUpdate changes what holds for the whole installation.
func (s *Store) CompanyUpdate(ctx context.Context, v *access.Viewer, q Request, version *int, input map[string]any) (uuid.UUID, error) {
	if err := v.Need(access.DictionaryAdmin); err != nil {
		return uuid.Nil, err
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) {
		c := new(models.Company)
		if err := tx.NewSelect().Model(c).For("update").Scan(tx.ctx); err != nil {
			return uuid.Nil, absentRow(err)
		}
		if err := stale(version, c.Version); err != nil {
			return uuid.Nil, err
		}
		before := *c
		if _, err := fill(company, c, input, v); err != nil {
			return uuid.Nil, err
		}
		if err := tx.checkCompany(c); err != nil {
			return uuid.Nil, err
		}
		if err := tx.keepRates(&before, c); err != nil {
			return uuid.Nil, err
		}
		c.Version, c.UpdatedAt = c.Version+1, tx.Now
		if _, err := tx.NewUpdate().Model(c).Where("id = ?", c.ID).Exec(tx.ctx); err != nil {
			return uuid.Nil, fault.FromSQL(err)
		}
		return c.ID, tx.Audit(c.ID, "UPDATE", changes(&before, c))
	})
}

// company names the company's one row where fields are filled in; it is no kind of record.
var company = &access.Kind{Name: "COMPANY", Table: "company"}

func (tx *Tx) checkCompany(c *models.Company) error {
	wrong := check(c)
	if _, ok := models.ZoneNamed(c.TimeZone); !ok {
		wrong = append(wrong, fault.Refuse(fault.Invalid, fault.Say("%q is no time zone; write a name such as Asia/Shanghai.", "“%s”不是时区，请写类似 Asia/Shanghai 的名称。", c.TimeZone)).At("input", "timeZone"))
	}
	if c.FiscalYearStart < 1 || c.FiscalYearStart > 12 {
		wrong = append(wrong, fault.Refuse(fault.Invalid, fault.Say("A month is 1 to 12.", "月份为 1 到 12。")).At("input", "fiscalYearStart"))
	}
	if c.SmallSample < 0 {
		wrong = append(wrong, fault.Refuse(fault.Invalid, fault.Say("This is 0 or more.", "此项不能小于 0。")).At("input", "smallSample"))
	}
	known, err := tx.NewSelect().Model((*models.Currency)(nil)).Where("code = ?", c.Currency).Exists(tx.ctx)
	if err == nil && !known {
		wrong = append(wrong, noCurrency("input", "currency"))
	}
	return errors.Join(err, wrong.OrNil())
}

// keepRates refuses another currency while there are exchange rates: they say what others are worth in the one before.
func (tx *Tx) keepRates(before, c *models.Company) error {
	if before.Currency == c.Currency {
		return nil
	}
	rated, err := tx.NewSelect().Model((*models.ExchangeRate)(nil)).Exists(tx.ctx)
	if err == nil && rated {
		err = fault.Refuse(fault.Invalid, fault.Say("Exchange rates are kept in %s; the currency stays while there are any.", "已有以 %s 计的汇率，不能更换本位币。", before.Currency)).At("input", "currency")
	}
	return err
}

// Company gives the company's settings as they are now; nil before they are set up.
func Company(ctx context.Context, snap *access.Snapshot) (*models.Company, error) {
	if snap.Viewer.Anonymous() {
		return nil, nil
	}
	var c *models.Company
	text := "select c.id, c.version, c.created_at, c.updated_at, c.name, c.currency, c.time_zone, c.fiscal_year_start, c.small_sample, c.sample from company c"
	err := snap.Run(ctx, snap.Viewer.Query(), text, func(row access.Row) error {
		c = &models.Company{}
		return row.Scan(&c.ID, &c.Version, &c.CreatedAt, &c.UpdatedAt, &c.Name, &c.Currency, &c.TimeZone, &c.FiscalYearStart, &c.SmallSample, &c.Sample)
	})
	return c, err
}
