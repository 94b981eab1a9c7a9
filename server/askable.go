package server

import (
	"errors"
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"

	"guanxi/fault"
)

// encodingParameter is a word of addresses that no variable of a saved report may have for its name.
const encodingParameter = "encoding"

// askable tells what is wrong with a document of reports that is to be saved: it is one query of reports within the limits of
// a request, and the values fit its variables.
func (e *engine) askable(text, defaults string) error {
	d, err := e.read(text)
	if err == nil {
		err = e.oneQuery(d)
	}
	if err == nil {
		err = e.validate(d)
	}
	if err != nil {
		return wrongDocument(err)
	}
	operation := d.Operations[0]
	for _, v := range operation.VariableDefinitions {
		if v.Variable == encodingParameter {
			return at(v.Position, fault.Say("no variable may be called %q", "变量不能命名为“%s”", encodingParameter))
		}
	}
	values, err := e.fitting(operation, defaults)
	if err != nil {
		return err
	}
	if _, err := e.weigh(d.QueryDocument, operation, values); err != nil {
		return wrongDocument(err)
	}
	return nil
}

// oneQuery refuses a document that is not one query of reports.
func (e *engine) oneQuery(d *document) error {
	if len(d.Operations) != 1 || d.Operations[0].Operation != ast.Query {
		return fault.Deny(fault.BadInput, fault.Say("A saved report is one query.", "保存的报表必须是单个查询。"))
	}
	return e.onlyReports(&asked{document: d, operation: d.Operations[0]})
}

// fitting reads the values of variables, which must be declared and of the right types. Some may be missing: whoever asks
// gives them.
func (e *engine) fitting(operation *ast.OperationDefinition, defaults string) (map[string]any, error) {
	var values map[string]any
	if err := intoMap([]byte(defaults), "defaults", &values); err != nil || values == nil {
		return nil, fault.Refuse(fault.Invalid, fault.Say("This is no JSON object.", "这不是 JSON 对象。")).At("input", "defaults")
	}
	if err := checkVariables(values); err != nil {
		return nil, wrongDefaults(err)
	}
	given := *operation
	given.VariableDefinitions = nil
	for _, v := range operation.VariableDefinitions {
		if _, has := values[v.Variable]; has {
			given.VariableDefinitions = append(given.VariableDefinitions, v)
		}
	}
	for name := range values {
		if operation.VariableDefinitions.ForName(name) == nil {
			return nil, undeclared(name).At("input", "defaults")
		}
	}
	if _, err := validator.VariableValues(e.schema, &given, values); err != nil {
		return nil, wrongDefaults(err)
	}
	return values, nil
}

func undeclared(name string) *fault.Fault {
	return fault.Refuse(fault.Invalid, fault.Say("The document declares no variable $%s.", "文档没有声明变量 $%s。", name))
}

// wrongDocument says what is wrong with a document, and where when that is known.
func wrongDocument(err error) error {
	var list gqlerror.List
	if !errors.As(err, &list) || len(list) == 0 {
		return refused(err, "document")
	}
	first := list[0]
	if len(first.Locations) == 0 {
		return refused(fault.Deny(fault.BadInput, fault.Say("%s", "%s", first.Message)), "document")
	}
	return at(&ast.Position{Line: first.Locations[0].Line, Column: first.Locations[0].Column}, fault.Say("%s", "%s", first.Message))
}

func wrongDefaults(err error) error {
	var one *gqlerror.Error
	if errors.As(err, &one) {
		err = fault.Deny(fault.BadInput, fault.Say("%s: %s", "%s：%s", one.Path, one.Message))
	}
	return refused(err, "defaults")
}

// at says where in a document something is wrong.
func at(where *ast.Position, what fault.Sentence) error {
	return fault.Refuse(fault.Invalid, fault.Sentence{
		En: fmt.Sprintf("Line %d, column %d: %s", where.Line, where.Column, what.In("en")),
		Zh: fmt.Sprintf("第 %d 行第 %d 列：%s", where.Line, where.Column, what.In("zh")),
	}).At("input", "document")
}

// refused makes what would refuse a request a reason why an input is not taken.
func refused(err error, field string) error {
	var f *fault.Fault
	if !errors.As(err, &f) {
		return err
	}
	return fault.Refuse(fault.Invalid, f.Sentence).At("input", field)
}
