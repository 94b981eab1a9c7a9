package simulate

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// Beyond so many changes, and after so many days, all is counted anew.
const (
	mostUncounted = 20_000
	countedAgain  = 30
)

// roomy gives what follows in a transaction memory to know all records of a kind, and unhurried its time as well.
const (
	roomy     = "select set_config('work_mem', '64MB', true)"
	unhurried = roomy + ", set_config('statement_timeout', '0', true)"
)

// tally is what the counts that are kept say of themselves.
type tally struct {
	day     models.Date
	changes int    // since
	kinds   []byte // of the records that have changed
	holds   bool   // they can be counted on
}

// moves tells whether a kind's counts are to be brought up to date.
func (t tally) moves(kind *access.Kind) bool {
	return slices.ContainsFunc(t.kinds, func(code byte) bool { return kind.Follows(models.KindCode(code)) })
}

func tallyOf(ctx context.Context, db access.Database) (t tally, err error) {
	text := fmt.Sprintf(`select s.counted_on, c.* from holding_state s cross join (select count(*), not coalesce(bool_or(forgotten), false),
		coalesce(string_agg(distinct substr(uuid_send(id), 16), ''), '') from (select id, forgotten from holding_changes limit %d) c) c`, mostUncounted+1)
	err = query(ctx, db, text, nil, func(r pgx.Rows) error {
		return r.Scan(&t.day, &t.changes, &t.holds, &t.kinds)
	})
	t.holds = t.holds && t.changes <= mostUncounted
	return t, err
}

// Count brings the counts of records by the hands they are in up to date. It holds nobody up; without it, or until it has been
// done, simulations count the records themselves. Of several at once, one does it: by a lock of the transaction, which ends with it whoever
// pools connections, and not by a locked row, for the first time there is no row yet.
func Count(ctx context.Context, s *store.Store) error {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead}
	return fault.FromSQL(pgx.BeginTxFunc(ctx, s.Pool, options, func(tx pgx.Tx) error {
		var first bool
		var day models.Date
		err := tx.QueryRow(ctx, "select pg_try_advisory_xact_lock(hashtext('holding_counts')), current_date - 2").Scan(&first, &day)
		if err != nil || !first {
			return err
		}
		t, err := tallyOf(ctx, tx)
		if err != nil || t.holds && t.changes == 0 && !t.old(day) {
			return err
		}
		if _, err := tx.Exec(ctx, unhurried); err != nil {
			return err
		}
		return t.count(ctx, tx, day)
	}))
}

func (t tally) old(day models.Date) bool { return t.day < day.AddDays(-countedAgain) }

// count adds what has changed since the counts were brought up to date, or begins anew. Affiliations that ended by the day have
// ended for ever; the day lies two days back, where it is over in every zone.
func (t tally) count(ctx context.Context, tx pgx.Tx, day models.Date) error {
	v := access.Nobody(time.Time{}) // whose sight has no part in it
	anew := !t.holds || t.old(day)
	if anew {
		if _, err := tx.Exec(ctx, "delete from holding_counts"); err != nil {
			return err
		}
		t.day = day
	}
	for _, kind := range access.Kinds {
		if kind.Guard != access.Business {
			continue
		}
		q := v.Query()
		text := q.Recounted(kind, t.day)
		if anew {
			q = v.Query()
			text = q.Counted(kind, t.day)
		}
		text = fmt.Sprintf(`insert into holding_counts (kind, owner_id, holders, records)
			select '%s', c.owner, c.holders, sum(c.records) from (%s) c group by 2, 3
			on conflict (kind, owner_id, holders) do update set records = holding_counts.records + excluded.records`, kind.Name, text)
		if _, err := tx.Exec(ctx, text, q.Args()...); err != nil {
			return err
		}
	}
	for _, text := range []string{"delete from holding_counts where records = 0", "delete from holding_changes"} {
		if _, err := tx.Exec(ctx, text); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, "insert into holding_state (id, counted_on) values (1, $1) on conflict (id) do update set counted_on = excluded.counted_on", t.day)
	return err
}
