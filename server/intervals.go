package main

import (
	"math"
	"strconv"

	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// A whisker is a proportion with its 95 % interval, drawn in a table cell.
type whisker struct {
	span
	Axis           whiskerAxis
	At, Start, End float64 // of the proportion and its interval, in the viewBox
}

// A whiskerAxis is shared by the whiskers of a column.
type whiskerAxis struct {
	Width, Height float64
	Ticks         []tick
	scale         scale
}

// newWhiskerAxis reaches from the lowest 95 % interval of r's recalls to 100 %.
func newWhiskerAxis(r *report.Report) whiskerAxis {
	low := 1.0
	for d := range nn.Classes {
		interval := report.Wilson(r.Confusion[d][d], r.Classes[strconv.Itoa(d)].Support)
		low = math.Min(low, interval[0])
	}
	return whiskersFrom(low)
}

// whiskersFrom returns the axis from the fraction low to 1, its ticks whole percents:
// there is no room for more digits.
func whiskersFrom(low float64) whiskerAxis {
	const width, height, pad = 140, 28, 12
	s := scale{math.Floor(low * 100), 100, pad, width - pad}
	return whiskerAxis{Width: width, Height: height, Ticks: s.ticks(max(1, niceStep(s.to-s.from, 4))), scale: s}
}

// whisker is that of a proportion of which there may be no samples.
func (a whiskerAxis) whisker(hits, samples int) whisker {
	w := a.of(float64(hits)/float64(max(samples, 1)), report.Wilson(hits, samples))
	if samples == 0 {
		w.At = w.Start
	}
	return w
}

func (a whiskerAxis) of(proportion float64, interval [2]float64) whisker {
	w := whisker{span: newSpan(interval), Axis: a, At: a.scale.at(proportion * 100)}
	w.Start, w.End = a.scale.at(w.Low), a.scale.at(w.High)
	return w
}

// reliability is the reliability diagram: what is claimed against what is kept,
// and the diagonal where both are equal.
type reliability struct {
	frame
	X, Y []tick
	ECE  float64          // in percentage points
	Bins []reliabilityBin // those that hold readings

	Calibrated bool    // after the training
	Before     float64 // the ECE before that, in percentage points
}

// A reliabilityBin is a bin, in percent, with the 95 % interval of its accuracy.
type reliabilityBin struct {
	From, To             float64
	Count                int
	Confidence, Accuracy float64
	Gap                  float64 // accuracy less confidence, as they are shown; below zero is overconfident
	span
	AtX, AtY, LowY, HighY float64 // in the viewBox
}

func newReliability(c report.Calibration) reliability {
	f := frame{Width: 344, Height: 360, Left: 48, Right: 332, Top: 28, Bottom: 312}
	x, y := scale{0, 100, f.Left, f.Right}, scale{0, 100, f.Bottom, f.Top}
	d := reliability{frame: f, X: x.ticks(20), Y: y.ticks(20), ECE: c.ECE * 100}
	if c.Before != nil {
		d.Calibrated, d.Before = true, *c.Before*100
	}
	for _, b := range c.Bins {
		if b.Count == 0 {
			continue
		}
		hits := int(math.Round(b.Accuracy * float64(b.Count)))
		s := newSpan(report.Wilson(hits, b.Count))
		d.Bins = append(d.Bins, reliabilityBin{
			From: b.From * 100, To: b.To * 100, Count: b.Count,
			Confidence: b.Confidence * 100, Accuracy: b.Accuracy * 100,
			Gap: shownDifference(b.Accuracy*100, b.Confidence*100, 2), span: s,
			AtX: x.at(b.Confidence * 100), AtY: y.at(b.Accuracy * 100),
			LowY: y.at(s.Low), HighY: y.at(s.High),
		})
	}
	return d
}
