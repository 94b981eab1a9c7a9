package access

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/fault"
	"guanxi/models"
)

// reasons gives the ways that lead to the record, and what shuts it.
func (e *explaining) reasons(kind *Kind, s *standing) ([]*Reason, error) {
	if shut := e.shut(kind, s); len(shut) > 0 {
		return shut, nil
	}
	found, err := e.findings(kind, s)
	if err != nil {
		return nil, err
	}
	var reasons []*Reason
	var hidden *Reason
	for i := range found {
		f := &found[i]
		if f.hidden {
			manages := f.manages || hidden != nil && hidden.Manages
			hidden = e.hiddenCustomer(manages)
			continue
		}
		causes, err := f.causes()
		if err != nil {
			return nil, err
		}
		for _, c := range causes {
			reasons = append(reasons, c.reason)
		}
	}
	if len(reasons) == 0 && hidden != nil {
		reasons = append(reasons, hidden)
	}
	if kind.Guard == PartOf {
		whole, err := e.stand(kind.Whole, s.whole)
		if err != nil {
			return nil, err
		}
		more, err := e.reasons(kind.Whole, whole)
		return append(reasons, more...), err
	}
	if s.listed {
		if len(reasons) == 0 {
			return []*Reason{e.closing(NotReader)}, nil
		}
		return reasons, nil
	}
	denied, err := e.denials(kind, s)
	if len(reasons) == 0 {
		denied = append(denied, e.notReached(kind))
	}
	return append(reasons, denied...), err
}

// shut gives what shuts the record whatever leads to it.
func (e *explaining) shut(kind *Kind, s *standing) []*Reason {
	var shut []*Reason
	if e.inactive {
		shut = append(shut, e.closing(Inactive))
	}
	if shuts(NoPermission).kind(e.v, kind) {
		shut = append(shut, e.closing(NoPermission, kind.toRead()))
	}
	if s.deleted {
		shut = append(shut, e.closing(IsDeleted))
	}
	return shut
}

func shuts(name string) closing {
	return closings[slices.IndexFunc(closings, func(c closing) bool { return c.name == name })]
}

// closing says a closing rule, with what its sentence takes beside the user.
func (e *explaining) closing(name string, values ...any) *Reason {
	c := shuts(name)
	return &Reason{Rule: name, Sentence: fault.Say(c.en, c.zh, append([]any{e.whose}, values...)...)}
}

func (e *explaining) notReached(kind *Kind) *Reason {
	if kind.Guard == BetweenParties {
		return &Reason{Rule: NotReached, Sentence: fault.Say("%s does not see both parties.", "%s 不能同时看到关系的两端。", e.whose)}
	}
	return &Reason{Rule: NotReached, Sentence: fault.Say("Nothing opens it to %s: he neither owns it nor is it assigned to him, no grant of his reaches its owner, and neither it nor a customer it belongs to is his, shared with him or in a pool of his.",
		"没有任何规则让 %s 看到它：不是所有者或负责人，没有授权覆盖其所有者，它及其所属客户也不归其所有、未共享给他、也不在其公海中。", e.whose)}
}

// hiddenCustomer says no more than that a customer opens the record, which the caller does not see.
func (e *explaining) hiddenCustomer(manages bool) *Reason {
	return &Reason{Rule: ByHiddenCustomer, Opens: true, Manages: manages,
		Sentence: fault.Say("It belongs to a customer that you do not see, and that opens it to %s.", "它属于一个您看不到的客户，该客户让 %s 能看到它。", e.whose)}
}

// cause is one grant, share or membership by which a way leads to a record, or the way alone where it needs none: as a
// reason, and as the facts that it rests on, in each of the ways in which they hold.
type cause struct {
	reason *Reason
	facts  [][]*Reason
}

// causes gives what a way leads to the record by.
func (f *finding) causes() ([]cause, error) {
	if f.by != nil {
		return f.by(f)
	}
	reason, err := f.reason(models.Manage)
	return []cause{{reason: reason, facts: [][]*Reason{nil}}}, err
}

// reason says the way in words, for a grant or share of a level.
func (f *finding) reason(level string) (*Reason, error) {
	whom, err := f.explaining.name(f.record.owner)
	r := &Reason{Rule: f.way.name, Sentence: fault.Say(f.en, f.zh, f.whose, level, whom), Opens: true, Manages: f.manages && level == models.Manage}
	if f.customer {
		r.Node = f.over.id
	}
	return r, err
}

func grantsOverOwner(f *finding) ([]cause, error) { return f.grantsOver(f.record.owner) }

func grantsOverCustomersOwner(f *finding) ([]cause, error) { return f.grantsOver(f.over.owner) }

