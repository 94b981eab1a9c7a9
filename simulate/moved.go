package simulate

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/models"
	"guanxi/store"
)

// What of saved reports one simulation asks: the first reports that whoever asks sees and the first tiles of their own parameters on
// dashboards that he sees, of all those affected so many, before the changes and after. A job asks more.
const (
	mostReports = 50
	mostAsked   = 40
	moreAsked   = 2000
)

// Totals asks a saved report in a snapshot, with the values that it was saved with, and gives the totals of the reports in it, as far
// as another viewer may be told. It gives none when it cannot be asked.
type Totals func(ctx context.Context, snap *access.Snapshot, report *models.SavedReport, toTell *access.Viewer) ([]Total, error)

// Total is the total of one report.
type Total struct {
	Field   string            // under which the saved report asks it
	Count   int               // how many records are behind it
	Figures map[string]string // each that may be told of, the count among them
}

// MovedTotals are the totals of saved reports that changes of rights would move.
type MovedTotals struct {
	List []*MovedTotal // by user's name, report and field
	Cut  bool          // not everybody, or not every report, was asked
}

// MovedTotal is one total of a saved report that is another for a user before and after.
type MovedTotal struct {
	models.Part      `json:"-"`
	UserID, ReportID uuid.UUID
	DashboardID      *uuid.UUID // where a tile has parameters of its own
	Tile             *int       // its place there, from 1
	Field            string
	Before, After    *int     // records behind it; nil when he does not see the report or cannot ask it
	Measures         []string // the figures that differ, when he asks it before and after
}

// moving asks the totals before and after; nothing when nobody wants them.
type moving struct {
	totals        Totals
	regroups      bool // departments or their people change: also those are asked who keep their sight
	most          int  // reports asked on each side
	asks          []asking
	cut           bool
	others        []*pair // who keep their sight
	before, after side
}

// asking is one saved report, as it was saved or as a tile of a dashboard asks it.
type asking struct {
	report    uuid.UUID
	dashboard *uuid.UUID
	tile      *int
	own       string // the tile's parameters
}

// side is what is asked on one side of the changes: by user, how each report that he sees is answered, by its place.
type side struct {
	asked int
	of    map[uuid.UUID]map[int][]Total
}

// again begins anew.
func (m *moving) again() moving { return moving{totals: m.totals, regroups: m.regroups, most: m.most} }

// ask asks the saved reports as everyone who is affected, until enough has been asked.
func (m *moving) ask(t *trial, conn *pgx.Conn, s *side, as func(*pair) *access.Viewer) error {
	if m.totals == nil {
		return nil
	}
	s.of = map[uuid.UUID]map[int][]Total{}
	for _, p := range m.people(t) {
		found, err := m.seen(t.ctx, conn, as(p))
		if err != nil {
			return err
		}
		if s.asked += len(found); s.asked > m.most {
			m.cut = true
			return nil
		}
		answered := map[int][]Total{}
		for place := range m.asks {
			report := found[place]
			if report == nil {
				continue
			}
			if answered[place], err = m.totals(t.ctx, access.Over(conn, as(p)), report, t.viewer); err != nil {
				return err
			}
		}
		s.of[p.ID] = answered
	}
	return nil
}

// people are those who are asked as: whose sight may change, then the others.
func (m *moving) people(t *trial) []*pair { return slices.Concat(t.pairs, m.others) }

// list finds the saved reports and tiles that whoever asks sees, and who else is asked as.
func (m *moving) list(t *trial, conn *pgx.Conn) error {
	if m.totals == nil {
		return nil
	}
	q := t.viewer.Query()
	text := "select r.id from " + q.Visible(access.SavedReport, "r") + " order by r.id limit " + q.Bind(mostReports+1)
	err := access.Over(conn, t.viewer).Run(t.ctx, q, text, func(row access.Row) error {
		var a asking
		err := row.Scan(&a.report)
		m.asks = append(m.asks, a)
		return err
	})
	if len(m.asks) > mostReports {
		m.cut, m.asks = true, m.asks[:mostReports]
	}
	if err == nil {
		err = m.tiles(t, conn)
	}
	if err == nil && m.regroups {
		err = m.bystanders(t, conn)
	}
	return err
}

// tiles adds the tiles that have parameters of their own.
func (m *moving) tiles(t *trial, conn *pgx.Conn) error {
	q, most := t.viewer.Query(), len(m.asks)+mostReports
	text := "select d.id, x.place::integer, (x.tile ->> 'report')::uuid, x.tile ->> 'parameters' from " + q.Visible(access.Dashboard, "d") +
		" cross join lateral jsonb_array_elements(d.tiles) with ordinality as x (tile, place) where (x.tile ->> 'parameters')::jsonb <> '{}' order by d.id, x.place limit " + q.Bind(mostReports+1)
	err := access.Over(conn, t.viewer).Run(t.ctx, q, text, func(row access.Row) error {
		a := asking{dashboard: new(uuid.UUID), tile: new(int)}
		err := row.Scan(a.dashboard, a.tile, &a.report, &a.own)
		m.asks = append(m.asks, a)
		return err
	})
	if len(m.asks) > most {
		m.cut, m.asks = true, m.asks[:most]
	}
	return err
}

