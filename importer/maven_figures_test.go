package importer

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// figures are those of a group of opportunities in the reference.
type figures struct {
	Total       int      `json:"total"`
	Prospecting int      `json:"prospecting"`
	Engaging    int      `json:"engaging"`
	Won         int      `json:"won"`
	Lost        int      `json:"lost"`
	LossRate    *float64 `json:"loss_rate"`
	WonValue    float64  `json:"won_value"`
	Cycle       *float64 `json:"cycle_days_won_mean"`
}

// group is a group of opportunities with its figures, as PostgreSQL counts them.
type group struct {
	Name        string
	Total       int
	Prospecting int
	Engaging    int
	Won         int
	Lost        int
	LossRate    *float64
	WonValue    float64
	Cycle       *float64
}

const measures = `count(*), count(*) filter (where o.status = 'OPEN' and s.name = 'Prospecting'),
	count(*) filter (where o.status = 'OPEN' and s.name = 'Engaging'), count(*) filter (where o.status = 'WON'),
	count(*) filter (where o.status = 'LOST'),
	round(count(*) filter (where o.status = 'LOST')::numeric / nullif(count(*) filter (where o.status in ('WON', 'LOST')), 0), 6)::float8,
	coalesce(sum(o.amount) filter (where o.status = 'WON'), 0)::float8,
	round(avg((o.closed_at at time zone 'Asia/Shanghai')::date - o.opened_on) filter (where o.status = 'WON'), 6)::float8`

const tables = ` from opportunities o join stages s on s.id = o.stage_id join users u on u.id = o.owner_id
	join memberships m on m.user_id = u.id and m.is_primary join departments team on team.id = m.department_id
	join departments office on office.id = team.path[1] join products p on p.id = o.main_product_id
	left join customers c on c.id = o.customer_id left join dictionary_entries sector on sector.id = c.industry_id
	left join dictionary_entries place on place.id = c.region_id left join dictionary_entries series on series.id = p.category_id `

// groupings are the reference's groups and what each is in the database.
var groupings = map[string]string{
	"by_agent": "u.name", "by_manager": "team.name", "by_regional_office": "office.name", "by_product": "p.name",
	"by_sector":  "coalesce(sector.label, '(blank)')",
	"by_account": "coalesce(c.name, '(blank)')",
	"by_series":  "series.label", "by_office_location": "coalesce(place.label, '(blank)')",
	"by_close_quarter":  `to_char(o.closed_at at time zone 'Asia/Shanghai', 'YYYY-"Q"Q')`,
	"by_close_month":    `to_char(o.closed_at at time zone 'Asia/Shanghai', 'YYYY-MM')`,
	"by_engage_quarter": `coalesce(to_char(o.opened_on, 'YYYY-"Q"Q'), '(blank)')`,
}

