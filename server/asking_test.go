package server_test

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/access"
	"guanxi/graph"
)

// Requests about everything, drawn from the schema itself, so that what is added to it is asked for without further words.

// asking is one request of a set.
type asking struct {
	name      string
	text      string
	variables map[string]any
	operation string // which of several in the text
	path      string // another path than GraphQL's, asked by GET
}

// kind says what sort of request it is: its name as far as it is no name of the schema's.
func (a asking) kind() string { return strings.ToLower(strings.Split(a.name, " ")[0]) }

// asker draws requests from the schema.
type asker struct {
	schema *ast.Schema
}

func newAsker() asker { return asker{graph.NewExecutableSchema(graph.Config{}).Schema()} }

// written is a root field that is asked by hand elsewhere in the set, since nothing can be guessed for its arguments.
var written = map[string]string{
	"node": "", "nodes": "", "explainAccess": "", "search": "", "paths": "", "simulateAccess": "", "history": "", "accessLogCounts": "", "job": "",
	"opportunityWaterfall": "",
}

// kindOf finds the kind of record that a type of the schema shows.
func kindOf(definition *ast.Definition) (*access.Kind, bool) {
	var name strings.Builder
	for i, r := range definition.Name {
		if i > 0 && unicode.IsUpper(r) {
			name.WriteByte('_')
		}
		name.WriteRune(unicode.ToUpper(r))
	}
	return access.Named(name.String())
}

// everything selects all of a type: its values, and of what it leads to as much again, to a depth.
func (a asker) everything(definition *ast.Definition, depth int) string {
	var list []string
	if definition.IsAbstractType() {
		list = append(list, "__typename")
	}
	for _, field := range definition.Fields {
		if text := a.selected(field, depth); text != "" {
			list = append(list, text)
		}
	}
	return "{ " + strings.Join(list, " ") + " }"
}

// selected selects a field, with the first value of each enum that it must be told; "" where that is not enough.
func (a asker) selected(field *ast.FieldDefinition, depth int) string {
	if strings.HasPrefix(field.Name, "__") {
		return ""
	}
	var arguments []string
	for _, argument := range field.Arguments {
		of := a.schema.Types[argument.Type.Name()]
		switch {
		case argument.Name == "first" && argument.Type.Elem == nil:
			arguments = append(arguments, "first: 3")
		case !argument.Type.NonNull || argument.DefaultValue != nil:
		case of.Kind == ast.Enum && argument.Type.Elem == nil:
			arguments = append(arguments, argument.Name+": "+of.EnumValues[0].Name)
		default:
			return ""
		}
	}
	text := field.Name
	if len(arguments) > 0 {
		text += "(" + strings.Join(arguments, ", ") + ")"
	}
	of := a.schema.Types[field.Type.Name()]
	if of.IsLeafType() {
		return text
	}
	if strings.HasSuffix(of.Name, "Connection") || of.Name == "PageInfo" || strings.HasSuffix(of.Name, "Edge") || isValue(of) {
		return text + " " + a.everything(of, depth)
	}
	if depth == 0 {
		return text + " " + a.told(of)
	}
	return text + " " + a.everything(of, depth-1)
}

// told names a thing and no more.
func (a asker) told(definition *ast.Definition) string {
	list := []string{"__typename"}
	for _, name := range []string{"id", "name", "version", "label", "title", "totalCount"} {
		if definition.Fields.ForName(name) != nil {
			list = append(list, name)
		}
	}
	return "{ " + strings.Join(list, " ") + " }"
}

// isValue tells whether a type is a value of several parts, such as an amount with its currency.
func isValue(definition *ast.Definition) bool {
	if definition.IsAbstractType() || definition.Fields.ForName("id") != nil {
		return false
	}
	for _, field := range definition.Fields {
		if field.Type.Elem != nil || len(field.Arguments) > 0 {
			return false
		}
	}
	return true
}

// byID asks for the record $id of each kind that has a root field.
func (a asker) byID(kind *access.Kind) (list []asking) {
	for _, field := range a.schema.Query.Fields {
		of, known := kindOf(a.schema.Types[field.Type.Name()])
		if !known || of != kind || field.Arguments.ForName("id") == nil {
			continue
		}
		for _, one := range a.schema.Types[field.Type.Name()].Fields {
			if text := a.selected(one, 1); text != "" && strings.Contains(text, "{") {
				list = append(list, asking{"all of a " + field.Name + "'s " + one.Name, "query($id: ID!) { " + field.Name + "(id: $id) { id " + text + " } }", nil, "", ""})
			}
		}
		list = append(list, asking{"all of a " + field.Name, "query($id: ID!) { " + field.Name + "(id: $id) " + a.everything(a.schema.Types[field.Type.Name()], 0) + " }", nil, "", ""})
	}
	return list
}

