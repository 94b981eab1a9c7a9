package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// wire stands between a server and PostgreSQL and counts how often the server speaks and then waits: trips there and back.
type wire struct {
	net.Listener
	folder string
	trips  atomic.Int64
}

const socket = ".s.PGSQL.5432"

// newWire listens in a folder of its own, and passes on what it hears to the socket in another.
func newWire(folder, to string) (*wire, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	_ = os.Remove(filepath.Join(folder, socket))
	listener, err := net.Listen("unix", filepath.Join(folder, socket))
	if err != nil {
		return nil, err
	}
	w := &wire{Listener: listener, folder: folder}
	go func() {
		for {
			here, err := w.Accept()
			if err != nil {
				return
			}
			there, err := net.Dial("unix", filepath.Join(to, socket))
			if err != nil {
				here.Close()
				continue
			}
			w.join(here, there)
		}
	}()
	return w, nil
}

func (w *wire) join(here, there net.Conn) {
	var answered atomic.Bool
	answered.Store(true)
	var once sync.Once
	end := func() { once.Do(func() { here.Close(); there.Close() }) }
	go func() {
		defer end()
		_, _ = io.Copy(there, heard{here, func() {
			if answered.Swap(false) {
				w.trips.Add(1)
			}
		}})
	}()
	go func() {
		defer end()
		_, _ = io.Copy(here, heard{there, func() { answered.Store(true) }})
	}()
}

// heard tells when something is read.
type heard struct {
	io.Reader
	tell func()
}

func (h heard) Read(to []byte) (int, error) {
	n, err := h.Reader.Read(to)
	if n > 0 {
		h.tell()
	}
	return n, err
}

var statements = regexp.MustCompile(`msg=answered .*statements=(\d+)`)

// lean watches a server that keeps no copies of records in memory. It tells how many statements and trips a Customer360 takes of
// customers with little and with much, the least of some tries, as a server also does other things by the way; and how many MiB the
// server holds when it has been asked for a while.
func (m *measuring) lean(ctx context.Context, database string) (told string, memory int, err error) {
	w, err := newWire(filepath.Join(m.home+"-files", "wire"), m.place.socket())
	if err != nil {
		return "", 0, err
	}
	defer w.Close()
	c, err := m.startGuanxi(ctx, "watched", database, w.folder, "GUANXI_DEBUG=1", "GUANXI_SEARCH=off", "GUANXI_NET=off")
	if err != nil {
		return "", 0, err
	}
	defer c.stop()
	who := m.whose[0]
	for _, some := range []struct {
		name string
		of   string
	}{{"few", "asc"}, {"most", "desc"}} {
		var customer uuid.UUID
		var n int
		err := m.admin.QueryRow(ctx, `select customer_id, count(*) from activities where deleted_at is null and customer_id in (select id from customers where deleted_at is null and owner_id is not null)
			group by 1 order by 2 `+some.of+`, 1 limit 1`).Scan(&customer, &n)
		if err != nil {
			return "", 0, err
		}
		least, number := int64(1<<62), 0
		a := m.asker(c, questions()[0], who, 1)
		a.picks.busy = []uuid.UUID{customer}
		for range 8 {
			before := w.trips.Load()
			if _, err := a.ask(ctx, a.body(0)); err != nil {
				return "", 0, err
			}
			time.Sleep(50 * time.Millisecond) // what is done after the answer belongs to it
			least = min(least, w.trips.Load()-before)
		}
		for _, line := range c.process.said() {
			if found := statements.FindStringSubmatch(line); found != nil {
				number, _ = strconv.Atoi(found[1])
			}
		}
		told += fmt.Sprintf("; of a customer with %d activities: %d statements, %d trips to PostgreSQL with what is kept after the answer", n, number, least)
	}
	if _, err := m.asker(c, questions()[0], who, 8).load(ctx, 8, 2*m.turn); err != nil {
		return "", 0, err
	}
	memory, _ = c.process.memory()
	return told[2:], memory, nil
}
