package main

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/labstack/echo/v4"
)

const requestIDHeader = "X-Request-Id"

// A request ID from outside is kept only if it is harmless in a log.
var harmlessID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// requestID gives each request a name that the log and the client share.
func (s *site) requestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := c.Request().Header.Get(requestIDHeader)
		if !harmlessID.MatchString(id) {
			id = rand.Text()
		}
		c.Response().Header().Set(requestIDHeader, id)
		return next(c)
	}
}

// observe logs and counts every answer, errors included.
func (s *site) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		s.traffic.begin()
		defer s.traffic.end()
		if err := next(c); err != nil {
			c.Error(err) // answers now, so that the status below is the one sent
		}
		r, answer, took := c.Request(), c.Response(), time.Since(start)
		if out, ok := c.Get(answered).(time.Time); ok {
			took = out.Sub(start)
		}
		s.metrics.request(r.Method, c.Path(), answer.Status, took)
		s.log.Log(r.Context(), logLevel(answer.Status), "request",
			"method", r.Method, "path", r.URL.Path, "status", answer.Status,
			"duration", took.String(), "bytes", answer.Size,
			"id", answer.Header().Get(requestIDHeader))
		return nil
	}
}

func logLevel(status int) slog.Level {
	switch {
	case status == http.StatusServiceUnavailable: // still starting, or not built
		return slog.LevelWarn
	case status >= http.StatusInternalServerError:
		return slog.LevelError
	}
	return slog.LevelInfo
}

// recovered turns a panic into an error, so that the connection gets an answer.
func (s *site) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			switch caught := recover(); caught {
			case nil:
			case http.ErrAbortHandler:
				panic(caught) // net/http's own way to drop a connection
			default:
				s.log.Error("panic", "value", fmt.Sprint(caught), "stack", string(debug.Stack()))
				err = fmt.Errorf("panic: %v", caught)
			}
		}()
		return next(c)
	}
}

// A page may run its own scripts and the WebAssembly module, and talk to this
// host, and that is all. The worker gets the same policy with its script.
const contentSecurityPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; " +
	"img-src 'self' data:; connect-src 'self'; worker-src 'self'; font-src 'self'; manifest-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func secured(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		header := c.Response().Header()
		header.Set("Content-Security-Policy", contentSecurityPolicy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
		return next(c)
	}
}

// guarded refuses what another site's page makes a browser send. Where no token
// is asked for that includes DNS rebinding: a stranger's host name that resolves to 127.0.0.1
// makes his page "same origin" with this server, but it shows in Host.
func (s *site) guarded(next echo.HandlerFunc) echo.HandlerFunc {
	origin := http.NewCrossOriginProtection()
	trusting := s.config.trusting()
	return func(c echo.Context) error {
		r := c.Request()
		if trusting && !isLoopback(hostname(r.Host)) {
			return problem("wrong-host", fmt.Sprintf("This server is not %q.", r.Host),
				"Open it by the address it printed when it started. To be reached by another name, start it with --admin-token, and with --addr unless a proxy stands before it.")
		}
		if err := origin.Check(r); err != nil {
			return otherSite()
		}
		return next(c)
	}
}

// fromAnotherSite says whether another site's page had a browser send r. It is
// asked of what guarded lets pass, since it changes nothing, but costs much.
func fromAnotherSite(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site != "" && site != "same-origin" && site != "none"
}

func otherSite() *Problem {
	return problem("forbidden", "The request comes from a page of another site.", "Send it from this site's own pages, or not from a browser.")
}

// hostname is the Host header without its port.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	if len(host) > 2 && host[0] == '[' && host[len(host)-1] == ']' {
		return host[1 : len(host)-1]
	}
	return host
}
