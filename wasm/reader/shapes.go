package reader

import (
	"cmp"
	"math"
	"slices"

	"rakam/wasm/ink"
)

const (
	// mostShapes is beyond which shapes side by side are no row of digits.
	mostShapes = 8
	// mostStrokes is beyond which a drawing is a scribble that nobody parts.
	mostStrokes = 256
)

// A shape is strokes that lie one over the other, seen from above or below.
type shape struct {
	strokes                  ink.Drawing
	left, right, top, bottom float64
}

func (s *shape) height() float64 { return s.bottom - s.top }

// shapes parts a drawing at its upright gaps, from left to right. gap is how wide
// they must be, as a fraction of the drawing's height. Points that are not finite
// are left out of the measure, strokes without any other point altogether.
func shapes(d ink.Drawing, gap float64) []shape {
	var all []shape
	top, bottom := math.Inf(1), math.Inf(-1)
	for _, stroke := range d {
		if s, ok := measure(stroke); ok {
			all = append(all, s)
			top, bottom = min(top, s.top), max(bottom, s.bottom)
		}
	}
	if len(all) < 2 {
		return all
	}
	slices.SortStableFunc(all, func(a, b shape) int { return cmp.Compare(a.left, b.left) })
	n := 1
	for _, s := range all[1:] {
		last := &all[n-1]
		if s.left-last.right > gap*(bottom-top) {
			all[n] = s
			n++
			continue
		}
		last.strokes = append(last.strokes, s.strokes...)
		last.right, last.top, last.bottom = max(last.right, s.right), min(last.top, s.top), max(last.bottom, s.bottom)
	}
	return all[:n]
}

// measure makes a shape of one stroke; ok is false when it has no finite point.
func measure(stroke ink.Stroke) (s shape, ok bool) {
	s = shape{ink.Drawing{stroke}, math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)}
	for _, p := range stroke {
		if p.X-p.X != 0 || p.Y-p.Y != 0 { // false for finite numbers only
			continue
		}
		s.left, s.right = min(s.left, p.X), max(s.right, p.X)
		s.top, s.bottom = min(s.top, p.Y), max(s.bottom, p.Y)
		ok = true
	}
	return s, ok
}

// several reads shapes one by one and returns their digits when each is one,
// clearly, else nil. It overwrites the activations of r.parts alone.
func (r *Reader) several(row []shape) []int {
	if len(row) < 2 || len(row) > mostShapes {
		return nil
	}
	tallest := 0.0
	for i := range row {
		tallest = max(tallest, row[i].height())
	}
	if r.parts == nil {
		r.parts = r.model.NewSession()
	}
	var digits []int
	for i := range row {
		if row[i].height() < r.Bounds.Tall*tallest {
			return nil
		}
		img, _ := r.renderer.Render(row[i].strokes)
		if sum(&img) < r.Bounds.Ink {
			return nil
		}
		p := (*probabilities)(r.parts.Run(img[:]))
		first, second := best(p)
		if r.Bounds.Refuses(p) || !r.Bounds.clear(p[first], p[second]) {
			return nil
		}
		digits = append(digits, first)
	}
	return digits
}
