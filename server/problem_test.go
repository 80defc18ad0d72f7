package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"

	"github.com/nats-io/nats.go"
)

// TestStoreAwayProblem: whatever a connection to the store says when it is lost, who
// asked learns that the store does not answer, and the log the rest.
func TestStoreAwayProblem(t *testing.T) {
	for _, err := range []error{nats.ErrNoResponders, syscall.EPIPE, syscall.ECONNRESET} {
		p := asProblem(fmt.Errorf("the chunk is not written: %w", err), httptest.NewRequest(http.MethodPost, "/", nil))
		if p.Code != "no-store" || p.Status != http.StatusServiceUnavailable || p.Detail != "The store does not answer." || p.Cause == nil {
			t.Errorf("%v: %+v", err, p)
		}
	}
}
