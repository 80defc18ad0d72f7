package report

import (
	"math"
	"math/rand/v2"

	"rakam/trainer/augment"
	"rakam/trainer/drawn"
	"rakam/wasm/ink"
	"rakam/wasm/nn"
)

// Variation is how drawings are read that were all changed in one way before.
// Networks that were trained on drawings varied likewise have met some of it.
// Source of the idea: D. Hendrycks, T. Dietterich, Benchmarking Neural Network
// Robustness to Common Corruptions and Perturbations (2019).
type Variation struct {
	Change string `json:"change"` // one of Changes
	// Amount is how far it went: degrees where the drawings are turned or leaning, how
	// many times as wide they are, of how many points one is left, the standard deviation
	// of what a shaky hand does as a share of the drawing's larger side, the share of a
	// stroke that is missing, how far from the first a drawing is drawn again as a share of
	// its larger side, or the deviation of a blur in pixels.
	Amount           float64    `json:"amount"`
	Accuracy         float64    `json:"accuracy"`          // of the best guess, whatever the verdict
	AccuracyInterval [2]float64 `json:"accuracy_interval"` // 95 % Wilson score interval
	Refused          int        `json:"refused"`           // drawings taken for no digit
}

// change is one way to change a drawing, or the image that is made of it.
type change struct {
	name   string
	amount float64                                                         // as in Variation
	stroke func(rng *rand.Rand, d ink.Drawing, amount float64) ink.Drawing // nil for none
	image  func(image []float32, amount float64)                           // in place; nil for none
}

var changes = []change{
	{name: "turned-left", amount: 20, stroke: func(_ *rand.Rand, d ink.Drawing, degrees float64) ink.Drawing { return turned(d, -degrees) }},
	{name: "turned-right", amount: 20, stroke: func(_ *rand.Rand, d ink.Drawing, degrees float64) ink.Drawing { return turned(d, degrees) }},
	{name: "leaning-left", amount: 20, stroke: func(_ *rand.Rand, d ink.Drawing, degrees float64) ink.Drawing { return leaning(d, -degrees) }},
	{name: "leaning-right", amount: 20, stroke: func(_ *rand.Rand, d ink.Drawing, degrees float64) ink.Drawing { return leaning(d, degrees) }},
	{name: "narrow", amount: 0.6, stroke: stretched},
	{name: "wide", amount: 1.6, stroke: stretched},
	{name: "few-points", amount: 3, stroke: sparse},
	{name: "shaky", amount: 0.05, stroke: shaky},
	{name: "gap", amount: 0.12, stroke: withGap},
	{name: "cut-short", amount: 0.08, stroke: cutShort},
	{name: "gone-over", amount: 0.08, stroke: goneOver},
	{name: "blurred", amount: 0.6, image: augment.Blur},
}

// apply returns the changed drawing.
func (c *change) apply(rng *rand.Rand, d ink.Drawing) ink.Drawing {
	if c.stroke == nil {
		return d
	}
	return c.stroke(rng, d, c.amount)
}

// Changes names the changes in their order.
func Changes() []string {
	var names []string
	for _, c := range changes {
		names = append(names, c.name)
	}
	return names
}

// EvaluateRobustness reads the drawings of a set again and again, changed each time
// in another way. What is left to chance in a change depends on the drawing's place
// in the set alone, so two models are read the same. It fails as Evaluate does.
func EvaluateRobustness(file []byte, set *drawn.Set) ([]Variation, error) {
	_, m, err := begin(file, len(set.Drawings), set.Name)
	if err != nil {
		return nil, err
	}
	var all []Variation
	for k, c := range changes {
		changed := make([]drawn.Drawn, len(set.Drawings))
		for i, d := range set.Drawings {
			d.Strokes = c.apply(rand.New(rand.NewPCG(uint64(k), uint64(i))), d.Strokes)
			changed[i] = d
		}
		all = append(all, c.measure(m, changed))
	}
	return all, nil
}

// Unchanged is the Change of drawings that are read as they were drawn.
const Unchanged = "unchanged"

// Unchanged returns what r says of the drawings as they were drawn, for comparison.
func (r *Report) Unchanged() Variation {
	v := Variation{Change: Unchanged, Accuracy: r.Accuracy, AccuracyInterval: r.AccuracyInterval}
	for verdict, n := range r.Verdicts {
		if verdict.Refuses() {
			v.Refused += n.Count
		}
	}
	return v
}

