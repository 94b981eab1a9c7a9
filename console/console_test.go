package console

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

var (
	unbuilt = fstest.MapFS{".gitkeep": {}}
	onePage = fstest.MapFS{
		"index.html":           {Data: []byte("<title>the page</title>")},
		"assets/index-a1b2.js": {Data: []byte("console.log(1)")},
		"assets/look-c3d4.css": {Data: []byte("body{}")},
		"secret.txt":           {Data: []byte("not an asset")},
	}
)

func ask(t *testing.T, files fs.FS, o Options, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	answer := httptest.NewRecorder()
	handler(files, o).ServeHTTP(answer, httptest.NewRequest(method, path, nil))
	return answer
}

func TestWithoutTheBuiltPageTheVisitorIsToldHowToBuildIt(t *testing.T) {
	for _, path := range []string{"/playground", "/playground/"} {
		answer := ask(t, unbuilt, Options{}, http.MethodGet, path)
		if answer.Code != http.StatusOK {
			t.Errorf("%s: status %d, want 200", path, answer.Code)
		}
		for _, want := range []string{"make page", "make run", "/graphql"} {
			if !strings.Contains(answer.Body.String(), want) {
				t.Errorf("%s does not mention %q", path, want)
			}
		}
	}
}

func TestTheBuiltPageIsServed(t *testing.T) {
	for _, path := range []string{"/playground", "/playground/"} {
		answer := ask(t, onePage, Options{}, http.MethodGet, path)
		if answer.Code != http.StatusOK || answer.Body.String() != "<title>the page</title>" {
			t.Errorf("%s: status %d, body %q", path, answer.Code, answer.Body)
		}
		if got := answer.Header().Get("Cache-Control"); got != "no-cache" {
			t.Errorf("%s: Cache-Control %q, want no-cache: a new binary brings a new page", path, got)
		}
	}
}

func TestAssetsMayBeKeptForEver(t *testing.T) {
	for file, kind := range map[string]string{"index-a1b2.js": "text/javascript", "look-c3d4.css": "text/css"} {
		answer := ask(t, onePage, Options{}, http.MethodGet, "/playground/assets/"+file)
		if answer.Code != http.StatusOK {
			t.Errorf("%s: status %d, want 200", file, answer.Code)
		}
		if got := answer.Header().Get("Content-Type"); !strings.HasPrefix(got, kind) {
			t.Errorf("%s: Content-Type %q, want %s", file, got, kind)
		}
		if got := answer.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("%s: Cache-Control %q, want immutable", file, got)
		}
	}
}

func TestNothingElseIsServed(t *testing.T) {
	for _, path := range []string{
		"/playground/secret.txt", "/playground/assets/", "/playground/assets/missing.js",
		"/playground/assets/..%2fsecret.txt", "/playground/.gitkeep", "/playground/other",
	} {
		answer := ask(t, onePage, Options{}, http.MethodGet, path)
		if answer.Code != http.StatusNotFound && answer.Code != http.StatusBadRequest {
			t.Errorf("%s: status %d, want 404 or 400; body %q", path, answer.Code, answer.Body)
		}
	}
	if answer := ask(t, onePage, Options{}, http.MethodPost, "/playground"); answer.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: status %d, want 405", answer.Code)
	}
}

func TestThePageMayLoadFromThisServerOnly(t *testing.T) {
	for _, path := range []string{"/playground", "/playground/people.json", "/playground/missing"} {
		header := ask(t, onePage, Options{}, http.MethodGet, path).Header()
		policy := header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: policy %q lacks %q", path, policy, want)
			}
		}
		for _, never := range []string{"http:", "https:", "*", "unsafe-eval"} {
			if strings.Contains(policy, never) {
				t.Errorf("%s: policy %q allows %q", path, policy, never)
			}
		}
		if got := header.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%s: X-Content-Type-Options %q, want nosniff", path, got)
		}
	}
}

func TestExamplesAndPeopleAreWhatTheServerOffers(t *testing.T) {
	offer := Options{
		Examples: func(*http.Request) []Example {
			return []Example{{Title: "Me", Query: "{ viewer { user { name } } }", Variables: map[string]any{"first": 3}}}
		},
		People: func(*http.Request) []Person {
			return []Person{{Login: "admin", Name: "王芳", Title: "Administrator", Password: "sample"}}
		},
	}
	var examples []map[string]any
	decode(t, ask(t, unbuilt, offer, http.MethodGet, "/playground/examples.json"), &examples)
	if len(examples) != 1 || examples[0]["title"] != "Me" || examples[0]["variables"].(map[string]any)["first"] != 3.0 {
		t.Errorf("examples: %v", examples)
	}
	var people []map[string]any
	decode(t, ask(t, unbuilt, offer, http.MethodGet, "/playground/people.json"), &people)
	if len(people) != 1 || people[0]["login"] != "admin" || people[0]["name"] != "王芳" || people[0]["password"] != "sample" {
		t.Errorf("people: %v", people)
	}
}

func TestNobodyIsOfferedWithoutASampleCompany(t *testing.T) {
	nobody := func(*http.Request) []Person { return nil }
	for _, o := range []Options{{}, {People: nobody}} {
		answer := ask(t, unbuilt, o, http.MethodGet, "/playground/people.json")
		if got := strings.TrimSpace(answer.Body.String()); got != "[]" {
			t.Errorf("people: %s, want []", got)
		}
	}
}

func decode(t *testing.T, answer *httptest.ResponseRecorder, into any) {
	t.Helper()
	if got := answer.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q, want no-store", got)
	}
	if err := json.Unmarshal(answer.Body.Bytes(), into); err != nil {
		t.Fatalf("%v in %s", err, answer.Body)
	}
}

func TestThisBinaryServesWhatItSaysItHolds(t *testing.T) {
	answer := httptest.NewRecorder()
	Handler(Options{}).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/playground", nil))
	saysHow := strings.Contains(answer.Body.String(), "make page")
	_, missing := fs.Stat(page(), "index.html")
	if (missing != nil) != saysHow {
		t.Errorf("the built page: %v; that the page served says how to build it: %v", missing, saysHow)
	}
}
