package store_test

import (
	"testing"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/store"
)

func TestWhatIsUsedIsToldToAdministratorsOfAccess(t *testing.T) {
	w := newWorld(t)
	if _, err := store.Usage(t.Context(), w.look(w.user("ann")), nil, nil); err != nil {
		t.Error(err)
	}
	if _, err := store.Usage(t.Context(), w.look(w.user("ben", without(access.AccessAdmin))), nil, nil); !fault.Is(err, fault.PermissionDenied) {
		t.Errorf("somebody without the permission was told: %v", err)
	}
}
