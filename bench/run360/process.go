package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a server that was started for measuring.
type process struct {
	*exec.Cmd
	url   string
	mu    sync.Mutex
	lines []string // the last that it said
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// start runs a program, and waits until it says where it listens.
func start(ctx context.Context, folder string, environment []string, name string, arguments ...string) (*process, error) {
	p := &process{Cmd: exec.CommandContext(ctx, name, arguments...)}
	p.Env, p.Dir, p.WaitDelay = append(os.Environ(), environment...), folder, 10*time.Second
	p.Cancel = func() error { return p.Process.Signal(syscall.SIGTERM) }
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p.Stdout, p.Stderr = in, in
	err = p.Start()
	in.Close()
	if err != nil {
		return nil, err
	}
	found := make(chan string, 1)
	go p.listen(out, found)
	select {
	case p.url = <-found:
	case <-time.After(5 * time.Minute):
	}
	if p.url == "" {
		p.stop()
		return nil, fmt.Errorf("%s does not say where it listens: %s", name, strings.Join(p.said(), "; "))
	}
	return p, nil
}

// listen keeps what the process says, and finds the first address in it.
func (p *process) listen(out io.ReadCloser, found chan string) {
	defer out.Close()
	defer close(found)
	told := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		p.mu.Lock()
		p.lines = append(p.lines, lines.Text())
		p.lines = p.lines[max(0, len(p.lines)-50):]
		p.mu.Unlock()
		if at := address.FindString(lines.Text()); at != "" && !told {
			found <- at
			told = true
		}
	}
}

func (p *process) said() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.lines)
}

func (p *process) stop() {
	_ = p.Cancel()
	_ = p.Wait()
}

// worked is how long the processor has worked for the process: all its threads, in hundredths of a second.
func (p *process) worked() time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Process.Pid))
	_, after, _ := strings.Cut(string(text), ") ") // behind the name
	var user, system int64
	if fields := strings.Fields(after); len(fields) > 12 {
		_, _ = fmt.Sscan(fields[11]+" "+fields[12], &user, &system)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// tells waits until the process has said something; a quarter of an hour at most.
func (p *process) tells(ctx context.Context, what string) error {
	ends := time.Now().Add(15 * time.Minute)
	for !slices.ContainsFunc(p.said(), func(line string) bool { return strings.Contains(line, what) }) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
		if time.Now().After(ends) {
			return fmt.Errorf("%q was not said, but %s", what, strings.Join(p.said(), "; "))
		}
	}
	return nil
}

// rest waits until the process has nothing more to do of its own accord, such as loading what it keeps in memory; five minutes at most.
func (p *process) rest(ctx context.Context) {
	const look = 2 * time.Second
	ends := time.Now().Add(5 * time.Minute)
	for before := p.worked(); time.Now().Before(ends); {
		select {
		case <-ctx.Done():
			return
		case <-time.After(look):
		}
		now := p.worked()
		if now-before < look/20 {
			return
		}
		before = now
	}
}

// workedOf is the same of each process with one thread, such as PostgreSQL's, to the nanosecond.
func workedOf(pids []int) map[int]time.Duration {
	each := map[int]time.Duration{}
	for _, pid := range pids {
		var one int64
		if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid)); err == nil {
			_, _ = fmt.Sscan(string(text), &one)
			each[pid] = time.Duration(one)
		}
	}
	return each
}

// memory is how much the process holds, and the most that it held, in MiB.
func (p *process) memory() (now, most int) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
	for line := range strings.Lines(string(text)) {
		_, _ = fmt.Sscanf(line, "VmRSS: %d kB", &now)
		_, _ = fmt.Sscanf(line, "VmHWM: %d kB", &most)
	}
	return now >> 10, most >> 10
}
