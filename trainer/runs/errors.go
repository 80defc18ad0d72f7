package runs

import (
	"errors"
	"fmt"
)

// The kinds of Error.
var (
	ErrNotFound   = errors.New("no such run")
	ErrState      = errors.New("not in this state")
	ErrKeyReused  = errors.New("key used before")
	ErrQueueFull  = errors.New("queue full")
	ErrDamaged    = errors.New("record damaged")
	ErrCheckpoint = errors.New("no checkpoint")
)

// Error is what keeps a request from being carried out, and what to do about it.
// What is wrong with a value that was asked for is a *recipe.FieldError instead.
type Error struct {
	Kind    error // one of those above
	Problem string
	Hint    string
}

func (e *Error) Error() string { return e.Problem + ": " + e.Hint }

func (e *Error) Unwrap() error { return e.Kind }

func fail(kind error, hint, format string, args ...any) error {
	return &Error{kind, fmt.Sprintf(format, args...), hint}
}
