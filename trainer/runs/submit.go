package runs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"rakam/trainer/jet"
	"rakam/trainer/report"
)

// Submit puts a run into the queue. With a key that was used before it returns
// that run and false, or ErrKeyReused if that one was asked to do something
// else. However the process ends, either nothing has happened or the run will
// be trained.
func (s *Service) Submit(ctx context.Context, q Request, key string) (Run, bool, error) {
	r, err := q.Build(s.Find)
	if err != nil {
		return Run{}, false, err
	}
	if len(key) > maxKey {
		return Run{}, false, fail(ErrKeyReused, "choose a random one, such as a UUID", "the idempotency key has %d bytes, want at most %d", len(key), maxKey)
	}
	run := Run{
		ID: newID(key), Key: key, Recipe: r, Corrections: q.Corrections, Promote: q.Promote,
		State: Queued, Created: time.Now().UTC(), History: []report.Epoch{},
	}
	if old, _, err := s.load(ctx, run.ID); err == nil {
		return s.again(ctx, run, old)
	} else if !errors.Is(err, ErrNotFound) {
		return Run{}, false, err
	}
	if err := s.room(ctx); err != nil {
		return Run{}, false, err
	}
	// The record comes first: a message without a record would be dropped, while
	// a record without a message is found by Repair.
	err = s.jet.Retry(ctx, func(ctx context.Context) error { return s.put(ctx, run, 0) })
	if jet.Conflict(err) {
		old, _, err := s.load(ctx, run.ID)
		if err != nil {
			return Run{}, false, err
		}
		return s.again(ctx, run, old)
	}
	if err != nil {
		return Run{}, false, err
	}
	if err := s.enqueue(ctx, run.ID); err != nil {
		return Run{}, false, err
	}
	run, err = s.Get(ctx, run.ID)
	return run, true, err
}

// again answers a key that was used before.
func (s *Service) again(ctx context.Context, run, old Run) (Run, bool, error) {
	if !sameWork(run, old) {
		return old, false, fail(ErrKeyReused, "give every submission a key of its own", "the idempotency key %q belongs to run %s, which trains something else", run.Key, old.ID)
	}
	if old.State == Queued { // the first submission may have ended before its message
		if err := s.enqueue(ctx, old.ID); err != nil {
			return old, false, err
		}
	}
	old, err := s.Get(ctx, old.ID)
	return old, false, err
}

// room refuses a run when too many wait, and forgets the oldest ones that have
// ended when there are too many records.
func (s *Service) room(ctx context.Context) error {
	all, err := s.all(ctx)
	if err != nil {
		return err
	}
	waiting := 0
	for _, run := range all {
		if run.State == Queued {
			waiting++
		}
	}
	if waiting >= s.MaxQueued {
		return fail(ErrQueueFull, "wait until one has begun, or cancel one", "%d runs are waiting already", waiting)
	}
	slices.SortFunc(all, func(a, b Run) int { return a.Created.Compare(b.Created) })
	for _, run := range all[:max(0, len(all)+1-s.MaxRuns)] {
		if run.State.Ended() {
			if err := s.forget(ctx, run); err != nil {
				return err
			}
		}
	}
	return nil
}

// forget deletes a run's record and what is kept for resuming it.
func (s *Service) forget(ctx context.Context, run Run) error {
	if err := s.jet.Forget(ctx, s.records, run.ID); err != nil {
		return err
	}
	s.discard(ctx, run.Checkpoint, run.Drawings)
	return nil
}

