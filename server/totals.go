package server

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/resolvers"
	"guanxi/simulate"
)

// What totals are read from.
const (
	countField      = "count"        // of a total: the records behind it
	endStep         = "end"          // of a waterfall: what it comes to
	rowsFigure      = "rows"         // groups, where departments are grouped by
	unattributed    = "unattributed" // of competitors: what is in no row
	encountersField = "encounters"
)

// Totals asks a saved report for its totals, for simulations that run as jobs.
func (s *Server) Totals(ctx context.Context, snap *access.Snapshot, report *models.SavedReport, toTell *access.Viewer) ([]simulate.Total, error) {
	return s.engine.totals(ctx, snap, report, toTell)
}

// totals asks a saved report for its totals alone, in a snapshot that sees what a simulation has changed: by SQL, for columns in memory
// know nothing of that. It is no use of the report and stands in no access log: nobody but toTell hears of it, and he of no figure
// that he may not read of every record, nor of what a filter by such a field leaves.
func (e *engine) totals(ctx context.Context, snap *access.Snapshot, report *models.SavedReport, toTell *access.Viewer) ([]simulate.Total, error) {
	a, err := e.totalling(report, toTell)
	if a == nil || err != nil {
		return nil, err
	}
	ctx = context.WithValue(graphql.StartOperationTrace(apart{ctx}), documentKey{}, a.document)
	op, errs := e.bySQL.CreateOperationContext(ctx, a.params)
	if len(errs) > 0 || e.filtersByMore(op, toTell) {
		return nil, nil
	}
	ctx = graphql.WithOperationContext(ctx, op)
	handle, ctx := e.bySQL.DispatchOperation(withProtected(access.With(ctx, snap)), op)
	response := handle(ctx)
	if response == nil {
		return nil, fault.FromSQL(ctx.Err())
	}
	if err := broken(response.Errors); err != nil {
		return nil, err
	}
	return totalsIn(a.operation, response.Data)
}

// apart is a context without what a request has put into it: its time alone.
type apart struct{ context.Context }

func (apart) Value(any) any { return nil }

// broken gives an error where a report could not be carried out; one that is refused to whoever asks it has no total.
func broken(errs gqlerror.List) error {
	for _, err := range errs {
		switch code, _ := err.Extensions["code"].(string); fault.Code(code) {
		case fault.Timeout, fault.Unavailable, fault.Internal:
			return err
		}
	}
	return nil
}

// totalling makes of a saved report a request for its totals; nil when it has none, or fits the schema no more.
func (e *engine) totalling(report *models.SavedReport, toTell *access.Viewer) (*asked, error) {
	q, err := e.asking(report, "")
	if err != nil {
		return nil, err
	}
	parsed, wrong := parser.ParseQueryWithTokenLimit(&ast.Source{Input: report.Document}, maxTokens)
	if wrong != nil || e.oneQuery(&document{QueryDocument: parsed}) != nil || e.validate(&document{QueryDocument: parsed}) != nil {
		return nil, nil
	}
	operation, set := parsed.Operations[0], ast.SelectionSet{}
	eachField(parsed, operation.SelectionSet, func(root *ast.Field) {
		if total := e.totalOf(parsed, root, toTell); total != nil {
			if rows := e.rowsBy(root, q.Variables); rows != nil {
				total = append(total, rows)
			}
			set = append(set, &ast.Field{Alias: root.Alias, Name: root.Name, Arguments: unordered(root.Arguments), Directives: root.Directives,
				SelectionSet: total, Position: root.Position})
		}
	})
	if len(set) == 0 {
		return nil, nil
	}
	operation.SelectionSet, operation.Directives, parsed.Fragments = set, nil, nil
	names := variablesIn(set)
	operation.VariableDefinitions = slices.DeleteFunc(operation.VariableDefinitions, func(v *ast.VariableDefinition) bool { return !names[v.Variable] })
	d := &document{QueryDocument: parsed}
	return &asked{params: q.RawParams, document: d, operation: operation}, e.validate(d)
}

// unordered leaves out what rows are sorted by: totals do not hang on it, and which rows come first may tell of what one may not read.
func unordered(arguments ast.ArgumentList) ast.ArgumentList {
	return slices.DeleteFunc(slices.Clone(arguments), func(a *ast.Argument) bool { return a.Name == "orderBy" })
}

// totalOf selects of a report's total the measures that the report shows anywhere, as far as one may be told of them: of a waterfall its
// steps, of competitors also what is in none. Nil where a report has no total.
func (e *engine) totalOf(d *ast.QueryDocument, root *ast.Field, toTell *access.Viewer) ast.SelectionSet {
	of := e.schema.Types[e.schema.Query.Fields.ForName(root.Name).Type.Name()]
	total, rest := of.Fields.ForName("total"), of.Fields.ForName(unattributed)
	for _, always := range []string{countField, endStep, encountersField} {
		if total == nil || !e.has(total, always) {
			continue
		}
		row := e.schema.Types[total.Type.Name()]
		set := ast.SelectionSet{named("total", root.Position, e.figures(row, e.shown(d, root, of, row, always), toTell, root.Position)...)}
		if rest != nil {
			losses := e.figures(e.schema.Types[rest.Type.Name()], []string{"lost", "amountLost"}, toTell, root.Position)
			set = append(set, named(unattributed, root.Position, losses...))
		}
		return set
	}
	return nil
}

func (e *engine) has(of *ast.FieldDefinition, field string) bool {
	return e.schema.Types[of.Type.Name()].Fields.ForName(field) != nil
}

// named selects a field, with others in it.
func named(name string, at *ast.Position, inside ...ast.Selection) *ast.Field {
	return &ast.Field{Alias: name, Name: name, Position: at, SelectionSet: inside}
}

