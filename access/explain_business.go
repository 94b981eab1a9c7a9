package access

import (
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/fault"
	"guanxi/models"
)

// cause is a grant or share by which a way leads to a record.
type cause struct {
	level string
	grant *models.Grant
	share *models.Share
}

// reasons says the way in words, once for each grant or share by which it holds.
func (f *finding) reasons() ([]*Reason, error) {
	whom, err := f.ownerName(f.record.owner)
	if err != nil || f.by == nil {
		return []*Reason{{Rule: f.name, Sentence: f.say(models.Observe, whom), Opens: true, Manages: f.manages}}, err
	}
	causes, err := f.by(f)
	reasons := make([]*Reason, len(causes))
	for i, c := range causes {
		reasons[i] = &Reason{
			Rule: f.name, Sentence: f.say(c.level, whom), Opens: true, Manages: f.manages && c.level == models.Manage,
			Under: c.grant, Shared: c.share,
		}
	}
	return reasons, err
}

func (f *finding) say(level, whom string) fault.Sentence {
	return fault.Say(f.en, f.zh, f.whose, level, whom)
}

func grantsOverOwner(f *finding) ([]cause, error) { return f.grantsOver(f.record.owner), nil }

func grantsOverCustomersOwner(f *finding) ([]cause, error) { return f.grantsOver(f.over.owner), nil }

// grantsOver lists the grants that put an owner into the user's scope; he himself is in it without any.
func (f *finding) grantsOver(owner *uuid.UUID) []cause {
	var causes []cause
	for _, g := range f.reaching(f.kind, owner) {
		if g.Effect == models.Allow && (owner == nil || *owner != f.v.UserID) {
			causes = append(causes, cause{level: g.Level, grant: &g.Grant})
		}
	}
	return causes
}

// reaching lists the user's live grants that cover the kind and reach the owner; nil is the owner of what has none.
func (e *explaining) reaching(kind *Kind, owner *uuid.UUID) []*granted {
	var list []*granted
	for i := range e.v.grants {
		g := &e.v.grants[i]
		if covers(g.Kinds, kind) && (g.Everyone || owner != nil && slices.Contains(g.Reached, *owner)) {
			list = append(list, g)
		}
	}
	return list
}

// denials gives the grants that take the record's owner out of the user's scope.
func (e *explaining) denials(kind *Kind, s *standing) ([]*Reason, error) {
	if kind.Guard != Business || s.listed || s.owner != nil && *s.owner == e.v.UserID {
		return nil, nil
	}
	whom, err := e.ownerName(s.owner)
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

func (e *explaining) ownerName(owner *uuid.UUID) (string, error) {
	if owner == nil {
		return "—", nil
	}
	return nameOf(e.ctx, e.db, *owner)
}

func sharesOfRecord(f *finding) ([]cause, error) { return f.sharesOf(f.record.id, nil) }

func sharesOfCustomer(f *finding) ([]cause, error) { return f.sharesOf(f.over.id, f.kind) }

// sharesOf lists the live shares of a record that reach the user; for a kind of what belongs to it, those that cover the kind.
func (e *explaining) sharesOf(record uuid.UUID, covering *Kind) ([]cause, error) {
	var list []cause
	q := e.v.Query()
	text := `select s.id, s.version, s.created_at, s.updated_at, s.record_id, s.subject_id, s.with_sub_departments, s.level, s.kinds, s.expires_at, s.created_by
		from shares s where s.record_id = ` + q.Bind(record) + " and (s.expires_at is null or s.expires_at > @now) and " + reached("s") + " order by s.id"
	err := eachRow(e.ctx, e.db, q, text, func(r pgx.Rows) error {
		s := &models.Share{}
		err := r.Scan(&s.ID, &s.Version, &s.CreatedAt, &s.UpdatedAt, &s.RecordID, &s.SubjectID, &s.WithSubDepartments, &s.Level, &s.Kinds, &s.ExpiresAt, &s.CreatedBy)
		if covering == nil || covers(s.Kinds, covering) {
			list = append(list, cause{level: s.Level, share: s})
		}
		return err
	})
	return list, err
}
