package runs

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"rakam/trainer/recipe"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// TestEstimate: the time that an epoch took, or a few steps take.
func TestEstimate(t *testing.T) {
	h := newHouse(t)
	e := NewEstimator(h.worker())
	r := small()
	r.Epochs = 10
	guess, err := e.Estimate(t.Context(), r, false)
	if err != nil || guess.Source != "calibration" || !(guess.SecondsPerEpoch > 0) || guess.Seconds != 10*guess.SecondsPerEpoch || guess.MeasuringSeconds != 0 || guess.Images != 230 {
		t.Errorf("estimate %+v (%v)", guess, err)
	}
	run := h.submit(t, Request{Recipe: "small"})
	start(t, h.worker())
	run = h.waitFor(t, run.ID, Done)
	known, err := e.Estimate(t.Context(), r, false)
	if err != nil || known.Source != "run" || known.Run != run.ID || known.SecondsPerEpoch != typical(run.History) ||
		!(known.MeasuringSeconds > 0) || known.MeasuringSeconds != run.MeasuringSeconds || known.Seconds != 10*known.SecondsPerEpoch+known.MeasuringSeconds {
		t.Errorf("estimate %+v (%v)", known, err)
	}
	if took := run.Finished.Sub(run.Started).Seconds(); run.MeasuringSeconds > took {
		t.Errorf("measuring took %v s of %v", run.MeasuringSeconds, took)
	}
	slower := Run{ID: "slower", Machine: run.Machine, Recipe: run.Recipe, History: []report.Epoch{{Seconds: 9000}}}
	with := slower
	with.Corrections = true
	other := slower
	other.Machine = "another"
	for _, x := range []struct {
		all         []Run
		corrections bool
		run         string
		measuring   float64
	}{
		{[]Run{run}, false, run.ID, run.MeasuringSeconds},
		{[]Run{slower, run}, false, "slower", run.MeasuringSeconds}, // it was not measured itself
		{[]Run{with, other, run}, false, run.ID, run.MeasuringSeconds},
		{[]Run{with}, true, "slower", 0},
		{[]Run{run, other}, true, "", 0},
	} {
		if got, ok := measured(run.Machine, r, x.corrections, x.all); ok != (x.run != "") || got.Run != x.run || got.MeasuringSeconds != x.measuring {
			t.Errorf("of %d runs, corrections %v: %+v, %v, want %q with %v s", len(x.all), x.corrections, got, ok, x.run, x.measuring)
		}
	}
	r.Optimizer.LearningRate = -1
	if _, err := e.Estimate(t.Context(), r, false); err == nil {
		t.Error("what can't be trained has an estimate")
	}
}

// TestKnown: what was not measured is not known, and asking trains nothing.
func TestKnown(t *testing.T) {
	h := newHouse(t)
	e := NewEstimator(h.worker())
	other := small()
	other.BatchSize++
	if got, err := e.Known(t.Context(), small(), other); err != nil || len(got) != 2 || got[0] != nil || got[1] != nil {
		t.Fatalf("before anything was trained: %v (%v)", got, err)
	}
	calibrated, err := e.Estimate(t.Context(), small(), false)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := e.Known(t.Context(), small(), other); err != nil || got[0] == nil || *got[0] != calibrated || got[1] != nil {
		t.Errorf("after %+v: %v (%v)", calibrated, got, err)
	}
}

// TestImpatientEstimates: who does not wait any more gets no turn.
func TestImpatientEstimates(t *testing.T) {
	h := newHouse(t)
	w := h.worker()
	e := NewEstimator(w)
	e.turn <- struct{}{} // somebody else's takes long
	ctx, leave := context.WithCancel(t.Context())
	answered := make(chan error, 1)
	go func() {
		_, err := e.Estimate(ctx, small(), false)
		answered <- err
	}()
	leave()
	select {
	case err := <-answered:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("answered with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it waits all the same")
	}
}

// TestPace: a run tells nothing of another whose epochs do more work.
func TestPace(t *testing.T) {
	for name, change := range map[string]func(*recipe.Recipe){
		"spec":            func(r *recipe.Recipe) { r.Spec.Layers = r.Spec.Layers[1:] },
		"optimizer":       func(r *recipe.Recipe) { r.Optimizer.Name = recipe.AdamW },
		"batch":           func(r *recipe.Recipe) { r.BatchSize++ },
		"mix":             func(r *recipe.Recipe) { r.Mix.Generated = 0.5 },
		"augment":         func(r *recipe.Recipe) { r.Augment.Shift = 1 },
		"augment strokes": func(r *recipe.Recipe) { r.AugmentStrokes.Slant = 0.1 },
		"average":         func(r *recipe.Recipe) { r.Average = 0.99 },
		"teacher":         func(r *recipe.Recipe) { r.Teacher = "best" },
	} {
		r := small()
		if change(&r); pace(r, false) == pace(small(), false) {
			t.Errorf("%s does not count", name)
		}
	}
	r := small()
	r.Seed, r.Epochs, r.Optimizer.LearningRate = 9, 99, 0.5
	if pace(r, false) != pace(small(), false) {
		t.Error("what costs no time counts")
	}
}

// TestTeacher: a worker has the teacher that the recipe names, or says that it
// does not ship.
func TestTeacher(t *testing.T) {
	h := newHouse(t)
	w := h.worker()
	asked := ""
	w.Shipped = func(id string) (*nn.Model, error) {
		switch id {
		case "":
			return nil, nil
		case "nobody":
			return nil, errors.New("no version called nobody ships")
		}
		asked = id
		return nn.New(small().Spec)
	}
	start(t, w)
	done := h.waitFor(t, h.submit(t, Request{Recipe: "taught"}).ID, Done)
	if asked != "somebody" || done.Version == "" {
		t.Errorf("taught by %q: %+v", asked, done)
	}
	asked = ""
	if done := h.waitFor(t, h.submit(t, Request{Recipe: "started"}).ID, Done); asked != "somebody" || done.Version == "" {
		t.Errorf("begun with %q: %+v", asked, done)
	}
	failed := h.waitFor(t, h.submit(t, Request{Recipe: "untaught"}).ID, Failed)
	if !strings.Contains(failed.Error, "nobody ships") || !strings.Contains(failed.Hint, "ships that version") {
		t.Errorf("without its teacher: %q, %q", failed.Error, failed.Hint)
	}
	r, _ := find("untaught")
	e := NewEstimator(w)
	if _, err := e.Estimate(t.Context(), r, false); !errors.Is(err, ErrTeacher) {
		t.Errorf("an estimate without the teacher: %v", err)
	}
}
