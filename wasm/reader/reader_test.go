package reader

import (
	"math"
	"slices"
	"testing"

	"rakam/wasm/ink"
	"rakam/wasm/nn"
)

// answering returns a model of one layer that answers p to every image: all
// weights are zero, so only the biases speak, and the sigmoid of ln(p/(1-p)) is p.
func answering(t *testing.T, p [nn.Classes]float64) *nn.Model {
	t.Helper()
	m, err := nn.New(nn.Spec{Input: nn.ImageSize, Layers: []nn.Layer{
		{Kind: nn.Dense, Units: 4, Activation: nn.Sigmoid},
		{Kind: nn.Dense, Units: nn.Classes, Activation: nn.Sigmoid},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for c := range p {
		m.Params[1].Bias[c] = float32(math.Log(p[c] / (1 - p[c])))
	}
	m.Meta.Name = "answering"
	return m
}

// outputs are 0.01 but for those given as pairs of digit and probability.
func outputs(pairs ...float64) [nn.Classes]float64 {
	var p [nn.Classes]float64
	for c := range p {
		p[c] = 0.01
	}
	for i := 0; i < len(pairs); i += 2 {
		p[int(pairs[i])] = pairs[i+1]
	}
	return p
}

var line = ink.Drawing{{{X: 3, Y: 1}, {X: 3, Y: 9}}}

// inked has a row of ink, enough to be read, from pixel i on.
func inked(i int) (img ink.Image) {
	for k := range 20 {
		img[i+k] = 1
	}
	return img
}

func TestVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		outputs    [nn.Classes]float64
		verdict    Verdict
		digit      int
		candidates []int
	}{
		"one says yes":                     {outputs(7, 0.98), Digit, 7, nil},
		"one says yes, another is near no": {outputs(3, 0.75, 8, 0.45), Digit, 3, nil},
		"one says yes, but barely ahead":   {outputs(4, 0.55, 9, 0.45), Unsure, 4, []int{4, 9}},
		"two say yes":                      {outputs(9, 0.97, 4, 0.6), Unsure, 9, []int{9, 4}},
		"three say yes":                    {outputs(1, 0.7, 2, 0.9, 7, 0.8), Unsure, 2, []int{2, 7}},
		"none says yes, one may":           {outputs(5, 0.4, 6, 0.25), Unsure, 5, []int{5, 6}},
		"none says yes, one of two may":    {outputs(4, 0.4, 9, 0.35), Unsure, 4, []int{4, 9}},
		"none says yes, one of many may":   {outputs(2, 0.4, 1, 0.08, 3, 0.08), Unsure, 2, []int{2}},
		"more likely no digit than this":   {outputs(2, 0.4, 1, 0.02), None, -1, nil},
		"a yes, but a doubtful digit":      {outputs(2, 0.502), None, -1, nil},
		"the first two":                    {outputs(0, 0.25, 1, 0.4), Unsure, 1, []int{1, 0}},
		"all say no":                       {outputs(2, 0.09, 3, 0.05), None, -1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := New(answering(t, c.outputs)).Read(line)
			if got.Verdict != c.verdict || got.Digit != c.digit || !slices.Equal(got.Candidates, c.candidates) {
				t.Errorf("%s %d %v, want %s %d %v", got.Verdict, got.Digit, got.Candidates, c.verdict, c.digit, c.candidates)
			}
			for d, p := range got.Probabilities {
				if math.Abs(float64(p)-c.outputs[d]) > 1e-6 {
					t.Errorf("probability of %d is %v, want %v", d, p, c.outputs[d])
				}
			}
			if got.Model != "answering" {
				t.Errorf("read by %q", got.Model)
			}
		})
	}
}

