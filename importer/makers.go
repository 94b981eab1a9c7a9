package importer

import (
	"reflect"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// maker is how a row becomes a record of a kind.
type maker struct {
	kind     *access.Kind
	defaults func(*chunk, *work) error // what a new record has when the source says nothing
	finish   func(*chunk, *work) error // what follows from the fields, and whether they fit together
}

func makerOf(kind string) maker {
	switch kind {
	case "department":
		return maker{access.Department, nil, (*chunk).finishDepartment}
	case "user":
		return maker{access.User, (*chunk).newUser, (*chunk).finishUser}
	case "membership":
		return maker{access.Membership, nil, (*chunk).finishMembership}
	case "grant":
		return maker{access.Grant, newGrant, (*chunk).finishGrant}
	case "product":
		return maker{access.Product, active, nil}
	case "competitor":
		return maker{access.Competitor, active, nil}
	case "customer":
		return maker{access.Customer, newCustomer, nil}
	case "contact":
		return maker{access.Contact, nil, finishContact}
	case "opportunity":
		return maker{access.Opportunity, (*chunk).newOpportunity, (*chunk).finishOpportunity}
	case "service":
		return maker{access.Service, newService, (*chunk).finishService}
	case "activity":
		return maker{access.Activity, newActivity, (*chunk).finishActivity}
	case "relationship":
		return maker{access.Relationship, newRelationship, (*chunk).finishRelationship}
	case "dictionaryEntry":
		return maker{access.DictionaryEntry, (*chunk).newEntry, nil}
	}
	panic("importer: no kind " + kind)
}

// fresh makes an empty row of a kind with an id; a business record is its maker's.
func fresh(kind *access.Kind, viewer *access.Viewer) any {
	row := reflect.New(kind.Model).Interface()
	row.(interface{ Base() *models.Record }).Base().ID = models.NewID(kind.Code)
	if b, ok := row.(interface{ Owned() *models.Business }); ok {
		b.Owned().OwnerID, b.Owned().CreatedBy = viewer.Owner(), viewer.Owner()
	}
	return row
}

func active(_ *chunk, w *work) error {
	put(columnIn(w.row, makerOf(w.kind).kind.Model, "active"), true)
	return nil
}

func newCustomer(_ *chunk, w *work) error {
	c := w.row.(*models.Customer)
	c.Kind, c.Lifecycle = "ORGANIZATION", "LEAD"
	return nil
}

func newRelationship(c *chunk, w *work) error {
	w.row.(*models.Relationship).CreatedBy = c.tx.Viewer.Owner()
	return nil
}

// newEntry puts a new value behind those that its dictionary has.
func (c *chunk) newEntry(w *work) error {
	w.row.(*models.DictionaryEntry).Active = true
	dictionary, err := c.dictionary(w.Fields["dictionary"].Text)
	if err == nil && dictionary != nil {
		w.row.(*models.DictionaryEntry).Position = dictionary.next()
	}
	return err
}

func finishContact(c *chunk, w *work) error {
	works, ok := w.part.(*models.Relationship)
	if ok && w.partBefore == nil {
		works.CreatedBy = c.tx.Viewer.Owner()
	}
	if ok && works.BID == uuid.Nil {
		w.wrong("customer", fault.Say("empty, but role, title and primary are about working at a customer", "为空，但职务等信息须有所属客户"))
	}
	return nil
}

// finishRelationship holds the ends against what the relationship's type allows.
func (c *chunk) finishRelationship(w *work) error {
	r := w.row.(*models.Relationship)
	kind, err := c.relationshipType(r.TypeID)
	if err != nil || kind == nil {
		return err
	}
	if !allowed(kind.AKinds, r.AID) {
		w.wrong("a", fault.Say("%s does not begin at such a record", "%s 不能以此类记录为起点", kind.Code))
	}
	if !allowed(kind.BKinds, r.BID) {
		w.wrong("b", fault.Say("%s does not lead to such a record", "%s 不能以此类记录为终点", kind.Code))
	}
	if r.AID == r.BID {
		w.wrong("b", fault.Say("both ends are the same record", "两端是同一条记录"))
	}
	if r.Strength != nil && (*r.Strength < 1 || *r.Strength > 5) {
		w.wrong("strength", fault.Say("a strength is a whole number from 1 to 5", "强度为 1 到 5 的整数"))
	}
	if r.ValidFrom != nil && r.ValidUntil != nil && *r.ValidUntil <= *r.ValidFrom {
		w.wrong("until", fault.Say("it ends before it begins", "结束早于开始"))
	}
	if c.tx.Viewer.Owner() == nil || len(w.problems) > 0 {
		return nil // nobody is behind it who would have to manage an end
	}
	if err := w.refused(c.tx.ManagesAnEnd(r)); err != nil || len(w.problems) > 0 {
		return err
	}
	return w.refused(c.tx.Affiliable(r, "a"))
}

func allowed(kinds []string, end uuid.UUID) bool {
	kind, ok := access.Coded(models.KindOf(end))
	for _, name := range kinds {
		if ok && kind.Name == name {
			return true
		}
	}
	return false
}