// measure reads the changed drawings.
func (c change) measure(m *nn.Model, list []drawn.Drawn) Variation {
	var image func([]float32)
	if c.image != nil {
		image = func(x []float32) { c.image(x, c.amount) }
	}
	probabilities, verdicts := readAll(m, list, image)
	hits := 0
	for i, p := range probabilities {
		if nn.Argmax(p[:]) == list[i].Label {
			hits++
		}
	}
	return Variation{c.name, c.amount, float64(hits) / float64(len(list)), Wilson(hits, len(list)), refusals(verdicts)}
}

// turned turns clockwise, for y points down.
func turned(d ink.Drawing, degrees float64) ink.Drawing {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return linear(d, cos, -sin, sin, cos)
}

// leaning moves what is higher up to the right.
func leaning(d ink.Drawing, degrees float64) ink.Drawing {
	return linear(d, 1, -math.Tan(degrees*math.Pi/180), 0, 1)
}

func stretched(_ *rand.Rand, d ink.Drawing, width float64) ink.Drawing {
	return linear(d, width, 0, 0, 1)
}

// linear maps each point by a matrix.
func linear(d ink.Drawing, xx, xy, yx, yy float64) ink.Drawing {
	return moved(d, func(_, _ int, p ink.Point) (x, y float64) { return xx*p.X + xy*p.Y, yx*p.X + yy*p.Y })
}

// moved returns the drawing with each point of each stroke where to puts it.
func moved(d ink.Drawing, to func(stroke, i int, p ink.Point) (x, y float64)) ink.Drawing {
	out := make(ink.Drawing, len(d))
	for s, stroke := range d {
		out[s] = make(ink.Stroke, len(stroke))
		for i, p := range stroke {
			out[s][i].X, out[s][i].Y = to(s, i, p)
		}
	}
	return out
}

// sparse is drawn so fast that of so many points one was felt.
func sparse(_ *rand.Rand, d ink.Drawing, points float64) ink.Drawing {
	out := make(ink.Drawing, len(d))
	for s, stroke := range d {
		for i, p := range stroke {
			if i%int(points) == 0 || i == len(stroke)-1 {
				out[s] = append(out[s], p)
			}
		}
	}
	return out
}

// shakes is into how many parts, of as many points each, a shaky hand divides a
// stroke: where they meet it goes astray.
const shakes = 6

// shaky moves some places of each stroke, and what lies between them with them.
func shaky(rng *rand.Rand, d ink.Drawing, share float64) ink.Drawing {
	deviation := share * larger(d)
	var places [shakes + 1][2]float64
	last := -1
	return moved(d, func(stroke, i int, p ink.Point) (x, y float64) {
		if stroke != last {
			last = stroke
			for k := range places {
				places[k] = [2]float64{rng.NormFloat64() * deviation, rng.NormFloat64() * deviation}
			}
		}
		at := float64(i) / float64(len(d[stroke])) * shakes
		k := int(at)
		t := at - float64(k)
		return p.X + (1-t)*places[k][0] + t*places[k+1][0], p.Y + (1-t)*places[k][1] + t*places[k+1][1]
	})
}

// larger is the larger side of the box around a drawing.
func larger(d ink.Drawing) float64 {
	left, top, right, bottom := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, stroke := range d {
		for _, p := range stroke {
			left, top, right, bottom = min(left, p.X), min(top, p.Y), max(right, p.X), max(bottom, p.Y)
		}
	}
	return max(right-left, bottom-top, 0)
}

// withGap leaves a share of the longest stroke out of it.
func withGap(rng *rand.Rand, d ink.Drawing, share float64) ink.Drawing {
	longest, length := 0, 0.0
	for s, stroke := range d {
		if l := augment.Length(stroke); l > length {
			longest, length = s, l
		}
	}
	if length == 0 {
		return d // dots alone
	}
	from := rng.Float64() * (1 - share) * length
	return augment.Without(d, longest, from, from+share*length)
}

// cutShort leaves out the end of the last stroke.
func cutShort(_ *rand.Rand, d ink.Drawing, share float64) ink.Drawing {
	last := len(d) - 1
	if last < 0 || augment.Length(d[last]) == 0 {
		return d
	}
	length := augment.Length(d[last])
	return augment.Without(d, last, (1-share)*length, length)
}

// passes is how often everything is drawn that is gone over; the pages say it too.
const passes = 3

// goneOver draws the whole drawing again beside itself, as one does who wants it heavier:
// each time moved from the first by a share of its larger side, in any direction.
func goneOver(rng *rand.Rand, d ink.Drawing, share float64) ink.Drawing {
	out := append(ink.Drawing{}, d...)
	far := share * larger(d)
	for range passes - 1 {
		sin, cos := math.Sincos(2 * math.Pi * rng.Float64())
		out = append(out, augment.Moved(d, far*cos, far*sin)...)
	}
	return out
}
