package limit

import (
	"encoding/binary"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// plan is an operation: statements whose rows are written one after the other between an opening and a closing.
type plan struct {
	opening, closing string
	statements       []*statement
}

// statement is one with the parameters that it mentions. Its columns are called as the answer's fields, those of an object inside
// with its name and a dot in front; such an object is null when its first field is.
type statement struct {
	before, list, between, after string                        // written around its rows, between the count and them, and between two
	bare                         bool                          // its one row's fields stand without braces
	counts                       bool                          // its one row is how many there are of each list, which is written before the list
	count                        int                           // which of these is written before the rows; 0 for none
	by                           func([]byte, pgx.Rows) []byte // writes the rows, when they are of several sorts
	more                         int                           // rows that a page has; one more tells that there is another, and is written as true or false
	text                         string
	parameters                   []string
	fields                       []field
}

type field struct {
	open, name, close string // what is written before a value and after
	skip              int    // fields inside of an object that is null when this one, its first, is
	kind              uint32
}

var parameter = regexp.MustCompile(`@[a-z_]+`)

// ask makes a statement of a text with @parameters.
func ask(before, text, after string) *statement {
	st := &statement{before: before, between: ",", after: after}
	st.text = parameter.ReplaceAllStringFunc(text, func(name string) string {
		if !slices.Contains(st.parameters, name) {
			st.parameters = append(st.parameters, name)
		}
		return "$" + strconv.Itoa(slices.Index(st.parameters, name)+1)
	})
	return st
}

func (st *statement) arguments(v *viewer, variables map[string]any) []any {
	list := make([]any, len(st.parameters))
	for i, name := range st.parameters {
		list[i] = v.argument(name, variables)
	}
	return list
}

// keep reads the counts.
func (st *statement) keep(results pgx.BatchResults) (counts []int64, err error) {
	rows, err := results.Query()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		for _, value := range rows.RawValues() {
			counts = append(counts, int64(binary.BigEndian.Uint64(value)))
		}
	}
	return counts, rows.Err()
}

// write appends what the rows of the statement say.
func (st *statement) write(to []byte, results pgx.BatchResults, counts []int64) ([]byte, error) {
	rows, err := results.Query()
	if err != nil {
		return to, err
	}
	defer rows.Close()
	to = append(to, st.before...)
	if st.by != nil {
		return st.by(to, rows), rows.Err()
	}
	fields := fieldsOf(rows.FieldDescriptions())
	if st.count > 0 {
		to = strconv.AppendInt(append(to, `"totalCount":`...), counts[st.count-1], 10)
		to = append(to, st.list...)
	}
	n := 0
	for ; rows.Next(); n++ {
		if st.more > 0 && n == st.more {
			continue
		}
		if n > 0 {
			to = append(to, st.between...)
		}
		if !st.bare {
			to = append(to, '{')
		}
		to = writeRow(to, fields, rows.RawValues())
		if !st.bare {
			to = append(to, '}')
		}
	}
	if st.more > 0 {
		to = append(to, st.after...)
		return strconv.AppendBool(to, n > st.more), rows.Err()
	}
	return append(to, st.after...), rows.Err()
}

// fieldsOf works out where objects begin and end.
func fieldsOf(columns []pgconn.FieldDescription) []field {
	fields := make([]field, len(columns))
	var inside []string
	for i, c := range columns {
		path := strings.Split(c.Name, ".")
		objects, name := path[:len(path)-1], path[len(path)-1]
		common := 0
		for common < min(len(inside), len(objects)) && inside[common] == objects[common] {
			common++
		}
		if i > 0 {
			fields[i-1].close = strings.Repeat("}", len(inside)-common)
			fields[i].open = ","
		}
		for k, object := range objects[common:] {
			fields[i].open += `"` + object + `":`
			if k == len(objects[common:])-1 {
				within := strings.Join(objects, ".") + "."
				for fields[i].skip = 0; i+fields[i].skip < len(columns) && strings.HasPrefix(columns[i+fields[i].skip].Name, within); {
					fields[i].skip++
				}
			} else {
				fields[i].open += "{"
			}
		}
		fields[i].name, fields[i].kind = `"`+name+`":`, c.DataTypeOID
		inside = objects
	}
	fields[len(fields)-1].close = strings.Repeat("}", len(inside))
	return fields
}

func writeRow(to []byte, fields []field, values [][]byte) []byte {
	for i := 0; i < len(fields); i++ {
		f := &fields[i]
		to = append(to, f.open...)
		if f.skip > 0 && values[i] == nil {
			to = append(to, "null"...)
			i += f.skip - 1
			to = append(to, fields[i].close[min(1, len(fields[i].close)):]...)
			continue
		}
		if f.skip > 0 {
			to = append(to, '{')
		}
		to = append(to, f.name...)
		to = writeValue(to, f.kind, values[i])
		to = append(to, f.close...)
	}
	return to
}

var millennium = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func writeValue(to []byte, kind uint32, value []byte) []byte {
	if value == nil {
		return append(to, "null"...)
	}
	switch kind {
	case pgtype.UUIDOID:
		return append(append(append(to, '"'), uuid.UUID(value).String()...), '"')
	case pgtype.BoolOID:
		return strconv.AppendBool(to, value[0] == 1)
	case pgtype.Int4OID:
		return strconv.AppendInt(to, int64(int32(binary.BigEndian.Uint32(value))), 10)
	case pgtype.Int8OID:
		return strconv.AppendInt(to, int64(binary.BigEndian.Uint64(value)), 10)
	case pgtype.Float8OID:
		return strconv.AppendFloat(to, math.Float64frombits(binary.BigEndian.Uint64(value)), 'g', -1, 64)
	case pgtype.TimestamptzOID:
		at := millennium.Add(time.Duration(binary.BigEndian.Uint64(value)) * time.Microsecond)
		return append(at.AppendFormat(append(to, '"'), time.RFC3339Nano), '"')
	case pgtype.DateOID:
		day := millennium.AddDate(0, 0, int(int32(binary.BigEndian.Uint32(value))))
		return append(day.AppendFormat(append(to, '"'), time.DateOnly), '"')
	case pgtype.JSONOID:
		return append(to, value...)
	case pgtype.TextOID, pgtype.VarcharOID, pgtype.UnknownOID:
		return writeText(to, value)
	}
	panic(fmt.Sprintf("a value of type %d cannot be written", kind))
}

// writeText writes a text; most have nothing that must be escaped.
func writeText(to, text []byte) []byte {
	to = append(to, '"')
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == '"' || r == '\\':
			to = append(to, '\\', byte(r))
		case r < ' ':
			to = fmt.Appendf(to, `\u%04x`, r)
		default:
			to = append(to, text[:size]...)
		}
		text = text[size:]
	}
	return append(to, '"')
}
