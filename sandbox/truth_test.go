package sandbox_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"guanxi/sandbox"
	"guanxi/search"
)

// TestNothingContradictsItself counts rows that break a rule of the product; each statement must find none.
func TestNothingContradictsItself(t *testing.T) {
	t.Parallel()
	s := sample(t)
	for rule, text := range map[string]string{
		"closed exactly when closedAt, with an owner and department at closing": `select count(*) from opportunities
			where (status = 'OPEN') <> (closed_at is null) or (closed_at is null) <> (closing_owner_id is null) or (closed_at is null) <> (closing_department_id is null)`,
		"closing department is the closing owner's primary one": `select count(*) from opportunities o where closed_at is not null
			and not exists (select from memberships m where m.user_id = o.closing_owner_id and m.is_primary and m.department_id = o.closing_department_id)`,
		"main competitor is the winner, else the one marked main, else the first": `select count(*) from opportunities o where main_competitor_id is distinct from
			coalesce(won_by_id, (select competitor_id from encounters e where e.opportunity_id = o.id order by is_main desc, created_at, id limit 1))`,
		"main product is the largest line, else the first": `select count(*) from opportunities o where main_product_id is distinct from
			(select product_id from opportunity_lines l where l.opportunity_id = o.id order by amount desc nulls last, position limit 1)`,
		"the winner was met": `select count(*) from opportunities o where won_by_id is not null
			and not exists (select from encounters e where e.opportunity_id = o.id and e.competitor_id = o.won_by_id)`,
		"the last stage change tells stage and status": `select count(*) from opportunities o left join lateral
			(select * from stage_changes c where c.opportunity_id = o.id order by changed_at desc, id desc limit 1) c on true
			where c.to_stage_id is distinct from o.stage_id or c.to_status is distinct from o.status`,
		"each stage change begins where the one before ended": `select count(*) from (select from_stage_id, from_status,
			lag(to_stage_id) over w as stage, lag(to_status) over w as status from stage_changes window w as (partition by opportunity_id order by changed_at, id)) c
			where from_stage_id is distinct from stage or from_status is distinct from status`,
		"the close is the last change": `select count(*) from opportunities o where closed_at is distinct from
			(select max(changed_at) from stage_changes c where c.opportunity_id = o.id and c.to_status <> 'OPEN')`,
		"closed after it was opened": "select count(*) from opportunities where closed_at < created_at or opened_on > (closed_at at time zone 'Asia/Shanghai')::date",
		"amount is the sum of lines": `select count(*) from opportunities o where amount is not null
			and amount <> (select sum(amount) from opportunity_lines l where l.opportunity_id = o.id)`,
		"every owner is active": `select count(*) from (select owner_id from customers union all select owner_id from contacts union all select owner_id from opportunities
			union all select owner_id from services union all select owner_id from documents union all select owner_id from activities) r
			join users u on u.id = r.owner_id where not u.active`,
		"only customers in a pool and their contacts have no owner": `select (select count(*) from customers where (owner_id is null) <> (pool_id is not null))
			+ (select count(*) from opportunities where owner_id is null) + (select count(*) from contacts c where owner_id is null and not exists
				(select from relationships r join customers k on k.id = r.b_id where r.a_id = c.id and k.pool_id is not null))`,
		"who has no open opportunity in a pool":       "select count(*) from opportunities o join customers c on c.id = o.customer_id where c.pool_id is not null and o.status = 'OPEN'",
		"leads have bought nothing":                   "select count(*) from opportunities o join customers c on c.id = o.customer_id where c.lifecycle = 'LEAD'",
		"an opportunity is younger than its customer": "select count(*) from opportunities o join customers c on c.id = o.customer_id where o.created_at < c.created_at",
		"what hangs on an opportunity is at its customer": `select (select count(*) from activities r join opportunities o on o.id = r.opportunity_id where o.customer_id <> r.customer_id)
			+ (select count(*) from services r join opportunities o on o.id = r.opportunity_id where o.customer_id <> r.customer_id)
			+ (select count(*) from documents r join opportunities o on o.id = r.opportunity_id where o.customer_id <> r.customer_id)`,
		"nothing lies after the end": `select (select count(*) from opportunities where greatest(created_at, updated_at, closed_at) > ?0) + (select count(*) from customers where greatest(created_at, updated_at) > ?0)
			+ (select count(*) from activities where happened_at > ?0) + (select count(*) from services where greatest(opened_at, closed_at, updated_at) > ?0)
			+ (select count(*) from documents where uploaded_at > ?0) + (select count(*) from stage_changes where changed_at > ?0) + (select count(*) from contacts where created_at > ?0)`,
		"types allow their ends": `select count(*) from relationships r join relationship_types t on t.id = r.type_id where not
			(case get_byte(uuid_send(a_id), 15) when 1 then 'USER' when 16 then 'CUSTOMER' when 17 then 'CONTACT' else 'COMPETITOR' end = any(a_kinds)
			and case get_byte(uuid_send(b_id), 15) when 1 then 'USER' when 16 then 'CUSTOMER' when 17 then 'CONTACT' else 'COMPETITOR' end = any(b_kinds))`,
		"both ends of a relationship exist": `select count(*) from relationships r where
			not exists (select from (select id from users union all select id from customers union all select id from contacts union all select id from competitors) p where p.id = r.a_id)
			or not exists (select from (select id from users union all select id from customers union all select id from contacts union all select id from competitors) p where p.id = r.b_id)`,
		"one primary contact at most": "select count(*) from (select b_id from relationships where is_primary and valid_until is null group by b_id having count(*) > 1) d",
		"a document's bytes are those of its last revision": `select count(*) from documents d left join document_revisions r on r.document_id = d.id and r.revision = d.revision
			where r.id is null or r.sha256 <> d.sha256 or r.storage_key <> d.storage_key
			or exists (select from document_revisions n where n.document_id = d.id and n.revision > d.revision)`,
		"everything can be found": "select (select count(*) from customers where search_terms = '{}' or search_text = '') + (select count(*) from contacts where search_text = '') + (select count(*) from customers where phone is not null and phone_terms = '{}')",
	} {
		args := []any{}
		if strings.Contains(text, "?0") {
			args = append(args, end)
		}
		if n := number(t, s, text, args...); n != 0 {
			t.Errorf("%s: not so for %d rows", rule, n)
		}
	}
}

