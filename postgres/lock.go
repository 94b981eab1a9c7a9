package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// lockPatience is the pause between two tries at a lock that another process holds.
const lockPatience = 20 * time.Millisecond

// fileLock is a lock between processes. The kernel lets go of it when its
// holder dies, however it dies.
type fileLock struct{ file *os.File }

// openLock opens (and makes) a lock file without taking the lock.
func openLock(path string) (*fileLock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	return &fileLock{file: file}, nil
}

// try takes the lock (alone, or shared with others) if that needs no waiting.
func (l *fileLock) try(alone bool) (bool, error) {
	how := syscall.LOCK_SH
	if alone {
		how = syscall.LOCK_EX
	}
	err := syscall.Flock(int(l.file.Fd()), how|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		return false, nil
	}
	return err == nil, err
}

// take waits for the lock until the context ends.
func (l *fileLock) take(ctx context.Context, alone bool) error {
	for {
		taken, err := l.try(alone)
		if err != nil {
			return fmt.Errorf("lock %s: %w", l.file.Name(), err)
		}
		if taken {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for lock %s: %w", l.file.Name(), ctx.Err())
		case <-time.After(lockPatience):
		}
	}
}

// release lets go of the lock and closes its file. It unlocks in so many
// words, because a program that is being started at this moment holds a copy
// of every open file until it runs. Releasing twice does no harm.
func (l *fileLock) release() {
	if l != nil {
		_ = syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN)
		_ = l.file.Close()
	}
}

// takeServerLock makes this process the one server of a data folder.
func takeServerLock(path string) (*fileLock, error) {
	lock, err := openLock(path)
	if err != nil {
		return nil, err
	}
	taken, err := lock.try(true)
	if err != nil {
		lock.release()
		return nil, err
	}
	if !taken {
		holder, _ := os.ReadFile(path)
		lock.release()
		return nil, fmt.Errorf("another Guanxi server (process %s) is already running on this data folder: "+
			"stop it, or choose another GUANXI_HOME", strings.TrimSpace(string(holder)))
	}
	_ = lock.file.Truncate(0)
	_, err = lock.file.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	if err != nil {
		lock.release()
		return nil, fmt.Errorf("write lock %s: %w", path, err)
	}
	return lock, nil
}
