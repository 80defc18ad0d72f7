package registry_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"rakam/trainer/fit"
	"rakam/trainer/jet"
	"rakam/trainer/pretrained"
	"rakam/trainer/recipe"
	"rakam/trainer/registry"
	"rakam/trainer/report"
	"rakam/wasm/ink"
	"rakam/wasm/nn"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		writeForEver(dir)
		return
	}
	os.Exit(m.Run())
}

// quiet is a log that nobody reads: tests here damage stores.
var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// eachStore runs a test with the embedded server and with one that is reached by
// URL. What options are given to it opens the same store every time.
func eachStore(t *testing.T, test func(*testing.T, jet.Options)) {
	t.Parallel() // they wait for the disk most of the time
	t.Run("embedded", func(t *testing.T) { t.Parallel(); test(t, jet.Options{Dir: t.TempDir()}) })
	t.Run("url", func(t *testing.T) { t.Parallel(); test(t, jet.Options{URL: natsServer(t)}) })
}

// natsServer starts a server as others run it and returns its URL.
func natsServer(t *testing.T) string {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true, JetStream: true, StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the NATS server did not start")
	}
	return s.ClientURL()
}

func openJet(t *testing.T, o jet.Options) *jet.Jet {
	t.Helper()
	o.Log = quiet
	j, err := jet.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return j
}

func openIn(t *testing.T, j *jet.Jet) *registry.Registry {
	t.Helper()
	r, err := registry.OpenSmall(t.Context(), j, seedOnly(), registry.Small{Corrections: 20, Readers: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// reopened closes a store and opens what is in it.
func reopened(t *testing.T, j *jet.Jet, o jet.Options) *registry.Registry {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return openIn(t, openJet(t, o))
}

// model makes a model that says the digit c for an image with ink at pixel
// offset+c; tag makes its bytes differ from those of others. With hidden units
// its file takes several chunks in the store.
func model(offset, tag, holdout, hidden int) []byte {
	layers := []nn.Layer{{Kind: nn.Dense, Units: nn.Classes, Activation: nn.Sigmoid}}
	if hidden > 0 {
		layers = append([]nn.Layer{{Kind: nn.Dense, Units: hidden, Activation: nn.Sigmoid}}, layers...)
	}
	m, err := nn.New(nn.Spec{Input: nn.ImageSize, Layers: layers})
	if err != nil {
		panic(err)
	}
	for c := range nn.Classes {
		m.Params[0].Weight[(offset+c)*layers[0].Units+c] = 8
	}
	m.Params[0].Bias[0] = float32(tag) / 1024
	r := recipe.Seed()
	r.Name, r.Holdout = "seed", holdout
	m.Meta.Name, m.Meta.Recipe = "seed", r.JSON()
	b, err := m.Encode(nn.Single)
	if err != nil {
		panic(err)
	}
	return b
}

// version makes the files of a version; those with the same tag are the same.
func version(tag int) registry.Files { return versionOf(model(0, tag, 0, 0)) }

// large is a version whose model takes several chunks.
func large(tag int) registry.Files { return versionOf(model(0, tag, 0, 100)) }

func versionOf(file []byte) registry.Files {
	sum := sha256.Sum256(file)
	rep, err := json.Marshal(report.Report{Model: "seed", ModelSHA256: hex.EncodeToString(sum[:]), Dataset: "mnist-test", Samples: 10_000,
		Accuracy: 0.98, AccuracyInterval: [2]float64{0.97, 0.99}})
	if err != nil {
		panic(err)
	}
	return registry.Files{Model: file, Report: rep, History: []byte(`[{"epoch":1}]`), Card: fmt.Appendf(nil, "# seed %x\n", sum)}
}

func add(t *testing.T, r *registry.Registry, f registry.Files) registry.Version {
	t.Helper()
	v, err := r.Add(t.Context(), f, "run1")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// promote makes a version the champion and returns the revision.
func promote(t *testing.T, r *registry.Registry, id string) uint64 {
	t.Helper()
	_, revision, err := r.Champion(t.Context())
	if err == nil {
		err = r.Promote(t.Context(), registry.Promotion{Version: id, By: "ada"}, revision)
	}
	if err != nil {
		t.Fatal(err)
	}
	return wantChampion(t, r, id)
}

// wantChampion checks who is the champion and returns the revision.
func wantChampion(t *testing.T, r *registry.Registry, id string) uint64 {
	t.Helper()
	p, revision, err := r.Champion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if p.Version != id || p.Fallback != "" {
		t.Fatalf("the champion is %+v, want %s", p, id)
	}
	return revision
}

// wantFiles checks that a version has the files it was added with.
func wantFiles(t *testing.T, r *registry.Registry, id string, f registry.Files) {
	t.Helper()
	for name, want := range map[string][]byte{fit.ModelFile: f.Model, fit.ReportFile: f.Report, fit.HistoryFile: f.History, fit.CardFile: f.Card} {
		got, err := r.File(t.Context(), id, name)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s of %s: %d bytes, error %v; want the %d bytes that were added", name, id, len(got), err, len(want))
		}
	}
}

// stroke makes a drawing; different tags make different ones.
func stroke(tag int) ink.Drawing {
	return ink.Drawing{{{X: 10, Y: float64(tag) + 0.5}, {X: 30, Y: 70}}, {{X: 5, Y: 5}}}
}

func correction(tag int) registry.Correction {
	return registry.Correction{
		Strokes: stroke(tag), Label: tag % 10, Version: "seed", Author: "alice-token",
		Reading: registry.Reading{Digit: 1, Verdict: "digit", Probabilities: [10]float32{1: 0.75}},
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
