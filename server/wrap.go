package server

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/google/uuid"
	"golang.org/x/text/language"

	"guanxi/fault"
)

type numberKey struct{}

// number is the id of a request, and what the log has of it.
type number struct {
	id     string
	logged sync.Map
}

// numbered gives each request an id, which stands in its answer and in the log.
func (s *Server) numbered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := strings.ReplaceAll(uuid.NewString(), "-", "")
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), numberKey{}, &number{id: id})))
	})
}

func requestID(ctx context.Context) string {
	if n, is := ctx.Value(numberKey{}).(*number); is {
		return n.id
	}
	return ""
}

// logs tells whether the log is to have a cause: of each request it has it once, however many fields it stands in the way of.
func logs(ctx context.Context, cause error) bool {
	n, is := ctx.Value(numberKey{}).(*number)
	if !is {
		return true
	}
	_, has := n.logged.LoadOrStore(cause.Error(), true)
	return !has
}

// recovered lets one request fail alone.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == http.ErrAbortHandler {
				panic(cause)
			}
			if cause != nil {
				s.refuse(w, r, http.StatusInternalServerError, s.panicked(r.Context(), cause))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// panicked logs where the program failed, and gives what the asker is told of it.
func (s *Server) panicked(ctx context.Context, cause any) error {
	s.log.Error("a request failed the program", "request", requestID(ctx), "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
	return masked(ctx)
}

var languages = language.NewMatcher([]language.Tag{language.English, language.Chinese})

// spoken finds the language that the asker reads.
func (s *Server) spoken(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
		spoken := "en"
		if _, at, _ := languages.Match(wanted...); err == nil && at == 1 {
			spoken = "zh"
		}
		next.ServeHTTP(w, r.WithContext(fault.WithLanguage(r.Context(), spoken)))
	})
}
