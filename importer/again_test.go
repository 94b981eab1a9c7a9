package importer

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// deals is a mapping with people, customers, products and opportunities.
const deals = `
source: old-crm
currency: CNY
files:
  people.csv:
    records:
      - { kind: department, key: dept, repeated: true, fields: { name: dept } }
      - { kind: user, key: name, fields: { name: name, department: dept, phone: phone } }
  customers.csv:
    records:
      - { kind: customer, key: no, fields: { name: name, phone: phone, note: note, owner: owner, industry: { column: industry, create: true } } }
  products.csv:
    records:
      - { kind: product, key: name, fields: { name: name, listPrice: price } }
      - { kind: competitor, key: rival, unless: { rival: "" }, fields: { name: rival } }
  deals.csv:
    records:
      - kind: opportunity
        key: no
        fields:
          { title: title, customer: customer, owner: owner, product: product, quantity: quantity, amount: amount, status: status,
            openedOn: opened, closedAt: closed, wonBy: rival, lossReason: { column: reason, create: true } }
`

// before is what the old system had at the first import; a test changes it for the next.
var before = map[string]string{
	"people.csv":    "name,dept,phone\n王小明,销售一部,1380\n李雷,销售二部,\n王晓明,销售一部,\n",
	"customers.csv": "no,name,phone,note,owner,industry\nC1,甲公司,0771-1,早,王小明,制造\nC2,乙公司,,,李雷,制造\n",
	"products.csv":  "name,price,rival\n泵,100.50,对手甲\n阀,7,\n",
	"deals.csv": "no,title,customer,owner,product,quantity,amount,status,opened,closed,rival,reason\n" +
		"1,一期,C1,王小明,泵,2,201,OPEN,2026-01-02,,,\n2,二期,C2,李雷,阀,,,LOST,2026-01-02,2026-02-01,对手甲,价格太高\n",
}

// oldCRM writes the files of the old system, each with replacements: file, old, new.
func oldCRM(t *testing.T, changes ...string) (string, string) {
	t.Helper()
	content := map[string]string{}
	for name, text := range before {
		content[name] = text
	}
	for i := 0; i < len(changes); i += 3 {
		if !strings.Contains(content[changes[i]], changes[i+1]) {
			t.Fatalf("%s has no %q", changes[i], changes[i+1])
		}
		content[changes[i]] = strings.Replace(content[changes[i]], changes[i+1], changes[i+2], 1)
	}
	var list []string
	for name, text := range content {
		list = append(list, name, text)
	}
	return files(t, deals, list...)
}

// imported is a company that has the old system's records.
func imported(t *testing.T) *company {
	t.Helper()
	c := newCompany(t)
	c.clean(oldCRM(t))
	return c
}

func TestALostDealKnowsItsWinnerAndReason(t *testing.T) {
	c := imported(t)
	is(c, "对手甲", "select k.name from opportunities o join competitors k on k.id = o.won_by_id and k.id = o.main_competitor_id join encounters e on e.opportunity_id = o.id and e.competitor_id = k.id where o.title = '二期'")
	is(c, "价格太高", "select e.label from opportunities o join dictionary_entries e on e.id = o.loss_reason_id where o.title = '二期'")
	is(c, "销售二部", "select d.name from opportunities o join departments d on d.id = o.closing_department_id where o.title = '二期'")
	is(c, "2.0000 201.0000", "select l.quantity || ' ' || l.amount from opportunity_lines l join opportunities o on o.id = l.opportunity_id where o.title = '一期'")
	is(c, true, "select s.position = (select max(position) from stages x where x.pipeline_id = s.pipeline_id) from opportunities o join stages s on s.id = o.stage_id where o.title = '二期'")
	is(c, true, "select s.position = (select min(position) from stages x where x.pipeline_id = s.pipeline_id) from opportunities o join stages s on s.id = o.stage_id where o.title = '一期'")
	is(c, "wangxiaoming wangxiaoming2", "select string_agg(login, ' ' order by login) from users where login like 'wang%'")
}

