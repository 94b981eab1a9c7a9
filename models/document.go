package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Document is a file with its place in the graph.
type Document struct {
	bun.BaseModel `bun:"table:documents"`
	Business
	Name          string     `bun:"name" input:"name"`
	MediaType     string     `bun:"media_type"`
	Size          int64      `bun:"size"`
	SHA256        []byte     `bun:"sha256"`
	StorageKey    string     `bun:"storage_key"`
	Revision      int        `bun:"revision"`
	CategoryID    *uuid.UUID `bun:"category_id,type:uuid" input:"category"`
	CustomerID    *uuid.UUID `bun:"customer_id,type:uuid" input:"customer"`
	OpportunityID *uuid.UUID `bun:"opportunity_id,type:uuid" input:"opportunity"`
	ServiceID     *uuid.UUID `bun:"service_id,type:uuid" input:"service"`
	Restricted    bool       `bun:"restricted"`
	UploadedAt    time.Time  `bun:"uploaded_at"`
	UploadedBy    *uuid.UUID `bun:"uploaded_by,type:uuid"`
	Searchable
}

// DownloadURL is the path that gives the bytes to whoever may see the document when he asks.
func (d *Document) DownloadURL() string { return "/files/" + d.ID.String() }

// DocumentRevision is one version of a document's bytes.
type DocumentRevision struct {
	bun.BaseModel `bun:"table:document_revisions"`
	Part
	DocumentID uuid.UUID  `bun:"document_id,type:uuid"`
	Revision   int        `bun:"revision"`
	MediaType  string     `bun:"media_type"`
	Size       int64      `bun:"size"`
	SHA256     []byte     `bun:"sha256"`
	StorageKey string     `bun:"storage_key"`
	UploadedAt time.Time  `bun:"uploaded_at"`
	UploadedBy *uuid.UUID `bun:"uploaded_by,type:uuid"`
}

// DownloadURL is the path that gives the bytes of this version to whoever may see the document when he asks.
func (r *DocumentRevision) DownloadURL() string { return "/files/" + r.ID.String() }

// Of gives the document as it was with this version: its bytes then, under its name now.
func (r *DocumentRevision) Of(d *Document) *Document {
	then := *d
	then.Revision, then.MediaType, then.Size, then.SHA256 = r.Revision, r.MediaType, r.Size, r.SHA256
	then.StorageKey, then.UploadedAt, then.UploadedBy = r.StorageKey, r.UploadedAt, r.UploadedBy
	return &then
}

// DocumentReader lets a user, a department or a group read a document that has a list of its own.
type DocumentReader struct {
	bun.BaseModel      `bun:"table:document_readers"`
	DocumentID         uuid.UUID `bun:"document_id,pk,type:uuid"`
	SubjectID          uuid.UUID `bun:"subject_id,pk,type:uuid"`
	WithSubDepartments bool      `bun:"with_sub_departments"`
}

// DocumentConnection is a page of documents.
type (
	DocumentConnection = Connection[Document]
	DocumentEdge       = Edge[Document]
)
