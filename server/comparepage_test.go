package main

import (
	"strings"
	"testing"

	"rakam/server/locale"
	"rakam/trainer/report"
	"rakam/wasm/reader"
)

func TestComparePage(t *testing.T) {
	r := startTrainer(t, realPages)
	v := r.addVersion(t, 1)
	for _, lang := range locale.Langs {
		page := r.open(t, "/compare?lang="+string(lang))
		checkMarkup(t, page)
		var chosen []string
		for _, option := range page.all("option", func(o markup) bool {
			for _, a := range o.Attr {
				if a.Key == "selected" {
					return true
				}
			}
			return false
		}) {
			chosen = append(chosen, option.text())
		}
		if got := strings.Join(chosen, " "); got != "seed "+v.ID {
			t.Errorf("compared are %s", got)
		}
	}
	play(t, r.running, []scenario{
		{name: "a version that is gone", path: "/compare?a=seed&b=seed-00000000&lang=en", headers: []string{"Accept", aPage}, status: 404, want: []string{"There is no version seed-00000000", "<select"}},
		{name: "a name that is none", path: "/compare?a=%3Cscript%3Ex&b=seed&lang=en", headers: []string{"Accept", aPage}, status: 404, unwant: []string{"<script>x"}},
		{name: "the same twice", path: "/compare?a=seed&b=seed&lang=en", headers: []string{"Accept", aPage}, status: 200, want: []string{"there is no difference"}},
	})
}

// TestCompared works out by hand what two small reports have to say together.
func TestCompared(t *testing.T) {
	first := newVersion(measuredVersion(t, "first", [10][10]int{3: {3: 8, 5: 2}, 4: {4: 9, 9: 1}}))
	second := newVersion(measuredVersion(t, "second", [10][10]int{3: {3: 8, 5: 2}, 4: {4: 9, 9: 1}}))
	mistake := func(index, truth, predicted int) report.Mistake {
		return report.Mistake{Index: index, True: truth, Predicted: predicted}
	}
	first.Report.Mistakes = []report.Mistake{mistake(0, 3, 5), mistake(7, 3, 5), mistake(9, 4, 9)}
	second.Report.Mistakes = []report.Mistake{mistake(7, 3, 8), mistake(12, 4, 1)}
	second.Report.Confusion[3] = [10]int{3: 9, 8: 1}
	second.Report.Confusion[4] = [10]int{1: 1, 4: 9}
	c := newCompared(first, second, locale.English)
	if b := c.Both; b.Samples != 20 || b.BothWrong != 1 || b.OnlyChallenger != 2 || b.OnlyChampion != 1 || b.BothRight != 16 || b.Verdict != report.Indistinguishable {
		t.Errorf("together: %+v", b)
	}
	if c.Both.P != report.McNemar(1, 2) {
		t.Errorf("p = %v", c.Both.P)
	}
	if f := c.Fixed; f.Count != 2 || f.First[0] != (changedDigit{0, 3, 5, 3, true}) || f.First[1].Index != 9 {
		t.Errorf("fixed: %+v", f)
	}
	if b := c.Broken; b.Count != 1 || b.First[0] != (changedDigit{12, 4, 4, 1, true}) {
		t.Errorf("broken: %+v", b)
	}
	for _, want := range []struct {
		truth, predicted int
		text, kind       string
	}{{3, 3, "+1", "gain"}, {3, 5, "−2", "gain"}, {3, 8, "+1", "miss"}, {4, 9, "−1", "gain"}, {4, 1, "+1", "miss"}, {4, 4, "", "zero"}} {
		if got := c.Cells[want.truth][want.predicted]; got.Text != want.text || got.Kind != want.kind {
			t.Errorf("%d read as %d: %+v, want %s %s", want.truth, want.predicted, got, want.kind, want.text)
		}
	}
}

// TestComparedAnswers: what people are told is compared beside the best guesses,
// and what is no digit where both were measured on the same.
func TestComparedAnswers(t *testing.T) {
	measured := func(right, wrong, unsure, none, little int) *report.Report {
		return &report.Report{
			Drawn: &report.Report{Dataset: "pen", Samples: 200, Verdicts: map[reader.Verdict]report.Tally{
				reader.Digit: {Count: right + wrong, Right: right}, reader.Unsure: {Count: unsure}, reader.None: {Count: none}, reader.Little: {Count: little},
			}},
			Others: &report.Others{Dataset: "shapes", Samples: 50, Refused: 0.5},
		}
	}
	a, b := measured(180, 10, 6, 3, 1), measured(190, 5, 5, 0, 0)
	b.Others.Refused = 0.75
	a.Drawn.Robustness = []report.Variation{{Change: "narrow", Amount: 0.6, Accuracy: 0.75}, {Change: "gap", Accuracy: 0.5}}
	b.Drawn.Robustness = []report.Variation{{Change: "narrow", Amount: 0.6, Accuracy: 0.625}, {Change: "gap", Accuracy: 0.75}}
	rows := func() map[string]measure {
		var c compared
		c.addDrawn(a, b, locale.English)
		rows := map[string]measure{}
		for _, m := range c.Drawn.Measures {
			rows[m.Name] = m
		}
		return rows
	}
	got := rows()
	for _, want := range []measure{
		{"told", 90, 95, 2, "+5.00"}, {"misled", 5, 2.5, 2, "−2.50"}, {"unsure", 3, 2.5, 2, "−0.50"}, {"refused", 2, 0, 2, "−2.00"}, {"others", 50, 75, 2, "+25.00"},
		{"changed", 62.5, 68.75, 2, "+6.25"}, {"changed.least", 50, 62.5, 2, "+12.50"},
	} {
		if got[want.Name] != want {
			t.Errorf("%s: %+v, want %+v", want.Name, got[want.Name], want)
		}
	}
	b.Others.Dataset, b.Drawn.Verdicts = "other shapes", nil
	b.Drawn.Robustness[0].Amount = 0.7
	if got := rows()["changed"]; got.A != 50 || got.B != 75 {
		t.Errorf("of changes by another amount: %+v", got)
	}
	b.Drawn.Robustness = b.Drawn.Robustness[:1]
	got = rows()
	for _, name := range []string{"told", "refused", "others", "changed", "changed.least"} {
		if m, there := got[name]; there {
			t.Errorf("compared with what was not measured: %+v", m)
		}
	}
}

// TestShownDifference: whoever subtracts what is shown gets what is shown.
func TestShownDifference(t *testing.T) {
	if got := signed(locale.English, shownDifference(98.9319, 99.4660, 2), 2); got != "−0.54" {
		t.Errorf("98.93 less 99.47 is %s", got)
	}
	if got := signed(locale.English, shownDifference(793.0/8, 99, 2), 2); got != "+0.12" { // 99.125 is shown as 99.12
		t.Errorf("99.12 less 99.00 is %s", got)
	}
	m := measure{A: 99.4660, B: 98.9319, Digits: 2}.with(locale.English)
	if m.Change != "−0.54" {
		t.Errorf("from 99.47 to 98.93 it is %s", m.Change)
	}
}
