package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

const (
	mostOpenJobs = 5
	mostAttempts = 5
	jobsKept     = 30 * 24 * time.Hour

	// Lease is how long a job is its holder's without his renewing it.
	Lease = 30 * time.Second
)

// JobStart puts work on the list of jobs.
func (s *Store) JobStart(ctx context.Context, v *access.Viewer, q Request, kind string, input any) (uuid.UUID, error) {
	if v.UserID == uuid.Nil {
		return uuid.Nil, access.SignInFirst()
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) {
		if err := tx.lockUser(v.UserID); err != nil {
			return uuid.Nil, err
		}
		if _, err := tx.NewDelete().Model((*models.Job)(nil)).Where("owner_id = ? and finished_at < ?", v.UserID, tx.Now.Add(-jobsKept)).Exec(tx.ctx); err != nil {
			return uuid.Nil, err
		}
		open, err := tx.NewSelect().Model((*models.Job)(nil)).Where("owner_id = ? and finished_at is null", v.UserID).Count(tx.ctx)
		if err != nil {
			return uuid.Nil, err
		}
		if open >= mostOpenJobs {
			return uuid.Nil, fault.Deny(fault.LimitExceeded, fault.Say("You have %d jobs under way: wait for one, or cancel it.", "您已有 %d 个后台任务在进行：请等待或取消其中一个。", open))
		}
		text, err := json.Marshal(input)
		if err != nil {
			return uuid.Nil, err
		}
		job := &models.Job{Kind: kind, State: models.JobWaiting, Input: text, OwnerID: v.UserID}
		job.Record = models.Record{ID: models.NewID(models.JobCode), Version: 1, CreatedAt: tx.Now, UpdatedAt: tx.Now}
		if _, err := tx.NewInsert().Model(job).Exec(tx.ctx); err != nil {
			return uuid.Nil, err
		}
		return job.ID, tx.Audit(job.ID, "START", map[string]Change{"kind": {New: kind}, "input": {New: job.Input}})
	})
}

// JobCancel ends a job of the viewer's own that has not ended.
func (s *Store) JobCancel(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID) (uuid.UUID, error) {
	if v.UserID == uuid.Nil {
		return uuid.Nil, access.SignInFirst()
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) {
		var job models.Job
		if err := tx.NewSelect().Model(&job).Where("id = ? and owner_id = ?", id, v.UserID).For("update").Scan(tx.ctx); err != nil {
			return uuid.Nil, absentRow(err, "input", "id")
		}
		if job.FinishedAt != nil {
			return id, nil
		}
		job.State, job.FinishedAt, job.UpdatedAt, job.HolderID, job.LeasedUntil = models.JobCancelled, &tx.Now, tx.Now, nil, nil
		if _, err := tx.NewUpdate().Model(&job).Where("id = ?", id).Exec(tx.ctx); err != nil {
			return uuid.Nil, err
		}
		return id, tx.Audit(id, "CANCEL", map[string]Change{"state": {New: job.State}})
	})
}

// Jobs lists the viewer's own jobs without their results, newest first; one of them with an id.
func Jobs(ctx context.Context, snap *access.Snapshot, id *uuid.UUID) ([]*models.Job, error) {
	jobs := []*models.Job{}
	q := snap.Viewer.Query()
	text := `select j.id, j.version, j.created_at, j.updated_at, j.kind, j.state, j.failure, j.progress, j.attempts, j.owner_id, j.finished_at
		from jobs j where j.owner_id = @me`
	if id != nil {
		text += " and j.id = " + q.Bind(*id)
	}
	err := snap.Run(ctx, q, text+" order by j.created_at desc, j.id desc limit 100", func(row access.Row) error {
		j := &models.Job{}
		err := row.Scan(&j.ID, &j.Version, &j.CreatedAt, &j.UpdatedAt, &j.Kind, &j.State, &j.Failure, &j.Progress, &j.Attempts, &j.OwnerID, &j.FinishedAt)
		jobs = append(jobs, j)
		return err
	})
	models.NewBatch(jobs)
	return jobs, err
}

// resultsAtOnce is how many bytes of results one request reads, but for a single one that is larger.
const resultsAtOnce = 4 << 20

// JobResults reads the results of jobs of the viewer's own, newest first, as many as may be read at once.
func JobResults(ctx context.Context, snap *access.Snapshot, ids []uuid.UUID) (map[uuid.UUID]json.RawMessage, error) {
	q := snap.Viewer.Query()
	text := fmt.Sprintf(`select x.id, x.result from (
			select j.id, j.result, sum(octet_length(j.result::text)) over newest as bytes, row_number() over newest as place
			from jobs j where j.owner_id = @me and j.id = any(%s) and j.result is not null window newest as (order by j.created_at desc, j.id desc)
		) x where x.place = 1 or x.bytes <= %d`, q.Bind(ids), resultsAtOnce)
	found := map[uuid.UUID]json.RawMessage{}
	err := snap.Run(ctx, q, text, func(row access.Row) error {
		var id uuid.UUID
		var result json.RawMessage
		err := row.Scan(&id, &result)
		found[id] = result
		return err
	})
	return found, err
}

