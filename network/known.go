package network

import (
	"context"

	"github.com/google/uuid"

	"guanxi/adjacency"
	"guanxi/models"
)

// known is what the net in memory knows of what it told; nothing where SQL walked.
type known struct{ net *adjacency.View }

// KnownParty gives a party when no more of it is selected than its id and its name, which the net knows; else nil.
func (k known) KnownParty(ctx context.Context, id uuid.UUID) models.Party {
	if !k.knowsParty(ctx) {
		return nil
	}
	return k.net.Party(id)
}

func (k known) knowsParty(ctx context.Context) bool {
	return k.net != nil && models.SelectsOnly(ctx, "id", "name")
}

// relationship gives a relationship when no more of it is selected than its id and its strength; else nil.
func (k known) relationship(ctx context.Context, id uuid.UUID, strength *int) *models.Relationship {
	if k.net == nil || !models.SelectsOnly(ctx, "id", "strength") {
		return nil
	}
	return &models.Relationship{Record: models.Record{ID: id}, Strength: strength}
}
