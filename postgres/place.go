package postgres

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	// socketPathLimit is the longest path of a Unix socket that the kernel takes, in bytes.
	socketPathLimit = 107
	// socketName is the file that a cluster listens on within its socket folder.
	socketName = ".s.PGSQL.5432"
	// locationFile, in the data folder, names the cluster's folder when it had to live elsewhere.
	locationFile = "postgres-location"
	// elsewhere is the parent of a cluster whose data folder its account cannot reach.
	elsewhere = "/var/lib"
)

// PrivateFolder returns the folder of the private cluster that belongs to a
// data folder, and makes its parents. It is home/postgres, unless this is root
// and the user that runs the database cannot reach home: then it is a folder
// under /var/lib, and home/postgres-location names it.
func PrivateFolder(home string) (string, error) {
	home, err := makeHome(home)
	if err != nil {
		return "", err
	}
	recorded, err := os.ReadFile(filepath.Join(home, locationFile))
	if err == nil {
		return strings.TrimSpace(string(recorded)), nil
	}
	folder := filepath.Join(home, "postgres")
	runner, err := chooseAccount(folder)
	if err != nil {
		return "", err
	}
	if !runner.dropped {
		return folder, nil
	}
	if blocked := runner.blockedAt(folder); blocked != "" {
		return folderElsewhere(home, blocked, runner)
	}
	return folder, nil
}

// folderElsewhere makes a reachable folder for the cluster and records it in
// home. The folder is new each time, so that a new home never meets old data.
func folderElsewhere(home, blocked string, runner account) (string, error) {
	if again := runner.blockedAt(filepath.Join(elsewhere, "guanxi")); again != "" {
		return "", fmt.Errorf("the database runs as user %s, who may enter neither %s nor %s: "+
			"choose another GUANXI_HOME, or open one of them with chmod o+x", runner.name, blocked, again)
	}
	parent, err := os.MkdirTemp(elsewhere, "guanxi-"+shortHash(home)+"-")
	if err == nil {
		err = os.Chmod(parent, 0o711)
	}
	if err != nil {
		return "", fmt.Errorf("the database runs as user %s, who may not enter %s, and no folder could be made elsewhere: %w",
			runner.name, blocked, err)
	}
	return recordLocation(home, filepath.Join(parent, "postgres"))
}

// recordLocation writes where the cluster lives, unless another process wrote
// it first; it returns the recorded folder.
func recordLocation(home, folder string) (string, error) {
	draft, err := os.CreateTemp(home, locationFile+"-")
	if err != nil {
		return "", err
	}
	defer os.Remove(draft.Name())
	_, err = draft.WriteString(folder + "\n")
	if err := errors.Join(err, draft.Close()); err != nil {
		return "", err
	}
	record := filepath.Join(home, locationFile)
	if err := os.Link(draft.Name(), record); !errors.Is(err, os.ErrExist) {
		return folder, err
	}
	_ = os.Remove(filepath.Dir(folder))
	recorded, err := os.ReadFile(record)
	return strings.TrimSpace(string(recorded)), err
}

// makeHome makes the data folder and returns its path without links.
func makeHome(home string) (string, error) {
	if home == "" {
		return "", errors.New("no data folder is given: set GUANXI_HOME")
	}
	absolute, err := filepath.Abs(home)
	if err != nil {
		return "", err
	}
	mode := os.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711 // the database's user must pass through it
	}
	if err := os.MkdirAll(absolute, mode); err != nil {
		return "", fmt.Errorf("make the data folder: %w", err)
	}
	return filepath.EvalSymlinks(absolute)
}

// socketFolder returns where a cluster listens: its own folder, or a short
// folder under the temporary one when the socket's path would be too long.
func socketFolder(folder string, runner account) (string, error) {
	if socketFits(folder) {
		return folder, nil
	}
	name := "guanxi-" + shortHash(folder)
	for _, temporary := range []string{os.TempDir(), "/tmp"} {
		short := filepath.Join(temporary, name)
		if !socketFits(short) || runner.blockedAt(short) != "" {
			continue
		}
		return short, runner.privateFolder(short)
	}
	return "", fmt.Errorf("the data folder %s is too long for a socket (%d bytes at most), and so is the temporary folder",
		folder, socketPathLimit)
}

func socketFits(folder string) bool {
	return len(filepath.Join(folder, socketName)) <= socketPathLimit
}

func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}
