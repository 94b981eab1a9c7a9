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

// noted keeps each protected field that is answered in full for the access log.
func noted(ctx context.Context, next graphql.Resolver) (any, error) {
	value, err := next(ctx)
	at := graphql.GetFieldContext(ctx)
	if rule, is := resolvers.ProtectedFields()[at.Object][at.Field.Name]; is && err == nil && !absentValue(value) {
		note(access.Of(ctx), at, rule)
	}
	return value, err
}

func absentValue(value any) bool {
	v := reflect.ValueOf(value)
	return !v.IsValid() || (v.Kind() == reflect.Pointer || v.Kind() == reflect.Slice) && v.IsNil()
}

// note keeps one field; not when the value is a mask, which only those can be that have one and are read so.
func note(snap *access.Snapshot, at *graphql.FieldContext, rule access.Rule) {
	parent := parentOf(at)
	record, records := behind(parent)
	if owned, is := parent.(models.BusinessRecord); is && !snap.Viewer.ReadsAll(rule) && access.Masks(at.Field.Name) {
		if kind, known := access.Coded(models.KindOf(record)); !known || !snap.Viewer.ReadsOn(kind, rule, owned.Owned().OwnerID) {
			return
		}
	}
	snap.Note(at.Object+"."+at.Field.Name, record, records)
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
	case *reports.OpportunityReportRow:
		return uuid.Nil, of.Count
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
