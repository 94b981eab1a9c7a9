package server

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"guanxi/access"
	"guanxi/fault"
)

// The media types of an answer. The first says by HTTP's status how the request went; the second only whether it was a
// request at all.
const (
	graphQLResponse = "application/graphql-response+json"
	plainJSON       = "application/json"
)

// graphql answers one GraphQL request.
func (s *Server) graphql(w http.ResponseWriter, r *http.Request) {
	media := mediaFor(r.Header.Get("Accept"))
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, POST, OPTIONS")
		s.misunderstood(w, r, media, &malformed{http.StatusMethodNotAllowed, fault.Deny(fault.BadInput, fault.Say("Use POST, or GET for queries.", "请使用 POST；查询也可使用 GET。"))})
		return
	}
	params, release, err := s.requestOf(w, r)
	defer release()
	if err != nil {
		s.misunderstood(w, r, media, err)
		return
	}
	params.Headers = r.Header
	a := s.engine.run(r.Context(), viewerIn(r.Context()), params, r.Method == http.MethodGet)
	if a.Status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", "POST")
	}
	var body any = a.Response
	if a.Refused {
		body = refusal{Errors: a.Errors, Extensions: a.Extensions}
	}
	writeResponse(w, media, statusFor(a, media), body)
}

// requestOf reads a request; one with files only from who may change something.
func (s *Server) requestOf(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, func(), error) {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if media == "multipart/form-data" && viewerIn(r.Context()).NeedHimself() != nil {
		return nil, func() {}, &malformed{http.StatusForbidden, access.Viewing()}
	}
	return readRequest(w, r)
}

// statusFor says by HTTP how a request went.
func statusFor(a answer, media string) int {
	switch {
	case a.Status != 0:
		return a.Status
	case a.Refused && media == graphQLResponse:
		return http.StatusBadRequest
	}
	return http.StatusOK
}

// misunderstood answers what is no GraphQL request.
func (s *Server) misunderstood(w http.ResponseWriter, r *http.Request, media string, err error) {
	status := http.StatusInternalServerError
	var m *malformed
	if errors.As(err, &m) {
		status, err = m.status, m.Fault
	}
	writeResponse(w, media, status, refusal{Errors: gqlerror.List{s.present(r.Context(), err)}})
}

// refusal is the answer to a request that was not carried out: it has no data, not even null.
type refusal struct {
	Errors     gqlerror.List  `json:"errors"`
	Extensions map[string]any `json:"extensions,omitempty"`
}

func writeResponse(w http.ResponseWriter, media string, status int, response any) {
	h := w.Header()
	h.Set("Content-Type", media+"; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept, Accept-Language, Authorization, Cookie, "+viewAsHeader)
	if status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "1")
	}
	body, err := json.Marshal(response)
	if err != nil {
		panic(err) // what the executor wrote is JSON
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// mediaFor chooses the media type of the answer: of those that the asker accepts the one he likes best, the plain one when
// he does not say.
func mediaFor(accept string) string {
	best, chosen := 0.0, plainJSON
	for part := range strings.SplitSeq(accept, ",") {
		media, options, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil {
			continue
		}
		liked := 1.0
		if q, err := strconv.ParseFloat(options["q"], 64); err == nil {
			liked = q
		}
		if media == "*/*" || media == "application/*" {
			media = plainJSON
		}
		if liked > best && (media == graphQLResponse || media == plainJSON) {
			best, chosen = liked, media
		}
	}
	return chosen
}
