package main

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"
)

// Problem is the one error type a handler answers with. In the API it is
// written by RFC 9457, on a page by error.html; handleError does both.
type Problem struct {
	Code   string // which kind: titles and general hints are the texts "server.CODE.title" and ".hint"
	Status int    // HTTP
	Detail string // what happened this time, for the API
	Hint   string // what to do about it; "" for the general one
	Cause  error  // for the log only
}

func (p *Problem) Error() string {
	if p.Cause != nil {
		return fmt.Sprintf("%s: %v", p.Code, p.Cause)
	}
	return p.Code + ": " + p.Detail
}

func (p *Problem) Unwrap() error { return p.Cause }

// The kinds of problem, by the status each one has.
var problemStatus = map[string]int{
	"bad-request": http.StatusBadRequest,
	"malformed":   http.StatusBadRequest,
	"invalid":     http.StatusUnprocessableEntity,
	"forbidden":   http.StatusForbidden,
	"not-found":   http.StatusNotFound,
	"method":      http.StatusMethodNotAllowed,
	"too-large":   http.StatusRequestEntityTooLarge,
	"media-type":  http.StatusUnsupportedMediaType,
	"wrong-host":  http.StatusMisdirectedRequest,
	"internal":    http.StatusInternalServerError,
	"not-built":   http.StatusServiceUnavailable,
	"not-ready":   http.StatusServiceUnavailable,
}

func problem(code, detail, hint string) *Problem {
	return &Problem{Code: code, Status: problemStatus[code], Detail: detail, Hint: hint}
}

func notReady() *Problem { return problem("not-ready", "The model is still being loaded.", "") }

func noVersion(id string) *Problem {
	return problem("not-found", fmt.Sprintf("There is no version %q.", id), "GET /api/v1/models lists the versions there are.")
}

// asProblem gives every error its kind. What nobody foresaw is "internal", and
// its text stays in the log.
func asProblem(err error, r *http.Request) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	if errors.Is(err, errNotBuilt) {
		return problem("not-built", "This program was built without its front end.", "")
	}
	var fromEcho *echo.HTTPError
	if errors.As(err, &fromEcho) {
		switch fromEcho.Code {
		case http.StatusNotFound:
			return problem("not-found", fmt.Sprintf("There is nothing at %s.", r.URL.Path), "")
		case http.StatusMethodNotAllowed:
			return problem("method", fmt.Sprintf("%s does not work on %s.", r.Method, r.URL.Path), "")
		}
		if fromEcho.Code < http.StatusInternalServerError {
			return problem("bad-request", fmt.Sprint(fromEcho.Message), "")
		}
	}
	p = problem("internal", "Something failed in the server.", "")
	p.Cause = err
	return p
}