// roots asks each root field that needs no telling what for.
func (a asker) roots() (list []asking) {
	for _, field := range a.schema.Query.Fields {
		if text := a.selected(field, 0); text != "" {
			list = append(list, asking{field.Name, "{ " + text + " }", nil, "", ""})
		}
	}
	return list
}

// unasked names the root fields for which nothing can be guessed and nothing is written.
func (a asker) unasked() (list []string) {
	for _, field := range a.schema.Query.Fields {
		_, byHand := written[field.Name]
		_, known := kindOf(a.schema.Types[field.Type.Name()])
		guessed := a.selected(field, 0) != "" || known && field.Arguments.ForName("id") != nil
		if !byHand && !guessed && !strings.HasPrefix(field.Name, "__") {
			list = append(list, field.Name)
		}
	}
	return list
}

// lists gives the root fields that list a kind, with what they filter and sort by.
func (a asker) lists() (list []*ast.FieldDefinition) {
	for _, field := range a.schema.Query.Fields {
		if field.Arguments.ForName("where") != nil && field.Arguments.ForName("orderBy") != nil && strings.HasSuffix(field.Type.Name(), "Connection") {
			list = append(list, field)
		}
	}
	return list
}

// filters asks how many there are for a condition on each field, one step along each relation too. A protected field is
// asked alone, since its refusal refuses the request.
func (a asker) filters() (list []asking) {
	for _, field := range a.lists() {
		var open []string
		where := a.schema.Types[field.Arguments.ForName("where").Type.Name()]
		for _, condition := range a.conditions(where, 1) {
			text := field.Name + "(where: " + condition.text + ") { totalCount }"
			if condition.protected {
				list = append(list, asking{field.Name + " where " + condition.text, "{ " + text + " }", nil, "", ""})
				continue
			}
			open = append(open, text)
		}
		for part := range slices.Chunk(open, 10) {
			for i := range part {
				part[i] = fmt.Sprintf("f%d: %s", i, part[i])
			}
			list = append(list, asking{field.Name + " filtered", "{ " + strings.Join(part, " ") + " }", nil, "", ""})
		}
	}
	return list
}

type condition struct {
	text      string
	protected bool
}

// conditions gives one condition for each field of a where, and for each of the things it leads to.
func (a asker) conditions(where *ast.Definition, depth int) (list []condition) {
	for _, field := range where.Fields {
		of := a.schema.Types[field.Type.Name()]
		switch {
		case field.Name == "and" || field.Name == "or" || field.Name == "not":
		case strings.HasSuffix(of.Name, "Filter"):
			list = append(list, condition{"{" + field.Name + ": " + a.comparison(of) + "}", field.Directives.ForName("protected") != nil})
		case depth == 0:
		case of.Fields.ForName("some") != nil:
			list = append(list, condition{"{" + field.Name + ": {none: {}}}", false})
			for _, one := range a.conditions(a.schema.Types[of.Fields.ForName("some").Type.Name()], depth-1) {
				list = append(list, condition{"{" + field.Name + ": {some: " + one.text + "}}", one.protected})
			}
		default:
			for _, one := range a.conditions(of, depth-1) {
				list = append(list, condition{"{" + field.Name + ": " + one.text + "}", one.protected})
			}
		}
	}
	return list
}

// comparison gives a condition that some values meet and others do not.
func (a asker) comparison(filter *ast.Definition) string {
	switch filter.Name {
	case "IDFilter", "PartyFilter":
		return "{isNull: false}"
	case "StringFilter":
		return `{contains: "1"}`
	case "IntFilter":
		return "{gt: 1}"
	case "FloatFilter":
		return "{gt: 0.3}"
	case "DecimalFilter":
		return `{gt: "20000"}`
	case "DateFilter":
		return `{gt: "2026-01-01"}`
	case "DateTimeFilter":
		return `{gt: "2026-01-01T00:00:00Z"}`
	case "BooleanFilter":
		return "{eq: true}"
	}
	values := a.schema.Types[filter.Fields.ForName("eq").Type.Name()].EnumValues
	return "{in: [" + values[0].Name + ", " + values[len(values)/2].Name + "]}"
}

// sorts asks each list in the order of each of its sort keys.
func (a asker) sorts() (list []asking) {
	for _, field := range a.lists() {
		order := a.schema.Types[field.Arguments.ForName("orderBy").Type.Name()]
		for _, value := range a.schema.Types[order.Fields.ForName("field").Type.Name()].EnumValues {
			list = append(list, asking{field.Name + " by " + value.Name,
				"{ " + field.Name + "(first: 60, orderBy: [{field: " + value.Name + ", direction: DESC}]) { edges { cursor node { id } } pageInfo { hasNextPage endCursor } } }", nil, "", ""})
		}
	}
	return list
}

