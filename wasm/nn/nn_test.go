package nn

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// spec784 is a small network over whole images.
func spec784(hidden ...int) Spec {
	s := Spec{Input: ImageSize}
	for _, units := range append(hidden, Classes) {
		s.Layers = append(s.Layers, Layer{Kind: Dense, Units: units, Activation: Sigmoid})
	}
	return s
}

// randomModel has weights of the size that a trained network has.
func randomModel(t testing.TB, spec Spec) *Model {
	t.Helper()
	m, err := New(spec)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(7, 7))
	for i := range m.Params {
		for j := range m.Params[i].Weight {
			m.Params[i].Weight[j] = float32(rng.NormFloat64() * 0.1)
		}
		for j := range m.Params[i].Bias {
			m.Params[i].Bias[j] = float32(rng.NormFloat64())
		}
	}
	m.Meta.Name = "random"
	m.Meta.Recipe = `{"name":"random"}`
	m.Meta.DataHash = strings.Repeat("ab", 32)
	m.Meta.Metrics = map[string]float64{"accuracy": 0.1}
	return m
}

// randomImage is mostly paper, as digits are.
func randomImage(rng *rand.Rand) []float32 {
	x := make([]float32, ImageSize)
	for i := range x {
		if rng.Float64() < 0.2 {
			x[i] = rng.Float32()
		}
	}
	return x
}

// TestRunAgainstDefinition holds the forward pass against the plain sums in
// double precision.
func TestRunAgainstDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	largest := 0.0
	for _, spec := range []Spec{spec784(), spec784(512, 128), spec784(7, 3, 5)} {
		m := randomModel(t, spec)
		s := m.NewSession()
		for range 20 {
			x := randomImage(rng)
			got := s.Run(x)
			for c, want := range byDefinition(m, x) {
				largest = max(largest, math.Abs(float64(got[c])-want))
			}
		}
	}
	t.Logf("largest difference %.2g", largest)
	if largest > 1e-5 {
		t.Errorf("largest difference from the definition is %g, want at most 1e-5", largest)
	}
}

func byDefinition(m *Model, image []float32) []float64 {
	x := make([]float64, len(image))
	for i, v := range image {
		x[i] = float64(v)
	}
	for _, p := range m.Params {
		y := make([]float64, len(p.Bias))
		for j := range y {
			y[j] = float64(p.Bias[j])
			for i, v := range x {
				y[j] += v * float64(p.Weight[i*len(y)+j])
			}
			y[j] = 1 / (1 + math.Exp(-y[j]))
		}
		x = y
	}
	return x
}

func TestActivations(t *testing.T) {
	m := randomModel(t, spec784(16, 8))
	s := m.NewSession()
	out := s.Run(randomImage(rand.New(rand.NewPCG(3, 3))))
	layers := s.Activations()
	if len(layers) != 3 || len(layers[0]) != 16 || len(layers[1]) != 8 || &layers[2][0] != &out[0] {
		t.Fatalf("activations have the wrong shape")
	}
	for i, layer := range layers {
		for j, v := range layer {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("activation %d of layer %d is %v", j, i, v)
			}
		}
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	s := randomModel(t, spec784(32)).NewSession()
	x := randomImage(rand.New(rand.NewPCG(3, 3)))
	if n := testing.AllocsPerRun(10, func() { s.Run(x) }); n > 0 {
		t.Errorf("Run allocates %v times", n)
	}
}

func TestArgmax(t *testing.T) {
	for _, c := range []struct {
		in   []float32
		want int
	}{{[]float32{0, 0, 0}, 0}, {[]float32{0.1, 0.9, 0.9}, 1}, {[]float32{-3, -2, -1}, 2}} {
		if got := Argmax(c.in); got != c.want {
			t.Errorf("Argmax(%v) = %d, want %d", c.in, got, c.want)
		}
	}
}

func TestSpecValidate(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*Spec)
		want string
	}{
		{"input", func(s *Spec) { s.Input = 783 }, "input is 783"},
		{"no layers", func(s *Spec) { s.Layers = nil }, "0 layers"},
		{"kind", func(s *Spec) { s.Layers[0].Kind = "lstm" }, `kind "lstm"`},
		{"activation", func(s *Spec) { s.Layers[0].Activation = "relu" }, `activation "relu"`},
		{"no units", func(s *Spec) { s.Layers[0].Units = 0 }, "0 units"},
		{"too many units", func(s *Spec) { s.Layers[0].Units = 1 << 40 }, "units"},
		{"eleven classes", func(s *Spec) { s.Layers[1].Units = 11 }, "last layer has 11 units"},
	} {
		s := spec784(5)
		c.edit(&s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: Validate() = %v, want %q in it", c.name, err, c.want)
		}
	}
	seed := spec784(512, 128)
	if seed.String() != "784-512-128-10" || seed.Parameters() != 468_874 {
		t.Errorf("%v has %d parameters", seed, seed.Parameters())
	}
}

func BenchmarkRun(b *testing.B) {
	s := randomModel(b, spec784(512, 128)).NewSession()
	x := randomImage(rand.New(rand.NewPCG(3, 3)))
	for b.Loop() {
		s.Run(x)
	}
}
