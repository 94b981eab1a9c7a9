package reports_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
)

// item is a record as a viewer lists it.
type item map[string]any

func (i item) text(column string) string {
	switch value := i[column].(type) {
	case string:
		return value
	case bool:
		return map[bool]string{true: "true", false: "false"}[value]
	case json.Number:
		return value.String()
	}
	return ""
}

func (i item) has(column string) bool { return i[column] != nil }

func (i item) number(column string) *decimal.Decimal {
	if text := i.text(column); text != "" {
		d := decimal.RequireFromString(text)
		return &d
	}
	return nil
}

func (i item) time(column string) *time.Time {
	text := i.text(column)
	if text == "" {
		return nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return &t
		}
	}
	panic("no time: " + text)
}

// day is the local day of an instant, counted.
func dayOf(t *time.Time) *decimal.Decimal {
	if t == nil {
		return nil
	}
	d := decimal.NewFromInt(models.DateOf(t.In(zone(companyZone))).Time().Unix() / (24 * 60 * 60))
	return &d
}

func less(a, b *decimal.Decimal) *decimal.Decimal {
	if a == nil || b == nil {
		return nil
	}
	d := a.Sub(*b)
	return &d
}

// listed reads all records of a kind that a viewer sees, apart from any report.
func (w *world) listed(v *access.Viewer, kind *access.Kind) []item {
	w.t.Helper()
	snap, q := access.Look(w.pool, v), v.Query()
	defer snap.Close(context.Background())
	var list []item
	err := snap.Run(context.Background(), q, "select to_jsonb(x) from "+q.Visible(kind, "x")+" order by x.id", func(row access.Row) error {
		var text []byte
		if err := row.Scan(&text); err != nil {
			return err
		}
		one := item{}
		reader := json.NewDecoder(bytes.NewReader(text))
		reader.UseNumber()
		list = append(list, one)
		return reader.Decode(&one)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// found looks a record up that another names; nothing when it is hidden.
func found(list []item, id string) item {
	for _, one := range list {
		if id != "" && one.text("id") == id {
			return one
		}
	}
	return item{}
}

// worth converts an amount to the company's currency.
func (w *world) worth(amount *decimal.Decimal, currency string, at *time.Time) *decimal.Decimal {
	if amount == nil || currency == "CNY" {
		return amount
	}
	if at == nil {
		at = &w.now
	}
	day := models.DateOf(at.In(zone(companyZone)))
	var last *models.ExchangeRate
	for i, r := range w.rates {
		if r.Currency == currency && r.ValidOn <= day && (last == nil || r.ValidOn > last.ValidOn) {
			last = &w.rates[i]
		}
	}
	if last == nil {
		return nil
	}
	converted := amount.Mul(last.Rate).RoundBank(4)
	return &converted
}

// seen are all records that a viewer lists, by kind.
type seen struct {
	*world
	kinds map[*access.Kind][]item
}

func (s seen) of(kind *access.Kind, id string) item { return found(s.kinds[kind], id) }

// work fills the rest of a company: what is done for the customers, and what opportunities are made of.
func (w *world) work() {
	r := w.random
	types := []models.RelationshipType{
		{Record: models.Record{ID: models.WorksAtID}, Code: models.WorksAt, NameAb: "任职于", NameBa: "员工", Category: "EMPLOYMENT"},
		{Record: models.Record{ID: models.NewID(models.RelationshipTypeCode)}, Code: "FRIEND", NameAb: "朋友", NameBa: "朋友", Category: "SOCIAL", Introduces: true},
	}
	w.exec("delete from relationship_types")
	for i := range types {
		types[i].AKinds, types[i].BKinds = []string{"CONTACT", "CUSTOMER"}, []string{"CUSTOMER", "CONTACT"}
		w.insert(&types[i])
	}
	products := []models.Product{}
	for _, name := range []string{"P", "Q", "R"} {
		p := models.Product{Record: models.Record{ID: models.NewID(models.ProductCode)}, Name: name, Active: true}
		w.insert(&p)
		products = append(products, p)
	}
	for _, s := range w.sales {
		for i := range r.Intn(4) {
			line := models.OpportunityLine{Part: models.Part{ID: models.NewID(models.OpportunityLineCode)}, OpportunityID: s.ID, ProductID: products[r.Intn(3)].ID, Quantity: decimal.New(1+r.Int63n(900), -2), Position: i}
			if s.Currency != nil {
				line.Amount = maybe(r, decimal.New(r.Int63n(1_000_000_000), -4))
			}
			w.insert(&line)
		}
		w.steps(s)
	}
	w.slippery(w.sales, rand.New(rand.NewSource(13)))
	for range 30 {
		w.person(types)
	}
	for range 60 {
		w.errand()
	}
}

// steps adds an opportunity's way through the stages.
func (w *world) steps(s *sale) {
	r, at, before := w.random, time.Date(2026, 1, 1+w.random.Intn(60), w.random.Intn(24), 0, 0, 0, time.UTC), (*uuid.UUID)(nil)
	status := (*string)(nil)
	for range 1 + r.Intn(4) {
		stage, to := w.stages[r.Intn(3)].ID, models.Open
		if r.Intn(4) == 0 {
			to = []string{models.Won, models.Lost, models.Cancelled}[r.Intn(3)]
		}
		w.insert(&models.StageChange{Part: models.Part{ID: models.NewID(models.StageChangeCode)}, OpportunityID: s.ID, FromStageID: before, ToStageID: &stage, FromStatus: status, ToStatus: to, ChangedAt: at, ChangedBy: &w.users[r.Intn(4)].ID, CreatedAt: at})
		at, before, status = at.Add(time.Duration(1+r.Intn(500))*time.Hour), &stage, &to
	}
}

// person adds a contact and what ties it to customers.
func (w *world) person(types []models.RelationshipType) {
	r := w.random
	k := &models.Contact{Name: "联系人", Gender: maybe(r, []string{"FEMALE", "MALE", "OTHER"}[r.Intn(3)]), Phone: maybe(r, "13812345678"), Birthday: maybe(r, models.Date("1980-02-29"))}
	k.ID, k.OwnerID = models.NewID(models.ContactCode), &w.users[r.Intn(4)].ID
	w.insert(k)
	for i := range r.Intn(3) {
		customer := w.customers[r.Intn(len(w.customers))].ID
		one := &models.Relationship{TypeID: types[r.Intn(2)].ID, AID: k.ID, BID: customer, Strength: maybe(r, 1+r.Intn(5)), IsPrimary: i == 1, ContactRole: maybe(r, []string{"DECISION_MAKER", "USER"}[r.Intn(2)])}
		one.ID, one.CreatedBy = models.NewID(models.RelationshipCode), &w.users[r.Intn(4)].ID
		if r.Intn(3) == 0 {
			one.ValidUntil = pointer(models.Date([]string{"2026-05-20", "2026-05-21", "2027-01-01"}[r.Intn(3)]))
		}
		w.insertOr(one)
	}
}

// insertOr adds a row unless what is there already forbids it.
func (w *world) insertOr(row *models.Relationship) {
	row.Version, row.CreatedAt, row.UpdatedAt = 1, w.now, w.now
	w.db.NewInsert().Model(row).Exec(context.Background())
}

// errand adds a service, an activity and a document.
func (w *world) errand() {
	r := w.random
	instant := func() time.Time { return time.Date(2026, 1, 1+r.Intn(130), r.Intn(24), r.Intn(60), 0, 0, time.UTC) }
	customer := maybe(r, w.customers[r.Intn(len(w.customers))].ID)
	opportunity := maybe(r, w.sales[r.Intn(len(w.sales))].ID)
	v := &models.Service{Title: "服务", Kind: []string{"REPAIR", "COMPLAINT"}[r.Intn(2)], Status: []string{"OPEN", "IN_PROGRESS", "CLOSED", "CANCELLED"}[r.Intn(4)], Priority: "NORMAL", CustomerID: customer, OpenedAt: instant(), DueAt: maybe(r, instant())}
	v.ID, v.OwnerID = models.NewID(models.ServiceCode), &w.users[r.Intn(4)].ID
	if v.Status == "CLOSED" || v.Status == "CANCELLED" {
		v.ClosedAt = pointer(v.OpenedAt.Add(time.Duration(r.Intn(1000)) * time.Hour))
	}
	if cost := maybe(r, decimal.New(r.Int63n(90_000_000), -4)); cost != nil {
		v.Cost, v.Currency = cost, pointer([]string{"CNY", "USD", "JPY"}[r.Intn(3)])
	}
	w.insert(v)
	a := &models.Activity{Kind: []string{"CALL", "VISIT", "MAIL", "TASK"}[r.Intn(4)], Summary: "活动", HappenedAt: instant(), CustomerID: customer, OpportunityID: opportunity, NextFollowUpOn: maybe(r, models.Date("2026-05-2"+string(rune('0'+r.Intn(3)))))}
	a.ID, a.OwnerID = models.NewID(models.ActivityCode), &w.users[r.Intn(4)].ID
	w.insert(a)
	d := &models.Document{Name: "文档", MediaType: "text/plain", Size: r.Int63n(1 << 30), SHA256: make([]byte, 32), StorageKey: uuid.NewString(), Revision: 1 + r.Intn(3), CustomerID: customer, OpportunityID: opportunity, UploadedAt: instant()}
	d.ID, d.OwnerID = models.NewID(models.DocumentCode), &w.users[r.Intn(4)].ID
	w.insert(d)
}

// plainly says, apart from the declarations, what a dataset's facts are and what is known of each.
type plainly struct {
	dataset *reports.Dataset
	facts   func(s seen) []item
	keys    map[string]func(item) string
	counts  map[string]func(item) bool
	differ  map[string]func(item) string
	rates   map[string][2]func(item) bool
	numbers map[string]func(item) *decimal.Decimal // by the word that the measures end in
	asOf    *time.Time
	within  *int
	put     map[string]string // measure -> how and which number, such as "median days"
}

func is(column string, values ...string) func(item) bool {
	return func(i item) bool { return slices.Contains(values, i.text(column)) }
}
func has(column string) func(item) bool       { return func(i item) bool { return i.has(column) } }
func text(column string) func(item) string    { return func(i item) string { return i.text(column) } }
func every(item) bool                         { return true }
func monthOf(column string) func(item) string { return steps(column, "2006-01") }

func steps(column, layout string) func(item) string {
	return func(i item) string {
		if t := i.time(column); t != nil {
			return t.In(zone(companyZone)).Format(layout)
		}
		return ""
	}
}

// joined adds what other records tell of a fact: columns of the one that it names, under a prefix.
func (s seen) joined(list []item, column, prefix string, kind *access.Kind) []item {
	for _, one := range list {
		for name, value := range s.of(kind, one.text(column)) {
			one[prefix+name] = value
		}
	}
	return list
}

func (s seen) list(kind *access.Kind) []item { return s.kinds[kind] }

func with(list []item, name string, value func(item) any) []item {
	for _, one := range list {
		one[name] = value(one)
	}
	return list
}

func numberOf(column string) func(item) *decimal.Decimal {
	return func(i item) *decimal.Decimal { return i.number(column) }
}

func daysBetween(from, until string) func(item) *decimal.Decimal {
	return func(i item) *decimal.Decimal { return less(dayOf(i.time(until)), dayOf(i.time(from))) }
}

func text2(d *decimal.Decimal) any {
	if d == nil {
		return nil
	}
	return d.String()
}

var countedPlainly = []plainly{
	{
		dataset: reports.Customers,
		facts: func(s seen) []item {
			return with(s.list(access.Customer), "deals", func(c item) any {
				deals := ""
				for _, o := range s.list(access.Opportunity) {
					if o.text("customer_id") == c.text("id") {
						deals += o.text("status") + " "
					}
				}
				return deals
			})
		},
		keys:   map[string]func(item) string{"KIND": text("kind"), "REGION": text("region_id"), "OWNER": text("owner_id"), "CREATED_DAY": steps("created_at", "2006-01-02")},
		counts: map[string]func(item) bool{"count": every, "organizations": is("kind", "ORGANIZATION"), "owned": has("owner_id"), "withPhone": has("phone"), "won": wonDeal, "withOpportunities": func(i item) bool { return i.text("deals") != "" }},
		differ: map[string]func(item) string{"owners": text("owner_id")},
		rates:  map[string][2]func(item) bool{"conversionRate": {wonDeal, every}},
	},
	{
		dataset: reports.Services,
		facts: func(s seen) []item {
			list := s.joined(s.list(access.Service), "customer_id", "c_", access.Customer)
			return with(list, "worth", func(i item) any { return text2(s.worth(i.number("cost"), i.text("currency"), i.time("closed_at"))) })
		},
		keys:   map[string]func(item) string{"STATUS": text("status"), "REGION": text("c_region_id"), "CUSTOMER": text("c_id"), "CLOSED_MONTH": monthOf("closed_at")},
		counts: map[string]func(item) bool{"count": every, "open": is("status", "OPEN", "IN_PROGRESS"), "closed": is("status", "CLOSED")},
		differ: map[string]func(item) string{"customers": text("c_id"), "owners": text("owner_id")},
		rates: map[string][2]func(item) bool{"onTimeRate": {
			func(i item) bool {
				return i.text("status") == "CLOSED" && i.has("due_at") && !i.time("closed_at").After(*i.time("due_at"))
			},
			func(i item) bool { return i.text("status") == "CLOSED" && i.has("due_at") },
		}},
		numbers: map[string]func(item) *decimal.Decimal{"days": served, "worth": numberOf("worth")},
		put:     map[string]string{"averageDays": "mean days", "medianDays": "median days", "p90Days": "ninth days", "cost": "sum worth", "averageCost": "mean worth", "medianCost": "median worth"},
	},
	{
		dataset: reports.OpportunityLines,
		facts: func(s seen) []item {
			list := s.joined(s.list(access.OpportunityLine), "opportunity_id", "o_", access.Opportunity)
			list = s.joined(list, "o_customer_id", "c_", access.Customer)
			return with(list, "worth", func(i item) any {
				return text2(s.worth(i.number("amount"), i.text("o_currency"), i.time("o_closed_at")))
			})
		},
		keys:    map[string]func(item) string{"PRODUCT": text("product_id"), "STATUS": text("o_status"), "REGION": text("c_region_id"), "CLOSED_YEAR": steps("o_closed_at", "2006"), "EXPECTED_CLOSE_DAY": text("o_expected_close_on"), "CREATED_MONTH": monthOf("o_created_at")},
		counts:  map[string]func(item) bool{"count": every, "won": is("o_status", models.Won), "lost": is("o_status", models.Lost)},
		differ:  map[string]func(item) string{"opportunities": text("opportunity_id"), "products": text("product_id")},
		rates:   map[string][2]func(item) bool{"winRate": {is("o_status", models.Won), is("o_status", models.Won, models.Lost)}},
		numbers: map[string]func(item) *decimal.Decimal{"quantity": numberOf("quantity"), "worth": numberOf("worth")},
		put:     map[string]string{"quantity": "sum quantity", "amount": "sum worth", "averageAmount": "mean worth", "medianAmount": "median worth"},
	},
	{
		dataset: reports.Encounters,
		facts: func(s seen) []item {
			list := s.joined(s.list(access.Encounter), "opportunity_id", "o_", access.Opportunity)
			list = slices.DeleteFunc(list, func(i item) bool { return i.text("o_status") == models.Cancelled })
			list = s.joined(list, "o_loss_reason_id", "r_", access.DictionaryEntry)
			return with(list, "worth", func(i item) any {
				return text2(s.worth(i.number("o_amount"), i.text("o_currency"), i.time("o_closed_at")))
			})
		},
		keys:    map[string]func(item) string{"COMPETITOR": text("competitor_id"), "OUTCOME": ended, "CLOSED_MONTH": monthOf("o_closed_at"), "MAIN": text("is_main"), "EXPECTED_CLOSE_DAY": text("o_expected_close_on")},
		counts:  map[string]func(item) bool{"count": every, "weWon": endedAs(models.WeWon), "theyWon": endedAs(models.TheyWon), "nobodyWon": endedAs(models.NobodyWon), "unknown": endedAs(models.UnknownOutcome)},
		differ:  map[string]func(item) string{"opportunities": text("opportunity_id"), "competitors": text("competitor_id")},
		rates:   map[string][2]func(item) bool{"winRate": {endedAs(models.WeWon), endedAs(models.WeWon, models.TheyWon)}},
		numbers: map[string]func(item) *decimal.Decimal{"won": func(i item) *decimal.Decimal { return only(i, "worth", ended(i) == models.WeWon) }},
		put:     map[string]string{"amountWon": "sum won"},
	},
	{
		dataset: reports.StageChanges,
		facts: func(s seen) []item {
			list := s.joined(s.joined(s.list(access.StageChange), "from_stage_id", "f_", access.Stage), "to_stage_id", "g_", access.Stage)
			return with(list, "before", func(i item) any {
				var last *time.Time
				for _, other := range list {
					at := other.time("changed_at")
					if other.text("opportunity_id") == i.text("opportunity_id") && at.Before(*i.time("changed_at")) && (last == nil || at.After(*last)) {
						last = at
					}
				}
				if last == nil {
					return nil
				}
				return last.Format(time.RFC3339Nano)
			})
		},
		keys:    map[string]func(item) string{"FROM_STAGE": text("from_stage_id"), "TO_STATUS": text("to_status"), "CHANGED_BY": text("changed_by"), "AT_MONTH": monthOf("changed_at"), "DIRECTION": way},
		counts:  map[string]func(item) bool{"count": every, "forward": went("FORWARD"), "back": went("BACK"), "out": went("OUT"), "entered": went("ENTERED")},
		differ:  map[string]func(item) string{"opportunities": text("opportunity_id")},
		rates:   map[string][2]func(item) bool{"conversionRate": {went("FORWARD"), went("FORWARD", "BACK", "OUT")}},
		numbers: map[string]func(item) *decimal.Decimal{"days": daysBetween("before", "changed_at")},
		put:     map[string]string{"averageDaysInStage": "mean days", "medianDaysInStage": "median days", "p90DaysInStage": "ninth days"},
	},
	cohortsPlainly,
	{
		dataset: reports.Contacts,
		facts: func(s seen) []item {
			list := with(s.list(access.Contact), "at", func(k item) any {
				best := item{}
				for _, r := range s.list(access.Relationship) {
					live := r.text("valid_until") == "" || r.text("valid_until") > "2026-05-20"
					if r.text("a_id") == k.text("id") && r.text("type_id") == models.WorksAtID.String() && live && (best["id"] == nil || r.text("is_primary") > best.text("is_primary")) {
						best = r
					}
				}
				k["role"] = best["contact_role"]
				return best["b_id"]
			})
			return s.joined(list, "at", "c_", access.Customer)
		},
		keys:   map[string]func(item) string{"GENDER": text("gender"), "CUSTOMER": text("c_id"), "ROLE": text("role"), "OWNER": text("owner_id")},
		counts: map[string]func(item) bool{"count": every, "women": is("gender", "FEMALE"), "affiliated": has("c_id"), "withBirthday": has("birthday"), "decisionMakers": is("role", "DECISION_MAKER")},
		differ: map[string]func(item) string{"customers": text("c_id")},
	},
	{
		dataset: reports.Relationships,
		facts: func(s seen) []item {
			return s.joined(s.list(access.Relationship), "type_id", "t_", access.RelationshipType)
		},
		keys: map[string]func(item) string{"TYPE": text("type_id"), "CATEGORY": text("t_category"), "STRENGTH": text("strength"), "CREATED_BY": text("created_by")},
		counts: map[string]func(item) bool{"count": every, "employments": is("t_category", "EMPLOYMENT"), "introductions": is("t_introduces", "true"),
			"ended": func(i item) bool { return i.has("valid_until") && i.text("valid_until") <= "2026-05-20" }, "current": func(i item) bool { return !i.has("valid_until") || i.text("valid_until") > "2026-05-20" }},
		numbers: map[string]func(item) *decimal.Decimal{"strength": numberOf("strength")},
		put:     map[string]string{"averageStrength": "mean strength", "medianStrength": "median strength"},
	},
	{
		dataset: reports.Activities,
		facts: func(s seen) []item {
			return s.joined(s.joined(s.list(access.Activity), "customer_id", "c_", access.Customer), "opportunity_id", "o_", access.Opportunity)
		},
		keys:   map[string]func(item) string{"KIND": text("kind"), "CUSTOMER": text("c_id"), "OPPORTUNITY_STATUS": text("o_status"), "AT_DAY": steps("happened_at", "2006-01-02")},
		counts: map[string]func(item) bool{"count": every, "messages": is("kind", "MAIL", "MESSAGE"), "overdue": func(i item) bool { return i.has("next_follow_up_on") && i.text("next_follow_up_on") < "2026-05-20" }},
		differ: map[string]func(item) string{"customers": text("c_id"), "opportunities": text("o_id")},
	},
	{
		dataset: reports.Documents,
		facts: func(s seen) []item {
			return s.joined(s.joined(s.list(access.Document), "customer_id", "c_", access.Customer), "opportunity_id", "o_", access.Opportunity)
		},
		keys:    map[string]func(item) string{"RESTRICTED": text("restricted"), "REGION": text("c_region_id"), "AT_MONTH": monthOf("uploaded_at")},
		counts:  map[string]func(item) bool{"count": every, "restricted": is("restricted", "true")},
		differ:  map[string]func(item) string{"opportunities": text("o_id"), "owners": text("owner_id")},
		numbers: map[string]func(item) *decimal.Decimal{"size": numberOf("size"), "revision": numberOf("revision")},
		put:     map[string]string{"size": "sum size", "averageSize": "mean size", "medianSize": "median size", "averageRevision": "mean revision"},
	},
	{
		dataset: reports.Opportunities,
		facts: func(s seen) []item {
			list := s.joined(s.list(access.Opportunity), "customer_id", "c_", access.Customer)
			return with(list, "worth", func(i item) any { return text2(s.worth(i.number("amount"), i.text("currency"), i.time("closed_at"))) })
		},
		keys:    map[string]func(item) string{"STATUS": text("status"), "REGION": text("c_region_id"), "OPENED_DAY": text("opened_on"), "EXPECTED_CLOSE_DAY": text("expected_close_on"), "CREATED_MONTH": monthOf("created_at")},
		counts:  map[string]func(item) bool{"count": every, "won": is("status", models.Won)},
		differ:  map[string]func(item) string{"customers": text("c_id"), "owners": text("owner_id")},
		numbers: map[string]func(item) *decimal.Decimal{"worth": numberOf("worth"), "days": func(i item) *decimal.Decimal { return less(dayOf(i.time("closed_at")), whole(i.text("opened_on"))) }},
		put: map[string]string{"averageAmount": "mean worth", "medianAmount": "median worth", "p90Amount": "ninth worth", "averageCycleDays": "mean days",
			"medianCycleDays": "median days", "p90CycleDays": "ninth days"},
	},
}

func served(i item) *decimal.Decimal {
	if i.text("status") != "CLOSED" {
		return nil
	}
	return daysBetween("opened_at", "closed_at")(i)
}

func whole(day string) *decimal.Decimal {
	if day == "" {
		return nil
	}
	d := decimal.NewFromInt(models.Date(day).Time().Unix() / (24 * 60 * 60))
	return &d
}

func wonDeal(i item) bool { return strings.Contains(i.text("deals"), models.Won) }

func only(i item, column string, when bool) *decimal.Decimal {
	if !when {
		return nil
	}
	return i.number(column)
}

func ended(i item) string {
	switch {
	case i.text("o_status") == models.Open:
		return models.Open
	case i.text("o_status") == models.Won:
		return models.WeWon
	case i.has("o_won_by_id") && i.text("o_won_by_id") == i.text("competitor_id"):
		return models.TheyWon
	case i.has("o_won_by_id"):
		return models.OtherWon
	case i.text("r_loss_kind") == "NO_DECISION":
		return models.NobodyWon
	}
	return models.UnknownOutcome
}

func endedAs(outcomes ...string) func(item) bool {
	return func(i item) bool { return slices.Contains(outcomes, ended(i)) }
}

func way(i item) string {
	from, to := i.text("from_status"), i.text("to_status")
	switch {
	case !i.has("from_stage_id") && from == "":
		return "ENTERED"
	case from != to && to == models.Won:
		return "FORWARD"
	case from != to && to == models.Lost:
		return "OUT"
	case from != to:
		return to
	}
	f, g := i.number("f_position"), i.number("g_position")
	switch g.Cmp(*f) {
	case 1:
		return "FORWARD"
	case -1:
		return "BACK"
	}
	return ""
}

func went(ways ...string) func(item) bool {
	return func(i item) bool { return slices.Contains(ways, way(i)) }
}

// TestEveryDatasetIsTheFoldOfWhatIsListed asks each dataset by each of some dimensions, alone and with another, and counts every
// row, other, subtotal and total another way: from the records that the viewer lists.
func TestEveryDatasetIsTheFoldOfWhatIsListed(t *testing.T) {
	w := newWorld(t)
	w.fill(120)
	w.work()
	viewers := []*access.Viewer{w.viewer(w.users[1].ID, true, everyAmount...), w.viewer(w.users[0].ID, false, access.Own)}
	w.exec("insert into field_rights (role_id, rule, relation, access) select role_id, r, relation, 'FULL' from field_rights cross join (values ('COSTS'), ('CONTACT_DETAILS')) x (r)")
	for i, v := range viewers {
		v, err := access.Load(context.Background(), w.pool, v.UserID, w.now)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range countedPlainly {
			s := seen{w, map[*access.Kind][]item{}}
			for _, kind := range access.Kinds {
				if kind != access.AccessLogEntry && kind != access.Grant {
					s.kinds[kind] = w.listed(v, kind)
				}
			}
			facts := n.facts(s)
			if len(facts) < 3 {
				t.Errorf("viewer %d sees only %d %s", i, len(facts), n.dataset.Name)
			}
			names := []string{}
			for name := range n.keys {
				names = append(names, name)
			}
			slices.Sort(names)
			for j, name := range names {
				w.folded(v, n, facts, []string{name}, 3)
				w.folded(v, n, facts, []string{name, names[(j+1)%len(names)]}, 1000)
			}
		}
	}
}

// folded asks one report and counts it again.
func (w *world) folded(v *access.Viewer, n plainly, facts []item, by []string, first int) {
	w.t.Helper()
	a := ask(by...)
	a.First, a.Subtotals, a.AsOf, a.Within = first, true, n.asOf, n.within
	r := w.run(v, n.dataset, a)
	groups := make([]map[string][]item, len(by)+1)
	for level := range groups {
		groups[level] = map[string][]item{}
		for _, f := range facts {
			key := ""
			for _, d := range by[:level] {
				key += n.keys[d](f) + "|"
			}
			groups[level][key] = append(groups[level][key], f)
		}
	}
	name := n.dataset.Name + " by " + strings.Join(by, ", ")
	rest := map[string]bool{}
	for key := range groups[len(by)] {
		rest[key] = true
	}
	key := func(row *reports.Row) string {
		text := ""
		for _, k := range row.Keys {
			if k.ID != nil {
				text += *k.ID
			}
			text += "|"
		}
		return text
	}
	for _, row := range r.Rows {
		if row.Keys[0].Other {
			continue
		}
		group := groups[len(by)][key(row)]
		if group == nil || !rest[key(row)] {
			w.t.Errorf("%s: there is no group %s", name, key(row))
		}
		delete(rest, key(row))
		w.counted(name+" "+key(row), n, row, group)
	}
	var others []item
	for key := range rest {
		others = append(others, groups[len(by)][key]...)
	}
	if last := len(r.Rows) - 1; last >= 0 && r.Rows[last].Keys[0].Other {
		w.counted(name+" other", n, r.Rows[last], others)
	} else if len(others) > 0 {
		w.t.Errorf("%s: %d facts are in no row", name, len(others))
	}
	for _, row := range r.Subtotals {
		w.counted(name+" subtotal "+key(row), n, row, groups[len(row.Keys)][key(row)])
	}
	if len(by) == 2 && len(r.Subtotals) != len(groups[1]) {
		w.t.Errorf("%s: %d subtotals, want %d", name, len(r.Subtotals), len(groups[1]))
	}
	w.counted(name+" total", n, r.Total, facts)
}

// counted compares a row with the fold of its facts.
func (w *world) counted(name string, n plainly, row *reports.Row, facts []item) {
	w.t.Helper()
	value := func(measure string) any {
		m, has := n.dataset.Measure(measure)
		if !has {
			w.t.Fatalf("%s has no measure %s", n.dataset.Name, measure)
		}
		switch value := row.Value(m).(type) {
		case *int:
			return *value
		case *models.Money:
			return value.Amount
		case *decimal.Decimal:
			return *value
		default:
			return value
		}
	}
	many := func(is func(item) bool) int {
		count := 0
		for _, f := range facts {
			if is(f) {
				count++
			}
		}
		return count
	}
	for measure, is := range n.counts {
		if got := value(measure); got != many(is) {
			w.t.Errorf("%s: %s is %v, want %d", name, measure, got, many(is))
		}
	}
	for measure, of := range n.differ {
		different := map[string]bool{}
		for _, f := range facts {
			different[of(f)] = true
		}
		delete(different, "")
		if got := value(measure); got != len(different) {
			w.t.Errorf("%s: %s is %v, want %d", name, measure, got, len(different))
		}
	}
	for measure, parts := range n.rates {
		got, hits, all := value(measure).(*reports.Rate), many(parts[0]), many(parts[1])
		if got.Sample != all || (got.Value == nil) != (all == 0) || all > 0 && *got.Value != float64(hits)/float64(all) {
			w.t.Errorf("%s: %s is %+v, want %d of %d", name, measure, got, hits, all)
		}
	}
	for measure, how := range n.put {
		fold, which, _ := strings.Cut(how, " ")
		want, got := put(fold, facts, n.numbers[which]), value(measure)
		if (want == nil) != (got == nil) || want != nil && !near(got, *want) {
			w.t.Errorf("%s: %s is %v, want %v", name, measure, got, want)
		}
	}
}

// near compares a number of a report with one counted here; a mean of amounts is rounded to 4 places.
func near(got any, want decimal.Decimal) bool {
	switch got := got.(type) {
	case decimal.Decimal:
		return got.Equal(want) || got.Equal(want.RoundBank(4))
	case *float64:
		return *got == want.InexactFloat64() || decimal.NewFromFloat(*got).Sub(want).Abs().LessThan(decimal.New(1, -9))
	}
	return false
}

// put folds the known numbers of facts; nothing when there is none.
func put(how string, facts []item, number func(item) *decimal.Decimal) *decimal.Decimal {
	var list []decimal.Decimal
	sum := decimal.Zero
	met := map[string]bool{}
	for _, f := range facts {
		if d := number(f); d != nil && (how != "once" || !met[f.text("opportunity")]) {
			met[f.text("opportunity")] = true
			list = append(list, *d)
			sum = sum.Add(*d)
		}
	}
	n := len(list)
	if n == 0 {
		return nil
	}
	slices.SortFunc(list, decimal.Decimal.Cmp)
	d := sum
	switch how {
	case "mean":
		d = sum.Div(decimal.NewFromInt(int64(n)))
	case "median":
		d = list[(n-1)/2].Add(list[n/2]).Div(decimal.NewFromInt(2))
	case "most":
		d = list[n-1]
	case "ninth":
		d = list[(n*9+9)/10-1]
	}
	return &d
}

// TestContractsTellTheRates compares the days of the exchange rates that an answer tells with those used here, of amounts and of
// quoted prices.
func TestContractsTellTheRates(t *testing.T) {
	w := newWorld(t)
	w.fill(40)
	w.exec("update encounters set quoted_price = 10, currency = 'EUR'")
	v := w.viewer(w.users[1].ID, true, everyAmount...)
	snap := w.look(v)
	for _, c := range []struct {
		dataset     *reports.Dataset
		measure     string
		from, until *models.Date
	}{
		{reports.Opportunities, "wonAmount", day("2020-01-01"), day("2026-03-01")},
		{reports.Opportunities, "count", nil, nil},
		{reports.Encounters, "averageQuotedPrice", day("2026-03-01"), day("2026-03-01")},
	} {
		a := reports.Ask{First: 1, Measures: []string{c.measure}}
		r, err := reports.New().Run(t.Context(), snap, c.dataset, a)
		if err != nil {
			t.Fatal(err)
		}
		from, err := r.Definition.RatesFrom(t.Context())
		until, _ := r.Definition.RatesUntil(t.Context())
		same := func(a, b *models.Date) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }
		if err != nil || !same(from, c.from) || !same(until, c.until) {
			t.Errorf("%s of %s: rates of %s to %s, %v", c.measure, c.dataset.Name, edgeOf(from), edgeOf(until), err)
		}
		if len(r.Definition.Measures) != 1 || r.Definition.Measures[0].Name != c.measure {
			t.Errorf("the contract tells of %v", r.Definition.Measures)
		}
	}
}

func edgeOf(day *models.Date) string {
	if day == nil {
		return "none"
	}
	return string(*day)
}
