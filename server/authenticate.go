package server

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"
	"time"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/store"
)

// sessionCookie carries the secret of a browser's session.
const sessionCookie = "guanxi_session"

// asker is who sends a request, as far as is known before his rights are read.
type asker struct {
	credential *store.Credential // nil for nobody
	name       string            // the user's id, or for nobody the address
	as         string            // the token by which an administrator asks as another user sees, else ""

	// again asks the database for a credential that is only recalled; nil when that was done.
	again func(context.Context) (*store.Credential, error)
	waits int // for the database, to find all this out
}

// confirmed is an asker whose credential the database has been asked for.
func (by asker) confirmed(ctx context.Context) (asker, error) {
	if by.again == nil {
		return by, nil
	}
	var err error
	by.credential, err = by.again(ctx)
	by.again, by.waits = nil, 1
	return by, err
}

type askerKey struct{}

// authenticated finds out who is asking: one user by an API token or a session, or nobody. It reads no rights: a request
// that is too large, or one too many, is refused without them.
func (s *Server) authenticated(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		by, err := s.askerOf(r)
		if err != nil {
			s.unknown(w, r, err)
			return
		}
		next(w, r.WithContext(context.WithValue(r.Context(), askerKey{}, by)))
	})
}

// unknown refuses a request whose credential is not good.
func (s *Server) unknown(w http.ResponseWriter, r *http.Request, err error) {
	if s.codeOf(err) == fault.Unauthenticated {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	s.refuseAs(w, r, err)
}

// recalled does as authenticated does, but for a credential that was good lately asks nothing yet: what next reads is read
// together with whether it still is.
func (s *Server) recalled(next http.HandlerFunc) http.Handler {
	asking := s.authenticated(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, has := secretOf(r)
		credential, known := s.viewers.recall(key)
		if !has || !known || r.Header.Get(viewAsHeader) != "" || key.session && fromOwnPage(r) != nil {
			asking.ServeHTTP(w, r)
			return
		}
		by := asker{credential: credential, name: credential.UserID.String(), again: func(context.Context) (*store.Credential, error) {
			return s.credentialOf(r)
		}}
		next(w, r.WithContext(context.WithValue(r.Context(), askerKey{}, by)))
	})
}

// secretOf names the secret that a request brings.
func secretOf(r *http.Request) (key secretKey, has bool) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		return secretKey{hash: sha256.Sum256([]byte(strings.TrimSpace(token)))}, strings.EqualFold(scheme, "Bearer")
	}
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return key, false
	}
	return secretKey{hash: sha256.Sum256([]byte(cookie.Value)), session: true}, true
}

func askerIn(ctx context.Context) asker { return ctx.Value(askerKey{}).(asker) }

func (s *Server) askerOf(r *http.Request) (asker, error) {
	credential, err := s.credentialOf(r)
	by := asker{credential: credential, name: s.addressOf(r), as: r.Header.Get(viewAsHeader), waits: 1}
	if credential != nil {
		by.name = credential.UserID.String()
	}
	return by, err
}

// viewerOf reads the rights of who is asking.
func (s *Server) viewerOf(ctx context.Context, by *asker) (*access.Viewer, error) {
	if by.credential == nil {
		if by.as != "" {
			return nil, access.SignInFirst()
		}
		return access.Nobody(s.now()), nil
	}
	if !s.viewers.knows(by.credential) {
		by.waits++
	}
	viewer, err := s.viewers.of(ctx, by.credential, by.credential.Now)
	if by.as != "" && err == nil {
		return s.viewedAs(ctx, by.credential, viewer, by.as)
	}
	return viewer, err
}

// credentialOf finds the credential of a request; nil when it has none. A token that is not good is refused. A session
// that is not good is none, as after signing out.
func (s *Server) credentialOf(r *http.Request) (*store.Credential, error) {
	credential, err := s.askedCredentialOf(r)
	if key, has := secretOf(r); has {
		s.viewers.remember(key, credential)
	}
	return credential, err
}

func (s *Server) askedCredentialOf(r *http.Request) (*store.Credential, error) {
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
