package runs

import (
	"testing"
	"time"
)

// TestPolite: the training waits for requests, but not for ever.
func TestPolite(t *testing.T) {
	left := 3
	Polite(func() bool { left--; return left > 0 }, time.Hour)()
	if left != 0 {
		t.Errorf("went on with %d requests left", left)
	}
	begun := time.Now()
	Polite(func() bool { return true }, 5*time.Millisecond)()
	if waited := time.Since(begun); waited < 5*time.Millisecond {
		t.Errorf("went on after %v", waited)
	}
}
