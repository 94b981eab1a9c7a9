package simulate_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"guanxi/models"
	"guanxi/simulate"
)

// crowd has a user 1 who asks, to whom some of the customers of 3, of 4 and of nobody are shared, and a user 2 who sees none.
const crowd = `
	insert into users (id, login, name, created_at, updated_at) select f.id(n, 1), n::text, n::text, now(), now() from generate_series(1, 4) n;
	insert into roles (id, code, name, permissions, created_at, updated_at) values (f.id(1, 4), 'r', 'r', '{CUSTOMER_READ,ACCESS_ADMIN}', now(), now());
	insert into user_roles (user_id, role_id) select f.id(n, 1), f.id(1, 4) from generate_series(1, 2) n;
	insert into customers (id, name, kind, lifecycle, owner_id, created_at, updated_at)
		select f.id(n, 16), 'c', 'ORGANIZATION', 'LEAD', case when n > 750 then null when n > 700 then f.id(4, 1) else f.id(3, 1) end, now(), now() from generate_series(1, 800) n;
	insert into shares (id, record_id, subject_id, level, created_at, updated_at)
		select f.id(n, 7), f.id(n, 16), f.id(1, 1), 'OBSERVE', now(), now() from generate_series(1, 800) n
			where n between 130 and 134 or n between 690 and 693 or n between 705 and 740 or n = 799`

// TestTheFirstOfManyRecordsAreNamed gains hundreds of records of one owner, of whom who asks sees few, far apart: he is told of the first that he
// sees, owner by owner, and of nobody's before all.
func TestTheFirstOfManyRecordsAreNamed(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	for _, text := range []string{numbered, crowd} {
		if _, err := c.store.Pool.Exec(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	id := func(n uint32, kind models.KindCode) (id uuid.UUID) {
		binary.BigEndian.PutUint32(id[:], n)
		id[6], id[8], id[15] = 0x70, 0x80, byte(kind)
		return id
	}
	asks, _, err := c.store.Rights(t.Context(), id(1, models.UserCode), c.now)
	if err != nil {
		t.Fatal(err)
	}
	grantee, third, fourth := id(2, models.UserCode), id(3, models.UserCode), id(4, models.UserCode)
	for _, of := range []struct {
		count     int
		over      []*uuid.UUID // nil for everyone
		customers []uint32
	}{
		{700, []*uuid.UUID{&third}, []uint32{130, 131, 132, 133, 134, 690, 691, 692, 693}},
		{50, []*uuid.UUID{&fourth}, []uint32{705, 706, 707, 708, 709, 710, 711, 712, 713, 714}},
		{750, []*uuid.UUID{&fourth, &third}, []uint32{130, 131, 132, 133, 134, 690, 691, 692, 693, 705}},
		{800, []*uuid.UUID{nil}, []uint32{799, 130, 131, 132, 133, 134, 690, 691, 692, 693}},
	} {
		var changes []simulate.Change
		for _, over := range of.over {
			changes = append(changes, simulate.Change{Grant: &models.Grant{GranteeUserID: &grantee, SubjectID: over, Everyone: over == nil, Effect: models.Allow, Level: models.Observe}})
		}
		s, err := simulate.Run(t.Context(), c.store, asks, simulate.Asked{Changes: changes}, nil)
		if err != nil || len(s.Changed) != 1 || len(s.Changed[0].Gained) != 1 {
			t.Fatalf("over %v: %+v, %v", of.over, s, err)
		}
		var want []uuid.UUID
		for _, n := range of.customers {
			want = append(want, id(n, models.CustomerCode))
		}
		if gained := s.Changed[0].Gained[0]; gained.Count != of.count || fmt.Sprint(gained.First) != fmt.Sprint(want) {
			t.Errorf("he gains %d, first %v, want %d, %v", gained.Count, gained.First, of.count, want)
		}
	}
}
