// Package console is the page at /playground: GraphiQL with sign-in and example requests, served from the binary itself.
//
// The page is built by npm into dist, which is not committed. A binary built without it serves a plain page that says
// how to build it.
package console

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

//go:embed all:dist
var dist embed.FS

//go:embed fallback/index.html
var fallback []byte

// Example is a request that the playground opens as a tab.
type Example struct {
	Title     string         `json:"title"`
	Query     string         `json:"query"`
	Variables map[string]any `json:"variables,omitempty"`
}

// Person is someone of the sample company whom the playground offers to sign in as.
type Person struct {
	Login string `json:"login"`
	Name  string `json:"name"`
	Title string `json:"title"`
	// Password is given for sample logins only; without it the visitor is asked for one.
	Password string `json:"password,omitempty"`
}

// Options say what the page offers. A nil function offers nothing.
type Options struct {
	Examples func(r *http.Request) []Example
	// People must offer nobody unless the server holds the sample company.
	People func(r *http.Request) []Person
}

// Handler serves /playground and everything below it.
func Handler(o Options) http.Handler { return handler(page(), o) }

func page() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // "dist" is a valid path
	}
	return files
}

func handler(files fs.FS, o Options) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /playground", servePage(files))
	mux.HandleFunc("GET /playground/{$}", servePage(files))
	mux.HandleFunc("GET /playground/assets/{file}", serveAsset(files))
	mux.HandleFunc("GET /playground/examples.json", serveList(o.Examples))
	mux.HandleFunc("GET /playground/people.json", serveList(o.People))
	return secured(mux)
}

// policy lets the page load from this server alone. The editor writes style elements, and its icons are data URLs.
var policy = strings.Join([]string{
	"default-src 'none'",
	"script-src 'self'",
	"worker-src 'self'",
	"style-src 'self' 'unsafe-inline'",
	"font-src 'self' data:",
	"img-src 'self' data:",
	"connect-src 'self'",
	"form-action 'self'",
	"base-uri 'none'",
	"frame-ancestors 'none'",
}, "; ")

func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

func servePage(files fs.FS) http.HandlerFunc {
	html, err := fs.ReadFile(files, "index.html")
	if err != nil {
		html = fallback
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(html)
	}
}

// serveAsset serves one file, whose name changes whenever its content does.
func serveAsset(files fs.FS) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := path.Join("assets", r.PathValue("file"))
		info, err := fs.Stat(files, name)
		if err != nil || info.IsDir() {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		http.ServeFileFS(w, r, files, name)
	}
}

func serveList[T any](list func(*http.Request) []T) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		items := []T{}
		if list != nil {
			items = append(items, list(r)...)
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(items)
	}
}
