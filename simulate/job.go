package simulate

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// JobKind is the kind of job that simulates changes of rights.
const JobKind = "ACCESS_SIMULATION"

// Work simulates as a job, by the rights that its starter has when it runs. The result is of one instant: an attempt begins
// anew.
func Work(s *store.Store) func(context.Context, *models.Job, func(float64)) (any, error) {
	return func(ctx context.Context, job *models.Job, progress func(float64)) (any, error) {
		var changes []Change
		if err := json.Unmarshal(job.Input, &changes); err != nil {
			return nil, fault.Deny(fault.BadInput, fault.Say("The changes cannot be read.", "无法读取变更内容。")).Because(err)
		}
		now, err := s.Now(ctx)
		if err != nil {
			return nil, fault.FromSQL(err)
		}
		v, _, err := s.Rights(ctx, job.OwnerID, now)
		if err != nil {
			return nil, err
		}
		done, err := run(ctx, s, v, changes, false, nil, progress)
		if err != nil {
			return nil, err
		}
		list := make([]written, len(done.Changed))
		for i, u := range done.Changed {
			list[i] = written{u.ID, u.Login, u.Gained, u.Lost}
		}
		return list, nil
	}
}

// written is what one user would gain and lose, as the result of a job is kept.
type written struct {
	User         uuid.UUID
	Login        string
	Gained, Lost []*KindCount
}

// Read gives the result of a job that is done.
func Read(result json.RawMessage) (*Simulation, error) {
	var list []written
	if err := json.Unmarshal(result, &list); err != nil {
		return nil, err
	}
	s := &Simulation{}
	for _, u := range list {
		s.Changed = append(s.Changed, &SimulatedUser{Part: models.Part{ID: u.User}, Login: u.Login, Gained: u.Gained, Lost: u.Lost})
	}
	models.NewBatch(s.Changed)
	return s, nil
}
