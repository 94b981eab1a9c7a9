package resolvers

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/graph"
	"guanxi/loaders"
	"guanxi/models"
	"guanxi/simulate"
	"guanxi/store"
)

// changesOf decodes the changes to simulate.
func changesOf(input []*graph.AccessChangeInput) ([]simulate.Change, error) {
	changes := make([]simulate.Change, len(input))
	for i, in := range input {
		named := 0
		for _, decode := range []func(*graph.AccessChangeInput, *simulate.Change) (bool, error){grantChange, placeChange, groupChange, userChange, roleChange} {
			given, err := decode(in, &changes[i])
			if err != nil {
				return nil, badInput(err)
			}
			if given {
				named++
			}
		}
		if named != 1 || countOf(changes[i]) != 1 {
			return nil, fault.Deny(fault.BadInput, fault.Say("Each change is exactly one.", "每项变更须恰好指定一种。")).At("changes")
		}
	}
	return changes, nil
}

// asksFor tells whether a field is selected on what is being answered.
func asksFor(ctx context.Context, name string) bool {
	return slices.ContainsFunc(graphql.CollectFieldsCtx(ctx, nil), func(f graphql.CollectedField) bool { return f.Name == name })
}

// countOf counts the parts of a change that are set.
func countOf(c simulate.Change) (n int) {
	for _, set := range []bool{c.Grant != nil, c.GrantUpdate != nil, c.GrantDelete != nil, c.Membership != nil, c.MembershipDelete != nil, c.DepartmentMove != nil,
		c.Group != nil, c.GroupMember != nil, c.GroupDissolve != nil, c.UserRoles != nil, c.UserDeactivate != nil, c.UserActivate != nil, c.Role != nil,
		c.RoleDelete != nil, c.PoolMembers != nil} {
		if set {
			n++
		}
	}
	return n
}

func grantChange(in *graph.AccessChangeInput, change *simulate.Change) (given bool, err error) {
	if in.Grant != nil {
		g, err := grantOf(in.Grant)
		change.Grant, given = &g, true
		if err != nil {
			return true, err
		}
	}
	if u := in.GrantUpdate; u != nil {
		change.GrantUpdate, given = &simulate.GrantUpdate{ID: u.ID, Effect: u.Effect, Level: u.Level}, true
		if kinds := omitted(u.Kinds); kinds != nil {
			change.GrantUpdate.Kinds = &simulate.To[[]string]{Value: *kinds}
		}
		if from := omitted(u.From); from != nil {
			change.GrantUpdate.From = &simulate.To[*time.Time]{Value: *from}
		}
		if until := omitted(u.Until); until != nil {
			change.GrantUpdate.Until = &simulate.To[*time.Time]{Value: *until}
		}
	}
	change.GrantDelete = in.GrantDelete
	return given || in.GrantDelete != nil, nil
}

func placeChange(in *graph.AccessChangeInput, change *simulate.Change) (given bool, err error) {
	if m := in.Membership; m != nil {
		change.Membership, given = &models.Membership{UserID: m.User, DepartmentID: m.Department, IsPrimary: m.Primary, Title: m.Title}, true
	}
	if m := in.DepartmentMove; m != nil {
		change.DepartmentMove, given = &simulate.DepartmentMove{Department: m.Department, Parent: m.Parent}, true
	}
	change.MembershipDelete = in.MembershipDelete
	return given || in.MembershipDelete != nil, nil
}

func groupChange(in *graph.AccessChangeInput, change *simulate.Change) (given bool, err error) {
	if g := in.Group; g != nil {
		change.Group, given = &simulate.Group{Members: g.Members}, true
		for _, one := range g.Grants {
			change.Group.Grants = append(change.Group.Grants, models.Grant{
				GranteeUserID: one.Grantee.User, GranteeRoleID: one.Grantee.Role, Effect: one.Effect, Level: one.Level, Kinds: one.Kinds,
			})
		}
	}
	if m := in.GroupMember; m != nil {
		change.GroupMember, given = &simulate.GroupMember{Group: m.Group, User: m.User, Member: m.Member}, true
	}
	change.GroupDissolve = in.GroupDissolve
	return given || in.GroupDissolve != nil, nil
}

func userChange(in *graph.AccessChangeInput, change *simulate.Change) (given bool, err error) {
	if u := in.UserRoles; u != nil {
		change.UserRoles, given = &simulate.UserRoles{User: u.User, Roles: u.Roles, Version: u.ExpectedVersion}, true
	}
	change.UserDeactivate, change.UserActivate = in.UserDeactivate, in.UserActivate
	return given || in.UserDeactivate != nil || in.UserActivate != nil, nil
}

func roleChange(in *graph.AccessChangeInput, change *simulate.Change) (given bool, err error) {
	if r := in.Role; r != nil {
		change.Role, given = &simulate.Role{ID: r.ID, Permissions: r.Permissions}, true
	}
	if p := in.PoolMembers; p != nil {
		members, err := poolMembersOf(p.Members)
		change.PoolMembers, given = &simulate.PoolMembers{Pool: p.Pool, Members: members}, true
		if err != nil {
			return true, err
		}
	}
	change.RoleDelete = in.RoleDelete
	return given || in.RoleDelete != nil, nil
}

