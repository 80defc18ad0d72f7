package runs

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"rakam/trainer/drawn"
	"rakam/trainer/fit"
	"rakam/trainer/registry"
	"rakam/trainer/report"
	"rakam/wasm/ink"
)

// slow makes a worker take a while for each step.
func slow(w *Worker) *Worker {
	w.Yield = func() { time.Sleep(20 * time.Millisecond) }
	return w
}

// held makes a worker wait, before the step that follows so many, until release is
// called, and go on slowly from there.
func held(w *Worker, steps int) (reached <-chan struct{}, release func()) {
	there, goOn := make(chan struct{}), make(chan struct{})
	done := 0
	w.Yield = func() {
		switch done++; {
		case done == steps:
			close(there)
			<-goOn
		case done > steps:
			time.Sleep(50 * time.Millisecond)
		}
	}
	return there, sync.OnceFunc(func() { close(goOn) })
}

// under returns when the run has ended an epoch and is within the next.
func (h *house) under(t *testing.T, id string) Run {
	t.Helper()
	return h.wait(t, id, "under way", func(r Run) bool { return r.State == Running && r.Epoch >= 1 })
}

// model returns the file of a run's version.
func (h *house) model(t *testing.T, run Run) []byte {
	t.Helper()
	b, err := h.registry.File(t.Context(), run.Version, fit.ModelFile)
	if err != nil || len(b) == 0 {
		t.Fatalf("the model of version %q of run %s: %d bytes, %v", run.Version, run.ID, len(b), err)
	}
	return b
}

// reference is the model of a run that nothing interrupts.
func reference(t *testing.T, q Request) []byte {
	t.Helper()
	h := newHouse(t)
	run := h.submit(t, q)
	start(t, h.worker())
	return h.model(t, h.waitFor(t, run.ID, Done))
}

// TestDrawn: a worker that was given drawings measures on them, and the version
// says so; one that was not, or trained on one of them, does not.
func TestDrawn(t *testing.T) {
	mine := ink.Drawing{{{X: 1, Y: 0}, {X: 1, Y: 9.123456789}}}
	set := &drawn.Set{Name: "mine", Drawings: []drawn.Drawn{{Label: 1, Writer: "w", Strokes: mine}}}
	for name, c := range map[string]struct {
		given     *drawn.Set
		corrected ink.Drawing
		measured  bool
	}{
		"with":                      {set, ink.Drawing{{{X: 2, Y: 0}, {X: 2, Y: 9}}}, true},
		"without":                   {nil, mine, false},
		"with one that it is given": {set, mine, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			w := h.worker()
			w.Artifacts, w.Drawn = nil, c.given
			_, _, err := h.registry.AddCorrection(t.Context(), registry.Correction{Strokes: c.corrected, Label: 1, State: registry.Approved})
			if err != nil {
				t.Fatal(err)
			}
			run := h.submit(t, Request{Recipe: "small", Corrections: true})
			start(t, w)
			v, err := h.registry.Get(t.Context(), h.waitFor(t, run.ID, Done).Version)
			if err != nil {
				t.Fatal(err)
			}
			if got := v.Drawn != nil; got != c.measured || got && (v.Drawn.Dataset != "mine" || v.Drawn.Samples != 1) {
				t.Errorf("the version scores %+v", v.Drawn)
			}
		})
	}
}

// TestDone: what a run leaves behind.
func TestDone(t *testing.T) {
	h := newHouse(t)
	run := h.submit(t, Request{Recipe: "small"})
	stop := start(t, h.worker())
	run = h.waitFor(t, run.ID, Done)
	stop()
	if run.Epoch != 3 || len(run.History) != 3 || run.Steps != 12 || run.Attempt != 1 || run.Started.IsZero() || run.Finished.IsZero() || run.Version == "" || run.Gate == nil {
		t.Errorf("run %+v", run)
	}
	if info, err := h.queue.Info(t.Context()); err != nil || info.State.Msgs != 0 {
		t.Errorf("%d messages stay in the queue (%v)", info.State.Msgs, err)
	}
	if list, err := h.objects.List(t.Context()); err == nil {
		t.Errorf("%d objects stay", len(list))
	}
	h.model(t, run)
	_, err := h.Cancel(t.Context(), run.ID)
	wantError(t, err, ErrState, "done already")
	_, err = h.Resume(t.Context(), run.ID)
	wantError(t, err, ErrState, "is done")
}

