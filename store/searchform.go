package store

import (
	"context"
	"reflect"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/search"
)

// searchForm tells in which form what the records of a kind are found by is written.
type searchForm struct {
	bun.BaseModel `bun:"table:search_forms"`

	Kind    models.KindCode `bun:"kind,pk"`
	Form    int             `bun:"form"`
	Reached *uuid.UUID      `bun:"reached,type:uuid"` // the last record written anew, nil when all are
}

// rewrittenAtOnce is how many records are looked at in one transaction.
const rewrittenAtOnce = 500

// RewriteSearch writes anew what records are found by where it is of an earlier form, a few at a time: others read and write
// meanwhile. Several processes may do it at once; who comes back to it goes on where somebody ended.
func (s *Store) RewriteSearch(ctx context.Context) error {
	for _, kind := range search.Searchable() {
		for more := true; more; {
			err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) (err error) {
				more, err = rewriteSome(ctx, tx, kind)
				return err
			})
			if err != nil {
				return fault.FromSQL(err)
			}
			if more && s.Wrote != nil {
				s.Wrote()
			}
		}
	}
	return nil
}

// rewriteSome does the next records of a kind, and tells whether there are more to do here.
func rewriteSome(ctx context.Context, tx bun.Tx, kind *access.Kind) (more bool, err error) {
	if _, err := tx.NewInsert().Model(&searchForm{Kind: kind.Code}).On("conflict do nothing").Exec(ctx); err != nil {
		return false, err
	}
	var forms []*searchForm
	if err := tx.NewSelect().Model(&forms).Where("kind = ? and form < ?", kind.Code, search.Form).For("update skip locked").Scan(ctx); err != nil || len(forms) == 0 {
		return false, err
	}
	rows := reflect.New(reflect.SliceOf(reflect.PointerTo(kind.Model)))
	query := tx.NewSelect().Model(rows.Interface()).OrderExpr("id").Limit(rewrittenAtOnce).For("update")
	if forms[0].Reached != nil {
		query = query.Where("id > ?", *forms[0].Reached)
	}
	if err := query.Scan(ctx); err != nil {
		return false, err
	}
	n := rows.Elem().Len()
	for i := range n {
		row := rows.Elem().Index(i).Interface()
		if err := reindex(ctx, tx, kind, row); err != nil {
			return false, err
		}
		id, _ := row.(models.Keyed).Key()
		forms[0].Reached = &id
	}
	if more = n == rewrittenAtOnce; !more {
		forms[0].Form, forms[0].Reached = search.Form, nil
	}
	_, err = tx.NewUpdate().Model(forms[0]).WherePK().Exec(ctx)
	return more, err
}

// reindex writes what a record is found by, where it is another than stands there. It is no change of the record: neither its
// version nor its history tells of it.
func reindex(ctx context.Context, tx bun.Tx, kind *access.Kind, row any) error {
	before := models.Values(row)
	index(row)
	after := models.Values(row)
	update, differs := tx.NewUpdate().Model(row).WherePK(), false
	for _, column := range []string{"search_terms", "search_text", "phone_terms"} {
		if slices.Contains(kind.Columns, column) {
			update, differs = update.Column(column), differs || !same(before[column], after[column])
		}
	}
	if !differs {
		return nil
	}
	_, err := update.Exec(ctx)
	return err
}
