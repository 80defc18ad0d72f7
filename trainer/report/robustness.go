package report

import (
	"math"
	"math/rand/v2"

	"rakam/trainer/augment"
	"rakam/trainer/drawn"
	"rakam/wasm/ink"
	"rakam/wasm/nn"
	"rakam/wasm/reader"
)

// Variation is how drawings are read that were all changed in one way before.
// Source of the idea: D. Hendrycks, T. Dietterich, Benchmarking Neural Network
// Robustness to Common Corruptions and Perturbations (2019).
type Variation struct {
	Change           string     `json:"change"`            // one of Changes
	Accuracy         float64    `json:"accuracy"`          // of the best guess, whatever the verdict
	AccuracyInterval [2]float64 `json:"accuracy_interval"` // 95 % Wilson score interval
	Refused          int        `json:"refused"`           // drawings told to be no digit
}

// How far the changes go.
const (
	turn   = 20.0    // degrees
	lean   = 0.4     // to the side for each one up
	narrow = 0.6     // of the width
	wide   = 1 / 0.6 // likewise
	every  = 3       // of a stroke's points, one of so many is left
	shake  = 0.05    // of the drawing's larger side, standard deviation
	shakes = 6       // places in a stroke that it moves
	gap    = 0.12    // of the longest stroke's length
	end    = 0.08    // of the last stroke's
)

// change is one way to draw less neatly.
type change struct {
	name string
	make func(*rand.Rand, ink.Drawing) ink.Drawing
}

var changes = []change{
	{"turned-left", turned(-turn)},
	{"turned-right", turned(turn)},
	{"leaning-left", linear(1, lean, 0, 1)},
	{"leaning-right", linear(1, -lean, 0, 1)},
	{"narrow", linear(narrow, 0, 0, 1)},
	{"wide", linear(wide, 0, 0, 1)},
	{"few-points", sparse},
	{"shaky", shaky},
	{"gap", withGap},
	{"cut-short", cutShort},
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
			d.Strokes = c.make(rand.New(rand.NewPCG(uint64(k), uint64(i))), d.Strokes)
			changed[i] = d
		}
		all = append(all, variation(c.name, m, changed))
	}
	return all, nil
}

func variation(name string, m *nn.Model, list []drawn.Drawn) Variation {
	probabilities, verdicts := readAll(m, list)
	v := Variation{Change: name}
	hits := 0
	for i, p := range probabilities {
		if nn.Argmax(p[:]) == list[i].Label {
			hits++
		}
		if verdicts[i] != reader.Digit && verdicts[i] != reader.Unsure {
			v.Refused++
		}
	}
	v.Accuracy, v.AccuracyInterval = float64(hits)/float64(len(list)), Wilson(hits, len(list))
	return v
}

// linear maps each point by a matrix.
func linear(xx, xy, yx, yy float64) func(*rand.Rand, ink.Drawing) ink.Drawing {
	return func(_ *rand.Rand, d ink.Drawing) ink.Drawing {
		return moved(d, func(_, _ int, p ink.Point) (float64, float64) {
			return xx*p.X + xy*p.Y, yx*p.X + yy*p.Y
		})
	}
}

// turned turns clockwise, for y points down.
func turned(degrees float64) func(*rand.Rand, ink.Drawing) ink.Drawing {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return linear(cos, -sin, sin, cos)
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

// sparse is drawn so fast that few points were felt.
func sparse(_ *rand.Rand, d ink.Drawing) ink.Drawing {
	out := make(ink.Drawing, len(d))
	for s, stroke := range d {
		for i, p := range stroke {
			if i%every == 0 || i == len(stroke)-1 {
				out[s] = append(out[s], p)
			}
		}
	}
	return out
}

// shaky moves some places of each stroke, and what lies between them with them.
func shaky(rng *rand.Rand, d ink.Drawing) ink.Drawing {
	deviation := shake * larger(d)
	var knots [shakes + 1][2]float64
	last := -1
	return moved(d, func(stroke, i int, p ink.Point) (float64, float64) {
		if stroke != last {
			last = stroke
			for k := range knots {
				knots[k] = [2]float64{rng.NormFloat64() * deviation, rng.NormFloat64() * deviation}
			}
		}
		at := float64(i) / float64(len(d[stroke])) * shakes
		k := int(at)
		t := at - float64(k)
		return p.X + (1-t)*knots[k][0] + t*knots[k+1][0], p.Y + (1-t)*knots[k][1] + t*knots[k+1][1]
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

// withGap leaves a piece out of the longest stroke.
func withGap(rng *rand.Rand, d ink.Drawing) ink.Drawing {
	longest, l := 0, 0.0
	for s, stroke := range d {
		if n := augment.Length(stroke); n > l {
			longest, l = s, n
		}
	}
	if l == 0 {
		return d // dots alone
	}
	from := rng.Float64() * (1 - gap) * l
	return augment.Without(d, longest, from, from+gap*l)
}

// cutShort leaves out the end of the last stroke.
func cutShort(_ *rand.Rand, d ink.Drawing) ink.Drawing {
	last := len(d) - 1
	if last < 0 || augment.Length(d[last]) == 0 {
		return d
	}
	l := augment.Length(d[last])
	return augment.Without(d, last, (1-end)*l, l)
}