// TestCancelQueued: a run that waits is cancelled at once, and may come back.
func TestCancelQueued(t *testing.T) {
	h := newHouse(t)
	run := h.submit(t, Request{Recipe: "small"})
	if run, err := h.Cancel(t.Context(), run.ID); err != nil || run.State != Cancelled {
		t.Fatalf("%s (%v)", run.State, err)
	}
	_, err := h.Cancel(t.Context(), run.ID)
	wantError(t, err, ErrState, "cancelled already")
	_, err = h.Cancel(t.Context(), "0123456789ab")
	wantError(t, err, ErrNotFound, "no run")
	if run, err := h.Resume(t.Context(), run.ID); err != nil || run.State != Queued || run.Place != 1 {
		t.Fatalf("resumed: %+v (%v)", run, err)
	}
	start(t, h.worker())
	h.waitFor(t, run.ID, Done)
	if got := kinds(h.follow(t, run.ID, 0)); !strings.HasPrefix(got, "queued cancelled") {
		t.Errorf("events %q", got)
	}
}

// TestCancelHandedBack: a run that was to stop when its worker had to leave is
// cancelled where it waits.
func TestCancelHandedBack(t *testing.T) {
	h := newHouse(t)
	run := h.submit(t, Request{Recipe: "small"})
	if _, err := h.change(t.Context(), run.ID, func(r *Run) error {
		r.Cancelling = true
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if run, err := h.Cancel(t.Context(), run.ID); err != nil || run.State != Cancelled || run.Cancelling {
		t.Errorf("%s, cancelling %v (%v)", run.State, run.Cancelling, err)
	}
}

// TestUnannounced: a run is cancelled, and resumed, also where that can't be
// announced: to ask again would be answered that there is nothing to do.
func TestUnannounced(t *testing.T) {
	h := newHouse(t)
	run := h.submit(t, Request{Recipe: "small"})
	if err := h.jet.JS.DeleteStream(t.Context(), eventsName); err != nil {
		t.Fatal(err)
	}
	if run, err := h.Cancel(t.Context(), run.ID); err != nil || run.State != Cancelled {
		t.Errorf("cancelled: %s (%v)", run.State, err)
	}
	if run, err := h.Resume(t.Context(), run.ID); err != nil || run.State != Queued || run.Place != 1 {
		t.Errorf("resumed: %s on place %d (%v)", run.State, run.Place, err)
	}
}

// TestCancelRunning: a run that is cancelled keeps its best epoch as a version;
// resumed, it ends as if it had never been cancelled.
func TestCancelRunning(t *testing.T) {
	h := newHouse(t)
	q := Request{Recipe: "small", Epochs: p(6)}
	run := h.submit(t, q)
	w := h.worker()
	reached, release := held(w, 15) // in the second epoch
	stop := start(t, w, release)
	<-reached
	if run, err := h.Cancel(t.Context(), run.ID); err != nil || run.State != Running || !run.Cancelling {
		t.Fatalf("%s, %v (%v)", run.State, run.Cancelling, err)
	}
	_, err := h.Cancel(t.Context(), run.ID)
	wantError(t, err, ErrState, "already")
	release()
	cut := h.waitFor(t, run.ID, Cancelled)
	stop()
	if cut.Cancelling || cut.Version == "" || cut.Checkpoint == "" || cut.Epoch < 1 || cut.Epoch > 5 {
		t.Fatalf("cancelled run %+v", cut)
	}
	best := h.model(t, cut)
	if run, err := h.Resume(t.Context(), run.ID); err != nil || run.State != Queued {
		t.Fatalf("resumed: %+v (%v)", run, err)
	}
	start(t, h.worker())
	done := h.waitFor(t, run.ID, Done)
	whole := h.model(t, done)
	if !bytes.Equal(whole, reference(t, q)) {
		t.Error("cancelled and resumed, the weights are others")
	}
	if bytes.Equal(whole, best) {
		t.Error("the version of the cancelled run is that of the whole run")
	}
	var all []Event
	for last := uint64(0); ; last = all[len(all)-1].ID {
		all = append(all, h.follow(t, run.ID, last)...)
		if strings.HasSuffix(kinds(all), "done") {
			break
		}
	}
	if got := strings.Fields(kinds(all)); strings.Join(only(got, "1", "2", "3", "4", "5", "6"), " ") != epochs(6) {
		t.Errorf("events %q", got)
	}
}

func only(all []string, these ...string) []string {
	var some []string
	for _, s := range all {
		for _, o := range these {
			if s == o {
				some = append(some, s)
			}
		}
	}
	return some
}

// TestFailures: a run that panics or diverges fails with its reason, and the
// worker goes on with the next.
func TestFailures(t *testing.T) {
	h := newHouse(t)
	crash := h.submit(t, Request{Recipe: "panics"})
	diverging := h.submit(t, Request{Recipe: "diverges"})
	good := h.submit(t, Request{Recipe: "small"})
	start(t, h.worker())
	h.waitFor(t, good.ID, Done)
	for id, want := range map[string]string{crash.ID: "crashed: the test wants it", diverging.ID: "diverged"} {
		run := h.waitFor(t, id, Failed)
		if !strings.Contains(run.Error, want) || strings.Contains(run.Error, "stack") || run.Hint == "" || run.Finished.IsZero() {
			t.Errorf("error %q, hint %q; want %q", run.Error, run.Hint, want)
		}
		_, err := h.Cancel(t.Context(), id)
		wantError(t, err, ErrState, "failed already")
	}
	if _, err := h.Resume(t.Context(), crash.ID); err != nil {
		t.Errorf("it can't be resumed: %v", err)
	}
	h.wait(t, crash.ID, "failed again", func(r Run) bool { return r.State == Failed && r.Attempt == 2 })
}

// TestStoreAway: a run whose worker can't reach the store for a moment has not
// failed, whatever the connection says: it waits for a worker again.
func TestStoreAway(t *testing.T) {
	h := newHouse(t)
	run := h.submit(t, Request{Recipe: "small"})
	w := h.worker()
	var tries atomic.Int32
	w.Artifacts = func(res *fit.Result, digits *drawn.Set) (fit.Artifacts, *report.Report, error) {
		if tries.Add(1) == 1 {
			return fit.Artifacts{}, nil, fmt.Errorf("the chunk is not written: %w", syscall.EPIPE)
		}
		return artifacts(res, digits)
	}
	start(t, w)
	done := h.wait(t, run.ID, "at its end", func(r Run) bool { return r.State.Ended() })
	if done.State != Done || done.Attempt != 2 || done.Error != "" {
		t.Errorf("the run is %s, attempt %d: %s", done.State, done.Attempt, done.Error)
	}
}

// TestLimits: a run that takes too long or too much fails.
func TestLimits(t *testing.T) {
	h := newHouse(t)
	long := h.submit(t, Request{Recipe: "small", Epochs: p(1000)})
	w := slow(h.worker())
	w.MaxTime, w.Heartbeat = 50*time.Millisecond, 30*time.Millisecond
	stop := start(t, w)
	run := h.waitFor(t, long.ID, Failed)
	stop()
	if !strings.Contains(run.Error, "longer than it may") || run.Hint == "" {
		t.Errorf("error %q, hint %q", run.Error, run.Hint)
	}
	big := h.submit(t, Request{Recipe: "small", Epochs: p(1000)})
	w = slow(h.worker())
	w.MaxMemory, w.Heartbeat = 1, 30*time.Millisecond
	start(t, w)
	if run := h.waitFor(t, big.ID, Failed); !strings.Contains(run.Error, "memory") || run.Hint == "" {
		t.Errorf("error %q, hint %q", run.Error, run.Hint)
	}
}

// TestTwoWorkers train two runs at a time.
func TestTwoWorkers(t *testing.T) {
	h := newHouse(t)
	a := h.submit(t, Request{Recipe: "small", Epochs: p(4)})
	b := h.submit(t, Request{Recipe: "small", Epochs: p(4), Seed: p(uint64(2))})
	start(t, slow(h.worker()))
	start(t, slow(h.worker()))
	first, second := h.waitFor(t, a.ID, Done), h.waitFor(t, b.ID, Done)
	if first.Worker == second.Worker || !second.Started.Before(first.Finished) {
		t.Errorf("one after the other: %s, then %s", first.Worker, second.Worker)
	}
	if first.Version == second.Version {
		t.Error("two seeds, one version")
	}
}

// TestLostCheckpoint: a checkpoint that is gone or damaged is said so; the next
// run is trained.
func TestLostCheckpoint(t *testing.T) {
	h := newHouse(t)
	run := h.submit(t, Request{Recipe: "small", Epochs: p(30)})
	stop := start(t, slow(h.worker()))
	h.under(t, run.ID)
	stop()
	ctx := context.Background()
	back, err := h.Get(ctx, run.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.objects.PutString(ctx, back.Checkpoint, "nonsense"); err != nil {
		t.Fatal(err)
	}
	stop = start(t, h.worker())
	if failed := h.waitFor(t, run.ID, Failed); !strings.Contains(failed.Error, "damaged") || !strings.Contains(failed.Hint, "submit it again") {
		t.Errorf("error %q, hint %q", failed.Error, failed.Hint)
	}
	stop()
	if err := h.objects.Delete(ctx, back.Checkpoint); err != nil {
		t.Fatal(err)
	}
	_, err = h.Resume(ctx, run.ID)
	wantError(t, err, ErrCheckpoint, "is gone")
}
