package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"rakam/trainer/jet"
	"rakam/trainer/recipe"
	"rakam/trainer/registry"
	"rakam/trainer/report"
	"rakam/trainer/runs"
)

// Problem is the one error type a handler answers with. In the API it is
// written by RFC 9457, on a page by error.html; handleError does both.
type Problem struct {
	Code   string // which kind: titles and general hints are the texts "server.CODE.title" and ".hint"
	Status int    // HTTP
	Detail string // what happened this time, for the API
	Hint   string // what to do about it; "" for the general one
	Cause  error  // for the log only
	words  string // of its own on a page, "server.WORDS.title" and ".hint"; "" for those of Code

	Field      string             // the value that is wrong, by its name in JSON; "" for none
	Gate       *report.Comparison // the numbers that speak against a promotion
	RetryAfter int                // seconds; 0 for what the status suggests
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

	"unauthorised": http.StatusUnauthorized,
	"too-many":     http.StatusTooManyRequests,
	"streams":      http.StatusTooManyRequests,
	"state":        http.StatusConflict,
	"conflict":     http.StatusConflict,
	"worse":        http.StatusConflict,
	"champion":     http.StatusConflict,
	"shipped":      http.StatusForbidden,
	"no-teacher":   http.StatusConflict,
	"key-reused":   http.StatusUnprocessableEntity,
	"queue-full":   http.StatusServiceUnavailable,
	"no-store":     http.StatusServiceUnavailable,
	"no-space":     http.StatusInsufficientStorage,
	"damaged":      http.StatusInternalServerError,
}

func problem(code, detail, hint string) *Problem {
	return &Problem{Code: code, Status: problemStatus[code], Detail: detail, Hint: hint}
}

func notReady() *Problem { return problem("not-ready", "The model is still being loaded.", "") }

func noVersion(id string) *Problem {
	p := problem("not-found", fmt.Sprintf("There is no version %q.", id), "GET /api/v1/models lists the versions there are.")
	p.words = "no-version"
	return p
}

// fieldProblem says which value of a request is wrong.
func fieldProblem(field, detail, hint string) *Problem {
	p := problem("invalid", detail, hint)
	p.Field = field
	return p
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
	if p := fromEcho(err, r); p != nil {
		return p
	}
	if p := fromTrainer(err); p != nil {
		return p
	}
	p = problem("internal", "Something failed in the server.", "")
	p.Cause = err
	return p
}

func fromEcho(err error, r *http.Request) *Problem {
	var refused *echo.HTTPError
	if !errors.As(err, &refused) || refused.Code >= http.StatusInternalServerError {
		return nil
	}
	switch refused.Code {
	case http.StatusNotFound:
		return problem("not-found", fmt.Sprintf("There is nothing at %s.", r.URL.Path), "")
	case http.StatusMethodNotAllowed:
		return problem("method", fmt.Sprintf("%s does not work on %s.", r.Method, r.URL.Path), "")
	}
	return problem("bad-request", fmt.Sprint(refused.Message), "")
}

// The kinds of problem of what the trainer's packages refuse.
var trainerProblems = []struct {
	err  error
	code string
}{
	{runs.ErrNotFound, "not-found"},
	{runs.ErrState, "state"},
	{runs.ErrKeyReused, "key-reused"},
	{runs.ErrQueueFull, "queue-full"},
	{runs.ErrDamaged, "damaged"},
	{runs.ErrCheckpoint, "state"},
	{runs.ErrTeacher, "no-teacher"},
	{registry.ErrNoStore, "no-store"},
	{registry.ErrNoSpace, "no-space"},
	{registry.ErrNotFound, "not-found"},
	{registry.ErrDamaged, "damaged"},
	{registry.ErrInvalid, "invalid"},
	{registry.ErrConflict, "conflict"},
	{registry.ErrIsChampion, "champion"},
	{registry.ErrIsShipped, "shipped"},
	{registry.ErrWorse, "worse"},
	{registry.ErrTooLarge, "too-large"},
	{registry.ErrTooMany, "no-space"},
}

// fromTrainer makes a problem of an error of the trainer's packages, or nil.
func fromTrainer(err error) *Problem {
	var field *recipe.FieldError
	switch {
	case errors.As(err, &field):
		return fieldProblem(field.Field, sentence(field.Problem), "")
	case jet.Full(err):
		p := problem("no-space", "The store is full: nothing was changed.", "")
		p.Cause = err
		return p
	}
	for _, known := range trainerProblems {
		if errors.Is(err, known.err) {
			return refusal(known.code, err)
		}
	}
	if jet.Away(err) { // of what waits here, only the store has a deadline
		return refusal("no-store", err)
	}
	return nil
}

// refusal makes a problem of that kind with what err says about it.
func refusal(code string, err error) *Problem {
	p := problem(code, sentence(err.Error()), "")
	var refused *runs.Error
	if errors.As(err, &refused) {
		p.Detail, p.Hint = sentence(refused.Problem), sentence(refused.Hint)
	}
	if code == "no-store" { // what a connection says helps nobody but the operator
		p.Detail, p.Cause = "The store does not answer.", err
	}
	return p
}

// sentence begins text with a capital letter and ends it with a full stop.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(text[size:], ".") + "."
}