// TestTheCompanyIsLively counts what a visitor should meet; each statement must find enough.
func TestTheCompanyIsLively(t *testing.T) {
	t.Parallel()
	s := sample(t)
	for what, c := range map[string]struct {
		atLeast int
		text    string
	}{
		"users":                           {55, "select count(*) from users"},
		"who left":                        {1, "select count(*) from users where not active"},
		"customers":                       {600, "select count(*) from customers"},
		"customers in pools":              {10, "select count(*) from customers where pool_id is not null"},
		"customers without a source":      {30, "select count(*) from customers where source_id is null"},
		"contacts":                        {1_200, "select count(*) from contacts"},
		"opportunities":                   {3_000, "select count(*) from opportunities"},
		"activities":                      {2_000, "select count(*) from activities"},
		"services":                        {350, "select count(*) from services"},
		"documents":                       {200, "select count(*) from documents"},
		"restricted documents":            {3, "select count(*) from documents d where restricted and exists (select from document_readers r where r.document_id = d.id)"},
		"shares":                          {3, "select count(*) from shares"},
		"open opportunities":              {100, "select count(*) from opportunities where status = 'OPEN'"},
		"losses without a reason":         {100, "select count(*) from opportunities where status = 'LOST' and loss_reason_id is null"},
		"losses without a winner":         {100, "select count(*) from opportunities where status = 'LOST' and won_by_id is null"},
		"kinds of loss":                   {6, "select count(distinct e.loss_kind) from opportunities o join dictionary_entries e on e.id = o.loss_reason_id"},
		"unknown amounts":                 {100, "select count(*) from opportunities where amount is null"},
		"currencies":                      {3, "select count(distinct currency) from opportunities"},
		"rates for months":                {36, "select count(*) from exchange_rates where currency = 'USD'"},
		"handed over after closing":       {20, "select count(*) from opportunities where closing_owner_id <> owner_id"},
		"next follow-ups":                 {50, "select count(*) from activities where next_follow_up_on is not null"},
		"family ties":                     {40, "select count(*) from relationships r join relationship_types t on t.id = r.type_id where t.category = 'KINSHIP'"},
		"subsidiaries of subsidiaries":    {1, "select count(*) from relationships a join relationships b on b.a_id = a.b_id and b.type_id = a.type_id join relationship_types t on t.id = a.type_id where t.code = 'PARENT_OF'"},
		"what Xiao Wang has":              {10, "select least(count(distinct c.id) * 2, count(distinct o.id)) from users u left join customers c on c.owner_id = u.id left join opportunities o on o.owner_id = u.id where u.login = 'xiaowang'"},
		"regions × months of three deals": {12, "select count(*) from (select 1 from opportunities o join customers c on c.id = o.customer_id where o.amount >= 1000 and o.status <> 'CANCELLED' and closed_at between timestamptz '2026-03-01' and timestamptz '2026-09-01' group by c.region_id, date_trunc('month', closed_at) having count(*) >= 3) g"},
	} {
		if n := number(t, s, c.text); n < c.atLeast {
			t.Errorf("%s: %d, want at least %d", what, n, c.atLeast)
		}
	}
}

