package pretrained

import (
	"errors"
	"io/fs"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"rakam/trainer/drawn"
	"rakam/trainer/drawn/hand"
	"rakam/wasm/ink"
	"rakam/wasm/reader"
)

// penStrokes are drawings beside the repository (shared/data), or none.
func penStrokes(t *testing.T, name string) []drawn.Drawn {
	t.Helper()
	list, err := drawn.Load(filepath.Join("..", "..", "..", "shared", "data", name), drawn.Digits)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("no pen strokes here")
	}
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// beside writes b to the right of a, as high as a, with a gap of that fraction of
// the height between their strokes.
func beside(a, b ink.Drawing, gap float64) ink.Drawing {
	la, ha := corners(a)
	lb, hb := corners(b)
	scale := 1.0
	if hb.Y > lb.Y {
		scale = (ha.Y - la.Y) / (hb.Y - lb.Y)
	}
	at := ink.Point{X: ha.X + gap*(ha.Y-la.Y), Y: la.Y}
	both := append(ink.Drawing{}, a...)
	for _, stroke := range b {
		moved := make(ink.Stroke, len(stroke))
		for i, p := range stroke {
			moved[i] = ink.Point{X: at.X + (p.X-lb.X)*scale, Y: at.Y + (p.Y-lb.Y)*scale}
		}
		both = append(both, moved)
	}
	return both
}

func corners(d ink.Drawing) (low, high ink.Point) {
	low, high = ink.Point{X: math.Inf(1), Y: math.Inf(1)}, ink.Point{X: math.Inf(-1), Y: math.Inf(-1)}
	for _, stroke := range d {
		for _, p := range stroke {
			low = ink.Point{X: min(low.X, p.X), Y: min(low.Y, p.Y)}
			high = ink.Point{X: max(high.X, p.X), Y: max(high.Y, p.Y)}
		}
	}
	return low, high
}

// TestSeveralOnPenStrokes: of two digits side by side, each of which is read when
// it stands alone, most are told apart; of single digits hardly one is taken for
// several, neither of those that people wrote nor of those of our own hands.
func TestSeveralOnPenStrokes(t *testing.T) {
	list := penStrokes(t, "pendigits-train.jsonl.gz")
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		t.Run(v.ID, func(t *testing.T) {
			r := reader.New(v.Model)
			singles(t, r, "written", list)
			singles(t, r, "written by others", penStrokes(t, "pendigits-dev.jsonl.gz"))
			singles(t, r, "of our own hands", own(2000))
			pairs(t, r, list)
		})
	}
}

func own(n int) (list []drawn.Drawn) {
	random := rand.New(rand.NewPCG(3, 4))
	for i := range n {
		list = append(list, drawn.Drawn{Label: i % 10, Strokes: hand.Digit(random, i%10)})
	}
	return list
}

func singles(t *testing.T, r *reader.Reader, what string, list []drawn.Drawn) {
	t.Helper()
	verdicts := map[reader.Verdict]int{}
	for _, d := range list {
		verdicts[r.Read(d.Strokes).Verdict]++
	}
	alarms := verdicts[reader.Several]
	t.Logf("of %d single digits %s, %d (%.2f %%) are called several; verdicts %v", len(list), what, alarms, 100*float64(alarms)/float64(len(list)), verdicts)
	if alarms > len(list)/500 {
		t.Errorf("%d false alarms", alarms)
	}
}

func pairs(t *testing.T, r *reader.Reader, list []drawn.Drawn) {
	t.Helper()
	const n = 500
	random := rand.New(rand.NewPCG(1, 2))
	verdicts, right := map[reader.Verdict]int{}, 0
	for range n {
		a, b := readable(r, random, list), readable(r, random, list)
		got := r.Read(beside(a.Strokes, b.Strokes, 0.1+0.4*random.Float64()))
		verdicts[got.Verdict]++
		if got.Verdict == reader.Several && len(got.Candidates) == 2 && got.Candidates[0] == a.Label && got.Candidates[1] == b.Label {
			right++
		}
	}
	told := verdicts[reader.Several]
	t.Logf("of %d pairs %d are called several, %d with both digits right; verdicts %v", n, told, right, verdicts)
	if told < n*9/10 || right < told*98/100 {
		t.Errorf("%d of %d pairs are called several, %d with both digits right", told, n, right)
	}
}

// readable picks a drawing that is read, and rightly, when it stands alone.
func readable(r *reader.Reader, random *rand.Rand, list []drawn.Drawn) drawn.Drawn {
	for {
		d := list[random.IntN(len(list))]
		if got := r.Read(d.Strokes); got.Verdict == reader.Digit && got.Digit == d.Label {
			return d
		}
	}
}
