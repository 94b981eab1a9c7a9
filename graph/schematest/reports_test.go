package schematest

import (
	"slices"
	"strings"
	"testing"

	"guanxi/access"
	"guanxi/reports"
)

// TestReportsAreAskedAsTheyAreDeclared holds the schema of each dataset against its declaration: what can be grouped and sorted
// by, compared and shown is all that the dataset has, in its order, and under its rules.
func TestReportsAreAskedAsTheyAreDeclared(t *testing.T) {
	schema := load(t, root)
	for _, d := range reports.Datasets() {
		if d == reports.Competition { // whose report is of a shape of its own
			continue
		}
		dimensions, orders, shown := []string{}, []string{}, []string{}
		for _, dimension := range d.Dimensions {
			dimensions = append(dimensions, dimension.Name)
		}
		for _, m := range d.Measures {
			orders, shown = append(orders, m.Order()), append(shown, m.Name)
			for _, place := range []string{d.Noun + "ReportRow", d.Noun + "Having"} {
				field := schema.Types[place].Fields.ForName(m.Name)
				if field == nil || protection(field) != string(m.Rule) {
					t.Errorf("%s.%s is not there, or not under the rule %q", place, m.Name, m.Rule)
				}
			}
		}
		for name, want := range map[string][]string{d.Noun + "Dimension": dimensions, d.Noun + "Measure": append(orders, "KEY")} {
			var got []string
			for _, value := range schema.Types[name].EnumValues {
				got = append(got, value.Name)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s has\n%v\nand its dataset\n%v", name, got, want)
			}
		}
		besides := []string{"and", "or", "not", "keys", "previous", "shareOfTotal", "runningTotal", "records", "steps"}
		for _, place := range []string{d.Noun + "ReportRow", d.Noun + "Having"} {
			for _, field := range fields(schema.Types[place]) {
				if !slices.Contains(shown, field.Name) && !slices.Contains(besides, field.Name) {
					t.Errorf("%s.%s is no measure of %s", place, field.Name, d.Name)
				}
			}
		}
		root := schema.Query.Fields.ForName(strings.ToLower(d.Noun[:1]) + d.Noun[1:] + "Report")
		if clock := root.Arguments.ForName("clock").DefaultValue.Raw; clock != d.Clocks[0].Name {
			t.Errorf("%s runs on %s when nothing is said, its dataset on %s", root.Name, clock, d.Clocks[0].Name)
		}
		for _, c := range d.Clocks {
			if schema.Types["ReportClock"].EnumValues.ForName(c.Name) == nil {
				t.Errorf("there is no clock %s", c.Name)
			}
		}
	}
}

// TestAFileOfAReportNeedsTheRightToTakeItsRecordsOut holds the permission in the schema against the records that the dataset counts.
func TestAFileOfAReportNeedsTheRightToTakeItsRecordsOut(t *testing.T) {
	schema := load(t, root)
	for _, d := range reports.Datasets() {
		asked := 0
		for _, field := range schema.Query.Fields {
			directive := field.Directives.ForName("report")
			if directive == nil || field.Type.Name() != d.Noun+"Report" && (field.Type.Name() != "OpportunityWaterfall" || d != reports.Opportunities) {
				continue
			}
			asked++
			if got := directive.Arguments.ForName("export").Value.Raw; got != string(access.ToExport(d.Kind)) || got == "" {
				t.Errorf("a file of %s needs %s, its records %q", field.Name, got, access.ToExport(d.Kind))
			}
		}
		if asked == 0 {
			t.Errorf("nothing asks for %s", d.Name)
		}
	}
}
