package reader

import (
	"math"
	"slices"
	"testing"

	"rakam/wasm/ink"
	"rakam/wasm/nn"
)

// upright is a vertical line at x, from y = 1 to 1+height.
func upright(x, height float64) ink.Stroke {
	return ink.Stroke{{X: x, Y: 1}, {X: x, Y: 1 + height/2}, {X: x, Y: 1 + height}}
}

func level(from, to, y float64) ink.Stroke { return ink.Stroke{{X: from, Y: y}, {X: to, Y: y}} }

func TestLittle(t *testing.T) {
	dots := func(n int) (d ink.Drawing) {
		for i := range n {
			d = append(d, ink.Stroke{{X: 0.3 + 0.1*float64(i), Y: 0.5}})
		}
		return d
	}
	slip := ink.Drawing{{{X: 0.5, Y: 0.5}, {X: 0.5025, Y: 0.5}}}
	for name, c := range map[string]struct {
		drawing ink.Drawing
		side    float64
		want    Verdict
	}{
		"a dot":                             {dots(1), 0, Little},
		"a dot, on a pad":                   {dots(1), 1, Little},
		"two dots":                          {dots(2), 1, Little},
		"a tap that slips by a pixel":       {slip, 1, Little},
		"the same where no side is known":   {slip, 0, Digit},
		"the same on a tiny pad":            {slip, 0.003, Digit},
		"just too small":                    {ink.Drawing{level(0.2, 0.259, 0.5)}, 1, Little},
		"just large enough":                 {ink.Drawing{level(0.2, 0.261, 0.5)}, 1, Digit},
		"large, in another unit":            {ink.Drawing{upright(3, 200)}, 500, Digit},
		"small, in another unit":            {ink.Drawing{upright(3, 20)}, 500, Little},
		"a side that is no number":          {slip, math.NaN(), Digit},
		"points beyond what floats measure": {ink.Drawing{level(-math.MaxFloat64, math.MaxFloat64, 0)}, 1, Digit},
	} {
		r := New(answering(t, outputs(1, 0.99)))
		r.Side = c.side
		got := r.Read(c.drawing)
		if got.Verdict != c.want || (got.Digit < 0) != (c.want != Digit) {
			t.Errorf("%s: %s %d, want %s", name, got.Verdict, got.Digit, c.want)
		}
		if c.want == Little && (got.Probabilities != [nn.Classes]float32{} || sum(&got.Image) == 0) {
			t.Errorf("%s: the network was asked, or the image is not shown", name)
		}
	}
	if got := New(answering(t, outputs(1, 0.99))).ReadImage(&ink.Image{5: 1, 6: 1}); got.Verdict != Little {
		t.Errorf("an image of two pixels is read as %s", got.Verdict)
	}
}

// ones is a model that says 1 to an image with ink in its middle and nothing to
// others: an upright line alone is a 1, two side by side leave the middle empty.
func ones(t *testing.T) *nn.Model {
	t.Helper()
	m := answering(t, outputs())
	middle := nn.ImageSize/2 + nn.ImageSide/2
	m.Params[0].Weight[middle*4] = 20
	m.Params[1].Bias[1] = -25
	m.Params[1].Weight[1] = 35 // 0.5 without ink, 1 with
	return m
}

// TestSeveralRefused: what would be refused alone is no digit beside another either.
func TestSeveralRefused(t *testing.T) {
	r, two := New(ones(t)), ink.Drawing{upright(1, 1), upright(1.6, 1)}
	if got := r.Read(two).Verdict; got != Several {
		t.Fatalf("two ones are %s", got)
	}
	r.Bounds.Low = 1.5 // refuses all
	if got := r.Read(two).Verdict; got == Several {
		t.Error("two shapes that are none are called several digits")
	}
}

