package reports

import (
	"context"
	"encoding/base64"
	"fmt"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// Bounds of a page of records, as for lists.
const (
	pageSize   = 20
	maxPage    = 100
	maxCounted = 10_000
	maxOpened  = 2_000 // records of all rows together, when nobody says how many of each; one of each all the same
)

// RecordPage is one page of the very records behind a row, latest entered first.
type RecordPage struct {
	IDs     []uuid.UUID
	HasNext bool
	After   bool // whether records come before the page
	Total   models.Count
	All     *RecordPages
}

// Cursors gives each record's place, in the page's order.
func (p *RecordPage) Cursors() []string {
	list := make([]string, len(p.IDs))
	for i, id := range p.IDs {
		list[i] = base64.RawURLEncoding.EncodeToString(id[:])
	}
	return list
}

// RecordPages are the pages of all rows that were read together; Fetched keeps what is fetched for them together.
type RecordPages struct {
	IDs     []uuid.UUID
	Fetched *models.Batch

	byRow map[string]*RecordPage
	after bool
}

// page gives a row's page; a row without records has an empty one.
func (p *RecordPages) page(row string) *RecordPage {
	if found, ok := p.byRow[row]; ok {
		return found
	}
	return &RecordPage{IDs: []uuid.UUID{}, After: p.after, Total: models.Count{Exact: true}, All: p}
}

// Page opens the row: a page of the records behind it, all or those of one part, such as a status. What is asked of one row is
// read for all rows of its level in one statement.
func (r *Row) Page(ctx context.Context, of string, first *int, after *string) (*RecordPage, error) {
	t, err := turn(first, after)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprint(of, t.size, t.after, r.level)
	pages, err := models.Fetch(ctx, r.report.opened, name, func() (*RecordPages, error) {
		return answered(r.report.engine, func(x executor) (*RecordPages, error) { return x.opened(ctx, r.report, of, t, r.level) })
	})
	if err != nil {
		return nil, err
	}
	return pages.page(fmt.Sprint(r.place)), nil
}

// opened reads the pages of all lines of one level.
func (bySQL) opened(ctx context.Context, r *Report, of string, t turned, level int) (*RecordPages, error) {
	s := r.plan.statement()
	condition, values := "true", []string(nil)
	if chosen, has := r.plan.dataset.parts[of]; has {
		condition, values = chosen.text(), []string{chosen.of}
	}
	if part := r.plan.dataset.part; of != "" && of != "ALL" && part != "" {
		condition, values = "f."+part+" = "+s.q.Bind(of), []string{part}
	}
	facts, err := s.facts(values...)
	if err != nil {
		return nil, err
	}
	several := ""
	if r.plan.dataset.several() {
		several = "distinct "
	}
	return t.read(ctx, r.snap, s.q, fmt.Sprintf("with facts as (\n  %s\n), behind as (\n  select "+several+"coalesce(w.place, 0)::text as line, f.id from %s where %s\n)",
		facts, s.matched(level, r.groups[level]), condition))
}

// turned is which page is asked of every row.
type turned struct {
	size   int
	after  uuid.UUID
	untold bool // nobody said how many: fewer where many rows are opened
}

// of gives how many of each row are read where so many have records.
func (t turned) of(rows int) int {
	if !t.untold {
		return t.size
	}
	return max(1, min(t.size, maxOpened/max(rows, 1)))
}

// each renders the same, of the rows in "counted".
func (t turned) each(q *access.Query) string {
	if !t.untold {
		return q.Bind(t.size) + "::bigint"
	}
	return fmt.Sprintf("(select greatest(1, least(%d, %d / greatest(count(*), 1))) from counted)", t.size, maxOpened)
}

// turn checks a page's size and place.
func turn(first *int, after *string) (turned, error) {
	t := turned{size: pageSize, after: uuid.Max, untold: first == nil}
	if first != nil {
		t.size = *first
	}
	if t.size < 1 || t.size > maxPage {
		return t, outOfRange("first", maxPage)
	}
	if after == nil {
		return t, nil
	}
	bytes, err := base64.RawURLEncoding.DecodeString(*after)
	if err == nil {
		t.after, err = uuid.FromBytes(bytes)
	}
	if err != nil {
		return t, fault.Deny(fault.BadInput, fault.Say("This cursor is not from this list.", "此游标不属于这个列表。")).At("after")
	}
	return t, nil
}

// read completes a statement that names the records behind each line, and reads one page and the count of each.
func (t turned) read(ctx context.Context, snap *access.Snapshot, q *access.Query, behind string) (*RecordPages, error) {
	text := fmt.Sprintf(`%s, counted as (
  select line, count(*) as total from behind group by line
), turned as (
  select line, id, row_number() over (partition by line order by id desc) as n from behind where id < %s::uuid
)
select c.line, c.total, t.id, z.size
from counted c cross join (select %s as size) z left join turned t on t.line = c.line and t.n <= z.size + 1
order by c.line, t.n`, behind, q.Bind(t.after), t.each(q))
	all := nobody(t)
	err := snap.Run(ctx, q, text, func(row access.Row) error {
		var line string
		var total, size int
		var id *uuid.UUID
		if err := row.Scan(&line, &total, &id, &size); err != nil {
			return err
		}
		all.take(line, total, id, size)
		return nil
	})
	all.IDs = models.SortIDs(all.IDs)
	return all, err
}

// nobody are the pages of rows without records.
func nobody(t turned) *RecordPages {
	return &RecordPages{IDs: []uuid.UUID{}, Fetched: models.NewBatch[models.Keyed](nil), byRow: map[string]*RecordPage{}, after: t.after != uuid.Max}
}

func (p *RecordPages) take(line string, total int, id *uuid.UUID, size int) {
	page, ok := p.byRow[line]
	if !ok {
		page = &RecordPage{IDs: []uuid.UUID{}, After: p.after, All: p}
		page.Total = models.Count{Number: min(total, maxCounted), Exact: total <= maxCounted}
		p.byRow[line] = page
	}
	switch {
	case id == nil:
	case len(page.IDs) == size:
		page.HasNext = true
	default:
		page.IDs = append(page.IDs, *id)
		p.IDs = append(p.IDs, *id)
	}
}
