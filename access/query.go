package access

import (
	"strconv"
	"strings"
)

// Query is one statement on records under construction for one viewer. Values never stand in its text: they travel as
// parameters, those of the viewer (@me, @now …) bound once by their name.
type Query struct {
	viewer *Viewer
	args   *[]any
	named  map[string]string

	unbound bool // what is rendered is kept for other statements: no value is bound
	sifting bool // the values asked for decide how it is best carried out
	each    bool // each row is asked by itself, for a page needs few: what the rules look up of it is never read as a whole
	deleted bool // the rules are being rendered for deleted rows, whose customer may be deleted with them

	shareKnown string // the column that tells whether a live share of the row reaches the viewer; empty where shares are looked up
}

// Query begins a statement for the viewer.
func (v *Viewer) Query() *Query { return &Query{viewer: v, args: &[]any{}, named: map[string]string{}} }

// For gives the same statement for another viewer: what it renders stands in one text with the rest.
func (q *Query) For(v *Viewer) *Query {
	return &Query{viewer: v, args: q.args, named: map[string]string{}}
}

// Viewer tells for whom the statement is.
func (q *Query) Viewer() *Viewer { return q.viewer }

// Bind takes a value as a parameter and gives its place in the text.
func (q *Query) Bind(value any) string {
	if q.unbound {
		panic("access: a value is bound in what is kept for other statements")
	}
	*q.args = append(*q.args, value)
	return "$" + strconv.Itoa(len(*q.args))
}

// Sifts tells that how the statement is best carried out depends on what is looked for, such as a period or a part of a name: PostgreSQL
// may plan it for its values. Any other is planned once for a connection, whatever its values.
func (q *Query) Sifts() *Query {
	q.sifting = true
	return q
}

// Args lists the parameters of a text in the order of their places; the text must be finished with Text before.
func (q *Query) Args() []any { return *q.args }

// bindOnce takes a value under a name; the same name gives the same place again.
func (q *Query) bindOnce(name string, value func() any) string {
	place, ok := q.named[name]
	if !ok {
		place = q.Bind(value())
		q.named[name] = place
	}
	return place
}

// Text replaces the viewer's parameters, written @me, @now, @today, @subjects, @reach, @pools, @scope_… and @denied_…, by their places.
func (q *Query) Text(text string) string {
	at := strings.IndexByte(text, '@')
	if at < 0 || q.unbound {
		return text
	}
	var b strings.Builder
	b.Grow(len(text) + 32)
	for ; at >= 0; at = strings.IndexByte(text, '@') {
		end := at + 1
		for end < len(text) && (text[end] == '_' || 'a' <= text[end] && text[end] <= 'z') {
			end++
		}
		b.WriteString(text[:at])
		if name := text[at:end]; name == "@" { // an operator, such as @>
			b.WriteString(name)
		} else if name == "@now" && q.viewer.expected {
			b.WriteString("now()")
		} else {
			b.WriteString(q.bindOnce(name, func() any { return q.viewer.parameter(name) }))
			b.WriteString(castOf(name))
		}
		text = text[end:]
	}
	b.WriteString(text)
	return b.String()
}

func castOf(name string) string {
	switch name {
	case "@me":
		return "::uuid"
	case "@now":
		return "::timestamptz"
	case "@today":
		return "::date"
	}
	return "::uuid[]"
}

func (v *Viewer) parameter(name string) any {
	switch name {
	case "@me":
		return v.UserID
	case "@now":
		return v.Now
	case "@today":
		return v.Today
	case "@subjects":
		return v.subjects
	case "@reach":
		return v.reach
	case "@pools":
		return v.pools
	}
	if strings.HasPrefix(name, "@scope_") || strings.HasPrefix(name, "@denied_") {
		return v.peopleNamed(name)
	}
	panic("access: no viewer parameter " + name)
}

// Of renders a field of a row, under the alias of its source.
func (f Field) Of(alias string) string {
	if open := strings.IndexByte(f.Column, '('); open >= 0 {
		return f.Column[:open+1] + alias + "." + f.Column[open+1:]
	}
	return alias + "." + f.Column
}
