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

// Asked is what is to be simulated.
type Asked struct {
	Changes       []Change
	MovedTotals   bool // which totals of saved reports would move, too
	Relationships bool // how many relationships each user would gain and lose, too
}

// Work simulates as a job, by the rights that its starter has when it runs. The result is of one instant: an attempt begins
// anew.
func Work(s *store.Store, totals Totals) func(context.Context, *models.Job, func(float64)) (any, error) {
	return func(ctx context.Context, job *models.Job, progress func(float64)) (any, error) {
		asked, err := askedOf(job.Input)
		if err != nil {
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
		done, err := InFull(ctx, s, v, asked, totals, progress)
		if err != nil {
			return nil, err
		}
		result := written{MovedTotals: done.MovedTotals}
		for _, u := range done.Changed {
			result.Users = append(result.Users, writtenUser{u.ID, u.Login, u.Gained, u.Lost, u.RelationshipsGained, u.RelationshipsLost})
		}
		return result, nil
	}
}

// askedOf reads what a job is to simulate; one that was started before totals could be asked for has changes alone.
func askedOf(input json.RawMessage) (asked Asked, err error) {
	if json.Unmarshal(input, &asked.Changes) == nil {
		return asked, nil
	}
	return asked, json.Unmarshal(input, &asked)
}

// written is the result of a job as it is kept.
type written struct {
	Users       []writtenUser
	MovedTotals *MovedTotals `json:",omitempty"`
}

// writtenUser is what one user would gain and lose.
type writtenUser struct {
	User         uuid.UUID
	Login        string
	Gained, Lost []*KindCount

	RelationshipsGained, RelationshipsLost *KindCount `json:",omitempty"`
}

// Read gives the result of a job that is done; an older one is of users alone.
func Read(result json.RawMessage) (*Simulation, error) {
	var kept written
	if json.Unmarshal(result, &kept.Users) != nil {
		if err := json.Unmarshal(result, &kept); err != nil {
			return nil, err
		}
	}
	s := &Simulation{MovedTotals: kept.MovedTotals}
	for _, u := range kept.Users {
		s.Changed = append(s.Changed, &SimulatedUser{Part: models.Part{ID: u.User}, Login: u.Login, Gained: u.Gained, Lost: u.Lost,
			RelationshipsGained: u.RelationshipsGained, RelationshipsLost: u.RelationshipsLost})
	}
	models.NewBatch(s.Changed)
	if s.MovedTotals != nil {
		s.MovedTotals.together()
	}
	return s, nil
}