func TestWhatTheSourceChangesIsUpdated(t *testing.T) {
	c := imported(t)
	r := c.clean(oldCRM(t,
		"people.csv", "李雷,销售二部,", "李雷,销售一部,1390",
		"customers.csv", "甲公司,0771-1,早,王小明,制造", "甲集团,,早,李雷,化工",
		"deals.csv", "泵,2,201,OPEN,2026-01-02,,", "阀,3,21.5,WON,2026-01-02,2026-03-01,",
	))
	c.counts(r, KindResult{Kind: "customer", Updated: 1, Unchanged: 1})
	c.counts(r, KindResult{Kind: "opportunity", Updated: 1, Unchanged: 1})
	c.counts(r, KindResult{Kind: "user", Updated: 1, Unchanged: 2})
	is(c, "甲集团", "select c.name from customers c join users u on u.id = c.owner_id join dictionary_entries e on e.id = c.industry_id where u.name = '李雷' and e.label = '化工' and c.phone is null and c.version = 2")
	is(c, "甲集团", "select changes -> 'name' ->> 'new' from audit_entries where action = 'IMPORT' and changes -> 'name' ->> 'old' = '甲公司'")
	is(c, "销售一部", "select d.name from memberships m join users u on u.id = m.user_id and u.name = '李雷' and u.phone = '1390' join departments d on d.id = m.department_id where m.is_primary")
	is(c, 1, "select count(*) from opportunities o join opportunity_lines l on l.opportunity_id = o.id join products p on p.id = l.product_id and p.id = o.main_product_id join users u on u.id = o.closing_owner_id where o.status = 'WON' and p.name = '阀' and l.quantity = 3 and l.amount = 21.5 and o.amount = 21.5 and u.name = '王小明'")
	is(c, "OPEN WON", "select string_agg(to_status, ' ' order by changed_at) from stage_changes h join opportunities o on o.id = h.opportunity_id where o.title = '一期'")
	is(c, 1, "select count(*) from customers where search_text like '%甲集团%'")
}

// TestLinesAndEncountersAreInTheHistoryOfWhatIsImported imports twice, and reads what became of an opportunity's parts.
func TestLinesAndEncountersAreInTheHistoryOfWhatIsImported(t *testing.T) {
	c := imported(t)
	history := "select string_agg(e.changes -> '%s' #>> '{%s}', ' | ' order by e.at, e.id) from audit_entries e join opportunities o on o.id = e.record_id where o.title = '%s'"
	is(c, "2.0000", fmt.Sprintf(history, "lines", "new,0,quantity", "一期"))
	is(c, "201.0000", fmt.Sprintf(history, "line_amounts", "new,0,amount", "一期"))
	is(c, 1, "select count(*) from audit_entries e join opportunities o on o.id = e.record_id and o.won_by_id = (e.changes #>> '{encounters,new,0,competitor}')::uuid where o.title = '二期' and jsonb_exists(e.changes, 'quoted_prices')")
	is(c, 0, "select count(*) from audit_entries where changes -> 'lines' ->> 'old' <> '[]' or changes -> 'line_amounts' ->> 'old' <> '[]'")

	c.clean(oldCRM(t, "deals.csv", "泵,2,201,OPEN,2026-01-02,,,", "泵,3,201,LOST,2026-01-02,2026-03-01,对手甲,"))
	is(c, "2.0000 | 3.0000", fmt.Sprintf(history, "lines", "new,0,quantity", "一期"))
	is(c, "2.0000", fmt.Sprintf(history, "lines", "old,0,quantity", "一期"))
	is(c, "201.0000", fmt.Sprintf(history, "line_amounts", "new,0,amount", "一期"))
	is(c, 1, "select count(*) from audit_entries e join opportunities o on o.id = e.record_id and o.won_by_id = (e.changes #>> '{quoted_prices,new,0,competitor}')::uuid where o.title = '一期' and e.changes #>> '{quoted_prices,old}' = '[]'")
	is(c, 2, "select version from opportunities where title = '一期'")

	c.clean(oldCRM(t, "deals.csv", "泵,2,201,OPEN,2026-01-02,,,", "泵,4,201,LOST,2026-01-02,2026-03-01,对手甲,"))
	is(c, "2.0000 | 3.0000 | 4.0000", fmt.Sprintf(history, "lines", "new,0,quantity", "一期"))
	is(c, 3, "select version from opportunities where title = '一期'")
	is(c, true, "select bool_and(e.at <= o.updated_at) and max(e.at) = max(o.updated_at) from audit_entries e join opportunities o on o.id = e.record_id where o.title = '一期'")
}

