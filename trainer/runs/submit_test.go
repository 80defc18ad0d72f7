package runs

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"

	"rakam/trainer/jet"
	"rakam/trainer/recipe"
)

// TestRequest: wrong values are refused by the name of their field.
func TestRequest(t *testing.T) {
	for _, c := range []struct {
		q           Request
		field, text string
	}{
		{Request{Recipe: "tohum"}, "recipe", "choose one of"},
		{Request{Recipe: "small", Epochs: p(1_000_000_000)}, "epochs", "want 1 to 1000"},
		{Request{Recipe: "small", Epochs: p(0)}, "epochs", "epochs is 0"},
		{Request{Recipe: "small", BatchSize: p(-3)}, "batch_size", "batch size is -3"},
		{Request{Recipe: "small", LearningRate: p(math.NaN())}, "learning_rate", "NaN"},
		{Request{Recipe: "small", LearningRate: p(math.Inf(1))}, "learning_rate", "at most 1"},
		{Request{Recipe: "small", Focus: &recipe.Focus{3: 5.1}}, "focus", "focus on 3 is 5.1"},
		{Request{Recipe: "small", Focus: &recipe.Focus{9: math.NaN()}}, "focus", "focus on 9"},
		{Request{Recipe: "small", Focus: &recipe.Focus{}}, "focus", "nothing to train on"},
	} {
		_, err := c.q.Build(find)
		var field *recipe.FieldError
		if !errors.As(err, &field) || field.Field != c.field || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%+v: %v, want %q about %s", c.q, err, c.text, c.field)
		}
	}
	r, err := Request{Recipe: "small", Epochs: p(7), LearningRate: p(0.5), Seed: p(uint64(9)), Focus: &recipe.Focus{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}}.Build(find)
	if err != nil || r.Epochs != 7 || r.Optimizer.LearningRate != 0.5 || r.Seed != 9 || r.Focus != (recipe.Focus{}) {
		t.Errorf("built %+v (%v)", r, err)
	}
}

// TestSubmitOnce: the same key is the same run, however often and from how many
// places at once it is given.
func TestSubmitOnce(t *testing.T) {
	h := newHouse(t)
	q := Request{Recipe: "small"}
	var wg sync.WaitGroup
	var mu sync.Mutex
	ids, created := map[string]bool{}, 0
	for range 8 {
		wg.Go(func() {
			run, first, err := h.Submit(t.Context(), q, "key")
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			ids[run.ID] = true
			if first {
				created++
			}
		})
	}
	wg.Wait()
	if len(ids) != 1 || created != 1 {
		t.Errorf("%d runs, created %d times", len(ids), created)
	}
	if info, err := h.queue.Info(t.Context()); err != nil || info.State.Msgs != 1 {
		t.Errorf("%d messages are queued (%v)", info.State.Msgs, err)
	}
	_, _, err := h.Submit(t.Context(), Request{Recipe: "small", Epochs: p(9)}, "key")
	wantError(t, err, ErrKeyReused, "trains something else")
	start(t, h.worker())
	for id := range ids {
		h.waitFor(t, id, Done)
	}
	if run, first, err := h.Submit(t.Context(), q, "key"); err != nil || first || run.State != Done {
		t.Errorf("again when done: %+v, %v, %v", run.State, first, err)
	}
}

// TestSubmitKilled: what a killed process left half done is completed.
func TestSubmitKilled(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	lost := Run{ID: newID("lost"), Key: "lost", Recipe: small(), State: Queued, Created: h.submit(t, Request{Recipe: "small"}).Created}
	if err := h.put(ctx, lost, 0); err != nil { // and there it was killed
		t.Fatal(err)
	}
	if run, err := h.Get(ctx, lost.ID); err != nil || run.Place != 0 {
		t.Fatalf("place %d (%v)", run.Place, err)
	}
	if run, created, err := h.Submit(ctx, Request{Recipe: "small"}, "lost"); err != nil || created || run.Place != 2 {
		t.Errorf("submitted again: created %v, place %d (%v)", created, run.Place, err)
	}
	third := Run{ID: newID("third"), Recipe: small(), State: Queued, Created: lost.Created}
	if err := h.put(ctx, third, 0); err != nil {
		t.Fatal(err)
	}
	if err := h.Repair(ctx); err != nil {
		t.Fatal(err)
	}
	if run, err := h.Get(ctx, third.ID); err != nil || run.Place != 3 {
		t.Errorf("after a repair: place %d (%v)", run.Place, err)
	}
	start(t, h.worker())
	done := h.waitFor(t, third.ID, Done)
	if got := kinds(h.follow(t, done.ID, 0)); got != "queued running 1 2 3 done" {
		t.Errorf("events %q", got)
	}
}

// TestPlaces: runs are trained in the order in which they came, and each knows
// its place.
func TestPlaces(t *testing.T) {
	h := newHouse(t)
	h.MaxQueued = 4
	var ids []string
	for range 4 {
		ids = append(ids, h.submit(t, Request{Recipe: "small", Epochs: p(1)}).ID)
	}
	_, _, err := h.Submit(t.Context(), Request{Recipe: "small"}, "")
	wantError(t, err, ErrQueueFull, "4 runs are waiting")
	if _, err := h.Cancel(t.Context(), ids[1]); err != nil {
		t.Fatal(err)
	}
	all, err := h.List(t.Context())
	if err != nil || len(all) != 4 {
		t.Fatalf("%d runs (%v)", len(all), err)
	}
	for i, want := range []int{3, 2, 0, 1} {
		if run := all[i]; run.ID != ids[3-i] || run.Place != want {
			t.Errorf("run %d of the list is %s on place %d, want %s on %d", i, run.ID, run.Place, ids[3-i], want)
		}
	}
	start(t, h.worker())
	var began []Run
	for _, i := range []int{0, 2, 3} {
		began = append(began, h.waitFor(t, ids[i], Done))
	}
	if !began[0].Finished.Before(began[1].Started) || !began[1].Finished.Before(began[2].Started) {
		t.Errorf("they were not trained one after the other: %v", began)
	}
}

