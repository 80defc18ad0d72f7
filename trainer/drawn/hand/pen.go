package hand

import (
	"math"
	"math/rand/v2"

	"rakam/wasm/ink"
)

// knot is a point that a curve goes through, with a corner or smoothly.
type knot struct {
	ink.Point
	corner bool
}

// pen collects the strokes of a form as knots. A form draws in a frame about 1
// high, y down from 0 to 1, and as wide as it should be; the hand then slants
// and stretches it.
type pen struct {
	*rand.Rand
	style
	strokes [][]knot
}

func newPen(rng *rand.Rand) *pen {
	return &pen{Rand: rng, style: someStyle(rng)}
}

// in returns a number between lo and hi, all equally likely.
func (p *pen) in(lo, hi float64) float64 { return lo + (hi-lo)*p.Float64() }

// chance is true in the share q of calls.
func (p *pen) chance(q float64) bool { return p.Float64() < q }

// lift ends the stroke; what comes next begins another.
func (p *pen) lift() { p.strokes = append(p.strokes, nil) }

// from begins a stroke at x, y.
func (p *pen) from(x, y float64) {
	p.lift()
	p.to(x, y)
}

// to goes on to x, y and makes a corner there.
func (p *pen) to(x, y float64) { p.add(x, y, p.tremble, true) }

// by goes on smoothly through the points, x and y in turn.
func (p *pen) by(xy ...float64) {
	for i := 0; i < len(xy); i += 2 {
		p.add(xy[i], xy[i+1], p.tremble, false)
	}
}

// arc goes on along the ellipse around cx, cy from one angle to another, in
// degrees: 0 is right, 90 down, 180 left, 270 up; clockwise when to is larger.
func (p *pen) arc(cx, cy, rx, ry, from, to float64) {
	p.spiral(cx, cy, rx, ry, from, to, 1)
}

// spiral is an arc whose radii grow by the factor grow on the way.
func (p *pen) spiral(cx, cy, rx, ry, from, to, grow float64) {
	n := int(math.Ceil(math.Abs(to-from)/40)) + 1
	for i := range n + 1 {
		f := float64(i) / float64(n)
		sin, cos := math.Sincos((from + (to-from)*f) * math.Pi / 180)
		g := 1 + (grow-1)*f
		p.add(cx+g*rx*cos, cy+g*ry*sin, p.tremble/2, false)
	}
}

// last returns where the pen is.
func (p *pen) last() knot {
	s := p.strokes[len(p.strokes)-1]
	return s[len(s)-1]
}

// rightmost returns how far to the right the last stroke's knots go.
func (p *pen) rightmost() float64 {
	x := math.Inf(-1)
	for _, k := range p.strokes[len(p.strokes)-1] {
		x = max(x, k.X)
	}
	return x
}

// add puts a knot near x, y; sd says how near.
func (p *pen) add(x, y, sd float64, corner bool) {
	k := knot{ink.Point{X: x + sd*p.NormFloat64(), Y: y + sd*p.NormFloat64()}, corner}
	s := &p.strokes[len(p.strokes)-1]
	*s = append(*s, k)
}

// mirror turns the last stroke left to right.
func (p *pen) mirror() {
	for i, k := range p.strokes[len(p.strokes)-1] {
		p.strokes[len(p.strokes)-1][i].X = 0.7 - k.X
	}
}

// tilt turns the last stroke around cx, cy, clockwise by degrees.
func (p *pen) tilt(cx, cy, degrees float64) {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	s := p.strokes[len(p.strokes)-1]
	for i, k := range s {
		x, y := k.X-cx, k.Y-cy
		s[i].X, s[i].Y = cx+x*cos-y*sin, cy+x*sin+y*cos
	}
}
