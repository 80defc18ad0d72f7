package main

import (
	"fmt"
	"math"
	"strings"
)

// Figures are worked out here, as numbers for the attributes of inline SVG: a
// page shows them without JavaScript, in print, and under a policy that allows
// no style attribute. Lengths are in units of the viewBox, proportions in percent.

// A frame is the room of a figure and, inside it, of what is plotted.
type frame struct {
	Width, Height            float64
	Left, Right, Top, Bottom float64
}

// A tick is a labelled place on an axis.
type tick struct {
	At     float64 // in the viewBox
	Value  float64 // on the scale
	Digits int     // decimals that tell the ticks of its axis apart
}

// A scale maps values linearly to the viewBox.
type scale struct {
	from, to   float64 // values
	start, end float64 // where they lie in the viewBox
}

func (s scale) at(v float64) float64 {
	return round(s.start + (v-s.from)/(s.to-s.from)*(s.end-s.start))
}

// ticks returns the multiples of step on s.
func (s scale) ticks(step float64) []tick {
	var ts []tick
	for i := math.Ceil(s.from/step - 1e-9); i*step <= s.to+step*1e-9; i++ {
		ts = append(ts, tick{At: s.at(i * step), Value: i * step, Digits: decimals(step)})
	}
	return ts
}

// polyline is the points attribute of a line through ys, one value at each of xs.
func polyline(x, y scale, xs, ys []float64) string {
	points := make([]string, len(xs))
	for i := range xs {
		points[i] = fmt.Sprintf("%g,%g", x.at(xs[i]), y.at(ys[i]))
	}
	return strings.Join(points, " ")
}

// niceStep is the smallest of 1, 2 and 5 times a power of ten that divides span
// into at most n parts.
func niceStep(span float64, n int) float64 {
	least := span / float64(n)
	power := math.Pow(10, math.Floor(math.Log10(least)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= least*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// decimals is how many digits after the point a multiple of step needs.
func decimals(step float64) int {
	return max(0, int(math.Ceil(-math.Log10(step)-1e-9)))
}

// round keeps two decimals: a hundredth of a pixel is finer than any screen.
func round(v float64) float64 { return math.Round(v*100) / 100 }

// apart moves two labels of one axis away from each other, evenly, until they
// are at least gap apart.
func apart(a, b, gap float64) (float64, float64) {
	d := gap - math.Abs(a-b)
	if d <= 0 {
		return a, b
	}
	if a > b {
		d = -d
	}
	return round(a - d/2), round(b + d/2)
}
