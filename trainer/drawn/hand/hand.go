// Package hand draws digits the way people write them, and drawings that are no
// digit, without copying anybody's strokes.
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
// same drawing.
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
