package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// ErrNoBinaries says that the machine has no PostgreSQL server programs.
var ErrNoBinaries = errors.New("PostgreSQL's server programs were not found: " +
	"install them (on Debian: apt-get install postgresql), or set PG_BIN to the folder of initdb and postgres, " +
	"or set GUANXI_DATABASE_URL to a running server")

// debianFolders is where Debian keeps the server programs, one folder a major version.
const debianFolders = "/usr/lib/postgresql/*/bin"

// binaries is one installed PostgreSQL: the folder of its programs and its major version.
type binaries struct {
	folder string
	major  int
}

func (b binaries) program(name string) string { return filepath.Join(b.folder, name) }

// findBinaries returns the server programs to use. A wanted major version
// above 0 is preferred when the machine has it; otherwise the order is
// $PG_BIN, pg_config, the newest of Debian's folders.
func findBinaries(ctx context.Context, wanted int) (binaries, error) {
	if folder := os.Getenv("PG_BIN"); folder != "" {
		found, err := inspectBinaries(ctx, folder)
		if err != nil {
			return binaries{}, fmt.Errorf("PG_BIN=%s: %w", folder, err)
		}
		return found, nil
	}
	var first binaries
	for _, folder := range binaryFolders(ctx) {
		found, err := inspectBinaries(ctx, folder)
		if err != nil {
			continue
		}
		if wanted == 0 || found.major == wanted {
			return found, nil
		}
		if first.folder == "" {
			first = found
		}
	}
	if first.folder == "" {
		return binaries{}, ErrNoBinaries
	}
	return first, nil
}

// binaryFolders lists the folders that may hold server programs, the preferred one first.
func binaryFolders(ctx context.Context) []string {
	var folders []string
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		folders = append(folders, strings.TrimSpace(string(out)))
	}
	debian, _ := filepath.Glob(debianFolders)
	sort.Slice(debian, func(i, j int) bool { return folderVersion(debian[i]) > folderVersion(debian[j]) })
	return append(folders, debian...)
}

// folderVersion reads 15 from /usr/lib/postgresql/15/bin; 0 when there is no number.
func folderVersion(folder string) int {
	major, _ := strconv.Atoi(filepath.Base(filepath.Dir(folder)))
	return major
}

// inspectBinaries checks that a folder holds initdb and postgres and asks for their version.
func inspectBinaries(ctx context.Context, folder string) (binaries, error) {
	found := binaries{folder: folder}
	if _, err := os.Stat(found.program("initdb")); err != nil {
		return found, err
	}
	out, err := exec.CommandContext(ctx, found.program("postgres"), "--version").Output()
	if err != nil {
		return found, fmt.Errorf("ask postgres for its version: %w", err)
	}
	found.major, err = parseMajor(string(out))
	return found, err
}

// parseMajor reads 15 from "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)".
func parseMajor(text string) (int, error) {
	_, version, found := strings.Cut(text, "(PostgreSQL) ")
	if !found {
		return 0, fmt.Errorf("no PostgreSQL version in %q", strings.TrimSpace(text))
	}
	digits := strings.IndexFunc(version, func(r rune) bool { return r < '0' || r > '9' })
	if digits < 0 {
		digits = len(version)
	}
	return strconv.Atoi(version[:digits])
}
