package plan

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/models"
)

const hex, smallHex = "0123456789ABCDEF", "0123456789abcdef"

// plain are the bytes that stand in a text as they are: the same are quoted as gqlgen and encoding/json, one after the other,
// quote them.
var plain = func() (is [256]bool) {
	for c := range is {
		is[c] = c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' && c != 0xE2
	}
	return is
}()

// String writes a text.
func String(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if plain[c] {
			continue
		}
		if c == 0xE2 { // perhaps a separator of lines or paragraphs, which JavaScript does not take in a text
			if r, _ := utf8.DecodeRuneInString(s[i:]); r != '\u2028' && r != '\u2029' {
				continue
			}
			b = append(append(b, s[start:i]...), `\u202`...)
			b = append(b, smallHex[s[i+2]&0xf])
			i += 2
			start = i + 1
			continue
		}
		b = quoted(append(b, s[start:i]...), c)
		start = i + 1
	}
	return append(append(b, s[start:]...), '"')
}

func quoted(b []byte, c byte) []byte {
	switch c {
	case '\t':
		return append(b, `\t`...)
	case '\r':
		return append(b, `\r`...)
	case '\n':
		return append(b, `\n`...)
	case '\\', '"':
		return append(b, '\\', c)
	case '<', '>', '&':
		return append(b, '\\', 'u', '0', '0', smallHex[c>>4], smallHex[c&0xf])
	}
	return append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
}

// ID writes an id.
func ID(b []byte, id uuid.UUID) []byte {
	b = append(b, `"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"`...)
	text := b[len(b)-37:]
	at := 0
	for i, c := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			at++
		}
		text[at], text[at+1] = smallHex[c>>4], smallHex[c&0xf]
		at += 2
	}
	return b
}

// Int writes a whole number.
func Int(b []byte, n int) []byte { return strconv.AppendInt(b, int64(n), 10) }

// Int64 writes a large whole number.
func Int64(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) }

// Bool writes true or false.
func Bool(b []byte, yes bool) []byte { return strconv.AppendBool(b, yes) }

// Float writes a number.
func Float(b []byte, f float64) []byte {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		panic("plan: no JSON writes this number")
	}
	return strconv.AppendFloat(b, f, 'g', -1, 64)
}

// Date writes a day.
func Date(b []byte, d models.Date) []byte { return strconv.AppendQuote(b, string(d)) }

// DateTime writes an instant in UTC.
func DateTime(b []byte, t time.Time) []byte {
	b = append(b, '"')
	b = t.UTC().AppendFormat(b, time.RFC3339Nano)
	return append(b, '"')
}

// Decimal writes an exact number.
func Decimal(b []byte, d decimal.Decimal) []byte {
	b = append(b, '"')
	b = append(b, d.String()...)
	return append(b, '"')
}

// Marshaled writes what has no way of its own here as gqlgen writes it.
func Marshaled[T any](marshal func(T) graphql.Marshaler) func([]byte, T) []byte {
	return func(b []byte, v T) []byte {
		var text bytes.Buffer
		marshal(v).MarshalGQL(&text)
		w := bytes.NewBuffer(b)
		json.HTMLEscape(w, text.Bytes())
		return w.Bytes()
	}
}

// Maybe writes what is there; nil is null.
func Maybe[T any](b []byte, v *T, write func([]byte, T) []byte) []byte {
	if v == nil {
		return append(b, "null"...)
	}
	return write(b, *v)
}

// All writes a list.
func All[T any](b []byte, list []T, write func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = write(b, v)
	}
	return append(b, ']')
}

// AllOrNull writes a list; nil is null.
func AllOrNull[T any](b []byte, list []T, write func([]byte, T) []byte) []byte {
	if list == nil {
		return append(b, "null"...)
	}
	return All(b, list, write)
}
