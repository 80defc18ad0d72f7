package fit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rakam/trainer/cpu"
	"rakam/trainer/drawn"
	"rakam/trainer/mnist"
	"rakam/trainer/recipe"
	"rakam/trainer/report"
	"rakam/wasm/ink"
	"rakam/wasm/nn"
)

// small is the seed's recipe with narrow layers, three epochs long.
func small() recipe.Recipe {
	r := recipe.Seed()
	r.Name = "small"
	r.Spec.Layers = []nn.Layer{
		{Kind: nn.Dense, Units: 16, Activation: nn.Sigmoid},
		{Kind: nn.Dense, Units: nn.Classes, Activation: nn.Sigmoid},
	}
	r.Epochs = 3
	r.Optimizer.LearningRate = 1e-2
	return r
}

// config trains on 1,000 images, in 8 steps an epoch, the last one smaller.
func config(t *testing.T, r recipe.Recipe) Config {
	t.Helper()
	train, err := mnist.Train()
	if err != nil {
		t.Fatal(err)
	}
	d := Data{Train: train.Slice(0, 1000), Watch: train.Slice(1000, 1700)}
	d.Hash = d.Train.Hash()
	return Config{Recipe: r, Data: d, Backend: cpu.New(), Checkpoint: CheckpointFile(filepath.Join(t.TempDir(), "checkpoint"))}
}

