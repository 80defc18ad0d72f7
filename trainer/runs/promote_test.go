package runs

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"rakam/trainer/fit"
	"rakam/trainer/registry"
	"rakam/trainer/report"
	"rakam/wasm/ink"
)

// verdict makes a gate that always says the same.
func verdict(v report.Outcome) func(context.Context, string, string) (report.Comparison, error) {
	return func(context.Context, string, string) (report.Comparison, error) {
		return report.Comparison{Samples: 10, Verdict: v}, nil
	}
}

// TestPromote: only a better version becomes the champion by itself, and only
// when the run asked for it. Everybody who follows the events is told.
func TestPromote(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct {
		name     string
		asked    bool
		verdict  report.Outcome
		promoted bool
	}{
		{"worse", true, report.Worse, false},
		{"the same", true, report.Indistinguishable, false},
		{"not comparable", true, report.Incomparable, false},
		{"better, not asked for", false, report.Better, false},
		{"better", true, report.Better, true},
	} {
		run := h.submit(t, Request{Recipe: "small", Epochs: p(1), Promote: c.asked})
		w := h.worker()
		w.Gate = verdict(c.verdict)
		stop := start(t, w)
		run = h.waitFor(t, run.ID, Done)
		stop()
		champion, _, err := h.registry.Champion(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if run.Promoted != c.promoted || run.Gate == nil || run.Gate.Verdict != c.verdict || (champion.Version == run.Version) != c.promoted {
			t.Errorf("%s: promoted %v, gate %+v, champion %s", c.name, run.Promoted, run.Gate, champion.Version)
		}
	}
	ch, err := h.Events(t.Context(), Filter{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for e := range ch {
		if e.Kind == KindChampion {
			var p registry.Promotion
			if err := json.Unmarshal(e.Data, &p); err != nil || e.Run != "" || !strings.HasPrefix(p.Version, "small-") || p.Gate == nil {
				t.Errorf("event %s (%v)", e.Data, err)
			}
			break
		}
	}
}

// TestPromoteRace: when somebody else promotes while a version is compared, it
// is compared again, with that one.
func TestPromoteRace(t *testing.T) {
	h := newHouse(t)
	rival := h.submit(t, Request{Recipe: "small", Epochs: p(1)})
	stop := start(t, h.worker())
	rival = h.waitFor(t, rival.ID, Done)
	stop()
	run := h.submit(t, Request{Recipe: "small", Epochs: p(2), Promote: true})
	w := h.worker()
	var against []string
	w.Gate = func(ctx context.Context, _, champion string) (report.Comparison, error) {
		if against = append(against, champion); len(against) == 1 {
			_, rev, err := h.registry.Champion(ctx)
			if err = errors.Join(err, h.registry.Promote(ctx, registry.Promotion{Version: rival.Version, By: "somebody"}, rev)); err != nil {
				return report.Comparison{}, err
			}
		}
		return report.Comparison{Verdict: report.Better}, nil
	}
	stop = start(t, w)
	run = h.waitFor(t, run.ID, Done)
	stop()
	if len(against) != 2 || against[1] != rival.Version || !run.Promoted {
		t.Errorf("compared with %v, promoted %v", against, run.Promoted)
	}
}

// TestGateFails: a champion that is gone while it is compared costs the
// comparison, not the version.
func TestGateFails(t *testing.T) {
	h := newHouse(t)
	run := h.submit(t, Request{Recipe: "small", Epochs: p(1), Promote: true})
	w := h.worker()
	w.Gate = func(context.Context, string, string) (report.Comparison, error) {
		return report.Comparison{}, registry.ErrNotFound
	}
	start(t, w)
	run = h.waitFor(t, run.ID, Done)
	if run.Version == "" || run.Gate != nil || run.Promoted {
		t.Errorf("run %+v", run)
	}
	h.model(t, run)
}

// TestCorrections: those approved when the run begins train it, to its end, also
// if they are deleted while it waits for another worker.
func TestCorrections(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	var ids []string
	for i := range 12 {
		c, _, err := h.registry.AddCorrection(ctx, registry.Correction{
			Strokes: ink.Drawing{{{X: 0, Y: 0}, {X: float64(i), Y: 40}}}, Label: 1, State: registry.Approved, Author: "me",
		})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, c.ID)
	}
	train, held, err := h.registry.Approved(ctx)
	if err != nil || len(train)+len(held) != 12 || len(train) == 0 {
		t.Fatalf("%d to train, %d held out (%v)", len(train), len(held), err)
	}
	q := Request{Recipe: "small", Epochs: p(3), Corrections: true}
	run := h.submit(t, q)
	stop := start(t, slow(h.worker()))
	h.under(t, run.ID)
	stop()
	for _, id := range ids {
		if err := h.registry.DeleteCorrection(ctx, id, "me"); err != nil {
			t.Fatal(err)
		}
	}
	start(t, h.worker())
	done := h.waitFor(t, run.ID, Done)
	with, err := h.registry.Model(ctx, done.Version)
	if err != nil {
		t.Fatal(err)
	}
	want, err := data(done.Recipe, train)
	if err != nil || with.Meta.DataHash != want.Hash {
		t.Errorf("trained on other data (%v)", err)
	}
	if done.Drawings != "" {
		t.Error("the copies of deleted corrections stay")
	}
	none := h.submit(t, q)
	if none = h.waitFor(t, none.ID, Done); none.Version == done.Version {
		t.Error("without corrections the same version")
	}
}

// TestBest: what is kept of a cancelled run is an epoch of the whole run.
func TestBest(t *testing.T) {
	h := newHouse(t)
	run := h.submit(t, Request{Recipe: "small", Epochs: p(20)})
	stop := start(t, slow(h.worker()))
	h.under(t, run.ID)
	if _, err := h.Cancel(t.Context(), run.ID); err != nil {
		t.Fatal(err)
	}
	cut := h.waitFor(t, run.ID, Cancelled)
	stop()
	history, err := h.registry.File(t.Context(), cut.Version, fit.HistoryFile)
	if err != nil {
		t.Fatal(err)
	}
	var kept []report.Epoch
	if err := json.Unmarshal(history, &kept); err != nil || len(kept) == 0 || len(kept) > cut.Epoch {
		t.Fatalf("kept %d of %d epochs (%v)", len(kept), cut.Epoch, err)
	}
	whole := h.submit(t, Request{Recipe: "small", Epochs: p(len(kept))})
	start(t, h.worker())
	if whole = h.waitFor(t, whole.ID, Done); whole.Version != cut.Version {
		t.Errorf("kept version %s; a run of %d epochs makes %s", cut.Version, len(kept), whole.Version)
	}
}
