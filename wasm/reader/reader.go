// Package reader reads drawings: it has package ink make the image, package nn
// the ten probabilities, and gives the verdict, a digit or why it is none.
package reader

import (
	"rakam/wasm/ink"
	"rakam/wasm/nn"
)

// Verdict says what kind of answer a reading is.
type Verdict string

// The verdicts. All but the first two say that it is not a digit, and why.
const (
	Digit   Verdict = "digit"   // one output clearly says yes
	Unsure  Verdict = "unsure"  // it may be either of two digits
	Blank   Verdict = "blank"   // there is no ink
	Little  Verdict = "little"  // there is too little ink: a dot, or a pen that slipped
	Several Verdict = "several" // shapes stand side by side, and each is a digit
	None    Verdict = "none"    // it looks like no digit: the outputs add up to a no
)

// Refuses reports whether v tells no digit.
func (v Verdict) Refuses() bool { return v != Digit && v != Unsure }

// Verdicts are all there are.
var Verdicts = []Verdict{Digit, Unsure, Blank, Little, Several, None}

type probabilities = [nn.Classes]float32

// Reading is the answer to a drawing and what led to it.
type Reading struct {
	// Digit is what was read; the best guess when Verdict is Unsure; -1 when it
	// is any other than these two.
	Digit   int
	Verdict Verdict
	// Candidates are the digits in question: when Verdict is Unsure the best,
	// and the second unless its output says no for certain; when it is Several
	// the digits from left to right; else nil.
	Candidates []int
	// Shapes is how many shapes stand side by side in a drawing that the network
	// was asked about; 0 in others, in images and in scribbles of very many
	// strokes. A clear digit's must stand further apart to count.
	Shapes int
	// Probabilities are independent, so their sum may be anything from 0 to 10.
	// They are those of the whole, and zero when the network was not asked.
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
	// Bounds are where one verdict ends and another begins; New sets
	// DefaultBounds.
	Bounds Bounds
	// Side is the side of the surface that is drawn on, in the unit of the
	// drawings, or 0 when that is not known: then no drawing is too small.
	Side float64

	model    *nn.Model
	session  *nn.Session
	parts    *nn.Session // reads the shapes of a drawing; nil until it has to
	renderer ink.Renderer
}

// New returns a reader that reads with m.
func New(m *nn.Model) *Reader {
	return &Reader{Bounds: DefaultBounds, model: m, session: m.NewSession()}
}

// Read reads a drawing. It never fails: see ink.Render for what becomes of
// points that cannot be drawn.
func (r *Reader) Read(d ink.Drawing) Reading {
	least := r.Bounds.Small * r.Side
	r.renderer.Least = least // what is too small is shown so
	img, info := r.renderer.Render(d)
	if slip(info, least) {
		return r.unasked(&img, Little)
	}
	reading := r.ReadImage(&img)
	switch reading.Verdict {
	case Digit:
		r.lookApart(d, r.Bounds.Wide, &reading)
	case Unsure, None:
		r.lookApart(d, r.Bounds.Gap, &reading)
	}
	return reading
}

// slip reports whether what was drawn is smaller than that.
func slip(drawn ink.Info, least float64) bool {
	return !drawn.Blank && max(drawn.Max.X-drawn.Min.X, drawn.Max.Y-drawn.Min.Y) < least
}

// TooLittle reports whether a drawing has ink, but too little of it to be a digit:
// whether every reader with these bounds calls it Little. Side is as in Reader.
func (b *Bounds) TooLittle(d ink.Drawing, side float64) bool {
	img, info := ink.Render(d)
	return slip(info, b.Small*side) || !info.Blank && sum(&img) < b.Ink
}

// ReadImage reads an image. The network is not asked about one without ink or
// with too little: all probabilities and activations are then zero.
func (r *Reader) ReadImage(img *ink.Image) Reading {
	switch {
	case *img == ink.Image{}:
		return r.unasked(img, Blank)
	case sum(img) < r.Bounds.Ink:
		return r.unasked(img, Little)
	}
	reading := Reading{Image: *img, Model: r.model.Meta.Name}
	copy(reading.Probabilities[:], r.session.Run(img[:]))
	reading.Layers = r.session.Activations()
	reading.Digit, reading.Verdict, reading.Candidates = r.Bounds.judge(&reading.Probabilities)
	return reading
}

// unasked is the reading of an image that the network is not asked about.
func (r *Reader) unasked(img *ink.Image, why Verdict) Reading {
	layers := r.session.Activations()
	for _, layer := range layers {
		clear(layer)
	}
	return Reading{Digit: -1, Verdict: why, Image: *img, Layers: layers, Model: r.model.Meta.Name}
}

// lookApart sees whether the shapes of a drawing, parted at gaps of that width,
// are digits each.
func (r *Reader) lookApart(d ink.Drawing, gap float64, reading *Reading) {
	if len(d) > mostStrokes {
		return
	}
	row := shapes(d, gap)
	reading.Shapes = len(row)
	if digits := r.several(row); digits != nil {
		reading.Digit, reading.Verdict, reading.Candidates = -1, Several, digits
	}
}

// sum is how much ink an image has, in pixels.
func sum(img *ink.Image) (s float32) {
	for _, v := range img {
		s += v
	}
	return s
}
