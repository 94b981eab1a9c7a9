package models

import (
	"context"
	"encoding/json"
	"math"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
)

// What the API shows beside records: what several kinds have in common, pages whose edges say more than the place, and small compounds.

// Party is anything that can stand in a relationship.
type Party interface {
	Keyed
	Called() string
}

// Called is the customer's name.
func (c *Customer) Called() string { return c.Name }

// Called is the contact's name.
func (c *Contact) Called() string { return c.Name }

// Called is the competitor's name.
func (c *Competitor) Called() string { return c.Name }

// Called is the user's name.
func (u *User) Called() string { return u.Name }

// BusinessRecord is a record of the daily work.
type BusinessRecord interface {
	Keyed
	Owned() *Business
}

// TimelineEntry is something that happened with a customer.
type TimelineEntry interface {
	Keyed
	When() time.Time
}

// When is when the activity happened.
func (a *Activity) When() time.Time { return a.HappenedAt }

// When is when the stage changed.
func (s *StageChange) When() time.Time { return s.ChangedAt }

// When is when the service was asked for.
func (s *Service) When() time.Time { return s.OpenedAt }

// When is when the document's present revision was put in.
func (d *Document) When() time.Time { return d.UploadedAt }

// RelationshipConnection is a page of relationships.
type (
	RelationshipConnection = Connection[Relationship]
	RelationshipEdge       = Edge[Relationship]
)

// EdgeConnection is a page of a list whose edges say more than the place: E is what an edge says, N what stands there.
type EdgeConnection[E, N any] struct {
	Edges    []*E
	Nodes    []N
	PageInfo *PageInfo
	Counted  func(context.Context) (Count, error)
}

// TotalCount counts the whole list, to 10,000.
func (c *EdgeConnection[E, N]) TotalCount(ctx context.Context) (int, error) {
	count, err := c.Counted(ctx)
	return count.Number, err
}

// TotalCountExact tells whether the count reached the end of the list.
func (c *EdgeConnection[E, N]) TotalCountExact(ctx context.Context) (bool, error) {
	count, err := c.Counted(ctx)
	return count.Exact, err
}

// AffiliationEdge is one end of an affiliation in the list of the other end: what a contact is at a customer.
type AffiliationEdge[N any] struct {
	At           Cursor
	Relationship *Relationship
	Node         *N
}

// Cursor is its place.
func (e *AffiliationEdge[N]) Cursor() string { return e.At.String() }

// affiliation gives what the edge says; nothing when the viewer does not see the relationship itself.
func (e *AffiliationEdge[N]) affiliation() *Relationship {
	if e.Relationship == nil {
		return &Relationship{}
	}
	return e.Relationship
}

// Role is the contact's part in a decision at the customer.
func (e *AffiliationEdge[N]) Role() *string { return e.affiliation().ContactRole }

// Title is the contact's title at the customer.
func (e *AffiliationEdge[N]) Title() *string { return e.affiliation().Title }

// Primary tells whether the contact is the one to turn to first.
func (e *AffiliationEdge[N]) Primary() bool { return e.affiliation().IsPrimary }

// From is the first day of the affiliation.
func (e *AffiliationEdge[N]) From() *Date { return e.affiliation().ValidFrom }

// Until is the day after the last of the affiliation.
func (e *AffiliationEdge[N]) Until() *Date { return e.affiliation().ValidUntil }

// Affiliations from either end.
type (
	CustomerContactEdge       = AffiliationEdge[Contact]
	CustomerContactConnection = EdgeConnection[CustomerContactEdge, *Contact]
	ContactCustomerEdge       = AffiliationEdge[Customer]
	ContactCustomerConnection = EdgeConnection[ContactCustomerEdge, *Customer]
)

// PartyRelationshipEdge is a relationship read from one of its ends.
type PartyRelationshipEdge struct {
	At    Cursor
	Party uuid.UUID // the end it is read from
	Node  *Relationship
}

// Cursor is its place.
func (e *PartyRelationshipEdge) Cursor() string { return e.At.String() }

// PartyRelationshipConnection is a page of one party's relationships.
type PartyRelationshipConnection = EdgeConnection[PartyRelationshipEdge, *Relationship]

// TimelineEntryEdge is a place in a timeline: an activity, a stage change, a service or a document.
type TimelineEntryEdge struct {
	At   Cursor
	Node TimelineEntry
}

// Cursor is the place.
func (e *TimelineEntryEdge) Cursor() string { return e.At.String() }

// TimelineEntryConnection is a page of a timeline.
type TimelineEntryConnection = EdgeConnection[TimelineEntryEdge, TimelineEntry]

// RecordEdge is a place in a list of records of any one kind.
type RecordEdge struct {
	At   Cursor
	Node Keyed
}

// Cursor is the place.
func (e *RecordEdge) Cursor() string { return e.At.String() }

// RecordConnection is a page of such a list.
type RecordConnection = EdgeConnection[RecordEdge, Keyed]

// SearchHit is a record found, and how it matched.
type SearchHit struct {
	Matched string
	Record  Keyed
}

// SearchHitConnection is a page of what was found.
type (
	SearchHitConnection = Connection[SearchHit]
	SearchHitEdge       = Edge[SearchHit]
)

// Subject is the people meant by a grant, a share, a pool or a document's list: a department, a user or a group by its
// id, or everyone.
type Subject struct {
	Part
	Everyone           bool
	WithSubDepartments bool
}

// CustomerValue is what a customer is worth to us, over what a viewer sees.
type CustomerValue struct {
	CustomerID       uuid.UUID
	WonAmount        *Money
	OpenAmount       *Money
	OpportunityCount int
	LastFollowedUpAt *time.Time
	NextFollowUpOn   *Date
	DaysSilent       *int
}

// MarshalInt writes a whole number.
func MarshalInt(n int) graphql.Marshaler { return graphql.MarshalInt(n) }

// UnmarshalInt reads a whole number of 32 bits.
func UnmarshalInt(v any) (int, error) {
	switch v.(type) {
	case int, int32, int64, json.Number:
	default:
		return 0, misread("%v is no whole number", "%v 不是整数", v)
	}
	n, err := graphql.UnmarshalInt64(v)
	if err != nil || n < math.MinInt32 || n > math.MaxInt32 {
		return 0, misread("%v is no whole number of 32 bits", "%v 不是 32 位整数", v)
	}
	return int(n), nil
}