// grantsOver lists the grants that put an owner into the user's scope; he himself is in it without any.
func (f *finding) grantsOver(owner *uuid.UUID) (causes []cause, err error) {
	if owner != nil && *owner == f.v.UserID {
		return nil, nil
	}
	for _, g := range f.reaching(f.kind, owner) {
		if g.Effect != models.Allow {
			continue
		}
		c := cause{facts: [][]*Reason{nil}}
		if c.reason, err = f.reason(g.Level); err != nil {
			return nil, err
		}
		c.reason.Under = &g.Grant
		if !g.Everyone {
			c.facts, err = f.among(*owner, *g.SubjectID, g.WithSubDepartments)
		}
		if g.GranteeRoleID != nil && err == nil {
			c.facts, err = f.withRole(c.facts, *g.GranteeRoleID)
		}
		if err != nil {
			return nil, err
		}
		causes = append(causes, c)
	}
	return causes, nil
}

// reaching lists the user's live grants that cover the kind and reach the owner; nil is the owner of what has none.
func (e *explaining) reaching(kind *Kind, owner *uuid.UUID) []*granted {
	var list []*granted
	for i := range e.v.footing.grants {
		g := &e.v.footing.grants[i]
		if covers(g.Kinds, kind) && (g.Everyone || owner != nil && slices.Contains(g.Reached, *owner)) {
			list = append(list, g)
		}
	}
	return list
}

// denials gives the grants that take the record's owner out of the user's scope.
func (e *explaining) denials(kind *Kind, s *standing) ([]*Reason, error) {
	if kind.Guard != Business || s.owner != nil && *s.owner == e.v.UserID {
		return nil, nil
	}
	whom, err := e.name(s.owner)
	var reasons []*Reason
	for _, g := range e.reaching(kind, s.owner) {
		if g.closes() {
			denied := e.closing(IsDenied, g.Level, whom)
			denied.Under = &g.Grant
			reasons = append(reasons, denied)
		}
	}
	return reasons, err
}

func sharesOfRecord(f *finding) ([]cause, error) { return f.sharesOf(f.record.id, nil) }

func sharesOfCustomer(f *finding) ([]cause, error) { return f.sharesOf(f.over.id, f.kind) }

// sharesOf lists the live shares of a record that reach the user; for a kind of what belongs to it, those that cover the kind.
func (f *finding) sharesOf(record uuid.UUID, covering *Kind) ([]cause, error) {
	var list []*models.Share
	q := f.v.Query()
	text := `select s.id, s.version, s.created_at, s.updated_at, s.record_id, s.subject_id, s.with_sub_departments, s.level, s.kinds, s.expires_at, s.created_by
		from shares s where s.record_id = ` + q.Bind(record) + " and " + sharedNow + " and " + reached("s") + " order by s.id"
	err := eachRow(f.ctx, f.db, q, text, func(r pgx.Rows) error {
		s := &models.Share{}
		err := r.Scan(&s.ID, &s.Version, &s.CreatedAt, &s.UpdatedAt, &s.RecordID, &s.SubjectID, &s.WithSubDepartments, &s.Level, &s.Kinds, &s.ExpiresAt, &s.CreatedBy)
		if covering == nil || covers(s.Kinds, covering) {
			list = append(list, s)
		}
		return err
	})
	var causes []cause
	for _, s := range list {
		c := cause{}
		if c.reason, err = f.reason(s.Level); err != nil {
			return nil, err
		}
		c.reason.Shared = s
		if c.facts, err = f.among(f.v.UserID, s.SubjectID, s.WithSubDepartments); err != nil {
			return nil, err
		}
		causes = append(causes, c)
	}
	return causes, err
}

// poolMembers gives the entries of a pool's list that the user is among.
func poolMembers(f *finding) ([]cause, error) {
	column, id := "pool_id", f.record.id
	if f.customer {
		id = f.over.id
	}
	return f.listing("pool_members", column, "(select c.pool_id from customers c where c.id = %s)", id)
}

// listReaders gives the entries of a document's own list that the user is among.
func listReaders(f *finding) ([]cause, error) {
	return f.listing("document_readers", "document_id", "%s", f.record.id)
}

// listing gives the way once for each entry of a list of subjects that the user is among; the entry is what it is about.
func (f *finding) listing(table, column, of string, id uuid.UUID) ([]cause, error) {
	type entry struct {
		list, subject uuid.UUID
		below         bool
	}
	var entries []entry
	q := f.v.Query()
	text := "select l." + column + ", l.subject_id, l.with_sub_departments from " + table + " l where l." + column + " = " +
		fmt.Sprintf(of, q.Bind(id)) + " and " + reached("l") + " order by l.subject_id"
	err := eachRow(f.ctx, f.db, q, text, func(r pgx.Rows) error {
		var one entry
		err := r.Scan(&one.list, &one.subject, &one.below)
		entries = append(entries, one)
		return err
	})
	var causes []cause
	for _, one := range entries {
		c := cause{}
		if c.reason, err = f.reason(models.Observe); err != nil {
			return nil, err
		}
		c.reason.Node, c.reason.entry = one.list, one.subject
		if c.facts, err = f.among(f.v.UserID, one.subject, one.below); err != nil {
			return nil, err
		}
		causes = append(causes, c)
	}
	return causes, err
}
