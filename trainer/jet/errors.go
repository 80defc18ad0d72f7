package jet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rakam/trainer/lock"
)

// Why says what kept a store from being opened.
type Why string

// The kinds of OpenError.
const (
	Locked      Why = "locked"      // another process has the folder open
	Unusable    Why = "unusable"    // the folder can't be made, read or written
	Damaged     Why = "damaged"     // the folder holds streams that can't be read
	Unreachable Why = "unreachable" // no server answers at the URL, or none lets us in
	NoJetStream Why = "nojetstream" // a server answers, but has no JetStream for us
)

// OpenError is why there is no store, and what to do about it.
type OpenError struct {
	Why   Why
	Where string // the folder, or the URL without its password
	Err   error
	Hint  string
}

func (e *OpenError) Error() string {
	return fmt.Sprintf("the store at %s is %s: %v; %s", e.Where, e.Why, e.Err, e.Hint)
}

func (e *OpenError) Unwrap() error { return e.Err }

// unusable makes the error of a folder that fails us.
func unusable(dir string, err error) *OpenError {
	return &OpenError{Unusable, dir, err, "choose a folder that can be written to, on a disk with free space"}
}

func locked(dir string) *OpenError {
	return &OpenError{Locked, dir, lock.ErrTaken,
		"stop that one, or give this one another folder; processes share a store through a NATS server (--nats URL)"}
}

// Codes of the server's errors that nats.go has no names for
// (nats-server, server/errors.json).
const (
	codeAccountExceeded jetstream.ErrorCode = 10002
	codeNoPeers         jetstream.ErrorCode = 10005
	codeUnavailable     jetstream.ErrorCode = 10008
	codeInsufficient    jetstream.ErrorCode = 10023
	codeStorageExceeded jetstream.ErrorCode = 10047
	codeReplicas        jetstream.ErrorCode = 10074
	codeStoreFailed     jetstream.ErrorCode = 10077
)

// Full reports whether err means that the store has no space left.
func Full(err error) bool {
	if errors.Is(err, syscall.ENOSPC) {
		return true
	}
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode {
	case codeAccountExceeded, codeInsufficient, codeStorageExceeded:
		return true
	}
	return api.ErrorCode == codeStoreFailed && strings.Contains(api.Description, syscall.ENOSPC.Error())
}

// Crowded reports whether err means that a bucket has as many keys as it may.
func Crowded(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == codeStoreFailed && strings.Contains(api.Description, "maximum messages exceeded")
}

// Conflict reports whether err means that somebody else wrote first: a key that
// was to be created exists, or a revision or sequence that was expected has
// moved on.
func Conflict(err error) bool {
	var api *jetstream.APIError
	return errors.Is(err, jetstream.ErrKeyExists) || errors.Is(err, jetstream.ErrKeyRevisionMismatch) ||
		errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// absences are what callers are told when the store does not answer. For a message
// that does not fit its buffer, 32 kB, nats.go writes at once and returns what the
// socket says.
var absences = []error{
	nats.ErrConnectionClosed, nats.ErrConnectionDraining, nats.ErrConnectionReconnecting, nats.ErrDisconnected,
	nats.ErrNoResponders, nats.ErrReconnectBufExceeded, nats.ErrTimeout,
	jetstream.ErrNoStreamResponse, jetstream.ErrServerShutdown,
	net.ErrClosed, syscall.EPIPE, syscall.ECONNRESET, context.DeadlineExceeded,
}

// Away reports whether err is the store's absence, not the fault of who asked:
// a connection that is lost or being made again, a cluster that is choosing a
// leader.
func Away(err error) bool {
	for _, e := range absences {
		if errors.Is(err, e) {
			return true
		}
	}
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == codeUnavailable
}

// transient reports whether err may be gone in a moment. A connection that is
// closed stays so.
func transient(err error) bool { return Away(err) && !errors.Is(err, nats.ErrConnectionClosed) }

// retryTime bounds Retry: longer than a cluster takes to notice that one of its
// servers is gone and to choose another leader.
const retryTime = 20 * time.Second

// Retry does what may be done twice again while a server of a cluster fails
// over, for 20 s at most or until ctx ends, and returns the last error. With the
// embedded server it is done once.
func (j *Jet) Retry(ctx context.Context, do func(context.Context) error) error {
	err := do(ctx)
	if j.server != nil {
		return err
	}
	end := time.Now().Add(retryTime)
	for wait := 50 * time.Millisecond; err != nil && transient(err) && time.Now().Before(end); wait = min(2*wait, time.Second) {
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
		err = do(ctx)
	}
	return err
}
