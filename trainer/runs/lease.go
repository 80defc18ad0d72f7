package runs

import (
	"context"
	"errors"
	"runtime/metrics"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Why a worker stops before the end: causes of the lease's context.
var (
	errLost      = errors.New("another worker has taken the run")
	errCancelled = errors.New("the run was cancelled")
	errTime      = errors.New("the run took longer than it may")
	errMemory    = errors.New("the run needed more memory than it may")
)

// lease is a worker's hold on a run.
type lease struct {
	*Worker
	msg     jetstream.Msg
	id      string
	attempt int
	run     Run             // as it was stored last
	ctx     context.Context // of the training; its cause says why it ends
	cancel  context.CancelCauseFunc
	saved   int // checkpoints of this attempt
}

// maxDeaths is how many workers in a row a run may cost without a step forward.
const maxDeaths = 5

// take gives the run to this worker. It returns nil without an error when there
// is nothing to do but to drop the message.
func (w *Worker) take(ctx context.Context, msg jetstream.Msg) (*lease, error) {
	id := string(msg.Data())
	run, err := w.Service.change(ctx, id, func(r *Run) error {
		if r.State.Ended() {
			return errLost
		}
		if r.State == Running && r.Leased == r.Checkpoint {
			r.Deaths++
		} else {
			r.Deaths = 0
		}
		if r.Started.IsZero() {
			r.Started = time.Now().UTC()
		}
		r.Leased = r.Checkpoint
		r.State, r.Worker, r.Machine = Running, w.Name, w.Machine
		r.Attempt++
		return nil
	})
	switch {
	case errors.Is(err, errLost), errors.Is(err, ErrNotFound), errors.Is(err, ErrDamaged):
		return nil, nil
	case err != nil:
		return nil, err
	}
	l := &lease{Worker: w, msg: msg, id: id, attempt: run.Attempt, run: run}
	l.ctx, l.cancel = context.WithCancelCause(ctx)
	return l, nil
}

func (l *lease) holds(r *Run) bool {
	return r.State == Running && r.Worker == l.Name && r.Attempt == l.attempt
}

// update changes the record if the lease still holds, else it is errLost. edit
// may be called several times.
func (l *lease) update(ctx context.Context, edit func(*Run)) error {
	return l.Service.jet.Retry(ctx, func(ctx context.Context) error {
		run, err := l.Service.change(ctx, l.id, func(r *Run) error {
			if !l.holds(r) {
				return errLost
			}
			edit(r)
			return nil
		})
		if err == nil {
			l.run = run
		}
		if errors.Is(err, ErrNotFound) {
			return errLost
		}
		return err
	})
}

// settle is update for the state that ends the lease. When the answer to an
// earlier try was lost, the record is no longer running but as edit made it.
func (l *lease) settle(ctx context.Context, edit func(*Run)) error {
	err := l.update(ctx, edit)
	if !errors.Is(err, errLost) {
		return err
	}
	run, _, loadErr := l.Service.load(ctx, l.id)
	want := l.run
	edit(&want)
	if loadErr == nil && run.Worker == want.Worker && run.Attempt == l.attempt && run.State == want.State {
		l.run = run
		return nil
	}
	return err
}

// guard tells the queue that the worker lives, and ends the training when the
// lease is lost, the run is cancelled or a limit is passed. It returns when done
// is closed.
func (l *lease) guard(ctx context.Context, done <-chan struct{}) {
	var changes <-chan jetstream.KeyValueEntry
	if w, err := l.Service.records.Watch(ctx, l.id, jetstream.UpdatesOnly()); err == nil {
		defer w.Stop()
		changes = w.Updates()
	} // else the heartbeat sees the changes, a little later
	heartbeat := time.NewTicker(l.Heartbeat)
	defer heartbeat.Stop()
	begun := time.Now()
	for {
		select {
		case <-done:
			return
		case e, ok := <-changes:
			if !ok {
				changes = nil
			} else if e != nil {
				run, err := decode(e.Value())
				l.inspect(&run, err)
			}
		case <-heartbeat.C:
			l.beat(ctx, begun)
		}
	}
}

// beat is a sign of life. A lost lease is never prolonged.
func (l *lease) beat(ctx context.Context, begun time.Time) {
	ctx, cancel := context.WithTimeout(ctx, l.Heartbeat)
	defer cancel()
	run, _, err := l.Service.load(ctx, l.id)
	if err == nil || errors.Is(err, ErrNotFound) {
		l.inspect(&run, err)
	}
	if context.Cause(l.ctx) == errLost {
		return
	}
	if err := l.msg.InProgress(); err != nil {
		l.Service.Log.Warn("a sign of life is lost", "run", l.id, "error", err)
	}
	if l.MaxTime > 0 && time.Since(begun) > l.MaxTime {
		l.cancel(errTime)
	}
	if l.MaxMemory > 0 && heap() > l.MaxMemory {
		l.cancel(errMemory)
	}
}

// inspect ends the training when the record, or that it is gone, says so.
func (l *lease) inspect(run *Run, err error) {
	switch {
	case err != nil || run.Attempt > l.attempt || run.Worker != l.Name:
		l.cancel(errLost)
	case run.Cancelling:
		l.cancel(errCancelled)
	}
}

// heap returns the bytes of live and not yet collected objects.
func heap() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// persistent returns a context for writes that must be tried although the
// training has been told to end.
func persistent(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
}
