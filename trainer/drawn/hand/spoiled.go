package hand

import (
	"math/rand/v2"

	"rakam/wasm/ink"
)

// box is where a drawing lies.
type box struct{ left, top, right, bottom float64 }

func boxOf(d ink.Drawing) box {
	b := box{1e9, 1e9, -1e9, -1e9}
	for _, s := range d {
		for _, q := range s {
			b = box{min(b.left, q.X), min(b.top, q.Y), max(b.right, q.X), max(b.bottom, q.Y)}
		}
	}
	return b
}

func (b box) width() float64  { return b.right - b.left }
func (b box) height() float64 { return b.bottom - b.top }

// move moves the points of d.
func move(d ink.Drawing, x, y float64) {
	for _, s := range d {
		for i := range s {
			s[i].X += x
			s[i].Y += y
		}
	}
}

// row is two or three digits beside each other, near but not upon each other.
func row(rng *rand.Rand) ink.Drawing {
	n := 2
	if rng.Float64() < 0.2 {
		n = 3
	}
	var all ink.Drawing
	right := 0.0
	for range n {
		d := Digit(rng, rng.IntN(10))
		b := boxOf(d)
		move(d, right+0.06+0.25*rng.Float64()-b.left, 0.08*rng.NormFloat64())
		right = boxOf(d).right
		all = append(all, d...)
	}
	return all
}

// heap is two digits upon each other, beside or above their places.
func heap(rng *rand.Rand) ink.Drawing {
	side := float64(1 - 2*rng.IntN(2))
	if rng.Float64() < 0.3 { // above each other, without those whose circles make another digit
		angular := []int{2, 3, 4, 5, 7}
		a, b := Digit(rng, angular[rng.IntN(5)]), Digit(rng, angular[rng.IntN(5)])
		move(b, 0.15*rng.NormFloat64(), side*(0.85+0.3*rng.Float64()))
		return append(a, b...)
	}
	a, b := Digit(rng, 2+rng.IntN(8)), Digit(rng, 2+rng.IntN(8))
	move(b, side*(0.25+0.3*rng.Float64()), 0.2*rng.NormFloat64())
	return append(a, b...)
}

// crossedOut is a digit with strokes across all of it.
func crossedOut(rng *rand.Rand) ink.Drawing {
	d := Digit(rng, rng.IntN(10))
	b := boxOf(d)
	p := newPen(rng)
	p.slant, p.turn, p.joins = 0, 0, false
	grow := p.in(0, 0.15)
	w, h := max(b.width(), 0.4)+2*grow, b.height()+2*grow
	x, y := (b.left+b.right-w)/2, (b.top+b.bottom-h)/2
	switch p.IntN(3) {
	case 0: // a cross
		p.from(x, y)
		p.to(x+w, y+h)
		p.from(x+w, y)
		p.to(x, y+h)
	case 1: // bars
		n := 3 + p.IntN(3)
		tilt := p.in(-0.2, 0.2)
		for i := range n {
			at := y + h*(float64(i)+0.5)/float64(n)
			p.from(x-0.1, at+tilt)
			p.to(x+w+0.1, at-tilt)
		}
	default: // a zigzag
		n := 8 + p.IntN(6)
		p.lift()
		for i := range n {
			p.to(x+w*(float64(i%2)+p.in(-0.1, 0.1)), y+h*float64(i)/float64(n-1))
		}
	}
	return append(d, p.unplaced()...)
}

// piece is a part of a digit that reads as none, as shares of its box: what
// lies between the heights from and to.
type piece struct {
	digit    int
	from, to float64
}

// pieces leaves out what may be read as another digit, such as a nine's foot,
// a one, or the top of a flat three, a seven.
var pieces = []piece{
	{0, 0, 0.5}, {0, 0.5, 1}, {2, 0.62, 1}, {2, 0, 0.3}, {4, 0, 0.45}, {5, 0, 0.35}, {5, 0.75, 1},
	{6, 0.75, 1}, {8, 0, 0.25}, {8, 0.3, 0.75}, {8, 0.75, 1}, {9, 0, 0.2},
}

// part cuts a digit.
func part(rng *rand.Rand) ink.Drawing {
	for {
		c := pieces[rng.IntN(len(pieces))]
		d := Digit(rng, c.digit)
		b := boxOf(d)
		cut := band(d, b.top+c.from*b.height(), b.top+c.to*b.height())
		if len(cut) > 0 && boxOf(cut).width() > 1.1*boxOf(cut).height() {
			return cut
		}
	}
}

// band keeps what lies between two heights.
func band(d ink.Drawing, top, bottom float64) ink.Drawing {
	var out ink.Drawing
	for _, s := range d {
		var open ink.Stroke
		for _, q := range s {
			if q.Y >= top && q.Y <= bottom {
				open = append(open, q)
			} else if open != nil {
				out, open = append(out, open), nil
			}
		}
		if open != nil {
			out = append(out, open)
		}
	}
	return out
}
