package augment

import (
	"math"
	"math/rand/v2"

	"rakam/wasm/ink"
)

// The least and the most that a pen skips, as shares of its stroke.
const (
	skipLeast = 0.02
	skipMost  = 0.11
)

// Skip leaves a piece out of one stroke, as a pen that lifts or a finger that is not
// felt. The middle of the piece is anywhere on the drawing's lines, so near an end
// only a part of it may be there to be left out. A dot, and a drawing of dots alone,
// stays as it is. Strokes that are not cut are shared with d.
func Skip(rng *rand.Rand, d ink.Drawing) ink.Drawing {
	total := 0.0
	for _, stroke := range d {
		total += Length(stroke)
	}
	at := rng.Float64() * total
	for k, stroke := range d {
		l := Length(stroke)
		if at >= l {
			at -= l
			continue
		}
		half := l * (skipLeast + (skipMost-skipLeast)*rng.Float64()) / 2
		return Without(d, k, at-half, at+half)
	}
	return d
}

// Without leaves out of stroke k what lies between two distances from its beginning.
// The other strokes are shared with d.
func Without(d ink.Drawing, k int, from, to float64) ink.Drawing {
	out := append(ink.Drawing{}, d[:k]...)
	for _, part := range []ink.Stroke{piece(d[k], 0, from), piece(d[k], to, Length(d[k]))} {
		if len(part) > 0 {
			out = append(out, part)
		}
	}
	return append(out, d[k+1:]...)
}

// Length is how long a stroke is, in the units of its points.
func Length(s ink.Stroke) (sum float64) {
	for i := 1; i < len(s); i++ {
		sum += distance(s[i-1], s[i])
	}
	return sum
}

func distance(a, b ink.Point) float64 { return math.Hypot(b.X-a.X, b.Y-a.Y) }

// piece is what lies on a stroke between two distances from its beginning; nothing
// if the second is not behind the first.
func piece(s ink.Stroke, from, to float64) (part ink.Stroke) {
	if from >= to {
		return nil
	}
	end := 0.0
	for i := 1; i < len(s); i++ {
		begin, step := end, distance(s[i-1], s[i])
		end += step
		if step == 0 || end <= from || begin >= to {
			continue
		}
		if len(part) == 0 {
			part = append(part, between(s[i-1], s[i], max(from-begin, 0)/step))
		}
		part = append(part, between(s[i-1], s[i], min(to-begin, step)/step))
	}
	return part
}

// between is the place a share t of the way from a to b.
func between(a, b ink.Point, t float64) ink.Point {
	return ink.Point{X: a.X + t*(b.X-a.X), Y: a.Y + t*(b.Y-a.Y)}
}
