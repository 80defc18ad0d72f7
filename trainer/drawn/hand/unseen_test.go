package hand

import (
	"math"
	"testing"

	"rakam/wasm/ink"
)

// plainly is the image of a glyph as it is written down.
func plainly(g glyph) ink.Image {
	p := newPen(some(1))
	p.style = style{width: 1, proportion: 1, device: p.device}
	p.glyph(g)
	image, _ := ink.Render(p.finish())
	return image
}

func cosine(a, b ink.Image) float64 {
	var ab, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	return ab / math.Sqrt(aa*bb)
}

// TestUnseenIsUnseen: no shape that is kept for measuring looks like one that is
// taught.
func TestUnseenIsUnseen(t *testing.T) {
	var taught, kept []glyph
	for _, all := range [][]glyph{capitals, letters, signs, doodles} {
		some, rest := split(all)
		taught, kept = append(taught, some...), append(kept, rest...)
		if n := len(some) + len(rest); n < len(all)*4/5 || len(rest) < 3 {
			t.Errorf("of %d glyphs %d are taught and %d kept", len(all), len(some), len(rest))
		}
	}
	largest := 0.0
	for _, k := range kept {
		image := plainly(k)
		for _, g := range taught {
			c := cosine(image, plainly(g))
			largest = max(largest, c)
			if c >= 0.8 {
				t.Errorf("%v, kept, is like %v, taught: %.2f", k, g, c)
			}
		}
	}
	t.Logf("%d glyphs are taught, %d kept; the largest cosine between them is %.2f", len(taught), len(kept), largest)
}

// TestKeptGlyphsAreDrawn: Unseen draws each kept glyph, and Other none; both name
// kinds that there are.
func TestKeptGlyphsAreDrawn(t *testing.T) {
	rng := some(3)
	kinds := map[Kind]int{}
	for range 300 {
		d, kind := Unseen(rng)
		requireSound(t, string(kind), d)
		kinds[kind]++
	}
	for _, k := range []Kind{Capital, Letter, Sign, Doodle} {
		if kinds[k] < 20 {
			t.Errorf("of 300 unseen drawings %d are of kind %s", kinds[k], k)
		}
		delete(kinds, k)
	}
	if len(kinds) > 0 {
		t.Errorf("there are other kinds: %v", kinds)
	}
}
