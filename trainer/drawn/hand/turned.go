package hand

import (
	"math"
	"math/rand/v2"
	"sync"

	"rakam/wasm/ink"
)

// turn is a way to mirror a digit or to put it on its head, as factors on x and y.
type turn struct {
	digit int
	x, y  float64
}

// turns leaves out those that give a digit again, or nearly: a mirrored two is a
// five to some, a nine on its head a six.
var turns = []turn{
	{3, -1, 1}, {4, -1, 1}, {6, -1, 1}, {7, -1, 1}, {9, -1, 1},
	{4, -1, -1}, {7, -1, -1},
	{4, 1, -1}, {6, 1, -1}, {7, 1, -1}, {9, 1, -1},
}

// turned is a digit the wrong way round: the nearest to digits that a drawing comes
// without being one. Those like a glyph that is kept for measuring are left out.
func turned(rng *rand.Rand) ink.Drawing {
	for {
		t := turns[rng.IntN(len(turns))]
		d := Digit(rng, t.digit)
		if b := boxOf(d); b.width() < 0.5*b.height() { // narrow ones are ones
			continue
		}
		for _, s := range d {
			for i := range s {
				s[i] = ink.Point{X: t.x * s[i].X, Y: t.y * s[i].Y}
			}
		}
		if !likeKept(d) {
			return d
		}
	}
}

// fallen is a plain seven that has fallen on its corner or its back, by degrees
// clockwise that leave no digit: one that leans back a little has the upstroke and
// the stem of a one, and a crossed one may be a four. Networks that were not taught
// it take any corner for a seven. Those like a glyph that is kept for measuring are
// left out.
func fallen(rng *rand.Rand) ink.Drawing {
	for {
		p := newPen(rng)
		p.barOfSeven()
		p.stemOfSeven()
		d := p.finish()
		degrees := p.in(40, 120)
		if p.chance(0.25) {
			degrees = p.in(-120, -65)
		}
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		for _, s := range d {
			for i, q := range s {
				s[i] = ink.Point{X: cos*q.X - sin*q.Y, Y: sin*q.X + cos*q.Y}
			}
		}
		if !likeKept(d) {
			return d
		}
	}
}

// keptImages are those of the glyphs that are kept for measuring, written plainly.
var keptImages = sync.OnceValue(func() (images []ink.Image) {
	for _, of := range tables {
		_, kept := split(of.all)
		for _, g := range kept {
			images = append(images, plainImage(g))
		}
	}
	return images
})

// mostLike is below which cosine two images are not of the same shape.
const mostLike = 0.8

// likeKept says whether d is like a glyph that is kept for measuring.
func likeKept(d ink.Drawing) bool {
	image, _ := ink.Render(d)
	kept := keptImages()
	for i := range kept {
		if cosine(&image, &kept[i]) >= mostLike {
			return true
		}
	}
	return false
}

// plainly draws a glyph as it is written down.
func plainly(g glyph) ink.Drawing {
	p := &pen{Rand: rand.New(rand.NewPCG(0, 0)), style: style{width: 1, proportion: 1, device: device{every: 2}}}
	p.glyph(g)
	return p.finish()
}

// plainImage is the image of a glyph as it is written down.
func plainImage(g glyph) ink.Image {
	image, _ := ink.Render(plainly(g))
	return image
}

// cosine is that of the angle between two images.
func cosine(a, b *ink.Image) float64 {
	var ab, aa, bb float64
	for i, v := range a {
		w := b[i]
		ab, aa, bb = ab+float64(v*w), aa+float64(v*v), bb+float64(w*w)
	}
	return ab / math.Sqrt(aa*bb)
}
