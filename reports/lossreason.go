package reports

import (
	"context"

	"github.com/google/uuid"

	"guanxi/models"
)

// maxReasons is how many reasons of one row are listed.
const maxReasons = 100

// LossReasonCount is how often one reason was given, or none, or all those that are not listed; Reason names the dictionary entry.
type LossReasonCount struct {
	models.Part
	Named    *ReportKey
	ReasonID *uuid.UUID
	Count    int

	group *CompetitorBreakdownRow
}

// LossReasons gives why the row's competitors won, most frequent first, the losses without a reason among them; what is beyond the
// first is one more, other. It is found for all rows of the report together.
func (row *CompetitorReportRow) LossReasons(ctx context.Context, first int) ([]*LossReasonCount, error) {
	if first < 1 || first > maxReasons {
		return nil, outOfRange("first", maxReasons)
	}
	r := row.report
	d, err := r.plan.dimension("LOSS_REASON", "first")
	if err != nil {
		return nil, err
	}
	c := cut{of: row.side, by: d, first: first, way: whyWon}
	groups, err := r.cut(ctx, c)
	if err != nil {
		return nil, err
	}
	all, err := models.Fetch(ctx, r.opened, "reasons of "+c.name(), func() (map[uuid.UUID][]*LossReasonCount, error) {
		return reasonsIn(groups), nil
	})
	return all[row.ID], err
}

// reasonsIn gives the groups as counts of reasons; all of them are one batch.
func reasonsIn(groups map[uuid.UUID][]*CompetitorBreakdownRow) map[uuid.UUID][]*LossReasonCount {
	found, together := map[uuid.UUID][]*LossReasonCount{}, []*LossReasonCount(nil)
	for whose, list := range groups {
		for _, group := range list {
			one := &LossReasonCount{Named: group.Key, Count: group.bout.count(theyWon), group: group}
			if id := group.Key.ID; id != nil {
				one.ID = uuid.MustParse(*id)
				one.ReasonID = &one.ID
			}
			found[whose] = append(found[whose], one)
			together = append(together, one)
		}
	}
	models.NewBatch(together)
	return found
}

// Page opens the count: a page of the opportunities that were lost so.
func (l *LossReasonCount) Page(ctx context.Context, first *int, after *string) (*RecordPage, error) {
	return l.group.cells.page(ctx, l.group.line, []string{models.TheyWon}, first, after)
}