// enqueue puts a queued run where workers find it, and says so. Doing it twice
// does nothing more.
func (s *Service) enqueue(ctx context.Context, id string) error {
	err := s.jet.Retry(ctx, func(ctx context.Context) error {
		_, err := s.jet.JS.Publish(ctx, queueSubject+id, []byte(id))
		if isThere(err) {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("run %s could not be put into the queue: %w", id, err)
	}
	return s.announce(ctx, id)
}

// isThere reports whether the queue refused a second message for the same run.
func isThere(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && strings.Contains(api.Description, "maximum messages per subject")
}

// Cancel stops a run: one that waits at once, one that runs at its next step,
// after which its best epoch is kept as a version. One whose record can't be read is
// forgotten.
func (s *Service) Cancel(ctx context.Context, id string) (Run, error) {
	run, err := s.change(ctx, id, func(r *Run) error {
		switch {
		case r.State.Ended():
			return fail(ErrState, "there is nothing to stop", "run %s is %s already", id, r.State)
		case r.State == Queued: // also one whose worker left before it could stop it
			r.State, r.Finished, r.Cancelling = Cancelled, time.Now().UTC(), false
		case r.Cancelling:
			return fail(ErrState, "it stops at its next step", "run %s is being cancelled already", id)
		default:
			r.Cancelling = true
		}
		return nil
	})
	if errors.Is(err, ErrDamaged) {
		return s.forgetDamaged(ctx, id)
	}
	if err != nil {
		return run, err
	}
	// The run is cancelled, so what fails now is no failure of that.
	ctx, cancel := persistent(ctx)
	defer cancel()
	if run.State == Cancelled {
		s.dequeue(ctx, id)
	}
	if err := s.announce(ctx, id); err != nil {
		s.Log.Warn("a change of a run is not announced yet", "run", id, "error", err)
	}
	return run, nil
}

// forgetDamaged deletes the record of a run that can't be read, and its message.
// What it kept for resuming, which only the record could name, goes with the next
// sweep.
func (s *Service) forgetDamaged(ctx context.Context, id string) (Run, error) {
	if err := s.jet.Forget(ctx, s.records, id); err != nil {
		return Run{}, err
	}
	s.dequeue(ctx, id)
	return Run{ID: id, State: Cancelled, History: []report.Epoch{}}, nil
}

// dequeue takes a run out of the queue. When that fails a worker will drop it.
func (s *Service) dequeue(ctx context.Context, id string) {
	if err := s.queue.Purge(ctx, jetstream.WithPurgeSubject(queueSubject+id)); err != nil {
		s.Log.Warn("a cancelled run stays in the queue until a worker drops it", "run", id, "error", err)
	}
}

// Resume queues a cancelled or failed run again, behind the others. It goes on
// from its checkpoint, or begins if it never got that far.
func (s *Service) Resume(ctx context.Context, id string) (Run, error) {
	run, err := s.change(ctx, id, func(r *Run) error {
		if !r.Resumable() {
			return fail(ErrState, "only a cancelled or failed run can be resumed", "run %s is %s", id, r.State)
		}
		if err := s.present(ctx, r.Checkpoint); err != nil {
			return err
		}
		r.State, r.Cancelling, r.Finished = Queued, false, time.Time{}
		r.Error, r.Hint, r.Deaths, r.Leased = "", "", 0, ""
		return nil
	})
	if err != nil {
		return run, err
	}
	// It waits again, and a worker that looks after the queue would put it there.
	ctx, cancel := persistent(ctx)
	defer cancel()
	if err := s.enqueue(ctx, id); err != nil {
		s.Log.Warn("a resumed run is not in the queue yet, or not announced", "run", id, "error", err)
	}
	if placed, err := s.Get(ctx, id); err == nil {
		run = placed
	}
	return run, nil
}

// Repair completes what processes that were killed left half done: queued runs
// without a message, and changes that were not announced.
func (s *Service) Repair(ctx context.Context) error {
	all, err := s.all(ctx)
	if err != nil {
		return err
	}
	for _, run := range all {
		if run.damaged() {
			continue
		}
		if run.State == Queued {
			err = s.requeue(ctx, run)
		} else {
			err = s.announce(ctx, run.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// requeue puts a queued run whose message is missing into the queue.
func (s *Service) requeue(ctx context.Context, run Run) error {
	seq, err := s.inQueue(ctx, run.ID)
	if err != nil || seq > 0 {
		return err
	}
	return s.enqueue(ctx, run.ID)
}
