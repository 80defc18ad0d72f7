package nn

import (
	"math"
	"math/rand/v2"
	"slices"
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

// convolutional is a small network with every kind of layer; its second pool
// drops a row and a column.
func convolutional() Spec {
	return Spec{Input: ImageSize, Layers: []Layer{
		{Kind: Conv, Side: 5, Units: 3, Activation: ReLU},
		{Kind: Pool},
		{Kind: Conv, Side: 3, Units: 6, Activation: Sigmoid},
		{Kind: Conv, Side: 1, Units: 4, Activation: ReLU},
		{Kind: Pool},
		{Kind: Pool},
		{Kind: Dense, Units: 7, Activation: ReLU},
		{Kind: Dense, Units: Classes, Activation: Sigmoid},
	}}
}

func ensemble(s Spec, members int) Spec {
	s.Members = members
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
	for _, spec := range []Spec{spec784(), spec784(512, 128), spec784(7, 3, 5), convolutional(), ensemble(spec784(), 2), ensemble(convolutional(), 3)} {
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
	mean := make([]float64, Classes)
	for k := range m.Spec.Networks() {
		for c, v := range logitsByDefinition(m.Network(k), image) {
			mean[c] += v / float64(m.Spec.Networks())
		}
	}
	for c, v := range mean {
		mean[c] = 1 / (1 + math.Exp(-v))
	}
	return mean
}

func logitsByDefinition(m *Model, image []float32) []float64 {
	x := make([]float64, len(image))
	for i, v := range image {
		x[i] = float64(v)
	}
	for i, l := range m.Spec.Layers {
		in, p := m.Spec.In(i), m.Params[i]
		switch l.Kind {
		case Pool:
			x = poolByDefinition(x, in)
		case Conv:
			x = convByDefinition(x, in, l.Side, p)
		default:
			x = convByDefinition(x, Shape{1, 1, len(x)}, 1, p)
		}
		if i == len(m.Spec.Layers)-1 {
			break
		}
		for j, v := range x {
			switch l.Activation {
			case Sigmoid:
				x[j] = 1 / (1 + math.Exp(-v))
			case ReLU:
				x[j] = max(v, 0)
			}
		}
	}
	return x
}

// TestEnsemble: an ensemble reads with the mean of its networks' logits, shows the
// activations of them all, and comes back from a file.
func TestEnsemble(t *testing.T) {
	both := randomModel(t, ensemble(convolutional(), 2))
	if both.Spec.String() != "2x("+convolutional().String()+")" || both.Spec.Parameters() != 2*convolutional().Parameters() ||
		both.Spec.Multiplications() != 2*convolutional().Multiplications() {
		t.Errorf("%v has %d parameters and takes %d multiplications", both.Spec, both.Spec.Parameters(), both.Spec.Multiplications())
	}
	file, err := both.Encode(Single)
	if err != nil {
		t.Fatal(err)
	}
	if both, err = Decode(file); err != nil {
		t.Fatal(err)
	}
	s := both.NewSession()
	image := randomImage(rand.New(rand.NewPCG(3, 4)))
	got := slices.Clone(s.Run(image))
	logits, layers := slices.Clone(s.Logits()), s.Activations()
	for c, p := range got {
		if want := 1 / (1 + math.Exp(-float64(logits[c]))); math.Abs(float64(p)-want) > 1e-6 {
			t.Errorf("the logit %v gives the probability %v", logits[c], p)
		}
	}
	mean := make([]float32, Classes)
	var networks []*Model
	for k := range 2 {
		m := both.Network(k)
		networks = append(networks, m)
		alone := m.NewSession()
		alone.Run(image)
		for c, v := range alone.Logits() {
			mean[c] += v / 2
		}
		one := alone.Activations()
		for i, layer := range one[:len(one)-1] {
			if n := len(layer); len(layers[i]) != 2*n || !slices.Equal(layers[i][k*n:(k+1)*n], layer) {
				t.Errorf("layer %d of network %d is not among the activations", i, k)
			}
		}
		if slices.Equal(alone.Logits(), logits) {
			t.Errorf("network %d alone says what both say", k)
		}
	}
	if !slices.Equal(logits, mean) || !slices.Equal(layers[len(layers)-1], got) {
		t.Errorf("logits %v, want their mean %v", logits, mean)
	}
	joined, err := Ensemble(networks...)
	if err != nil || !slices.Equal(joined.NewSession().Run(image), got) {
		t.Errorf("the networks joined again read otherwise (%v)", err)
	}
	for n, want := range map[int]Spec{1: networks[0].Spec, 2: both.Spec} {
		if spec, err := both.Spec.Times(n); err != nil || !spec.Equal(want) {
			t.Errorf("%d such networks are %v (%v), want %v", n, spec, err, want)
		}
	}
	if _, err := Ensemble(both, both); err == nil {
		t.Error("an ensemble of ensembles is made")
	}
	if _, err := Ensemble(networks[0], randomModel(t, spec784())); err == nil {
		t.Error("an ensemble of networks of two specs is made")
	}
	for _, members := range []int{-1, 1, 9} {
		if _, err := both.Spec.Times(members); members != 1 && err == nil {
			t.Errorf("%d networks are made", members)
		}
		if err := ensemble(spec784(), members).Validate(); err == nil || !strings.Contains(err.Error(), "want 2 to 8") {
			t.Errorf("an ensemble of %d: %v", members, err)
		}
	}
}

// TestLimitsOfEnsembles: what may be read bounds the networks of an ensemble together.
func TestLimitsOfEnsembles(t *testing.T) {
	conv := func(side, units int) Layer { return Layer{Kind: Conv, Side: side, Units: units, Activation: ReLU} }
	last := Layer{Kind: Dense, Units: Classes, Activation: Sigmoid}
	for what, s := range map[string]Spec{
		"weights":         spec784(4096, 4096),
		"values":          {Input: ImageSize, Layers: []Layer{conv(1, 1024), {Kind: Pool}, {Kind: Pool}, last}},
		"multiplications": {Input: ImageSize, Layers: []Layer{conv(3, 64), conv(3, 64), conv(3, 64), {Kind: Pool}, {Kind: Pool}, last}},
	} {
		if err := s.Validate(); err != nil {
			t.Errorf("%s of one network: %v", what, err)
		}
		if err := ensemble(s, 8).Validate(); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s of eight networks: %v", what, err)
		}
	}
}

func poolByDefinition(x []float64, in Shape) (y []float64) {
	for r := range in.Height / 2 {
		for c := range in.Width / 2 {
			for k := range in.Channels {
				best := math.Inf(-1)
				for d := range 4 {
					best = max(best, x[((2*r+d/2)*in.Width+2*c+d%2)*in.Channels+k])
				}
				y = append(y, best)
			}
		}
	}
	return y
}

func convByDefinition(x []float64, in Shape, side int, p Params) (y []float64) {
	units := len(p.Bias)
	for r := range in.Height {
		for c := range in.Width {
			for u := range units {
				sum := float64(p.Bias[u])
				for k := range side * side * in.Channels {
					dr, dc, ch := k/in.Channels/side-side/2, k/in.Channels%side-side/2, k%in.Channels
					if r+dr >= 0 && r+dr < in.Height && c+dc >= 0 && c+dc < in.Width {
						sum += x[((r+dr)*in.Width+c+dc)*in.Channels+ch] * float64(p.Weight[k*units+u])
					}
				}
				y = append(y, sum)
			}
		}
	}
	return y
}

// TestChannels: the activation of a convolution's channel is its largest value.
func TestChannels(t *testing.T) {
	s := randomModel(t, convolutional()).NewSession()
	s.Run(randomImage(rand.New(rand.NewPCG(3, 3))))
	layers := s.Activations()
	if len(layers) != 5 || len(layers[0]) != 3 || len(layers[2]) != 4 || len(layers[4]) != Classes {
		t.Fatalf("activations of %d layers", len(layers))
	}
	for u, got := range layers[0] {
		want := float32(0)
		for i := u; i < len(s.values[0]); i += 3 {
			want = max(want, s.values[0][i])
		}
		if got != want {
			t.Errorf("channel %d is %v, its largest value %v", u, got, want)
		}
	}
}

// TestNoInfinity: the largest weights that a file may hold make no NaN.
func TestNoInfinity(t *testing.T) {
	m := randomModel(t, convolutional())
	for i, p := range m.Params {
		for j := range p.Weight {
			p.Weight[j] = maxWeight * float32(1-2*((i+j)%2))
		}
	}
	for _, p := range m.NewSession().Run(randomImage(rand.New(rand.NewPCG(3, 3)))) {
		if !(p >= 0 && p <= 1) {
			t.Errorf("probability %v", p)
		}
	}
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
	for _, spec := range []Spec{spec784(32), convolutional()} {
		s := randomModel(t, spec).NewSession()
		x := randomImage(rand.New(rand.NewPCG(3, 3)))
		if n := testing.AllocsPerRun(10, func() { s.Run(x); s.Activations() }); n > 0 {
			t.Errorf("%v: Run allocates %v times", spec, n)
		}
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
		{"activation", func(s *Spec) { s.Layers[0].Activation = "tanh" }, `activation "tanh"`},
		{"no units", func(s *Spec) { s.Layers[0].Units = 0 }, "0 units"},
		{"too many units", func(s *Spec) { s.Layers[0].Units = 1 << 40 }, "units"},
		{"eleven classes", func(s *Spec) { s.Layers[1].Units = 11 }, "last layer is {dense 11"},
		{"relu at the end", func(s *Spec) { s.Layers[1].Activation = ReLU }, "last layer is"},
		{"even kernel", func(s *Spec) { s.Layers[0].Kind, s.Layers[0].Side = Conv, 4 }, "kernel of side 4"},
		{"dense with a side", func(s *Spec) { s.Layers[0].Side = 3 }, "dense and has a side"},
		{"pool with units", func(s *Spec) { s.Layers[0].Kind = Pool }, "pool with units"},
		{"convolution behind dense", func(s *Spec) { s.Layers = append(s.Layers[:1], Layer{Conv, 3, 3, ReLU}) }, "behind a dense layer"},
		{"too many pools", func(s *Spec) { s.Layers = slices.Insert(s.Layers, 0, make([]Layer, 5)...); pools(s.Layers[:5]) }, "pools 1×1 places"},
		{"too many values", func(s *Spec) { s.Layers = append([]Layer{{Conv, 1 << 13, 1, ReLU}}, s.Layers...) }, "values"},
		{"too large a frame", func(s *Spec) { s.Layers = append([]Layer{{Conv, 1 << 12, 1, ReLU}, {Conv, 1, 7, ReLU}}, s.Layers...) }, "values"},
		{"too many multiplications", func(s *Spec) { s.Layers = append(slices.Repeat([]Layer{{Conv, 128, 7, ReLU}}, 3), s.Layers...) }, "multiplications"},
		{"too many weights", func(s *Spec) { s.Layers = append(slices.Repeat([]Layer{{Dense, 1 << 13, 0, ReLU}}, 4), s.Layers[1]) }, "weights"},
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

func pools(layers []Layer) {
	for i := range layers {
		layers[i].Kind = Pool
	}
}

func TestSpecCounts(t *testing.T) {
	s := convolutional()
	if got := s.String(); got != "784-5x3-pool-3x6-1x4-pool-pool-7-10" {
		t.Error(got)
	}
	if in := s.In(6); in != (Shape{3, 3, 4}) {
		t.Errorf("the dense layer's input is %v", in)
	}
	weights := 5*5*3 + 3*3*3*6 + 6*4 + 36*7 + 7*10
	if got, want := s.Parameters(), weights+3+6+4+7+10; got != want {
		t.Errorf("%d parameters, want %d", got, want)
	}
	if got, want := s.Multiplications(), 784*75+196*(162+24)+36*7+70; got != want {
		t.Errorf("%d multiplications, want %d", got, want)
	}
}

func BenchmarkRun(b *testing.B) {
	s := randomModel(b, spec784(512, 128)).NewSession()
	x := randomImage(rand.New(rand.NewPCG(3, 3)))
	for b.Loop() {
		s.Run(x)
	}
}
