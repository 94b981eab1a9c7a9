package postgres

import (
	"context"
	"time"
)

// Pauses between two looks at whether the private cluster runs.
const (
	keepPause  = time.Second
	retryPause = 10 * time.Second // after a start that failed
)

// keep starts the cluster again whenever it has ended, until the context ends.
func (c *Cluster) keep(ctx context.Context) {
	pause := keepPause
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = keepPause
		if found, ok := readPostmaster(c.folder); ok && found.alive(c.folder) {
			continue
		}
		if err := c.revive(ctx); err != nil && ctx.Err() == nil {
			c.log.Error("the private PostgreSQL has ended and does not start again", "cause", err)
			pause = retryPause
		}
	}
}

// revive starts a cluster that has ended, unless another process has done so already.
func (c *Cluster) revive(ctx context.Context) error {
	gate, err := c.enterGate(ctx)
	if err != nil {
		return err
	}
	defer gate.release()
	running, err := c.adopt(ctx)
	if err != nil || running {
		return err
	}
	if _, err := c.writtenBy(); err != nil {
		return err // the data is gone: to begin anew is not for a running server
	}
	c.log.Warn("the private PostgreSQL has ended: starting it again")
	return c.start(ctx)
}