func mustRun(t *testing.T, c Config) *Result {
	t.Helper()
	res, err := Run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func bytesOf(t *testing.T, m *nn.Model) []byte {
	t.Helper()
	b, err := m.Encode(nn.Single)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRun(t *testing.T) {
	c := config(t, small())
	var told []Progress
	c.Progress = func(p Progress) { told = append(told, p) }
	res := mustRun(t, c)
	if len(res.History) != 3 || res.History[2].Epoch != 3 {
		t.Fatalf("history %+v", res.History)
	}
	first, last := res.History[0], res.History[2]
	if last.Loss >= first.Loss || last.ValLoss >= first.ValLoss || last.ValAccuracy < 0.5 {
		t.Errorf("nothing was learnt: %+v, then %+v", first, last)
	}
	if len(told) != 3*(8+1) {
		t.Errorf("progress was told %d times, want after each of 8 steps and the end of 3 epochs", len(told))
	}
	if p := told[len(told)-1]; p.Finished == nil || p.Epoch != 3 || p.Step != 8 || p.Remaining != 0 {
		t.Errorf("last progress %+v", p)
	}
	if res.Model.Meta.Name != "small" || res.Model.Meta.DataHash != c.Data.Hash || !strings.Contains(res.Model.Meta.Recipe, `"rmsprop"`) {
		t.Errorf("meta %+v", res.Model.Meta)
	}
}

// TestInterrupted stops a run at its first step, within, at and behind the end
// of an epoch and before its last step, and lets a new one resume: the weights
// are those of a run that nothing stopped.
func TestInterrupted(t *testing.T) {
	c := config(t, small())
	want := mustRun(t, c)
	if again := mustRun(t, c); !bytes.Equal(bytesOf(t, again.Model), bytesOf(t, want.Model)) {
		t.Fatal("the same seed gives other weights")
	}
	for _, stop := range []int{1, 5, 8, 9, 23} {
		got := resumed(t, config(t, small()), stop)
		if !bytes.Equal(bytesOf(t, got.Model), bytesOf(t, want.Model)) {
			t.Fatalf("stopped after step %d: other weights", stop)
		}
		for i, e := range got.History {
			e.Seconds = want.History[i].Seconds
			if e != want.History[i] {
				t.Fatalf("stopped after step %d: epoch %+v, want %+v", stop, e, want.History[i])
			}
		}
	}
}

// resumed is the result of a run that is stopped after that many steps and goes on.
func resumed(t *testing.T, c Config, stop int) *Result {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	steps := 0
	c.Progress = func(p Progress) {
		if p.Finished == nil {
			if steps++; steps == stop {
				cancel()
			}
		}
	}
	if _, err := Run(ctx, c); !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped after step %d: %v", stop, err)
	}
	c.Resume, c.Progress = true, nil
	return mustRun(t, c)
}

// stopInSecondEpoch runs c until after the third step of its second epoch.
func stopInSecondEpoch(t *testing.T, c Config) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c.Progress = func(p Progress) {
		if p.Epoch == 2 && p.Step == 3 {
			cancel()
		}
	}
	if _, err := Run(ctx, c); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

// TestResumeWithFewerEpochs: a checkpoint within an epoch cannot become a run
// that ends before that epoch, for its weights have moved on.
func TestResumeWithFewerEpochs(t *testing.T) {
	c := config(t, small())
	stopInSecondEpoch(t, c)
	c.Resume, c.Progress, c.Recipe.Epochs = true, nil, 1
	if _, err := Run(context.Background(), c); !errors.Is(err, ErrCheckpoint) || !strings.Contains(err.Error(), "in epoch 2 already") {
		t.Errorf("resumed with one epoch: %v", err)
	}
	c.Recipe.Epochs = 2
	mustRun(t, c)
}

// TestResumedRemaining: what remains is reckoned from all steps of a run, not from the
// first ones after it was resumed.
func TestResumedRemaining(t *testing.T) {
	c := config(t, small())
	stopInSecondEpoch(t, c)
	cp, err := loadCheckpoint(c.Checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	cp.Position.History[0].Seconds, cp.Position.Seconds = 1000, 200 // for 11 steps of 24
	b, err := cp.encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Checkpoint.Save(cp.Position, b); err != nil {
		t.Fatal(err)
	}
	var first time.Duration
	begun := time.Now()
	c.Resume, c.Progress = true, func(p Progress) {
		if first == 0 {
			first = p.Remaining
			if least, most := 1200*time.Second, 1200*time.Second+time.Since(begun); first < least-time.Second || first > most {
				t.Errorf("after 12 steps of 24 in 1,200 s %v remain", first)
			}
		}
	}
	mustRun(t, c)
}

func TestSeedDecides(t *testing.T) {
	r := small()
	r.Epochs = 1
	one := mustRun(t, config(t, r))
	r.Seed = 2
	if two := mustRun(t, config(t, r)); bytes.Equal(bytesOf(t, one.Model), bytesOf(t, two.Model)) {
		t.Error("another seed gives the same weights")
	}
}

func TestResumeRefuses(t *testing.T) {
	c := config(t, small())
	mustRun(t, c)
	c.Resume = true
	for _, x := range []struct {
		name string
		edit func(*Config)
		want string
	}{
		{"missing", func(c *Config) { c.Checkpoint = CheckpointFile("nowhere") }, "there is no checkpoint"},
		{"other rate", func(c *Config) { c.Recipe.Optimizer.LearningRate = 1e-4 }, "another configuration"},
		{"other batches", func(c *Config) { c.Recipe.BatchSize, c.Recipe.Schedule = 32, "cosine" }, "with batch_size 128 instead of 32, schedule none instead of cosine: give"},
		{"more epochs too", func(c *Config) { c.Recipe.BatchSize, c.Recipe.Epochs = 32, 9 }, "with batch_size 128 instead of 32: give"},
		{"another activation", func(c *Config) {
			c.Recipe.Spec.Layers = slices.Clone(c.Recipe.Spec.Layers)
			c.Recipe.Spec.Layers[0].Activation = nn.ReLU
		}, "relu"},
		{"other data", func(c *Config) { c.Data.Hash = "" }, "other data"},
		{"fewer epochs", func(c *Config) { c.Recipe.Epochs = 1 }, "more than the 1"},
	} {
		cc := c
		x.edit(&cc)
		if _, err := Run(context.Background(), cc); !errors.Is(err, ErrCheckpoint) || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v, want %q", x.name, err, x.want)
		}
	}
	b, err := c.Checkpoint.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, damaged := range [][]byte{nil, b[:40], b[:len(b)-1], append(bytes.Clone(b[:100]), append([]byte{b[100] ^ 1}, b[101:]...)...)} {
		if err := c.Checkpoint.Save(Position{}, damaged); err != nil {
			t.Fatal(err)
		}
		if _, err := Run(context.Background(), c); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("a checkpoint of %d bytes instead of %d: %v", len(damaged), len(b), err)
		}
	}
}

