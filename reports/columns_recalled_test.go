package reports_test

import (
	"context"
	"testing"

	"guanxi/access"
	"guanxi/internal/naive"
	"guanxi/models"
	"guanxi/reports"
)

// What was counted is kept, and yet each change is seen by whoever asks next: of an opportunity, of its customer, of whose it is, of its owner's
// department, of what a reason is, and of what the viewer may see, by his rights or by a share; whether columns were brought further since or not.
func TestWhatIsKeptOfAnAnswerHidesNoChange(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 2)
	rep, others := len(m.company.Users)-1, naive.ID(models.UserCode, 0) // he sees what is the first user's
	one := m.sales[len(m.sales)-1]
	department := models.NewID(models.DepartmentCode)
	m.exec("insert into departments (id, name, path, created_at, updated_at) values ($1, '新', array[$1::uuid], now(), now())", department)
	m.tend()
	last := int64(0)
	for _, tends := range []bool{true, false} {
		for _, c := range []struct {
			what string
			do   func()
		}{
			{"an amount", func() { m.exec("update opportunities set amount = amount + 1 where id = $1", one) }},
			{"a status", func() {
				m.exec("update opportunities set status = 'WON', loss_reason_id = null where id = $1", one)
			}},
			{"an owner", func() {
				m.exec("update opportunities set owner_id = null where id = $1", one)
			}},
			{"an owner's department", func() {
				m.exec("delete from memberships where user_id = $1 and department_id = $2", others, department)
				m.exec("update memberships set is_primary = false where user_id = $1", others)
				if tends {
					m.exec("insert into memberships (id, user_id, department_id, is_primary, created_at, updated_at) values ($1, $2, $3, true, now(), now())", models.NewID(models.MembershipCode), others, department)
				}
			}},
			{"a reason's kind", func() {
				m.exec("update dictionary_entries set loss_kind = case loss_kind when 'PRICE' then 'OTHER' else 'PRICE' end where id = $1", m.reasons[0])
			}},
			{"a deletion", func() {
				m.exec("update opportunities set deleted_at = now(), deletion_id = gen_random_uuid() where id = $1", one)
			}},
			{"rights", func() {
				if tends {
					m.exec("update grants set everyone = true, subject_id = null where effect = 'ALLOW' and grantee_user_id = $1", naive.ID(models.UserCode, rep))
				} else {
					m.exec("delete from grants where grantee_user_id = $1", naive.ID(models.UserCode, rep))
				}
			}},
		} {
			m.exec(`update opportunities set owner_id = $2, status = 'LOST', amount = 5, currency = 'CNY', closed_at = '2026-01-10', loss_reason_id = $3, won_by_id = null,
				deleted_at = null, deletion_id = null where id = $1`, one, others, m.reasons[0])
			m.tend()
			before := m.board(rep)
			if again := m.board(rep); again != before {
				t.Fatalf("before %s changed, the same was told otherwise", c.what)
			}
			if recalled := m.store.Recalled(); recalled <= last {
				t.Errorf("before %s changed, nothing was kept", c.what)
			}
			c.do()
			if tends {
				m.tend()
			}
			if m.board(rep) == before {
				t.Errorf("a change of %s is not seen", c.what)
			}
			last = m.store.Recalled()
		}
	}
	// He sees nothing but his own now.
	m.tend()
	before := m.board(rep)
	m.exec("insert into shares (id, record_id, subject_id, level, kinds, created_at, updated_at) values ($1, $2, $3, 'OBSERVE', null, now(), now())", models.NewID(models.ShareCode), m.sales[0], naive.ID(models.UserCode, rep))
	m.exec("update opportunities set deleted_at = null, deletion_id = null, owner_id = null where id = $1", m.sales[0])
	if m.board(rep) == before {
		t.Error("a share is not seen")
	}
}

