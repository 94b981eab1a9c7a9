package server

import (
	"context"
	"encoding/json"
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

// countField is the number of records behind a total.
const countField = "count"

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
	if len(response.Errors) > 0 {
		return nil, broken(response.Errors)
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
			set = append(set, &ast.Field{Alias: root.Alias, Name: root.Name, Arguments: root.Arguments, Directives: root.Directives,
				SelectionSet: ast.SelectionSet{total}, Position: root.Position})
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

// totalOf selects of a report's total the measures that the report shows anywhere, as far as one may be told of them; nil where a
// report has no total.
func (e *engine) totalOf(d *ast.QueryDocument, root *ast.Field, toTell *access.Viewer) *ast.Field {
	of := e.schema.Types[e.schema.Query.Fields.ForName(root.Name).Type.Name()]
	total := of.Fields.ForName("total")
	if total == nil || e.schema.Types[total.Type.Name()].Fields.ForName(countField) == nil {
		return nil
	}
	row, names := e.schema.Types[total.Type.Name()], []string{countField}
	eachField(d, root.SelectionSet, func(part *ast.Field) {
		if field := of.Fields.ForName(part.Name); field == nil || field.Type.Name() != row.Name {
			return
		}
		eachField(d, part.SelectionSet, func(f *ast.Field) {
			if measure := row.Fields.ForName(f.Name); measure != nil && resolvers.Measured(row, measure) && tells(toTell, measure.Directives) && !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		})
	})
	selected := &ast.Field{Alias: total.Name, Name: total.Name, Position: root.Position}
	for _, name := range names {
		field := &ast.Field{Alias: name, Name: name, Position: root.Position}
		if type_ := e.schema.Types[row.Fields.ForName(name).Type.Name()]; type_.IsCompositeType() {
			field.SelectionSet = e.plainFields(type_, root.Position)
		}
		selected.SelectionSet = append(selected.SelectionSet, field)
	}
	return selected
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
	var answered map[string]*struct{ Total map[string]json.RawMessage }
	if err := json.Unmarshal(data, &answered); err != nil {
		return nil, err
	}
	for _, one := range operation.SelectionSet {
		name := one.(*ast.Field).Alias
		if answered[name] == nil {
			continue
		}
		total := simulate.Total{Field: name, Figures: map[string]string{}}
		for measure, value := range answered[name].Total {
			total.Figures[measure] = string(value)
		}
		if err := json.Unmarshal(answered[name].Total[countField], &total.Count); err != nil {
			return nil, err
		}
		list = append(list, total)
	}
	return list, nil
}
