package augment

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"rakam/wasm/ink"
)

// TestSkip: of a hook of two lines a piece is missing, no more and no less than
// what is to be missing, everywhere alike, and the other strokes stay.
func TestSkip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	hook := ink.Stroke{{X: 0, Y: 0}, {X: 0, Y: 30}, {X: 0, Y: 30}, {X: 70, Y: 30}}
	dot := ink.Stroke{{X: 5, Y: 5}}
	begin := math.Inf(1)
	var missing [10]int // of each tenth of the hook, how often its middle is
	const n = 5000
	for range n {
		got := Skip(rng, ink.Drawing{dot, hook})
		if !slices.Equal(got[0], dot) || len(got) < 2 || len(got) > 3 {
			t.Fatalf("of the hook there is %v", got)
		}
		kept := 0.0
		for _, part := range got[1:] {
			kept += Length(part)
			begin = min(begin, Length(part))
		}
		if kept < 100*(1-longest)-1e-9 || kept > 100*(1-shortest/2)+1e-9 { // half of it may be beyond an end
			t.Fatalf("%v of 100 is left", kept)
		}
		for i := range missing {
			if at := 10*float64(i) + 5; !slices.ContainsFunc(got[1:], func(s ink.Stroke) bool { return covers(s, at) }) {
				missing[i]++
			}
		}
	}
	for i, m := range missing { // each place is missing as often as a piece is long, 6.5 of 100
		if i > 0 && i < 9 && math.Abs(float64(m)-0.065*n) > 5*math.Sqrt(0.065*n) {
			t.Errorf("%d in 100 is missing %d times of %d", 10*i+5, m, n)
		}
	}
	if begin > 1 {
		t.Errorf("the pen never skips near an end: the shortest part is %v", begin)
	}
}

// covers says whether a part of the hook has the place at so far from its beginning.
func covers(s ink.Stroke, at float64) bool {
	along := func(p ink.Point) float64 { return p.X + p.Y }
	return along(s[0]) <= at && at <= along(s[len(s)-1])
}

// TestSkipNothing: what has no lines stays as it is.
func TestSkipNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, d := range []ink.Drawing{{}, {{{X: 1, Y: 2}}}, {{{X: 1, Y: 2}, {X: 1, Y: 2}}, {{X: 3, Y: 3}}}} {
		if got := Skip(rng, d); len(got) != len(d) {
			t.Errorf("%v became %v", d, got)
		}
	}
}