// TestDiverged: a rate that ruins the weights ends the run with its reason.
func TestDiverged(t *testing.T) {
	c := config(t, small())
	c.Recipe.Optimizer.Epsilon = 1e-50 // zero in single precision: pixels never inked give 0/0
	_, err := Run(context.Background(), c)
	if !errors.Is(err, ErrDiverged) || !strings.Contains(err.Error(), "learning rate") {
		t.Errorf("error %v, want ErrDiverged with a hint", err)
	}
}

func TestUnwritableCheckpoint(t *testing.T) {
	c := config(t, small())
	c.Checkpoint = CheckpointFile(filepath.Join(t.TempDir(), "no", "such", "folder"))
	if _, err := Run(context.Background(), c); err == nil || !strings.Contains(err.Error(), "checkpoint could not be written") {
		t.Errorf("error %v", err)
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(stopped, c); !errors.Is(err, ErrUnsaved) || !errors.Is(err, context.Canceled) {
		t.Errorf("stopped without a checkpoint: %v", err)
	}
}

func TestLoadData(t *testing.T) {
	d, err := LoadData(recipe.Seed(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if d.Train.Len() != 60_000 || d.Watch.Len() != 10_000 {
		t.Errorf("seed trains on %d and watches %d", d.Train.Len(), d.Watch.Len())
	}
	r := recipe.Seed()
	r.Holdout = 5000
	line := drawn.Drawn{ID: "a", Label: 1, Strokes: ink.Drawing{{{X: 0, Y: 0}, {X: 0, Y: 9}}}}
	held, err := LoadData(r, []drawn.Drawn{line})
	if err != nil {
		t.Fatal(err)
	}
	if held.Train.Len() != 55_001 || held.Watch.Len() != 5000 || held.Train.Label(55_000) != 1 {
		t.Errorf("trains on %d and watches %d", held.Train.Len(), held.Watch.Len())
	}
	if held.Hash == d.Hash {
		t.Error("other data, same hash")
	}
	if again, _ := LoadData(recipe.Seed(), nil); again.Hash != d.Hash {
		t.Error("adding drawings changed the shared training set")
	}
	if held.Drawings == nil || held.Drawings.Count != 1 || held.Drawings.Pendigits || d.Drawings != nil {
		t.Errorf("drawings %+v", held.Drawings)
	}
	scribble := line
	scribble.Label = drawn.Unlabelled
	if held, err = LoadData(r, []drawn.Drawn{scribble, line}); err != nil {
		t.Fatal(err)
	}
	if held.Train.Label(55_000) != -1 || held.Train.Label(55_001) != 1 {
		t.Errorf("what is no digit is trained on as %d", held.Train.Label(55_000))
	}
	if _, err := LoadData(r, []drawn.Drawn{{ID: "empty"}}); err == nil || !strings.Contains(err.Error(), "empty has no ink") {
		t.Errorf("a drawing without ink: %v", err)
	}
}

// TestWriteArtifacts: the report measures the file beside it.
func TestWriteArtifacts(t *testing.T) {
	dir := t.TempDir()
	rep, err := WriteArtifacts(dir, mustRun(t, config(t, small())), nil)
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	again, err := report.EvaluateMNIST(read(ModelFile))
	if err != nil {
		t.Fatal(err)
	}
	var stored report.Report
	if err := json.Unmarshal(read(ReportFile), &stored); err != nil {
		t.Fatal(err)
	}
	if again.Confusion != stored.Confusion || again.ModelSHA256 != stored.ModelSHA256 || stored.Accuracy != rep.Accuracy {
		t.Errorf("report.json says %v, the file scores %v", &stored, again)
	}
	m, err := nn.Decode(read(ModelFile))
	if err != nil || m.Meta.Metrics["accuracy"] != rep.Accuracy {
		t.Errorf("metadata says %v, report %v (%v)", m.Meta.Metrics, rep.Accuracy, err)
	}
	if card := string(read(CardFile)); !strings.Contains(card, "784-16-10") || strings.Contains(card, "<no value>") {
		t.Errorf("card:\n%s", card)
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 4 {
		t.Errorf("%d files were left, want 4: %v", len(entries), entries)
	}
}
