package store

import (
	"maps"
	"reflect"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// attached is one record that another hangs on.
type attached struct {
	kind  *access.Kind
	id    *uuid.UUID
	field string // of the input
}

// attach settles which customer a record belongs to that hangs on others: the customer given, else that of the first of
// them. It refuses one of another customer. What the viewer does not see is not held against what he gives, so that a
// refusal tells him nothing about it.
func (tx *Tx) attach(customer **uuid.UUID, on ...attached) error {
	chosen, hidden, err := tx.seenOrNot(*customer)
	if err != nil {
		return err
	}
	for _, to := range on {
		if to.id == nil {
			continue
		}
		its, unseen, err := tx.customerOf(to)
		switch {
		case err != nil:
			return err
		case hidden == nil:
			hidden = unseen
		}
		switch {
		case its == nil:
		case chosen == nil:
			chosen = its
		case *chosen != *its:
			return fault.Refuse(fault.Invalid, fault.Say("This belongs to another customer.", "所关联的记录属于另一个客户。")).At("input", to.field)
		}
	}
	*customer = chosen
	if chosen == nil {
		*customer = hidden
	}
	return nil
}

// seenOrNot gives a customer as one that the viewer sees, or as one that he does not.
func (tx *Tx) seenOrNot(customer *uuid.UUID) (seen, unseen *uuid.UUID, err error) {
	if customer == nil {
		return nil, nil, nil
	}
	visible, err := tx.Sees(access.Customer, *customer)
	if visible {
		return customer, nil, err
	}
	return nil, customer, err
}

// customerOf finds the customer of a record: seen when the viewer sees both.
func (tx *Tx) customerOf(to attached) (seen, unseen *uuid.UUID, err error) {
	var customer *uuid.UUID
	if err := tx.NewSelect().TableExpr(to.kind.Table).Column("customer_id").Where("id = ?", *to.id).Scan(tx.ctx, &customer); err != nil {
		return nil, nil, absentRow(err, "input", to.field)
	}
	visible, err := tx.Sees(to.kind, *to.id)
	if err != nil || !visible {
		return nil, customer, err
	}
	return tx.seenOrNot(customer)
}

// withoutNull gives a new record's input without the nulls among the names: the server fills these in.
func withoutNull(input map[string]any, names ...string) map[string]any {
	given := maps.Clone(input)
	for _, name := range names {
		if v := reflect.ValueOf(given[name]); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
			delete(given, name)
		}
	}
	return given
}

// atMost refuses text of more characters than a field holds.
func atMost(characters int, text string, field string) error {
	if utf8.RuneCountInString(text) <= characters {
		return nil
	}
	return fault.Refuse(fault.Invalid, fault.Say("Text has at most %d characters.", "文本最多 %d 个字符。", characters)).At("input", field)
}

// Reattach lets what is attached to an opportunity follow it to another customer.
func (tx *Tx) Reattach(before, o *models.Opportunity) error {
	if same(before.CustomerID, o.CustomerID) {
		return nil
	}
	if err := tx.undoesNoDeny(access.Opportunity, before.CustomerID, o.CustomerID); err != nil {
		return err
	}
	return tx.follow(o.CustomerID, "opportunity_id", o.ID, "services", "documents", "activities")
}

// undoesNoDeny refuses to move a record of a kind to a customer of the viewer's own, or one shared with him, when a DENY keeps
// records from him that may hang on it: they would lie open to him by that customer, unless the one before opens them too.
func (tx *Tx) undoesNoDeny(kind *access.Kind, from, to *uuid.UUID) error {
	for _, of := range access.Kinds {
		if to == nil || !slices.Contains(of.Attached, kind) || !tx.Viewer.KeptFrom(of) {
			continue
		}
		for _, level := range []string{models.Observe, models.Manage} {
			opens, err := tx.opens(of, *to, level)
			if opens && err == nil && from != nil {
				var already bool
				already, err = tx.opens(of, *from, level)
				opens = !already
			}
			if err != nil {
				return err
			}
			if opens {
				return fault.Refuse(fault.Forbidden, fault.Say("A grant keeps records from you that this customer would open to you; somebody else must move it there.",
					"有授权禁止您查看该客户会让您看到的记录，请由他人完成此次转移。")).At("input", "customer")
			}
		}
	}
	return nil
}

// opens tells whether a customer that the viewer sees opens to him all records of a kind that belong to it.
func (tx *Tx) opens(kind *access.Kind, customer uuid.UUID, level string) (bool, error) {
	q := tx.Viewer.Query()
	return tx.found(q, "select 1 from "+q.Visible(access.Customer, "c")+" where c.id = "+q.Bind(customer)+" and "+q.Opens(kind, "c", level))
}

// follow gives the customer to the rows of the tables whose column names the record.
func (tx *Tx) follow(customer *uuid.UUID, column string, record uuid.UUID, tables ...string) error {
	for _, table := range tables {
		text := "update " + table + " r set customer_id = ?, version = r.version + 1, updated_at = ? from (select id, customer_id as old from " + table +
			" where " + column + " = ? for update) o where r.id = o.id returning r.id, o.old::text"
		if err := tx.changedBy("FOLLOW", "customer_id", customer, text, customer, tx.Now, record); err != nil {
			return err
		}
	}
	return nil
}