// bystanders finds who else may see those reports, as owner or by a share, and whoever asks: where departments change, their reports by
// departments do, though they see the same.
func (m *moving) bystanders(t *trial, conn *pgx.Conn) error {
	ids := make([]uuid.UUID, len(m.asks))
	for i, a := range m.asks {
		ids[i] = a.report
	}
	affected := make([]uuid.UUID, len(t.pairs))
	for i, p := range t.pairs {
		affected[i] = p.ID
	}
	err := query(t.ctx, conn, bystandersText, []any{ids, t.viewer.UserID, affected, m.most + 1}, func(r pgx.Rows) error {
		p := &pair{}
		err := r.Scan(&p.ID)
		m.others = append(m.others, p)
		return err
	})
	if len(m.others) > m.most {
		m.cut, m.others = true, m.others[:m.most]
	}
	return err
}

// bystandersText takes $1 saved reports, $2 who asks, $3 whom it is not about, $4 how many at most.
const bystandersText = `select u.id from users u where u.active and u.id <> all($3) and (
		u.id = $2 or u.id in (select r.owner_id from saved_reports r where r.id = any($1))
		or exists (select from shares s where s.record_id = any($1) and (
			s.subject_id = u.id or s.subject_id in (select g.group_id from group_members g where g.user_id = u.id)
			or exists (select from memberships m join departments d on d.id = m.department_id
				where m.user_id = u.id and (d.id = s.subject_id or s.with_sub_departments and s.subject_id = any(d.path))))))
	order by u.name collate "zh-x-icu", u.id limit $4`

// seen finds those of the reports that somebody sees and may ask, by their place, with the values that they are asked with.
func (m *moving) seen(ctx context.Context, conn *pgx.Conn, v *access.Viewer) (map[int]*models.SavedReport, error) {
	if len(m.asks) == 0 {
		return nil, nil
	}
	var reports, dashboards []uuid.UUID
	for _, a := range m.asks {
		reports = append(reports, a.report)
		if a.dashboard != nil {
			dashboards = append(dashboards, *a.dashboard)
		}
	}
	snap := access.Over(conn, v)
	found, err := store.SavedReports.ByIDs(ctx, snap, models.SortIDs(reports))
	if err != nil {
		return nil, err
	}
	shown, err := store.Dashboards.ByIDs(ctx, snap, models.SortIDs(dashboards))
	if err != nil {
		return nil, err
	}
	sees := map[int]*models.SavedReport{}
	for place, a := range m.asks {
		if report := found[a.report]; report != nil && (a.dashboard == nil || shown[*a.dashboard] != nil) {
			if sees[place], err = a.with(report); err != nil {
				return nil, err
			}
		}
	}
	return sees, nil
}

// with gives a saved report with a tile's values before its own.
func (a asking) with(report *models.SavedReport) (*models.SavedReport, error) {
	if a.dashboard == nil {
		return report, nil
	}
	values := map[string]json.RawMessage{}
	for _, text := range []string{report.Defaults, a.own} {
		if err := json.Unmarshal([]byte(text), &values); err != nil {
			return nil, err
		}
	}
	merged, err := json.Marshal(values)
	one := *report
	one.Defaults = string(merged)
	return &one, err
}

// result holds both sides against each other; nobody is told of who was asked on one side only.
func (m *moving) result(t *trial) *MovedTotals {
	if m.totals == nil {
		return nil
	}
	result := &MovedTotals{List: []*MovedTotal{}, Cut: m.cut}
	for _, p := range m.people(t) {
		before, asked := m.before.of[p.ID]
		after, both := m.after.of[p.ID]
		for place, a := range m.asks {
			if asked && both {
				result.List = append(result.List, a.moved(p.ID, before[place], after[place])...)
			}
		}
	}
	return result.together()
}

// together makes the totals one batch.
func (m *MovedTotals) together() *MovedTotals {
	for _, one := range m.List {
		one.ID = uuid.New()
	}
	models.NewBatch(m.List)
	return m
}

// moved lists the totals of one saved report that differ for a user.
func (a asking) moved(user uuid.UUID, before, after []Total) (list []*MovedTotal) {
	of := func(field string, before, after *int) *MovedTotal {
		return &MovedTotal{UserID: user, ReportID: a.report, DashboardID: a.dashboard, Tile: a.tile, Field: field, Before: before, After: after}
	}
	for _, b := range before {
		one := of(b.Field, &b.Count, nil)
		if i := slices.IndexFunc(after, func(a Total) bool { return a.Field == b.Field }); i >= 0 {
			one.After, one.Measures = &after[i].Count, differing(b.Figures, after[i].Figures)
		}
		if one.After == nil || len(one.Measures) > 0 {
			list = append(list, one)
		}
	}
	for _, b := range after {
		if !slices.ContainsFunc(before, func(a Total) bool { return a.Field == b.Field }) {
			list = append(list, of(b.Field, nil, &b.Count))
		}
	}
	return list
}

func differing(before, after map[string]string) (names []string) {
	for name, value := range before {
		if after[name] != value {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
