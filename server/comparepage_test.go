package main

import (
	"strings"
	"testing"

	"rakam/server/locale"
	"rakam/trainer/report"
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
