package sandbox_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/fault"
	"guanxi/internal/pgtest"
	"guanxi/models"
	"guanxi/sandbox"
	"guanxi/store"
)

// end is the instant that the history of the tests' companies ends at.
var end = time.Date(2026, 9, 17, 8, 30, 0, 0, time.UTC)

// emptyCompany opens a database that has been set up and holds nobody.
func emptyCompany(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), pgtest.New(t))
	if err == nil {
		err = s.Setup(t.Context(), store.SetupOptions{Company: sandbox.Company})
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sample opens a copy of the small sample company.
func sample(t *testing.T) *store.Store {
	t.Helper()
	program, err := os.Stat(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	pool := pgtest.Template(t, "sandbox", fmt.Sprint(program.Size(), program.ModTime().UnixNano()), func(ctx context.Context, pool *pgxpool.Pool) error {
		s, err := store.Open(ctx, pool)
		if err == nil {
			err = s.Setup(ctx, store.SetupOptions{Company: sandbox.Company})
		}
		if err != nil {
			return err
		}
		return sandbox.Fill(ctx, s, sandbox.Options{Seed: 1, Until: end})
	})
	s, err := store.Open(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func fill(t *testing.T, s *store.Store, o sandbox.Options) {
	t.Helper()
	o.Until = end
	if o.Size == "" {
		o.Size = "1000"
	}
	if err := sandbox.Fill(context.Background(), s, o); err != nil {
		t.Fatal(err)
	}
}

func number(t *testing.T, s *store.Store, text string, args ...any) (n int) {
	t.Helper()
	if err := s.DB.NewRaw(text, args...).Scan(t.Context(), &n); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return n
}

// filled are the tables that the sample company brings rows to; a condition leaves out those of the setup.
var filled = map[string]string{
	"users": "true", "departments": "true", "memberships": "true", "groups": "true", "group_members": "true", "user_roles": "true",
	"grants": "grantee_user_id is not null", "pools": "true", "pool_members": "true", "shares": "true", "exchange_rates": "true",
	"products": "true", "competitors": "true", "customers": "true", "contacts": "true", "relationships": "true",
	"opportunities": "true", "opportunity_lines": "true", "encounters": "true", "stage_changes": "true", "services": "true",
	"activities": "true", "documents": "true", "document_revisions": "true", "document_readers": "true",
	"audit_entries": "true",
}

func checksums(t *testing.T, s *store.Store) map[string]string {
	t.Helper()
	sums := map[string]string{}
	for table, condition := range filled {
		var sum string
		if err := s.DB.NewRaw("select coalesce(md5(string_agg(r::text, '|' order by r::text)), 'empty') from "+table+" r where "+condition).Scan(t.Context(), &sum); err != nil {
			t.Fatal(err)
		}
		sums[table] = sum
	}
	return sums
}

func TestSameSeedGivesTheSameCompanyAndAnotherSeedAnother(t *testing.T) {
	t.Parallel()
	first, second, other := emptyCompany(t), emptyCompany(t), emptyCompany(t)
	fill(t, first, sandbox.Options{Seed: 7})
	fill(t, second, sandbox.Options{Seed: 7})
	fill(t, other, sandbox.Options{Seed: 8})
	sums, again, others := checksums(t, first), checksums(t, second), checksums(t, other)
	for table, sum := range sums {
		if sum == "empty" {
			t.Errorf("%s has no rows", table)
		}
		if sum != again[table] {
			t.Errorf("%s differs although the seed is the same", table)
		}
		if sum == others[table] {
			t.Errorf("%s is the same although the seed differs", table)
		}
	}
}

func TestFilledOnceByWhoeverComesFirst(t *testing.T) {
	t.Parallel()
	s := emptyCompany(t)
	if done, err := sandbox.Filled(t.Context(), s); done || err != nil {
		t.Fatalf("an empty company counts as filled: %v", err)
	}
	var servers sync.WaitGroup
	for seed := range int64(2) {
		servers.Go(func() { fill(t, s, sandbox.Options{Seed: seed}) })
	}
	servers.Wait()
	if done, err := sandbox.Filled(t.Context(), s); !done || err != nil {
		t.Errorf("filled is %v, %v", done, err)
	}
	if n := number(t, s, "select count(*) from opportunities"); n != 1000 {
		t.Errorf("%d opportunities, want those of one fill", n)
	}
}

func TestFailedFillLeavesNothingAndCanBeTriedAgain(t *testing.T) {
	t.Parallel()
	s := emptyCompany(t)
	full := errors.New("disk is full")
	o := sandbox.Options{Size: "1000", Until: end, PutFile: func(context.Context, string, []byte) error { return full }}
	if err := sandbox.Fill(t.Context(), s, o); !errors.Is(err, full) {
		t.Fatalf("want the cause, got %v", err)
	}
	if n := number(t, s, "select (select count(*) from users) + (select count(*) from opportunities)"); n != 0 {
		t.Errorf("%d rows were left", n)
	}
	fill(t, s, sandbox.Options{})
}

func TestCompanyWithCustomersOfItsOwnIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := emptyCompany(t)
	own := &models.Customer{Name: "Ours", Kind: "ORGANIZATION", Lifecycle: "CUSTOMER"}
	own.ID, own.Version, own.CreatedAt, own.UpdatedAt = models.NewID(models.CustomerCode), 1, end, end
	if _, err := s.DB.NewInsert().Model(own).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := sandbox.Fill(t.Context(), s, sandbox.Options{Size: "1000", Until: end})
	if !fault.Is(err, fault.InUse) {
		t.Errorf("want IN_USE, got %v", err)
	}
	if n := number(t, s, "select count(*) from customers"); n != 1 {
		t.Errorf("%d customers, want the one of its own", n)
	}
}

func TestUnknownSizeIsRefused(t *testing.T) {
	t.Parallel()
	s := emptyCompany(t)
	for _, size := range []string{"huge", "12", "-1", "1e6", "99999999999"} {
		if err := sandbox.Fill(t.Context(), s, sandbox.Options{Size: size}); !fault.Is(err, fault.Invalid) {
			t.Errorf("size %q: %v", size, err)
		}
	}
}

func TestFilesAndProgress(t *testing.T) {
	t.Parallel()
	s := emptyCompany(t)
	files := map[string][]byte{}
	var last, total int64
	fill(t, s, sandbox.Options{
		PutFile: func(_ context.Context, key string, data []byte) error { files[key] = data; return nil },
		Progress: func(done, all int64) {
			if done < last || done > all {
				t.Errorf("progress went from %d to %d of %d", last, done, all)
			}
			last, total = done, all
		},
	})
	if last != total || total == 0 {
		t.Errorf("progress ended at %d of %d", last, total)
	}
	var revisions []models.DocumentRevision
	if err := s.DB.NewSelect().Model(&revisions).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(revisions) != len(files) || len(files) == 0 {
		t.Errorf("%d revisions and %d files", len(revisions), len(files))
	}
	for _, r := range revisions {
		sum := sha256.Sum256(files[r.StorageKey])
		if !slices.Equal(sum[:], r.SHA256) || int(r.Size) != len(files[r.StorageKey]) {
			t.Errorf("the bytes of %s are not what its row says", r.StorageKey)
		}
	}
}

func TestEverybodySignsInWithThePassword(t *testing.T) {
	t.Parallel()
	s := sample(t)
	for _, p := range sandbox.People() {
		var user models.User
		if err := s.DB.NewSelect().Model(&user).Where("login = ?", p.Login).Scan(t.Context()); err != nil {
			t.Fatalf("%s: %v", p.Login, err)
		}
		if user.Name != p.Name || !user.Active || p.Title == "" || p.TitleEn == "" {
			t.Errorf("%+v is not told truly: %+v", p, user)
		}
		if ok, err := argon2id.ComparePasswordAndHash(p.Password, *user.PasswordHash); !ok || err != nil {
			t.Errorf("%s cannot sign in: %v", p.Login, err)
		}
	}
}
