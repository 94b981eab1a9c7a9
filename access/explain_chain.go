package access

import (
	"cmp"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/fault"
	"guanxi/models"
)

// shortest gives, of all chains that lead to the record, the one that rests on the fewest things that somebody could take
// away, so that nothing can be left out of it; of equal ones the one with the fewest steps, of these the first.
func (e *explaining) shortest(kind *Kind, record uuid.UUID) ([]*Reason, error) {
	chains, err := e.chains(kind, record)
	if err != nil || len(chains) == 0 {
		return nil, err
	}
	return slices.MinFunc(chains, func(a, b []*Reason) int { return cmp.Or(facts(a)-facts(b), len(a)-len(b)) }), nil
}

// facts counts the roles, memberships, grants, shares and entries of lists that a chain rests on.
func facts(chain []*Reason) int {
	distinct := map[[2]uuid.UUID]bool{}
	for _, r := range chain {
		switch {
		case r.Under != nil:
			distinct[[2]uuid.UUID{r.Under.ID}] = true
		case r.Shared != nil:
			distinct[[2]uuid.UUID{r.Shared.ID}] = true
		case slices.Contains([]string{ByRole, ByMembership, ByGroup, ByPool, ByReader}, r.Rule):
			distinct[[2]uuid.UUID{r.Node, r.entry}] = true
		}
	}
	return len(distinct)
}

// chains gives every chain that leads to the record: a role that lets its kind be read, and a way to it.
func (e *explaining) chains(kind *Kind, record uuid.UUID) ([][]*Reason, error) {
	s, err := e.stand(kind, record)
	if err != nil {
		return nil, err
	}
	found, err := e.findings(kind, s)
	if err != nil {
		return nil, err
	}
	readers, err := e.readers(kind)
	var chains [][]*Reason
	var hidden []*Reason
	for i := range found {
		f := &found[i]
		if f.hidden {
			hidden = []*Reason{e.hiddenCustomer(false)}
			continue
		}
		causes, err := f.causes()
		if err != nil {
			return nil, err
		}
		for _, c := range causes {
			for _, facts := range c.facts {
				chains = append(chains, append(slices.Clone(facts), c.reason))
			}
		}
	}
	if len(chains) == 0 && hidden != nil {
		chains = [][]*Reason{hidden}
	}
	for _, on := range s.leansOn {
		under, err := e.chains(on.kind, on.id)
		if err != nil {
			return nil, err
		}
		chains = pairs(under, chains)
	}
	return pairs(readers, chains), err
}

// readers gives the user's roles that let the kind be read, one chain each; one empty chain where none is needed.
func (e *explaining) readers(kind *Kind) ([][]*Reason, error) {
	needed := kind.toRead()
	if needed == "" {
		return [][]*Reason{nil}, nil
	}
	roles, err := e.roles()
	var chains [][]*Reason
	for _, r := range roles {
		if slices.Contains(r.permissions, needed) {
			chains = append(chains, []*Reason{{Rule: ByRole, Node: r.id, Opens: true,
				Sentence: fault.Say("%s has the role %s, which gives the permission %s.", "%s 有角色 %s，该角色给予权限 %s。", e.whose, r.name, needed)}})
		}
	}
	return chains, err
}

// pairs joins each chain of the first with each of the second, a step that both have once.
func pairs(first, second [][]*Reason) [][]*Reason {
	all := make([][]*Reason, 0, len(first)*len(second))
	for _, b := range second {
		for _, a := range first {
			all = append(all, union(a, b))
		}
	}
	return all
}

func union(a, b []*Reason) []*Reason {
	both := slices.Clone(a)
	for _, r := range b {
		if !slices.ContainsFunc(both, r.same) {
			both = append(both, r)
		}
	}
	return both
}

// held is a role of the user.
type held struct {
	id          uuid.UUID
	name        string
	permissions []Permission
}

func (e *explaining) roles() ([]held, error) {
	if e.rolesOf != nil {
		return e.rolesOf, nil
	}
	q := e.v.Query()
	err := eachRow(e.ctx, e.db, q, "select r.id, r.name, r.permissions from roles r where r.id = any("+q.Bind(e.v.Roles)+") order by r.id", func(r pgx.Rows) error {
		var one held
		err := r.Scan(&one.id, &one.name, &one.permissions)
		e.rolesOf = append(e.rolesOf, one)
		return err
	})
	return e.rolesOf, err
}

// withRole adds to each chain that the user has a role.
func (e *explaining) withRole(chains [][]*Reason, role uuid.UUID) ([][]*Reason, error) {
	name, err := e.name(&role)
	has := &Reason{Rule: ByRole, Node: role, Opens: true, Sentence: fault.Say("%s has the role %s.", "%s 有角色 %s。", e.whose, name)}
	for i, chain := range chains {
		chains[i] = append(slices.Clone(chain), has)
	}
	return chains, err
}

// among gives each way in which a person is one of those whom a subject means: by nothing, where it is he himself; by a
// membership of the department, or of one below; by being in the group.
func (e *explaining) among(person, subject uuid.UUID, below bool) ([][]*Reason, error) {
	switch models.KindOf(subject) {
	case models.DepartmentCode:
		return e.inDepartment(person, subject, below)
	case models.GroupCode:
		who, err := e.name(&person)
		if err != nil {
			return nil, err
		}
		group, err := e.name(&subject)
		return [][]*Reason{{{Rule: ByGroup, Node: subject, entry: person, Opens: true, Sentence: fault.Say("%s is in the group %s.", "%s 在小组 %s 中。", who, group)}}}, err
	}
	return [][]*Reason{nil}, nil
}

func (e *explaining) inDepartment(person, department uuid.UUID, below bool) (chains [][]*Reason, err error) {
	who, err := e.name(&person)
	if err != nil {
		return nil, err
	}
	above, err := e.name(&department)
	if err != nil {
		return nil, err
	}
	q := e.v.Query()
	text := "select m.id, d.id, d.name from memberships m join departments d on d.id = m.department_id where m.user_id = " + q.Bind(person) +
		" and (d.id = " + q.Bind(department) + " or " + truth(below) + " and " + q.Bind(department) + "::uuid = any(d.path)) order by m.id"
	err = eachRow(e.ctx, e.db, q, text, func(r pgx.Rows) error {
		var membership, in uuid.UUID
		var name string
		err := r.Scan(&membership, &in, &name)
		chain := []*Reason{{Rule: ByMembership, Node: membership, Opens: true, Sentence: fault.Say("%s is in the department %s.", "%s 在部门 %s。", who, name)}}
		if in != department {
			chain = append(chain, &Reason{Rule: ByBelow, Node: in, entry: department, Opens: true,
				Sentence: fault.Say("The department %s is below %s.", "部门 %s 在 %s 之下。", name, above)})
		}
		chains = append(chains, chain)
		return err
	})
	return chains, err
}
