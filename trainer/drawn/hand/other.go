package hand

import (
	"math"
	"math/rand/v2"

	"rakam/wasm/ink"
)

// Kind says what a drawing that is no digit is.
type Kind string

// The kinds of drawings that are no digit.
const (
	Scribble   Kind = "scribble"    // a pen wandering about
	Tangle     Kind = "tangle"      // lines at random
	Garland    Kind = "garland"     // loops, waves or teeth in a row
	Line       Kind = "line"        // lying or falling, so that it is no one; or an arc
	Dots       Kind = "dots"        // one or more
	Blot       Kind = "blot"        // an area filled with ink
	Capital    Kind = "capital"     // a capital letter
	Letter     Kind = "letter"      // a small letter
	Sign       Kind = "sign"        // a mark of writing or arithmetic
	Symbol     Kind = "symbol"      // a letter of an alphabet that nobody writes
	Doodle     Kind = "doodle"      // a heart, a house, a spiral
	Part       Kind = "part"        // a piece of a digit that is no digit
	Row        Kind = "row"         // two or three digits beside each other
	Heap       Kind = "heap"        // two digits on top of each other
	Turned     Kind = "turned"      // a digit the wrong way round
	Fallen     Kind = "fallen"      // a seven on its corner or its back
	CrossedOut Kind = "crossed out" // a digit that was struck through
)

// other is a kind with its share and how it is drawn.
type other struct {
	kind   Kind
	weight float64
	draw   func(rng *rand.Rand) ink.Drawing
}

// written makes a drawer of one that uses a pen with a hand's style.
func written(draw func(*pen)) func(*rand.Rand) ink.Drawing {
	return func(rng *rand.Rand) ink.Drawing {
		p := newPen(rng)
		draw(p)
		return p.finish()
	}
}

var others = []other{
	{Scribble, 12, written(scribble)},
	{Tangle, 6, written(tangle)},
	{Garland, 7, written(garland)},
	{Line, 8, line},
	{Dots, 4, dots},
	{Blot, 6, written(blot)},
	{Capital, 13, written(func(p *pen) { p.anyTaught(capitals) })},
	{Letter, 13, written(func(p *pen) { p.anyTaught(letters) })},
	{Sign, 14, written(func(p *pen) { p.anyTaught(signs) })},
	{Symbol, 30, written(symbol)},
	{Doodle, 14, written(doodle)},
	{Part, 6, part},
	{Row, 12, row},
	{Heap, 7, heap},
	{Turned, 14, turned},
	{Fallen, 8, fallen},
	{CrossedOut, 7, crossedOut},
}

// kindShares returns all kinds, and how often Other draws each, summing to 1.
func kindShares() (kinds []Kind, shares []float64) {
	var sum float64
	for _, o := range others {
		sum += o.weight
	}
	for _, o := range others {
		kinds, shares = append(kinds, o.kind), append(shares, o.weight/sum)
	}
	return kinds, shares
}

// Other returns a drawing that is no digit, and its kind. Of the letters, signs
// and doodles it draws about five in six: see Unseen. The same state of rng gives the
// same drawing.
func Other(rng *rand.Rand) (ink.Drawing, Kind) {
	o := pick(rng, others, func(o *other) float64 { return o.weight })
	return o.draw(rng), o.kind
}

// Unseen returns a drawing that is no digit of a shape that Other never draws, nor one
// much like it: one of some letters, signs and doodles. It is for measuring how well a network that was
// taught what Other draws refuses what it was not taught.
func Unseen(rng *rand.Rand) (ink.Drawing, Kind) {
	var shapes []glyph
	var kinds []Kind
	for _, of := range tables {
		_, kept := split(of.all)
		shapes = append(shapes, kept...)
		for range kept {
			kinds = append(kinds, of.kind)
		}
	}
	i := rng.IntN(len(shapes))
	return written(func(p *pen) { p.anyOf(shapes[i : i+1]) })(rng), kinds[i]
}

