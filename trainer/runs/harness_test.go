package runs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"rakam/trainer/cpu"
	"rakam/trainer/drawn"
	"rakam/trainer/fit"
	"rakam/trainer/jet"
	"rakam/trainer/mnist"
	"rakam/trainer/pretrained"
	"rakam/trainer/recipe"
	"rakam/trainer/registry"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// TestMain lets the test binary be a child that can be killed.
func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		os.Exit(child())
	}
	os.Exit(m.Run())
}

// small is a recipe that trains in a blink: 12 steps an epoch.
func small() recipe.Recipe {
	r := recipe.Seed()
	r.Name = "small"
	r.Spec.Layers = []nn.Layer{
		{Kind: nn.Dense, Units: 8, Activation: nn.Sigmoid},
		{Kind: nn.Dense, Units: nn.Classes, Activation: nn.Sigmoid},
	}
	r.Epochs, r.BatchSize, r.Holdout = 3, 20, 60
	r.Optimizer.LearningRate = 0.02
	return r
}

// find knows small, and recipes by which the tests steer the workers.
func find(name string) (recipe.Recipe, error) {
	r := small()
	r.Name = name
	switch name {
	case "small", "panics":
	case "taught":
		r.Teacher = "somebody"
	case "started":
		r.Start = "somebody"
	case "untaught":
		r.Teacher = "nobody"
	case "diverges":
		r.Optimizer.Epsilon = 1e-50 // zero in single precision
	default:
		return recipe.Recipe{}, fmt.Errorf("no recipe is called %q: choose one of small", name)
	}
	return r, nil
}

// images are noise with the label's own pixel inked.
func images(n int, seed uint64) mnist.Set {
	rng := rand.New(rand.NewPCG(seed, 7))
	set := mnist.Set{Images: make([]uint8, n*nn.ImageSize), Labels: make([]uint8, n)}
	for i := range n {
		set.Labels[i] = uint8(rng.IntN(nn.Classes))
		for range 20 {
			set.Images[i*nn.ImageSize+20+rng.IntN(700)] = uint8(rng.IntN(256))
		}
		set.Images[i*nn.ImageSize+int(set.Labels[i])] = 255
	}
	return set
}

func data(r recipe.Recipe, drawings []drawn.Drawn) (fit.Data, error) {
	if r.Name == "panics" {
		panic("the test wants it\nat a line of a stack")
	}
	d := fit.Data{Train: images(230, 1), Watch: images(60, 2)}
	for _, one := range drawings {
		d.Train.Images = append(d.Train.Images, make([]uint8, nn.ImageSize)...)
		d.Train.Labels = append(d.Train.Labels, uint8(one.Label))
	}
	d.Hash = d.Train.Hash()
	return d, nil
}

func artifacts(res *fit.Result, _ *drawn.Set) (fit.Artifacts, *report.Report, error) {
	return fit.NewArtifactsBy(res, func(file []byte) (*report.Report, error) {
		return report.Evaluate(file, images(50, 3), "test")
	})
}

// house is a store with its services.
type house struct {
	*Service
	jet      *jet.Jet
	registry *registry.Registry
}

// quick is how soon a worker counts as dead in the tests that kill some.
const quick = time.Second

// options shorten what people wait for.
func options(ackWait time.Duration) Options {
	return Options{Find: find, AckWait: ackWait, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

// open opens the store that o names.
func open(o jet.Options, ackWait time.Duration) (*house, error) {
	ctx := context.Background()
	o.Log = options(0).Log
	j, err := jet.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	reg, err := registry.Open(ctx, j, seedOnly())
	if err != nil {
		return nil, err
	}
	s, err := Open(ctx, j, options(ackWait))
	return &house{s, j, reg}, err
}

// newHouse opens an embedded store that ends with the test. Its workers are
// given up only where a test makes them silent.
func newHouse(t *testing.T) *house {
	t.Helper()
	return newHouseIn(t, t.TempDir(), 5*time.Minute)
}

func newHouseIn(t *testing.T, dir string, ackWait time.Duration) *house {
	t.Helper()
	h, err := open(jet.Options{Dir: dir}, ackWait)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.jet.Close() })
	return h
}

func (h *house) worker() *Worker {
	return &Worker{
		Service: h.Service, Registry: h.registry,
		Backend:   cpu.Open,
		Data:      data,
		Artifacts: artifacts,
		Gate:      h.gate,
		Heartbeat: min(h.AckWait/3, time.Second),
	}
}

// gate compares on few images.
func (h *house) gate(ctx context.Context, challenger, champion string) (report.Comparison, error) {
	ours, err := h.registry.Model(ctx, challenger)
	if err != nil {
		return report.Comparison{}, err
	}
	theirs, err := h.registry.Model(ctx, champion)
	if err != nil {
		return report.Comparison{}, err
	}
	return report.Compare(ours, theirs, images(40, 4)), nil
}

// start runs a worker until the returned function is called, which waits for
// its end, after release has let go what holds it.
func start(t *testing.T, w *Worker, release ...func()) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	stop = func() {
		t.Helper()
		cancel()
		for _, r := range release {
			r()
		}
		select {
		case err := <-ended:
			ended <- err
			if err != nil {
				t.Errorf("the worker ended with %v", err)
			}
		case <-time.After(20 * time.Second):
			t.Error("the worker does not end")
		}
	}
	t.Cleanup(stop)
	return stop
}

func (h *house) submit(t *testing.T, q Request) Run {
	t.Helper()
	run, created, err := h.Submit(t.Context(), q, "")
	if err != nil || !created {
		t.Fatalf("submitted: %v, created %v", err, created)
	}
	return run
}

// wait polls until the run is as wanted.
func (h *house) wait(t *testing.T, id, what string, is func(Run) bool) Run {
	t.Helper()
	var run Run
	var err error
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if run, err = h.Get(t.Context(), id); err == nil && is(run) {
			return run
		}
	}
	t.Fatalf("run %s is never %s: %+v (%v)", id, what, run, err)
	return run
}

func (h *house) waitFor(t *testing.T, id string, s State) Run {
	t.Helper()
	return h.wait(t, id, string(s), func(r Run) bool { return r.State == s })
}

// follow collects the events of a run until the state that ends it.
func (h *house) follow(t *testing.T, id string, after uint64) []Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	ch, err := h.Events(ctx, Filter{Run: id}, after)
	if err != nil {
		t.Fatal(err)
	}
	var all []Event
	for e := range ch {
		all = append(all, e)
		if e.Kind == KindState && stateOf(t, e).State.Ended() {
			return all
		}
	}
	t.Fatalf("the events of run %s end without its end: %s", id, kinds(all))
	return nil
}

func p[T any](v T) *T { return &v }

// wantError checks kind and text of an error, and that it gives a hint.
func wantError(t *testing.T, err, kind error, text string) {
	t.Helper()
	var e *Error
	if !errors.Is(err, kind) || !errors.As(err, &e) || e.Hint == "" || !strings.Contains(err.Error(), text) {
		t.Errorf("error %v, want %v with %q and a hint", err, kind, text)
	}
}

// seedOnly is what ships in these tests.
func seedOnly() []pretrained.Version {
	v, err := pretrained.Find("seed")
	if err != nil {
		panic(err)
	}
	return []pretrained.Version{v}
}
