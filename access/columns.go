package access

import (
	"fmt"
	"strings"
	"sync"

	"guanxi/models"
)

// columns lists the kind's columns, each under its rule, and what stands in for those that are read masked.
func (q *Query) columns(kind, whole *Kind, row, record string) string {
	list := make([]string, 0, len(kind.Columns))
	for _, column := range kind.Columns {
		rule, protected := kind.Protected[column]
		if kind.Code == models.AuditEntryCode && column == "changes" {
			list = append(list, q.changes(whole)+" as changes")
			continue
		}
		if !protected {
			list = append(list, row+"."+column)
			continue
		}
		list = append(list, q.readable(whole, rule, record, row+"."+column)+" as "+column)
		if mask, ok := masks[column]; ok {
			list = append(list, q.masked(whole, rule, record, fmt.Sprintf(mask, row+"."+column))+" as "+column+"_masked")
		}
	}
	return strings.Join(list, ", ")
}

// masks say how a value is shown that may be recognised but not read. What is too short, or not written as such a value is,
// shows nothing of itself.
var masks = map[string]string{
	"phone":  "case when length(" + digits + ") >= 10 then regexp_replace(" + digits + `, '^(.{3}).*(.{4})$', '\1****\2') when %[1]s is not null then '****' end`,
	"email":  `case when %[1]s ~ '^.{2,}@[[:alnum:].-]+$' then regexp_replace(%[1]s, '^(.).*(@.*)$', '\1***\2') when %[1]s is not null then '***' end`,
	"wechat": `case when length(%[1]s) >= 6 then regexp_replace(%[1]s, '^(..).*$', '\1***') when %[1]s is not null then '***' end`,
}

// Masks tells whether a column is shown masked to those who read it so.
func Masks(column string) bool { return masks[column] != "" }

// digits are those of a phone number, without China's country code.
const digits = `regexp_replace(regexp_replace(%[1]s, '^\s*(\+|00)86', ''), '\D', '', 'g')`

// Shows tells how many columns Shown lists.
func (k *Kind) Shows() (n int) {
	for _, c := range models.Columns(k.Model) {
		if !c.Unread {
			n++
		}
	}
	return n
}

// Shown lists the columns as they go out to the viewer, masked where he reads them masked; those that nobody reads are left out.
func (q *Query) Shown(kind *Kind, alias string) string {
	key := shownKey{kind, alias}
	if text, ok := shown.Load(key); ok {
		return text.(string)
	}
	list := make([]string, 0, len(kind.Columns))
	for _, c := range models.Columns(kind.Model) {
		column := c.Name
		switch _, protected := kind.Protected[column]; {
		case c.Unread:
		case protected && masks[column] != "":
			list = append(list, "coalesce("+alias+"."+column+", "+alias+"."+column+"_masked)")
		default:
			list = append(list, alias+"."+column)
		}
	}
	text := strings.Join(list, ", ")
	shown.Store(key, text)
	return text
}

// shown keeps the lists of columns, the same for all viewers, by the few aliases that statements use.
var shown sync.Map

type shownKey struct {
	kind  *Kind
	alias string
}
