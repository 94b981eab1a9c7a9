package pgtest

import (
	"context"
	_ "embed"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/postgres"
)

// reaper waits until no process uses the cluster, then stops and removes it.
//
//go:embed reaper.sh
var reaper string

const (
	memory = "/dev/shm"
	// roomNeeded is the free memory disk, in bytes, below which databases live in the temporary folder.
	roomNeeded = 2 << 30
	// setupPatience is how long making the cluster or a template may take.
	setupPatience = 3 * time.Minute
)

// host is the cluster that this process's test databases live in.
type host struct {
	cluster *postgres.Cluster
	admin   *pgxpool.Pool
	serial  atomic.Int64
	drops   chan string

	mu        sync.Mutex
	templates map[string]*sync.Once
	failures  map[string]error
}

// sharedFolder is where the machine's test cluster lives: in memory if there is room.
func sharedFolder() string {
	parent := os.TempDir()
	var disk syscall.Statfs_t
	if err := syscall.Statfs(memory, &disk); err == nil && disk.Bavail*uint64(disk.Bsize) >= roomNeeded {
		parent = memory
	}
	return filepath.Join(parent, "guanxi-test-"+strconv.Itoa(os.Geteuid()))
}

// join starts or adopts the cluster in a folder. The kernel notes when this
// process ends; the reaper acts when the last one did.
func join(ctx context.Context, folder string, idle time.Duration) (*host, error) {
	ctx, cancel := context.WithTimeout(ctx, setupPatience)
	defer cancel()
	cluster, err := postgres.JoinCluster(ctx, postgres.ClusterOptions{
		Folder:   folder,
		Fleeting: true,
		Settings: map[string]string{
			"fsync":              "off",
			"synchronous_commit": "off",
			"full_page_writes":   "off",
			"autovacuum":         "off",
			"max_connections":    "300",
			"shared_buffers":     "128MB",
			"max_wal_size":       "256MB",
			"wal_level":          "minimal",
			"max_wal_senders":    "0",
		},
	})
	if err != nil {
		return nil, err
	}
	if err := startReaper(cluster.Folder(), idle); err != nil {
		return nil, err
	}
	admin, err := postgres.NewPool(ctx, cluster.URL("postgres"), postgres.Limits{
		Statement: postgres.Unlimited, Lock: postgres.Unlimited, Connections: 8,
	})
	if err != nil {
		return nil, err
	}
	h := &host{
		cluster: cluster, admin: admin, drops: make(chan string, 10_000),
		templates: map[string]*sync.Once{}, failures: map[string]error{},
	}
	go h.dropInBackground()
	return h, h.sweep(ctx)
}

// startReaper starts the reaper beside this process; a second one ends by itself.
func startReaper(folder string, idle time.Duration) error {
	command := exec.Command("sh", "-c", reaper, "guanxi-test-reaper", folder, strconv.Itoa(int(idle.Seconds())))
	command.Dir = "/"
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := command.Start(); err != nil {
		return fmt.Errorf("start the reaper of test databases: %w", err)
	}
	go func() { _ = command.Wait() }()
	return nil
}

// clone makes a database from a template and returns its address.
func (h *host) clone(ctx context.Context, from template) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, setupPatience)
	defer cancel()
	if err := h.prepare(ctx, from); err != nil {
		return "", err
	}
	name := fmt.Sprintf("t_%d_%d", os.Getpid(), h.serial.Add(1))
	return h.cluster.URL(name), createFrom(ctx, h.admin, name, from.database)
}

// drop removes a database some time later.
func (h *host) drop(address string) {
	parsed, err := url.Parse(address)
	if err != nil {
		return
	}
	h.drops <- strings.TrimPrefix(parsed.Path, "/")
}

func (h *host) dropInBackground() {
	for name := range h.drops {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		_, _ = h.admin.Exec(ctx, "drop database if exists "+pgx.Identifier{name}.Sanitize()+" with (force)")
		cancel()
	}
}

// sweep lets go of the databases of test processes that were killed, or ended before they had dropped all.
func (h *host) sweep(ctx context.Context) error {
	rows, err := h.admin.Query(ctx, `select datname from pg_database where datname like 't\_%'`)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		var pid, serial int
		if _, err := fmt.Sscanf(name, "t_%d_%d", &pid, &serial); err == nil && syscall.Kill(pid, 0) == syscall.ESRCH {
			h.drops <- name
		}
	}
	return nil
}
