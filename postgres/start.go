package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// startupLog, in the cluster's folder, holds what PostgreSQL said before its own log began.
const startupLog = "startup.log"

// start runs a cluster that is not running, and makes it first if it is new.
func (c *Cluster) start(ctx context.Context) error {
	if blocked := c.runner.blockedAt(c.folder); c.runner.dropped && blocked != "" {
		return fmt.Errorf("the database runs as user %s, who may not enter %s", c.runner.name, blocked)
	}
	isNew := false
	if _, err := os.Stat(c.folder); errors.Is(err, os.ErrNotExist) {
		isNew = true
	} else if err := c.runner.checkOwner(c.folder); err != nil {
		return err
	}
	wanted := 0
	if !isNew {
		written, err := c.writtenBy()
		if err != nil {
			return err
		}
		wanted = written
	}
	installed, err := findBinaries(ctx, wanted)
	if err != nil {
		return err
	}
	if isNew {
		if err := c.make(ctx, installed); err != nil {
			return err
		}
	}
	if err := c.checkVersion(installed); err != nil {
		return err
	}
	return c.launch(ctx, installed)
}

// make creates the cluster beside its final place and moves it there when it
// is whole, so that an interrupted start leaves nothing half made.
func (c *Cluster) make(ctx context.Context, installed binaries) error {
	c.log.Info("making a private PostgreSQL cluster", "folder", c.folder, "version", installed.major)
	draft := c.folder + ".new"
	if err := os.RemoveAll(draft); err != nil {
		return err
	}
	if err := c.runner.privateFolder(draft); err != nil {
		return fmt.Errorf("make the database's folder: %w", err)
	}
	arguments := []string{
		"--pgdata", draft, "--username", superuser, "--encoding", "UTF8", "--locale", "C.UTF-8",
		"--auth-local", "trust", "--auth-host", "reject",
	}
	if c.options.Fleeting {
		arguments = append(arguments, "--no-sync")
	}
	command := exec.CommandContext(ctx, installed.program("initdb"), arguments...)
	c.prepare(command)
	if out, err := command.CombinedOutput(); ctx.Err() != nil {
		return fmt.Errorf("initdb: %w", ctx.Err())
	} else if err != nil {
		return fmt.Errorf("initdb: %w: %s", err, lastLines(string(out)))
	}
	return os.Rename(draft, c.folder)
}

// launch starts the main process and waits until the cluster answers.
func (c *Cluster) launch(ctx context.Context, installed binaries) error {
	socket, err := socketFolder(c.folder, c.runner)
	if err != nil {
		return err
	}
	c.socket = socket
	c.log.Info("starting the private PostgreSQL", "folder", c.folder, "socket", socket, "user", c.runner.name)
	output, err := c.newStartupLog()
	if err != nil {
		return err
	}
	defer output.Close()
	command := exec.Command(installed.program("postgres"), c.arguments()...)
	c.prepare(command)
	command.Stdout, command.Stderr = output, output
	if err := command.Start(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- command.Wait()
		close(ended)
	}()
	if err := c.waitReady(ctx, ended); err != nil {
		_ = command.Process.Signal(syscall.SIGINT) // a start that was given up leaves nothing running
		<-ended
		return err
	}
	return nil
}

// newStartupLog makes the file anew, never through a link that stands in its place.
func (c *Cluster) newStartupLog() (*os.File, error) {
	path := filepath.Join(c.folder, startupLog)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// prepare gives a command the account, a place to stand and an environment
// without the PG* variables that would lead it elsewhere.
func (c *Cluster) prepare(command *exec.Cmd) {
	command.SysProcAttr = c.runner.attributes()
	command.Dir = "/"
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "PG") {
			command.Env = append(command.Env, variable)
		}
	}
}

// arguments are the main process's: its folder and its settings.
func (c *Cluster) arguments() []string {
	settings := map[string]string{
		"listen_addresses":         "",
		"port":                     "5432",
		"unix_socket_directories":  c.socket,
		"unix_socket_permissions":  "0700",
		"max_connections":          "100",
		"shared_buffers":           strconv.Itoa(sharedBuffers()) + "MB",
		"fsync":                    "on",
		"synchronous_commit":       "on",
		"jit":                      "off",
		"logging_collector":        "on",
		"log_directory":            "log",
		"log_filename":             "postgresql-%a.log",
		"log_truncate_on_rotation": "on",
		"log_rotation_age":         "1d",
		"log_rotation_size":        "0",
		// statements carry people's data: they stay out of the log
		"log_min_error_statement": "panic",
		"log_checkpoints":         "off",
	}
	for name, value := range c.options.Settings {
		settings[name] = value
	}
	arguments := []string{"-D", c.folder}
	for name, value := range settings {
		arguments = append(arguments, "--"+name+"="+value)
	}
	slices.Sort(arguments[2:])
	return arguments
}

// errEnded tells that a cluster that was running ended before it answered.
var errEnded = errors.New("PostgreSQL ended while it was being adopted")

// waitReady waits until the cluster answers. It gives up when the context
// ends or the main process does (ended, for one that this process started).
func (c *Cluster) waitReady(ctx context.Context, ended <-chan error) error {
	began, told := time.Now(), false
	for {
		err := c.ping(ctx)
		if err == nil {
			return nil
		}
		if !told && time.Since(began) > 3*time.Second {
			told = true
			c.log.Info("waiting for PostgreSQL to recover", "log", filepath.Join(c.folder, "log"))
		}
		select {
		case end := <-ended:
			said, _ := os.ReadFile(filepath.Join(c.folder, startupLog))
			return fmt.Errorf("PostgreSQL did not start (%v): %s (more in %s)", end, lastLines(string(said)), filepath.Join(c.folder, "log"))
		case <-ctx.Done():
			return fmt.Errorf("wait for PostgreSQL in %s: %w (last answer: %w)", c.folder, ctx.Err(), err)
		case <-time.After(20 * time.Millisecond):
		}
		if found, ok := readPostmaster(c.folder); ended == nil && (!ok || !found.alive(c.folder)) {
			return errEnded
		}
	}
}

func (c *Cluster) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// sharedBuffers is an eighth of the machine's memory, between 128 and 512 MB.
func sharedBuffers() int {
	const smallest, largest = 128, 512
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return smallest
	}
	var kilobytes int
	if _, err := fmt.Sscanf(string(text), "MemTotal: %d kB", &kilobytes); err != nil {
		return smallest
	}
	return min(max(kilobytes/1024/8, smallest), largest)
}

// lastLines keeps the end of a program's output, on one line.
func lastLines(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	if len(lines) > 4 {
		lines = lines[len(lines)-4:]
	}
	return strings.Join(lines, "; ")
}