// scribble lets the pen wander smoothly within the frame.
func scribble(p *pen) {
	p.lift()
	x, y := p.Float64(), p.Float64()
	along := p.in(0, 2*math.Pi)
	stride := p.in(0.2, 0.5)
	for range 11 + p.IntN(20) {
		p.by(x, y)
		along += 1.4 * p.NormFloat64()
		sin, cos := math.Sincos(along)
		nx, ny := x+stride*cos, y+stride*sin
		if nx < -0.1 || nx > 1.1 || ny < -0.1 || ny > 1.1 { // turn back
			nx, ny = p.Float64(), p.Float64()
			along = math.Atan2(ny-y, nx-x)
		}
		x, y = nx, ny
	}
}

// tangle is some straight lines anywhere.
func tangle(p *pen) {
	for range 5 + p.IntN(5) {
		p.from(p.Float64(), p.Float64())
		for range 1 + p.IntN(2) {
			p.to(p.Float64(), p.Float64())
		}
	}
}

// garland is a row of loops, waves or teeth.
func garland(p *pen) {
	n := 3 + p.IntN(4)
	height, back := p.in(0.2, 0.8), p.in(0, 0.6)
	teeth := p.chance(0.35)
	p.lift()
	for i := range 2*n + 1 {
		x := float64(i) * 0.16
		switch {
		case teeth:
			p.to(x, height*float64(i%2))
		case i%2 == 0:
			p.by(x, height)
		default:
			p.by(x+back*0.3, height*0.3, x+back*0.1, 0, x-back*0.3, height*0.3)
		}
	}
}

// line is a stroke too flat or leaning too far back to be a one, or an arc.
func line(rng *rand.Rand) ink.Drawing {
	p := newPen(rng)
	p.slant, p.turn, p.width, p.keystone = 0, 0, 1, 0
	angle := p.in(-32, 38) // degrees from lying, clockwise
	sin, cos := math.Sincos(angle * math.Pi / 180)
	bulge := 0.0
	if p.chance(0.3) {
		bulge = p.in(-0.35, 0.35)
	}
	p.from(0, 0)
	p.by(0.5*cos-bulge*sin, 0.5*sin+bulge*cos)
	p.to(cos, sin)
	if p.chance(0.15) { // its double
		gap := p.in(0.15, 0.4)
		p.from(0, gap)
		p.to(cos, sin+gap)
	}
	return p.finish()
}

// dots are taps, some of which slipped.
func dots(rng *rand.Rand) ink.Drawing {
	var d ink.Drawing
	n := 1
	if rng.Float64() < 0.8 {
		n = 2 + rng.IntN(6)
	}
	for range n {
		at := ink.Point{X: rng.Float64(), Y: rng.Float64()}
		s := ink.Stroke{at}
		if n > 1 && rng.Float64() < 0.5 {
			s = append(s, ink.Point{X: at.X + 0.04*rng.NormFloat64(), Y: at.Y + 0.04*rng.NormFloat64()})
		}
		d = append(d, s)
	}
	return d
}

// blot fills an oval or a box with a zigzag.
func blot(p *pen) {
	p.haste = 0
	n := 10 + p.IntN(14)
	w, lean, round := p.in(0.5, 1), p.in(-0.2, 0.2), p.chance(0.6) // much narrower it would be a bold one
	p.lift()
	for i := range n {
		y := float64(i) / float64(n-1)
		half := w / 2
		if round {
			half *= math.Sqrt(max(0.05, 1-(2*y-1)*(2*y-1)))
		}
		half *= p.in(0.8, 1.1)
		if i%2 == 0 {
			half = -half
		}
		p.to(0.35+half, y+lean*half)
	}
	if p.chance(0.3) {
		p.arc(0.35, 0.5, w/2, 0.5, 90, 90+p.in(300, 500))
	}
}

// doodle is a little picture or a spiral.
func doodle(p *pen) {
	if p.chance(0.1) {
		p.lift()
		turns := p.in(2, 4) * 360
		if p.chance(0.5) {
			turns = -turns
		}
		start := p.in(0, 360)
		p.spiral(0.4, 0.5, 0.06, 0.06, start, start+turns, p.in(7, 9))
		return
	}
	p.anyTaught(doodles)
}
