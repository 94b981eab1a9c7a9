package simulate

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

const mostChanges = 50

// Run makes the changes together, counts for each user affected which records he would newly see and no longer see, and
// keeps nothing. A change that would be refused is refused here, by its place.
func Run(ctx context.Context, s *store.Store, v *access.Viewer, changes []Change) (*Simulation, error) {
	if err := v.Need(access.AccessAdmin); err != nil {
		return nil, err
	}
	if len(changes) < 1 || len(changes) > mostChanges {
		return nil, fault.Deny(fault.BadInput, fault.Say("Try 1 to %d changes.", "一次可模拟 1 到 %d 项变更。", mostChanges)).At("changes")
	}
	for attempt := 1; ; attempt++ {
		result, err := once(ctx, s, v, changes)
		if err == nil || attempt == attempts || !fault.Is(err, fault.Conflict) {
			return result, err
		}
	}
}

// attempts is how often a simulation is tried when others change rights at the same moment.
const attempts = 3

func once(ctx context.Context, s *store.Store, v *access.Viewer, changes []Change) (*Simulation, error) {
	t := &trial{ctx: ctx, viewer: v, before: map[uuid.UUID]*access.Viewer{}}
	result := &Simulation{}
	before := func(db access.Database) error { return t.affected(db, changes) }
	change := func(tx *store.Tx) error { return apply(tx, changes) }
	err := s.Try(ctx, v, before, change, func(db access.Database) error {
		for _, user := range t.whom {
			one, err := t.compare(db, user)
			if err != nil {
				return err
			}
			if len(one.Gained)+len(one.Lost) > 0 {
				result.Changed = append(result.Changed, one)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	models.NewBatch(result.Changed)
	return result, nil
}

// apply makes the changes by the same functions as the mutations.
func apply(tx *store.Tx, changes []Change) error {
	for i, c := range changes {
		if err := applyOne(tx, c); err != nil {
			return placed(err, i)
		}
	}
	return nil
}

func applyOne(tx *store.Tx, c Change) (err error) {
	switch {
	case c.Grant != nil:
		_, err = tx.GrantCreate(*c.Grant)
	case c.GrantDelete != nil:
		err = tx.GrantDelete(*c.GrantDelete)
	case c.Membership != nil:
		_, err = tx.MembershipCreate(*c.Membership)
	case c.MembershipDelete != nil:
		err = tx.MembershipDelete(*c.MembershipDelete, nil)
	case c.GroupMember != nil:
		err = tx.GroupMember(c.GroupMember.Group, c.GroupMember.User, c.GroupMember.Member)
	case c.UserRoles != nil:
		err = tx.UserRolesSet(c.UserRoles.User, c.UserRoles.Version, c.UserRoles.Roles)
	}
	return err
}

// placed tells which change a refusal is of. There is no payload to tell it in, so the whole request is refused.
func placed(err error, i int) error {
	refusals, rest := fault.Refusals(err)
	if len(refusals) == 0 {
		return rest
	}
	f := refusals[0]
	if f.Code == fault.Conflict {
		return f
	}
	field := f.Field
	if len(field) > 0 {
		field = field[1:]
	}
	return fault.Deny(fault.BadInput, f.Sentence).At(append([]string{"changes", strconv.Itoa(i)}, field...)...).Because(errors.Unwrap(f))
}

// trial compares users' sight before and after.
type trial struct {
	ctx    context.Context
	viewer *access.Viewer
	whom   []uuid.UUID // users who may be affected, by name
	before map[uuid.UUID]*access.Viewer
}

// compare counts what the user sees in the changed database that he did not see before, and the other way round. Both
// rights are held against the same records, which the changes do not touch.
func (t *trial) compare(db access.Database, user uuid.UUID) (*SimulatedUser, error) {
	after, err := access.Load(t.ctx, db, user, t.viewer.Now)
	if err != nil {
		return nil, err
	}
	one := &SimulatedUser{Part: models.Part{ID: user}}
	for _, kind := range access.Kinds {
		if kind.Guard != access.Business {
			continue
		}
		gained, lost, err := t.count(db, kind, t.before[user], after)
		if err != nil {
			return nil, err
		}
		if gained > 0 {
			one.Gained = append(one.Gained, &KindCount{Kind: kind.Name, Count: gained})
		}
		if lost > 0 {
			one.Lost = append(one.Lost, &KindCount{Kind: kind.Name, Count: lost})
		}
	}
	return one, nil
}

func (t *trial) count(db access.Database, kind *access.Kind, before, after *access.Viewer) (gained, lost int, err error) {
	q := before.Query()
	later := q.For(after)
	text := fmt.Sprintf(`select count(*) filter (where b.id is null), count(*) filter (where a.id is null)
		from (select r.id from %s) b full join (select r.id from %s) a on a.id = b.id`, q.Visible(kind, "r"), later.Visible(kind, "r"))
	err = query(t.ctx, db, text, q.Args(), func(r pgx.Rows) error { return r.Scan(&gained, &lost) })
	return gained, lost, err
}

func query(ctx context.Context, db access.Database, text string, args []any, each func(pgx.Rows) error) error {
	rows, err := db.Query(ctx, text, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
