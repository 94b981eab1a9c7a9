package reports_test

import (
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
