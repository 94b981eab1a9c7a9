package sandbox_test

import (
	"os"
	"runtime"
	"testing"
	"time"

	"guanxi/sandbox"
)

// TestLargeCompanyInBoundedMemory runs by hand: GUANXI_SANDBOX_SIZE=200000 go test -run Large -timeout 0 -v ./sandbox
func TestLargeCompanyInBoundedMemory(t *testing.T) {
	size := os.Getenv("GUANXI_SANDBOX_SIZE")
	if size == "" {
		t.Skip("takes minutes: set GUANXI_SANDBOX_SIZE to a number of opportunities")
	}
	s := emptyCompany(t)
	began := time.Now()
	var most uint64
	fill(t, s, sandbox.Options{Size: size, Progress: func(int64, int64) {
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		most = max(most, memory.HeapInuse)
	}})
	t.Logf("%s opportunities in %s with at most %d MiB of heap", size, time.Since(began).Round(time.Second), most>>20)
	if most > 512<<20 {
		t.Errorf("%d MiB of heap were in use", most>>20)
	}
}
