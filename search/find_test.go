package search_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/internal/pgtest"
	"guanxi/models"
	"guanxi/search"
)

// office is a company with a boss who sees everything, a clerk who sees everything but phone numbers, and a seller who
// sees what is his or shared with him, and phone numbers of his own records only.
type office struct {
	t                   testing.TB
	pool                *pgxpool.Pool
	boss, clerk, seller uuid.UUID
	snap                *access.Snapshot
}

func newOffice(t testing.TB) *office {
	o := &office{t: t, pool: pgtest.New(t)}
	o.boss, o.clerk, o.seller = o.user("老板", "FULL", "FULL", true), o.user("职员", "MASKED", "MASKED", true), o.user("销售", "FULL", "NONE", false)
	return o
}

func (o *office) exec(sql string, args ...any) {
	o.t.Helper()
	if _, err := o.pool.Exec(context.Background(), sql, args...); err != nil {
		o.t.Fatalf("%v: %s", err, sql)
	}
}

func (o *office) user(name, own, others string, everyone bool) uuid.UUID {
	id, role := models.NewID(models.UserCode), models.NewID(models.RoleCode)
	terms, text := search.Name(name)
	o.exec(`insert into users (id, login, name, search_terms, search_text, created_at, updated_at) values ($1, $2, $3, $4, $5, now(), now())`, id, id.String(), name, terms, text)
	o.exec(`insert into roles (id, code, name, permissions, created_at, updated_at)
		values ($1, $2, 'r', '{CUSTOMER_READ,CONTACT_READ,OPPORTUNITY_READ,SERVICE_READ,DOCUMENT_READ,ACTIVITY_READ,SAVED_REPORT_READ,DASHBOARD_READ}', now(), now())`, role, role.String())
	o.exec(`insert into user_roles (user_id, role_id) values ($1, $2)`, id, role)
	for relation, right := range map[string]string{"OWN": own, "SCOPE": others, "OTHER": others} {
		o.exec(`insert into field_rights (role_id, rule, relation, access) values ($1, 'CONTACT_DETAILS', $2, $3)`, role, relation, right)
	}
	if everyone {
		o.exec(`insert into grants (id, grantee_user_id, everyone, effect, level, created_at, updated_at) values ($1, $2, true, 'ALLOW', 'OBSERVE', now(), now())`,
			models.NewID(models.GrantCode), id)
	}
	return id
}

func (o *office) customer(owner uuid.UUID, name, phone string) uuid.UUID {
	id := models.NewID(models.CustomerCode)
	terms, text := search.Name(name)
	o.exec(`insert into customers (id, name, kind, lifecycle, owner_id, phone, search_terms, search_text, phone_terms, created_at, updated_at)
		values ($1, $2, 'ORGANIZATION', 'LEAD', $3, $4, $5, $6, $7, now(), now())`, id, name, owner, phone, terms, text, search.Phones(phone))
	return id
}

func (o *office) contact(owner uuid.UUID, name, phone string) uuid.UUID {
	id := models.NewID(models.ContactCode)
	terms, text := search.Name(name)
	o.exec(`insert into contacts (id, name, owner_id, phone, search_terms, search_text, phone_terms, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, now(), now())`, id, name, owner, phone, terms, text, search.Phones(phone))
	return id
}

func (o *office) close() {
	if o.snap != nil {
		o.snap.Close(context.Background())
	}
}

// look begins a snapshot for somebody and ends the one before.
func (o *office) look(who uuid.UUID) *access.Snapshot {
	v, err := access.Load(context.Background(), o.pool, who, time.Now())
	if err != nil {
		o.t.Fatal(err)
	}
	o.close()
	o.snap = access.Look(o.pool, v)
	o.t.Cleanup(o.close)
	return o.snap
}

func asking(text string, kinds ...string) search.Ask {
	return search.Ask{
		Text: text, Kinds: kinds, First: 100,
		Seal: func(plain []byte) string { return "at " + string(plain) },
		Open: func(cursor string) ([]byte, error) { return []byte(strings.TrimPrefix(cursor, "at ")), nil },
	}
}

// find gives the hits as "MATCHED id", in order.
func (o *office) find(snap *access.Snapshot, ask search.Ask) []string {
	o.t.Helper()
	page, err := search.Find(context.Background(), snap, ask)
	if err != nil {
		o.t.Fatalf("Find(%q): %v", ask.Text, err)
	}
	list := make([]string, len(page.Hits))
	for i, hit := range page.Hits {
		list[i] = fmt.Sprint(hit.Matched, " ", hit.RecordID)
	}
	return list
}

