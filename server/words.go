package server

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/fault"
	"guanxi/reports"
)

// words are what the columns of one report are headed with, in the asker's language: the labels of the catalogue, and the
// name of a field where it has none.
type words struct {
	language string
	datasets []*reports.ReportDataset
	report   *reports.ReportDataset // the one that the report is of; nil while there is none
	by       []string               // what the report is grouped by
}

// headings are the words that the catalogue does not have.
var headings = map[string]fault.Sentence{
	"line":      fault.Say("line", "行别"),
	"rows":      fault.Say("row", "明细"),
	"subtotals": fault.Say("subtotal", "小计"),
	"total":     fault.Say("total", "合计"),
	"other":     fault.Say("other", "其他"),
	"facts":     fault.Say("values", "数值"),
	"denied":    fault.Say("not read in full", "无权完整读取"),
	"about":     fault.Say(" (about)", "（说明）"),

	"coverage":        fault.Say("coverage", "填充率"),
	"definition":      fault.Say("definition", "口径"),
	"unattributed":    fault.Say("unattributed", "未归因"),
	"previous":        fault.Say("previous", "对比期"),
	"competitor":      fault.Say("competitor", "竞争对手"),
	"value":           fault.Say("value", "值"),
	"low":             fault.Say("low", "下限"),
	"high":            fault.Say("high", "上限"),
	"sample":          fault.Say("sample", "样本数"),
	"smallSample":     fault.Say("smallSample", "样本过少"),
	"amount":          fault.Say("amount", "金额"),
	"currency":        fault.Say("currency", "货币"),
	"field":           fault.Say("field", "字段"),
	"known":           fault.Say("known", "已知"),
	"unknown":         fault.Say("unknown", "未知"),
	"share":           fault.Say("share", "占比"),
	"sentence":        fault.Say("sentence", "说明"),
	"clock":           fault.Say("clock", "时间依据"),
	"from":            fault.Say("from", "自"),
	"until":           fault.Say("until", "至（不含）"),
	"timeZone":        fault.Say("timeZone", "时区"),
	"fiscalYearStart": fault.Say("fiscalYearStart", "财年起始月"),
	"asOf":            fault.Say("asOf", "截至"),
}

// under gives the words of one report: those of the dataset that has most of its dimensions and measures.
func (w words) under(schema *ast.Schema, root graphql.CollectedField, variables map[string]any) words {
	w.by = nil
	by, _ := root.ArgumentMap(variables)["by"].([]any)
	for _, one := range by {
		if name, is := one.(string); is {
			w.by = append(w.by, name)
		}
	}
	row, most := rowTypeOf(schema, root.Definition.Type), 0
	for _, dataset := range w.datasets {
		if n := common(dataset, row, w.by); n > most {
			w.report, most = dataset, n
		}
	}
	return w
}

// common counts the dimensions and measures that a dataset shares with a report.
func common(dataset *reports.ReportDataset, row *ast.Definition, by []string) (n int) {
	for _, m := range dataset.Measures {
		if row.Fields.ForName(m.Name) != nil {
			n++
		}
	}
	for _, d := range dataset.Dimensions {
		for _, name := range by {
			if d.Name == name {
				n++
			}
		}
	}
	return n
}

// heading gives what a field is headed with: an alias stays what it is, whatever else has its name.
func (w words) heading(f graphql.CollectedField) string {
	if name := plainName(f); name != f.Name {
		return name
	}
	return w.of(f.Name)
}

// of gives the heading of a field of this name.
func (w words) of(name string) string {
	if label, is := w.measure(name); is {
		return label
	}
	if sentence, has := headings[name]; has {
		return sentence.In(w.language)
	}
	return name
}

func (w words) measure(name string) (string, bool) {
	if w.report != nil {
		for _, m := range w.report.Measures {
			if m.Name == name {
				return m.Label, true
			}
		}
	}
	return "", false
}

// within gives the heading of a field of something in a row; what a measure mostly is has its label alone.
func (w words) within(c *column, f graphql.CollectedField) string {
	head := w.heading(f)
	if _, is := w.measure(c.field.Name); is && head == w.of(f.Name) && (f.Name == "value" || f.Name == "amount") {
		return c.head
	}
	return c.head + "." + head
}

// dimension gives the heading of a dimension.
func (w words) dimension(name string) string {
	if w.report != nil {
		for _, d := range w.report.Dimensions {
			if d.Name == name {
				return d.Label
			}
		}
	}
	return name
}
