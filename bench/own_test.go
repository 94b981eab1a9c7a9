package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/postgres"
	"guanxi/store"
	"guanxi/store/migrations"
)

// ownStore opens an empty company on a PostgreSQL of its own, which ends with the benchmark: what is measured on gigabytes
// shares no memory with the tests' databases. Nothing is forced to disk.
func ownStore(b *testing.B) *store.Store {
	return storeOn(b, postgres.ClusterOptions{Fleeting: true, Settings: map[string]string{
		"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off", "wal_level": "minimal", "max_wal_senders": "0",
		"max_wal_size": "4GB", "shared_buffers": "2GB",
	}})
}

// keptStore opens an empty company on a PostgreSQL of its own as a server makes one: every commit is forced to disk.
func keptStore(b *testing.B) *store.Store { return storeOn(b, postgres.ClusterOptions{}) }

func storeOn(b *testing.B, options postgres.ClusterOptions) *store.Store {
	folder := filepath.Join(os.TempDir(), fmt.Sprintf("guanxi-bench-%d", os.Getpid()))
	options.Folder = folder
	cluster, err := postgres.JoinCluster(b.Context(), options)
	if err != nil {
		b.Fatal(err)
	}
	var pool *pgxpool.Pool
	b.Cleanup(func() {
		if pool != nil {
			pool.Close()
		}
		if err := cluster.Leave(context.Background()); err != nil {
			b.Error(err)
		}
		for _, ending := range []string{"", ".lock", ".users"} {
			if err := os.RemoveAll(folder + ending); err != nil {
				b.Error(err)
			}
		}
	})
	if pool, err = postgres.NewPool(b.Context(), cluster.URL("postgres"), postgres.Limits{Statement: postgres.Unlimited}); err != nil {
		b.Fatal(err)
	}
	if _, err := migrations.Up(b.Context(), postgres.Bun(pool)); err != nil {
		b.Fatal(err)
	}
	s, err := store.Open(b.Context(), pool)
	if err == nil {
		err = s.Setup(b.Context(), store.SetupOptions{})
	}
	if err != nil {
		b.Fatal(err)
	}
	return s
}
