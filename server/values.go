package server

import (
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/fault"
)

// checkVariables refuses values that no field may hold, naming the place.
func checkVariables(variables map[string]any) error {
	c := &valueCheck{}
	for _, name := range sortedNames(variables) {
		if err := c.value(variables[name], []string{name}); err != nil {
			return err
		}
	}
	return nil
}

// valueCheck counts the values that it has seen.
type valueCheck struct{ seen int }

func (c *valueCheck) value(value any, path []string) error {
	c.seen++
	if c.seen > maxValues {
		return fault.Deny(fault.LimitExceeded, fault.Say("The variables hold more than %d values.", "变量中的值超过 %d 个。", maxValues))
	}
	if len(path) > maxValueDepth {
		return tooDeep(path[0])
	}
	switch value := value.(type) {
	case string:
		return checkText(value, path)
	case []any:
		return c.list(value, path)
	case map[string]any:
		for _, name := range sortedNames(value) {
			if err := checkText(name, path); err != nil {
				return err
			}
			if err := c.value(value[name], append(path, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *valueCheck) list(values []any, path []string) error {
	if err := checkLength(len(values), path); err != nil {
		return err
	}
	for i, one := range values {
		if err := c.value(one, append(path, strconv.Itoa(i))); err != nil {
			return err
		}
	}
	return nil
}

func checkLength(n int, path []string) error {
	if n <= maxListed {
		return nil
	}
	place := strings.Join(path, ".")
	return fault.Deny(fault.LimitExceeded, fault.Say("%s lists %d values; at most %d are allowed.", "%s 列出了 %d 个值，最多允许 %d 个。", place, n, maxListed)).At(slices.Clone(path)...)
}

// checkText refuses the NUL character, which the database cannot hold.
func checkText(text string, path []string) error {
	if !strings.ContainsRune(text, 0) {
		return nil
	}
	place := strings.Join(path, ".")
	return fault.Deny(fault.BadInput, fault.Say("%s holds a NUL character, which no text may hold.", "%s 含有 NUL 字符，文本中不允许出现。", place)).At(slices.Clone(path)...)
}

func tooDeep(name string) error {
	return fault.Deny(fault.LimitExceeded, fault.Say("%s is nested more than %d deep.", "%s 的嵌套超过 %d 层。", name, maxValueDepth)).At(name)
}

func sortedNames(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// checkLiterals does the same for the values that stand in the document itself.
func checkLiterals(document *ast.QueryDocument) (err error) {
	for _, operation := range document.Operations {
		for _, variable := range operation.VariableDefinitions {
			if err := checkLiteral(variable.DefaultValue, []string{variable.Variable}); err != nil {
				return err
			}
		}
	}
	eachSelection(document, func(selection ast.Selection) {
		if field, ok := selection.(*ast.Field); ok && err == nil {
			err = checkArguments(field.Arguments, field.Alias)
		}
	})
	return err
}

func checkArguments(arguments ast.ArgumentList, field string) error {
	for _, argument := range arguments {
		if err := checkLiteral(argument.Value, []string{field, argument.Name}); err != nil {
			return err
		}
	}
	return nil
}

func checkLiteral(value *ast.Value, path []string) error {
	if value == nil {
		return nil
	}
	if len(path) > maxValueDepth {
		return tooDeep(path[0])
	}
	if value.Kind == ast.StringValue || value.Kind == ast.BlockValue {
		return checkText(value.Raw, path)
	}
	if value.Kind == ast.ListValue {
		if err := checkLength(len(value.Children), path); err != nil {
			return err
		}
	}
	for i, child := range value.Children {
		name := child.Name
		if value.Kind == ast.ListValue {
			name = strconv.Itoa(i)
		}
		if err := checkLiteral(child.Value, append(path, name)); err != nil {
			return err
		}
	}
	return nil
}

// eachSelection visits every selection as it stands in the document, those of a fragment once.
func eachSelection(document *ast.QueryDocument, visit func(ast.Selection)) {
	var walk func(ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, one := range set {
			visit(one)
			switch one := one.(type) {
			case *ast.Field:
				walk(one.SelectionSet)
			case *ast.InlineFragment:
				walk(one.SelectionSet)
			}
		}
	}
	for _, operation := range document.Operations {
		walk(operation.SelectionSet)
	}
	for _, fragment := range document.Fragments {
		walk(fragment.SelectionSet)
	}
}

// directivesIn counts the directives of a document.
func directivesIn(document *ast.QueryDocument) (n int) {
	for _, operation := range document.Operations {
		n += len(operation.Directives)
		for _, variable := range operation.VariableDefinitions {
			n += len(variable.Directives)
		}
	}
	for _, fragment := range document.Fragments {
		n += len(fragment.Directives)
	}
	eachSelection(document, func(selection ast.Selection) {
		switch one := selection.(type) {
		case *ast.Field:
			n += len(one.Directives)
		case *ast.InlineFragment:
			n += len(one.Directives)
		case *ast.FragmentSpread:
			n += len(one.Directives)
		}
	})
	return n
}
