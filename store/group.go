package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// GroupCreate forms a group of active users.
func (s *Store) GroupCreate(ctx context.Context, v *access.Viewer, q Request, input map[string]any) (uuid.UUID, error) {
	members, _ := input["members"].([]uuid.UUID)
	return Groups.Create(ctx, s, v, q, input, nil, func(tx *Tx, g *models.Group) error {
		return tx.setMembers(g.ID, members)
	})
}

// GroupUpdate changes a group's name or note.
func (s *Store) GroupUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, input map[string]any) (uuid.UUID, error) {
	return Groups.Update(ctx, s, v, q, id, version, input, nil)
}

// GroupDissolve dissolves a group: its members leave it, and nothing given over it reaches anybody.
func (s *Store) GroupDissolve(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int) (uuid.UUID, error) {
	if err := v.Need(access.UserAdmin); err != nil {
		return uuid.Nil, err
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) { return id, tx.GroupDissolve(id, version) })
}

// GroupForm forms a group of users within a write.
func (tx *Tx) GroupForm(name string, members []uuid.UUID) (uuid.UUID, error) {
	return Groups.insert(tx, &models.Group{Name: name}, nil, nil, func(tx *Tx, g *models.Group) error { return tx.setMembers(g.ID, members) })
}

// GroupDissolve dissolves a group within a write.
func (tx *Tx) GroupDissolve(id uuid.UUID, version *int) error {
	return Groups.alter(tx, id, version, "DISSOLVE", func(tx *Tx, g *models.Group) error {
		if err := standing(g); err != nil {
			return err
		}
		g.DissolvedAt = &tx.Now
		return tx.replaceMembers(id, nil)
	})
}

// GroupMembersSet gives a group exactly these members.
func (s *Store) GroupMembersSet(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, members []uuid.UUID) (uuid.UUID, error) {
	return Groups.Edit(ctx, s, v, q, access.Update, id, version, "MEMBERS", func(tx *Tx, g *models.Group) error {
		if err := standing(g); err != nil {
			return err
		}
		return tx.setMembers(id, members)
	})
}

// GroupMember lets a user into a group, or out of it, within a write.
func (tx *Tx) GroupMember(group, user uuid.UUID, member bool) error {
	return Groups.alter(tx, group, nil, "MEMBERS", func(tx *Tx, g *models.Group) error {
		if err := standing(g); err != nil {
			return err
		}
		members, err := tx.membersOf(group)
		if err != nil {
			return err
		}
		var rest []uuid.UUID
		for _, m := range members {
			if m != user {
				rest = append(rest, m)
			}
		}
		if member {
			rest = append(rest, user)
		}
		return tx.setMembers(group, rest)
	})
}

func standing(g *models.Group) error {
	if g.DissolvedAt == nil {
		return nil
	}
	return fault.Refuse(fault.Invalid, fault.Say("This group is dissolved.", "该小组已解散。")).At("input", "id")
}

func (tx *Tx) membersOf(group uuid.UUID) ([]uuid.UUID, error) {
	members := []uuid.UUID{}
	err := tx.NewSelect().Model((*models.GroupMember)(nil)).Column("user_id").Where("group_id = ?", group).Order("user_id").Scan(tx.ctx, &members)
	return members, err
}

// setMembers replaces a group's members by users who are there.
func (tx *Tx) setMembers(group uuid.UUID, members []uuid.UUID) error {
	for i, user := range members {
		if err := tx.See(access.User, user, "input", "members", fmt.Sprint(i)); err != nil {
			return err
		}
	}
	return tx.replaceMembers(group, members)
}

func (tx *Tx) replaceMembers(group uuid.UUID, members []uuid.UUID) error {
	before, err := tx.membersOf(group)
	if err != nil {
		return err
	}
	if _, err := tx.NewDelete().Model((*models.GroupMember)(nil)).Where("group_id = ?", group).Exec(tx.ctx); err != nil {
		return fault.FromSQL(err)
	}
	for _, user := range members {
		if _, err := tx.NewInsert().Model(&models.GroupMember{GroupID: group, UserID: user}).On("conflict do nothing").Exec(tx.ctx); err != nil {
			return fault.FromSQL(err)
		}
	}
	tx.note("members", before, members)
	return nil
}
