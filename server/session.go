package server

import (
	"encoding/json"
	"mime"
	"net/http"
	"strings"
	"time"

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

// signedInAs tells who is signed in, and after signing in how many tries in his name had failed.
type signedInAs struct {
	User        *person `json:"user"`
	FailedTries int     `json:"failedTries,omitempty"`
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
	viewer, err := s.viewerOf(r.Context(), &by)
	if err != nil {
		s.refuseAs(w, r, err)
		return
	}
	s.tellWho(w, r, viewer, 0)
}

func (s *Server) tellWho(w http.ResponseWriter, r *http.Request, viewer *access.Viewer, failed int) {
	if viewer.Anonymous() {
		writeJSON(w, http.StatusOK, signedInAs{})
		return
	}
	snap := access.Look(s.options.Store.Pool, viewer)
	defer snap.Close(r.Context())
	user, err := store.Users.ByID(r.Context(), snap, viewer.UserID)
	if err != nil {
		s.refuseAs(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, signedInAs{&person{user.ID, user.Name}, failed})
}

// proof is what somebody signs in with.
type proof struct {
	Login    string `json:"login"`
	Password string `json:"password"`
}

// browserCookie carries the secret by which a browser that somebody has signed in with is known again.
const (
	browserCookie = "guanxi_browser"
	browserKept   = 180 * 24 * time.Hour
)

func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	p, err := readProof(w, r)
	if err != nil {
		s.refuseAs(w, r, err)
		return
	}
	try := s.tryOf(r, p)
	wait, err := s.options.Store.TakeTry(r.Context(), try)
	if err == nil && wait > 0 {
		s.log.Warn("too many tries to sign in", "request", requestID(r.Context()), "address", try.Address)
		err = limited(wait, fault.Say("Too many tries to sign in; wait %d minutes. A browser that you have signed in with before is not affected by the tries of others.",
			"登录尝试过多，请等待 %d 分钟。您曾登录过的浏览器不受他人尝试的影响。", int(wait.Minutes())+1))
	}
	if err != nil {
		s.refuseAs(w, r, err)
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
	failed, err := s.options.Store.ForgiveTries(r.Context(), try)
	if err != nil {
		s.refuseAs(w, r, err)
		return
	}
	http.SetCookie(w, cookieFor(r, sessionCookie, secret, int(store.SessionLength.Seconds())))
	http.SetCookie(w, cookieFor(r, browserCookie, s.options.Store.NewBrowser(p.Login), int(browserKept.Seconds())))
	s.begun(w, r, session, failed)
}

// tryOf tells where a try to sign in comes from.
func (s *Server) tryOf(r *http.Request, p proof) store.Try {
	try := store.Try{Login: p.Login, Address: s.addressOf(r)}
	if cookie, err := r.Cookie(browserCookie); err == nil {
		try.Known = s.options.Store.KnownBrowser(p.Login, cookie.Value)
	}
	return try
}

// begun tells who has signed in, and how many tries in his name have failed before.
func (s *Server) begun(w http.ResponseWriter, r *http.Request, session *models.Session, failed int) {
	viewer, _, err := s.options.Store.Rights(r.Context(), session.UserID, session.CreatedAt)
	if err != nil {
		s.refuseAs(w, r, err)
		return
	}
	s.tellWho(w, r, viewer, failed)
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
	http.SetCookie(w, cookieFor(r, sessionCookie, "", -1))
	w.WriteHeader(http.StatusNoContent)
}

func cookieFor(r *http.Request, name, secret string, age int) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: secret, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode,
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
