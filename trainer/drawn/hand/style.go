package hand

import (
	"math"
	"math/rand/v2"

	"rakam/wasm/ink"
)

// style is what a hand does to every form. Lengths are shares of the frame's
// height.
type style struct {
	slant, turn float64 // shear to the right going up; radians clockwise
	width       float64 // factor on x
	proportion  float64 // exponent on y: below 1 the upper part is larger
	keystone    float64 // how much wider the foot is than the head
	tremble     float64 // standard deviation of each knot
	bend        [2]wave // slow deviations of x along y and of y along x
	haste       int     // passes of smoothing: a quick pen rounds corners
	joins       bool    // the pen stays down between strokes
	skips       bool    // the pen misses a bit of a stroke
	hook, flick float64 // length of a hook at the start, of a flick at the end
	device      device
}

// wave is a slow deviation, size·sin(2π(rate·t + phase)).
type wave struct{ size, rate, phase float64 }

func (w wave) at(t float64) float64 {
	return w.size * math.Sin(2*math.Pi*(w.rate*t+w.phase))
}

// someStyle draws a hand at random; the bounds keep what it writes legible.
func someStyle(rng *rand.Rand) style {
	in := func(lo, hi float64) float64 { return lo + (hi-lo)*rng.Float64() }
	s := style{
		slant:      clamp(0.1+0.18*rng.NormFloat64(), -0.3, 0.55),
		turn:       clamp(0.06*rng.NormFloat64(), -0.14, 0.14),
		width:      math.Exp(clamp(0.22*rng.NormFloat64(), -0.5, 0.45)),
		proportion: math.Exp(clamp(0.12*rng.NormFloat64(), -0.25, 0.25)),
		keystone:   clamp(0.12*rng.NormFloat64(), -0.25, 0.25),
		tremble:    0.004 + 0.02*rng.Float64()*rng.Float64(),
		haste:      int(14 * rng.Float64() * rng.Float64()),
		joins:      rng.Float64() < 0.05,
		skips:      rng.Float64() < 0.03,
		device:     someDevice(rng),
	}
	for i := range s.bend {
		s.bend[i] = wave{in(0, 0.035), in(0.3, 0.9), rng.Float64()}
	}
	if rng.Float64() < 0.12 {
		s.hook = in(0.02, 0.08)
	}
	if rng.Float64() < 0.1 {
		s.flick = in(0.02, 0.08)
	}
	return s
}

func clamp(v, lo, hi float64) float64 { return max(lo, min(hi, v)) }

// finish makes a drawing of the pen's strokes: first the knots go where the
// hand puts them, then the curves through them are drawn, smoothed and sampled
// as the device does.
func (p *pen) finish() ink.Drawing {
	for _, knots := range p.strokes {
		for i := range knots {
			knots[i].Point = p.place(knots[i].Point)
		}
	}
	return p.unplaced()
}

// unplaced is finish for knots that are where they should be.
func (p *pen) unplaced() ink.Drawing {
	var d ink.Drawing
	for _, knots := range p.strokes {
		if s := curve(knots); len(s) > 0 {
			d = append(d, s)
		}
	}
	if p.joins {
		d = joined(d)
	}
	for i, s := range d {
		s = smoothed(s, p.haste)
		d[i] = p.ends(s)
	}
	if p.skips {
		d = p.skip(d)
	}
	for i := range d {
		d[i] = p.device.sample(p.Rand, d[i])
	}
	return d
}

// place moves a point of a form to where this hand puts it.
func (s *style) place(q ink.Point) ink.Point {
	y := q.Y
	if y > 0 && y < 1 {
		y = math.Pow(y, s.proportion)
	}
	x := (q.X - 0.35) * s.width * (1 + s.keystone*(y-0.5))
	x, y = x+s.bend[0].at(y), y+s.bend[1].at(x)
	x += s.slant * (0.5 - y)
	sin, cos := math.Sincos(s.turn)
	return ink.Point{X: x*cos - (y-0.5)*sin, Y: x*sin + (y-0.5)*cos}
}

// joined makes one stroke of all, as if the pen were never lifted.
func joined(d ink.Drawing) ink.Drawing {
	var all ink.Stroke
	for _, s := range d {
		if n := len(all); n > 0 {
			a := all[n-1]
			for i := 1; i < 8; i++ {
				all = append(all, between(a, s[0], float64(i)/8))
			}
		}
		all = append(all, s...)
	}
	return ink.Drawing{all}
}

// smoothed averages every point with its neighbours so many times; the ends
// stay.
func smoothed(s ink.Stroke, passes int) ink.Stroke {
	for range passes {
		before := s[0]
		for i := 1; i < len(s)-1; i++ {
			here := s[i]
			s[i] = ink.Point{
				X: (before.X + 2*here.X + s[i+1].X) / 4,
				Y: (before.Y + 2*here.Y + s[i+1].Y) / 4,
			}
			before = here
		}
	}
	return s
}

// ends adds the hook at the start and the flick at the end of a stroke that is
// long enough to bear them.
func (p *pen) ends(s ink.Stroke) ink.Stroke {
	if len(s) < 12 {
		return s
	}
	if p.hook > 0 {
		s = append(ink.Stroke{p.beside(s[0], s[3], p.hook)}, s...)
	}
	if p.flick > 0 {
		n := len(s)
		s = append(s, p.beside(s[n-1], s[n-4], p.flick))
	}
	return s
}

// beside returns a point some length away from end, to the side of the
// direction in which the stroke goes on to next.
func (p *pen) beside(end, next ink.Point, length float64) ink.Point {
	along := math.Atan2(next.Y-end.Y, next.X-end.X)
	sin, cos := math.Sincos(along + p.in(0.5, 2.4)*float64(1-2*p.IntN(2)))
	return ink.Point{X: end.X + length*cos, Y: end.Y + length*sin}
}

// skip lifts the pen for a moment in the middle of one stroke.
func (p *pen) skip(d ink.Drawing) ink.Drawing {
	k := p.IntN(len(d))
	s := d[k]
	if len(s) < 20 {
		return d
	}
	gap := 2 + p.IntN(3)
	at := 5 + p.IntN(len(s)-10-gap)
	d[k] = s[:at:at]
	return append(d, s[at+gap:])
}
