package augment

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"rakam/wasm/ink"
)

// TestSkip: of a hook of two lines a piece is missing, no more and no less than
// what is to be missing, within it everywhere alike, and the other strokes stay.
func TestSkip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	hook := ink.Stroke{{X: 0, Y: 0}, {X: 0, Y: 30}, {X: 0, Y: 30}, {X: 70, Y: 30}}
	dot := ink.Stroke{{X: 5, Y: 5}}
	begin := math.Inf(1)
	var missing [10]int // of each tenth of the hook, how often its middle is
	const n = 5000
	for range n {
		got := Skip(rng, ink.Drawing{dot, hook, dot})
		if len(got) < 3 || len(got) > 4 || !slices.Equal(got[0], dot) || !slices.Equal(got[len(got)-1], dot) {
			t.Fatalf("of the hook there is %v", got)
		}
		parts := got[1 : len(got)-1]
		kept := 0.0
		for _, part := range parts {
			kept += Length(part)
			begin = min(begin, Length(part))
		}
		if !(kept >= 100*(1-skipMost)-1e-9 && kept <= 100*(1-skipLeast/2)+1e-9) { // half of it may be beyond an end
			t.Fatalf("%v of 100 is left", kept)
		}
		for i := range missing {
			if at := 10*float64(i) + 5; !slices.ContainsFunc(parts, func(s ink.Stroke) bool { return covers(s, at) }) {
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

// TestSkipByLength: a stroke is cut as often as it is long.
func TestSkipByLength(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	long, short := ink.Stroke{{X: 0, Y: 0}, {X: 80, Y: 0}}, ink.Stroke{{X: 0, Y: 9}, {X: 20, Y: 9}}
	cut := 0
	const n = 5000
	for range n {
		got := Skip(rng, ink.Drawing{short, long})
		if !slices.Equal(got[0], short) {
			cut++
		} else if slices.Equal(got[1], long) {
			t.Fatalf("nothing is cut of %v", got)
		}
	}
	if math.Abs(float64(cut)-0.2*n) > 5*math.Sqrt(0.2*0.8*n) {
		t.Errorf("a fifth of the lines is cut %d times of %d", cut, n)
	}
}

// TestWithout: a cut at a point has it once, whatever is there more than once.
func TestWithout(t *testing.T) {
	line := ink.Stroke{{X: 0, Y: 0}, {X: 10, Y: 0}, {X: 10, Y: 0}, {X: 20, Y: 0}}
	got := Without(ink.Drawing{line}, 0, 5, 10)
	want := ink.Drawing{{{X: 0, Y: 0}, {X: 5, Y: 0}}, {{X: 10, Y: 0}, {X: 20, Y: 0}}}
	if len(got) != 2 || !slices.Equal(got[0], want[0]) || !slices.Equal(got[1], want[1]) {
		t.Errorf("%v is left, want %v", got, want)
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
		if got := Skip(rng, d); !slices.EqualFunc(got, d, slices.Equal[ink.Stroke]) {
			t.Errorf("%v became %v", d, got)
		}
	}
}
