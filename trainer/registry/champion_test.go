package registry_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"rakam/trainer/jet"
	"rakam/trainer/registry"
	"rakam/trainer/report"
)

func TestChampion(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		j := openJet(t, o)
		r := openIn(t, j)
		if revision := wantChampion(t, r, "seed"); revision != 0 {
			t.Errorf("nobody was promoted, at revision %d", revision)
		}
		a, b := add(t, r, version(1)).ID, add(t, r, version(2)).ID
		gate := &report.Comparison{Samples: 5000, OnlyChallenger: 9, P: 0.01, Verdict: report.Better}
		if err := r.Promote(t.Context(), registry.Promotion{Version: a, By: "gate", Run: "run1", Gate: gate}, 0); err != nil {
			t.Fatal(err)
		}
		revision := wantChampion(t, r, a)
		if err := r.Promote(t.Context(), registry.Promotion{Version: b, By: "ada"}, 0); !errors.Is(err, registry.ErrConflict) {
			t.Errorf("promoting over somebody else's promotion: %v", err)
		}
		if err := r.Promote(t.Context(), registry.Promotion{Version: b, By: "ada"}, revision); err != nil {
			t.Fatal(err)
		}
		check := func(r *registry.Registry) {
			wantChampion(t, r, b)
			history, err := r.Promotions(t.Context())
			if err != nil || len(history) != 2 {
				t.Fatalf("the history is %+v, %v", history, err)
			}
			if p := history[0]; p.Version != b || p.Previous != a || p.By != "ada" || time.Since(p.At) > time.Minute {
				t.Errorf("the last promotion is %+v", p)
			}
			if p := history[1]; p.Version != a || p.Previous != "seed" || p.Run != "run1" || !reflect.DeepEqual(p.Gate, gate) {
				t.Errorf("the first promotion is %+v", p)
			}
		}
		check(r)
		check(reopened(t, j, o))
	})
}

func TestRollback(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		r := openIn(t, openJet(t, o))
		if _, err := r.Rollback(t.Context(), "ada", 0); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("back to before the beginning: %v", err)
		}
		a, b, c := add(t, r, version(1)).ID, add(t, r, version(2)).ID, add(t, r, version(3)).ID
		promote(t, r, a)
		promote(t, r, b)
		revision := promote(t, r, c)
		if _, err := r.Rollback(t.Context(), "ada", revision-1); !errors.Is(err, registry.ErrConflict) {
			t.Errorf("a rollback from another champion: %v", err)
		}
		p, err := r.Rollback(t.Context(), "ada", revision)
		if err != nil || p.Version != b || p.Previous != c || p.By != "ada" {
			t.Errorf("rolled back to %+v, %v", p, err)
		}
		wantChampion(t, r, b)
		promote(t, r, c)
		if err := r.Delete(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if p, err = r.Rollback(t.Context(), "ada", promote(t, r, c)); err != nil || p.Version != a {
			t.Errorf("rolled back over a deleted version to %+v, %v", p, err)
		}
		wantChampion(t, r, a)
	})
}

// rollBack rolls back and returns what that promoted.
func rollBack(t *testing.T, r *registry.Registry) registry.Promotion {
	t.Helper()
	_, revision, err := r.Champion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before, err := r.Before(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p, err := r.Rollback(t.Context(), "ada", revision)
	if err != nil || !p.Rollback || p.Version != before.Version {
		t.Fatalf("rolled back to %+v, %v; announced was %+v", p, err, before)
	}
	return p
}

// TestRollbackWalksBack: one rollback after the other ends with the first
// champion; what was rolled back from never comes back by itself.
func TestRollbackWalksBack(t *testing.T) {
	r := openIn(t, openJet(t, jet.Options{Dir: t.TempDir()}))
	a, b, c := add(t, r, version(1)).ID, add(t, r, version(2)).ID, add(t, r, version(3)).ID
	promote(t, r, a)
	gate := &report.Comparison{Samples: 5000, OnlyChampion: 31, OnlyChallenger: 4, Verdict: report.Worse}
	err := r.Promote(t.Context(), registry.Promotion{Version: b, Gate: gate, Override: true}, wantChampion(t, r, a))
	if err != nil {
		t.Fatal(err)
	}
	if p := rollBack(t, r); p.Version != a || p.Override {
		t.Errorf("from the refused version back to %+v, want %s", p, a)
	}
	if p := rollBack(t, r); p.Version != "seed" || p.Previous != a {
		t.Errorf("once more back to %+v, want seed and not the refused version", p)
	}
	if _, err := r.Before(t.Context()); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("before the first champion: %v", err)
	}
	err = r.Promote(t.Context(), registry.Promotion{Version: b, Run: "run1", Gate: gate, Override: true}, wantChampion(t, r, "seed"))
	if err != nil {
		t.Fatal(err)
	}
	promote(t, r, c)
	if p := rollBack(t, r); p.Version != b || !p.Override || p.Gate != nil || p.Run != "run1" {
		t.Errorf("back to a version that once was an override, without saying so: %+v", p)
	}
	if p := rollBack(t, r); p.Version != "seed" {
		t.Errorf("back to %+v, want seed", p)
	}
}