func TestWhatPeopleChangeSurvives(t *testing.T) {
	c := imported(t)
	c.people("update customers set phone = '0771-99', name = '甲公司（人工）' where name = '甲公司'")
	c.people("update customers set owner_id = (select id from users where name = '王小明') where name = '乙公司'")
	c.people("update dictionary_entries set label = '重型装备' where label = '制造'")
	c.people("update opportunity_lines set product_id = (select id from products where name = '阀') where quantity = 2")

	r := c.clean(oldCRM(t))
	if len(r.Kept) > 0 {
		t.Errorf("the source changed nothing, kept %v", r.Kept)
	}
	r = c.clean(oldCRM(t,
		"customers.csv", "甲公司,0771-1,早", "甲公司,0771-2,晚",
		"customers.csv", "李雷,制造", "王晓明,制造",
		"deals.csv", "泵,2", ",2",
	))
	c.counts(r, KindResult{Kind: "customer", Updated: 1, Unchanged: 1, Kept: 2})
	c.counts(r, KindResult{Kind: "opportunity", Unchanged: 1 + 1, Kept: 1})
	is(c, "晚", "select note from customers where name = '甲公司（人工）' and phone = '0771-99'")
	is(c, "王小明", "select u.name from customers c join users u on u.id = c.owner_id where c.name = '乙公司'")
	is(c, 0, "select count(*) from dictionary_entries where label = '制造'")
	var told []string
	for _, k := range r.Kept {
		told = append(told, k.In("en"))
	}
	for _, want := range []string{
		`customers.csv:2: customer C1: phone: was changed here to "0771-99" and stays so; the file says "0771-2"`,
		`customers.csv:3: customer C2: owner: was changed here to "王小明" and stays so; the file says "王晓明"`,
		`deals.csv:2: opportunity 1: product: was changed here to "阀" and stays so; the file says ""`,
	} {
		if !strings.Contains(strings.Join(told, "\n"), want) {
			t.Errorf("not told: %s\nbut %v", want, told)
		}
	}
	again := c.clean(oldCRM(t, "customers.csv", "甲公司,0771-1,早", "甲公司,0771-2,晚"))
	if len(again.Kept) != 1 {
		t.Errorf("a difference that lasts is told again: %v", again.Kept)
	}
	c.people("update customers set phone = '0771-2' where phone = '0771-99'")
	if r := c.clean(oldCRM(t, "customers.csv", "甲公司,0771-1,早", "甲公司,0771-2,晚")); len(r.Kept) > 0 {
		t.Errorf("both say the same, kept %v", r.Kept)
	}
}

func TestANewRowFindsAnEntryThatPeopleRenamed(t *testing.T) {
	c := imported(t)
	c.people("update dictionary_entries set label = '重型装备' where label = '制造'")
	mapping, folder := oldCRM(t)
	write(t, filepath.Join(folder, "customers.csv"), before["customers.csv"]+"C3,丙公司,,,,制造\n")
	c.clean(mapping, folder)
	is(c, "重型装备", "select e.label from customers c join dictionary_entries e on e.id = c.industry_id where c.name = '丙公司'")
}

func TestWhatPeopleDeletedStaysDeleted(t *testing.T) {
	c := imported(t)
	c.people("update customers set deleted_at = now(), deletion_id = id where name = '甲公司'")
	r := c.into(oldCRM(t, "customers.csv", "甲公司,0771-1", "甲公司,0771-2", "deals.csv", "2,二期,C2", "2,二期,C1"))
	is(c, 1, "select count(*) from customers where deleted_at is not null and phone = '0771-1'")
	if len(r.Kept) != 1 || r.Kept[0].Field != "" || !strings.Contains(r.Kept[0].In("zh"), "删除") {
		t.Errorf("kept %+v", r.Kept)
	}
	says(t, r.Problems, `deals.csv:3: column customer: no customer with the key "C1" was imported, or it is deleted`)
}

func TestADealThatIsOpenAgainForgetsItsClosing(t *testing.T) {
	c := imported(t)
	c.clean(oldCRM(t, "deals.csv", "LOST,2026-01-02,2026-02-01,对手甲,价格太高", "OPEN,2026-01-02,,,"))
	is(c, 1, "select count(*) from opportunities where title = '二期' and status = 'OPEN' and closed_at is null and closing_owner_id is null and closing_department_id is null and loss_reason_id is null and won_by_id is null")
	is(c, 1, "select count(*) from stage_changes where from_status = 'LOST' and to_status = 'OPEN'")
}

func TestDepartmentsMoveWithAllBelowThem(t *testing.T) {
	const mapping = `
source: tree
files:
  departments.csv:
    records:
      - { kind: department, key: no, fields: { name: name, parent: parent } }
`
	c := newCompany(t)
	c.clean(files(t, mapping, "departments.csv", "no,name,parent\n3,小组,2\n2,分公司,1\n1,总部,\n4,研发,\n"))
	const paths = "select string_agg(p, ' | ' order by p) from (select (select string_agg(a.name, '/' order by array_position(d.path, a.id)) from departments a where a.id = any(d.path)) as p from departments d) as x"
	is(c, "总部 | 总部/分公司 | 总部/分公司/小组 | 研发", paths)
	c.clean(files(t, mapping, "departments.csv", "no,name,parent\n3,小组,2\n2,分公司,4\n1,总部,\n4,研发,\n"))
	is(c, "总部 | 研发 | 研发/分公司 | 研发/分公司/小组", paths)
	r := c.into(files(t, mapping, "departments.csv", "no,name,parent\n3,小组,2\n2,分公司,3\n1,总部,\n4,研发,\n5,孤儿,9\n"))
	says(t, r.Problems, "departments.csv:3: column parent: the department would be below itself", `departments.csv:6: column parent: no department with the key "9"`)
	is(c, "总部 | 研发 | 研发/分公司 | 研发/分公司/小组", paths)
}

