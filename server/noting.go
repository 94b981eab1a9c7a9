package server

import (
	"context"
	"reflect"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"

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
	name := shows(at.Object, at.Field.Field, graphql.GetOperationContext(ctx).Variables)
	rule, is := resolvers.ProtectedFields()[at.Object][name]
	if is && note(access.Of(ctx), at.Object+"."+name, rule, parentOf(at), above(at)) || showsChange(at) {
		protectedIn(ctx).add(at.Path())
	}
	return value, err
}

// note keeps one field of an object for the access log, unless the viewer has not the full right to it on this record, and tells
// which. The objects around it come nearest last.
func note(snap *access.Snapshot, name string, rule access.Rule, of any, above []any) bool {
	if !snap.Viewer.ReadsSome(rule) {
		return false
	}
	record, records := behind(of)
	if !snap.Viewer.ReadsAll(rule) {
		if own := recordOf(record, of, above); own != nil && !snap.Viewer.ReadsOn(own, rule) {
			return false
		}
	}
	snap.Note(name, record, records)
	return true
}

// noteReferences keeps for the access log the protected fields that an operation filters, groups or sorts by, of which the viewer reads
// some: what is left, in which row and in which order tells of their values. Such an entry is of no record, whatever was found.
func (e *engine) noteReferences(snap *access.Snapshot, p *planned, variables map[string]any) {
	for _, f := range p.told {
		if isShare(f) { // noted as the measure that it shows
			continue
		}
		for name, value := range f.ArgumentMap(variables) {
			argument := f.Definition.Arguments.ForName(name)
			if argument == nil {
				continue
			}
			resolvers.Referred(e.schema, argument.Type, value, func(definition *ast.Definition, name string) {
				name = definition.Name + "." + name
				if rule, is := resolvers.ProtectedReferences()[name]; is && snap.Viewer.ReadsSome(rule) {
					snap.Note(name, uuid.Nil, 0)
				}
			})
		}
	}
}

// recordOf finds the record that a value is of in what the field is of and around it; nil when it is of none, or of one that was
// come by another way.
func recordOf(id uuid.UUID, of any, above []any) models.BusinessRecord {
	for i := len(above); ; i-- {
		if row, is := of.(models.BusinessRecord); is {
			if own, _ := row.Key(); own == id {
				return row
			}
		}
		if i == 0 {
			return nil
		}
		of = above[i-1]
	}
}

// above lists the objects around the one that a field is of, the nearest last.
func above(at *graphql.FieldContext) (list []any) {
	if at.Parent == nil {
		return nil
	}
	for at = at.Parent; at != nil; at = at.Parent {
		list = append(list, parentOf(at))
	}
	slices.Reverse(list)
	return list
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
