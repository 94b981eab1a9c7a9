package resolvers

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"guanxi/access"
	"guanxi/reports"
)

// reported answers a question on a dataset with what the request selects of the answer, and nothing more.
func reported[R any](ctx context.Context, e *reports.Engine, d *reports.Dataset, ask reports.Ask) (*reports.Shaped[R], error) {
	selected(ctx, d, &ask)
	r, err := e.Run(ctx, access.Of(ctx), d, ask)
	if err != nil {
		return nil, err
	}
	return reports.Shape[R](r), nil
}

// selected notes in the question which measures and parts of the answer the request selects.
func selected(ctx context.Context, d *reports.Dataset, ask *reports.Ask) {
	ask.Measures = []string{}
	op := graphql.GetOperationContext(ctx)
	for _, part := range graphql.CollectFieldsCtx(ctx, nil) {
		switch part.Name {
		case "coverage":
			ask.Coverage = true
		case "rows", "total", "subtotals":
			ask.Subtotals = ask.Subtotals || part.Name == "subtotals"
			measured(op, part, d, ask)
		}
	}
}

// measured notes the measures that are selected on rows, on those before them too.
func measured(op *graphql.OperationContext, rows graphql.CollectedField, d *reports.Dataset, ask *reports.Ask) {
	for _, field := range graphql.CollectFields(op, rows.Selections, nil) {
		switch field.Name {
		case "previous":
			measured(op, field, d, ask)
		case "shareOfTotal", "runningTotal":
			if name, is := field.ArgumentMap(op.Variables)["measure"].(string); is && !slices.Contains(ask.Shares, name) {
				ask.Shares = append(ask.Shares, name)
			}
		default:
			if _, is := d.Measure(field.Name); is && !slices.Contains(ask.Measures, field.Name) {
				ask.Measures = append(ask.Measures, field.Name)
			}
		}
	}
}

// chosen names the part of a row's records that is asked for; all when none is.
func chosen(of *string) string {
	if of == nil {
		return ""
	}
	return *of
}
