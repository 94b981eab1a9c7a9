package access

import (
	"encoding/binary"
	"reflect"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// reading is the rows of one answer. Ids, texts and numbers, which most of them are made of, are taken as they stand, and what they
// need of memory is taken for many at once; all else is left to pgx.
type reading struct {
	pgx.Rows

	types  *pgtype.Map
	fields []pgconn.FieldDescription
	plans  []plannedScan // of the columns that pgx takes

	ids   slab[uuid.UUID]
	words slab[string]
	texts strings.Builder
	chunk int
}

type plannedScan struct {
	pgtype.ScanPlan
	into reflect.Type
}

// Scan takes the values of a row.
func (r *reading) Scan(into ...any) error {
	if r.fields == nil {
		r.fields = r.FieldDescriptions()
	}
	values := r.RawValues()
	if len(values) != len(into) || len(r.fields) != len(into) {
		return r.Rows.Scan(into...) // which tells so
	}
	for i, to := range into {
		if to == nil || r.plainly(&r.fields[i], values[i], to) {
			continue
		}
		if err := r.planned(i, to).Scan(values[i], to); err != nil {
			return pgx.ScanArgError{ColumnIndex: i, FieldName: r.fields[i].Name, Err: err}
		}
	}
	return nil
}

// plainly takes a value of the most common types; false when it is of another.
func (r *reading) plainly(field *pgconn.FieldDescription, from []byte, to any) bool {
	isBinary := field.Format == pgtype.BinaryFormatCode
	isText := field.DataTypeOID == pgtype.TextOID || field.DataTypeOID == pgtype.VarcharOID
	isID := isBinary && field.DataTypeOID == pgtype.UUIDOID && (from == nil || len(from) == len(uuid.UUID{}))
	switch to := to.(type) {
	case *string:
		if !isText || from == nil {
			return false
		}
		*to = r.text(from)
	case **string:
		if !isText {
			return false
		}
		if *to = nil; from != nil {
			*to = r.words.next()
			**to = r.text(from)
		}
	case *uuid.UUID:
		if !isID || from == nil {
			return false
		}
		copy(to[:], from)
	case **uuid.UUID:
		if !isID {
			return false
		}
		if *to = nil; from != nil {
			*to = r.ids.next()
			copy((*to)[:], from)
		}
	case *int:
		switch {
		case isBinary && field.DataTypeOID == pgtype.Int8OID && len(from) == 8:
			*to = int(int64(binary.BigEndian.Uint64(from)))
		case isBinary && field.DataTypeOID == pgtype.Int4OID && len(from) == 4:
			*to = int(int32(binary.BigEndian.Uint32(from)))
		default:
			return false
		}
	default:
		return false
	}
	return true
}

// Texts lie in pieces of memory of these sizes; longer ones by themselves.
const (
	leastChunk = 256
	mostChunk  = 8192
)

func (r *reading) text(from []byte) string {
	if len(from) > mostChunk/8 {
		return string(from)
	}
	if r.texts.Cap()-r.texts.Len() < len(from) {
		r.chunk = max(leastChunk, min(2*r.chunk, mostChunk))
		r.texts = strings.Builder{}
		r.texts.Grow(max(r.chunk, len(from)))
	}
	start := r.texts.Len()
	r.texts.Write(from)
	return r.texts.String()[start:]
}

// planned gives pgx's way to take a column into a place.
func (r *reading) planned(i int, to any) pgtype.ScanPlan {
	if r.plans == nil {
		r.plans = make([]plannedScan, len(r.fields))
	}
	if known := &r.plans[i]; known.into != reflect.TypeOf(to) {
		*known = plannedScan{r.types.PlanScan(r.fields[i].DataTypeOID, r.fields[i].Format, to), reflect.TypeOf(to)}
	}
	return r.plans[i].ScanPlan
}

// slab takes memory for many values of a type at once.
type slab[T any] struct {
	free []T
	made int
}

func (s *slab[T]) next() *T {
	if len(s.free) == 0 {
		s.made = max(8, min(2*s.made, 128))
		s.free = make([]T, s.made)
	}
	one := &s.free[0]
	s.free = s.free[1:]
	return one
}
