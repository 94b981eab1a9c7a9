package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// account is the operating-system user that a cluster's processes run as.
// PostgreSQL refuses to run as root, so root hands it to another user.
type account struct {
	name    string
	uid     uint32
	gid     uint32
	groups  []uint32
	dropped bool // true when it is not the user of this process
}

// chooseAccount returns who runs the cluster in a folder: this process's user,
// or, for root, the owner of an existing cluster, else postgres, else nobody.
func chooseAccount(folder string) (account, error) {
	if os.Geteuid() != 0 {
		return account{name: "you", uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}, nil
	}
	if owner, ok := ownerOf(folder); ok && owner != 0 {
		if found, err := user.LookupId(strconv.Itoa(int(owner))); err == nil {
			return droppedAccount(found)
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		if found, err := user.Lookup(name); err == nil {
			return droppedAccount(found)
		}
	}
	return account{}, errors.New("PostgreSQL does not run as root, and this machine has neither a user postgres nor a user nobody to run it as")
}

func droppedAccount(found *user.User) (account, error) {
	uid, err := strconv.ParseUint(found.Uid, 10, 32)
	if err != nil {
		return account{}, fmt.Errorf("user %s has uid %q: %w", found.Username, found.Uid, err)
	}
	gid, err := strconv.ParseUint(found.Gid, 10, 32)
	if err != nil {
		return account{}, fmt.Errorf("user %s has gid %q: %w", found.Username, found.Gid, err)
	}
	groups := []uint32{uint32(gid)}
	ids, _ := found.GroupIds()
	for _, id := range ids {
		if group, err := strconv.ParseUint(id, 10, 32); err == nil && uint32(group) != uint32(gid) {
			groups = append(groups, uint32(group))
		}
	}
	return account{name: found.Username, uid: uint32(uid), gid: uint32(gid), groups: groups, dropped: true}, nil
}

// attributes makes a child process run as the account, in a session of its
// own so that the terminal's Ctrl-C does not reach it.
func (a account) attributes() *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Setsid: true}
	if a.dropped {
		attributes.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid, Groups: a.groups}
	}
	return attributes
}

// privateFolder makes a folder that only the account (and root) can enter.
// A folder that is there already must belong to the account.
func (a account) privateFolder(folder string) error {
	err := os.Mkdir(folder, 0o700)
	if err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	if err == nil && a.dropped {
		if err := os.Chown(folder, int(a.uid), int(a.gid)); err != nil {
			return err
		}
	}
	return a.checkOwner(folder)
}

// checkOwner refuses a folder that is a link, or that belongs to somebody else.
func (a account) checkOwner(folder string) error {
	info, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a folder", folder)
	}
	if owner, ok := ownerOf(folder); ok && owner != a.uid {
		return fmt.Errorf("%s belongs to the user with id %d, but the database would run as %s (id %d): "+
			"run as its owner, or choose another data folder", folder, owner, a.name, a.uid)
	}
	return nil
}

// blockedAt returns the first folder on the way down to path that the account
// may not enter, or "" when it can reach path. Folders not yet there are passed over.
func (a account) blockedAt(path string) string {
	for _, folder := range ancestors(path) {
		info, err := os.Stat(folder)
		if err != nil {
			return ""
		}
		if !a.maySearch(info) {
			return folder
		}
	}
	return ""
}

func (a account) maySearch(info os.FileInfo) bool {
	mode := info.Mode().Perm()
	owner, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case ok && owner.Uid == a.uid:
		return mode&0o100 != 0
	case ok && (owner.Gid == a.gid || slices.Contains(a.groups, owner.Gid)):
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}

// ancestors lists the folders above path, the root folder first.
func ancestors(path string) []string {
	var folders []string
	for folder := filepath.Dir(path); ; folder = filepath.Dir(folder) {
		folders = append(folders, folder)
		if folder == filepath.Dir(folder) {
			break
		}
	}
	slices.Reverse(folders)
	return folders
}

func ownerOf(path string) (uint32, bool) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return owner.Uid, true
}