func TestAContactThatLeavesACustomerIsKnownToHaveBeenThere(t *testing.T) {
	const mapping = `
source: people
files:
  customers.csv:
    records:
      - { kind: customer, key: no, fields: { name: no } }
  contacts.csv:
    records:
      - { kind: contact, key: no, fields: { name: no, customer: at, title: title, role: role } }
`
	const customers = "no\n甲\n乙\n"
	c := newCompany(t)
	c.clean(files(t, mapping, "customers.csv", customers, "contacts.csv", "no,at,title,role\n韦芳,甲,经理,BUYER\n覃勇,,,\n"))
	c.clean(files(t, mapping, "customers.csv", customers, "contacts.csv", "no,at,title,role\n韦芳,乙,总监,BUYER\n覃勇,甲,,\n"))
	const works = `select coalesce(string_agg(p.name || '@' || c.name || coalesce(' ' || r.title, '') || coalesce(' ' || r.contact_role, ''), ', ' order by p.name), '')
		from relationships r join contacts p on p.id = r.a_id join customers c on c.id = r.b_id where r.valid_until is null`
	is(c, "覃勇@甲, 韦芳@乙 总监 BUYER", works)
	c.clean(files(t, mapping, "customers.csv", customers, "contacts.csv", "no,at,title,role\n韦芳,乙,总监,BUYER\n覃勇,,,\n"))
	is(c, "韦芳@乙 总监 BUYER", works)
	is(c, 1, "select count(*) from relationships r join contacts p on p.id = r.a_id where p.name = '覃勇' and r.valid_until is not null")
}

func TestTwoImportsAtOnceMakeEachRecordOnce(t *testing.T) {
	c := newCompany(t)
	mapping, folder := oldCRM(t)
	results := make(chan *Result, 2)
	for range 2 {
		go func() {
			var result *Result
			defer func() { results <- result }()
			loaded, err := Load(mapping)
			if err != nil {
				return
			}
			if source, err := Open(loaded, []string{folder}); err == nil {
				result, _ = Run(context.Background(), c.store, c.viewer, source, Options{})
			}
		}()
	}
	created := 0
	for range 2 {
		r := <-results
		if r == nil || len(r.Problems) > 0 {
			t.Fatalf("an import failed: %+v", r)
		}
		created += r.kind("opportunity").Created
	}
	if created != 2 {
		t.Errorf("%d opportunities were created", created)
	}
	is(c, 2, "select count(*) from opportunities")
	is(c, 3, "select count(*) from users")
}

// TestA56AnImportAndTheAPIMakeAUserOnce lets an import bring a login that somebody creates at the same time.
func TestA56AnImportAndTheAPIMakeAUserOnce(t *testing.T) {
	c := newCompany(t)
	v := c.against(models.Manage, "")
	others := 0
	for round := range 12 {
		login := fmt.Sprint("new", round)
		mapping, folder := files(t, "source: old-crm\nfiles:\n  one.csv:\n    records:\n      - { kind: user, key: no, fields: { login: login, name: name } }\n",
			"one.csv", "no,login,name\n"+login+","+login+",甲\n"+login+"b,"+login+"b,乙\n")
		source := open(t, mapping, folder)
		created := make(chan error)
		go func() {
			time.Sleep(time.Duration(round/3) * time.Millisecond)
			_, err := c.store.UserCreate(context.Background(), v, store.Request{}, store.UserDraft{User: models.User{Login: login, Name: "丙", Active: true}})
			created <- err
		}()
		result, wrong := Run(context.Background(), c.store, v, source, Options{})
		err := <-created
		is(c, 1, "select count(*) from users where login = $1", login)
		made := 0
		if wrong == nil {
			made = result.kind("user").Created
		}
		switch {
		case err == nil: // the import found the user, or was refused
			others++
			if made > 1 || wrong != nil && !fault.Is(wrong, fault.Duplicate) {
				t.Errorf("round %d: created by the API, and the import made %d (%v)", round, made, wrong)
			}
		case !fault.Is(err, fault.Duplicate) || made != 2 || len(result.Problems) > 0:
			t.Errorf("round %d: the API told %v, and the import made %d (%v %+v)", round, err, made, wrong, result)
		}
	}
	if others == 0 {
		t.Log("the import was first each time")
	}
}
