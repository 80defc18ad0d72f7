package main

import (
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"
)

// flood is a body of unknown length that looks, while it is sent, at what the
// server writes to a folder.
type flood struct {
	io.Reader
	dir   string
	found atomic.Pointer[os.DirEntry] // the last that was there; the client reads on after the answer
}

func (f *flood) Read(p []byte) (int, error) {
	if found, _ := os.ReadDir(f.dir); len(found) > 0 {
		f.found.Store(&found[0])
	}
	return f.Reader.Read(p)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestStrangersFillNoDisk: whatever form a stranger sends, none of it is kept
// anywhere, not even while it comes.
func TestStrangersFillNoDisk(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	r := startTrainer(t, public)
	if got, err := os.ReadDir(dir); err != nil || len(got) > 0 {
		t.Fatalf("the folder has %v at the start (%v)", got, err)
	}
	file := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n"
	for path, status := range map[string]int{"/corrections": 401, "/login": 413} {
		body := &flood{Reader: io.MultiReader(strings.NewReader(file), io.LimitReader(zeros{}, 100<<20)), dir: dir}
		got := r.ask(t, "POST", path, body, "Content-Type", "multipart/form-data; boundary=b")
		if found := body.found.Load(); got.StatusCode != status || found != nil {
			t.Errorf("%s: %d %s; on the disk: %v", path, got.StatusCode, got.Text, found)
		}
	}
}

func TestFormsAreBounded(t *testing.T) {
	r := startTrainer(t)
	form := "action=delete&token=" + strings.Repeat("x", mostForm)
	for _, path := range []string{"/corrections", "/login", "/train", "/models", "/runs/abc"} {
		for name, body := range map[string]io.Reader{"of known length": strings.NewReader(form), "of any length": io.MultiReader(strings.NewReader(form))} {
			got := r.ask(t, "POST", path, body, "Content-Type", "application/x-www-form-urlencoded")
			if got.StatusCode != 413 || !strings.Contains(got.Text, "problem:too-large") {
				t.Errorf("%s %s: %d %s", path, name, got.StatusCode, got.Text)
			}
		}
	}
}