// reports asks for each dimension, measure and condition of the reports, with the records behind the rows.
func (a asker) reports() (list []asking) {
	row := a.everything(a.schema.Types["OpportunityReportRow"], 0)
	warnings := "mixWarnings(within: REGION) { sentence higher { key { id label } standardised share overall { value sample } } strata { key { id label } higher { value sample } } }"
	rest := " coverage { field known unknown share } total " + row
	for _, dimension := range a.schema.Types["OpportunityDimension"].EnumValues {
		by := "CLOSING_OWNER"
		if dimension.Name == by {
			by = "OWNER"
		}
		list = append(list, asking{"report by " + dimension.Name, "{ opportunityReport(by: [" + dimension.Name + "], first: 12) { rows " + row + rest + " } }", nil, "", ""},
			asking{"competitors by " + dimension.Name, "{ competitorAnalysis(first: 5) { rows { competitor { id } breakdown(by: " + dimension.Name +
				", first: 20) { key { id label unknown other } encounters weWon theyWon amountLost { amount } priceGap { average median sample } records(first: 3) { totalCount nodes { id } } } } " +
				warnings + " } }", nil, "", ""},
			asking{"mix within " + dimension.Name, "{ opportunityReport(by: [" + by + "]) { " + strings.Replace(warnings, "REGION", dimension.Name, 1) + " } }", nil, "", ""})
	}
	for _, measure := range a.schema.Types["OpportunityMeasure"].EnumValues {
		list = append(list, asking{"report sorted by " + measure.Name, "{ opportunityReport(by: [REGION, CLOSED_QUARTER], orderBy: [{measure: " + measure.Name +
			`, direction: DESC}], first: 8, period: {from: "2025-01-01", until: "2026-01-01"}, compareTo: PREVIOUS_YEAR) { rows { keys { id label unknown other } count previous { count } } } }`, nil, "", ""})
	}
	for _, field := range a.schema.Types["OpportunityHaving"].Fields {
		if of := a.schema.Types[field.Type.Name()]; strings.HasSuffix(of.Name, "Filter") {
			list = append(list, asking{"report having " + field.Name, "{ lossRate(by: [OWNER], having: {" + field.Name + ": " + a.comparison(of) + "}) { rows { keys { id unknown other } count } } }", nil, "", ""})
		}
	}
	rival := "{ competitor { id } rank competitors encounters theyWon winRate { value } amountLost { amount } priceGap { average } strength { value } "
	rival += "lossReasons(first: 2) { key { id label } count } trend(by: CLOSED_QUARTER, first: 3) { key { id label } encounters records(first: 2) { totalCount nodes { id } } } records(first: 2) { totalCount nodes { id } } "
	rival = "{ rows " + rival + "} other " + rival + "} total " + rival + "previous { encounters amountLost { amount } } } unattributed { lost records(first: 2) { nodes { id } } } coverage { field known unknown share } definition { measures { name } } } }"
	for _, measure := range a.schema.Types["CompetitorMeasure"].EnumValues {
		list = append(list, asking{"competitors sorted by " + measure.Name, "{ competitorAnalysis(orderBy: [{measure: " + measure.Name +
			`, direction: DESC}], first: 2, period: {from: "2025-01-01", until: "2026-01-01"}, compareTo: PREVIOUS_YEAR) ` + rival, nil, "", ""})
	}
	for _, field := range a.schema.Types["CompetitorHaving"].Fields {
		if of := a.schema.Types[field.Type.Name()]; strings.HasSuffix(of.Name, "Filter") {
			list = append(list, asking{"competitors having " + field.Name, "{ competitorAnalysis(first: 2, having: {" + field.Name + ": " + a.comparison(of) + "}) { rows { competitor { id } encounters } other { encounters } } }", nil, "", ""})
		}
	}
	for _, condition := range a.conditions(a.schema.Types["OpportunityWhere"], 1) {
		list = append(list, asking{"report where " + condition.text, "{ opportunityReport(where: " + condition.text + ") { total { count lossRate { value sample } } } }", nil, "", ""})
	}
	for _, condition := range a.conditions(a.schema.Types["OpportunityWhere"], 0) {
		for _, report := range []string{"encounterReport", "opportunityLineReport"} {
			list = append(list, asking{report + " where the opportunity " + condition.text, "{ " + report + "(where: {opportunity: {not: " + condition.text + "}}) { total { count winRate { value sample } } } }", nil, "", ""})
		}
	}
	return list
}
