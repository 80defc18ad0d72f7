package hand

import (
	"flag"
	"os"
	"testing"

	"rakam/wasm/ink"
)

var update = flag.Bool("update", false, "find the symbols again and write symbols.bin")

// From these likenesses on a symbol is left out. They were set by looking at those a
// little below and above, and at those that the shipped reader took for a digit.
const (
	likeDigit   = 0.78 // of a symbol's look to that of a digit, if its line is short;
	perLength   = 0.03 // so much more for each side of its box that its line is long,
	likeDigits  = 0.88 // and at most
	keptLook    = 0.88 // of its look to that of a glyph that is kept out of training
	sameImage   = 0.75 // of its image to that of such a glyph
	likeAnother = 0.93 // of its look to that of an earlier symbol
)

// judge tells which symbols may be drawn.
type judge struct {
	digits, kept []*look
	images       []ink.Image // of the kept glyphs
}

func newJudge() *judge {
	j := &judge{digits: digitLooks(40), kept: keptLooks(20)}
	for _, g := range keptOut() {
		j.images = append(j.images, plainImage(g))
	}
	return j
}

// permits says whether the symbol may be drawn, written plainly and by some hands.
func (j *judge) permits(g glyph) bool {
	if !j.unlike(lookOf(plainly(g))) {
		return false
	}
	image := plainImage(g)
	for i := range j.images {
		if cosine(&image, &j.images[i]) >= sameImage {
			return false
		}
	}
	rng := some(12)
	for range 3 {
		if !j.unlike(lookOf(written(func(p *pen) { p.glyph(g) })(rng))) {
			return false
		}
	}
	return true
}

func (j *judge) unlike(l *look) bool {
	return !l.thin && !l.like(j.digits, min(likeDigit+perLength*l.length, likeDigits)) && !l.like(j.kept, keptLook)
}

// TestSymbols: of those that are drawn, every tenth is like no digit and no glyph that
// is kept out. With -update it finds them again.
func TestSymbols(t *testing.T) {
	j, bits := newJudge(), symbolBits
	if *update {
		bits = make([]byte, 9000)
		var looks []*look // of those found so far
		for i := range 8 * len(bits) {
			g := compose(uint64(i))
			if l := lookOf(plainly(g)); !l.like(looks, likeAnother) && j.permits(g) {
				bits[i/8] |= 1 << (i % 8)
				looks = append(looks, l)
			}
		}
		if err := os.WriteFile("symbols.bin", bits, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	all := chosen(bits)
	if len(all) < 1500 {
		t.Errorf("there are only %d symbols", len(all))
	}
	for i := 0; i < len(all); i += 10 {
		if !j.permits(all[i]) {
			t.Errorf("symbol %d is like a digit or a kept glyph; run with -update if compose, a digit's forms or the glyphs were changed", i)
		}
	}
}