// TestRollbackFarBack: of more promotions than are kept the oldest are forgotten,
// and the way back still ends.
func TestRollbackFarBack(t *testing.T) {
	r := openIn(t, openJet(t, jet.Options{URL: natsServer(t)}))
	ids := []string{add(t, r, version(1)).ID, add(t, r, version(2)).ID}
	for i := range 70 {
		promote(t, r, ids[i%2])
	}
	steps := 0
	for ; steps < 200; steps++ {
		_, revision, err := r.Champion(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Rollback(t.Context(), "ada", revision); errors.Is(err, registry.ErrNotFound) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if steps > 70 {
		t.Errorf("there are %d champions before the last of 70", steps)
	}
	wantChampion(t, r, "seed")
}

// TestGateDecides: what is clearly worse needs an override.
func TestGateDecides(t *testing.T) {
	r := openIn(t, openJet(t, jet.Options{Dir: t.TempDir()}))
	id := add(t, r, version(1)).ID
	p := registry.Promotion{Version: id, By: "ada"}
	for verdict, refused := range map[report.Outcome]bool{
		report.Worse: true, report.Indistinguishable: false, report.Incomparable: false, report.Better: false,
	} {
		p.Gate = &report.Comparison{Samples: 5000, OnlyChampion: 31, OnlyChallenger: 4, Verdict: verdict}
		_, revision, _ := r.Champion(t.Context())
		if err := r.Promote(t.Context(), p, revision); errors.Is(err, registry.ErrWorse) != refused {
			t.Errorf("%s: %v", verdict, err)
		}
	}
	p.Gate.Verdict, p.Override = report.Worse, true
	if err := r.Promote(t.Context(), p, wantChampion(t, r, id)); err != nil {
		t.Fatal(err)
	}
	if got, _, _ := r.Champion(t.Context()); !got.Override || got.Gate.OnlyChampion != 31 {
		t.Errorf("the override is not recorded: %+v", got)
	}
}

// TestPromoteAtOnce: of those who promote at the same time one wins, and the
// others are told.
func TestPromoteAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		r := openIn(t, openJet(t, o))
		ids := []string{add(t, r, version(1)).ID, add(t, r, version(2)).ID, add(t, r, version(3)).ID}
		for round := range 5 {
			_, revision, err := r.Champion(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			errs := make([]error, len(ids))
			for i, id := range ids {
				wg.Go(func() {
					errs[i] = r.Promote(t.Context(), registry.Promotion{Version: id, By: fmt.Sprint(i)}, revision)
				})
			}
			wg.Wait()
			winners := 0
			for i, err := range errs {
				switch {
				case err == nil:
					winners++
					wantChampion(t, r, ids[i])
				case !errors.Is(err, registry.ErrConflict):
					t.Error(err)
				}
			}
			if winners != 1 {
				t.Errorf("round %d: %d winners: %v", round, winners, errs)
			}
		}
	})
}

// TestPromoteAgainstDelete: whichever is first, the champion is a version that
// is there.
func TestPromoteAgainstDelete(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		r := openIn(t, openJet(t, o))
		both := map[bool]int{}
		for round := range 15 {
			id := add(t, r, version(1)).ID
			_, revision, err := r.Champion(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var promoted, deleted error
			var wg sync.WaitGroup
			wg.Go(func() { promoted = r.Promote(t.Context(), registry.Promotion{Version: id}, revision) })
			wg.Go(func() {
				time.Sleep(time.Duration(round) * 120 * time.Microsecond)
				deleted = r.Delete(t.Context(), id)
			})
			wg.Wait()
			if promoted == nil && deleted == nil {
				t.Error("the champion was deleted")
			}
			both[promoted == nil]++
			if promoted != nil && !errors.Is(promoted, registry.ErrNotFound) {
				t.Error(promoted)
			}
			if deleted != nil && !errors.Is(deleted, registry.ErrIsChampion) {
				t.Error(deleted)
			}
			if p, _, err := r.Champion(t.Context()); err != nil || p.Fallback != "" || promoted == nil && p.Version != id {
				t.Errorf("the champion is %+v, %v; promoted: %v, deleted: %v", p, err, promoted, deleted)
			}
			promote(t, r, "seed")
		}
		t.Logf("promoted %d times, deleted %d times", both[true], both[false])
	})
}

// TestUndone: a promotion that is taken back makes nobody the one who promoted what
// was the champion before; who did promote that stays.
func TestUndone(t *testing.T) {
	r := openIn(t, openJet(t, jet.Options{Dir: t.TempDir()}))
	first, _, err := r.Champion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a, b := add(t, r, version(1)).ID, add(t, r, version(2)).ID
	for _, by := range []string{registry.Undone, "ada"} {
		before := first
		if by == "ada" {
			promote(t, r, b)
			if before, _, err = r.Champion(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Undo(t.Context(), before, promote(t, r, a)); err != nil {
			t.Fatal(err)
		}
		if p, _, err := r.Champion(t.Context()); err != nil || p.Version != before.Version || p.By != by || p.At.IsZero() {
			t.Errorf("the champion is %+v, %v; want %s by %s", p, err, before.Version, by)
		}
	}
}

func TestWatch(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		r := openIn(t, openJet(t, o))
		a, b := add(t, r, version(1)).ID, add(t, r, version(2)).ID
		early, stop := watch(t, r)
		wantNext(t, early, "seed")
		promote(t, r, a)
		wantNext(t, early, a)
		late, _ := watch(t, r)
		wantNext(t, late, a)
		promote(t, r, b)
		wantNext(t, early, b)
		wantNext(t, late, b)
		stop()
		for range early { // ends
		}
		select {
		case p := <-late:
			t.Errorf("nothing changed, but %+v came", p)
		case <-time.After(50 * time.Millisecond):
		}
	})
}

// watch watches the champion until stop is called or the test ends.
func watch(t *testing.T, r *registry.Registry) (changes <-chan registry.Promotion, stop func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	changes, err := r.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return changes, stop
}

func wantNext(t *testing.T, changes <-chan registry.Promotion, id string) {
	t.Helper()
	select {
	case p := <-changes:
		if p.Version != id {
			t.Fatalf("told of %+v, want %s", p, id)
		}
	case <-time.After(5 * time.Second):
		t.Fatalf("was not told of %s", id)
	}
}
