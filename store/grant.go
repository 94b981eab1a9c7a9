package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// GrantCreate gives a user or a role sight of some people's records, or takes it.
func (s *Store) GrantCreate(ctx context.Context, v *access.Viewer, q Request, g models.Grant) (uuid.UUID, error) {
	if err := v.Need(access.AccessAdmin); err != nil {
		return uuid.Nil, err
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) { return tx.GrantCreate(g) })
}

// GrantChange is what may change of a grant: nil leaves a field as it is.
type GrantChange struct {
	Effect, Level *string
	Kinds         *[]string
	From, Until   **time.Time
	Note          **string
}

// GrantUpdate changes a grant's effect, level, kinds, period or note.
func (s *Store) GrantUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, change GrantChange) (uuid.UUID, error) {
	if err := v.Need(access.AccessAdmin); err != nil {
		return uuid.Nil, err
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) { return id, tx.GrantUpdate(id, version, change) })
}

// GrantUpdate changes a grant within a write.
func (tx *Tx) GrantUpdate(id uuid.UUID, version *int, change GrantChange) error {
	return Grants.alter(tx, id, version, "UPDATE", func(_ *Tx, g *models.Grant) error {
		replace(&g.Effect, change.Effect)
		replace(&g.Level, change.Level)
		replace(&g.Kinds, change.Kinds)
		replace(&g.ValidFrom, change.From)
		replace(&g.ValidUntil, change.Until)
		replace(&g.Note, change.Note)
		return checkGrant(g)
	})
}

func replace[T any](field *T, by *T) {
	if by != nil {
		*field = *by
	}
}

// GrantDelete takes a grant back.
func (s *Store) GrantDelete(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int) (uuid.UUID, error) {
	return Grants.Remove(ctx, s, v, q, id, version)
}

// GrantCreate gives a grant within a write. Its grantee and its subject must be there.
func (tx *Tx) GrantCreate(g models.Grant) (uuid.UUID, error) {
	if err := checkGrant(&g); err != nil {
		return uuid.Nil, err
	}
	if err := tx.seeGrantee(&g); err != nil {
		return uuid.Nil, err
	}
	if g.SubjectID != nil {
		if err := tx.seeReached(*g.SubjectID); err != nil {
			return uuid.Nil, err
		}
	}
	begin(tx, access.Grant, &g)
	g.CreatedBy = tx.Viewer.Owner()
	if _, err := tx.NewInsert().Model(&g).Exec(tx.ctx); err != nil {
		return uuid.Nil, fault.FromSQL(err)
	}
	return g.ID, tx.Audit(g.ID, "CREATE", made(&g))
}

// GrantDelete takes a grant back within a write.
func (tx *Tx) GrantDelete(id uuid.UUID) error { return Grants.remove(tx, id, nil) }

func (tx *Tx) seeGrantee(g *models.Grant) error {
	if g.GranteeUserID != nil {
		return tx.See(access.User, *g.GranteeUserID, "input", "grantee", "user")
	}
	return tx.See(access.Role, *g.GranteeRoleID, "input", "grantee", "role")
}

// seeReached refuses a subject that is not there. A user who has left still owns records.
func (tx *Tx) seeReached(subject uuid.UUID) error {
	if models.KindOf(subject) == models.UserCode {
		return tx.See(access.User, subject, "input", "subject", "user")
	}
	return tx.seeSubject(subject, "input", "subject")
}

// CheckGrant tells what is wrong with a grant, as fault.Many.
func CheckGrant(g *models.Grant) error { return checkGrant(g) }

// checkGrant refuses a grant that is not of exactly one grantee over exactly one subject, or whose period never begins.
func checkGrant(g *models.Grant) error {
	var wrong fault.Many
	if (g.GranteeUserID == nil) == (g.GranteeRoleID == nil) {
		wrong = append(wrong, fault.Refuse(fault.Invalid, fault.Say("Name exactly one of user, role.", "请在 user、role 中恰好选一个。")).At("input", "grantee"))
	}
	if g.Everyone == (g.SubjectID != nil) {
		wrong = append(wrong, fault.Refuse(fault.Invalid, fault.Say("Name exactly one of everyone, department, user, group.", "请在 everyone、department、user、group 中恰好选一个。")).At("input", "subject"))
	}
	if g.ValidFrom != nil && g.ValidUntil != nil && !g.ValidUntil.After(*g.ValidFrom) {
		wrong = append(wrong, fault.Refuse(fault.Invalid, fault.Say("A grant ends after it begins.", "授权的结束时间必须晚于开始时间。")).At("input", "until"))
	}
	if g.Note = known(g.Note); g.Note != nil {
		if f := checkText(*g.Note, false, true); f != nil {
			wrong = append(wrong, f.At("input", "note"))
		}
	}
	wrong = append(wrong, checkReach(&g.Kinds, g.Level)...)
	if g.Effect != models.Allow && g.Effect != models.Deny {
		wrong = append(wrong, fault.Refuse(fault.Invalid, fault.Say("There is no effect %q.", "没有效果“%s”。", g.Effect)).At("input", "effect"))
	}
	return wrong.OrNil()
}

// checkReach refuses levels and kinds that there are not, and an empty list of kinds; a kind named twice counts once.
func checkReach(kinds *[]string, level string) (wrong fault.Many) {
	if level != models.Observe && level != models.Manage {
		wrong = append(wrong, fault.Refuse(fault.Invalid, fault.Say("There is no level %q.", "没有级别“%s”。", level)).At("input", "level"))
	}
	for i, name := range *kinds {
		if kind, ok := access.Named(name); !ok || kind.Guard != access.Business {
			wrong = append(wrong, fault.Refuse(fault.Invalid, fault.Say("There is no kind of record %q.", "没有记录类型“%s”。", name)).At("input", "kinds", fmt.Sprint(i)))
		}
	}
	if *kinds != nil && len(*kinds) == 0 {
		wrong = append(wrong, fault.Refuse(fault.Invalid, fault.Say("Name at least one kind, or leave them out for all.", "请至少选择一种类型，或省略以表示全部。")).At("input", "kinds"))
	}
	if *kinds != nil {
		*kinds = slices.Clone(*kinds)
		slices.Sort(*kinds)
		*kinds = slices.Compact(*kinds)
	}
	return wrong
}

// GrantsOf lists the standing grants of roles, for who may read grants.
func GrantsOf(ctx context.Context, snap *access.Snapshot, roles []uuid.UUID) (map[uuid.UUID][]*models.Grant, error) {
	if !snap.Viewer.May(access.AccessAdmin) {
		return map[uuid.UUID][]*models.Grant{}, nil
	}
	given := access.ByForeign(access.Grant, "grantee_role_id")
	found, err := Grants.Linked(ctx, snap, roles, given, "id")
	for _, id := range roles {
		if found != nil && found[id] == nil {
			found[id] = []*models.Grant{}
		}
	}
	return found, err
}
