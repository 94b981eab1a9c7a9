package resolvers

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"guanxi/reports"
)

// compared notes in the question which measures the request selects of an analysis of competitors, and what it groups by within it.
func compared(ctx context.Context, ask *reports.Ask) {
	ask.Measures = []string{}
	op := graphql.GetOperationContext(ctx)
	for _, part := range graphql.CollectFieldsCtx(ctx, nil) {
		switch part.Name {
		case "rows", "other", "total":
			comparedIn(op, part, ask)
		case "mixWarnings":
			note(&ask.Measures, "winRate")
			note(&ask.Covered, part.ArgumentMap(op.Variables)["within"])
		}
	}
}

// comparedIn notes the same of a row, of the one before it and of its groups.
func comparedIn(op *graphql.OperationContext, row graphql.CollectedField, ask *reports.Ask) {
	for _, field := range graphql.CollectFields(op, row.Selections, nil) {
		switch field.Name {
		case "previous":
			comparedIn(op, field, ask)
		case "breakdown", "trend":
			comparedIn(op, field, ask)
			note(&ask.Covered, field.ArgumentMap(op.Variables)["by"])
		default:
			if _, is := reports.Competition.Measure(field.Name); is {
				note(&ask.Measures, field.Name)
			}
		}
	}
}

// note adds a name to a list, once.
func note(list *[]string, name any) {
	if name, is := name.(string); is && !slices.Contains(*list, name) {
		*list = append(*list, name)
	}
}
