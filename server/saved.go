package server

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/resolvers"
	"guanxi/store"
)

// saved answers a saved report with a file, as whoever asks: GET /reports/{id}.csv?name=value. What it is called with stands
// before what it was saved with. For who does not see the report it does not exist.
func (s *Server) saved(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", "GET, OPTIONS")
		s.refuse(w, r, http.StatusMethodNotAllowed, fault.Deny(fault.BadInput, fault.Say("Use GET.", "请使用 GET。")))
		return
	}
	id, ending, _ := strings.Cut(r.PathValue("file"), ".")
	f, known := forms[ending]
	if !known {
		s.refuseAs(w, r, absent())
		return
	}
	encoding, err := encodingOf(r, f)
	if err != nil {
		s.misunderstood(w, r, plainJSON, err)
		return
	}
	by := askerIn(r.Context())
	meter := s.meters.of(by)
	if err := meter.enter(); err != nil {
		s.misunderstood(w, r, plainJSON, err)
		return
	}
	defer meter.leave()
	if _, err := meter.charge(1, 1, s.now()); err != nil { // for finding it, also where there is none
		s.misunderstood(w, r, plainJSON, err)
		return
	}
	report, err := s.reportFor(r, by, id)
	if err != nil {
		s.refuseAs(w, r, err)
		return
	}
	q, err := s.engine.asking(report, r.URL.RawQuery)
	if err != nil {
		s.misunderstood(w, r, plainJSON, err)
		return
	}
	reportsFor(f)(&q)
	q.Headers = r.Header
	given := s.engine.admit(r.Context(), by, meter, q)
	if given.op != nil && len(given.Errors) == 0 {
		s.options.Usage.add(given.viewer, map[resolvers.Usable]bool{{Kind: models.UsedSavedReport, Name: report.ID.String()}: true})
	}
	s.file(w, r, f, encoding, report.Name, given)
}

// reportFor finds a saved report as its asker sees it.
func (s *Server) reportFor(r *http.Request, by asker, text string) (*models.SavedReport, error) {
	id, _ := models.UnmarshalID(text)
	viewer, err := s.viewerOf(r.Context(), &by)
	if err != nil {
		return nil, err
	}
	snap := access.Look(s.options.Store.Pool, viewer)
	defer snap.Close(r.Context())
	report, err := store.SavedReports.ByID(r.Context(), snap, id)
	if err == nil && report == nil {
		err = absent()
	}
	return report, err
}

// asking makes a saved report a request, with the values that an address gives for its variables.
func (e *engine) asking(report *models.SavedReport, address string) (q request, err error) {
	q = request{RawParams: &graphql.RawParams{Query: report.Document}, reading: true}
	if err := intoMap([]byte(report.Defaults), "defaults", &q.Variables); err != nil {
		return q, err
	}
	given, err := parameters(address)
	if err != nil {
		return q, err
	}
	d, err := e.read(report.Document)
	if err != nil || len(d.Operations) != 1 {
		return q, nil // told when it is carried out
	}
	for name, texts := range given {
		v := d.Operations[0].VariableDefinitions.ForName(name)
		switch {
		case name == encodingParameter:
		case v == nil:
			return q, &malformed{http.StatusBadRequest, fault.Deny(fault.BadInput, undeclared(name).Sentence)}
		case v.Type.Elem == nil && len(texts) > 1:
			return q, badRequest("%s is given more than once.", "参数 %s 重复。", name)
		default:
			if q.Variables[name], err = e.valueOf(v.Type, texts); err != nil {
				return q, badRequest("The value of %s is no JSON.", "%s 的值不是 JSON。", name)
			}
		}
	}
	return q, nil
}

// valueOf reads a variable's value as an address writes it: texts, ids, dates and choices as they are, all else as JSON; a list
// as JSON, or each of its values by itself.
func (e *engine) valueOf(of *ast.Type, texts []string) (any, error) {
	last := texts[len(texts)-1]
	if of.Elem != nil && (len(texts) > 1 || !strings.HasPrefix(strings.TrimSpace(last), "[")) {
		list := make([]any, len(texts))
		for i, text := range texts {
			value, err := e.valueOf(of.Elem, []string{text})
			if err != nil {
				return nil, err
			}
			list[i] = value
		}
		return list, nil
	}
	if of.Elem == nil && !e.writtenAsJSON(of) {
		return last, nil
	}
	var value any
	decoder := json.NewDecoder(strings.NewReader(last))
	decoder.UseNumber()
	err := decoder.Decode(&value)
	return value, err
}

func (e *engine) writtenAsJSON(of *ast.Type) bool {
	definition := e.schema.Types[of.NamedType]
	return definition == nil || definition.Kind == ast.InputObject || slices.Contains([]string{"Int", "Float", "Boolean"}, definition.Name)
}
