package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// swept are the tables whose rows a deletion takes along and a restoring brings back.
var swept = []string{"customers", "contacts", "opportunities", "services", "documents", "activities", "relationships", "saved_reports", "dashboards"}

// Delete hides a record, and what is only its, from everyone, so that the same set can be restored.
func (r Records[T, P]) Delete(ctx context.Context, s *Store, v *access.Viewer, q Request, id uuid.UUID, version *int) (uuid.UUID, error) {
	if err := v.Need(access.To(access.Delete, r.Kind)); err != nil {
		return uuid.Nil, err
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) {
		if _, err := r.lock(tx, id, version); err != nil {
			return uuid.Nil, err
		}
		deletion := uuid.Must(uuid.NewV7())
		for _, text := range sweeps(r.Kind) {
			if err := tx.changedBy("DELETE", "deletion_id", deletion, text, tx.Now, deletion, id, tx.Viewer.Today); err != nil {
				return uuid.Nil, err
			}
		}
		return id, nil
	})
}

// holders are the tables that records are attached to, by the column that names them.
var holders = map[string]string{"opportunity_id": "opportunities", "service_id": "services", "contact_id": "contacts"}

// sweeps are the statements that delete a record of a kind: contacts of no other customer first, while their affiliation
// stands, then what hangs on it, then itself.
func sweeps(kind *access.Kind) []string {
	var list []string
	sweep := func(table, condition string) string {
		return "update " + table + " as r set deleted_at = ?0, deletion_id = ?1, version = r.version + 1 where r.deleted_at is null and " +
			condition + " returning r.id, null as old"
	}
	// what hangs on the record, or on something that goes with it, and on no customer
	attached := func(column string, tables ...string) {
		for _, table := range tables {
			list = append(list, sweep(table, "r.customer_id is null and (r."+column+" = ?2 or exists (select 1 from "+holders[column]+" h where h.id = r."+column+" and h.deletion_id = ?1))"))
		}
	}
	switch kind {
	case access.Customer:
		works := "e.type_id = '" + models.WorksAtID.String() + "' and e.deleted_at is null and (e.valid_until is null or e.valid_until > ?3)"
		list = append(list,
			sweep("contacts", "exists (select 1 from relationships e where e.a_id = r.id and e.b_id = ?2 and "+works+
				") and not exists (select 1 from relationships e where e.a_id = r.id and e.b_id <> ?2 and "+works+")"),
			sweep("relationships", "(r.a_id = ?2 or r.b_id = ?2 or exists (select 1 from contacts c where c.deletion_id = ?1 and c.id in (r.a_id, r.b_id)))"))
		for _, table := range []string{"opportunities", "services", "documents", "activities"} {
			list = append(list, sweep(table, "r.customer_id = ?2"))
		}
		attached("opportunity_id", "services", "documents", "activities")
		attached("service_id", "documents", "activities")
		attached("contact_id", "activities")
	case access.Contact:
		list = append(list, sweep("relationships", "(r.a_id = ?2 or r.b_id = ?2)"))
		attached("contact_id", "activities")
	case access.Opportunity:
		attached("opportunity_id", "services", "documents", "activities")
		attached("service_id", "documents", "activities")
	case access.Service:
		attached("service_id", "documents", "activities")
	}
	return append(list, sweep(kind.Table, "r.id = ?2"))
}

// Restore brings back a deleted record with the set that was deleted with it.
func (r Records[T, P]) Restore(ctx context.Context, s *Store, v *access.Viewer, q Request, id uuid.UUID) (uuid.UUID, error) {
	if err := v.Need(access.To(access.Delete, r.Kind)); err != nil {
		return uuid.Nil, err
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) {
		deletion, err := r.deletion(tx, id)
		if err != nil {
			return uuid.Nil, err
		}
		for _, table := range swept {
			text := "update " + table + " set deleted_at = null, deletion_id = null, version = version + 1, updated_at = ?0 where deletion_id = ?1 returning id, ?1 as old"
			if err := tx.changedBy("RESTORE", "deletion_id", nil, text, tx.Now, deletion); err != nil {
				return uuid.Nil, err
			}
		}
		return id, nil
	})
}

// deletion locks a deleted record that the viewer could manage, and gives the set that it was deleted with.
func (r Records[T, P]) deletion(tx *Tx, id uuid.UUID) (set uuid.UUID, err error) {
	var at sql.NullTime
	err = tx.NewSelect().TableExpr(r.Kind.Table).Column("deletion_id", "deleted_at").Where("id = ?", id).For("update").Scan(tx.ctx, &set, &at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return set, fault.FromSQL(err)
	}
	tx.waited(at.Time.UTC())
	query := tx.Viewer.Query()
	found, err := tx.found(query, "select 1 from "+query.Deleted(r.Kind, "r")+" where r.id = "+query.Bind(id))
	if err == nil && !found {
		err = fault.Absent("input", "id")
	}
	return set, err
}
