package simulate

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// What one request answers at once; beyond it a job does. Work is counted in users affected times the owners and pools whose
// records come into question for each, all users for who comes to see or no longer sees everything.
const (
	mostChanges = 50
	mostUsers   = 200
	mostWork    = 10_000
	mostRelated = 500_000 // relationships, counted once for each user whose sight of them may change
)

// Run makes the changes together, counts for each user affected which records he would newly see and no longer see, and
// keeps nothing. A change that would be refused is refused here, by its place; what takes too long is too.
func Run(ctx context.Context, s *store.Store, v *access.Viewer, asked Asked, totals Totals) (*Simulation, error) {
	return run(ctx, s, v, asked, true, totals, nil)
}

// InFull does the same, however long it takes.
func InFull(ctx context.Context, s *store.Store, v *access.Viewer, asked Asked, totals Totals, progress func(float64)) (*Simulation, error) {
	return run(ctx, s, v, asked, false, totals, progress)
}

// run hears of its progress, 0 to 1, through a function that may be nil.
func run(ctx context.Context, s *store.Store, v *access.Viewer, asked Asked, atOnce bool, totals Totals, progress func(float64)) (*Simulation, error) {
	if err := v.Need(access.AccessAdmin); err != nil {
		return nil, err
	}
	changes := asked.Changes
	if len(changes) < 1 || len(changes) > mostChanges {
		return nil, fault.Deny(fault.BadInput, fault.Say("Try 1 to %d changes.", "一次可模拟 1 到 %d 项变更。", mostChanges)).At("changes")
	}
	n, most := namedIn(changes), moreAsked
	if atOnce {
		most = mostAsked
	}
	if !asked.MovedTotals {
		totals = nil
	}
	t := &trial{ctx: ctx, viewer: v, asked: asked, atOnce: atOnce, progress: progress, whom: n.among, moving: moving{totals: totals, regroups: n.regroups(), most: most},
		change: func(tx *store.Tx) error { return Apply(tx, changes) }}
	return t.tried(s)
}

// Of tells what a change of any sort would do to what every user sees, and keeps nothing.
func Of(ctx context.Context, s *store.Store, v *access.Viewer, change func(*store.Tx) error, progress func(float64)) (*Simulation, error) {
	if err := v.Need(access.AccessAdmin); err != nil {
		return nil, err
	}
	t := &trial{ctx: ctx, viewer: v, progress: progress, whom: everyone, change: change}
	return t.tried(s)
}

// attempts is how often a simulation is tried when others change rights at the same moment.
const attempts = 3

// trial compares what users see before and after changes.
type trial struct {
	ctx      context.Context
	viewer   *access.Viewer // who asks
	asked    Asked
	atOnce   bool // refuse what takes long
	progress func(float64)
	whom     func(context.Context, access.Database) ([]uuid.UUID, error)
	change   func(*store.Tx) error

	users []uuid.UUID
	pairs []*pair
	tally tally
	done  int // users and kinds dealt with, for progress

	moving moving
}

// pair is a user with his rights before and after.
type pair struct {
	SimulatedUser
	name          string
	before, after *access.Viewer

	hands map[*access.Kind]access.Hands // as changing has them
}

// changing gives the hands whose records of a kind he does not see alike before and after.
func (p *pair) changing(kind *access.Kind) access.Hands {
	hands, known := p.hands[kind]
	if !known {
		hands = access.Changing(kind, p.before, p.after)
		p.hands[kind] = hands
	}
	return hands
}

func (t *trial) tried(s *store.Store) (*Simulation, error) {
	for attempt := 1; ; attempt++ {
		t.users, t.pairs, t.done, t.moving = nil, nil, 0, t.moving.again()
		err := s.Try(t.ctx, t.viewer, store.Trial{Before: t.look, Change: t.change, Changed: t.changed, Restored: t.restored})
		if err == nil {
			return t.result(), nil
		}
		if attempt == attempts || !fault.Is(err, fault.Conflict) {
			return nil, err
		}
	}
}

// look adds those affected, as the database is now.
func (t *trial) look(db *pgx.Conn) error {
	users, err := t.whom(t.ctx, db)
	t.users = models.SortIDs(slices.Concat(t.users, users))
	if err == nil && t.atOnce && len(t.users) > mostUsers {
		return tooLarge()
	}
	return err
}

