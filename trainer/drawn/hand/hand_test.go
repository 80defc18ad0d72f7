package hand

import (
	"bytes"
	"cmp"
	"errors"
	"image/png"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"rakam/wasm/ink"
)

// some returns a random number generator, the same for the same seed.
func some(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 11)) }

func TestTheSameStateDrawsTheSame(t *testing.T) {
	for label := range 10 {
		if a, b := Digit(some(3), label), Digit(some(3), label); !reflect.DeepEqual(a, b) {
			t.Errorf("two %ds from the same state differ", label)
		}
		if a, b := Digit(some(3), label), Digit(some(4), label); reflect.DeepEqual(a, b) {
			t.Errorf("two %ds from different states are the same", label)
		}
	}
	for seed := range uint64(100) {
		a, ka := Other(some(seed))
		b, kb := Other(some(seed))
		if ka != kb || !reflect.DeepEqual(a, b) {
			t.Errorf("a %s and a %s from the same state differ", ka, kb)
		}
	}
}

func TestFormsAreNamedAndWeighted(t *testing.T) {
	for digit := range 10 {
		names := map[string]bool{}
		for _, f := range Forms(digit) {
			if f.Digit != digit || f.Name == "" || names[f.Name] || !(f.Weight > 0) {
				t.Errorf("a form of %d: %d, %q, weight %v", digit, f.Digit, f.Name, f.Weight)
			}
			names[f.Name] = true
		}
		if len(names) < 5 {
			t.Errorf("%d is written in only %d forms", digit, len(names))
		}
	}
}

func TestEachFormIsPickedByItsWeight(t *testing.T) {
	const n = 20000
	rng := some(1)
	for digit := range 10 {
		var sum float64
		for _, f := range Forms(digit) {
			sum += f.Weight
		}
		count := map[string]int{}
		for range n {
			count[pick(rng, forms[digit], func(f *Form) float64 { return f.Weight }).Name]++
		}
		for _, f := range Forms(digit) {
			within(t, f.Name, count[f.Name], n, f.Weight/sum)
		}
	}
}

// within fails when count of n is more than five standard deviations from what
// the share lets expect.
func within(t *testing.T, name string, count, n int, share float64) {
	t.Helper()
	want := share * float64(n)
	if sd := math.Sqrt(want * (1 - share)); math.Abs(float64(count)-want) > 5*sd {
		t.Errorf("%s: drawn %d times of %d, want about %.0f", name, count, n, want)
	}
}

func TestEachKindIsDrawnByItsShare(t *testing.T) {
	const n = 5000
	rng := some(2)
	count := map[Kind]int{}
	for range n {
		d, kind := Other(rng)
		count[kind]++
		requireSound(t, string(kind), d)
	}
	kinds, shares := kindShares()
	for i, k := range kinds {
		within(t, string(k), count[k], n, shares[i])
		delete(count, k)
	}
	if len(count) > 0 {
		t.Errorf("kinds that kindShares does not name: %v", count)
	}
}

// requireSound checks what holds for any drawing: there is ink, it is finite,
// in the frame or near it, and no more than a pad would deliver.
func requireSound(t *testing.T, name string, d ink.Drawing) {
	t.Helper()
	points := 0
	for _, s := range d {
		if len(s) == 0 {
			t.Fatalf("%s: an empty stroke", name)
		}
		points += len(s)
		for _, q := range s {
			if !(math.Abs(q.X) < 5 && math.Abs(q.Y) < 5) {
				t.Fatalf("%s: a point at %v", name, q)
			}
		}
	}
	if points == 0 || points > 2000 {
		t.Fatalf("%s: %d points", name, points)
	}
}

func TestDigitsAreSound(t *testing.T) {
	rng := some(5)
	for digit := range 10 {
		for _, f := range Forms(digit) {
			for range 200 {
				d := f.Draw(rng)
				requireSound(t, f.Name, d)
				if b := boxOf(d); b.height() < 0.6 || b.height() > 2 || b.width() > 2.4 {
					t.Errorf("%d, %s: %.2f wide and %.2f high", digit, f.Name, b.width(), b.height())
				}
			}
		}
	}
}

// find returns the form of that name.
func find(t *testing.T, digit int, name string) *Form {
	t.Helper()
	for i, f := range Forms(digit) {
		if f.Name == name {
			return &forms[digit][i]
		}
	}
	t.Fatalf("%d has no form %q", digit, name)
	return nil
}

func TestFormsAreWhatTheirNamesSay(t *testing.T) {
	rng := some(6)
	for range 300 {
		if d := find(t, 0, "dotted").Draw(rng); len(d) < 2 {
			t.Errorf("a dotted zero of %d strokes", len(d))
		}
		if b := boxOf(find(t, 0, "narrow").Draw(rng)); b.width() > 0.9*b.height() {
			t.Errorf("a narrow zero is %.2f wide and %.2f high", b.width(), b.height())
		}
		if d := find(t, 7, "crossed").Draw(rng); len(d) < 2 {
			t.Errorf("a crossed seven of %d stroke", len(d))
		}
		// The top of a one is its stem's, right of where the upstroke begins.
		if d := find(t, 1, "long upstroke").Draw(rng); d[0][0].Y < boxOf(d).top+0.1 {
			t.Errorf("a long upstroke rises by %.2f", d[0][0].Y-boxOf(d).top)
		}
		one := find(t, 1, "slanted").Draw(rng)[0]
		top := slices.MinFunc(one, func(a, b ink.Point) int { return cmp.Compare(a.Y, b.Y) })
		if rise := math.Atan2(one[0].Y-top.Y, top.X-one[0].X) * 180 / math.Pi; rise < 26 {
			t.Errorf("the upstroke of a slanted one rises by %.0f degrees, like a seven's bar", rise)
		}
	}
}

func TestALineIsNoOne(t *testing.T) {
	rng := some(7)
	for range 500 {
		d := line(rng)
		s := d[0]
		a, b := s[0], s[len(s)-1]
		if math.Abs(b.X-a.X) < 0.9*math.Abs(b.Y-a.Y) {
			t.Errorf("a line from %v to %v is steep", a, b)
		}
	}
}

func TestASheetShowsEveryRow(t *testing.T) {
	rows := append(Digits(some(8), 3), Others(some(8), 4)...)
	var b bytes.Buffer
	if err := Sheet(&b, rows, 2); err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if got := picture.Bounds().Size(); got.X != 4*57+1 || got.Y != len(rows)*57+1 {
		t.Errorf("%d rows of 4 at most are %v pixels", len(rows), got)
	}
	broken := errors.New("broken")
	if err := Sheet(failing{broken}, rows, 1); !errors.Is(err, broken) {
		t.Errorf("writing to a broken file: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestAWrongGlyphPanics(t *testing.T) {
	for _, text := range []string{"1", "1,2,3", "~1,x", "@1,2,3,4,5", "|1"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q is taken for a glyph", text)
				}
			}()
			glyphs(text)
		}()
	}
}

func BenchmarkDigit(b *testing.B) {
	rng := some(9)
	for i := range b.N {
		Digit(rng, i%10)
	}
}

func BenchmarkOther(b *testing.B) {
	rng := some(9)
	for range b.N {
		Other(rng)
	}
}