// badInput tells a refusal as an error where there is no payload to tell it in.
func badInput(err error) error {
	refusals, rest := fault.Refusals(err)
	if len(refusals) == 0 {
		return rest
	}
	return fault.Deny(fault.BadInput, refusals[0].Sentence).At(append([]string{"changes"}, refusals[0].Field[1:]...)...)
}

// pageOf gives a page of the users affected.
func pageOf(all []*simulate.SimulatedUser, first *int, after *string) (*models.Connection[simulate.SimulatedUser], error) {
	size, start := 20, 0
	if first != nil {
		if err := store.CheckPage(*first, "first"); err != nil {
			return nil, err
		}
		size = *first
	}
	cursor := func(u *simulate.SimulatedUser) string { return base64.RawURLEncoding.EncodeToString(u.ID[:]) }
	if after != nil {
		start = slices.IndexFunc(all, func(u *simulate.SimulatedUser) bool { return cursor(u) == *after }) + 1
		if start == 0 {
			return nil, fault.Deny(fault.BadInput, fault.Say("This cursor is not of this list.", "游标不属于此列表。")).At("after")
		}
	}
	end := min(start+size, len(all))
	page := &models.Connection[simulate.SimulatedUser]{PageInfo: &models.PageInfo{HasNextPage: end < len(all), HasPreviousPage: start > 0}}
	number(all[start:end])
	for _, u := range all[start:end] {
		page.Edges = append(page.Edges, &models.Edge[simulate.SimulatedUser]{At: models.Sealed(cursor(u)), Node: u})
	}
	if n := len(page.Edges); n > 0 {
		page.PageInfo.First, page.PageInfo.Last = page.Edges[0].At, page.Edges[n-1].At
	}
	page.Counted = func(context.Context) (models.Count, error) { return models.Count{Number: len(all), Exact: true}, nil }
	return page, nil
}

// number makes the counts of a page one batch.
func number(users []*simulate.SimulatedUser) {
	var counts []*simulate.KindCount
	for _, u := range users {
		for _, k := range slices.Concat(u.Gained, u.Lost, []*simulate.KindCount{u.RelationshipsGained, u.RelationshipsLost}) {
			if k != nil {
				k.ID = uuid.New()
				counts = append(counts, k)
			}
		}
	}
	models.NewBatch(counts)
}

// firstOf gives the first of the records counted that the viewer sees now.
func firstOf[T any](ctx context.Context, k *simulate.KindCount, first int) ([]T, error) {
	if first < 1 || first > simulate.MostShown {
		return nil, fault.Deny(fault.BadInput, fault.Say("At most %d records are named.", "最多列出 %d 条记录。", simulate.MostShown)).At("first")
	}
	_, batch := k.Key()
	found, err := models.Fetch(ctx, batch, "records", func() (map[uuid.UUID]models.Keyed, error) {
		var ids []uuid.UUID
		for _, row := range batch.Rows {
			ids = append(ids, row.(*simulate.KindCount).First...)
		}
		return loaders.Nodes(ctx, ids)
	})
	list := []T{}
	for _, id := range k.First {
		if record, ok := found[id].(T); ok && len(list) < first {
			list = append(list, record)
		}
	}
	return list, err
}

// jobOf gives a job of the viewer's own, nil for any other.
func jobOf(ctx context.Context, id uuid.UUID) (*models.Job, error) {
	jobs, err := store.Jobs(ctx, access.Of(ctx), &id)
	if err != nil || len(jobs) == 0 {
		return nil, err
	}
	return jobs[0], nil
}

func jobAfter(ctx context.Context, id uuid.UUID, err error) (*graph.JobPayload, error) {
	refused, err := told(ctx, err)
	if err != nil || len(refused) > 0 {
		return &graph.JobPayload{UserErrors: refused}, err
	}
	access.Of(ctx).Close(ctx)
	job, err := jobOf(ctx, id)
	return &graph.JobPayload{Job: job, UserErrors: refused}, err
}

// simulationOf reads what a job that is done has found. Of many jobs only so many are read as one request may hold.
func simulationOf(ctx context.Context, job *models.Job) (*simulate.Simulation, error) {
	results, err := models.Fetch(ctx, job.Batch, "result", func() (map[uuid.UUID]json.RawMessage, error) {
		var ids []uuid.UUID
		for _, row := range job.Batch.Rows {
			id, _ := row.Key()
			ids = append(ids, id)
		}
		return store.JobResults(ctx, access.Of(ctx), ids)
	})
	if err != nil {
		return nil, err
	}
	result, read := results[job.ID]
	if !read {
		return nil, fault.Deny(fault.LimitExceeded, fault.Say("The results of so many jobs are too much at once; ask for this one by job.", "一次读取的任务结果过多，请用 job 单独查询此任务。"))
	}
	return simulate.Read(result)
}

func failureOf(ctx context.Context, job *models.Job) (*string, error) {
	if job.Failure == nil {
		return nil, nil
	}
	var why fault.Sentence
	err := json.Unmarshal(job.Failure, &why)
	text := why.In(fault.Language(ctx))
	return &text, err
}
