package plan

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"guanxi/access"
)

// Noted is told of each field that Marks has marked, when it is answered: what is known of it, the object that it is of, and the
// objects above that one, the nearest last.
type Noted func(name string, mark any, of any, above []any)

// Answer carries out a plan and gives the answer's data, as JSON that needs no more quoting; or tells why gqlgen must be asked.
func (p *Plan) Answer(ctx context.Context, snap *access.Snapshot, op *graphql.OperationContext, noted Noted) (data []byte, cause any) {
	defer func() {
		if panicked := recover(); panicked != nil {
			data, cause = nil, panicked
		}
	}()
	root, failed := p.read(ctx, snap, op)
	if failed != nil {
		return nil, failed.cause
	}
	a := &answer{noted: noted, text: make([]byte, 0, p.length.Load())}
	a.object(root, 0)
	p.length.Store(int64(len(a.text) + len(a.text)/8))
	return a.text, nil
}

// answer is what is being written.
type answer struct {
	text  []byte
	noted Noted
	above []any // the objects around the one being written, itself last
}

func (a *answer) object(b *batch, row int32) {
	of := b.rows[row]
	for _, f := range b.noted {
		a.noted(f.name, f.rule, of, a.above)
	}
	a.above = append(a.above, of)
	a.text = append(a.text, '{')
	for _, f := range b.fields {
		a.text = append(a.text, f.key...)
		switch {
		case f.text != nil:
			a.text = append(a.text, f.text...)
		case f.Leaf != nil:
			a.text = f.Leaf(a.text, of)
		default:
			a.read(f, b.columns[f.column], int(row))
		}
	}
	a.text = append(a.text, '}')
	a.above = a.above[:len(a.above)-1]
}

// read writes what has been read of an object.
func (a *answer) read(f *field, c *column, row int) {
	start, end := 0, c.ends[row]
	if row > 0 {
		start = c.ends[row-1]
	}
	switch {
	case f.Of == "":
		a.text = append(a.text, c.Text[start:end]...)
	case !f.List:
		a.item(c, start)
	case c.nulls != nil && c.nulls[row]:
		a.text = append(a.text, "null"...)
	default:
		a.text = append(a.text, '[')
		for i := start; i < end; i++ {
			if i > start {
				a.text = append(a.text, ',')
			}
			a.item(c, i)
		}
		a.text = append(a.text, ']')
	}
}

func (a *answer) item(c *column, i int) {
	switch {
	case c.items[i] == nil:
		a.text = append(a.text, "null"...)
	case c.single == nil:
		a.object(c.below[i].batch, c.below[i].row)
	case c.rows != nil:
		a.object(c.single, c.rows[i])
	default:
		a.object(c.single, int32(i))
	}
}
