package server

import (
	"context"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// downloadTime is how long sending a file may take.
const downloadTime = 10 * time.Minute

// download gives the bytes of a document, or of one of its revisions, to a viewer who sees the document now. For any other
// neither exists.
func (s *Server) download(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD, OPTIONS")
		s.refuse(w, r, http.StatusMethodNotAllowed, fault.Deny(fault.BadInput, fault.Say("Use GET.", "请使用 GET。")))
		return
	}
	meter := s.meters.of(askerIn(r.Context()))
	if err := meter.enter(); err != nil {
		s.refuseAs(w, r, err)
		return
	}
	defer meter.leave()
	document, err := s.documentFor(r)
	if err != nil {
		s.refuseAs(w, r, err)
		return
	}
	file, err := s.options.Files.Get(r.Context(), document.StorageKey)
	if errors.Is(err, fs.ErrNotExist) {
		s.log.Error("the bytes of a document are missing", "request", requestID(r.Context()), "document", document.ID, "key", document.StorageKey)
		err = absent()
	}
	if err != nil {
		s.refuseAs(w, r, err)
		return
	}
	defer file.Close()
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(downloadTime))
	describe(w.Header(), document.MediaType, document.Name)
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Set("ETag", strconv.Quote(document.ID.String()+"-"+strconv.Itoa(document.Revision)))
	http.ServeContent(w, r, "", document.UploadedAt, file)
}

// documentFor finds the document that a request names by its id or that of a revision, as its viewer sees it.
func (s *Server) documentFor(r *http.Request) (*models.Document, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil || len(r.PathValue("id")) != 36 {
		id = uuid.Nil // never issued: the asker learns nothing from the difference
	}
	by := askerIn(r.Context())
	viewer, err := s.viewerOf(r.Context(), &by)
	if err != nil {
		return nil, err
	}
	snap := access.Look(s.options.Store.Pool, viewer)
	defer snap.Close(r.Context())
	document, field, err := documentUnder(r.Context(), snap, id)
	if err == nil && document == nil {
		return nil, absent()
	}
	if err != nil {
		return nil, err
	}
	if document.Restricted { // one with a list of its own is kept as a protected field is
		snap.Note(field, document.ID, 1)
	}
	snap.Close(r.Context())
	return document, s.options.Store.LogAccess(r.Context(), snap.Viewer, requestID(r.Context()), "", snap.Noted())
}

// documentUnder finds the document under an id, with the bytes that the id stands for: its own the latest, that of a revision
// those of then. Field is the one that gives the id away as an address. Nil when the viewer does not see the document.
func documentUnder(ctx context.Context, snap *access.Snapshot, id uuid.UUID) (document *models.Document, field string, err error) {
	if models.KindOf(id) != models.DocumentRevisionCode {
		document, err = store.Documents.ByID(ctx, snap, id)
		return document, "Document.downloadUrl", err
	}
	revision, err := store.DocumentRevisions.ByID(ctx, snap, id)
	if err != nil || revision == nil {
		return nil, "", err
	}
	document, err = store.Documents.ByID(ctx, snap, revision.DocumentID)
	if err != nil || document == nil {
		return nil, "", err
	}
	return revision.Of(document), "DocumentRevision.downloadUrl", nil
}

// describe says what the bytes of a file are, such that no browser runs them, and that they are for who asks alone.
func describe(h http.Header, media, name string) {
	h.Set("Content-Type", media)
	h.Set("Content-Disposition", disposition(name))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-site")
	h.Add("Vary", "Authorization, Cookie, "+viewAsHeader)
}

// disposition names the file for saving: plainly for old programs, in UTF-8 for the others.
func disposition(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`/\<>`, r) {
			return '_'
		}
		return r
	}, name)
	plain := strings.Map(func(r rune) rune {
		if r > '~' || r < ' ' || r == '"' || r == '%' {
			return '_'
		}
		return r
	}, name)
	return mime.FormatMediaType("attachment", map[string]string{"filename": plain}) + "; filename*=UTF-8''" + url.PathEscape(name)
}