// JobClaim takes up the oldest job of the kinds that nobody works on, nil when there is none. One that was taken up often
// enough is parked.
func (s *Store) JobClaim(ctx context.Context, kinds []string) (*models.Job, error) {
	for {
		job, err := s.jobClaim(ctx, kinds)
		if err != nil {
			return nil, err
		}
		if job == nil || job.State == models.JobRunning {
			return job, nil
		}
	}
}

func (s *Store) jobClaim(ctx context.Context, kinds []string) (job *models.Job, err error) {
	now, err := s.Now(ctx)
	if err != nil {
		return nil, fault.FromSQL(err)
	}
	nobody := access.Nobody(now)
	_, err = s.Write(ctx, nobody, Request{Operation: "job"}, func(tx *Tx) (uuid.UUID, error) {
		job = new(models.Job)
		err := tx.NewSelect().Model(job).Where("state in (?, ?) and (leased_until is null or leased_until <= ?)", models.JobWaiting, models.JobRunning, tx.Now).
			Where("kind in (?)", bun.List(kinds)).Order("created_at", "id").Limit(1).For("update skip locked").Scan(tx.ctx)
		if errors.Is(err, sql.ErrNoRows) {
			job = nil
			return uuid.Nil, nil
		}
		if err != nil {
			return uuid.Nil, fault.FromSQL(err)
		}
		tx.take(job)
		_, err = tx.NewUpdate().Model(job).Where("id = ?", job.ID).Exec(tx.ctx)
		return job.ID, fault.FromSQL(err)
	})
	return job, err
}

// take makes a job that nobody works on the caller's for one lease, or parks it.
func (tx *Tx) take(job *models.Job) {
	job.UpdatedAt, job.HolderID, job.LeasedUntil = tx.Now, nil, nil
	if job.Attempts >= mostAttempts {
		job.State, job.FinishedAt = models.JobParked, &tx.Now
		if job.Failure == nil {
			job.Failure = sentence(fault.Say("It was taken up %d times and never came to an end.", "已尝试 %d 次，均未完成。", job.Attempts))
		}
		return
	}
	holder, until := uuid.Must(uuid.NewV7()), tx.Now.Add(Lease)
	job.State, job.Attempts, job.Progress, job.HolderID, job.LeasedUntil = models.JobRunning, job.Attempts+1, 0, &holder, &until
}

func sentence(s fault.Sentence) json.RawMessage {
	text, _ := json.Marshal(s)
	return text
}

// JobBeat renews the lease of a job's holder and tells how far it has come. It is false when the job is no longer his.
func (s *Store) JobBeat(ctx context.Context, job *models.Job, progress float64) (bool, error) {
	return s.jobUpdate(ctx, job, func(j *models.Job, now time.Time) {
		until := now.Add(Lease)
		j.Progress, j.LeasedUntil = progress, &until
	})
}

// JobDone keeps a job's result. It is false, and nothing is kept, when the job is no longer its holder's.
func (s *Store) JobDone(ctx context.Context, job *models.Job, result json.RawMessage) (bool, error) {
	return s.jobUpdate(ctx, job, func(j *models.Job, now time.Time) {
		j.State, j.Result, j.Failure, j.Progress, j.FinishedAt, j.HolderID, j.LeasedUntil = models.JobDone, result, nil, 1, &now, nil, nil
	})
}

// JobFailed ends a job that was refused, or with a pause puts it back for another attempt.
func (s *Store) JobFailed(ctx context.Context, job *models.Job, why fault.Sentence, again *time.Duration) (bool, error) {
	return s.jobUpdate(ctx, job, func(j *models.Job, now time.Time) {
		j.State, j.Failure, j.FinishedAt, j.HolderID, j.LeasedUntil = models.JobFailed, sentence(why), &now, nil, nil
		if again != nil {
			later := now.Add(*again)
			j.State, j.FinishedAt, j.LeasedUntil = models.JobWaiting, nil, &later
		}
	})
}

// JobLeft gives a job back that its holder was told to stop; the attempt does not count.
func (s *Store) JobLeft(ctx context.Context, job *models.Job) (bool, error) {
	return s.jobUpdate(ctx, job, func(j *models.Job, _ time.Time) {
		j.State, j.Attempts, j.HolderID, j.LeasedUntil = models.JobWaiting, j.Attempts-1, nil, nil
	})
}

// jobUpdate changes a job that is still its holder's, and tells whether it was.
func (s *Store) jobUpdate(ctx context.Context, job *models.Job, change func(*models.Job, time.Time)) (held bool, err error) {
	now, err := s.Now(ctx)
	if err != nil {
		return false, fault.FromSQL(err)
	}
	_, err = s.Write(ctx, access.Nobody(now), Request{Operation: "job"}, func(tx *Tx) (uuid.UUID, error) {
		var row models.Job
		err := tx.NewSelect().Model(&row).Where("id = ? and holder_id = ? and state = ?", job.ID, *job.HolderID, models.JobRunning).For("update").Scan(tx.ctx)
		if held = err == nil; errors.Is(err, sql.ErrNoRows) {
			return uuid.Nil, nil
		}
		if err != nil {
			return uuid.Nil, err
		}
		row.UpdatedAt = tx.Now
		change(&row, tx.Now)
		_, err = tx.NewUpdate().Model(&row).Where("id = ?", job.ID).Exec(tx.ctx)
		return job.ID, err
	})
	return held, err
}
