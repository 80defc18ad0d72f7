package hand

import (
	"math"

	"rakam/wasm/ink"
)

// step is the distance between the points of a finished curve, as a share of
// the frame's height.
const step = 0.025

// curve returns the points of the smooth curve through the knots, about a step
// apart: cubic Hermite pieces with Bessel's tangents, chord length as parameter.
func curve(knots []knot) ink.Stroke {
	knots = distinct(knots)
	if len(knots) == 0 {
		return nil
	}
	out := ink.Stroke{knots[0].Point}
	for i := range len(knots) - 1 {
		a, b := knots[i].Point, knots[i+1].Point
		d := distance(a, b)
		ta, tb := tangents(knots, i, d)
		n := max(1, int(math.Ceil(d*1.1/step)))
		for j := 1; j <= n; j++ {
			out = append(out, hermite(a, b, ta, tb, d, float64(j)/float64(n)))
		}
	}
	return out
}

// distinct leaves out knots that lie on the one before.
func distinct(knots []knot) []knot {
	out := knots[:0]
	for _, k := range knots {
		if n := len(out); n > 0 && distance(out[n-1].Point, k.Point) < step/5 {
			out[n-1].corner = out[n-1].corner || k.corner
			continue
		}
		out = append(out, k)
	}
	return out
}

// tangents returns the directions in which the curve leaves knot i and reaches
// the next one, d away.
func tangents(knots []knot, i int, d float64) (leave, reach ink.Point) {
	a, b := knots[i], knots[i+1]
	chord := scaled(minus(b.Point, a.Point), 1/d)
	openA, openB := i == 0 || a.corner, i+2 == len(knots) || b.corner
	if !openA {
		leave = through(knots[i-1].Point, a.Point, b.Point)
	}
	if !openB {
		reach = through(a.Point, b.Point, knots[i+2].Point)
	}
	switch { // at a corner or an end the curve bends evenly
	case openA && openB:
		return chord, chord
	case openA:
		leave = minus(scaled(chord, 2), reach)
	case openB:
		reach = minus(scaled(chord, 2), leave)
	}
	return leave, reach
}

// through returns the tangent at b of the parabola through a, b and c.
func through(a, b, c ink.Point) ink.Point {
	d, e := distance(a, b), distance(b, c)
	u, v := scaled(minus(b, a), e/(d*(d+e))), scaled(minus(c, b), d/(e*(d+e)))
	return ink.Point{X: u.X + v.X, Y: u.Y + v.Y}
}

// hermite returns the point at t, 0 to 1, of the piece from a to b, d apart, with
// the tangents ta and tb per unit of length.
func hermite(a, b, ta, tb ink.Point, d, t float64) ink.Point {
	u := 1 - t
	ha, hb := u*u*(1+2*t), t*t*(3-2*t)
	ga, gb := t*u*u*d, -t*t*u*d
	return ink.Point{
		X: ha*a.X + hb*b.X + ga*ta.X + gb*tb.X,
		Y: ha*a.Y + hb*b.Y + ga*ta.Y + gb*tb.Y,
	}
}

func minus(a, b ink.Point) ink.Point          { return ink.Point{X: a.X - b.X, Y: a.Y - b.Y} }
func scaled(a ink.Point, f float64) ink.Point { return ink.Point{X: a.X * f, Y: a.Y * f} }
func distance(a, b ink.Point) float64         { return math.Hypot(a.X-b.X, a.Y-b.Y) }
func between(a, b ink.Point, t float64) ink.Point {
	return ink.Point{X: a.X + t*(b.X-a.X), Y: a.Y + t*(b.Y-a.Y)}
}
