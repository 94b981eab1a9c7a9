package store

import (
	"context"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// ProductCreate makes a product; one with a price and no currency is priced in the company's.
func (s *Store) ProductCreate(ctx context.Context, v *access.Viewer, q Request, input map[string]any) (uuid.UUID, error) {
	return Products.Create(ctx, s, v, q, input, func(tx *Tx, p *models.Product) error {
		p.Active = given(input["active"], true)
		return tx.checkProduct(p)
	}, nil)
}

// ProductUpdate changes a product.
func (s *Store) ProductUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, input map[string]any) (uuid.UUID, error) {
	return Products.Update(ctx, s, v, q, id, version, input, func(tx *Tx, _, p *models.Product) error { return tx.checkProduct(p) })
}

func (tx *Tx) checkProduct(p *models.Product) error {
	if p.ListPrice == nil {
		return nil
	}
	if p.ListPrice.IsNegative() {
		return fault.Refuse(fault.Invalid, fault.Say("A price is not below 0.", "价格不能小于 0。")).At("input", "listPrice")
	}
	if p.Currency == nil {
		currency := tx.Viewer.Company.Currency
		p.Currency = &currency
	}
	return nil
}
