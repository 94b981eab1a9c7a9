package resolvers

import (
	"context"
	"slices"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/graph"
	"guanxi/loaders"
	"guanxi/models"
	"guanxi/store"
)

// subjectOf decodes people: exactly one of a department, a user or a group.
func subjectOf(input *graph.SubjectInput, field ...string) (uuid.UUID, bool, error) {
	id, below, named := uuid.Nil, false, 0
	for _, one := range []struct {
		id   *uuid.UUID
		kind models.KindCode
	}{{input.User, models.UserCode}, {input.Group, models.GroupCode}} {
		if one.id != nil {
			id, named = ofKind(*one.id, one.kind), named+1
		}
	}
	if input.Department != nil {
		id, below, named = ofKind(input.Department.ID, models.DepartmentCode), input.Department.WithSubDepartments, named+1
	}
	if named != 1 {
		return id, below, fault.Refuse(fault.Invalid, fault.Say("Name exactly one of department, user, group.", "请在 department、user、group 中恰好选一个。")).At(field...)
	}
	return id, below, nil
}

// ofKind gives the id that was never issued in the place of one of another kind.
func ofKind(id uuid.UUID, kind models.KindCode) uuid.UUID {
	if models.KindOf(id) != kind {
		return uuid.Nil
	}
	return id
}

// grantOf decodes a new grant. How many of grantee and subject are named, the store tells.
func grantOf(input *graph.GrantCreateInput) (models.Grant, error) {
	g := models.Grant{Effect: input.Effect, Level: input.Level, Kinds: input.Kinds, ValidFrom: input.From, ValidUntil: input.Until, Note: input.Note}
	g.GranteeUserID, g.GranteeRoleID = input.Grantee.User, input.Grantee.Role
	if g.Everyone = input.Subject.Everyone != nil; !g.Everyone {
		id, below, err := subjectOf(&graph.SubjectInput{Department: input.Subject.Department, User: input.Subject.User, Group: input.Subject.Group}, "input", "subject")
		g.SubjectID, g.WithSubDepartments = &id, below
		return g, err
	}
	if !*input.Subject.Everyone || input.Subject.Department != nil || input.Subject.User != nil || input.Subject.Group != nil {
		return g, fault.Refuse(fault.Invalid, fault.Say("Name exactly one of everyone, department, user, group.", "请在 everyone、department、user、group 中恰好选一个。")).At("input", "subject")
	}
	return g, nil
}

// poolMembersOf decodes a pool's members; nil stays nil.
func poolMembersOf(input []*graph.SubjectInput) ([]models.PoolMember, error) {
	if input == nil {
		return nil, nil
	}
	list := make([]models.PoolMember, len(input))
	for i, one := range input {
		var err error
		if list[i].SubjectID, list[i].WithSubDepartments, err = subjectOf(one, "input", "members"); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// omitted gives nil for a field that the input leaves out.
func omitted[T any](field graphql.Omittable[T]) *T {
	value, given := field.ValueOK()
	if !given {
		return nil
	}
	return &value
}

// subjectsOf shows the subject of each record that came with this one, as one batch.
func subjectsOf[F models.Keyed](ctx context.Context, from F, of func(F) *models.Subject) (*models.Subject, error) {
	id, b := from.Key()
	if b == nil {
		b = models.NewBatch([]F{from})
	}
	found, err := models.Fetch(ctx, b, "subject", func() (map[uuid.UUID]*models.Subject, error) {
		found, list := map[uuid.UUID]*models.Subject{}, []*models.Subject{}
		for _, row := range b.Rows {
			key, _ := row.Key()
			found[key] = of(row.(F))
			list = append(list, found[key])
		}
		models.NewBatch(list)
		return found, nil
	})
	return found[id], err
}

// subjectNamed follows a subject to the user, department or group that it is.
func subjectNamed[T any, P interface {
	*T
	models.Keyed
}](ctx context.Context, s *models.Subject, name string, to store.Records[T, P]) (*T, error) {
	return loaders.One(ctx, s, name, func(s *models.Subject) *uuid.UUID {
		if s.Everyone || models.KindOf(s.ID) != to.Kind.Code {
			return nil
		}
		return &s.ID
	}, to)
}

// ProtectedFields lists the schema's protected output fields with their rules, by the type of object and the field's name.
var ProtectedFields = sync.OnceValue(func() map[string]map[string]access.Rule {
	protected := map[string]map[string]access.Rule{}
	for _, definition := range graph.NewExecutableSchema(graph.Config{}).Schema().Types {
		if definition.Kind != ast.Object {
			continue
		}
		fields := map[string]access.Rule{}
		for _, field := range definition.Fields {
			if under := field.Directives.ForName("protected"); under != nil {
				fields[field.Name] = access.Rule(under.Arguments.ForName("rule").Value.Raw)
			}
		}
		protected[definition.Name] = fields
	}
	return protected
})

// deniedTo lists the protected fields that the viewer does not read in full on every record.
func deniedTo(v *access.Viewer) []string {
	denied := []string{}
	for object, fields := range ProtectedFields() {
		for field, rule := range fields {
			if !v.ReadsAll(rule) {
				denied = append(denied, object+"."+field)
			}
		}
	}
	slices.Sort(denied)
	return denied
}

// nodeOf gives what a reason is about; nil when it is about nothing, or the viewer does not see it.
func nodeOf(ctx context.Context, reason *access.Reason) (models.Keyed, error) {
	return loaders.OneOf(ctx, reason, "node", func(r *access.Reason) *uuid.UUID {
		if r.Node == uuid.Nil {
			return nil
		}
		return &r.Node
	})
}