// shown lists the figures of a type of rows that a report shows in any of them, and one always.
func (e *engine) shown(d *ast.QueryDocument, root *ast.Field, of, row *ast.Definition, always string) []string {
	names := []string{always}
	eachField(d, root.SelectionSet, func(part *ast.Field) {
		if field := of.Fields.ForName(part.Name); field == nil || field.Type.Name() != row.Name {
			return
		}
		eachField(d, part.SelectionSet, func(f *ast.Field) {
			field := row.Fields.ForName(f.Name)
			if field == nil || slices.Contains(names, f.Name) {
				return
			}
			if resolvers.Measured(row, field) || always == endStep && field.Type.Name() == row.Fields.ForName(endStep).Type.Name() {
				names = append(names, f.Name)
			}
		})
	})
	return names
}

// figures selects those of a type's fields that one may be told of, with what is plain in each and may be told.
func (e *engine) figures(of *ast.Definition, names []string, toTell *access.Viewer, at *ast.Position) (set ast.SelectionSet) {
	for _, name := range names {
		definition := of.Fields.ForName(name)
		if !tells(toTell, definition.Directives) {
			continue
		}
		field, inside := named(name, at), e.schema.Types[definition.Type.Name()]
		if inside.IsCompositeType() {
			for _, one := range e.plainFields(inside, at) {
				if tells(toTell, inside.Fields.ForName(one.(*ast.Field).Name).Directives) {
					field.SelectionSet = append(field.SelectionSet, one)
				}
			}
		}
		set = append(set, field)
	}
	return set
}

// rowsBy selects the rows of a report by departments, with the number of records behind each: where a department is moved they may be
// others though the total is the same. Nil for other reports.
func (e *engine) rowsBy(root *ast.Field, variables map[string]any) *ast.Field {
	by, of := root.Arguments.ForName("by"), e.schema.Types[e.schema.Query.Fields.ForName(root.Name).Type.Name()]
	rows := of.Fields.ForName(rowsFigure)
	if by == nil || rows == nil {
		return nil
	}
	grouped, err := by.Value.Value(variables)
	if err != nil || !strings.Contains(fmt.Sprint(grouped), access.Department.Name) {
		return nil
	}
	id := named("id", root.Position)
	if e.has(rows, endStep) {
		return named(rowsFigure, root.Position, named("key", root.Position, id), named(endStep, root.Position, named(countField, root.Position)))
	}
	return named(rowsFigure, root.Position, named("keys", root.Position, id), named(countField, root.Position))
}

// tells tells whether somebody reads what stands under these directives on every record.
func tells(v *access.Viewer, directives ast.DirectiveList) bool {
	protected := directives.ForName("protected")
	return protected == nil || v.ReadsAll(access.Rule(protected.Arguments.ForName("rule").Value.Raw))
}

// filtersByMore tells whether an operation filters by a field that somebody does not read on every record: how many records
// remain would tell him its values.
func (e *engine) filtersByMore(op *graphql.OperationContext, v *access.Viewer) bool {
	for thing := range e.toldBy(e.uses(op), op.Variables) {
		if thing.Kind == models.UsedFilter && !e.tellsOf(thing, v) {
			return true
		}
	}
	return false
}

func (e *engine) tellsOf(filter resolvers.Usable, v *access.Viewer) bool {
	of, name, _ := strings.Cut(filter.Name, ".")
	field := e.schema.Types[of].Fields.ForName(name)
	return tells(v, field.Directives)
}

// variablesIn names the variables in the arguments of fields.
func variablesIn(set ast.SelectionSet) map[string]bool {
	names := map[string]bool{}
	var walk func(*ast.Value)
	walk = func(v *ast.Value) {
		if v.Kind == ast.Variable {
			names[v.Raw] = true
		}
		for _, child := range v.Children {
			walk(child.Value)
		}
	}
	for _, one := range set {
		f := one.(*ast.Field)
		for _, argument := range f.Arguments {
			walk(argument.Value)
		}
		for _, directive := range f.Directives {
			for _, argument := range directive.Arguments {
				walk(argument.Value)
			}
		}
	}
	return names
}

// totalsIn reads the totals out of an answer.
func totalsIn(operation *ast.OperationDefinition, data []byte) (list []simulate.Total, err error) {
	var answered map[string]map[string]json.RawMessage
	if err := json.Unmarshal(data, &answered); err != nil {
		return nil, err
	}
	for _, one := range operation.SelectionSet {
		name := one.(*ast.Field).Alias
		if answered[name] == nil {
			continue
		}
		total, err := totalIn(name, answered[name])
		if err != nil {
			return nil, err
		}
		list = append(list, total)
	}
	return list, nil
}

// totalIn reads one report's: the figures of its total and its rows by department, and of competitors what is in none.
func totalIn(name string, parts map[string]json.RawMessage) (simulate.Total, error) {
	total, figures := simulate.Total{Field: name, Figures: map[string]string{}}, map[string]json.RawMessage{}
	counted := countField
	if rest, competitors := parts[unattributed]; competitors {
		counted, total.Figures[unattributed] = encountersField, string(rest)
	}
	if err := json.Unmarshal(parts["total"], &figures); err != nil {
		return total, err
	}
	for measure, value := range figures {
		total.Figures[measure] = string(value)
	}
	if rows, has := parts[rowsFigure]; has {
		total.Figures[rowsFigure] = string(rows)
	}
	if step, waterfall := figures[endStep]; waterfall {
		if err := json.Unmarshal(step, &figures); err != nil {
			return total, err
		}
	}
	return total, json.Unmarshal(figures[counted], &total.Count)
}
