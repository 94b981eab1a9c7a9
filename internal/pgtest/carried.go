package pgtest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// carried are the columns by which what may be attached to others is attached.
var carried = map[string]map[string]string{
	"opportunities": nil,
	"services":      {"opportunity_id": "opportunities"},
	"documents":     {"opportunity_id": "opportunities", "service_id": "services"},
	"activities":    {"opportunity_id": "opportunities", "service_id": "services"},
}

// Astray finds rows that do not carry what they are to carry of their customer: who owns it if it is not deleted, the zero id for nobody, and
// whether they are attached to a record of another customer.
func Astray(ctx context.Context, pool *pgxpool.Pool) ([]string, error) {
	var texts []string
	for table, attachments := range carried {
		wrong := `r.customer_owner_id is distinct from (select coalesce(c.owner_id, '00000000-0000-0000-0000-000000000000') from customers c
			where c.id = r.customer_id and c.deleted_at is null)`
		var elsewhere []string
		for column, to := range attachments {
			elsewhere = append(elsewhere, "exists (select from "+to+" a where a.id = r."+column+" and (a.customer_id = r.customer_id) is not true and a.customer_id is not null)")
		}
		if len(elsewhere) > 0 {
			wrong += " or r.attached_elsewhere <> (" + strings.Join(elsewhere, " or ") + ")"
		}
		texts = append(texts, "(select '"+table+" ' || r.id from "+table+" r where "+wrong+" limit 3)")
	}
	rows, err := pool.Query(ctx, strings.Join(texts, " union all "))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// neverAstray holds, when a test has ended, what it wrote against that. A bench writes too much, and a database that is gone tells nothing.
func neverAstray(t testing.TB, pool *pgxpool.Pool) {
	if _, bench := t.(*testing.B); bench {
		return
	}
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	if astray, err := Astray(ctx, pool); err == nil && len(astray) > 0 {
		t.Errorf("these do not carry what their customers are: %s", strings.Join(astray, ", "))
	}
}
