// Package sandbox fills a database with the sample company: a Chinese-English firm with three years of history, small or
// in millions of records, the same for the same seed and day.
package sandbox

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"guanxi/fault"
	"guanxi/store"
)

// Company is the sample company's name (Pearl River Intelligent Technology).
const Company = "珠江智能科技有限公司"

// Sizes are the names of sizes, from small to large. A number of opportunities is a size too.
var Sizes = []string{"small", "medium", "large"}

var opportunitiesOf = map[string]int{"small": 3_000, "medium": 50_000, "large": 500_000}

// Bounds on a size given as a number of opportunities.
const (
	fewest = 1_000
	most   = 10_000_000
)

// Options say which sample company to make.
type Options struct {
	Size  string    // one of Sizes or a number of opportunities, 1,000 to 10,000,000; small when empty
	Seed  int64     // the same seed and end give the same company
	Until time.Time // the instant that the history ends at; now when zero

	// PutFile keeps the bytes of a document's revision under its storage key. Without it documents have no bytes.
	PutFile func(ctx context.Context, key string, data []byte) error
	// Progress, if not nil, hears how many customers and opportunities of all are done.
	Progress func(done, total int64)
}

// Fill brings the sample company into a database that has been set up, whole or not at all. A database that holds it
// already stays as it is; one with customers of its own, or an unknown size, is refused.
func Fill(ctx context.Context, st *store.Store, o Options) error {
	n, err := opportunities(o.Size)
	if err != nil {
		return err
	}
	if o.Until.IsZero() {
		if o.Until, err = st.Now(ctx); err != nil {
			return err
		}
	}
	return st.FillSample(ctx, o.Until.UTC().Truncate(time.Second), func(b *store.Copying) error {
		return newFirm(ctx, b, o, n).fill()
	})
}

// Filled tells whether the database holds a sample company, whole.
func Filled(ctx context.Context, st *store.Store) (bool, error) { return st.Sampled(ctx) }

// CheckSize refuses what is no size.
func CheckSize(size string) error {
	_, err := opportunities(size)
	return err
}

func opportunities(size string) (int, error) {
	if size == "" {
		size = Sizes[0]
	}
	if slices.Contains(Sizes, size) {
		return opportunitiesOf[size], nil
	}
	n, err := strconv.Atoi(size)
	if err != nil || n < fewest || n > most {
		return 0, fault.Refuse(fault.Invalid, fault.Say("%q is no size: write small, medium, large or a number of opportunities from %d to %d.",
			"“%s”不是有效规模：请写 small、medium、large 或 %d 到 %d 之间的商机数量。", size, fewest, most)).At("size")
	}
	return n, nil
}

// firm is the sample company while it is being made.
type firm struct {
	ctx         context.Context
	copying     *store.Copying
	options     Options
	from, until time.Time

	nOpportunities, nCustomers, nUsers int
	done                               int64

	departments map[string]*department
	staff       []*employee
	sellers     map[string][]int // places in staff by department code
	products    []*article
	rivals      []*rival
	pools       []uuid.UUID
	clients     []client
}

const years = 3

func newFirm(ctx context.Context, b *store.Copying, o Options, n int) *firm {
	until := o.Until.UTC().Truncate(time.Second)
	return &firm{
		ctx: ctx, copying: b, options: o, from: until.AddDate(-years, 0, 0), until: until,
		nOpportunities: n, nCustomers: n / 5, nUsers: min(60+n/250-12, 3_000),
		departments: map[string]*department{}, sellers: map[string][]int{},
	}
}

func (f *firm) fill() error {
	for _, step := range []func() error{f.money, f.organize, f.hire, f.entrust, f.catalog, f.acquire, f.sell} {
		if err := step(); err != nil {
			return fmt.Errorf("fill the sample company: %w", err)
		}
	}
	return nil
}

func (f *firm) progress(more int) {
	f.done += int64(more)
	if f.options.Progress != nil {
		f.options.Progress(f.done, int64(f.nCustomers+f.nOpportunities))
	}
}

// copyAll adds the rows of one table.
func copyAll[T any](f *firm, rows []*T) error {
	if err := f.ctx.Err(); err != nil {
		return err
	}
	return store.Copy(f.copying, rows)
}
