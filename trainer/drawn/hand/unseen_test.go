package hand

import (
	"slices"
	"testing"

	"rakam/wasm/ink"
)

// TestUnseenIsUnseen: no shape that is kept for measuring looks like one that is
// taught, symbols included.
func TestUnseenIsUnseen(t *testing.T) {
	var taught, kept []glyph
	for _, of := range tables {
		some, rest := split(of.all)
		taught, kept = append(taught, some...), append(kept, rest...)
		if n := len(some) + len(rest); n < len(of.all)*4/5 || len(rest) < 3 {
			t.Errorf("of %d glyphs %d are taught and %d kept", len(of.all), len(some), len(rest))
		}
	}
	taught = append(taught, symbols()...)
	images := make([]ink.Image, len(taught))
	for i, g := range taught {
		images[i] = plainImage(g)
	}
	largest := 0.0
	for _, k := range kept {
		image := plainImage(k)
		for i, g := range taught {
			c := cosine(&image, &images[i])
			largest = max(largest, c)
			if c >= mostLike {
				t.Errorf("%v, kept, is like %v, taught: %.2f", k, g, c)
			}
		}
	}
	// What is drawn without a glyph may come near a kept one now and then, as hands
	// vary, but by no rule: of so many lines, with their doubles, five were an =.
	const drawings, most = 2000, 2
	rng := some(5)
	for _, o := range others {
		if slices.Contains([]Kind{Capital, Letter, Sign, Doodle}, o.kind) {
			continue // compared above as they are written down
		}
		near := make([]int, len(kept))
		for range drawings {
			image, _ := ink.Render(o.draw(rng))
			for i := range near {
				if cosine(&image, &keptImages()[i]) >= mostLike {
					near[i]++
				}
			}
		}
		if n := slices.Max(near); n > most {
			t.Errorf("of %d drawings of the kind %s %d are like %v, kept", drawings, o.kind, n, kept[slices.Index(near, n)])
		}
	}
	t.Logf("%d glyphs and symbols are taught, %d kept; the largest cosine between them is %.2f", len(taught), len(kept), largest)
}

// TestFallenSevensHaveFallen: none is like a digit that stands.
func TestFallenSevensHaveFallen(t *testing.T) {
	rng := some(7)
	var standing []ink.Image
	for digit := range 10 {
		for range 60 {
			image, _ := ink.Render(Digit(rng, digit))
			standing = append(standing, image)
		}
	}
	for range 100 {
		d := fallen(rng)
		requireSound(t, "fallen", d)
		image, _ := ink.Render(d)
		for i := range standing {
			if c := cosine(&image, &standing[i]); c > 0.85 {
				t.Errorf("a fallen seven is like a standing %d: %.2f", i/60, c)
			}
		}
	}
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
