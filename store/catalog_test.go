package store_test

import (
	"math"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

func TestDictionaryEntriesAreUniqueAndKept(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	admin := w.viewer(w.user("admin", everything))
	region, err := w.store.DictionaryCreate(ctx, admin, store.Request{}, map[string]any{"code": "region", "name": "地区"})
	if err != nil {
		t.Fatal(err)
	}
	add := func(label string, more map[string]any) (uuid.UUID, error) {
		input := map[string]any{"dictionary": region, "label": label, "active": true}
		for k, v := range more {
			input[k] = v
		}
		return w.store.DictionaryEntryCreate(ctx, admin, store.Request{}, input)
	}
	south, err := add("华南", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = add("华南", nil)
	says(t, err, fault.Duplicate, "input.label")
	_, err = add("x", map[string]any{"lossKind": ptr("PRICE")})
	says(t, err, fault.Invalid, "input.lossKind")
	guangdong, err := add("广东", map[string]any{"parent": &south})
	if err != nil {
		t.Fatal(err)
	}
	if n := w.number("select position from dictionary_entries where id = ?", guangdong); n != 2 {
		t.Errorf("the second entry stands at %d", n)
	}
	_, err = w.store.DictionaryEntryUpdate(ctx, admin, store.Request{}, south, nil, map[string]any{"parent": &guangdong})
	says(t, err, fault.Cycle, "input.parent")
	customer := w.customer("华南机电", admin.UserID)
	w.exec("update customers set region_id = ? where id = ?", guangdong, customer)
	_, err = store.DictionaryEntries.Remove(ctx, w.store, admin, store.Request{}, guangdong, nil)
	says(t, err, fault.InUse, "")
	w.exec("update customers set region_id = null")
	if _, err := store.DictionaryEntries.Remove(ctx, w.store, admin, store.Request{}, guangdong, nil); err != nil {
		t.Error(err)
	}
}

func TestAnEntryBehindTheLargestPlaceStandsBesideIt(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	admin := w.viewer(w.user("admin", everything))
	region, err := w.store.DictionaryCreate(ctx, admin, store.Request{}, map[string]any{"code": "region", "name": "地区"})
	if err != nil {
		t.Fatal(err)
	}
	for _, input := range []map[string]any{{"label": "最后", "position": ptr(math.MaxInt32)}, {"label": "更后"}} {
		input["dictionary"], input["active"] = region, true
		if _, err := w.store.DictionaryEntryCreate(ctx, admin, store.Request{}, input); err != nil {
			t.Errorf("%s: %v", input["label"], err)
		}
	}
	if n := w.number("select count(*) from dictionary_entries where position = ?", math.MaxInt32); n != 2 {
		t.Errorf("%d entries stand at the largest place", n)
	}
}

func TestExchangeRatesAreExact(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	admin := w.viewer(w.user("admin"))
	if err := w.store.CurrencyCreate(ctx, admin, store.Request{}, map[string]any{"code": "JPY", "name": "日元"}); err != nil {
		t.Fatal(err)
	}
	says(t, w.store.CurrencyCreate(ctx, admin, store.Request{}, map[string]any{"code": "JPY", "name": "日元"}), fault.Duplicate, "input.code")
	says(t, w.store.CurrencyCreate(ctx, admin, store.Request{}, map[string]any{"code": "yen", "name": "日元"}), fault.Invalid, "input.code")
	set := func(currency, rate string) error {
		return w.store.ExchangeRateSet(ctx, admin, store.Request{}, models.ExchangeRate{Currency: currency, ValidOn: "2026-01-01", Rate: decimal.RequireFromString(rate)})
	}
	says(t, set("XXX", "1"), fault.NotFound, "input.currency")
	says(t, set("CNY", "2"), fault.Invalid, "input.currency")
	says(t, set("JPY", "0"), fault.Invalid, "input.rate")
	for _, rate := range []string{"1", "0.0482137659"} {
		if err := set("JPY", rate); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.number("select count(*) from exchange_rates where currency = 'JPY' and rate = 0.0482137659"); n != 1 {
		t.Error("the rate is not the last one set, to 10 places")
	}
}

func TestCompanySettingsMustWork(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	admin := w.viewer(w.user("admin"))
	_, err := w.store.CompanyUpdate(ctx, admin, store.Request{}, nil, map[string]any{
		"timeZone": ptr("Mars/Olympus"), "currency": ptr("ZZZ"), "fiscalYearStart": ptr(13), "smallSample": ptr(-1)})
	for _, field := range []string{"timeZone", "fiscalYearStart", "smallSample"} {
		says(t, err, fault.Invalid, "input."+field)
	}
	says(t, err, fault.NotFound, "input.currency")
	if _, err := w.store.CompanyUpdate(ctx, admin, store.Request{}, ptr(1), map[string]any{"timeZone": ptr("Europe/Berlin"), "currency": ptr("USD")}); err != nil {
		t.Fatal(err)
	}
	_, err = w.store.CompanyUpdate(ctx, admin, store.Request{}, ptr(1), map[string]any{"name": ptr("x")})
	says(t, err, fault.StaleVersion, "")
	c, err := store.Company(ctx, w.look(admin.UserID))
	if err != nil || c.TimeZone != "Europe/Berlin" || c.Currency != "USD" || c.Version != 2 {
		t.Errorf("the company is %+v, %v", c, err)
	}
}

func TestOnePipelineIsTheDefault(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	admin := w.viewer(w.user("admin", everything))
	other, err := w.store.PipelineCreate(ctx, admin, store.Request{}, map[string]any{"name": "大客户", "default": true})
	if err != nil {
		t.Fatal(err)
	}
	if n := w.number("select count(*) from pipelines where is_default = (id = ?)", other); n != 2 {
		t.Error("the new pipeline did not take the default's place")
	}
	_, err = w.store.PipelineUpdate(ctx, admin, store.Request{}, other, nil, map[string]any{"default": ptr(false)})
	says(t, err, fault.Invalid, "input.default")
	_, err = w.store.StageCreate(ctx, admin, store.Request{}, map[string]any{"pipeline": other, "name": "x", "probability": 1.5})
	says(t, err, fault.Invalid, "input.probability")
	w.opportunity(admin.UserID, nil, 0)
	_, err = w.store.PipelineDelete(ctx, admin, store.Request{}, w.pipe, nil)
	says(t, err, fault.InUse, "")
	_, err = store.Stages.Remove(ctx, w.store, admin, store.Request{}, w.stage, nil)
	says(t, err, fault.InUse, "")
	_, err = w.store.StageCreate(ctx, admin, store.Request{}, map[string]any{"pipeline": w.pipe, "name": "有需求", "probability": 0.5})
	says(t, err, fault.Duplicate, "input.name")
}

func TestBuiltInRelationshipTypesKeepTheirMeaning(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	admin := w.viewer(w.user("admin", everything))
	if _, err := w.store.RelationshipTypeUpdate(ctx, admin, store.Request{}, models.WorksAtID, nil, map[string]any{"nameAb": ptr("就职于")}); err != nil {
		t.Error(err)
	}
	_, err := w.store.RelationshipTypeUpdate(ctx, admin, store.Request{}, models.WorksAtID, nil, map[string]any{"aKinds": []string{"USER"}})
	says(t, err, fault.Invalid, "input.aKinds")
	_, err = w.store.RelationshipTypeDelete(ctx, admin, store.Request{}, models.WorksAtID, nil)
	says(t, err, fault.InUse, "input.id")
	_, err = w.store.RelationshipTypeCreate(ctx, admin, store.Request{}, map[string]any{"code": "PEER", "nameAb": "a", "nameBa": "b", "category": "SOCIAL",
		"symmetric": true, "aKinds": []string{"USER"}, "bKinds": []string{"CONTACT"}})
	says(t, err, fault.Invalid, "input.bKinds")
}

func TestCatalogueNamesAreUniqueAndInUseStays(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	admin := w.viewer(w.user("admin", everything))
	product, err := w.store.ProductCreate(ctx, admin, store.Request{}, map[string]any{"name": "水泵", "listPrice": ptr(decimal.NewFromInt(9))})
	if err != nil {
		t.Fatal(err)
	}
	if n := w.number("select count(*) from products where id = ? and active and currency = 'CNY' and cardinality(search_terms) > 0", product); n != 1 {
		t.Error("the product is not offered, priced in the company's currency and found")
	}
	_, err = w.store.ProductCreate(ctx, admin, store.Request{}, map[string]any{"name": "水泵"})
	says(t, err, fault.Duplicate, "input.name")
	_, err = w.store.ProductUpdate(ctx, admin, store.Request{}, product, nil, map[string]any{"currency": ptr("ZZZ")})
	says(t, err, fault.NotFound, "input.currency")
	rival, err := w.store.CompetitorCreate(ctx, admin, store.Request{}, map[string]any{"name": "对手"})
	if err != nil {
		t.Fatal(err)
	}
	w.insert(&models.Relationship{Record: models.Record{ID: models.NewID(models.RelationshipCode)}, TypeID: models.WorksAtID, AID: rival, BID: w.customer("c", admin.UserID)})
	_, err = w.store.CompetitorDelete(ctx, admin, store.Request{}, rival, nil)
	says(t, err, fault.InUse, "input.id")
}

// A rate of 7.1 yuan must not become one of 7.1 dollars.
func TestTheCurrencyStaysWhileThereAreRates(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	admin := w.viewer(w.user("admin"))
	w.exec("insert into exchange_rates (currency, valid_on, rate) values ('USD', '2026-01-01', 7.1)")
	_, err := w.store.CompanyUpdate(ctx, admin, store.Request{}, nil, map[string]any{"currency": ptr("USD")})
	says(t, err, fault.Invalid, "input.currency")
	if _, err := w.store.CompanyUpdate(ctx, admin, store.Request{}, nil, map[string]any{"currency": ptr("CNY"), "smallSample": ptr(7)}); err != nil {
		t.Errorf("the same currency is refused: %v", err)
	}
}