func TestBounds(t *testing.T) {
	nan := float32(math.NaN())
	for name, c := range map[string]struct {
		p    [nn.Classes]float32
		want Verdict
	}{
		"half is not yet a yes":    {[nn.Classes]float32{0.5, 0.15}, Unsure},
		"the low bound is a maybe": {[nn.Classes]float32{DefaultBounds.Low / 2, DefaultBounds.Low / 2}, Unsure},
		"just below it is a no":    {[nn.Classes]float32{DefaultBounds.Low - 0.01}, None},
		"all zero":                 {[nn.Classes]float32{}, None},
		"all certain":              {[nn.Classes]float32{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, Unsure},
		"not a number":             {[nn.Classes]float32{nan, nan, nan, nan, nan, nan, nan, nan, nan, nan}, None},
	} {
		if _, got, _ := DefaultBounds.judge(&c.p); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestBlank(t *testing.T) {
	r := New(answering(t, outputs(1, 0.99)))
	r.Read(line) // leaves activations that must not be taken for the blank's
	nan := math.NaN()
	for name, d := range map[string]ink.Drawing{
		"nothing":         nil,
		"empty strokes":   {{}, {}},
		"no usable point": {{{X: nan, Y: 1}, {X: 1, Y: math.Inf(1)}}},
	} {
		got := r.Read(d)
		if got.Verdict != Blank || got.Digit != -1 || got.Candidates != nil || got.Probabilities != [nn.Classes]float32{} {
			t.Errorf("%s: %s %d %v", name, got.Verdict, got.Digit, got.Probabilities)
		}
		for i, layer := range got.Layers {
			if slices.Max(layer) != 0 {
				t.Errorf("%s: layer %d has the activations of the reading before", name, i)
			}
		}
	}
	if got := r.ReadImage(&ink.Image{400: 0.5}); got.Verdict != Little {
		t.Errorf("a grey pixel is ink, but was read as %s", got.Verdict)
	}
}

// TestFromDrawingToLayers follows a drawing through: the image that ink makes,
// seen by weights that look at one pixel, comes out in the activations.
func TestFromDrawingToLayers(t *testing.T) {
	m := answering(t, outputs())
	img, _ := ink.Render(line)
	at := slices.Index(img[:], 1)
	m.Params[0].Weight[at*4+2] = 3          // unit 2 looks at a pixel that is all ink
	m.Params[1].Weight[2*nn.Classes+6] = 20 // and digit 6 at unit 2
	got := New(m).Read(line)
	if got.Image != img {
		t.Error("the image is not the one that ink renders")
	}
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	if want := sigmoid(3); math.Abs(float64(got.Layers[0][2])-want) > 1e-6 {
		t.Errorf("unit 2 is %v, want %v", got.Layers[0][2], want)
	}
	if got.Digit != 6 || got.Verdict != Digit {
		t.Errorf("%s %d, want digit 6", got.Verdict, got.Digit)
	}
	if !slices.Equal(got.Layers[1], got.Probabilities[:]) {
		t.Errorf("the last layer is %v, the probabilities are %v", got.Layers[1], got.Probabilities)
	}
}

// TestCopies: a reading stays what it was, but for its layers.
func TestCopies(t *testing.T) {
	m := answering(t, outputs(2, 0.9))
	r := New(m)
	before := r.Read(line)
	kept := before.Probabilities
	m.Params[1].Bias[2] = -9
	img := inked(100)
	after := r.ReadImage(&img)
	img[100] = 0
	if before.Probabilities != kept || after.Image[100] != 1 {
		t.Error("a reading changed after it was given")
	}
	if &before.Layers[0][0] != &after.Layers[0][0] {
		t.Error("layers are allocated anew for each reading")
	}
}

func TestAllocations(t *testing.T) {
	img := inked(400)
	for name, c := range map[string]struct {
		outputs [nn.Classes]float64
		most    float64
	}{
		"digit":  {outputs(1, 0.99), 0},
		"unsure": {outputs(1, 0.9, 7, 0.9), 1}, // the candidates
	} {
		r := New(answering(t, c.outputs))
		if n := testing.AllocsPerRun(100, func() { r.ReadImage(&img) }); n > c.most {
			t.Errorf("%s: %v allocations for a reading, want at most %v", name, n, c.most)
		}
	}
}
