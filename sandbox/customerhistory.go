package sandbox

import (
	"time"

	"github.com/google/uuid"

	"guanxi/models"
	"guanxi/store"
)

// remember writes the history of a customer: how it was entered, and to whom its first owner left it.
func (a *acquiring) remember(k *client, row *models.Customer) {
	if k.before < 0 || !k.handed.After(k.since) {
		row.Record = born(row.ID, k.since, k.since, 1)
		a.told(row, *row.CreatedBy, "CREATE", k.since, store.Made(row))
		return
	}
	entered, first := *row, a.staff[k.before].id
	entered.OwnerID, entered.PoolID = &first, nil
	a.told(row, *row.CreatedBy, "CREATE", k.since, store.Made(&entered))
	changes, action, by := map[string]store.Change{}, "TRANSFER", a.person("admin")
	compare(changes, "owner_id", &first, row.OwnerID)
	if row.PoolID != nil {
		action, by = "RELEASE", first
		compare(changes, "pool_id", nil, row.PoolID)
	}
	a.told(row, by, action, k.handed, changes)
}

func (a *acquiring) told(row *models.Customer, by uuid.UUID, action string, at time.Time, changes map[string]store.Change) {
	entry, err := store.Past{Record: row.ID, Actor: by, Action: action, At: at, Changes: changes}.Entry(a.past.id(models.AuditEntryCode, at))
	if err != nil {
		a.entriesErr = err
		return
	}
	a.entries = append(a.entries, entry)
}
