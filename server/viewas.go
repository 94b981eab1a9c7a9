package server

import (
	"context"
	"net/http"

	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/access"
	"guanxi/store"
)

// viewAsHeader carries the token of an administrator who asks as another user sees, beside his own credential.
const viewAsHeader = "Guanxi-View-As"

// viewedAs gives the user as whom the administrator asks. Both must be active now, and he must hold his permission now.
func (s *Server) viewedAs(ctx context.Context, c *store.Credential, admin *access.Viewer, token string) (*access.Viewer, error) {
	target, err := s.options.Store.ViewedAs(admin, token)
	if err != nil {
		return nil, err
	}
	user, err := s.viewers.of(ctx, &store.Credential{UserID: target, Epoch: c.Epoch}, c.Now)
	if err == nil && user.Anonymous() {
		return nil, store.NotViewingAs()
	}
	if err != nil {
		return nil, err
	}
	return user.LookedAsBy(admin), nil
}

// readsOnly refuses whatever is no query to an administrator who asks as another user sees.
func readsOnly(viewer *access.Viewer, operation ast.Operation) error {
	if operation == ast.Query {
		return nil
	}
	return viewer.NeedHimself()
}

// himself keeps signing in and out for those who ask for themselves.
func (s *Server) himself(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(viewAsHeader) != "" && r.Method != http.MethodGet {
			s.refuseAs(w, r, access.Viewing())
			return
		}
		next(w, r)
	}
}
