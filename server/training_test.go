package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"rakam/trainer/drawn"
	"rakam/trainer/fit"
	"rakam/trainer/mnist"
	"rakam/trainer/pretrained"
	"rakam/trainer/recipe"
	"rakam/trainer/registry"
	"rakam/trainer/report"
	"rakam/trainer/runs"
	"rakam/wasm/nn"
)

// TestMain lets the test binary be a server that can be killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		os.Exit(child(dir))
	}
	os.Exit(m.Run())
}

// tiny is a recipe that trains in a blink: 12 steps an epoch.
func tiny() recipe.Recipe {
	r := recipe.Seed()
	r.Name = "tiny"
	r.Spec.Layers = []nn.Layer{
		{Kind: nn.Dense, Units: 8, Activation: nn.Sigmoid},
		{Kind: nn.Dense, Units: nn.Classes, Activation: nn.Sigmoid},
	}
	r.Epochs, r.BatchSize, r.Holdout = 3, 20, 60
	r.Optimizer.LearningRate = 0.02
	return r
}

// slow is tiny for as long as nobody stops it.
func slow() recipe.Recipe {
	r := tiny()
	r.Name, r.Epochs = "slow", runs.MaxEpochs
	return r
}

// noise is images with the label's own pixel inked.
func noise(n int, seed uint64) mnist.Set {
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

func tinyData(r recipe.Recipe, drawings []drawn.Drawn) (fit.Data, error) {
	d := fit.Data{Train: noise(230, 1), Watch: noise(60, 2)}
	for _, one := range drawings {
		d.Train.Images = append(d.Train.Images, make([]uint8, nn.ImageSize)...)
		d.Train.Labels = append(d.Train.Labels, uint8(one.Label))
	}
	d.Hash = d.Train.Hash()
	return d, nil
}

func tinyArtifacts(res *fit.Result, _ *drawn.Set) (fit.Artifacts, *report.Report, error) {
	return fit.NewArtifactsBy(res, func(file []byte) (*report.Report, error) {
		return report.Evaluate(file, noise(50, 3), "test")
	})
}

// equals is what the gate says unless a test wants something else.
func equals(context.Context, string, string) (report.Comparison, error) {
	return report.Comparison{Samples: 40, BothRight: 40, P: 1, Verdict: report.Indistinguishable}, nil
}

// seedOnly is what ships in tests of training.
func seedOnly() ([]pretrained.Version, error) {
	v, err := pretrained.Find("seed")
	return []pretrained.Version{v}, err
}

// tinyTraining trains tiny and slow. Steps of slow take a millisecond at least,
// so that a test can do something meanwhile.
func tinyTraining() Training {
	return Training{
		Shipped: seedOnly,
		Recipes: func() []recipe.Recipe { return []recipe.Recipe{tiny(), slow()} },
		Options: runs.Options{AckWait: 2 * time.Second, MaxQueued: 5},
		Worker: func(w *runs.Worker) {
			w.Data, w.Artifacts, w.Gate = tinyData, tinyArtifacts, equals
			w.Interval = 150 * time.Millisecond
			w.Yield = func() { time.Sleep(time.Millisecond) }
		},
	}
}

// trainer is a running server with a store, and what is in it.
type trainer struct {
	*running
	service  *runs.Service
	registry *registry.Registry
}

// startTrainer starts a server with a store of its own and the shipped versions.
func startTrainer(t testing.TB, change ...func(*Program)) *trainer {
	t.Helper()
	began := make(chan *runs.Worker, 1)
	r := start(t, append([]func(*Program){func(p *Program) {
		p.Config.Data, p.Config.Workers = t.TempDir(), 1
		p.Versions, p.Training = seedOnly, tinyTraining()
	}}, append(change, func(p *Program) {
		prepare := p.Training.Worker
		p.Training.Worker = func(w *runs.Worker) {
			prepare(w)
			select {
			case began <- w:
			default: // one is enough
			}
		}
	})...)...)
	r.ready(t)
	select {
	case w := <-began:
		return &trainer{r, w.Service, w.Registry}
	case <-time.After(10 * time.Second):
		t.Fatalf("there is no store:\n%s", r.log)
		return nil
	}
}

// gated makes the gate say this.
func gated(outcome report.Outcome) func(*Program) {
	return func(p *Program) {
		prepare := p.Training.Worker
		p.Training.Worker = func(w *runs.Worker) {
			prepare(w)
			w.Gate = func(context.Context, string, string) (report.Comparison, error) {
				return report.Comparison{Samples: 100, BothRight: 50, OnlyChampion: 40, OnlyChallenger: 10, P: 0.0001, Verdict: outcome}, nil
			}
		}
	}
}

const aJSON = "application/json"

// send asks with a body in JSON.
func (r *running) send(t testing.TB, method, path, body string, headers ...string) answer {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	return r.ask(t, method, path, reader, append([]string{"Content-Type", aJSON}, headers...)...)
}

// into decodes the answer, which must have that status.
func into[T any](t testing.TB, a answer, status int) T {
	t.Helper()
	var v T
	if a.StatusCode != status {
		t.Fatalf("status %d, want %d: %s", a.StatusCode, status, a.Text)
	}
	if err := json.Unmarshal([]byte(a.Text), &v); err != nil {
		t.Fatalf("%v: %s", err, a.Text)
	}
	return v
}

// submit starts a run.
func (r *running) submit(t testing.TB, body string, headers ...string) runs.Run {
	t.Helper()
	return into[runs.Run](t, r.send(t, "POST", "/api/v1/runs", body, headers...), http.StatusAccepted)
}

// await polls until a run is as wanted.
func (r *running) await(t testing.TB, id string, is func(runs.Run) bool) runs.Run {
	t.Helper()
	var run runs.Run
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		run = into[runs.Run](t, r.get(t, "/api/v1/runs/"+id), http.StatusOK)
		if is(run) {
			return run
		}
	}
	t.Fatalf("the run stays %+v\n%s", run, r.log)
	return run
}

func (r *running) awaitState(t testing.TB, id string, state runs.State) runs.Run {
	t.Helper()
	return r.await(t, id, func(run runs.Run) bool { return run.State == state })
}

// addVersion puts a version into the registry whose model is like no other.
func (r *trainer) addVersion(t testing.TB, n int) registry.Version {
	t.Helper()
	model := obedient("obedient")
	model.Params[0].Bias[0] = -6 - float32(n)/100
	file, err := model.Encode(nn.Single)
	if err != nil {
		t.Fatal(err)
	}
	measured, err := report.Evaluate(file, claims{{3, 3, 1}, {4, 4, 1}}, report.MNISTTest)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(measured)
	if err != nil {
		t.Fatal(err)
	}
	v, err := r.registry.Add(t.Context(), registry.Files{
		Model: file, Report: text, History: []byte(`[{"epoch":1,"loss":0.1}]`), Card: fmt.Appendf(nil, "# number %d", n),
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// champion is the version that the API says is served.
func (r *running) champion(t testing.TB) championBody {
	t.Helper()
	return into[championBody](t, r.get(t, "/api/v1/champion"), http.StatusOK)
}
