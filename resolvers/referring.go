package resolvers

import (
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/access"
	"guanxi/graph"
	"guanxi/reports"
)

// ProtectedReferences lists what names protected fields where they are not selected, with their rules: the conditions of filters, the
// dimensions that are grouped by, and the values that are sorted by, as Type.field.
var ProtectedReferences = sync.OnceValue(func() map[string]access.Rule {
	protected := map[string]access.Rule{}
	for _, definition := range graph.NewExecutableSchema(graph.Config{}).Schema().Types {
		if isFilter(definition) {
			for _, field := range definition.Fields {
				if under := field.Directives.ForName("protected"); under != nil {
					protected[definition.Name+"."+field.Name] = access.Rule(under.Arguments.ForName("rule").Value.Raw)
				}
			}
		}
		sorted, sorts := strings.CutSuffix(definition.Name, "OrderField")
		for _, kind := range access.Kinds {
			if !sorts || !strings.EqualFold(strings.ReplaceAll(kind.Name, "_", ""), sorted) {
				continue
			}
			for _, value := range definition.EnumValues {
				if rule := kind.SortRule(value.Name); rule != "" {
					protected[definition.Name+"."+value.Name] = rule
				}
			}
		}
	}
	for _, d := range reports.Datasets() {
		for _, dimension := range d.Dimensions {
			if dimension.Rule != "" {
				protected[d.Noun+"Dimension."+dimension.Name] = dimension.Rule
			}
		}
		for _, m := range d.Measures {
			if m.Rule != "" {
				protected[d.Noun+"Measure."+m.Order()] = m.Rule
			}
		}
	}
	return protected
})

// Referred finds what the value of an argument filters, groups or sorts by: the type, and the field or value of it.
func Referred(schema *ast.Schema, of *ast.Type, value any, found func(definition *ast.Definition, name string)) {
	definition := schema.Types[of.Name()]
	switch value := value.(type) {
	case []any:
		for _, one := range value {
			Referred(schema, of, one, found)
		}
	case string:
		if definition.Kind == ast.Enum {
			found(definition, value)
		}
	case map[string]any:
		for name, inner := range value {
			field := definition.Fields.ForName(name)
			if field == nil {
				continue
			}
			if isFilter(definition) {
				found(definition, name)
			}
			Referred(schema, field.Type, inner, found)
		}
	}
}
