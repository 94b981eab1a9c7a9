package models

import "context"

// PageInfo tells where a page stands in its list.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	First, Last     Cursor // the places of its first and its last record; none when it has none
}

// Cursor is a place in a list, which is sealed when it is asked for.
type Cursor interface{ String() string }

// Sealed is a cursor that stands.
type Sealed string

func (s Sealed) String() string { return string(s) }

// StartCursor is the cursor of the first record.
func (p *PageInfo) StartCursor() *string { return sealed(p.First) }

// EndCursor is the cursor of the last record.
func (p *PageInfo) EndCursor() *string { return sealed(p.Last) }

func sealed(at Cursor) *string {
	if at == nil {
		return nil
	}
	text := at.String()
	return &text
}

// Count is how many records a list has, counted to a bound.
type Count struct {
	Number int
	Exact  bool
}

// Edge is a record's place in a list.
type Edge[N any] struct {
	At   Cursor
	Node *N
}

// Cursor is the place.
func (e *Edge[N]) Cursor() string { return e.At.String() }

// Connection is one page of a list.
type Connection[N any] struct {
	Edges    []*Edge[N]
	PageInfo *PageInfo
	Counted  func(context.Context) (Count, error)
}

// Nodes lists the page's records.
func (c *Connection[N]) Nodes() []*N {
	nodes := make([]*N, len(c.Edges))
	for i, e := range c.Edges {
		nodes[i] = e.Node
	}
	return nodes
}

// TotalCount counts the whole list, to 10,000.
func (c *Connection[N]) TotalCount(ctx context.Context) (int, error) {
	count, err := c.Counted(ctx)
	return count.Number, err
}

// TotalCountExact tells whether the count reached the end of the list.
func (c *Connection[N]) TotalCountExact(ctx context.Context) (bool, error) {
	count, err := c.Counted(ctx)
	return count.Exact, err
}
