package server

import (
	"context"
	"reflect"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
	"guanxi/resolvers"
)

// noted keeps each protected field that is answered in full for the access log: whether or not there is a value, so that the log
// does not tell which.
func noted(ctx context.Context, next graphql.Resolver) (any, error) {
	value, err := next(ctx)
	if err != nil {
		return value, err
	}
	at := graphql.GetFieldContext(ctx)
	rule, is := resolvers.ProtectedFields()[at.Object][at.Field.Name]
	if is && note(access.Of(ctx), at, rule) || showsChange(at) {
		protectedIn(ctx).add(at.Path())
	}
	return value, err
}

// note keeps one field, unless the viewer has not the full right to it on this record, and tells which.
func note(snap *access.Snapshot, at *graphql.FieldContext, rule access.Rule) bool {
	if !snap.Viewer.ReadsSome(rule) {
		return false
	}
	record, records := behind(parentOf(at))
	if !snap.Viewer.ReadsAll(rule) {
		if of := recordAbove(at, record); of != nil && !snap.Viewer.ReadsOn(of, rule) {
			return false
		}
	}
	snap.Note(at.Object+"."+at.Field.Name, record, records)
	return true
}

// recordAbove finds the record that a value is of among what the field is in; nil when it is of none, or of one that was come by
// another way.
func recordAbove(at *graphql.FieldContext, id uuid.UUID) models.BusinessRecord {
	for ; at != nil; at = at.Parent {
		if row, is := parentOf(at).(models.BusinessRecord); is {
			if own, _ := row.Key(); own == id {
				return row
			}
		}
	}
	return nil
}

// showsChange tells whether a field shows a protected value of a record's history.
func showsChange(at *graphql.FieldContext) bool {
	change, is := parentOf(at).(*models.HistoryChange)
	return is && change.Protected && (at.Field.Name == "old" || at.Field.Name == "new")
}

// parentOf gives what a field is of.
func parentOf(at *graphql.FieldContext) any {
	if at.Parent == nil || at.Parent.Result == nil {
		return nil
	}
	v := reflect.ValueOf(at.Parent.Result)
	for v.Kind() == reflect.Pointer && (v.Elem().Kind() == reflect.Pointer || v.Elem().Kind() == reflect.Interface) {
		v = v.Elem()
	}
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v.Interface()
}

// behind gives the record that a value is of, for a part its whole; of a report's figure, how many records are behind it.
func behind(parent any) (record uuid.UUID, records int) {
	switch of := parent.(type) {
	case *models.OpportunityLine:
		return of.OpportunityID, 1
	case *models.Encounter:
		return of.OpportunityID, 1
	case *models.CustomerValue:
		return of.CustomerID, 1
	case interface{ Records() int }: // a row of a report
		return uuid.Nil, of.Records()
	case *reports.CompetitorReportRow:
		return uuid.Nil, of.Encounters
	case *reports.CompetitorBreakdownRow:
		return uuid.Nil, of.Encounters
	case *reports.UnattributedLosses:
		return uuid.Nil, of.Lost
	case models.Keyed:
		id, _ := of.Key()
		return id, 1
	}
	return uuid.Nil, 1
}
