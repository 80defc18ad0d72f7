package runs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rakam/trainer/report"
)

func stateOf(t *testing.T, e Event) StateChange {
	t.Helper()
	var c StateChange
	if err := json.Unmarshal(e.Data, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// kinds lists events in short: epochs by number, states by name.
func kinds(events []Event) string {
	var all []string
	for _, e := range events {
		switch e.Kind {
		case KindState:
			var c StateChange
			_ = json.Unmarshal(e.Data, &c)
			all = append(all, string(c.State))
		case KindEpoch:
			var h report.Epoch
			_ = json.Unmarshal(e.Data, &h)
			all = append(all, fmt.Sprint(h.Epoch))
		}
	}
	return strings.Join(all, " ")
}

// epochs returns "1 2 … n".
func epochs(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprint(i+1))
	}
	return strings.Join(all, " ")
}

func TestLastEvent(t *testing.T) {
	h := newHouse(t)
	before, err := h.LastEvent(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Announce(t.Context(), KindCorrections); err != nil {
		t.Fatal(err)
	}
	if after, err := h.LastEvent(t.Context()); err != nil || after != before+1 {
		t.Errorf("the last event is %d, then %d (%v)", before, after, err)
	}
}

// TestEventsOnce: a page that loses its connection after every single event and
// asks again with the last ID sees all of them, none twice.
func TestEventsOnce(t *testing.T) {
	h := newHouse(t)
	run := h.submit(t, Request{Recipe: "small", Epochs: p(5)})
	other := h.submit(t, Request{Recipe: "small", Epochs: p(1)})
	start(t, h.worker())
	h.waitFor(t, other.ID, Done)
	whole := h.follow(t, run.ID, 0)
	if got, want := kinds(whole), "queued running "+epochs(5)+" done"; got != want {
		t.Fatalf("events %q, want %q", got, want)
	}
	var first LogLine
	for _, e := range whole {
		if e.Kind != KindLog {
			continue
		}
		var line LogLine
		if err := json.Unmarshal(e.Data, &line); err != nil {
			t.Fatal(err)
		}
		if first.Text == "" {
			first = line
		}
		if line.Text == "" || strings.Contains(line.Text, "{") {
			t.Errorf("a line of the log lacks a value: %+v", line)
		}
	}
	if first.What != "begins" || !strings.HasPrefix(first.Text, "begins: ") || first.Values["backend"] == nil {
		t.Errorf("the log begins with %+v", first)
	}
	for i, e := range whole {
		if e.Run != run.ID || i > 0 && e.ID <= whole[i-1].ID {
			t.Fatalf("event %d is %+v", i, e)
		}
	}
	var pieces []Event
	for last := uint64(0); len(pieces) < len(whole); last = pieces[len(pieces)-1].ID {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		ch, err := h.Events(ctx, Filter{Run: run.ID}, last)
		if err != nil {
			t.Fatal(err)
		}
		e, ok := <-ch
		cancel()
		if !ok {
			t.Fatalf("no event came after %d", last)
		}
		pieces = append(pieces, e)
	}
	if !slices.EqualFunc(pieces, whole, func(a, b Event) bool { return a.ID == b.ID && string(a.Data) == string(b.Data) }) {
		t.Errorf("with a reconnection after each: %s", kinds(pieces))
	}
	if again := h.follow(t, run.ID, 1_000_000); kinds(again) != kinds(whole) {
		t.Errorf("after an ID the store never gave: %q", kinds(again))
	}
	if _, err := h.Events(t.Context(), Filter{Run: "*.>"}, 0); err == nil {
		t.Error("a run of that name can be followed")
	}
}

// TestManyReaders: 200 pages see every epoch once, while one reads nothing; that one
// is dropped, and goes on where it was when it asks again.
func TestManyReaders(t *testing.T) {
	h := newHouse(t)
	h.Patience = 10 * time.Millisecond // the others never have a full channel
	run := h.submit(t, Request{Recipe: "small", Epochs: p(4)})
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	idle := h.fillReader(t)
	var wg sync.WaitGroup
	for i := range 200 {
		ch, err := h.Events(ctx, Filter{Run: run.ID, Progress: true}, 0)
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			var seen []Event
			for e := range ch {
				seen = append(seen, e)
				if e.Kind == KindState && strings.Contains(string(e.Data), `"done"`) {
					break
				}
			}
			if got, want := kinds(seen), "queued running "+epochs(4)+" done"; got != want {
				t.Errorf("reader %d saw %q, want %q", i, got, want)
			}
		})
	}
	begun := time.Now()
	start(t, h.worker())
	wg.Wait()
	t.Logf("200 readers had everything after %v", time.Since(begun))
	h.wantDropped(t, idle)
}

// fillReader returns the channel of a reader for whom more lies there than it takes.
func (h *house) fillReader(t *testing.T) <-chan Event {
	t.Helper()
	ch, err := h.Events(t.Context(), Filter{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for range cap(ch) + 10 {
		if err := h.Announce(t.Context(), KindCorrections); err != nil {
			t.Fatal(err)
		}
	}
	for end := time.Now().Add(20 * time.Second); len(ch) < cap(ch); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d events lie there", len(ch))
		}
	}
	return ch
}

// wantDropped checks that a channel that was full for long is closed behind what
// lies in it, and that who asks again misses nothing.
func (h *house) wantDropped(t *testing.T, ch <-chan Event) {
	t.Helper()
	last := uint64(0)
	for range cap(ch) {
		last = (<-ch).ID
	}
	select {
	case e, ok := <-ch:
		if ok {
			t.Fatalf("who reads nothing is still sent event %d", e.ID)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("who reads nothing is neither dropped nor sent anything")
	}
	again, err := h.Events(t.Context(), Filter{}, last)
	if err != nil {
		t.Fatal(err)
	}
	if e := <-again; e.ID != last+1 {
		t.Errorf("after event %d comes %d", last, e.ID)
	}
}

// TestProgress: steps are told, without being kept.
func TestProgress(t *testing.T) {
	h := newHouse(t)
	run := h.submit(t, Request{Recipe: "small", Epochs: p(2)})
	ch, err := h.Events(t.Context(), Filter{Run: run.ID, Progress: true}, 0)
	if err != nil {
		t.Fatal(err)
	}
	w := h.worker()
	w.Yield = func() { time.Sleep(60 * time.Millisecond) }
	start(t, w)
	for e := range ch {
		if e.Kind != KindProgress {
			continue
		}
		var p Progress
		if err := json.Unmarshal(e.Data, &p); err != nil {
			t.Fatal(err)
		}
		if e.ID != 0 || p.Epochs != 2 || p.Steps != 12 || p.Step < 1 || !(p.ImagesPerSecond > 0) || !(p.Remaining > 0) {
			t.Errorf("progress %+v (ID %d)", p, e.ID)
		}
		break
	}
}
