// Package simulate tells what changes of rights not yet made would do.
package simulate

import (
	"github.com/google/uuid"

	"guanxi/models"
)

// Simulation is what changes of rights would do.
type Simulation struct {
	Changed     []*SimulatedUser // by name
	MovedTotals *MovedTotals     `json:",omitempty"` // nil when nobody asked
}

// SimulatedUser is what one user would gain and lose.
type SimulatedUser struct {
	models.Part // the id is the user's
	Login       string
	Gained      []*KindCount
	Lost        []*KindCount

	RelationshipsGained, RelationshipsLost *KindCount // nil when nobody asked
}

// KindCount is a number of records of one kind, and the first of them that whoever asked sees himself: owner by owner, by id. It is nil
// where they are not counted.
type KindCount struct {
	models.Part `json:"-"` // the id is of this number, for what comes together with it
	Kind        string
	Count       int
	First       []uuid.UUID
}

func (k *KindCount) count() int {
	if k == nil {
		return 0
	}
	return k.Count
}

// MostShown is how many of the records counted are named at most.
const MostShown = 10

// SimulatedUserConnection is a page of users affected.
type (
	SimulatedUserConnection = models.Connection[SimulatedUser]
	SimulatedUserEdge       = models.Edge[SimulatedUser]
)
