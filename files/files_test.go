package files_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"guanxi/fault"
	"guanxi/files"
)

func open(t *testing.T) (*files.Folder, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	folder, err := files.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Close() })
	return folder, dir
}

func count(t *testing.T, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAPlaceThatDoesNotAnswerIsUnavailable(t *testing.T) {
	folder, dir := open(t)
	if err := errors.Join(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := folder.Put(t.Context(), "2026/03/x", strings.NewReader("x")); !fault.Is(err, fault.Unavailable) {
		t.Errorf("put in: %v", err)
	}
	if _, err := folder.Get(t.Context(), "2026/03/x"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("read: %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := folder.Put(ended, "2026/03/x", strings.NewReader("x")); fault.Is(err, fault.Unavailable) {
		t.Errorf("a request that ended: %v", err)
	}
}

func TestBytesComeBackAsTheyWerePutIn(t *testing.T) {
	folder, _ := open(t)
	content := append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("页"), 4000)...)
	key := files.NewKey(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	stored, err := folder.Put(t.Context(), key, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	if stored.Size != int64(len(content)) || !bytes.Equal(stored.SHA256, sum[:]) || stored.MediaType != "application/pdf" {
		t.Errorf("put in %d bytes of PDF, told %+v", len(content), stored)
	}
	if !strings.HasPrefix(key, "2026/03/") {
		t.Errorf("key %q", key)
	}
	file, err := folder.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	got, err := io.ReadAll(file)
	if err != nil || !bytes.Equal(got, content) || file.Size != stored.Size {
		t.Errorf("got %d bytes back, size %d, %v", len(got), file.Size, err)
	}
}

func TestWhatIsSentIsJudgedByItsBytes(t *testing.T) {
	folder, _ := open(t)
	for content, want := range map[string]string{
		"<html><script>alert(1)</script></html>": "text/html; charset=utf-8",
		"":                                       "text/plain",
		"\x89PNG\r\n\x1a\n0000":                  "image/png",
	} {
		stored, err := folder.Put(t.Context(), files.NewKey(time.Now()), strings.NewReader(content))
		if err != nil || stored.MediaType != want {
			t.Errorf("%q is told to be %q, %v", content, stored.MediaType, err)
		}
	}
}

func TestNothingIsKeptOfAFileThatCouldNotBeRead(t *testing.T) {
	folder, dir := open(t)
	broken := io.MultiReader(bytes.NewReader(make([]byte, 100_000)), iotest.ErrReader(errors.New("the line was cut")))
	if _, err := folder.Put(t.Context(), files.NewKey(time.Now()), broken); err == nil || !strings.Contains(err.Error(), "the line was cut") {
		t.Errorf("told %v", err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := folder.Put(stopped, files.NewKey(time.Now()), strings.NewReader("x")); err == nil {
		t.Error("a file was kept for a request that had ended")
	}
	if n := count(t, dir); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

func TestRemovedIsGone(t *testing.T) {
	folder, dir := open(t)
	key := files.NewKey(time.Now())
	if _, err := folder.Put(t.Context(), key, strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing left, which is no error
		if err := folder.Remove(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := folder.Get(t.Context(), key); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading what is gone: %v", err)
	}
	if n := count(t, dir); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

func TestAKeyNeverLeavesTheFolder(t *testing.T) {
	folder, dir := open(t)
	if _, err := folder.Put(t.Context(), "../../outside", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "..", "..", "outside")); err == nil {
		t.Error("a file was written outside the folder")
	}
	if n := count(t, dir); n != 1 {
		t.Errorf("%d files in the folder", n)
	}
}
