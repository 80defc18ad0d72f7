// Package reader reads drawings: it has package ink make the image, package nn
// the ten probabilities, and gives the verdict, a digit or why it is none.
package reader

import (
	"rakam/wasm/ink"
	"rakam/wasm/nn"
)

// Verdict says what kind of answer a reading is.
type Verdict string

// The verdicts.
const (
	Digit  Verdict = "digit"  // one output clearly says yes
	Unsure Verdict = "unsure" // it may be either of two digits
	Blank  Verdict = "blank"  // there is no ink
	None   Verdict = "none"   // not a digit: every output says no
)

// The bounds between the verdicts. They follow from what a sigmoid output
// means, the probability that the image is this digit, each output asked on its
// own; they were not fitted to data.
const (
	// Yes is above which an output says yes: it is more likely so than not.
	Yes = 0.5
	// Low is below which an output says no for certain: nine to one against.
	// Between Low and Yes an output is in doubt.
	Low = 0.1
	// Lead is how far the output that says yes must be ahead of the second to
	// be clear, so that 0.51 against 0.49 is not.
	Lead = 0.2
)

// Reading is the answer to a drawing and what led to it.
type Reading struct {
	// Digit is what was read; the best guess when Verdict is Unsure; -1 when it
	// is Blank or None.
	Digit   int
	Verdict Verdict
	// Candidates are the digits in question when Verdict is Unsure, else nil:
	// the best, and the second unless its output says no for certain.
	Candidates []int
	// Probabilities are independent, so their sum may be anything from 0 to 10.
	Probabilities [nn.Classes]float32
	Image         ink.Image
	// Layers are the activations of each layer, the last one being the
	// probabilities. They are the reader's own memory and overwritten by its
	// next reading; everything else in a Reading is a copy.
	Layers [][]float32
	// Model is the name of the model that read.
	Model string
}

// Reader reads one drawing after another with one model. It keeps its working
// memory, so it serves one goroutine at a time; readers may share a model.
type Reader struct {
	model    *nn.Model
	session  *nn.Session
	renderer ink.Renderer
}

// New returns a reader that reads with m.
func New(m *nn.Model) *Reader {
	return &Reader{model: m, session: m.NewSession()}
}

// Read reads a drawing. It never fails: see ink.Render for what becomes of
// points that cannot be drawn.
func (r *Reader) Read(d ink.Drawing) Reading {
	img, _ := r.renderer.Render(d)
	return r.ReadImage(&img)
}

// ReadImage reads an image. The network is not asked about one without ink: all
// probabilities and activations are then zero.
func (r *Reader) ReadImage(img *ink.Image) Reading {
	reading := Reading{Image: *img, Layers: r.session.Activations(), Model: r.model.Meta.Name}
	if blank(img) {
		for _, layer := range reading.Layers {
			clear(layer)
		}
		reading.Digit, reading.Verdict = -1, Blank
		return reading
	}
	copy(reading.Probabilities[:], r.session.Run(img[:]))
	reading.Digit, reading.Verdict, reading.Candidates = judge(&reading.Probabilities)
	return reading
}

func blank(img *ink.Image) bool { return *img == ink.Image{} }

// judge gives the verdict on probabilities.
func judge(p *[nn.Classes]float32) (digit int, v Verdict, candidates []int) {
	first, second := best(p)
	switch {
	case !(p[first] >= Low): // so that NaN is no digit either
		return -1, None, nil
	case p[first] > Yes && p[second] <= Yes && p[first]-p[second] >= Lead:
		return first, Digit, nil
	}
	if p[second] < Low {
		return first, Unsure, []int{first}
	}
	return first, Unsure, []int{first, second}
}

// best returns the indices of the two largest, of equals the lower one first.
func best(p *[nn.Classes]float32) (first, second int) {
	first, second = 0, 1
	if p[1] > p[0] {
		first, second = 1, 0
	}
	for i := 2; i < len(p); i++ {
		switch {
		case p[i] > p[first]:
			first, second = i, first
		case p[i] > p[second]:
			second = i
		}
	}
	return first, second
}
