package main

import (
	"slices"

	"rakam/server/locale"
	"rakam/trainer/report"
)

// comparedDrawn is two scores on the same drawn digits.
type comparedDrawn struct {
	Dataset, Credit string
	Samples         int
	Both            report.Comparison
	P               string
	Measures        []measure
	Others          string // the drawings that are no digits, "" for none that both were measured on
	OthersSamples   int
}

// addDrawn compares the scores on drawn digits, if both versions have one and the
// digits are the same.
func (p *compared) addDrawn(allA, allB *report.Report, lang locale.Lang) {
	a, b := allA.Drawn, allB.Drawn
	if a == nil {
		p.Unmeasured = append(p.Unmeasured, p.A)
	}
	if b == nil {
		p.Unmeasured = append(p.Unmeasured, p.B)
	}
	if a == nil || b == nil || a.Dataset != b.Dataset || a.Samples != b.Samples {
		return
	}
	d := &comparedDrawn{Dataset: a.Dataset, Credit: a.Credit, Samples: a.Samples, Both: together(a, b)}
	d.P = probability(lang, d.Both.P)
	measures := []measure{
		{Name: "accuracy", A: a.Accuracy * 100, B: b.Accuracy * 100, Digits: 2},
		{Name: "low", A: a.AccuracyInterval[0] * 100, B: b.AccuracyInterval[0] * 100, Digits: 2},
		{Name: "high", A: a.AccuracyInterval[1] * 100, B: b.AccuracyInterval[1] * 100, Digits: 2},
		{Name: "mistakes", A: float64(len(a.Mistakes)), B: float64(len(b.Mistakes))},
	}
	if a.Writers != nil && b.Writers != nil {
		measures = append(measures,
			measure{Name: "writers", A: a.Writers.Mean * 100, B: b.Writers.Mean * 100, Digits: 2},
			measure{Name: "worst", A: a.Writers.WorstTenth * 100, B: b.Writers.WorstTenth * 100, Digits: 2})
	}
	measures = append(measures, robustnessOf(a, b)...)
	measures = append(measures, measure{Name: "ece", A: a.Calibration.ECE * 100, B: b.Calibration.ECE * 100, Digits: 2})
	measures = append(measures, answersOf(a, b)...)
	if a, b := allA.Others, allB.Others; a != nil && b != nil && a.Dataset == b.Dataset && a.Samples == b.Samples {
		d.Others, d.OthersSamples = a.Dataset, a.Samples
		measures = append(measures, measure{Name: "others", A: a.Refused * 100, B: b.Refused * 100, Digits: 2})
	}
	for _, m := range measures {
		d.Measures = append(d.Measures, m.with(lang))
	}
	p.Drawn = d
}

// robustnessOf compares how the same changed drawings are read, by the changes that both
// reports have; nothing where they have none.
func robustnessOf(a, b *report.Report) []measure {
	mean, least := measure{Name: "changed", Digits: 2}, measure{Name: "changed.least", A: 100, B: 100, Digits: 2}
	n := 0.0
	for _, v := range a.Robustness {
		i := slices.IndexFunc(b.Robustness, func(w report.Variation) bool { return v.Change == w.Change && v.Amount == w.Amount })
		if i < 0 {
			continue
		}
		inA, inB := v.Accuracy*100, b.Robustness[i].Accuracy*100
		n, mean.A, mean.B = n+1, mean.A+inA, mean.B+inB
		least.A, least.B = min(least.A, inA), min(least.B, inB)
	}
	if n == 0 {
		return nil
	}
	mean.A, mean.B = mean.A/n, mean.B/n
	return []measure{mean, least}
}

// answersOf compares what people are told on the same drawn digits, in percent of
// them; nothing for reports without verdicts.
func answersOf(a, b *report.Report) []measure {
	if len(a.Verdicts) == 0 || len(b.Verdicts) == 0 {
		return nil
	}
	toldA, toldB := newAnswers(a.Verdicts), newAnswers(b.Verdicts)
	share := func(name string, inA, inB int) measure {
		return measure{Name: name, A: 100 * float64(inA) / float64(a.Samples), B: 100 * float64(inB) / float64(b.Samples), Digits: 2}
	}
	return []measure{
		share("told", toldA.Right, toldB.Right),
		share("misled", toldA.Wrong, toldB.Wrong),
		share("unsure", toldA.Unsure, toldB.Unsure),
		share("refused", toldA.Refused, toldB.Refused),
	}
}
