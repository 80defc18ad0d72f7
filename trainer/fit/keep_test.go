package fit

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"rakam/trainer/recipe"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// memory is a checkpoint in memory that remembers all it ever was.
type memory struct {
	all [][]byte
	at  []Position
}

func (m *memory) Save(at Position, b []byte) error {
	m.all, m.at = append(m.all, b), append(m.at, at)
	return nil
}

func (m *memory) Load() ([]byte, error) {
	if len(m.all) == 0 {
		return nil, fs.ErrNotExist
	}
	return m.all[len(m.all)-1], nil
}

func (m *memory) String() string { return "in memory" }

// TestInterval: checkpoints are kept within an epoch too, and from each of them
// a run goes on as if it had not been killed.
func TestInterval(t *testing.T) {
	c := config(t, small())
	var m memory
	c.Checkpoint, c.Interval = &m, time.Nanosecond
	want := bytesOf(t, mustRun(t, c).Model)
	if len(m.all) != 3*(8+1) || m.at[3].Step != 4 || len(m.at[8].History) != 1 || m.at[8].Step != 0 {
		t.Fatalf("%d checkpoints at %+v", len(m.all), m.at)
	}
	for _, i := range []int{0, 7, 8, 9, 25, 26} {
		c := c
		c.Resume, c.Checkpoint = true, &memory{all: m.all[i : i+1]}
		if got := bytesOf(t, mustRun(t, c).Model); !bytes.Equal(got, want) {
			t.Errorf("resumed from checkpoint %d: other weights", i)
		}
	}
	m = memory{}
	c.Interval = time.Hour
	mustRun(t, c)
	if len(m.all) != 3 {
		t.Errorf("%d checkpoints, want one an epoch", len(m.all))
	}
}

// TestBest: with a holdout the best epoch is kept, without one the last; both are
// what a run of so many epochs ends with.
func TestBest(t *testing.T) {
	for _, holdout := range []int{0, 5000} {
		r := small()
		r.Holdout, r.Epochs = holdout, 6
		r.Optimizer.LearningRate = 0.2 // too large, so that a later epoch may be worse
		c := config(t, r)
		var m memory
		c.Checkpoint = &m
		whole := mustRun(t, c)
		best, err := Best(&m)
		if err != nil {
			t.Fatal(err)
		}
		n := len(best.History)
		want := 6
		if holdout > 0 {
			want = 1
			for i, e := range whole.History {
				if better(e, whole.History[want-1]) {
					want = i + 1
				}
			}
		}
		if n != want {
			t.Errorf("holdout %d: epoch %d is kept, want %d of %+v", holdout, n, want, whole.History)
		}
		c.Recipe.Epochs, c.Checkpoint = n, nil
		if again := mustRun(t, c); !bytes.Equal(bytesOf(t, again.Model), bytesOf(t, best.Model)) {
			t.Errorf("holdout %d: not the model of a run of %d epochs", holdout, n)
		}
	}
	r := small()
	r.Schedule, r.Epochs = recipe.Cosine, 6
	c := config(t, r)
	var m memory
	c.Checkpoint = &m
	ctx, cancel := context.WithCancel(t.Context())
	c.Progress = func(p Progress) {
		if p.Epoch == 3 {
			cancel()
		}
	}
	if _, err := Run(ctx, c); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	stopped, err := Best(&m)
	if err != nil {
		t.Fatal(err)
	}
	if stopped.Model.Meta.Recipe != r.JSON() || len(stopped.History) != 2 {
		t.Errorf("stopped on a cosine: %d epochs, %s", len(stopped.History), stopped.Model.Meta.Recipe)
	}
	if card, err := renderCard(stopped, &report.Report{}, 1); err != nil || !strings.Contains(string(card), "stopped after 2 of 6 epochs") || strings.Contains(string(card), "Again with") {
		t.Errorf("the card of a stopped run, %v:\n%s", err, card)
	}
	if _, err := Best(&memory{}); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("without a checkpoint: %v", err)
	}
}

// TestFocus: an epoch has as many images as without a focus, of each digit its
// share, of each image of a digit the same number or one more.
func TestFocus(t *testing.T) {
	c := config(t, small())
	set := c.Data.Train
	var have [nn.Classes]int
	for i := range set.Len() {
		have[set.Label(i)]++
	}
	r := c.Recipe
	r.Focus = [nn.Classes]float64{0, 1, 1, 1, 5, 1, 1, 1, 0.5, 1}
	total := 0.0
	for d, n := range have {
		total += float64(n) * r.Focus[d]
	}
	taken := indices(order(r, c.Data, 3))
	var got [nn.Classes]int
	times := map[int]int{}
	for _, i := range taken {
		got[set.Label(i)]++
		times[i]++
	}
	if len(taken) != set.Len() {
		t.Fatalf("%d images, want %d", len(taken), set.Len())
	}
	for i, n := range times {
		want := float64(set.Len()) * r.Focus[set.Label(i)] / total
		if d := float64(n) - want; d <= -1 || d >= 1 {
			t.Errorf("an image of %d is taken %d times, want %.2f", set.Label(i), n, want)
		}
	}
	if got[0] != 0 || got[4] < 2*have[4] || got[8] >= have[8] {
		t.Errorf("of each digit %v are taken, of %v", got, have)
	}
	if again := indices(order(r, c.Data, 3)); !slices.Equal(again, taken) {
		t.Error("the same epoch in another order")
	}
	if other := indices(order(r, c.Data, 4)); slices.Equal(other, taken) {
		t.Error("every epoch in the same order")
	}
	plain := r
	plain.Focus = [nn.Classes]float64{}
	r.Focus = [nn.Classes]float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
	if !slices.Equal(order(r, c.Data, 3), order(plain, c.Data, 3)) {
		t.Error("all alike is a focus")
	}
}

func indices(items []item) (list []int) {
	for _, it := range items {
		list = append(list, int(it.index))
	}
	return list
}
