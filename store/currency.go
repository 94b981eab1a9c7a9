package store

import (
	"context"
	"regexp"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

var currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)

// CurrencyCreate adds a currency.
func (s *Store) CurrencyCreate(ctx context.Context, v *access.Viewer, q Request, input map[string]any) error {
	return s.writeCurrency(ctx, v, q, func(tx *Tx) error {
		c := new(models.Currency)
		if _, err := fill(company, c, input, v); err != nil {
			return err
		}
		if !currencyCode.MatchString(c.Code) {
			return fault.Refuse(fault.Invalid, fault.Say("A currency's code is three capital letters, such as USD.", "币种代码为三个大写字母，例如 USD。")).At("input", "code")
		}
		if err := check(c).OrNil(); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(c).Exec(tx.ctx); err != nil {
			return fault.FromSQL(err)
		}
		return tx.Audit(models.CompanyID, "CURRENCY", made(c))
	})
}

// CurrencyUpdate renames a currency.
func (s *Store) CurrencyUpdate(ctx context.Context, v *access.Viewer, q Request, code string, input map[string]any) error {
	return s.writeCurrency(ctx, v, q, func(tx *Tx) error {
		c := new(models.Currency)
		if err := tx.NewSelect().Model(c).Where("code = ?", code).For("update").Scan(tx.ctx); err != nil {
			return absentRow(err, "input", "code")
		}
		before := *c
		if _, err := fill(company, c, input, v); err != nil {
			return err
		}
		if err := check(c).OrNil(); err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Model(c).Where("code = ?", code).Exec(tx.ctx); err != nil {
			return fault.FromSQL(err)
		}
		return tx.Audit(models.CompanyID, "CURRENCY", changes(&before, c))
	})
}

// ExchangeRateSet sets what one unit of a currency is worth in the company's currency from a day on.
func (s *Store) ExchangeRateSet(ctx context.Context, v *access.Viewer, q Request, rate models.ExchangeRate) error {
	return s.writeCurrency(ctx, v, q, func(tx *Tx) error {
		known, err := tx.NewSelect().Model((*models.Currency)(nil)).Where("code = ?", rate.Currency).Exists(tx.ctx)
		if err != nil {
			return err
		}
		own, err := tx.ownCurrency()
		if err != nil {
			return err
		}
		if err := checkRate(rate, own, known); err != nil {
			return err
		}
		before := []models.ExchangeRate{}
		if err := tx.NewSelect().Model(&before).Where("currency = ? and valid_on = ?", rate.Currency, rate.ValidOn).Scan(tx.ctx); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&rate).On("conflict (currency, valid_on) do update set rate = excluded.rate").Exec(tx.ctx); err != nil {
			return fault.FromSQL(err)
		}
		return tx.Audit(models.CompanyID, "EXCHANGE_RATE", map[string]Change{"rate": {Old: before, New: rate}})
	})
}

// ownCurrency gives the company's currency, which stays until the write has ended.
func (tx *Tx) ownCurrency() (code string, err error) {
	err = tx.NewSelect().Model((*models.Company)(nil)).Column("currency").For("share").Scan(tx.ctx, &code)
	return code, absentRow(err)
}

func checkRate(rate models.ExchangeRate, own string, known bool) error {
	var wrong fault.Many
	if !known {
		wrong = append(wrong, noCurrency("input", "currency"))
	}
	if rate.Currency == own {
		wrong = append(wrong, fault.Refuse(fault.Invalid, fault.Say("The company's own currency is worth 1 of itself.", "本位币对自身的汇率恒为 1。")).At("input", "currency"))
	}
	if !rate.Rate.IsPositive() || rate.Rate.GreaterThanOrEqual(decimal.New(1, 10)) || !rate.Rate.Equal(rate.Rate.Truncate(10)) {
		wrong = append(wrong, fault.Refuse(fault.Invalid, fault.Say("A rate is more than 0, with at most 10 digits on either side of the point.", "汇率须大于 0，小数点前后各不超过 10 位。")).At("input", "rate"))
	}
	return wrong.OrNil()
}

func (s *Store) writeCurrency(ctx context.Context, v *access.Viewer, q Request, do func(*Tx) error) error {
	if err := v.Need(access.DictionaryAdmin); err != nil {
		return err
	}
	_, err := s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) { return models.CompanyID, do(tx) })
	return err
}

// Currencies lists the currencies, or the one with the code.
func Currencies(ctx context.Context, snap *access.Snapshot, code string) ([]*models.Currency, error) {
	list := []*models.Currency{}
	q := snap.Viewer.Query()
	text := "select c.code, c.name, c.name_en from currencies c where " + q.Bind(code) + " in ('', c.code) order by c.code"
	err := snap.Run(ctx, q, text, func(row access.Row) error {
		c := &models.Currency{}
		err := row.Scan(&c.Code, &c.Name, &c.NameEn)
		list = append(list, c)
		return err
	})
	models.NewBatch(list)
	return list, err
}

// ExchangeRates lists each currency's latest rates, newest first, by the currency's key.
func ExchangeRates(ctx context.Context, snap *access.Snapshot, first int) (map[uuid.UUID][]*models.ExchangeRate, error) {
	if err := CheckPage(first, "first"); err != nil {
		return nil, err
	}
	found := map[uuid.UUID][]*models.ExchangeRate{}
	q := snap.Viewer.Query()
	text := "select x.currency, x.valid_on, x.rate from currencies c cross join lateral (select * from exchange_rates e where e.currency = c.code order by e.valid_on desc limit " +
		q.Bind(first) + ") x order by x.currency, x.valid_on desc"
	err := snap.Run(ctx, q, text, func(row access.Row) error {
		r := &models.ExchangeRate{}
		err := row.Scan(&r.Currency, &r.ValidOn, &r.Rate)
		key, _ := (&models.Currency{Code: r.Currency}).Key()
		found[key] = append(found[key], r)
		return err
	})
	return found, err
}
