package models

import "context"

// PageInfo tells where a page stands in its list.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     *string
	EndCursor       *string
}

// Count is how many records a list has, counted to a bound.
type Count struct {
	Number int
	Exact  bool
}

// Edge is a record's place in a list.
type Edge[N any] struct {
	Cursor string
	Node   *N
}

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
