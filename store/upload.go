package store

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/fault"
	"guanxi/files"
)

// An upload is a file on its way to a document. Its key is written down before the first byte is kept, and struck out by the
// very write that names it in a document. So whatever dies in between leaves a key behind, and no list of all files is needed
// to find what nobody names: only what this database began is ever taken away.

const (
	// uploadTime is what an upload is given; a request takes seconds. With the sweeps in between, what died is gone in an hour.
	uploadTime = 50 * time.Minute
	// sweptAtOnce is how many uploads one transaction takes up, and discardTime what it is given.
	sweptAtOnce = 20
	discardTime = 20 * time.Second
)

// keep takes a file in and has a write made of it. The request is known by the file's bytes too. A file that no document names
// in the end is taken out again.
func (s *Store) keep(ctx context.Context, now time.Time, folder *files.Folder, file File, q Request, write func(Request, files.Stored) (uuid.UUID, error)) (uuid.UUID, error) {
	key := files.NewKey(now)
	if _, err := s.Pool.Exec(ctx, "insert into uploads (key, at) values ($1, $2)", key, now); err != nil {
		return uuid.Nil, fault.FromSQL(err)
	}
	defer s.discard(ctx, folder, key)
	k, err := folder.Put(ctx, key, file.Bytes)
	if err != nil {
		return uuid.Nil, err
	}
	q.Input = []any{q.Input, k.SHA256}
	id, err := write(q, k)
	if refused, _ := fault.Refusals(err); refused != nil {
		_ = folder.Remove(context.WithoutCancel(ctx), key) // one that was swept before its first byte is written down no more
	}
	return id, err
}

// arrived strikes an upload out, in the write that names its file. One that was swept meanwhile is not named any more.
func (tx *Tx) arrived(key string) error {
	done, err := tx.ExecContext(tx.ctx, "delete from uploads where key = ?", key)
	if err != nil {
		return err
	}
	if n, _ := done.RowsAffected(); n != 1 {
		return fault.Refuse(fault.Conflict, fault.Say("The file took too long; send it again.", "文件上传时间过长，请重新发送。")).At("input", "file")
	}
	return nil
}

// discard takes an upload away unless a document names it by now. What cannot be taken away is left to the sweep, and so is
// what a transaction that nobody has heard of again may yet name: it holds the row.
func (s *Store) discard(ctx context.Context, folder *files.Folder, key string) {
	_, _ = s.discardSome(context.WithoutCancel(ctx), folder.Remove, "select key, false from uploads where key = $1 for update skip locked", key)
}

// SweepUploads takes away the bytes of uploads that died on their way, and tells how many. Any number of servers may sweep: each
// upload is one's at a time, by its row. What a document names all the same, in a database set back to an earlier day, stays.
func (s *Store) SweepUploads(ctx context.Context, folder *files.Folder) (gone int, err error) {
	now, err := s.Now(ctx)
	if err != nil {
		return 0, fault.FromSQL(err)
	}
	for {
		n, err := s.discardSome(ctx, folder.Clear, `select key, exists (select 1 from document_revisions d where d.storage_key = u.key) from uploads u
			where at < $1 order by at limit $2 for update of u skip locked`, now.Add(-uploadTime), sweptAtOnce)
		gone += n
		if err != nil || n < sweptAtOnce {
			return gone, err
		}
	}
}

// discardSome takes away the uploads that a query finds and holds. One that cannot be taken away goes behind the others.
func (s *Store) discardSome(ctx context.Context, remove func(context.Context, string) error, query string, args ...any) (gone int, err error) {
	ctx, cancel := context.WithTimeout(ctx, discardTime)
	defer cancel()
	var failed []error
	err = pgx.BeginFunc(ctx, s.Pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[upload])
		for _, u := range found {
			after := "delete from uploads where key = $1"
			if err := u.remove(ctx, remove); err != nil {
				failed = append(failed, err)
				after = "update uploads set at = at + interval '10 minutes' where key = $1"
			} else {
				gone++
			}
			if _, err := tx.Exec(ctx, after, u.Key); err != nil {
				return err
			}
		}
		return err
	})
	return gone, errors.Join(append(failed, fault.FromSQL(err))...)
}

// upload is one that is nobody's at the moment.
type upload struct {
	Key   string
	Named bool
}

func (u upload) remove(ctx context.Context, remove func(context.Context, string) error) error {
	if u.Named {
		return nil
	}
	return remove(ctx, u.Key)
}
