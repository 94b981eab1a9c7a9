package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// Used is how often one user has used one thing on one day; nobody signed in is the id never issued.
type Used struct {
	Day        models.Date
	Kind, Name string
	User       uuid.UUID
	Uses       int64
	Last       time.Time
}

// KeepUsage adds to what is kept of how much is used.
func (s *Store) KeepUsage(ctx context.Context, list []Used) error {
	var days, kinds, names []string
	var users []uuid.UUID
	var uses []int64
	var lasts []time.Time
	for _, u := range list {
		days, kinds, names = append(days, string(u.Day)), append(kinds, u.Kind), append(names, u.Name)
		users, uses, lasts = append(users, u.User), append(uses, u.Uses), append(lasts, u.Last)
	}
	// in the order of the key, so that two servers that keep the same wait for each other and not in a ring
	_, err := s.Pool.Exec(ctx, `insert into report_usage as r (day, kind, name, user_id, uses, last_at)
		select day::date, kind, name, user_id, uses, last_at from unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::bigint[], $6::timestamptz[]) as x (day, kind, name, user_id, uses, last_at) order by 1, 2, 3, 4
		on conflict (day, kind, name, user_id) do update set uses = r.uses + excluded.uses, last_at = greatest(r.last_at, excluded.last_at)`,
		pgx.QueryExecModeCacheStatement, days, kinds, names, users, uses, lasts)
	return fault.FromSQL(err)
}

// usageKept is for how many days it is kept how much is used.
const usageKept = 400

// PruneUsage takes away what has been kept of usage for long enough.
func (s *Store) PruneUsage(ctx context.Context) error {
	now, err := s.Now(ctx)
	if err != nil {
		return fault.FromSQL(err)
	}
	_, err = s.Pool.Exec(ctx, "delete from report_usage where day < $1", now.AddDate(0, 0, -usageKept))
	return fault.FromSQL(err)
}

// Usage tells what was used from one day until before another, each nil for no end.
func Usage(ctx context.Context, snap *access.Snapshot, from, until *models.Date) ([]*models.Use, error) {
	if err := snap.Viewer.Need(access.AccessAdmin); err != nil {
		return nil, err
	}
	q := snap.Viewer.Query()
	first, end := q.Bind(from), q.Bind(until)
	text := `select kind, name, sum(uses)::bigint, count(distinct user_id) filter (where user_id <> ` + q.Bind(uuid.Nil) + `), max(last_at) from report_usage
		where (` + first + `::date is null or day >= ` + first + `) and (` + end + `::date is null or day < ` + end + `) group by kind, name`
	var list []*models.Use
	err := snap.Run(ctx, q, text, func(row access.Row) error {
		u := &models.Use{}
		list = append(list, u)
		return row.Scan(&u.Kind, &u.Name, &u.Uses, &u.People, &u.LastAt)
	})
	return list, err
}

// SavedReportNames gives the names of the saved reports that the viewer sees.
func SavedReportNames(ctx context.Context, snap *access.Snapshot) (map[uuid.UUID]string, error) {
	q := snap.Viewer.Query()
	names := map[uuid.UUID]string{}
	err := snap.Run(ctx, q, "select r.id, r.name from "+q.Visible(access.SavedReport, "r"), func(row access.Row) error {
		var id uuid.UUID
		var name string
		err := row.Scan(&id, &name)
		names[id] = name
		return err
	})
	return names, err
}
