package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asProgram is set in the environment of the processes that are the program itself.
const asProgram = "GUANXI_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Args = append(os.Args[:1], strings.Fields(os.Getenv(asProgram))...)
		main()
	}
	os.Exit(m.Run())
}

// process is a server in a process of its own.
type process struct {
	*exec.Cmd
	address string
	heard   *said
}

var listeningAt = regexp.MustCompile(`Guanxi is at (http://[0-9.:]+)`)

// startProcess starts a server in an environment that is given as NAME=value.
func startProcess(t *testing.T, call string, environment ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(os.Args[0]), heard: &said{}}
	p.Env = append(append(os.Environ(), asProgram+"="+call, "GUANXI_LISTEN=127.0.0.1:0"), environment...)
	stderr, err := p.StderrPipe()
	if err == nil {
		err = p.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Process.Kill() })
	listening := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(io.TeeReader(stderr, p.heard))
		for lines.Scan() {
			if match := listeningAt.FindStringSubmatch(lines.Text()); match != nil {
				listening <- match[1]
			}
		}
	}()
	select {
	case p.address = <-listening:
	case <-time.After(2 * time.Minute):
		t.Fatalf("serve does not listen: %s", p.heard)
	}
	return p
}

// createCustomer makes a customer under a key and gives its id; "" when the server did not answer that it had.
func createCustomer(address, token, key string) string {
	query := fmt.Sprintf(`mutation { customerCreate(input: {name: "kill %s", kind: ORGANIZATION, idempotencyKey: "%s"}) { customer { id } userErrors { message } } }`, key, key)
	_, text, err := post(address, token, query)
	var answer struct {
		Data struct {
			CustomerCreate struct{ Customer struct{ ID string } }
		}
	}
	if err != nil || json.Unmarshal([]byte(text), &answer) != nil {
		return ""
	}
	return answer.Data.CustomerCreate.Customer.ID
}

// TestNothingAcknowledgedIsLostWhenTheServerIsKilled kills a server with SIGKILL while eight clients write, starts it
// again on the database that survived, and has every client repeat what it sent.
func TestNothingAcknowledgedIsLostWhenTheServerIsKilled(t *testing.T) {
	t.Parallel()
	home, err := os.MkdirTemp("", "guanxi-kill-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	if err := os.Chmod(home, 0o755); err != nil { // PostgreSQL runs as another user when we are root
		t.Fatal(err)
	}
	serve := func() *process {
		return startProcess(t, "serve --sandbox 1000", "GUANXI_HOME="+home, "GUANXI_DATABASE_URL=")
	}
	first := serve()
	k := newKeyboard(t, "GUANXI_HOME", home, "GUANXI_DATABASE_URL", "")
	token := strings.TrimSpace(k.good("token", "--user", "admin"))

	acknowledged, sent := writeUntilKilled(first, token)
	if len(acknowledged) < 20 || len(sent) == len(acknowledged) {
		t.Fatalf("%d of %d writes were acknowledged: the server was not killed in the midst of them", len(acknowledged), len(sent))
	}
	second := serve()
	if !strings.Contains(second.heard.String(), "running already") {
		t.Errorf("the second server did not adopt the database: %s", second.heard)
	}
	for _, key := range sent {
		id := createCustomer(second.address, token, key)
		if before := acknowledged[key]; id == "" || before != "" && id != before {
			t.Errorf("%s was acknowledged as %q before and is %q now", key, before, id)
		}
	}
	_, text := ask(t, second.address, token, `{ customers(where: {name: {startsWith: "kill "}}) { totalCount } }`)
	if want := fmt.Sprintf(`"totalCount":%d}`, len(sent)); !strings.Contains(text, want) {
		t.Errorf("of %d customers sent there are %s", len(sent), text)
	}
	began := time.Now()
	if err := second.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := second.Wait(); err != nil || time.Since(began) > 10*time.Second {
		t.Errorf("stopping took %s: %v", time.Since(began), err)
	}
}

// writeUntilKilled lets clients write, kills the server, and gives the ids acknowledged by key and all keys sent.
func writeUntilKilled(p *process, token string) (acknowledged map[string]string, sent []string) {
	acknowledged = map[string]string{}
	var mu sync.Mutex
	var clients sync.WaitGroup
	for client := range 8 {
		clients.Go(func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("%d-%d", client, i)
				mu.Lock()
				sent = append(sent, key)
				mu.Unlock()
				id := createCustomer(p.address, token, key)
				if id == "" {
					return
				}
				mu.Lock()
				acknowledged[key] = id
				mu.Unlock()
			}
		})
	}
	for began := time.Now(); time.Since(began) < 30*time.Second; time.Sleep(5 * time.Millisecond) {
		mu.Lock()
		enough := len(acknowledged) >= 60
		mu.Unlock()
		if enough {
			break
		}
	}
	_ = p.Process.Signal(syscall.SIGKILL)
	_ = p.Wait()
	clients.Wait()
	return acknowledged, sent
}
