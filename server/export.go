package server

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"guanxi/fault"
	"guanxi/reports"
	"guanxi/sheets"
)

// form is what a file of reports is written as.
type form struct {
	ending string
	media  string
	tables bool // not the answer itself
}

var forms = map[string]form{
	"csv":  {"csv", "text/csv", true},
	"xlsx": {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", true},
	"json": {"json", plainJSON, false},
}

// export answers a GraphQL request for reports with a file. It is the request that /graphql takes, carried out by the same
// engine; only what it answers is written otherwise. A request that fails answers as there, and never with half a file.
func (s *Server) export(ending string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f := forms[ending]
		encoding, err := encodingOf(r, f)
		if err != nil {
			s.misunderstood(w, r, plainJSON, err)
			return
		}
		s.take(w, r, plainJSON, reportsFor(f), func(a answer) { s.file(w, r, f, encoding, "", a) })
	}
}

// reportsFor makes a request one for reports alone, in a form.
func reportsFor(f form) func(*request) {
	return func(q *request) { q.reports, q.tables = true, f.tables }
}

// encodingOf reads how the text of a file is to be written.
func encodingOf(r *http.Request, f form) (sheets.Encoding, error) {
	asked := sheets.Encoding(strings.ToLower(r.URL.Query().Get("encoding")))
	switch {
	case asked == "" || asked == sheets.UTF8:
		return sheets.UTF8, nil
	case asked == sheets.GB18030 && f.ending == "csv":
		return asked, nil
	}
	return "", badRequest("The encoding is utf-8, or for CSV gb18030.", "编码只能是 utf-8；CSV 还可以用 gb18030。")
}

// file writes an answer as a file, or its errors as /graphql does, under a status that says that there is no file.
func (s *Server) file(w http.ResponseWriter, r *http.Request, f form, encoding sheets.Encoding, name string, a answer) {
	if len(a.Errors) > 0 || a.op == nil {
		if statusFor(a, plainJSON) == http.StatusOK {
			code, _ := a.Errors[0].Extensions["code"].(string)
			a.Status = statusOf(fault.Code(code))
		}
		s.tell(w, plainJSON, a)
		return
	}
	body, err := s.written(r, f, encoding, a)
	if err != nil {
		s.misunderstood(w, r, plainJSON, err)
		return
	}
	if name == "" {
		name = a.op.Operation.Name
	}
	h := w.Header()
	media := f.media
	if f.ending != "xlsx" {
		media = mime.FormatMediaType(f.media, map[string]string{"charset": string(encoding)})
	}
	describe(h, media, fileName(name)+"."+f.ending)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept-Language")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body)
}

// written gives the bytes of a file.
func (s *Server) written(r *http.Request, f form, encoding sheets.Encoding, a answer) ([]byte, error) {
	if !f.tables {
		return json.Marshal(a.Response)
	}
	var data map[string]any
	decoder := json.NewDecoder(bytes.NewReader(a.Data))
	decoder.UseNumber()
	if err := decoder.Decode(&data); err != nil {
		return nil, err
	}
	language := fault.Language(r.Context())
	t := &tables{op: a.op, schema: s.engine.schema, words: words{language: language, datasets: reports.Catalog(a.viewer, language)}, denied: a.denied}
	list, body := t.sheets(data), &bytes.Buffer{}
	if len(list) == 0 {
		return nil, badRequest("Nothing is asked for.", "没有请求任何内容。")
	}
	if f.ending == "xlsx" {
		err := sheets.XLSX(body, list, headings["about"].In(language))
		return body.Bytes(), err
	}
	err := sheets.CSV(body, list, encoding)
	return body.Bytes(), err
}

// longestFileName is how long a file's name may be, in characters.
const longestFileName = 100

// fileName makes a file's name, without its ending, of any text: one that every system takes.
func fileName(text string) string {
	name := []rune(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || strings.ContainsRune(`/\<>:"|?*`, r) {
			return '_'
		}
		return r
	}, text))
	plain := strings.Trim(string(name[:min(len(name), longestFileName)]), " .")
	if plain == "" {
		return "report"
	}
	return plain
}
