package lock

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

func TestDir(t *testing.T) {
	dir := t.TempDir()
	release, err := Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Dir(dir); !errors.Is(err, ErrTaken) {
		t.Errorf("a folder that is taken: %v", err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("what is left in the folder: %v, %v", left, err)
	}
	again, err := Dir(dir)
	if err != nil {
		t.Fatalf("after its release: %v", err)
	}
	if err := again(); err != nil {
		t.Error(err)
	}
	if _, err := Dir(filepath.Join(dir, "missing")); err == nil || errors.Is(err, ErrTaken) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// TestOneAtATime: while many take and release it, the folder has one holder.
func TestOneAtATime(t *testing.T) {
	dir := t.TempDir()
	var holders sync.Mutex
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				release, err := Dir(dir)
				if errors.Is(err, ErrTaken) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if !holders.TryLock() {
					t.Error("two have the folder")
				} else {
					runtime.Gosched()
					holders.Unlock()
				}
				if err := release(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}
