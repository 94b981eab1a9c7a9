package server

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"guanxi/access"
	"guanxi/fault"
)

// graphQLPath is where GraphQL requests go: whatever is answered there has the form of GraphQL.
const graphQLPath = "/graphql"

// The media types of an answer. The first says by HTTP's status how the request went; the second only whether it was a
// request at all.
const (
	graphQLResponse = "application/graphql-response+json"
	plainJSON       = "application/json"
)

// graphql answers one GraphQL request: what is too much is refused before anything is asked of the database but who sent it.
func (s *Server) graphql(w http.ResponseWriter, r *http.Request) {
	media := mediaFor(r.Header.Get("Accept"))
	s.take(w, r, media, func(*request) {}, func(a answer) { s.tell(w, media, a) })
}

// take reads a GraphQL request, makes it what it is here, and tells what it comes to.
func (s *Server) take(w http.ResponseWriter, r *http.Request, media string, make func(*request), tell func(answer)) {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, POST, OPTIONS")
		s.misunderstood(w, r, media, &malformed{http.StatusMethodNotAllowed, fault.Deny(fault.BadInput, fault.Say("Use POST, or GET for queries.", "请使用 POST；查询也可使用 GET。"))})
		return
	}
	by := askerIn(r.Context())
	meter := s.meters.of(by)
	err := meter.enter()
	if err != nil {
		s.turnedAway(w, r, media, by, err)
		return
	}
	defer meter.leave()
	q, err := readRequest(w, r, by)
	defer q.upload.release()
	if err != nil {
		s.turnedAway(w, r, media, by, err)
		return
	}
	q.Headers = r.Header
	make(&q)
	given := s.engine.admit(r.Context(), by, meter, q)
	if given.unknown != nil {
		s.unknown(w, r, given.unknown)
		return
	}
	tell(given)
}

// turnedAway answers what is no GraphQL request, or one too many; first of all whose credential is not good.
func (s *Server) turnedAway(w http.ResponseWriter, r *http.Request, media string, by asker, err error) {
	if _, unknown := by.confirmed(r.Context()); unknown != nil {
		s.unknown(w, r, unknown)
		return
	}
	s.misunderstood(w, r, media, err)
}

// admit lets a request in that is not too much, for anybody or for this asker now, and answers it. Nobody is told anything
// under a credential that the database was not asked for.
func (e *engine) admit(ctx context.Context, by asker, meter *meter, q request) answer {
	given := e.admitted(ctx, by, meter, q)
	if !given.asked {
		_, given.unknown = by.confirmed(ctx)
	}
	return given
}

func (e *engine) admitted(ctx context.Context, by asker, meter *meter, q request) answer {
	a, err := e.prepare(q)
	if err != nil {
		return e.refused(ctx, err)
	}
	cost, err := meter.charge(a.weight.cost, a.points(), e.server.now())
	if err == nil && by.again != nil && !a.reads() {
		if by, err = by.confirmed(ctx); err != nil {
			return answer{unknown: err, asked: true}
		}
	}
	if err == nil {
		err = a.signedIn(by)
	}
	if err == nil {
		err = q.upload.files()
	}
	var given answer
	if err != nil {
		given = e.refused(ctx, err)
	} else {
		given = e.answer(ctx, by, meter, a)
	}
	if given.unknown != nil {
		return given
	}
	given.tell("cost", cost)
	return given
}

// answer reads the asker's rights and carries out his request, all within its time.
func (e *engine) answer(ctx context.Context, by asker, meter *meter, a *asked) answer {
	ctx, cancel := context.WithTimeout(ctx, e.server.options.Limits.time())
	defer cancel()
	if a.weight.reports > 0 {
		end, err := meter.turn(ctx)
		if err != nil {
			return e.refused(context.WithoutCancel(ctx), err)
		}
		defer end()
	}
	if by.again != nil {
		if given := e.recalled(ctx, by, a); given.asked {
			return given
		}
		var err error
		if by, err = by.confirmed(ctx); err != nil {
			return answer{unknown: err, asked: true}
		}
		if err := a.signedIn(by); err != nil {
			return e.refused(ctx, err)
		}
	}
	viewer, err := e.server.viewerOf(ctx, &by)
	if err != nil {
		given := e.refused(context.WithoutCancel(ctx), err)
		given.Status = statusOf(e.server.codeOf(err))
		return given
	}
	return e.run(ctx, reader{viewer: viewer, opening: access.EpochOnly, waits: by.waits}, a)
}

// recalled answers a query of one whose credential and rights are recalled, reading both again in the snapshot that answers.
// When they have changed, or nothing was read, it is an answer that was not asked for.
func (e *engine) recalled(ctx context.Context, by asker, a *asked) answer {
	viewer := e.server.viewers.expected(by.credential)
	if viewer == nil {
		return answer{}
	}
	return e.run(ctx, reader{viewer: viewer, opening: e.server.options.Store.Reopening(by.credential), recalled: true, reports: a.weight.reports > 0}, a)
}

// tell writes an answer.
func (s *Server) tell(w http.ResponseWriter, media string, a answer) {
	if a.Status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", "POST")
	}
	status := statusFor(a, media)
	comeBack(w.Header(), status, a.Wait)
	switch {
	case a.written:
		writeBody(w, media, status, a.body())
	case a.Refused:
		writeResponse(w, media, status, refusal{Errors: a.Errors, Extensions: a.Extensions})
	default:
		writeResponse(w, media, status, a.Response)
	}
}

// body puts what is told beside the data of an answer to them, when they stand as they go out.
func (a answer) body() []byte {
	beside, err := json.Marshal(a.Extensions)
	if err != nil {
		panic(err) // they are plain values
	}
	body := make([]byte, 0, len(a.Data)+len(beside)+32)
	body = append(append(body, `{"data":`...), a.Data...)
	if len(a.Extensions) > 0 {
		body = append(append(body, `,"extensions":`...), beside...)
	}
	return append(body, '}')
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
	switch wait := waitOf(err); {
	case errors.As(err, &m):
		status, err = m.status, m.Fault
	case wait > 0:
		status = http.StatusTooManyRequests
		comeBack(w.Header(), status, wait)
	}
	s.respond(w, r, media, status, err)
}

// respond answers with an error alone, as GraphQL tells one.
func (s *Server) respond(w http.ResponseWriter, r *http.Request, media string, status int, err error) {
	writeResponse(w, media, status, refusal{Errors: gqlerror.List{s.present(r.Context(), err)}})
}

// refusal is the answer to a request that was not carried out: it has no data, not even null.
type refusal struct {
	Errors     gqlerror.List  `json:"errors"`
	Extensions map[string]any `json:"extensions,omitempty"`
}

func writeResponse(w http.ResponseWriter, media string, status int, response any) {
	body, err := json.Marshal(response)
	if err != nil {
		panic(err) // what the executor wrote is JSON
	}
	writeBody(w, media, status, body)
}

func writeBody(w http.ResponseWriter, media string, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", media+"; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept, Accept-Language, Authorization, Cookie, "+viewAsHeader)
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
