package importer

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

var (
	plain  = numbers{}
	dollar = numbers{Thousands: ",", Signs: []string{"$", "USD"}, Multiples: map[string]float64{"K": 1e3, "M": 1e6, "%": 0.01}}
	euro   = numbers{Decimal: ",", Thousands: ".", Signs: []string{"€"}}
)

func TestNumbersAreReadAsTheMappingSays(t *testing.T) {
	for _, c := range []struct {
		numbers numbers
		text    string
		want    string // "" when it is refused
	}{
		{plain, "1054", "1054"}, {plain, "-0.5", "-0.5"}, {plain, "+7", "7"}, {plain, "1100.04", "1100.04"},
		{plain, "1,054", ""}, {plain, "$5", ""}, {plain, "1e3", ""}, {plain, "12.", "12"}, {plain, ".5", ""}, {plain, "", ""},
		{plain, "0x10", ""}, {plain, "١", ""}, {plain, "1.2.3", ""}, {plain, "NaN", ""},
		{dollar, "$22,700.00", "22700"}, {dollar, "$1,117.10K", "1117100"}, {dollar, "$1,009.784", "1009.784"},
		{dollar, "($5.25)", "-5.25"}, {dollar, "-$5", "-5"}, {dollar, "$-5", "-5"}, {dollar, "12 USD", "12"}, {dollar, "40%", "0.4"},
		{dollar, "1,5", ""}, {dollar, "12,34,567", ""}, {dollar, "1234,567", ""}, {dollar, ",500", ""}, {dollar, "1.000,50", ""},
		{euro, "1.234,56 €", "1234.56"}, {euro, "1.5", ""}, {euro, "1,5", "1.5"},
	} {
		got, ok := c.numbers.parse(c.text)
		if ok != (c.want != "") || ok && got.String() != c.want {
			t.Errorf("%q as %s = %s, %v; want %q", c.text, c.numbers.example(), got, ok, c.want)
		}
	}
}

func TestAnyAmountWrittenIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := decimal.New(rapid.Int64Range(-1e15, 1e15).Draw(t, "units"), -4)
		if got, ok := plain.parse(want.StringFixed(4)); !ok || !got.Equal(want) {
			t.Fatalf("%s read as %s, %v", want, got, ok)
		}
	})
}

func TestDatesAreReadAsTheMappingSays(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ format, text, want string }{
		{"YYYY-MM-DD", "2017-03-01", "2017-03-01T00:00:00+08:00"},
		{"M/D/YYYY", "3/1/2017", "2017-03-01T00:00:00+08:00"},
		{"DD-MM-YY", "01-03-17", "2017-03-01T00:00:00+08:00"},
		{"MM-DD-YY", "01-03-17", "2017-01-03T00:00:00+08:00"},
		{"YYYY年M月D日", "2017年3月1日", "2017-03-01T00:00:00+08:00"},
		{"D MMM, YYYY HH:mm:ss", "15 Apr, 2021 00:03:00", "2021-04-15T00:03:00+08:00"},
		{"DD-MM-YYYY HH:mm", "03-07-2021 12:59", "2021-07-03T12:59:00+08:00"},
		{"YYYY-MM-DDTHH:mm:ss.SSSZ", "2006-06-15T20:47:07.000Z", "2006-06-15T20:47:07Z"},
		{"M/D/YYYY h:mm A", "3/1/2017 4:05 PM", "2017-03-01T16:05:00+08:00"},
		{"02.01.2006", "01.03.2017", "2017-03-01T00:00:00+08:00"},
		{"YYYY-MM-DD", "2017-3-1", ""}, {"YYYY-MM-DD", "2017-13-01", ""}, {"M/D/YYYY", "13/1/2017", ""},
		{"DD-MM-YY", "01-03-2017", ""}, {"YYYY-MM-DD", "0000-01-01", ""},
	} {
		format, err := dateFormat(c.format)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := format.parse(c.text, shanghai)
		if ok != (c.want != "") || ok && got.Format(time.RFC3339) != c.want {
			t.Errorf("%q as %s = %v, %v; want %q", c.text, c.format, got, ok, c.want)
		}
	}
	for _, format := range []string{"", "YYYY-MM", "soon", "YYYY-MM-DD 1", "DD.MM"} {
		if _, err := dateFormat(format); err == nil {
			t.Errorf("date format %q is taken", format)
		}
	}
}

// cells gives one column of a CSV file.
func cells(t *testing.T, path, column string) []string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for at, name := range lines[0] {
		if name != column {
			continue
		}
		var list []string
		for _, line := range lines[1:] {
			list = append(list, line[at])
		}
		return list
	}
	t.Fatalf("no column %s in %s", column, path)
	return nil
}

func TestForeignExportsCanBeRead(t *testing.T) {
	zoho, salesforce := needs(t, "zoho-crm"), needs(t, "salesforce-dataloader")
	for _, c := range []struct{ path, column, format string }{
		{filepath.Join(zoho, "Potentials.csv"), "Amount", ""},
		{filepath.Join(zoho, "Invoices.csv"), "Grand Total", ""},
		{filepath.Join(zoho, "Potentials.csv"), "Closing Date", "D MMM, YYYY HH:mm:ss"},
		{filepath.Join(zoho, "Sales_Orders.csv"), "Due Date", "DD-MM-YYYY HH:mm"},
		{filepath.Join(salesforce, "opportunityData.csv"), "AMOUNT", ""},
		{filepath.Join(salesforce, "opportunityData.csv"), "CLOSEDATE", "YYYY-MM-DD"},
		{filepath.Join(salesforce, "opportunityData.csv"), "CREATEDDATE", "YYYY-MM-DDTHH:mm:ss.SSSZ"},
	} {
		format, _ := dateFormat(c.format)
		for _, cell := range cells(t, c.path, c.column) {
			ok := cell == ""
			if !ok && c.format == "" {
				_, ok = dollar.parse(cell)
			} else if !ok {
				_, ok = format.parse(cell, time.UTC)
			}
			if !ok {
				t.Errorf("%s: %s cannot be read: %q", filepath.Base(c.path), c.column, cell)
				break
			}
		}
	}
}