// changed loads everyone's rights as the changes made them.
func (t *trial) changed(db *pgx.Conn) error {
	if err := t.look(db); err != nil {
		return err
	}
	for _, user := range t.users {
		t.pairs = append(t.pairs, &pair{SimulatedUser: SimulatedUser{Part: models.Part{ID: user}}, hands: map[*access.Kind]access.Hands{}})
	}
	if err := t.rights(db, func(p *pair, v *access.Viewer) { p.after = v }); err != nil {
		return err
	}
	if err := t.names(db); err != nil {
		return err
	}
	if err := t.moving.list(t, db); err != nil {
		return err
	}
	if err := t.load(db, t.moving.others, func(p *pair, v *access.Viewer) { p.after = v }); err != nil {
		return err
	}
	return t.moving.ask(t, db, &t.moving.after, func(p *pair) *access.Viewer { return p.after })
}

// rights loads everyone's rights.
func (t *trial) rights(db access.Database, set func(*pair, *access.Viewer)) error {
	return t.load(db, t.pairs, set)
}

// load loads the rights of some, many together.
func (t *trial) load(db access.Database, pairs []*pair, set func(*pair, *access.Viewer)) error {
	const atOnce = 500
	for some := range slices.Chunk(pairs, atOnce) {
		users := make([]uuid.UUID, len(some))
		for i, p := range some {
			users[i] = p.ID
		}
		list, err := access.LoadAll(t.ctx, db, users, t.viewer.Now)
		if err != nil {
			return err
		}
		for i, p := range some {
			set(p, list[i])
		}
		t.advance(len(some))
	}
	return nil
}

func (t *trial) names(db access.Database) error {
	byID := map[uuid.UUID]*pair{}
	for _, p := range t.pairs {
		byID[p.ID] = p
	}
	place := 0
	err := query(t.ctx, db, `select id, name, login from users where id = any($1) order by name collate "zh-x-icu", id`, []any{t.users}, func(r pgx.Rows) error {
		var id uuid.UUID
		var name, login string
		err := r.Scan(&id, &name, &login)
		if p := byID[id]; p != nil {
			p.name, p.Login = name, login
			place++
			t.pairs[place-1], byID[id] = p, nil
		}
		return err
	})
	return err
}

// restored loads everyone's rights as they are, and counts what differs. Both rights are held against the same records, which
// the changes do not touch.
func (t *trial) restored(db *pgx.Conn) error {
	before := func(p *pair, v *access.Viewer) { p.before = v }
	err := t.rights(db, before)
	if err == nil {
		err = t.load(db, t.moving.others, before)
	}
	if err == nil {
		err = t.measure(db)
	}
	if err == nil {
		err = t.moving.ask(t, db, &t.moving.before, func(p *pair) *access.Viewer { return p.before })
	}
	if err == nil {
		t.tally, err = tallyOf(t.ctx, db)
	}
	if err != nil {
		return err
	}
	for _, kind := range access.Kinds {
		if kind.Guard != access.Business {
			continue
		}
		if err := t.compare(db, kind); err != nil {
			return err
		}
	}
	return t.relate(db)
}

// measure refuses what one request should not wait for.
func (t *trial) measure(db access.Database) error {
	if !t.atOnce {
		return nil
	}
	everybody, work := 0, 0
	err := query(t.ctx, db, "select count(*) from users", nil, func(r pgx.Rows) error { return r.Scan(&everybody) })
	for _, p := range t.pairs {
		most := 0
		for _, kind := range access.Kinds {
			if kind.Guard != access.Business {
				continue
			}
			hands := p.changing(kind)
			if most = max(most, len(hands.Of)); hands.All {
				most = everybody
			}
		}
		work += most
	}
	if err == nil && work > mostWork {
		return tooLarge()
	}
	return err
}

func tooLarge() error {
	return fault.Deny(fault.LimitExceeded, fault.Say("These changes affect too much to be simulated at once: start the job accessSimulationStart instead.",
		"这些变更影响过多，无法立即模拟：请改用后台任务 accessSimulationStart。")).At("changes")
}

// advance tells of progress: each user counts twice for his rights, once for each kind, and more for relationships.
func (t *trial) advance(steps int) {
	t.done += steps
	each := 2 + businessKinds()
	if t.asked.Relationships {
		each += relationshipSteps
	}
	if t.progress != nil {
		t.progress(min(1, float64(t.done)/float64(max(1, len(t.users)*each))))
	}
}

func businessKinds() (n int) {
	for _, kind := range access.Kinds {
		if kind.Guard == access.Business {
			n++
		}
	}
	return n
}

// result gives those who gain or lose something, by name.
func (t *trial) result() *Simulation {
	result := &Simulation{}
	for _, p := range t.pairs {
		if len(p.Gained)+len(p.Lost)+p.RelationshipsGained.count()+p.RelationshipsLost.count() > 0 {
			one := p.SimulatedUser
			result.Changed = append(result.Changed, &one)
		}
	}
	models.NewBatch(result.Changed)
	result.MovedTotals = t.moving.result(t)
	return result
}
