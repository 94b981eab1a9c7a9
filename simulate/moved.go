package simulate

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/models"
	"guanxi/store"
)

// What of saved reports one simulation asks: the first reports that whoever asks sees, each of those affected by so many in all, before
// and after the changes.
const (
	mostReports = 50
	mostAsked   = 40
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
	models.Part
	UserID, ReportID uuid.UUID
	Field            string
	Before, After    *int     // records behind it; nil when he does not see the report or cannot ask it
	Measures         []string // the figures that differ, when he asks it before and after
}

// moving asks the totals before and after; nothing when nobody wants them.
type moving struct {
	totals        Totals
	reports       []uuid.UUID
	cut           bool
	before, after side
}

// side is what is asked on one side of the changes: by user, how each of his reports is answered.
type side struct {
	asked int
	of    map[uuid.UUID]map[uuid.UUID][]Total
}

// ask asks the saved reports as everyone who is affected, until enough has been asked.
func (m *moving) ask(t *trial, conn *pgx.Conn, s *side, as func(*pair) *access.Viewer) error {
	if m.totals == nil {
		return nil
	}
	if err := m.list(t, conn); err != nil {
		return err
	}
	s.of = map[uuid.UUID]map[uuid.UUID][]Total{}
	for _, p := range t.pairs {
		answered := map[uuid.UUID][]Total{}
		found, err := m.seen(t.ctx, conn, as(p))
		if err != nil {
			return err
		}
		if s.asked += len(found); s.asked > mostAsked {
			m.cut = true
			return nil
		}
		for _, id := range m.reports {
			if found[id] == nil {
				continue
			}
			if answered[id], err = m.totals(t.ctx, access.Over(conn, as(p)), found[id], t.viewer); err != nil {
				return err
			}
		}
		s.of[p.ID] = answered
	}
	return nil
}

// list finds the saved reports that whoever asks sees, once.
func (m *moving) list(t *trial, conn *pgx.Conn) error {
	if m.reports != nil {
		return nil
	}
	m.reports = []uuid.UUID{}
	q := t.viewer.Query()
	text := "select r.id from " + q.Visible(access.SavedReport, "r") + " order by r.id limit " + q.Bind(mostReports+1)
	err := access.Over(conn, t.viewer).Run(t.ctx, q, text, func(row access.Row) error {
		var id uuid.UUID
		err := row.Scan(&id)
		m.reports = append(m.reports, id)
		return err
	})
	if len(m.reports) > mostReports {
		m.cut, m.reports = true, m.reports[:mostReports]
	}
	return err
}

// seen finds those of the reports that somebody sees and may ask.
func (m *moving) seen(ctx context.Context, conn *pgx.Conn, v *access.Viewer) (map[uuid.UUID]*models.SavedReport, error) {
	if v.Anonymous() || !v.May(access.Report) || len(m.reports) == 0 {
		return nil, nil
	}
	return store.SavedReports.ByIDs(ctx, access.Over(conn, v), m.reports)
}

// result holds both sides against each other; nobody is told of who was asked on one side only.
func (m *moving) result(pairs []*pair) *MovedTotals {
	if m.totals == nil {
		return nil
	}
	result := &MovedTotals{List: []*MovedTotal{}, Cut: m.cut}
	for _, p := range pairs {
		before, asked := m.before.of[p.ID]
		after, both := m.after.of[p.ID]
		for _, report := range m.reports {
			if asked && both {
				result.List = append(result.List, moved(p.ID, report, before[report], after[report])...)
			}
		}
	}
	for _, one := range result.List {
		one.ID = uuid.New()
	}
	models.NewBatch(result.List)
	return result
}

// moved lists the totals of one saved report that differ for a user.
func moved(user, report uuid.UUID, before, after []Total) (list []*MovedTotal) {
	for _, b := range before {
		one := &MovedTotal{UserID: user, ReportID: report, Field: b.Field, Before: &b.Count}
		if i := slices.IndexFunc(after, func(a Total) bool { return a.Field == b.Field }); i >= 0 {
			one.After, one.Measures = &after[i].Count, differing(b.Figures, after[i].Figures)
		}
		if one.After == nil || len(one.Measures) > 0 {
			list = append(list, one)
		}
	}
	for _, a := range after {
		if !slices.ContainsFunc(before, func(b Total) bool { return a.Field == b.Field }) {
			list = append(list, &MovedTotal{UserID: user, ReportID: report, Field: a.Field, After: &a.Count})
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