func TestSeveral(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		drawing    ink.Drawing
		verdict    Verdict
		candidates []int
		shapes     int
	}{
		"one":                         {ink.Drawing{upright(3, 8)}, Digit, nil, 1},
		"two side by side":            {ink.Drawing{upright(9, 8), upright(3, 8)}, Several, []int{1, 1}, 2},
		"three, the whole is clear":   {ink.Drawing{upright(3, 8), upright(6, 8), upright(9, 8)}, Several, []int{1, 1, 1}, 3},
		"the same, close together":    {ink.Drawing{upright(5, 8), upright(6, 8), upright(7, 8)}, Digit, nil, 1},
		"four":                        {ink.Drawing{upright(0, 8), upright(3, 8), upright(6, 8), upright(9, 8)}, Several, []int{1, 1, 1, 1}, 4},
		"too close to be two":         {ink.Drawing{upright(3, 8), level(3, 8.7, 1), upright(9, 8)}, None, nil, 1},
		"joined by a line":            {ink.Drawing{upright(3, 8), level(3, 9, 1), upright(9, 8)}, None, nil, 1},
		"one is short":                {ink.Drawing{upright(3, 8), upright(9, 3)}, None, nil, 2},
		"one is a dot":                {ink.Drawing{upright(3, 8), upright(9, 8), {{X: 15, Y: 5}}}, None, nil, 3},
		"one is no digit":             {ink.Drawing{upright(3, 8), upright(9, 8), level(11, 15, 1)}, None, nil, 3},
		"more than a row of digits":   {ink.Drawing{upright(0, 8), upright(1.8, 8), upright(3.6, 8), upright(5.4, 8), upright(7.2, 8), upright(12.8, 8), upright(14.6, 8), upright(16.4, 8), upright(18.2, 8), upright(20, 8)}, None, nil, 10},
		"two, and what cannot be ink": {ink.Drawing{upright(3, 8), {{X: nan, Y: 1}}, {}, upright(9, 8)}, Several, []int{1, 1}, 2},
		"a scribble":                  {append(ink.Drawing{upright(3, 8), upright(9, 8)}, make(ink.Drawing, mostStrokes)...), None, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got := New(ones(t)).Read(c.drawing)
			if got.Verdict != c.verdict || !slices.Equal(got.Candidates, c.candidates) || got.Shapes != c.shapes {
				t.Errorf("%s %v of %d shapes, want %s %v of %d", got.Verdict, got.Candidates, got.Shapes, c.verdict, c.candidates, c.shapes)
			}
			if (got.Digit == 1) != (c.verdict == Digit) {
				t.Errorf("read as %d", got.Digit)
			}
		})
	}
}

// TestSeveralKeepsTheWhole: the shapes are read beside the drawing, whose own
// probabilities and activations stay.
func TestSeveralKeepsTheWhole(t *testing.T) {
	r := New(ones(t))
	two := ink.Drawing{upright(3, 8), upright(9, 8)}
	got := r.Read(two)
	img, _ := ink.Render(two)
	want := ones(t).NewSession().Run(img[:])
	if !slices.Equal(got.Probabilities[:], want) || !slices.Equal(got.Layers[1], want) || got.Image != img {
		t.Error("what is shown of the drawing is what was read of a part")
	}
}

func TestShapes(t *testing.T) {
	for name, c := range map[string]struct {
		drawing ink.Drawing
		want    int
	}{
		"nothing":             {nil, 0},
		"a gap of a tenth":    {ink.Drawing{upright(0, 10), upright(1, 10)}, 2},
		"a gap of a fiftieth": {ink.Drawing{upright(0, 10), upright(0.2, 10)}, 1},
		"one over the other":  {ink.Drawing{level(0, 5, 1), level(2, 9, 7)}, 1},
		"joined by a third":   {ink.Drawing{level(0, 2, 1), level(4, 6, 1), level(1, 5, 8)}, 1},
		"level, end to end":   {ink.Drawing{level(0, 2, 1), level(2.1, 4, 1)}, 2},
	} {
		if got := shapes(c.drawing, DefaultBounds.Gap); len(got) != c.want {
			t.Errorf("%s: %d shapes, want %d", name, len(got), c.want)
		}
	}
}
