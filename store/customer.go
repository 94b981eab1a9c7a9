package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// CustomerCreate makes a customer; a new one is a lead unless the input says otherwise.
func (s *Store) CustomerCreate(ctx context.Context, v *access.Viewer, q Request, input map[string]any) (uuid.UUID, error) {
	return Customers.Create(ctx, s, v, q, input, func(tx *Tx, c *models.Customer) error {
		if c.Lifecycle == "" {
			c.Lifecycle = "LEAD"
		}
		return nil
	}, nil)
}

// CustomerRelease puts a customer that the viewer manages into a pool: it has no owner from then on, and its shares end. To take it from
// another owner is to hand it over, for whoever is a member of the pool may claim it.
func (s *Store) CustomerRelease(ctx context.Context, v *access.Viewer, q Request, id, pool uuid.UUID, version *int) (uuid.UUID, error) {
	return Customers.Edit(ctx, s, v, q, access.Update, id, version, "RELEASE", func(tx *Tx, c *models.Customer) error {
		if c.OwnerID != nil && *c.OwnerID != v.UserID && !v.May(access.To(access.Transfer, access.Customer)) {
			return fault.Refuse(fault.Forbidden, fault.Say("To put somebody else's customer into a pool needs the permission to transfer.", "将他人的客户放入公海需要转移权限。")).At("input", "id")
		}
		if err := tx.See(access.Pool, pool, "input", "pool"); err != nil {
			return err
		}
		c.OwnerID, c.PoolID = nil, &pool
		return tx.endShares(id)
	})
}

// CustomerClaim takes a customer out of a pool that the viewer is a member of. Of several who claim at once, one wins.
// Shares of it end.
func (s *Store) CustomerClaim(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int) (uuid.UUID, error) {
	if err := v.Need(access.To(access.Update, access.Customer)); err != nil {
		return uuid.Nil, err
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) {
		c := new(models.Customer)
		if err := tx.NewSelect().Model(c).Where("id = ?", id).For("update").Scan(ctx); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return uuid.Nil, fault.FromSQL(err)
		}
		if err := tx.claimable(c, id, version); err != nil {
			return uuid.Nil, err
		}
		return id, Customers.save(tx, c, "CLAIM", func(tx *Tx, c *models.Customer) error {
			c.PoolID, c.OwnerID = nil, v.Owner()
			return tx.endShares(id)
		})
	})
}

// claimable tells a member who came too late that he did, and anybody else no more than that he sees the customer.
func (tx *Tx) claimable(c *models.Customer, id uuid.UUID, version *int) error {
	late, err := tx.cameTooLate(id)
	if err != nil {
		return err
	}
	if late && c.PoolID == nil {
		return fault.Refuse(fault.AlreadyClaimed, fault.Say("Somebody else claimed this customer first.", "这个客户已被他人领取。")).At("input", "id")
	}
	if err := tx.See(access.Customer, id, "input", "id"); err != nil {
		return err
	}
	if c.PoolID == nil || !tx.Viewer.InPool(*c.PoolID) {
		return fault.Refuse(fault.NotInPool, fault.Say("This customer is in no pool of yours.", "这个客户不在您的公海中。")).At("input", "id")
	}
	if !tx.Viewer.MayTake() {
		return takesTooMuch("input", "id")
	}
	return stale(version, c.Version)
}

// cameTooLate tells whether the customer's last change of hands was a claim from a pool of the viewer's, by another.
func (tx *Tx) cameTooLate(id uuid.UUID) (bool, error) {
	return tx.NewSelect().TableExpr(`(select action, actor_id, changes from audit_entries where record_id = ?
		and action in ('CLAIM', 'TRANSFER', 'RELEASE') order by at desc, id desc limit 1) as a`, id).
		Where("a.action = 'CLAIM' and a.actor_id <> ?", tx.Viewer.UserID).
		Where("(a.changes -> 'pool_id' ->> 'old')::uuid in (?)", listOf(tx.Viewer.Pools())).Exists(tx.ctx)
}

// CustomerValues sums up what each customer is worth, over the opportunities and activities that the viewer sees, and the
// amounts that he reads.
func CustomerValues(ctx context.Context, snap *access.Snapshot, ids []uuid.UUID) (map[uuid.UUID]*models.CustomerValue, error) {
	q := snap.Viewer.Query()
	currency := snap.Viewer.Company.Currency
	text, err := q.Kept("customer values", []any{currency, snap.Viewer.Zone().String(), ids}, func() (string, error) { return customerValueText(q, ids), nil })
	if err != nil {
		return nil, err
	}
	found := map[uuid.UUID]*models.CustomerValue{}
	err = snap.Run(ctx, q, text, func(row access.Row) error {
		var id uuid.UUID
		var won, open *decimal.Decimal
		var since *time.Time // null for an id that was never issued
		value := &models.CustomerValue{}
		if err := row.Scan(&id, &value.OpportunityCount, &won, &open, &value.LastFollowedUpAt, &value.NextFollowUpOn, &since); err != nil {
			return err
		}
		value.WonAmount, value.OpenAmount = models.MoneyOf(won, &currency), models.MoneyOf(open, &currency)
		value.CustomerID = id
		if since != nil {
			days := max(0, int(snap.Viewer.Now.Sub(*since).Hours()/24))
			value.DaysSilent = &days
		}
		found[id] = value
		return nil
	})
	return found, err
}

func customerValueText(q *access.Query, ids []uuid.UUID) string {
	currency := q.Bind(q.Viewer().Company.Currency) + "::text"
	day := "coalesce((o.closed_at at time zone " + q.Bind(q.Viewer().Zone().String()) + "::text)::date, @today)"
	return `select p.id,
		(select count(*) from ` + q.Visible(access.Opportunity, "o") + ` where o.customer_id = p.id and o.status <> 'CANCELLED'),
		v.won, v.open, a.last, a.next, a.since
	from unnest(` + q.Bind(ids) + `::uuid[]) as p (id)
	cross join lateral (select sum(m.amount) filter (where o.status = 'WON') as won, sum(m.amount) filter (where o.status = 'OPEN') as open
		from ` + q.Visible(access.Opportunity, "o") + ` cross join lateral ` + access.Converted("o", currency, day) + ` m where o.customer_id = p.id) as v
	cross join lateral (select max(r.happened_at) filter (where r.happened_at <= @now) as last,
			min(r.next_follow_up_on) filter (where r.next_follow_up_on >= @today) as next,
			coalesce(max(r.happened_at) filter (where r.happened_at <= @now), (select c.created_at from customers c where c.id = p.id)) as since
		from ` + q.Visible(access.Activity, "r") + ` where r.customer_id = p.id) as a`
}
