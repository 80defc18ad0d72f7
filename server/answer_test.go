package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
)

func TestClientLeft(t *testing.T) {
	gone, leave := context.WithCancel(t.Context())
	leave()
	for name, c := range map[string]struct {
		ctx  context.Context
		err  error
		want bool
	}{
		"while being answered":   {t.Context(), &net.OpError{Op: "write", Err: syscall.EPIPE}, true},
		"reset":                  {t.Context(), fmt.Errorf("write: %w", syscall.ECONNRESET), true},
		"while waiting":          {gone, fmt.Errorf("estimate: %w", context.Canceled), true},
		"something else stopped": {t.Context(), context.Canceled, false},
		"a fault meanwhile":      {gone, errors.New("disk full"), false},
	} {
		r := httptest.NewRequestWithContext(c.ctx, http.MethodGet, "/", nil)
		if got := clientLeft(c.err, r); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
