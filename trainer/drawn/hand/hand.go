// Package hand draws digits the way people write them, and drawings that are no
// digit, as strokes, for training readers that are to understand hands they
// never met. It copies nobody's strokes.
//
// A digit is drawn in one of its forms (Forms), the ways it is taught and
// written around the world, each with the share in which Digit draws it. A form
// is a few curves through points that move in wide but legible ranges. A random
// hand then slants, stretches, bends and smooths it, may join strokes or lift
// the pen for a moment, and a random device samples it: a trembling mouse, few
// points a second, coarse coordinates.
//
// Where forms come from: a one with a long upstroke and a seven with a bar
// through its stem are what German schools teach, and most of continental
// Europe writes; a bare one and a plain seven are those of American penmanship;
// a slashed or dotted zero is told from the letter O by engineers and
// programmers. The four open at the top with a short stem, the seven with a
// round shoulder, the nine with a long curved tail and the eight that begins at
// its waist were seen with the writers of Pendigits, Istanbul (package drawn
// gives the source). So were most forms that a network trained without real pen
// strokes misread there, with any of the thirty writers of pendigits-orig.tra: the
// slanted one, the bellied and the slanted nine and the one on an s, the narrow
// four, the hooked seven and the one whose cross bar begins with a hook, the eights
// and zeros whose ends stick out, the six with a tiny loop. Only how they are built
// was taken over. Shares are not those of a population: forms that a network trained
// on MNIST alone misreads are drawn more often than people write them.
//
// What must not happen is a drawing that most people would label otherwise.
// Hence the limits in the forms: a one's upstroke is steeper than a seven's bar
// ever is, a three's small head is never closed as a nine's is, an open nine has
// a curved tail because with a straight one it would be near an open four, a
// slashed zero is never narrow.
package hand

import (
	"math/rand/v2"

	"rakam/wasm/ink"
)

// Form is one way of writing a digit.
type Form struct {
	Digit  int
	Name   string  // unique within its digit, as in "crossed"
	Weight float64 // share among the forms of its digit, relative

	draw func(*pen)
}

// forms holds the forms of each digit.
var forms = [10][]Form{
	zeros, ones, twos, threes, fours, fives, sixes, sevens, eights, nines,
}

// Forms returns the ways of writing a digit from 0 to 9. The slice is shared;
// nobody may change it.
func Forms(digit int) []Form { return forms[digit] }

// Digit returns a drawing of the digit label, 0 to 9, as a random hand would
// write it in one of the digit's forms; y down. The same state of rng gives the
// same drawing. Any other label panics.
func Digit(rng *rand.Rand, label int) ink.Drawing {
	return pick(rng, forms[label], func(f *Form) float64 { return f.Weight }).Draw(rng)
}

// Draw returns a drawing of the form by a random hand.
func (f *Form) Draw(rng *rand.Rand) ink.Drawing {
	p := newPen(rng)
	f.draw(p)
	return p.finish()
}

// pick returns one of the items, each as often as its weight says.
func pick[T any](rng *rand.Rand, items []T, weight func(*T) float64) *T {
	var sum float64
	for i := range items {
		sum += weight(&items[i])
	}
	at := rng.Float64() * sum
	for i := range items {
		if at -= weight(&items[i]); at < 0 {
			return &items[i]
		}
	}
	return &items[len(items)-1]
}
