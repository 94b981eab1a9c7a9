package server

import (
	"context"
	"net/http"
	"strings"
	"time"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/store"
)

// sessionCookie carries the secret of a browser's session.
const sessionCookie = "guanxi_session"

type viewerContextKey struct{}

// authenticated finds out who is asking: exactly one viewer, from an API token, a session, or neither.
func (s *Server) authenticated(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		viewer, err := s.viewerOf(r)
		if err != nil {
			if s.codeOf(err) == fault.Unauthenticated {
				w.Header().Set("WWW-Authenticate", "Bearer")
			}
			s.refuseAs(w, r, err)
			return
		}
		next(w, r.WithContext(context.WithValue(r.Context(), viewerContextKey{}, viewer)))
	})
}

func viewerIn(ctx context.Context) *access.Viewer {
	return ctx.Value(viewerContextKey{}).(*access.Viewer)
}

func (s *Server) viewerOf(r *http.Request) (*access.Viewer, error) {
	credential, err := s.credentialOf(r)
	if err != nil {
		return nil, err
	}
	if credential == nil {
		if r.Header.Get(viewAsHeader) != "" {
			return nil, access.SignInFirst()
		}
		return access.Nobody(s.now()), nil
	}
	viewer, err := s.viewers.of(r.Context(), credential, credential.Now)
	if token := r.Header.Get(viewAsHeader); token != "" && err == nil {
		return s.viewedAs(r.Context(), credential, viewer, token)
	}
	return viewer, err
}

// credentialOf finds the credential of a request; nil when it has none. A token that is not good is refused. A session
// that is not good is none, as after signing out.
func (s *Server) credentialOf(r *http.Request) (*store.Credential, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		return s.bearer(r.Context(), header)
	}
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil, nil
	}
	if err := fromOwnPage(r); err != nil {
		return nil, err
	}
	return s.options.Store.OfSession(r.Context(), cookie.Value)
}

func (s *Server) bearer(ctx context.Context, header string) (*store.Credential, error) {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return nil, badToken()
	}
	credential, err := s.options.Store.OfToken(ctx, strings.TrimSpace(token))
	if err == nil && credential == nil {
		return nil, badToken()
	}
	return credential, err
}

func badToken() error {
	return fault.Deny(fault.Unauthenticated, fault.Say("The token in the Authorization header is not good: unknown, expired or revoked.", "Authorization 请求头中的令牌无效：未知、已过期或已撤销。"))
}

// now is the server's own time, for what does not touch the database.
func (s *Server) now() time.Time {
	if clock := s.options.Store.Clock; clock != nil {
		return clock()
	}
	return time.Now()
}