func reference(t *testing.T) map[string]json.RawMessage {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(needs(t, "reference"), "maven-crm.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// agrees holds the company's opportunities against all figures of the reference.
func (c *company) agrees(all map[string]json.RawMessage) {
	c.t.Helper()
	var overall figures
	c.decode(all["overall"], &overall)
	c.same("overall", overall, rowsOf[group](c, "select 'overall', "+measures+tables)[0])
	compared := 0
	for name, key := range groupings {
		var want map[string]figures
		c.decode(all[name], &want)
		got := map[string]group{}
		for _, g := range rowsOf[group](c, "select coalesce("+key+", ''), "+measures+tables+" group by 1") {
			got[g.Name] = g
		}
		for group, figures := range want {
			c.same(name+" "+group, figures, got[group])
			compared++
		}
	}
	if compared < 35+6+3+7+85 {
		c.t.Errorf("only %d groups of the reference were compared", compared)
	}
}

func (c *company) decode(text json.RawMessage, into any) {
	c.t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		c.t.Fatal(err)
	}
}

func (c *company) same(name string, want figures, got group) {
	c.t.Helper()
	counts := got.Total == want.Total && got.Won == want.Won && got.Lost == want.Lost && got.Prospecting == want.Prospecting && got.Engaging == want.Engaging
	if !counts || !alike(got.LossRate, want.LossRate) || !alike(&got.WonValue, &want.WonValue) || !alike(got.Cycle, want.Cycle) {
		g, _ := json.Marshal(got)
		w, _ := json.Marshal(want)
		c.t.Errorf("%s: %s, want %s", name, g, w)
	}
}

func alike(a, b *float64) bool {
	return a == nil && b == nil || a != nil && b != nil && math.Abs(*a-*b) < 1e-6
}

func TestMavenFiguresAreThoseOfTheReference(t *testing.T) {
	folder, variants, all := needs(t, "maven-crm"), needs(t, "maven-crm-variants"), reference(t)
	for _, given := range [][]string{
		{"maven-crm.yaml", folder},
		{"maven-crm-us-dates.yaml", folder, filepath.Join(variants, "sales_pipeline_us_dates.csv")},
		{"maven-crm-ddmmyy.yaml", folder, filepath.Join(variants, "sales_pipeline_ddmmyy_quarters.csv")},
	} {
		t.Run(given[0], func(t *testing.T) {
			c := newCompany(t)
			begun := time.Now()
			r := c.clean(examples+given[0], given[1:]...)
			t.Logf("imported in %v", time.Since(begun).Round(time.Millisecond))
			for _, want := range []KindResult{
				{Kind: "department", Created: 9}, {Kind: "user", Created: 35}, {Kind: "product", Created: 7}, {Kind: "customer", Created: 85},
				{Kind: "relationship", Created: 15}, {Kind: "opportunity", Created: 8800}, {Kind: "pipeline", Made: 1}, {Kind: "stage", Made: 2},
			} {
				c.counts(r, want)
			}
			c.agrees(all)
		})
	}
}

func TestMavenRecordsAreWholeAndStayWhenImportedAgain(t *testing.T) {
	folder := needs(t, "maven-crm")
	c := newCompany(t)
	c.clean(examples+"maven-crm.yaml", folder)
	is(c, 35, "select count(*) from user_roles r join roles on roles.id = r.role_id and roles.code = 'sales'")
	is(c, "anna.snelling", "select login from users where name = 'Anna Snelling'")
	is(c, "Central", "select d.name from memberships m join users u on u.id = m.user_id join departments t on t.id = m.department_id join departments d on d.id = t.parent_id where u.name = 'Anna Snelling' and m.is_primary")
	is(c, 0, "select count(*) from opportunities where (closed_at is null) <> (closing_department_id is null) or (closed_at is null) <> (closing_owner_id is null)")
	is(c, 8800, "select count(*) from opportunity_lines l join opportunities o on o.id = l.opportunity_id where l.product_id = o.main_product_id and l.amount is not distinct from o.amount and l.quantity = 1")
	is(c, 8800, "select count(*) from stage_changes h join opportunities o on o.id = h.opportunity_id where h.to_stage_id = o.stage_id and h.to_status = o.status")
	is(c, 2473, "select count(*) from opportunities where status = 'LOST' and amount is null")
	is(c, 0, "select count(*) from opportunities where amount is not null and currency <> 'USD'")
	is(c, "Prospecting Engaging", "select string_agg(s.name, ' ' order by s.position) from stages s join pipelines p on p.id = s.pipeline_id where p.name = 'Maven'")
	is(c, 15, "select count(*) from relationships r join relationship_types t on t.id = r.type_id where t.code = 'PARENT_OF'")
	is(c, 8800, "select count(*) from audit_entries a join opportunities o on o.id = a.record_id where a.action = 'IMPORT'")
	is(c, 1425, "select count(*) from opportunities where customer_id is null")
	is(c, 8800, "select count(*) from opportunities where search_text <> '' and cardinality(search_terms) > 0")

	c.staysAsItIs(folder)
}

// staysAsItIs imports again, and holds every row of every table against what it was.
func (c *company) staysAsItIs(folder string) {
	c.t.Helper()
	const everything = `select md5(string_agg(t, '' order by t)) from (select o::text as t from opportunities o union all select c::text from customers c
		union all select u::text from users u union all select d::text from departments d union all select l::text from opportunity_lines l
		union all select r::text from relationships r union all select e::text from dictionary_entries e union all select m::text from memberships m
		union all select h::text from stage_changes h union all select a::text from audit_entries a union all select k::text from external_keys k
		union all select s::text from stages s union all select p::text from products p) as all_rows`
	before := one[string](c, everything)
	for _, options := range []Options{{}, {DryRun: true}} {
		r := c.run(options, examples+"maven-crm.yaml", folder)
		for _, k := range r.Kinds {
			if k.Created+k.Updated+k.Kept > 0 {
				c.t.Errorf("again: %+v", k)
			}
		}
		c.counts(r, KindResult{Kind: "opportunity", Unchanged: 8800})
		is(c, before, everything)
	}
}

func TestARehearsalTellsTheSameAndWritesNothing(t *testing.T) {
	folder := needs(t, "maven-crm")
	c := newCompany(t)
	dry := c.run(Options{DryRun: true}, examples+"maven-crm.yaml", folder)
	is(c, 0, "select count(*) from external_keys")
	is(c, 0, "select count(*) from users")
	wet := c.into(examples+"maven-crm.yaml", folder)
	if !dry.DryRun || len(dry.Kinds) != len(wet.Kinds) {
		t.Fatalf("rehearsed %+v, did %+v", dry.Kinds, wet.Kinds)
	}
	for i, k := range wet.Kinds {
		if dry.Kinds[i] != k {
			t.Errorf("rehearsed %+v, did %+v", dry.Kinds[i], k)
		}
	}
}
