// Package feed tells what has changed in the company's records: every committed change leaves an entry, written by the
// database in the same transaction, that is read at least once by whoever follows.
//
// Entries are committed in another order than they are written, so no time, transaction number or sequence says how far
// a reader is. Instead entries are sealed: one process at a time gives all entries that it sees, and that have none, the
// next number of a counter. What a snapshot of the database shows is then all that is sealed up to the counter's number,
// and the few that are not sealed yet. A reader remembers that number and those few; what else a later snapshot shows is
// new to him, also the entry of a transaction that began long before and was committed just now. Nobody waits for it.
package feed

import (
	"context"
	"errors"
	"math"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/models"
)

// Entry is one change: what one statement did to records of one kind. The entry of a transaction that changed a record
// twice may stand before or after that of the other change: read the record anew, in the snapshot that shows the entry.
type Entry struct {
	ID   uuid.UUID
	Kind models.KindCode
	// Op is I for records inserted, U for updated, D for deleted for good.
	Op string
	// Records names what changed: the records themselves; of a share the record that is shared; of an encounter its opportunity; of a list (a group's
	// members, a role's field rights, a user's roles, a document's readers, a pool's members) that whose list it is; of
	// the company's settings, currencies and exchange rates, whose kind is Settings, nothing.
	Records []uuid.UUID
	// Seal is the number under which it was sealed, 0 before.
	Seal int64
}

// Settings is the kind of changes to the company's settings, currencies and exchange rates.
const Settings models.KindCode = 0

// ErrBehind tells a reader that entries which he has not read are kept no longer: he must begin anew.
var ErrBehind = errors.New("the changes since then are kept no longer")

// Database is what the feed is read from: a pool, where each reading is a snapshot of its own, or a transaction.
type Database interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Reading is what one snapshot shows: everything sealed after a number, and everything not sealed.
type Reading struct {
	Sealed  int64 // the number of the last seal
	Entries []Entry

	cleaned int64
}

// The statement of a reading, $1 the seal after which. It is one, so that it is one snapshot. What is not sealed has seal 0. No seal is as
// large as the bound above; with one, PostgreSQL expects few entries also where it does not know the number, and takes the index.
const readingText = `select last, cleaned, null::uuid, null::smallint, null::text, null::uuid[] from feed_sealing
union all select seal, 0, id, kind, op, records from feed where seal > $1 and seal < 9223372036854775807
union all select seal, 0, id, kind, op, records from feed where seal = 0`

// Read gives what a snapshot shows after a seal.
func Read(ctx context.Context, db Database, after int64) (*Reading, error) {
	rows, err := db.Query(ctx, readingText, pgx.QueryExecModeCacheStatement, after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	r := &Reading{}
	for rows.Next() {
		if err := r.take(rows); err != nil {
			return nil, err
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return r, r.check(after)
}

// Row is one row of a reading.
type Row interface{ Scan(dest ...any) error }

func (r *Reading) take(row Row) error {
	var seal, cleaned int64
	var id *uuid.UUID
	var kind *int16
	var op *string
	e := Entry{}
	if err := row.Scan(&seal, &cleaned, &id, &kind, &op, &e.Records); err != nil {
		return err
	}
	if id == nil {
		r.Sealed, r.cleaned = seal, cleaned
		return nil
	}
	e.Seal, e.ID, e.Kind, e.Op = seal, *id, models.KindCode(*kind), *op
	r.Entries = append(r.Entries, e)
	return nil
}

func (r *Reading) check(after int64) error {
	if after < r.cleaned {
		return ErrBehind
	}
	return nil
}

// Place is how far a reader has read: everything sealed up to a number, and some that were not sealed then.
type Place struct {
	Sealed int64
	Loose  map[uuid.UUID]bool
}

// Here gives the place of a reader who begins with what a snapshot shows, and so needs none of its entries.
func Here(ctx context.Context, db Database) (Place, error) {
	r, err := Read(ctx, db, math.MaxInt64)
	if err != nil {
		return Place{}, err
	}
	_, place := Place{}.Next(r)
	return place, nil
}

// Next gives those entries of a reading after the place's seal that the reader has not read, and his place then.
func (p Place) Next(r *Reading) ([]Entry, Place) {
	next := Place{Sealed: r.Sealed, Loose: map[uuid.UUID]bool{}}
	var fresh []Entry
	for _, e := range r.Entries {
		if e.Seal == 0 {
			next.Loose[e.ID] = true
		}
		if !p.Loose[e.ID] {
			fresh = append(fresh, e)
		}
	}
	return fresh, next
}
