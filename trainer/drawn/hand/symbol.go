package hand

import (
	_ "embed"
	"math/rand/v2"
	"slices"
	"sync"

	"rakam/wasm/ink"
)

// symbolBits says which symbols are drawn: bit i%8 of byte i/8 is set when that
// composed from seed i is like no digit, no earlier symbol and no glyph that is kept
// out of training. Finding them takes half a minute, so it is not done at the start:
// TestSymbols does it with -update, which is due after any change to compose, to the
// forms of digits or to the glyphs.
//
//go:embed symbols.bin
var symbolBits []byte

// symbols returns the symbols that are drawn.
var symbols = sync.OnceValue(func() []glyph { return chosen(symbolBits) })

// chosen composes the symbols whose bits are set.
func chosen(bits []byte) (all []glyph) {
	for i := range 8 * len(bits) {
		if bits[i/8]>>(i%8)&1 == 1 {
			all = append(all, compose(uint64(i)))
		}
	}
	return all
}

// symbol draws a letter of an alphabet that nobody writes.
func symbol(p *pen) {
	all := symbols()
	p.glyph(all[p.IntN(len(all))])
}

// composer makes a symbol: strokes between the points of a coarse lattice.
type composer struct {
	*rand.Rand
	width   float64 // of the lattice
	glyph   glyph
	anchors []ink.Point // ends and middles of the strokes so far, three for each
}

// compose returns a symbol of one to five strokes, the same for the same seed.
func compose(seed uint64) glyph {
	rng := rand.New(rand.NewPCG(seed, 0x73796d62))
	c := &composer{Rand: rng, width: 0.5 + 0.6*rng.Float64()}
	strokes := *pick(rng, []int{1, 2, 3, 4, 5}, func(n *int) float64 { return [...]float64{0, 24, 32, 25, 12, 7}[*n] })
	for len(c.anchors) < 3*strokes {
		c.stroke()
	}
	return c.glyph
}

func (c *composer) in(lo, hi float64) float64 { return lo + (hi-lo)*c.Float64() }

// side is 1 or -1.
func (c *composer) side() float64 { return float64(1 - 2*c.IntN(2)) }

// point returns a point of the lattice, 3 wide and 4 high, or near it.
func (c *composer) point() ink.Point {
	return ink.Point{
		X: 0.35 + c.width*(float64(c.IntN(3))/2-0.5) + 0.05*c.NormFloat64(),
		Y: float64(c.IntN(4))/3 + 0.04*c.NormFloat64(),
	}
}

// apart returns a point of the lattice some way from others.
func (c *composer) apart(others ...ink.Point) ink.Point {
	for {
		q := c.point()
		if !slices.ContainsFunc(others, func(o ink.Point) bool { return distance(o, q) < 0.28 }) {
			return q
		}
	}
}

// ends returns where the next stroke goes: from an end or the middle of an earlier
// one, through its middle, or anywhere.
func (c *composer) ends() (a, b ink.Point) {
	a = c.point()
	b = c.apart(a)
	if len(c.anchors) == 0 {
		return a, b
	}
	at := c.anchors[c.IntN(len(c.anchors))]
	switch c.IntN(4) {
	case 0, 1:
		a, b = at, c.apart(at)
	case 2:
		half := scaled(minus(b, a), 0.5)
		a, b = minus(at, half), minus(at, scaled(half, -1))
	}
	return a, b
}

// stroke adds a stroke.
func (c *composer) stroke() {
	a, b := c.ends()
	middle := between(a, b, 0.5)
	c.glyph = append(c.glyph, op{kind: '|'})
	switch n := c.IntN(100); {
	case n < 22: // a line
		c.corners(a, b)
	case n < 42: // an angle
		middle = c.apart(a, b)
		c.corners(a, middle, b)
	case n < 58: // an arc
		middle = aside(a, b, 0.5, c.side()*c.in(0.2, 0.6))
		c.corners(a)
		c.curve(middle)
		c.corners(b)
	case n < 67: // an S
		bulge := c.side() * c.in(0.2, 0.45)
		c.corners(a)
		c.curve(aside(a, b, 0.27, bulge), aside(a, b, 0.73, -bulge))
		c.corners(b)
	case n < 75: // a zigzag
		height, teeth := c.side()*c.in(0.15, 0.4), 2+c.IntN(3)
		c.corners(a)
		for i := 1; i < teeth; i++ {
			height = -height
			c.corners(aside(a, b, float64(i)/float64(teeth), height))
		}
		c.corners(b)
	case n < 84: // a hook
		side := c.side() * c.in(0.15, 0.35)
		c.corners(a)
		c.curve(between(a, b, 0.75))
		c.curve(aside(a, b, 1, side/2), aside(a, b, c.in(0.6, 0.85), side))
	case n < 92: // a loop on the way
		side, from := c.side(), between(a, b, 0.35)
		r := c.in(0.12, 0.24)
		c.corners(a)
		c.curve(aside(a, b, 0.6, 0), aside(a, b, 0.5+r, side*r), aside(a, b, 0.5, 2*side*r), aside(a, b, 0.5-r, side*r))
		c.curve(from)
		c.corners(b)
	default: // an oval
		turn := c.side() * c.in(330, 380)
		start := c.in(0, 360)
		rx, ry := c.in(0.1, 0.3), c.in(0.1, 0.35)
		c.glyph = append(c.glyph, op{'@', []float64{a.X, a.Y, rx, ry, start / 100, (start + turn) / 100}})
		middle, b = ink.Point{X: a.X, Y: a.Y - ry}, ink.Point{X: a.X + rx, Y: a.Y}
	}
	c.anchors = append(c.anchors, a, middle, b)
}

func (c *composer) corners(points ...ink.Point) { c.add(0, points) }
func (c *composer) curve(points ...ink.Point)   { c.add('~', points) }

func (c *composer) add(kind byte, points []ink.Point) {
	for _, q := range points {
		c.glyph = append(c.glyph, op{kind, []float64{q.X, q.Y}})
	}
}

// aside returns the point at t of the line from a to b, moved to its side by a
// share of its length.
func aside(a, b ink.Point, t, share float64) ink.Point {
	q, d := between(a, b, t), minus(b, a)
	return ink.Point{X: q.X - share*d.Y, Y: q.Y + share*d.X}
}
