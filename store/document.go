package store

import (
	"context"
	"io"
	"path"
	"strings"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/files"
	"guanxi/models"
)

// longestDocumentName is how many characters a document's name may have.
const longestDocumentName = 255

// File is a file as it was sent.
type File struct {
	Name  string
	Bytes io.Reader
}

// DocumentCreate puts a file in, under its own name unless the input says otherwise.
func (s *Store) DocumentCreate(ctx context.Context, v *access.Viewer, q Request, folder *files.Folder, file File, input map[string]any) (uuid.UUID, error) {
	if err := v.Need(access.To(access.Create, access.Document)); err != nil {
		return uuid.Nil, err
	}
	input = withoutNull(input, "name")
	if _, named := input["name"]; !named {
		input["name"] = nameOf(file.Name)
	}
	return s.keep(ctx, v.Now, folder, file, q, func(q Request, k files.Stored) (uuid.UUID, error) {
		return Documents.Create(ctx, s, v, q, input, func(tx *Tx, d *models.Document) error {
			if err := tx.fileIn(d, k); err != nil {
				return err
			}
			return tx.settleDocument(&models.Document{}, d)
		}, (*Tx).keepRevision)
	})
}

// nameOf gives the name of a file without the folders before it; "" when there is none.
func nameOf(sent string) string {
	name := path.Base(strings.ReplaceAll(sent, `\`, "/"))
	if strings.Trim(name, "./") == "" {
		return ""
	}
	return name
}

// DocumentRevise puts a new revision of a document's file in; the former ones are kept.
func (s *Store) DocumentRevise(ctx context.Context, v *access.Viewer, q Request, folder *files.Folder, file File, id uuid.UUID, version *int) (uuid.UUID, error) {
	if err := v.Need(access.To(access.Update, access.Document)); err != nil {
		return uuid.Nil, err
	}
	return s.keep(ctx, v.Now, folder, file, q, func(q Request, k files.Stored) (uuid.UUID, error) {
		return Documents.Edit(ctx, s, v, q, access.Update, id, version, "REVISE", func(tx *Tx, d *models.Document) error {
			if err := tx.fileIn(d, k); err != nil {
				return err
			}
			return tx.keepRevision(d)
		})
	})
}

// DocumentUpdate changes a document's name, category or place.
func (s *Store) DocumentUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, input map[string]any) (uuid.UUID, error) {
	return Documents.Update(ctx, s, v, q, id, version, input, func(tx *Tx, before, d *models.Document) error {
		return tx.settleDocument(before, d)
	})
}

// fileIn makes a file the document's present revision.
func (tx *Tx) fileIn(d *models.Document, k files.Stored) error {
	d.Revision++
	d.MediaType, d.Size, d.SHA256, d.StorageKey = k.MediaType, k.Size, k.SHA256, k.Key
	d.UploadedAt, d.UploadedBy = tx.Now, tx.Viewer.Owner()
	return tx.arrived(k.Key)
}

// keepRevision remembers the document's present revision.
func (tx *Tx) keepRevision(d *models.Document) error {
	row := &models.DocumentRevision{DocumentID: d.ID, Revision: d.Revision, MediaType: d.MediaType, Size: d.Size, SHA256: d.SHA256,
		StorageKey: d.StorageKey, UploadedAt: d.UploadedAt, UploadedBy: d.UploadedBy}
	row.ID = models.NewID(models.DocumentRevisionCode)
	_, err := tx.NewInsert().Model(row).Exec(tx.ctx)
	return fault.FromSQL(err)
}

func (tx *Tx) settleDocument(before, d *models.Document) error {
	if err := atMost(longestDocumentName, d.Name, "name"); err != nil {
		return err
	}
	if same(before.CustomerID, d.CustomerID) && same(before.OpportunityID, d.OpportunityID) && same(before.ServiceID, d.ServiceID) {
		return nil
	}
	return tx.attach(&d.CustomerID, attached{access.Opportunity, d.OpportunityID, "opportunity"}, attached{access.Service, d.ServiceID, "service"})
}
