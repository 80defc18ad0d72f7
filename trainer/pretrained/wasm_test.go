package pretrained_test

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"rakam/trainer/mnist"
	"rakam/trainer/pretrained"
	"rakam/wasm/ink"
	"rakam/wasm/nn"
	"rakam/wasm/reader"
)

// tolerance is how far a probability may be from the native one.
const tolerance = 1e-6

// job is what testdata/browser.mjs is given; drawings are points by stroke.
type job struct {
	Scratch  string           `json:"scratch"`
	Models   []string         `json:"models"`
	Images   [][]float32      `json:"images"`
	Drawings [][][][2]float32 `json:"drawings"`
}

// answers are those of the module to one model.
type answers struct {
	Probabilities [][]float32 `json:"probabilities"`
	Readings      []struct {
		Digit      int       `json:"digit"`
		Verdict    string    `json:"verdict"`
		Candidates []int     `json:"candidates"`
		Values     []float32 `json:"values"`
	} `json:"readings"`
	Microseconds float64 `json:"microseconds"`
}

// TestModuleEqualsNative runs the WebAssembly module under Node, with its
// kernel and without, and holds its answers to those of the same code here.
func TestModuleEqualsNative(t *testing.T) {
	shipped, err := pretrained.All()
	if err != nil {
		t.Fatal(err)
	}
	versions := append(slices.Clone(shipped), random(t))
	j := job{Scratch: t.TempDir(), Images: images(t, 300), Drawings: drawings(40)}
	for _, v := range versions {
		path := filepath.Join(j.Scratch, v.ID+".safetensors")
		if err := os.WriteFile(path, v.File, 0o644); err != nil {
			t.Fatal(err)
		}
		j.Models = append(j.Models, path)
	}
	for i, result := range runModule(t, j) {
		for name, got := range map[string]answers{"kernel": result.Kernel, "Go loop": result.Plain} {
			p := compareImages(t, versions[i].Model, j.Images, got)
			v := compareDrawings(t, versions[i].Model, j.Drawings, got)
			t.Logf("%s, %s: %d images, largest difference %.2g; %d drawings, largest difference %.2g; about %.0f µs an image",
				versions[i].ID, name, len(j.Images), p, len(j.Drawings), v, got.Microseconds)
		}
	}
}

type result struct {
	Kernel answers `json:"kernel"`
	Plain  answers `json:"plain"`
}

func runModule(t *testing.T, j job) []result {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("node was not found: install Node 20 or newer, the WebAssembly module runs in it here")
	}
	input, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(j.Scratch, "job.json")
	if err := os.WriteFile(file, input, 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, node, filepath.Join("testdata", "browser.mjs"), file)
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, output)
	}
	output, err := os.ReadFile(filepath.Join(j.Scratch, "result.json"))
	if err != nil {
		t.Fatal(err)
	}
	var results []result
	if err := json.Unmarshal(output, &results); err != nil {
		t.Fatal(err)
	}
	if len(results) != len(j.Models) {
		t.Fatalf("%d results for %d models", len(results), len(j.Models))
	}
	return results
}

// compareImages returns the largest difference of a probability.
func compareImages(t *testing.T, m *nn.Model, images [][]float32, got answers) float64 {
	t.Helper()
	if len(got.Probabilities) != len(images) {
		t.Fatalf("%d answers to %d images", len(got.Probabilities), len(images))
	}
	s := m.NewSession()
	largest := 0.0
	for i, image := range images {
		want := s.Run(image)
		d := difference(got.Probabilities[i], want)
		if d > tolerance {
			t.Errorf("image %d: the module says %v, native %v", i, got.Probabilities[i], want)
		}
		largest = max(largest, d)
	}
	return largest
}

// compareDrawings returns the largest difference of a probability, a pixel or
// an activation.
func compareDrawings(t *testing.T, m *nn.Model, drawings [][][][2]float32, got answers) float64 {
	t.Helper()
	if len(got.Readings) != len(drawings) {
		t.Fatalf("%d readings of %d drawings", len(got.Readings), len(drawings))
	}
	r := reader.New(m)
	largest := 0.0
	for i, g := range got.Readings {
		want := r.Read(drawing(drawings[i]))
		values := append(want.Probabilities[:], want.Image[:]...)
		for _, layer := range want.Layers {
			values = append(values, layer...)
		}
		d := difference(g.Values, values)
		if d > tolerance || g.Digit != want.Digit || g.Verdict != string(want.Verdict) || !slices.Equal(g.Candidates, want.Candidates) {
			t.Errorf("drawing %d: the module reads %s %d %v, native %s %d %v, difference %v",
				i, g.Verdict, g.Digit, g.Candidates, want.Verdict, want.Digit, want.Candidates, d)
		}
		largest = max(largest, d)
	}
	return largest
}

// difference is infinite between slices of different lengths.
func difference(a, b []float32) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	largest := 0.0
	for i := range a {
		largest = max(largest, math.Abs(float64(a[i])-float64(b[i])))
	}
	return largest
}

// random is a model of widths that do not fill the kernel's vectors.
func random(t *testing.T) pretrained.Version {
	t.Helper()
	spec := nn.Spec{Input: nn.ImageSize}
	for _, units := range []int{61, 34, nn.Classes} {
		spec.Layers = append(spec.Layers, nn.Layer{Kind: nn.Dense, Units: units, Activation: nn.Sigmoid})
	}
	m, err := nn.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for i, p := range m.Params {
		for k := range p.Weight {
			p.Weight[k] = float32(rng.NormFloat64() / math.Sqrt(float64(spec.Fan(i))) * 3)
		}
		for k := range p.Bias {
			p.Bias[k] = float32(rng.NormFloat64())
		}
	}
	file, err := m.Encode(nn.Single)
	if err != nil {
		t.Fatal(err)
	}
	return pretrained.Version{ID: "random", Model: m, File: file}
}

// images are n test images of MNIST, evenly spread.
func images(t *testing.T, n int) [][]float32 {
	t.Helper()
	set, err := mnist.Test()
	if err != nil {
		t.Fatal(err)
	}
	all := make([][]float32, n)
	for i := range all {
		all[i] = make([]float32, nn.ImageSize)
		mnist.Scale(all[i], set.Image(i*(set.Len()/n)))
	}
	return all
}

// drawings are n random walks of a pen, and one that is blank.
func drawings(n int) [][][][2]float32 {
	rng := rand.New(rand.NewPCG(2, 2))
	all := [][][][2]float32{{}}
	for range n {
		var strokes [][][2]float32
		for range 1 + rng.IntN(3) {
			at := [2]float32{rng.Float32(), rng.Float32()}
			stroke := [][2]float32{at}
			for range rng.IntN(60) {
				at[0] += float32(rng.NormFloat64()) / 20
				at[1] += float32(rng.NormFloat64()) / 20
				stroke = append(stroke, at)
			}
			strokes = append(strokes, stroke)
		}
		all = append(all, strokes)
	}
	return all
}

func drawing(strokes [][][2]float32) (d ink.Drawing) {
	for _, s := range strokes {
		var stroke ink.Stroke
		for _, p := range s {
			stroke = append(stroke, ink.Point{X: float64(p[0]), Y: float64(p[1])})
		}
		d = append(d, stroke)
	}
	return d
}
