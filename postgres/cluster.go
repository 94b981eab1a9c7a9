package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// superuser is the database role that owns a private cluster.
const superuser = "guanxi"

// ClusterOptions say where a private cluster lives and how it is set up.
type ClusterOptions struct {
	Folder   string            // its data; the parent must be there, the folder need not
	Settings map[string]string // configuration beside, or instead of, the defaults
	Fleeting bool              // its data may be lost: nothing is forced to disk while it is made
	Log      *slog.Logger      // told what is being done; nil is silent
}

// Cluster is a private PostgreSQL cluster that this process uses. Every
// process that joined counts as a user of it until it leaves or dies.
type Cluster struct {
	folder  string
	socket  string // folder of the Unix socket
	gate    string // path of the lock that starting and stopping takes
	users   *fileLock
	runner  account
	log     *slog.Logger
	options ClusterOptions
}

// JoinCluster makes the cluster if it is not there, starts it if it does not
// run, adopts it if it does, and counts this process among its users. It
// returns when the cluster answers.
func JoinCluster(ctx context.Context, options ClusterOptions) (*Cluster, error) {
	folder, err := resolveFolder(options.Folder)
	if err != nil {
		return nil, err
	}
	c := &Cluster{folder: folder, gate: folder + ".lock", log: options.Log, options: options}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.runner, err = chooseAccount(folder)
	if err != nil {
		return nil, err
	}
	gate, err := c.enterGate(ctx)
	if err != nil {
		return nil, err
	}
	defer gate.release()
	if err := c.join(ctx); err != nil {
		c.users.release()
		return nil, err
	}
	return c, nil
}

// join does the work of JoinCluster while it holds the gate.
func (c *Cluster) join(ctx context.Context) error {
	users, err := openLock(c.folder + ".users")
	if err != nil {
		return err
	}
	c.users = users
	if err := users.take(ctx, false); err != nil {
		return err
	}
	if err := os.Chtimes(users.file.Name(), time.Now(), time.Now()); err != nil {
		return err
	}
	running, err := c.adopt(ctx)
	if err != nil || running {
		return err
	}
	return c.start(ctx)
}

// Leave ends this process's use of the cluster and stops it when nobody else uses it.
func (c *Cluster) Leave(ctx context.Context) error {
	gate, err := c.enterGate(ctx)
	if err != nil {
		return err
	}
	defer gate.release()
	defer c.users.release()
	last, err := c.users.try(true)
	if err != nil || !last {
		return err
	}
	return c.stop(ctx)
}

// URL returns the address of a database in the cluster.
func (c *Cluster) URL(database string) string {
	query := url.Values{"host": {c.socket}, "user": {superuser}, "sslmode": {"disable"}}
	address := url.URL{Scheme: "postgres", Path: "/" + database, RawQuery: query.Encode()}
	return address.String()
}

// Folder returns where the cluster's data lives.
func (c *Cluster) Folder() string { return c.folder }

func (c *Cluster) enterGate(ctx context.Context) (*fileLock, error) {
	gate, err := openLock(c.gate)
	if err != nil {
		return nil, err
	}
	if err := gate.take(ctx, true); err != nil {
		gate.release()
		return nil, err
	}
	return gate, nil
}

// adopt takes over a cluster that runs already. A cluster that is on its way
// down is waited for, and counts as not running.
func (c *Cluster) adopt(ctx context.Context) (bool, error) {
	found, ok := readPostmaster(c.folder)
	if !ok {
		return false, nil
	}
	if found.alive(c.folder) && !found.stopping {
		if err := c.runner.checkOwner(c.folder); err != nil {
			return false, err
		}
		c.log.Info("using the private PostgreSQL that is running already", "folder", c.folder, "process", found.pid)
		c.socket = found.socketFolder
		if err := c.waitReady(ctx, nil); !errors.Is(err, errEnded) {
			return true, err
		}
	}
	if err := c.waitGone(ctx, found); err != nil {
		return false, err
	}
	return false, removeStaleLock(c.folder, found)
}

// stop shuts the cluster down: connections are ended, data is written, nothing is lost.
func (c *Cluster) stop(ctx context.Context) error {
	found, ok := readPostmaster(c.folder)
	if !ok || !found.alive(c.folder) {
		return nil
	}
	c.log.Info("stopping the private PostgreSQL", "process", found.pid)
	err := syscall.Kill(found.pid, syscall.SIGINT)
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop PostgreSQL (process %d): %w", found.pid, err)
	}
	if err := c.waitGone(ctx, found); err != nil {
		return err
	}
	if c.socket != c.folder {
		_ = os.Remove(c.socket) // a short folder of its own, empty now
	}
	return nil
}

// waitGone waits until no process of the cluster is left.
func (c *Cluster) waitGone(ctx context.Context, found postmaster) error {
	for found.alive(c.folder) || len(processesIn(c.folder)) > 0 {
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for PostgreSQL (process %d) to stop: %w", found.pid, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// checkVersion refuses data that another major version of PostgreSQL wrote.
func (c *Cluster) checkVersion(installed binaries) error {
	written, err := c.writtenBy()
	if err != nil || written == installed.major {
		return err
	}
	return fmt.Errorf("the database in %s was made by PostgreSQL %d, and %s is PostgreSQL %d: "+
		"install version %d (on Debian: apt-get install postgresql-%d) or set PG_BIN to its programs, or move the data with pg_upgrade",
		c.folder, written, installed.folder, installed.major, written, written)
}

// writtenBy returns the major version that the cluster's data was written by.
func (c *Cluster) writtenBy() (int, error) {
	text, err := os.ReadFile(filepath.Join(c.folder, "PG_VERSION"))
	if err != nil {
		return 0, fmt.Errorf("%s is not a PostgreSQL data folder: %w", c.folder, err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("%s/PG_VERSION: %w", c.folder, err)
	}
	return major, nil
}

// resolveFolder returns the folder's path without links, as the kernel would say it.
func resolveFolder(folder string) (string, error) {
	parent, err := filepath.Abs(filepath.Dir(folder))
	if err != nil {
		return "", err
	}
	parent, err = filepath.EvalSymlinks(parent)
	return filepath.Join(parent, filepath.Base(folder)), err
}