func TestOneCompetitorIsStrongestAndAnotherOnlyFrequent(t *testing.T) {
	t.Parallel()
	s := sample(t)
	var rivals []struct {
		Name string
		Met  int
		Rate float64
	}
	err := s.DB.NewRaw(`select c.name, count(*) as met, (count(*) filter (where o.won_by_id = c.id))::float / nullif(count(*) filter (where o.won_by_id = c.id or o.status = 'WON'), 0) as rate
		from encounters e join opportunities o on o.id = e.opportunity_id join competitors c on c.id = e.competitor_id group by c.name order by rate desc`).Scan(t.Context(), &rivals)
	if err != nil {
		t.Fatal(err)
	}
	if rivals[0].Name != "远山智能" || rivals[0].Rate < rivals[1].Rate+0.05 || rivals[0].Met < 200 {
		t.Errorf("the strongest does not stand out: %+v", rivals)
	}
	last := rivals[len(rivals)-1]
	for _, r := range rivals {
		if r.Met > last.Met {
			t.Errorf("the weakest, %+v, is not the one met most: %+v", last, r)
		}
	}
}

func TestXiaoWangIsLedToTheRailCompany(t *testing.T) {
	t.Parallel()
	s := sample(t)
	words, err := sandbox.Words(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	var ties []struct{ A, B uuid.UUID }
	err = s.DB.NewRaw(`select a_id as a, b_id as b from relationships r join relationship_types t on t.id = r.type_id and t.introduces
		where deleted_at is null and (valid_from is null or valid_from <= ?0) and (valid_until is null or valid_until > ?0)`, end.Format("2006-01-02")).Scan(t.Context(), &ties)
	if err != nil {
		t.Fatal(err)
	}
	next := map[uuid.UUID][]uuid.UUID{}
	for _, tie := range ties {
		next[tie.A], next[tie.B] = append(next[tie.A], tie.B), append(next[tie.B], tie.A)
	}
	from, to := uuid.MustParse(words["$introducer"].(string)), uuid.MustParse(words["$target"].(string))
	ways := map[uuid.UUID]int{from: 1}
	seen := map[uuid.UUID]bool{from: true}
	hops := 0
	for ; len(ways) > 0 && ways[to] == 0; hops++ {
		further := map[uuid.UUID]int{}
		for party, n := range ways {
			for _, p := range next[party] {
				if !seen[p] {
					further[p] += n
				}
			}
		}
		for p := range further {
			seen[p] = true
		}
		ways = further
	}
	if hops < 3 || hops > 5 || ways[to] < 2 {
		t.Errorf("%d ways of %d hops, want several over 3 to 5", ways[to], hops)
	}
}

func TestWordsFindWhatTheRequestsAskFor(t *testing.T) {
	t.Parallel()
	s := sample(t)
	files, err := filepath.Glob("../operations/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no requests: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all, err := sandbox.Variables(t.Context(), s, text)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		left, err := json.Marshal(all)
		if err != nil || strings.Contains(string(left), `"$`) {
			t.Errorf("%s has words left: %s", file, left)
		}
	}
	if _, err := sandbox.Variables(t.Context(), s, []byte(`{"Ask": {"id": "$nobody"}}`)); err == nil || !strings.Contains(err.Error(), "$nobody") {
		t.Errorf("an unknown word gives %v", err)
	}
	words, err := sandbox.Words(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	busy := words["$busyCustomer"]
	for what, text := range map[string]string{
		"contacts": "select count(*) from relationships where b_id = ?", "opportunities": "select count(*) from opportunities where customer_id = ?",
		"services": "select count(*) from services where customer_id = ?", "documents": "select count(*) from documents where customer_id = ?",
		"activities": "select count(*) from activities where customer_id = ?", "subsidiaries": "select count(*) from relationships where a_id = ?",
	} {
		if n := number(t, s, text, busy); n < 2 {
			t.Errorf("the busy customer has %d %s", n, what)
		}
	}
	q, err := search.Parse(words["$initialsOfBusyCustomer"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if n := number(t, s, "select count(*) from customers where id = ? and search_text like ?", busy, q.Like); n != 1 {
		t.Errorf("%v do not find the busy customer", words["$initialsOfBusyCustomer"])
	}
	if words["$today"] != "2026-09-17" || words["$now"] != "2026-09-17T08:30:00Z" {
		t.Errorf("the end is told as %v, %v", words["$today"], words["$now"])
	}
	if p := words["$lastHalfYear"].(map[string]any); p["from"] != "2026-03-01" || p["until"] != "2026-09-01" {
		t.Errorf("the last half year is %v", p)
	}
}