// TestForget: the oldest records go when there are too many.
func TestForget(t *testing.T) {
	h := newHouse(t)
	h.MaxRuns = 2
	first := h.submit(t, Request{Recipe: "small"})
	if _, err := h.Cancel(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		h.submit(t, Request{Recipe: "small"})
	}
	_, err := h.Get(t.Context(), first.ID)
	wantError(t, err, ErrNotFound, first.ID)
	if all, err := h.List(t.Context()); err != nil || len(all) != 2 {
		t.Errorf("%d runs are kept (%v)", len(all), err)
	}
}

// TestDamagedRecord: one record that can't be read hides no other run and does not
// stay in the queue; what it may go on from stays until it is cancelled.
func TestDamagedRecord(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	h.submit(t, Request{Recipe: "small"})
	bad := newID("bad")
	if _, err := h.records.Put(ctx, bad, []byte("{")); err != nil {
		t.Fatal(err)
	}
	if _, err := h.jet.JS.Publish(ctx, queueSubject+bad, []byte(bad)); err != nil {
		t.Fatal(err)
	}
	last := h.submit(t, Request{Recipe: "small"})
	_, err := h.Get(ctx, bad)
	wantError(t, err, ErrDamaged, bad)
	if err := h.Repair(ctx); err != nil {
		t.Error(err)
	}
	all, err := h.List(ctx)
	if err != nil || len(all) != 3 || all[1].ID != bad || all[1].State != Failed || all[1].Error == "" {
		t.Errorf("listed %+v (%v)", all, err)
	}
	stop := start(t, h.worker())
	h.waitFor(t, last.ID, Done)
	stop()
	if info, err := h.queue.Info(ctx); err != nil || info.State.Msgs != 0 {
		t.Errorf("%d messages stay in the queue (%v)", info.State.Msgs, err)
	}
	h.wantSwept(t, bad)
	for _, id := range []string{"nosuchrun", "*", "", "0123456789ab"} {
		_, err := h.Get(ctx, id)
		wantError(t, err, ErrNotFound, "no run")
	}
}

// wantSwept checks that the checkpoint of a run that can't be read is swept away
// when the run is cancelled, and not before.
func (h *house) wantSwept(t *testing.T, bad string) {
	t.Helper()
	ctx := t.Context()
	for _, name := range []string{bad + ".1.0", newID("gone") + ".1.0"} {
		if err := h.putObject(ctx, name, []byte("a checkpoint")); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.sweep(ctx, 0); err != nil {
		t.Error(err)
	}
	if list, err := h.objects.List(ctx); err != nil || len(list) != 1 || list[0].Name != bad+".1.0" {
		t.Errorf("%d objects are kept (%v), want that of the damaged run", len(list), err)
	}
	if run, err := h.Cancel(ctx, bad); err != nil || run.ID != bad || run.State != Cancelled {
		t.Errorf("cancelled: %+v (%v)", run, err)
	}
	_, err := h.Get(ctx, bad)
	wantError(t, err, ErrNotFound, bad)
	if err := h.sweep(ctx, 0); err != nil {
		t.Error(err)
	}
	if list, err := h.objects.List(ctx); err == nil {
		t.Errorf("%d objects stay", len(list))
	}
}

// TestReopened: runs, places and events are there after a restart.
func TestReopened(t *testing.T) {
	dir := t.TempDir()
	h, err := open(jet.Options{Dir: dir}, quick)
	if err != nil {
		t.Fatal(err)
	}
	a := h.submit(t, Request{Recipe: "small"})
	b := h.submit(t, Request{Recipe: "small"})
	if err := h.jet.Close(); err != nil {
		t.Fatal(err)
	}
	if h, err = open(jet.Options{Dir: dir}, quick); err != nil {
		t.Fatal(err)
	}
	defer h.jet.Close()
	if run, err := h.Get(context.Background(), b.ID); err != nil || run.Place != 2 {
		t.Errorf("place %d (%v)", run.Place, err)
	}
	stop := start(t, h.worker())
	h.waitFor(t, b.ID, Done)
	stop()
	if got := kinds(h.follow(t, a.ID, 0)); got != "queued running 1 2 3 done" {
		t.Errorf("events %q", got)
	}
}

// TestListedWhileChanging: a run is listed also while its record is rewritten.
func TestListedWhileChanging(t *testing.T) {
	h := dial(t, lone(t).ClientURL()) // which is faster than a store that waits for the disk
	for range 3 {
		h.submit(t, Request{Recipe: "small"})
	}
	busy := h.submit(t, Request{Recipe: "small"})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() {
		for ctx.Err() == nil {
			_, err := h.change(ctx, busy.ID, func(r *Run) error { r.Step++; return nil })
			if err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		}
	})
	for i := range 100 {
		if all, err := h.List(ctx); err != nil || len(all) != 4 {
			t.Fatalf("list %d has %d runs, want 4 (%v)", i, len(all), err)
		}
	}
}
