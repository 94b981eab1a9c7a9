// Package server speaks HTTP: routes, who is asking, limits, errors, files.
package server

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"guanxi/access"
	"guanxi/console"
	"guanxi/files"
	"guanxi/network"
	"guanxi/reports"
	"guanxi/store"
)

// Options say what a server serves, and to whom.
type Options struct {
	Store *store.Store
	Files *files.Folder // the bytes of documents
	Log   *slog.Logger  // nil is silent

	// Reports answers reports; nil answers them by SQL.
	Reports *reports.Engine

	// Network finds what is near a party and the paths between two; nil walks by SQL.
	Network *network.Engine

	// Limits bound what one viewer may ask of this process; without them he may ask as much as he likes.
	Limits Limits
	// Proxies are the networks whose word of where a request comes from is believed (X-Forwarded-For).
	Proxies []netip.Prefix
	// Origins are the other sites whose pages may call with a bearer token, such as https://crm.example.com.
	Origins []string
	// Ready tells why requests cannot be answered yet; nil when they can.
	Ready func(context.Context) error
	// Examples and People are what the playground offers.
	Examples func(r *http.Request) []console.Example
	People   func(r *http.Request) []console.Person
	// Usage counts what is used; nil counts nothing.
	Usage *Usage
	// Forget keeps nothing of the records that everyone sees alike from one request to the next: what a request takes is then the
	// same whoever asked what before.
	Forget bool
	// Served hears of each GraphQL request when it has been answered.
	Served func(Request)
	// Plain leaves every request to gqlgen's own execution, to hold the plans of requests against it.
	Plain bool
}

// Request tells what one GraphQL request took.
type Request struct {
	ID         string
	Operation  string // its name, as the caller wrote it
	Statements int    // run to read what was asked; those of writes not counted
	Waves      int    // how often the database was waited for with these, and to find out who asks with which rights
	Planned    bool   // answered by its plan; else by gqlgen
	Took       time.Duration
}

// Server answers requests over HTTP.
type Server struct {
	options Options
	log     *slog.Logger
	viewers *viewers
	commons *access.Commons
	meters  *meters
	engine  *engine
	routes  http.Handler
}

// New makes a server on an open store.
func New(o Options) *Server {
	s := &Server{options: o, log: o.Log, viewers: newViewers(o.Store), meters: newMeters(o.Limits)}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if !o.Forget {
		s.commons = access.NewCommons()
	}
	if s.options.Reports == nil {
		s.options.Reports = reports.New()
	}
	if s.options.Network == nil {
		s.options.Network = network.New()
	}
	s.engine = newEngine(s)
	s.routes = s.numbered(s.recovered(s.spoken(s.open())))
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.routes.ServeHTTP(w, r) }

// open lists the routes.
func (s *Server) open() http.Handler {
	page := console.Handler(console.Options{Examples: s.options.Examples, People: s.options.People})
	mux := http.NewServeMux()
	mux.Handle(graphQLPath, s.shared(s.recalled(s.graphql)))
	for ending := range forms {
		mux.Handle("/reports."+ending, s.shared(s.authenticated(s.export(ending))))
	}
	mux.Handle("/reports/{file}", s.shared(s.authenticated(s.saved)))
	mux.HandleFunc("/session", s.himself(s.session))
	mux.Handle("/files/{id}", s.shared(s.authenticated(s.download)))
	mux.Handle("/playground", page)
	mux.Handle("/playground/", page)
	mux.HandleFunc("GET /healthz", s.alive)
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /{$}", http.RedirectHandler("/playground", http.StatusFound))
	mux.HandleFunc("/", s.nowhere)
	return mux
}

func (s *Server) alive(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "alive") }

func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if s.options.Ready == nil {
		writeText(w, http.StatusOK, "ready")
		return
	}
	if err := s.options.Ready(ctx); err != nil {
		s.log.Warn("not ready", "cause", err)
		w.Header().Set("Retry-After", "1")
		writeText(w, http.StatusServiceUnavailable, "not ready")
		return
	}
	writeText(w, http.StatusOK, "ready")
}

func (s *Server) nowhere(w http.ResponseWriter, r *http.Request) {
	s.refuse(w, r, http.StatusNotFound, absent())
}