func TestRecordsAreFoundAsPeopleType(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	huawei := o.customer(o.seller, "华为技术有限公司", "+8675528780808")
	short := o.customer(o.boss, "华为", "")
	shop := o.customer(o.boss, "深圳华为专卖店", "")
	acme := o.customer(o.seller, "Acme Corporation", "0755-86131234转802")
	wang := o.contact(o.seller, "王 伟", "+8613812345678")
	boss := o.look(o.boss)
	for typed, want := range map[string][]string{
		"华为":       {"NAME " + short.String(), "NAME " + huawei.String(), "NAME " + shop.String()},
		"huaw":     {"PINYIN " + short.String(), "PINYIN " + shop.String(), "PINYIN " + huawei.String()},
		"hwjs":     {"INITIALS " + huawei.String()},
		"王伟":       {"NAME " + wang.String()},
		"wangwei":  {"PINYIN " + wang.String()},
		"5678":     {"PHONE " + wang.String()},
		"28780808": {"PHONE " + huawei.String()},
		"corp":     {"NAME " + acme.String()},
		"华为 js":    {"INITIALS " + huawei.String()},
		"laoban":   {"PINYIN " + o.boss.String()},
		"为华":       {},
		"9999":     {},
	} {
		if got := o.find(boss, asking(typed)); !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", typed, got, want)
		}
	}
	if got := o.find(boss, asking("华为", "CONTACT", "USER")); len(got) != 0 {
		t.Errorf("kinds that were not asked for: %v", got)
	}
	o.exec(`update customers set search_terms = search_terms || '{旧}' where id = $1`, acme)
	if got := o.find(o.look(o.boss), asking("旧")); !slices.Equal(got, []string{"TEXT " + acme.String()}) {
		t.Errorf("text beside the name finds %v", got)
	}
}

func TestEveryKindIsFound(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	terms, text := search.Name("黄河")
	insert := func(kind *access.Kind, columns, values string) {
		o.exec(`insert into `+kind.Table+` (id, search_terms, search_text, created_at, updated_at, `+columns+`) values ($1, $2, $3, now(), now(), `+values+`)`,
			models.NewID(kind.Code), terms, text)
	}
	pipeline, stage := models.NewID(models.PipelineCode), models.NewID(models.StageCode)
	o.exec(`insert into pipelines (id, name, created_at, updated_at) values ($1, 'p', now(), now())`, pipeline)
	o.exec(`insert into stages (id, pipeline_id, name, probability, position, created_at, updated_at) values ($1, $2, 's', 0.5, 1, now(), now())`, stage, pipeline)
	customer := o.customer(o.boss, "别的", "")
	insert(access.Customer, "name, kind, lifecycle", "'黄河', 'PERSON', 'LEAD'")
	insert(access.Contact, "name", "'黄河'")
	insert(access.Opportunity, "title, customer_id, pipeline_id, stage_id, status", fmt.Sprintf("'黄河', '%s', '%s', '%s', 'OPEN'", customer, pipeline, stage))
	insert(access.Service, "title, customer_id, kind, status, priority, opened_at", fmt.Sprintf("'黄河', '%s', 'REPAIR', 'OPEN', 'NORMAL', now()", customer))
	insert(access.Document, "name, media_type, size, uploaded_at, storage_key, sha256", "'黄河', 'text/plain', 1, now(), 'k', ''")
	insert(access.Activity, "summary, kind, happened_at, customer_id", fmt.Sprintf("'黄河', 'NOTE', now(), '%s'", customer))
	insert(access.Competitor, "name", "'黄河'")
	insert(access.Product, "name", "'黄河'")
	insert(access.User, "name, login", "'黄河', 'huang'")
	insert(access.Department, "name, path", "'黄河', '{}'")
	insert(access.Group, "name", "'黄河'")
	insert(access.Pool, "name", "'黄河'")
	insert(access.SavedReport, "name, document, defaults", "'黄河', '', '{}'")
	insert(access.Dashboard, "title, tiles", "'黄河', '[]'")
	snap := o.look(o.boss)
	for _, kind := range search.Searchable() {
		if got := o.find(snap, asking("黄河", kind.Name)); len(got) != 1 {
			t.Errorf("%s: %v", kind.Name, got)
		}
	}
	before := snap.Statements()
	if got := o.find(snap, asking("hh")); len(got) != len(search.Searchable()) || snap.Statements() != before+1 {
		t.Errorf("all kinds: %v in %d statements", got, snap.Statements()-before)
	}
}

