package main

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"rakam/trainer/report"
)

func TestNiceStep(t *testing.T) {
	for _, c := range []struct {
		span   float64
		n      int
		want   float64
		digits int
	}{
		{0.11, 6, 0.02, 2}, {16.3, 6, 5, 0}, {100, 5, 20, 0}, {0.05, 5, 0.01, 2}, {1, 1, 1, 0}, {3, 4, 1, 0}, {0.00021, 5, 0.00005, 5},
	} {
		step := niceStep(c.span, c.n)
		if math.Abs(step-c.want) > 1e-12 || decimals(step) != c.digits {
			t.Errorf("niceStep(%v, %d) = %v with %d decimals, want %v with %d", c.span, c.n, step, decimals(step), c.want, c.digits)
		}
		if parts := c.span / step; parts > float64(c.n)+1e-9 {
			t.Errorf("niceStep(%v, %d) makes %v parts", c.span, c.n, parts)
		}
	}
}

func TestTicks(t *testing.T) {
	ticks := scale{95, 100, 0, 50}.ticks(2)
	if len(ticks) != 3 || ticks[0].Value != 96 || ticks[0].At != 10 || ticks[2].At != 50 {
		t.Errorf("ticks %v, want 96, 98, 100 at 10, 30, 50", ticks)
	}
}

// The labels of a column's axis stand beside each other however good the version is.
func TestWhiskerTicks(t *testing.T) {
	for _, low := range []float64{0, 0.5, 0.9, 0.95, 0.97, 0.984, 0.99, 0.9999} {
		ticks := whiskersFrom(low).Ticks
		if len(ticks) < 2 || len(ticks) > 5 {
			t.Errorf("from %v: %d ticks, want 2 to 5", low, len(ticks))
		}
		for _, tick := range ticks {
			if tick.Digits != 0 {
				t.Errorf("from %v: a tick at %v with %d decimals", low, tick.Value, tick.Digits)
			}
		}
	}
}

func TestApart(t *testing.T) {
	for _, c := range [][4]float64{{10, 40, 10, 40}, {10, 14, 4.5, 19.5}, {14, 10, 19.5, 4.5}, {10, 10, 2.5, 17.5}} {
		if a, b := apart(c[0], c[1], 15); a != c[2] || b != c[3] {
			t.Errorf("apart(%v, %v) = %v, %v, want %v, %v", c[0], c[1], a, b, c[2], c[3])
		}
	}
}

// Every point of a curve must lie on the plotted area, whatever the history.
func TestCurvesStayInside(t *testing.T) {
	flat := []report.Epoch{{Epoch: 1, Accuracy: 1, ValAccuracy: 1}, {Epoch: 2, Accuracy: 1, ValAccuracy: 1}}
	for name, history := range map[string][]report.Epoch{"usual": fixtureHistory(20), "one epoch": fixtureHistory(1), "200 epochs": fixtureHistory(200), "flat": flat} {
		c := newCurves(history)
		for _, k := range []curve{c.Loss, c.Accuracy} {
			for _, l := range []line{k.Train, k.Test} {
				points := strings.Fields(l.Points)
				if len(points) != len(history) {
					t.Errorf("%s: a line of %d points for %d epochs", name, len(points), len(history))
				}
				for _, point := range points {
					var x, y float64
					if _, err := fmt.Sscanf(point, "%f,%f", &x, &y); err != nil {
						t.Fatalf("%s: point %q: %v", name, point, err)
					}
					if !(y >= k.Top && y <= k.Bottom && x >= k.Left && x <= k.Right) {
						t.Errorf("%s: a line goes through %v, %v", name, x, y)
					}
				}
			}
			if len(k.X) == 0 || len(k.X) > 6 || len(k.Y) < 2 || len(k.Y) > 8 {
				t.Errorf("%s: %d and %d ticks", name, len(k.X), len(k.Y))
			}
		}
		if last := history[len(history)-1]; math.Abs(c.TestError-(1-last.ValAccuracy)) > 1e-12 || len(c.Epochs) != len(history) {
			t.Errorf("%s: test error %v of %d epochs", name, c.TestError, len(c.Epochs))
		}
	}
	if newCurves(nil) != nil {
		t.Error("curves without a history")
	}
}

func TestWhisker(t *testing.T) {
	r := &report.Report{Classes: map[string]report.ClassScore{"0": {Support: 100}}}
	r.Confusion[0][0] = 90
	axis := newWhiskerAxis(r)
	w := axis.whisker(90, 100)
	if !(w.Start < w.At && w.At < w.End) || w.Low >= 90 || w.High <= 90 {
		t.Errorf("whisker %+v does not hold its proportion", w)
	}
	if none := axis.whisker(0, 0); math.IsNaN(none.At) || none.High != 100 {
		t.Errorf("whisker of nothing: %+v", none)
	}
}
