package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// LogAccess keeps what a request read in full of protected fields, durable when it returns. A request of an administrator who
// views as another has an entry of its own besides, whatever it read: who does not see the records that were read is told of
// it all the same. Else, when nothing was read, nothing is written.
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
	e := &logEntries{asked: logAsked{v.Now, v.UserID, behind, request, operation}, read: read, done: make(chan struct{})}
	if s.accessLog.join(e) {
		go s.writeAccessLog(context.WithoutCancel(ctx))
	}
	select {
	case <-e.done:
		return e.err
	case <-ctx.Done():
		return fault.FromSQL(ctx.Err())
	}
}

// accessLog is the entries of requests that wait until theirs are kept. Those that wait at the same time are written
// together, so that the disk is waited for once for all of them.
type accessLog struct {
	mu      sync.Mutex
	waiting []*logEntries
	writers int
}

// logEntries are those of one request.
type logEntries struct {
	asked logAsked
	read  map[access.Reading]int
	err   error
	done  chan struct{} // closed when they are kept, or cannot be
}

type logAsked struct {
	at                 time.Time
	user, behind       uuid.UUID
	request, operation string
}

const (
	logWriters = 2                // statements at the same time
	logTime    = 10 * time.Second // that one may take
)

// join lets entries wait, and tells whether another writer is to begin.
func (l *accessLog) join(e *logEntries) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, e)
	if l.writers >= logWriters {
		return false
	}
	l.writers++
	return true
}

// next takes all that waits; when nothing does, the writer who asks ends.
func (l *accessLog) next() []*logEntries {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.waiting
	l.waiting = nil
	if all == nil {
		l.writers--
	}
	return all
}

// writeAccessLog writes what waits. What cannot be kept together is kept one by one, so that each answers for itself.
func (s *Store) writeAccessLog(ctx context.Context) {
	for all := s.accessLog.next(); all != nil; all = s.accessLog.next() {
		err := s.keepAccess(ctx, all)
		for _, e := range all {
			if e.err = err; err != nil && len(all) > 1 {
				e.err = s.keepAccess(ctx, []*logEntries{e})
			}
			close(e.done)
		}
	}
}

func (s *Store) keepAccess(ctx context.Context, all []*logEntries) error {
	ctx, cancel := context.WithTimeout(ctx, logTime)
	defer cancel()
	most := 0
	for _, e := range all {
		most += len(e.read)
	}
	ids, users, behinds, records := room[uuid.UUID](most), room[uuid.UUID](most), room[uuid.UUID](most), room[uuid.UUID](most)
	ats, counts := room[time.Time](most), room[int64](most)
	requests, operations, fields := room[string](most), room[string](most), room[string](most)
	for _, e := range all {
		for r, n := range e.read {
			ids, ats = append(ids, models.NewID(models.AccessLogEntryCode)), append(ats, e.asked.at)
			users, behinds = append(users, e.asked.user), append(behinds, e.asked.behind)
			requests, operations = append(requests, e.asked.request), append(operations, e.asked.operation)
			fields, records, counts = append(fields, r.Field), append(records, r.Record), append(counts, int64(n))
		}
	}
	_, err := s.Pool.Exec(ctx, `insert into access_log (id, at, user_id, viewed_by, request, operation, field, record_id, records)
		select x.id, x.at, x.user_id, nullif(x.viewed_by, $10), x.request, nullif(x.operation, ''), nullif(x.field, ''), nullif(x.record_id, $10), x.records
		from unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::bigint[])
			as x (id, at, user_id, viewed_by, request, operation, field, record_id, records)`,
		pgx.QueryExecModeCacheStatement, ids, ats, users, behinds, requests, operations, fields, records, counts, uuid.Nil)
	return fault.FromSQL(err)
}

// room makes a list that will have so many values.
func room[T any](most int) []T { return make([]T, 0, most) }

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