func TestOnlyWhatIsReadInFullIsLookedIn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	mine, others, gone := o.customer(o.seller, "长江电力", "+8613900001111"), o.customer(o.boss, "长江证券", "+8613900001111"), o.customer(o.boss, "长江实业", "+8613900001111")
	shared := o.customer(o.boss, "长江存储", "+8613900001111")
	o.exec(`update customers set deleted_at = now(), deletion_id = id where id = $1`, gone)
	o.exec(`insert into shares (id, record_id, subject_id, level, created_at, updated_at) values ($1, $2, $3, 'OBSERVE', now(), now())`,
		models.NewID(models.ShareCode), shared, o.seller)
	found := func(who uuid.UUID, typed string) []string {
		list := o.find(o.look(who), asking(typed))
		for i := range list {
			list[i] = list[i][strings.IndexByte(list[i], ' ')+1:]
		}
		slices.Sort(list)
		return list
	}
	ids := func(list ...uuid.UUID) []string {
		texts := make([]string, len(list))
		for i, id := range list {
			texts[i] = id.String()
		}
		slices.Sort(texts)
		return texts
	}
	for _, c := range []struct {
		who   uuid.UUID
		typed string
		want  []string
	}{
		{o.boss, "长江", ids(mine, others, shared)},
		{o.boss, "1111", ids(mine, others, shared)},
		{o.clerk, "长江", ids(mine, others, shared)},
		{o.clerk, "1111", ids()},
		{o.seller, "长江", ids(mine, shared)},
		{o.seller, "1111", ids(mine)},
		{models.NewID(models.UserCode), "长江", ids()},
	} {
		if got := found(c.who, c.typed); !slices.Equal(got, c.want) {
			t.Errorf("%q finds %v, want %v", c.typed, got, c.want)
		}
		count, err := search.Count(context.Background(), o.look(c.who), asking(c.typed))
		if err != nil || count.Number != len(c.want) || !count.Exact {
			t.Errorf("%q counts %+v, %v", c.typed, count, err)
		}
	}
}

func TestPagesJoinWithoutGapOrDouble(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for i := range 53 {
		o.customer(o.boss, []string{"海", "海洋", "东海", "Hai%d海", "上海海运集团"}[i%5], fmt.Sprintf("+86138%08d", i))
	}
	snap := o.look(o.boss)
	for _, typed := range []string{"海", "hai", "1380000"} {
		all := o.find(snap, asking(typed))
		var joined []string
		ask := asking(typed)
		ask.First = 7
		for {
			page, err := search.Find(context.Background(), snap, ask)
			if err != nil {
				t.Fatal(err)
			}
			for _, hit := range page.Hits {
				joined = append(joined, fmt.Sprint(hit.Matched, " ", hit.RecordID))
			}
			if !page.HasNext {
				break
			}
			ask.After = &page.Hits[len(page.Hits)-1].Cursor
		}
		if !slices.Equal(joined, all) {
			t.Errorf("%q: the pages hold %d hits, the whole list %d", typed, len(joined), len(all))
		}
		if typed == "海" && len(all) != 53 {
			t.Errorf("%d hits", len(all))
		}
	}
}

func TestWhatCannotBeAskedIsRefusedByName(t *testing.T) {
	t.Parallel()
	snap := access.Look(nil, access.Nobody(time.Now()))
	broken := asking("a")
	broken.After = new(string)
	for field, ask := range map[string]search.Ask{
		"first": {Text: "a", First: 101}, "text": {Text: " ", First: 1}, "kinds": {Text: "a", First: 1, Kinds: []string{"GRANT"}}, "after": broken,
	} {
		_, err := search.Find(context.Background(), snap, ask)
		if refused, ok := err.(*fault.Fault); !ok || refused.Code != fault.BadInput || !slices.Equal(refused.Field, []string{field}) {
			t.Errorf("%s: %v", field, err)
		}
	}
	page, err := search.Find(context.Background(), snap, search.Ask{Text: "a", First: 1, Kinds: []string{}})
	if err != nil || len(page.Hits) != 0 {
		t.Errorf("no kinds: %v, %v", page, err)
	}
}

// TestWhatMemoryCannotTellIsFoundBySQL looks for what memory tells and the database refuses nearly always: activities with a customer
// of which opportunities alone are shared.
func TestWhatMemoryCannotTellIsFoundBySQL(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	customer := o.customer(o.boss, "海天集团", "")
	terms, text := search.Name("电话")
	o.exec(`insert into shares (id, record_id, subject_id, level, kinds, created_at, updated_at) values ($1, $2, $3, 'OBSERVE', '{OPPORTUNITY}', now(), now())`,
		models.NewID(models.ShareCode), customer, o.seller)
	o.exec(`insert into activities (id, summary, kind, happened_at, customer_id, owner_id, search_terms, search_text, created_at, updated_at)
		select overlay($1::uuid::text placing to_char(n, 'FM0000') from 20 for 4)::uuid, '电话', 'NOTE', now(), $2, $3, $4, $5, now(), now() from generate_series(1, 2000) n`,
		models.NewID(models.ActivityCode), customer, o.boss, terms, text)
	own := o.contact(o.seller, "电话局", "")
	names := search.NewNames(search.Options{Pool: o.pool, Log: slog.New(slog.DiscardHandler), AtOnce: true, Now: func(context.Context) (time.Time, error) { return time.Now(), nil }})
	ask := asking("电话")
	ask.First, ask.Names = 1, names
	if got, want := o.find(o.look(o.seller), ask), []string{"NAME " + own.String()}; !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	if answered, declined := names.Answered(); answered != 0 || declined != 1 {
		t.Errorf("%d searches were answered from memory, %d left to SQL", answered, declined)
	}
}