// board tells several reports to a user, which SQL tells alike.
func (m *market) board(user int) (all string) {
	v, err := access.Load(m.t.Context(), m.pool, naive.ID(models.UserCode, user), m.now)
	if err != nil {
		m.t.Fatal(err)
	}
	snap := access.Look(m.pool, v)
	defer snap.Close(m.t.Context())
	for _, by := range [][]string{nil, {"STATUS"}, {"OWNER_DEPARTMENT"}, {"LOSS_KIND"}, {"OWNER", "CLOSED_QUARTER"}} {
		ask := reports.Ask{By: by, First: 100, Measures: cheap, Coverage: true}
		m.compare(snap, m.both, ask)
		r, err := m.both.Run(m.t.Context(), snap, reports.Opportunities, ask)
		all += told(reports.Opportunities, r, err)
	}
	return all
}

// The same questions again and again, of everybody, while rows, rights, pools and shares change: columns tell what SQL tells.
func TestQuestionsAskedAgainTellWhatSQLTells(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 3)
	for range 150 {
		m.add()
	}
	m.tend()
	type opened struct {
		reports.Ask
		of   string
		size int // of a page; nothing is opened when 0
	}
	var asks []opened
	var bouts []reports.Ask
	for len(asks) < 10 {
		a := m.ask(m.someone())
		a.Measures, a.OrderBy, a.Having = cheap, nil, nil
		asks = append(asks, opened{a, []string{"", "LOST", "OPEN"}[m.r.IntN(3)], m.r.IntN(4)})
	}
	for range 3 {
		b := m.askEncounters(m.someone())
		b.Measures, b.OrderBy, b.Having = []string{"count", "theyWon", "winRate"}, nil, nil
		bouts = append(bouts, b)
	}
	for round := range 6 {
		for _, v := range m.viewers() {
			snap := access.Look(m.pool, v)
			for _, o := range asks {
				m.compareOf(snap, m.both, reports.Opportunities, o.Ask, func(r *reports.Report, _ error) string {
					if r == nil || o.size == 0 {
						return ""
					}
					return records(r, o.of, &o.size)
				})
			}
			for _, b := range bouts {
				m.compareOf(snap, m.both, reports.Encounters, b, func(*reports.Report, error) string { return "" })
			}
			snap.Close(context.Background())
		}
		for range 1 + m.r.IntN(3) {
			m.stir()
		}
		if round%3 == 1 {
			m.tend()
		}
	}
	if recalled := m.store.Recalled(); recalled < 100 {
		t.Errorf("only %d questions were answered from what was kept", recalled)
	}
}

// someone is one of the viewers.
func (m *market) someone() *access.Viewer {
	all := m.viewers()
	return all[m.r.IntN(len(all))]
}

// stir changes a row, or what somebody may see, and no small table.
func (m *market) stir() {
	sale, customer := m.sales[m.r.IntN(len(m.sales))], m.customers[m.r.IntN(len(m.customers))]
	switch m.r.IntN(11) {
	case 0:
		m.sell(sale)
	case 1:
		m.add()
	case 2:
		m.exec("update opportunities set deleted_at = now(), deletion_id = gen_random_uuid() where id in (select id from opportunities where deleted_at is null order by id desc limit 3)")
	case 3:
		m.exec("update opportunities set deleted_at = null, deletion_id = null where deleted_at is not null")
	case 4:
		m.exec("update customers set owner_id = $2, pool_id = null where id = $1", customer, m.user())
	case 5:
		if len(m.company.Pools) > 0 {
			m.exec("update customers set owner_id = null, pool_id = $2 where id = $1", customer, naive.ID(models.PoolCode, 0))
		}
	case 6:
		m.exec("update customers set deleted_at = case when deleted_at is null then now() end, deletion_id = case when deleted_at is null then gen_random_uuid() end where id = $1", customer)
	case 7:
		m.exec("update opportunities set customer_id = $2 where id = $1", sale, customer)
	case 8:
		m.exec("update grants set everyone = not everyone, subject_id = case when everyone then $1::uuid end where id = (select id from grants where subject_id is not null or everyone order by id limit 1)", naive.ID(models.UserCode, 0))
	case 9:
		m.exec("delete from pool_members where ctid = (select ctid from pool_members limit 1)")
	case 10:
		m.encounter(sale)
	}
}
