package server

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"guanxi/fault"
)

// told is an error as programs and people get it outside of GraphQL.
type told struct {
	Code    fault.Code `json:"code"`
	Message string     `json:"message"`
	Request string     `json:"requestId,omitempty"`
}

// refuse answers with an error, on the path of GraphQL in the form of GraphQL.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, status int, err error) {
	if r.URL.Path == graphQLPath {
		comeBack(w.Header(), status, waitOf(err))
		s.respond(w, r, mediaFor(r.Header.Get("Accept")), status, err)
		return
	}
	f := s.faultOf(r.Context(), err)
	body := told{Code: f.Code, Message: f.Sentence.In(fault.Language(r.Context()))}
	if f.Code == fault.Internal {
		body.Request = requestID(r.Context())
	}
	comeBack(w.Header(), status, waitOf(err))
	writeJSON(w, status, map[string]told{"error": body})
}

// refuseAs answers with an error under the status that fits its code.
func (s *Server) refuseAs(w http.ResponseWriter, r *http.Request, err error) {
	s.refuse(w, r, statusOf(s.codeOf(err)), err)
}

func statusOf(code fault.Code) int {
	switch code {
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.PermissionDenied, fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.RateLimited:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Timeout:
		return http.StatusGatewayTimeout
	case fault.Internal:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// waitOf tells how long to wait after a refusal that is over after a while.
func waitOf(err error) time.Duration {
	var r *rateLimited
	if errors.As(err, &r) {
		return r.wait
	}
	return 0
}

// comeBack tells when a request that was refused for now may be sent again.
func comeBack(h http.Header, status int, wait time.Duration) {
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		h.Set("Retry-After", strconv.Itoa(whole(wait)))
	}
}

func (s *Server) codeOf(err error) fault.Code {
	var f *fault.Fault
	if errors.As(err, &f) {
		return f.Code
	}
	return fault.Internal
}

// faultOf gives the fault that an error is; any other is logged and masked.
func (s *Server) faultOf(ctx context.Context, err error) *fault.Fault {
	var f *fault.Fault
	if !errors.As(err, &f) {
		level := slog.LevelError
		if errors.Is(err, context.Canceled) {
			level = slog.LevelDebug // whoever asked has gone
		}
		if logs(ctx, err) {
			s.log.Log(ctx, level, "a request failed", "request", requestID(ctx), "cause", err)
		}
		return masked(ctx)
	}
	if f.Cause != nil && logs(ctx, f.Cause) {
		s.log.Info("a request was refused", "request", requestID(ctx), "code", string(f.Code), "cause", f.Cause)
	}
	return f
}

// masked is what is told of a failure that is none of the asker's business.
func masked(ctx context.Context) *fault.Fault {
	return fault.Deny(fault.Internal, fault.Say("Something went wrong here; the log has it under request %s.", "服务器内部出错；日志中的请求编号为 %s。", requestID(ctx)))
}

// absent is the one answer for what does not exist, be it hidden or never issued.
func absent() *fault.Fault { return fault.Absent() }

func writeJSON(w http.ResponseWriter, status int, body any) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
