package runs

import (
	"bytes"
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestHandedBack: a worker that is told to stop gives its run to another at
// once, which goes on from the very step.
func TestHandedBack(t *testing.T) {
	h := newHouse(t)
	q := Request{Recipe: "small", Epochs: p(4)}
	run := h.submit(t, q)
	w := h.worker()
	reached, release := held(w, 15) // in the second epoch
	stop := start(t, w, release)
	<-reached
	stop()
	back, err := h.Get(t.Context(), run.ID)
	if err != nil || back.State != Queued || back.Worker != "" || back.Place != 1 || back.Epoch != 1 || back.Step < 3 || back.Step > 4 {
		t.Fatalf("handed back: %+v (%v)", back, err)
	}
	start(t, h.worker())
	done := h.waitFor(t, run.ID, Done) // AckWait is longer than that waits
	if done.Attempt != 2 || done.Deaths != 0 || !bytes.Equal(h.model(t, done), reference(t, q)) {
		t.Errorf("attempt %d, %d deaths, or other weights", done.Attempt, done.Deaths)
	}
}

// TestStaleLease: a worker that hangs until its run has been given away writes
// nothing any more, whatever it still does.
func TestStaleLease(t *testing.T) {
	h := newHouseIn(t, t.TempDir(), quick)
	q := Request{Recipe: "small", Epochs: p(4)}
	run := h.submit(t, q)
	var hang atomic.Bool
	goOn := make(chan struct{})
	w := h.worker()
	w.Heartbeat = time.Hour // it is hung wholly
	w.Interval = time.Nanosecond
	w.Yield = func() {
		if hang.Swap(false) {
			<-goOn
		}
	}
	hang.Store(true)
	first := start(t, w)
	h.waitFor(t, run.ID, Running)
	second := start(t, h.worker())
	done := h.waitFor(t, run.ID, Done)
	if done.Attempt != 2 || done.Worker == w.Name {
		t.Errorf("attempt %d by %s", done.Attempt, done.Worker)
	}
	close(goOn)
	time.Sleep(200 * time.Millisecond)
	first()
	second()
	if after, err := h.Get(t.Context(), run.ID); err != nil || after.State != Done || after.Worker != done.Worker || after.Checkpoint != "" {
		t.Errorf("the stale worker wrote: %+v (%v)", after, err)
	}
	if !bytes.Equal(h.model(t, done), reference(t, q)) {
		t.Error("other weights")
	}
	if got := kinds(h.follow(t, run.ID, 0)); !strings.HasSuffix(got, epochs(4)+" done") {
		t.Errorf("events %q", got)
	}
}

// TestDeaths: a run that costs one worker after the other, without a step
// forward between, fails in the end.
func TestDeaths(t *testing.T) {
	h := newHouse(t)
	run := h.submit(t, Request{Recipe: "small"})
	for range maxDeaths { // each takes the run and is never heard of again
		msg, err := h.consumer().Next()
		if err != nil {
			t.Fatal(err)
		}
		w := h.worker()
		if err := w.prepare(); err != nil {
			t.Fatal(err)
		}
		if l, err := w.take(t.Context(), msg); err != nil || l == nil {
			t.Fatal(l, err)
		}
		if err := msg.Nak(); err != nil { // as if AckWait had passed
			t.Fatal(err)
		}
	}
	start(t, h.worker())
	if failed := h.waitFor(t, run.ID, Failed); !strings.Contains(failed.Error, "5 workers in a row died at the same place (epoch 1, step 0)") || failed.Hint == "" {
		t.Errorf("error %q, hint %q", failed.Error, failed.Hint)
	}
}

// TestConsumerDeleted: workers make the queue's consumer again when it was deleted,
// those that wait at it and one that was busy; where that fails they keep what they
// have and try again.
func TestConsumerDeleted(t *testing.T) {
	h := newHouse(t)
	for range 2 {
		start(t, h.worker())
	}
	h.waiting(t, 2)
	if err := h.queue.DeleteConsumer(t.Context(), consumerName); err != nil {
		t.Fatal(err)
	}
	h.waiting(t, 2)
	h.waitFor(t, h.submit(t, Request{Recipe: "small"}).ID, Done)
	h.waiting(t, 2)

	if err := h.queue.DeleteConsumer(t.Context(), consumerName); err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.openConsumer(gone); err == nil || h.consumer() == nil {
		t.Errorf("the consumer is %v (%v)", h.consumer(), err)
	}
}

// TestConsumerDeletedBefore: a worker that asks at a consumer that is gone already
// makes it again, as the one that waits there does.
func TestConsumerDeletedBefore(t *testing.T) {
	h := newHouse(t)
	if err := h.queue.DeleteConsumer(t.Context(), consumerName); err != nil {
		t.Fatal(err)
	}
	run := h.submit(t, Request{Recipe: "small"})
	start(t, h.worker())
	h.waitFor(t, run.ID, Done)
}

// waiting returns when so many workers wait for a run.
func (h *house) waiting(t *testing.T, workers int) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if info, err := h.consumer().Info(t.Context()); err == nil && info.NumWaiting == workers {
			return
		}
	}
	t.Fatalf("the %d workers don't wait for runs", workers)
}
