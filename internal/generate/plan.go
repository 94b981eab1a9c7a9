package main

import (
	_ "embed"
	"fmt"
	"go/types"
	"log"
	"path/filepath"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

//go:embed plan.gotpl
var planTemplate string

// planner writes for each field that a query can reach how it is read and written.
type planner struct{}

// Name names the plugin.
func (planner) Name() string { return "plan" }

// GenerateCode writes graph/plan.generated.go.
func (planner) GenerateCode(data *codegen.Data) error {
	read, err := readResolvers(data.Config.Resolver.Dir())
	if err != nil {
		return err
	}
	w := &planning{data: data, resolvers: read}
	return templates.Render(templates.Options{
		PackageName: data.Config.Exec.Package,
		Filename:    filepath.Join(data.Config.Exec.Dir(), "plan.generated.go"),
		Template:    planTemplate,
		Data:        w,
		Packages:    data.Config.Packages,

		GeneratedHeader: true,
	})
}

// planning is what the template sees.
type planning struct {
	data      *codegen.Data
	resolvers *resolverSource
}

// Objects are the types that a query can reach.
func (w *planning) Objects() (list []*codegen.Object) {
	reached := map[string]bool{}
	var reach func(name string)
	reach = func(name string) {
		d := w.data.Schema.Types[name]
		if reached[name] || strings.HasPrefix(name, "__") || !d.IsCompositeType() {
			return
		}
		reached[name] = true
		for _, object := range w.data.Schema.GetPossibleTypes(d) {
			reach(object.Name)
		}
		for _, f := range d.Fields {
			reach(f.Type.Name())
		}
	}
	reach(w.data.Schema.Query.Name)
	for _, o := range w.data.Objects {
		if reached[o.Name] && (o.Root || !config.IsNilable(o.Type)) {
			list = append(list, o)
		}
	}
	return list
}

// Fields are those of an object that can be planned.
func (w *planning) Fields(o *codegen.Object) (list []*planned) {
	for _, f := range o.Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		p := &planned{Field: f, planning: w}
		if p.Take() == "" {
			log.Printf("plan: %s.%s of %s is left to gqlgen", o.Name, f.Name, f.TypeReference.GO)
			continue
		}
		list = append(list, p)
	}
	return list
}

// planned is a field as the template sees it.
type planned struct {
	*codegen.Field
	planning *planning
}

// Composite tells whether the field gives objects.
func (p *planned) Composite() bool { return p.TypeReference.Definition.IsCompositeType() }

// Now tells whether the field only looks at its object.
func (p *planned) Now() bool {
	return !p.IsResolver && (p.IsVariable() || p.IsMethod() && p.NoErr && !p.MethodHasContext && len(p.Args) == 0)
}

// Call is the expression that gives the field's value, of an object called of.
func (p *planned) Call() string {
	of := "of.(" + templates.CurrentImports.LookupType(p.Object.Reference()) + ")"
	if p.Object.Root {
		of = ""
	}
	var args []string
	if p.IsResolver || p.MethodHasContext {
		args = append(args, "ctx")
	}
	if p.IsResolver && !p.Object.Root {
		args = append(args, of)
	}
	for _, a := range p.Field.Args {
		args = append(args, fmt.Sprintf("args[%q].(%s)", a.Name, templates.CurrentImports.LookupType(a.TypeReference.GO)))
	}
	switch {
	case p.IsResolver:
		return fmt.Sprintf("r.%s().%s(%s)", templates.UcFirst(p.Object.Name), p.GoFieldName, strings.Join(args, ", "))
	case p.IsMethod():
		return fmt.Sprintf("%s.%s(%s)", of, p.GoFieldName, strings.Join(args, ", "))
	}
	return of + "." + p.GoFieldName
}

// Take is the function by which the rows take what the field gives, or the one that writes a value's text; "" for none.
func (p *planned) Take() string {
	if !p.Now() && !p.IsResolver && (!p.IsMethod() || p.NoErr || p.VOkFunc || p.HasHaser || p.IsBatch()) {
		return ""
	}
	if !p.Composite() {
		return writer(p.TypeReference)
	}
	of, nilable := p.TypeReference.GO, config.IsNilable(p.TypeReference.GO)
	if p.Type.Elem == nil {
		switch {
		case types.IsInterface(of):
			return "Some"
		case isPointer(of):
			return "One"
		case !nilable && p.IsVariable():
			return "Own"
		}
		return ""
	}
	list, is := of.(*types.Slice)
	switch {
	case !is || p.Type.Elem.Elem != nil:
		return ""
	case types.IsInterface(list.Elem()):
		return "Several"
	case isPointer(list.Elem()):
		return "Many"
	case !config.IsNilable(list.Elem()):
		return "Values"
	}
	return ""
}

