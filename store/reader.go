package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// mostReaders is how many people, departments and groups a document's list may name.
const mostReaders = 200

// DocumentReadersSet gives a document a list of its own, so that only its owner and those on the list see it, or takes
// the list away.
func (s *Store) DocumentReadersSet(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, restricted bool, readers []models.DocumentReader) (uuid.UUID, error) {
	return Documents.Edit(ctx, s, v, q, access.Sharing, id, version, "READERS", func(tx *Tx, d *models.Document) error {
		switch {
		case len(readers) > mostReaders:
			return fault.Refuse(fault.Invalid, fault.Say("A list has at most %d readers.", "名单最多 %d 项。", mostReaders)).At("input", "readers")
		case !restricted && len(readers) > 0:
			return fault.Refuse(fault.Invalid, fault.Say("Only a restricted document has a list of readers.", "只有受限文档才有读者名单。")).At("input", "readers")
		case restricted && d.OwnerID == nil:
			return fault.Refuse(fault.Invalid, fault.Say("Nobody owns this document: nobody could open it again.", "该文档没有负责人，受限后将无人可以管理。")).At("input", "restricted")
		}
		if restricted { // a list has no end: who sets it must be there to take it away
			if err := tx.outlasts(&models.Share{RecordID: id, Level: models.Manage}, access.Document); err != nil {
				return at(err, "input", "restricted")
			}
		}
		d.Restricted = restricted
		return tx.writeReaders(id, readers)
	})
}

func (tx *Tx) writeReaders(document uuid.UUID, readers []models.DocumentReader) error {
	before, err := tx.readersOf(document)
	if err != nil {
		return err
	}
	if _, err := tx.NewDelete().Model((*models.DocumentReader)(nil)).Where("document_id = ?", document).Exec(tx.ctx); err != nil {
		return err
	}
	for i, reader := range readers {
		if err := tx.seeSubject(reader.SubjectID, "input", "readers", fmt.Sprint(i)); err != nil {
			return err
		}
		reader.DocumentID = document
		if _, err := tx.NewInsert().Model(&reader).On("conflict (document_id, subject_id) do update").
			Set("with_sub_departments = document_reader.with_sub_departments or excluded.with_sub_departments").Exec(tx.ctx); err != nil {
			return fault.FromSQL(err)
		}
	}
	after, err := tx.readersOf(document)
	if err != nil {
		return err
	}
	tx.note("readers", before, after)
	return nil
}

func (tx *Tx) readersOf(document uuid.UUID) ([]models.DocumentReader, error) {
	list := []models.DocumentReader{}
	err := tx.NewSelect().Model(&list).Where("document_id = ?", document).Order("subject_id").Scan(tx.ctx)
	return list, err
}

// seeSubject refuses a subject that is no user, department or group which is still there.
func (tx *Tx) seeSubject(id uuid.UUID, field ...string) error {
	switch models.KindOf(id) {
	case models.UserCode:
		return tx.active(id, field...)
	case models.DepartmentCode:
		return tx.See(access.Department, id, field...)
	case models.GroupCode:
		n, err := tx.NewSelect().Model((*models.Group)(nil)).Where("id = ? and dissolved_at is null", id).Count(tx.ctx)
		if err != nil || n > 0 {
			return err
		}
	}
	return fault.Absent(field...)
}

// ReadersOf lists those on the lists of the documents that the viewer manages; a document that he only sees shows none.
func ReadersOf(ctx context.Context, snap *access.Snapshot, documents []uuid.UUID) (map[uuid.UUID][]*models.Subject, error) {
	q := snap.Viewer.Query()
	text := fmt.Sprintf(`select r.id, l.subject_id, l.with_sub_departments from %s left join document_readers l on l.document_id = r.id
		where r.id = any(%s) order by r.id, l.subject_id`, q.Manageable(access.Document, "r"), q.Bind(documents))
	found := map[uuid.UUID][]*models.Subject{}
	var rows []*models.Subject
	err := snap.Run(ctx, q, text, func(row access.Row) error {
		var document uuid.UUID
		var subject *uuid.UUID
		var below *bool
		if err := row.Scan(&document, &subject, &below); err != nil {
			return err
		}
		if found[document] == nil {
			found[document] = []*models.Subject{}
		}
		if subject != nil {
			one := &models.Subject{Part: models.Part{ID: *subject}, WithSubDepartments: *below}
			rows = append(rows, one)
			found[document] = append(found[document], one)
		}
		return nil
	})
	models.NewBatch(rows)
	return found, err
}
