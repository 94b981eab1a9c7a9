// Package simulate tells what changes of rights not yet made would do.
package simulate

import (
	"github.com/google/uuid"

	"guanxi/models"
)

// Simulation is what changes of rights would do.
type Simulation struct {
	Changed []*SimulatedUser // by name
}

// SimulatedUser is what one user would gain and lose.
type SimulatedUser struct {
	UserID uuid.UUID
	Gained []*KindCount
	Lost   []*KindCount
}

// KindCount is a number of records of one kind.
type KindCount struct {
	Kind  string
	Count int
}

// SimulatedUserConnection is a page of users affected.
type (
	SimulatedUserConnection = models.Connection[SimulatedUser]
	SimulatedUserEdge       = models.Edge[SimulatedUser]
)
