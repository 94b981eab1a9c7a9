package store_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"guanxi/models"
	"guanxi/store"
)

// masks lets a role read contact details of others' records only masked.
func masks(w *world, _, role uuid.UUID) {
	w.exec("update field_rights set access = 'MASKED' where role_id = ? and rule = 'CONTACT_DETAILS' and relation = 'OTHER'", role)
}

func (w *world) share(record, subject uuid.UUID, level string) {
	w.insert(&models.Share{Record: models.Record{ID: models.NewID(models.ShareCode)}, RecordID: record, SubjectID: subject, Level: level})
}

func TestMaskShowsNoWholeValueHoweverItIsWritten(t *testing.T) {
	w := newWorld(t)
	boss, reader := w.user("boss"), w.user("reader", masks)
	contact := w.contact("丽丽", boss)
	w.share(contact, reader, models.Observe)
	shown := func(column string, value any) *string {
		w.exec("update contacts set "+column+" = ? where id = ?", value, contact)
		snap := w.look(reader)
		defer snap.Close(context.Background())
		c, err := store.Contacts.ByID(context.Background(), snap, contact)
		if err != nil {
			t.Fatal(err)
		}
		return map[string]*string{"phone": c.Phone, "email": c.Email, "wechat": c.Wechat}[column]
	}
	for _, c := range []struct{ column, stored, want string }{
		{"phone", "13812345678", "138****5678"}, {"phone", "+86 138 1234 5678", "138****5678"}, {"phone", "(0755) 8613 1234", "075****1234"},
		{"phone", "+1 415 555 2671", "141****2671"}, {"phone", "021-6888", "****"}, {"phone", "6813123", "****"}, {"phone", "ask Lily", "****"},
		{"email", "lily@example.com", "l***@example.com"}, {"email", "l@example.com", "***"}, {"email", "lily at example", "***"},
		{"email", "lily@example.com, 13812345678", "***"}, {"wechat", "lily_wang", "li***"}, {"wechat", "ly", "***"},
	} {
		if got := shown(c.column, c.stored); got == nil || *got != c.want {
			t.Errorf("%s %q is not shown as %q", c.column, c.stored, c.want)
		}
	}
	for _, column := range []string{"phone", "email", "wechat"} {
		if got := shown(column, nil); got != nil {
			t.Errorf("no %s is shown as %q", column, *got)
		}
	}
}
