package postgres

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// postmaster is what a cluster's lock file says about its main process.
type postmaster struct {
	pid          int
	socketFolder string
	stopping     bool
}

// readPostmaster reads postmaster.pid; ok is false when there is none.
func readPostmaster(folder string) (found postmaster, ok bool) {
	text, err := os.ReadFile(pidFile(folder))
	if err != nil {
		return postmaster{}, false
	}
	lines := strings.Split(string(text), "\n")
	line := func(n int) string {
		if n < len(lines) {
			return strings.TrimSpace(lines[n])
		}
		return ""
	}
	found.pid, err = strconv.Atoi(line(0))
	if err != nil || found.pid <= 0 {
		return postmaster{}, false
	}
	found.socketFolder = line(4)
	found.stopping = line(7) == "stopping"
	return found, true
}

func pidFile(folder string) string { return filepath.Join(folder, "postmaster.pid") }

// alive says whether the process is there and, where the machine can tell,
// whether it works in the cluster's folder (ids are used again by others).
func (p postmaster) alive(folder string) bool {
	if err := syscall.Kill(p.pid, 0); errors.Is(err, syscall.ESRCH) {
		return false
	}
	if _, err := os.Stat("/proc/self"); err != nil {
		return true
	}
	return worksIn(strconv.Itoa(p.pid), folder)
}

// processesIn lists the processes that work in a folder: a cluster's postmaster and its children.
func processesIn(folder string) []string {
	var working []string
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		if _, err := strconv.Atoi(entry.Name()); err == nil && worksIn(entry.Name(), folder) {
			working = append(working, entry.Name())
		}
	}
	return working
}

func worksIn(pid, folder string) bool {
	where, err := os.Readlink(filepath.Join("/proc", pid, "cwd"))
	return err == nil && where == folder
}

// removeStaleLock removes the lock files that a killed cluster left behind, if
// the process id in them is used by somebody else now; PostgreSQL would
// take that process for a running cluster. With the id free it looks itself.
func removeStaleLock(folder string, left postmaster) error {
	if err := syscall.Kill(left.pid, 0); errors.Is(err, syscall.ESRCH) {
		return nil
	}
	files := []string{pidFile(folder)}
	if left.socketFolder != "" {
		socket := filepath.Join(left.socketFolder, socketName)
		files = append(files, socket+".lock", socket)
	}
	for _, file := range files {
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