func isPointer(t types.Type) bool {
	p, is := t.(*types.Pointer)
	return is && !config.IsNilable(p.Elem())
}

// writers are the functions that write a scalar, by the one with which gqlgen does.
var writers = map[string]string{
	"github.com/99designs/gqlgen/graphql.MarshalString": "String", "github.com/99designs/gqlgen/graphql.MarshalBoolean": "Bool",
	"github.com/99designs/gqlgen/graphql.MarshalFloatContext": "Float", "github.com/99designs/gqlgen/graphql.MarshalInt64": "Int64",
	"guanxi/models.MarshalInt": "Int", "guanxi/models.MarshalID": "ID", "guanxi/models.MarshalDateTime": "DateTime",
	"guanxi/models.MarshalDecimal": "Decimal", "guanxi/models.MarshalPreciseDecimal": "Decimal",
}

// Write is the expression that adds a value's text to a text.
func (p *planned) Write(text, value string) string {
	return fmt.Sprintf(writer(p.TypeReference), text, value)
}

// writer is a function's call that adds a value, the second of two missing arguments, to a text, the first; "" for none.
func writer(of *config.TypeReference) string {
	pkg := templates.CurrentImports.Lookup("guanxi/plan") + "."
	if of.IsSlice() {
		one := writer(of.Elem())
		if one == "" || config.IsNilable(of.Elem().GO) {
			return ""
		}
		one, _, simple := strings.Cut(one, "(%s")
		if !simple {
			return ""
		}
		if of.GQL.NonNull {
			return pkg + "All(%s, %s, " + one + ")"
		}
		return pkg + "AllOrNull(%s, %s, " + one + ")"
	}
	if p, is := of.GO.(*types.Pointer); is {
		one := writer(of.Elem())
		if one == "" || of.GQL.NonNull || config.IsNilable(p.Elem()) {
			return ""
		}
		one, _, _ = strings.Cut(one, "(%s")
		return pkg + "Maybe(%s, %s, " + one + ")"
	}
	switch {
	case of.HasEnumValues() || of.CastType != nil || of.IsTargetNilable():
		return ""
	case of.IsMarshaler && types.TypeString(of.GO, nil) == "guanxi/models.Date":
		return pkg + "Date(%s, %s)"
	case of.Marshaler == nil:
		return ""
	}
	if own := writers[of.Marshaler.FullName()]; own != "" {
		return pkg + own + "(%s, %s)"
	}
	if of.IsContext {
		return ""
	}
	return pkg + "Marshaled(" + templates.Call(of.Marshaler) + ")(%s, %s)"
}

// Guards are the directives that decide whether the field is read, as calls.
func (p *planned) Guards() (list []string) {
	for _, d := range p.ImplDirectives() {
		args := ""
		for _, a := range d.Args {
			value, is := a.Value.(string)
			if !is {
				panic(fmt.Sprintf("plan: @%s of %s has an argument that is no text", d.Name, p.Name))
			}
			args += fmt.Sprintf(", %q", value)
		}
		list = append(list, fmt.Sprintf("d.%s(ctx, nil, next%s)", d.CallName(), args))
	}
	if len(list) > 1 {
		panic("plan: " + p.Name + " has more than one directive")
	}
	return list
}

// Early tells whether the resolver needs nothing of its object but the id.
func (p *planned) Early() bool {
	return p.IsResolver && !p.Object.Root && p.planning.resolvers.needsID(p.Object.Name, p.GoFieldName)
}

// Finds gives the Go type of the record that a root field finds by its one argument, the id; "" when it does not.
func (p *planned) Finds() string {
	of := p.TypeReference.Definition
	if !p.Object.Root || len(p.Field.Args) != 1 || p.Field.Args[0].Name != "id" || of.Kind != ast.Object || !slices.Contains(of.Interfaces, "Node") || !isPointer(p.TypeReference.GO) {
		return ""
	}
	return templates.CurrentImports.LookupType(p.TypeReference.GO.(*types.Pointer).Elem())
}

// Implementors names the variable with what an object satisfies.
func (w *planning) Implementors(o *codegen.Object) string {
	return templates.LcFirst(o.Name) + "Implementors"
}
