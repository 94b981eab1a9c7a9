package server

import (
	"encoding/json"
	"mime"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// person is who is signed in.
type person struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

// session tells who is signed in (GET), signs in (POST) and out (DELETE).
func (s *Server) session(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet:
		s.whoIsThere(w, r)
	case http.MethodPost:
		s.signIn(w, r)
	case http.MethodDelete:
		s.signOut(w, r)
	default:
		w.Header().Set("Allow", "GET, POST, DELETE")
		s.refuse(w, r, http.StatusMethodNotAllowed, fault.Deny(fault.BadInput, fault.Say("Use GET, POST or DELETE.", "请使用 GET、POST 或 DELETE。")))
	}
}

func (s *Server) whoIsThere(w http.ResponseWriter, r *http.Request) {
	by, err := s.askerOf(r)
	if err != nil {
		s.refuseAs(w, r, err)
		return
	}
	viewer, err := s.viewerOf(r.Context(), by)
	if err != nil {
		s.refuseAs(w, r, err)
		return
	}
	s.tellWho(w, r, viewer)
}

func (s *Server) tellWho(w http.ResponseWriter, r *http.Request, viewer *access.Viewer) {
	if viewer.Anonymous() {
		writeJSON(w, http.StatusOK, map[string]*person{"user": nil})
		return
	}
	snap := access.Look(s.options.Store.Pool, viewer)
	defer snap.Close(r.Context())
	user, err := store.Users.ByID(r.Context(), snap, viewer.UserID)
	if err != nil {
		s.refuseAs(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]*person{"user": {ID: user.ID, Name: user.Name}})
}

// proof is what somebody signs in with.
type proof struct {
	Login    string `json:"login"`
	Password string `json:"password"`
}

func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	p, err := readProof(w, r)
	if err != nil {
		s.refuseAs(w, r, err)
		return
	}
	if !s.failures.try(accountOf(p.Login), addressOf(r), s.now()) {
		s.refuse(w, r, http.StatusTooManyRequests, fault.Deny(fault.LimitExceeded, fault.Say("Too many tries to sign in; wait a while.", "登录尝试过多，请稍后再试。")))
		return
	}
	session, secret, err := s.options.Store.SignIn(r.Context(), p.Login, p.Password)
	if err == nil && session == nil {
		err = fault.Deny(fault.Unauthenticated, fault.Say("The login or the password is wrong.", "登录名或密码不正确。"))
	}
	if err != nil {
		s.refuseAs(w, r, err)
		return
	}
	s.failures.forgive(accountOf(p.Login))
	s.begun(w, r, session, secret)
}

// begun hands the browser its new session.
func (s *Server) begun(w http.ResponseWriter, r *http.Request, session *models.Session, secret string) {
	viewer, _, err := s.options.Store.Rights(r.Context(), session.UserID, session.CreatedAt)
	if err != nil {
		s.refuseAs(w, r, err)
		return
	}
	http.SetCookie(w, cookieFor(r, secret, int(store.SessionLength.Seconds())))
	s.tellWho(w, r, viewer)
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) {
	cookie, err := r.Cookie(sessionCookie)
	if err == nil {
		if err := fromOwnPage(r); err != nil {
			s.refuseAs(w, r, err)
			return
		}
		if err := s.options.Store.SignOut(r.Context(), cookie.Value); err != nil {
			s.refuseAs(w, r, err)
			return
		}
	}
	http.SetCookie(w, cookieFor(r, "", -1))
	w.WriteHeader(http.StatusNoContent)
}

func cookieFor(r *http.Request, secret string, age int) *http.Cookie {
	return &http.Cookie{
		Name: sessionCookie, Value: secret, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https",
	}
}

// readProof reads a sign-in: JSON only, and not from another site's page.
func readProof(w http.ResponseWriter, r *http.Request) (proof, error) {
	var p proof
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if media != "application/json" || crossOrigin.Check(r) != nil {
		return p, badProof()
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10))
	if err := decoder.Decode(&p); err != nil || p.Login == "" || p.Password == "" || strings.ContainsRune(p.Login, 0) {
		return p, badProof()
	}
	return p, nil
}

func badProof() error {
	return fault.Deny(fault.BadInput, fault.Say(`Send {"login": …, "password": …} as application/json.`, `请以 application/json 发送 {"login": …, "password": …}。`))
}
