package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// LogAccess keeps what a request read in full of protected fields, in one statement that is durable when it returns. A
// request of an administrator who views as another has an entry of its own besides, whatever it read: who does not see the
// records that were read is told of it all the same. Else, when nothing was read, nothing is written.
func (s *Store) LogAccess(ctx context.Context, v *access.Viewer, request, operation string, read map[access.Reading]int) error {
	behind := v.Behind()
	if behind != uuid.Nil {
		read = maps.Clone(read)
		if read == nil {
			read = map[access.Reading]int{}
		}
		read[access.Reading{}] = 0
	}
	if len(read) == 0 {
		return nil
	}
	var ids, records []uuid.UUID
	var fields []string
	var counts []int64
	for r, n := range read {
		ids, fields = append(ids, models.NewID(models.AccessLogEntryCode)), append(fields, r.Field)
		records, counts = append(records, r.Record), append(counts, int64(n))
	}
	_, err := s.Pool.Exec(ctx, `insert into access_log (id, at, user_id, viewed_by, request, operation, field, record_id, records)
		select x.id, $1, $2, nullif($3, $4::uuid), $5, nullif($6, ''), nullif(x.field, ''), nullif(x.record_id, $4::uuid), x.records
		from unnest($7::uuid[], $8::text[], $9::uuid[], $10::bigint[]) as x (id, field, record_id, records)`,
		pgx.QueryExecModeCacheStatement, v.Now, v.UserID, behind, uuid.Nil, request, operation, ids, fields, records, counts)
	return fault.FromSQL(err)
}

// PruneAccessLog takes away what the access log has kept for longer than a time, and tells how many entries that were.
func (s *Store) PruneAccessLog(ctx context.Context, kept time.Duration) (int64, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return 0, fault.FromSQL(err)
	}
	gone, err := s.Pool.Exec(ctx, "delete from access_log where id in (select id from access_log where at < $1 order by at limit 10000)", now.Add(-kept))
	return gone.RowsAffected(), fault.FromSQL(err)
}

// What the access log can be counted by.
var logDimensions = map[string]string{"USER": "r.user_id", "FIELD": "r.field", "DAY": "(r.at at time zone $zone)::date"}

// AccessLogCounts counts the readings in the access log that the viewer may be told of, by user, field or day in the
// company's zone, most first.
func AccessLogCounts(ctx context.Context, snap *access.Snapshot, by []string, where map[string]any, first int) ([]*models.AccessLogCount, error) {
	if first < 1 || first > 1000 {
		return nil, fault.Deny(fault.BadInput, fault.Say("Ask for 1 to %d rows.", "行数为 1 到 %d。", 1000)).At("first")
	}
	q := snap.Viewer.Query()
	condition, err := q.Where(access.AccessLogEntry, "r", where)
	if err != nil {
		return nil, err
	}
	zone := q.Bind(snap.Viewer.Zone().String()) + "::text"
	columns := []string{"null::uuid", "null::text", "null::date"}
	for i, name := range []string{"USER", "FIELD", "DAY"} {
		if slices.Contains(by, name) {
			columns[i] = strings.ReplaceAll(logDimensions[name], "$zone", zone)
		}
	}
	text := fmt.Sprintf("select %s, count(*) from %s where r.field is not null and %s and %s <> '' group by 1, 2, 3 order by 4 desc, 3 desc, 2, 1 limit %d",
		strings.Join(columns, ", "), q.Visible(access.AccessLogEntry, "r"), condition, zone, first)
	rows := []*models.AccessLogCount{}
	err = snap.Run(ctx, q, text, func(row access.Row) error {
		one := &models.AccessLogCount{}
		rows = append(rows, one)
		return row.Scan(&one.UserID, &one.Field, &one.Day, &one.Reads)
	})
	models.NewBatch(rows)
	return rows, err
}
