package report_test

import (
	"math"
	"testing"

	"rakam/trainer/recipe"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// TestMcNemar checks against binomial sums done by hand, as fractions of 2^n.
func TestMcNemar(t *testing.T) {
	for _, c := range []struct {
		b, c int
		want float64
	}{
		{0, 0, 1},
		{7, 7, 1},
		{0, 1, 1.0 / 2},                  // P(0) = 1/2
		{1, 0, 1.0 / 2},                  //
		{0, 5, 1.0 / 32},                 // P(0) = 1/32
		{1, 3, (2*1 + 4) / 16.0},         // C(4,0)=1, C(4,1)=4
		{2, 8, (2*(1+10) + 45) / 1024.0}, // C(10,·) = 1, 10, 45
		{9, 1, (2*1 + 10) / 1024.0},      //
		{5, 15, (2*(1+20+190+1140+4845) + 15504) / 1048576.0}, // C(20,·)
	} {
		if got := report.McNemar(c.b, c.c); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("McNemar(%d, %d) = %.15f, want %.15f", c.b, c.c, got, c.want)
		}
	}
}

// TestMcNemarLarge: far beyond what factorials allow, the test approaches its
// normal approximation, (b-c)²/(b+c) ~ χ² with one degree of freedom.
func TestMcNemarLarge(t *testing.T) {
	for _, c := range [][2]int{{2400, 2600}, {30100, 29900}, {0, 5000}} {
		b, d := float64(c[0]), float64(c[1])
		want := math.Erfc(math.Abs(b-d) / math.Sqrt(2*(b+d)))
		got := report.McNemar(c[0], c[1])
		if math.Abs(got-want) > 1e-5 {
			t.Errorf("McNemar(%d, %d) = %g, the approximation gives %g", c[0], c[1], got, want)
		}
	}
}

// table is samples of which the first pixels say what each of two readers says.
type table []struct{ label, champion, challenger int }

func (s table) Len() int        { return len(s) }
func (s table) Label(i int) int { return s[i].label }
func (s table) Ink(dst []float32, i int) {
	clear(dst)
	dst[s[i].champion] = 1
	dst[nn.Classes+s[i].challenger] = 1
}

// lookingAt makes a model that answers with the pixel that is set among the ten
// from offset on, trained with the holdout given; -1 for unknown training.
func lookingAt(t *testing.T, offset, holdout int) *nn.Model {
	t.Helper()
	m, err := nn.New(nn.Spec{Input: nn.ImageSize, Layers: []nn.Layer{{Kind: nn.Dense, Units: nn.Classes, Activation: nn.Sigmoid}}})
	if err != nil {
		t.Fatal(err)
	}
	for c := range nn.Classes {
		m.Params[0].Weight[(offset+c)*nn.Classes+c] = 8
	}
	if holdout >= 0 {
		r := recipe.Seed()
		r.Holdout = holdout
		m.Meta.Recipe = r.JSON()
	}
	return m
}

// rows makes a table: how often both are right, only the champion, only the
// challenger, none.
func rows(both, champion, challenger, none int) table {
	var s table
	for range both {
		s = append(s, table{{3, 3, 3}}...)
	}
	for range champion {
		s = append(s, table{{4, 4, 9}}...)
	}
	for range challenger {
		s = append(s, table{{5, 6, 5}}...)
	}
	for range none {
		s = append(s, table{{7, 1, 1}}...)
	}
	return s
}

func TestCompare(t *testing.T) {
	champion, challenger := lookingAt(t, 0, 5000), lookingAt(t, nn.Classes, 5000)
	for _, c := range []struct {
		set  table
		want report.Comparison
	}{
		{rows(20, 1, 9, 2), report.Comparison{Samples: 32, BothRight: 20, OnlyChampion: 1, OnlyChallenger: 9, BothWrong: 2, P: 12 / 1024.0, Verdict: report.Better}},
		{rows(20, 9, 1, 0), report.Comparison{Samples: 30, BothRight: 20, OnlyChampion: 9, OnlyChallenger: 1, P: 12 / 1024.0, Verdict: report.Worse}},
		{rows(5, 2, 8, 0), report.Comparison{Samples: 15, BothRight: 5, OnlyChampion: 2, OnlyChallenger: 8, P: 67 / 1024.0, Verdict: report.Indistinguishable}},
		{nil, report.Comparison{P: 1, Verdict: report.Indistinguishable}},
	} {
		got := report.Compare(challenger, champion, c.set)
		if math.Abs(got.P-c.want.P) > 1e-12 {
			t.Errorf("%v: p is %g, want %g", got, got.P, c.want.P)
		}
		got.P = c.want.P
		if got != c.want {
			t.Errorf("got %+v, want %+v", got, c.want)
		}
	}
}

// TestCompareRefusals: a challenger that refuses what it would have read is worse.
func TestCompareRefusals(t *testing.T) {
	champion, challenger := lookingAt(t, 0, 5000), lookingAt(t, nn.Classes, 5000)
	for c := range challenger.Params[0].Bias {
		challenger.Params[0].Bias[c] = -9 // one output is 0.27, the others are nothing
	}
	if got := report.Compare(challenger, champion, rows(8, 0, 0, 0)); got.OnlyChampion != 8 || got.Verdict != report.Worse {
		t.Errorf("a challenger that refuses eight of eight digits: %+v", got)
	}
}

func TestGate(t *testing.T) {
	const unknown = -1
	validation, corrections := rows(10, 0, 5, 1), rows(3, 1, 4, 0)
	for _, c := range []struct {
		good, bad int            // holdout of the one that reads nine alone, and of the other, which reads one
		better    report.Outcome // when the good one is the challenger
		worse     report.Outcome // when the bad one is
	}{
		{5000, 5000, report.Better, report.Worse},
		{6000, 5000, report.Better, report.Worse},
		{5000, 0, report.Better, report.Worse}, // though the other has the advantage
		{0, 5000, report.Incomparable, report.Incomparable},
		{0, 0, report.Better, report.Worse},                    // seed against seed: both have seen them
		{1000, 5000, report.Incomparable, report.Incomparable}, // has seen 4,000 of them
		{unknown, 5000, report.Incomparable, report.Incomparable},
		{5000, unknown, report.Better, report.Worse},
		{unknown, 0, report.Better, report.Worse},
	} {
		contaminated := (c.good < 5000) != (c.bad < 5000)
		reversed := report.Gate(lookingAt(t, 0, c.bad), lookingAt(t, nn.Classes, c.good), validation, corrections)
		if reversed.Contaminated != contaminated || reversed.Verdict != c.worse {
			t.Errorf("holdout %d, which is worse, against %d: %+v", c.bad, c.good, reversed)
		}
		got := report.Gate(lookingAt(t, nn.Classes, c.good), lookingAt(t, 0, c.bad), validation, corrections)
		if got.Contaminated != contaminated || got.Verdict != c.better {
			t.Errorf("holdout %d, which is better, against %d: %+v", c.good, c.bad, got)
		}
		if got.Samples != 24 || got.Corrections != 8 || got.OnlyChallenger != 9 || got.OnlyChampion != 1 || got.BothRight != 13 || got.BothWrong != 1 {
			t.Errorf("the parts are not added up: %+v", got)
		}
	}
}
