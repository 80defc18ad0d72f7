package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/labstack/echo/v4"
)

func TestClientLeft(t *testing.T) {
	gone, leave := context.WithCancel(t.Context())
	leave()
	broken := &net.OpError{Op: "write", Err: syscall.EPIPE}
	for name, c := range map[string]struct {
		ctx   context.Context
		begun bool // the answer
		err   error
		want  bool
	}{
		"while being answered":   {t.Context(), true, broken, true},
		"before the answer":      {gone, false, broken, true},
		"reset":                  {t.Context(), true, fmt.Errorf("write: %w", syscall.ECONNRESET), true},
		"while waiting":          {gone, false, fmt.Errorf("estimate: %w", context.Canceled), true},
		"the store's connection": {t.Context(), false, broken, false},
		"the store was reset":    {t.Context(), false, syscall.ECONNRESET, false},
		"something else stopped": {t.Context(), false, context.Canceled, false},
		"a fault meanwhile":      {gone, false, errors.New("disk full"), false},
	} {
		r := httptest.NewRequestWithContext(c.ctx, http.MethodGet, "/", nil)
		ec := echo.New().NewContext(r, httptest.NewRecorder())
		if c.begun {
			ec.Response().WriteHeader(http.StatusOK)
		}
		if got := clientLeft(c.err, ec); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestABrokenStoreIsNoSuccess: who is still there hears that it failed.
func TestABrokenStoreIsNoSuccess(t *testing.T) {
	s, err := newSite(Config{}, fixtureWeb(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	c := echo.New().NewContext(httptest.NewRequest(http.MethodPost, "/api/v1/corrections", nil), answer)
	s.handleError(fmt.Errorf("put: %w", &net.OpError{Op: "write", Err: syscall.EPIPE}), c)
	if answer.Code != http.StatusServiceUnavailable || !strings.Contains(answer.Body.String(), "problem:no-store") {
		t.Errorf("answered with %d %s", answer.Code, answer.Body)
	}
}
