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
	models.Part // the id is the user's
	Gained      []*KindCount
	Lost        []*KindCount
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

// Change is one change of rights to try; exactly one of its parts is set.
type Change struct {
	Grant            *models.Grant
	GrantDelete      *uuid.UUID
	Membership       *models.Membership
	MembershipDelete *uuid.UUID
	GroupMember      *GroupMember
	UserRoles        *UserRoles
}

// GroupMember lets a user into a group or out of it.
type GroupMember struct {
	Group, User uuid.UUID
	Member      bool
}

// UserRoles gives a user exactly these roles.
type UserRoles struct {
	User    uuid.UUID
	Roles   []uuid.UUID
	Version *int
}
