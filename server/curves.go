package main

import (
	"math"
	"slices"

	"rakam/trainer/report"
)

// curves are the two learning curves of a run, with what they say in words. What
// is called test here is what the run watched.
type curves struct {
	Watched        watched
	Loss, Accuracy curve
	Epochs         []epochRow
	BestEpoch      int     // the one with the highest test accuracy, the first of equals
	BestAccuracy   float64 // fraction
	TrainError     float64 // fractions misread after the last epoch
	TestError      float64
}

// watched is what a run was measured on after each epoch, by the last part of the
// keys of its texts.
type watched string

const (
	watchedTest       watched = "test"
	watchedValidation watched = "validation" // training images held out
)

// epochRow is a line of the history, accuracies in percent.
type epochRow struct {
	Epoch                       int
	TrainLoss, TestLoss         float64
	TrainAccuracy, TestAccuracy float64
	Seconds                     float64
}

// A curve shows one quantity over the epochs, on training and on test data.
type curve struct {
	frame
	Watched     watched
	X, Y        []tick
	Train, Test line
}

// A line goes through Points and is named at its end.
type line struct {
	Points string
	EndX   float64
	EndY   float64
	LabelY float64 // clear of the other line's name
	Last   float64 // value
}

// curveFrame leaves room for numbers on the left and for the lines' names on the right.
var curveFrame = frame{Width: 384, Height: 256, Left: 48, Right: 322, Top: 12, Bottom: 214}

// lineHeight is the least distance between the names of two lines.
const lineHeight = 15

// newCurves draws a history: loss from zero, accuracy up to 100 %. Without a
// history there is nothing to draw, and the result is nil.
func newCurves(history []report.Epoch) *curves {
	if len(history) == 0 {
		return nil
	}
	var c curves
	var trainLoss, testLoss, trainAccuracy, testAccuracy []float64
	for _, e := range history {
		row := epochRow{e.Epoch, e.Loss, e.ValLoss, e.Accuracy * 100, e.ValAccuracy * 100, e.Seconds}
		c.Epochs = append(c.Epochs, row)
		trainLoss, testLoss = append(trainLoss, row.TrainLoss), append(testLoss, row.TestLoss)
		trainAccuracy = append(trainAccuracy, row.TrainAccuracy)
		testAccuracy = append(testAccuracy, row.TestAccuracy)
		if e.ValAccuracy > c.BestAccuracy {
			c.BestEpoch, c.BestAccuracy = e.Epoch, e.ValAccuracy
		}
	}
	last := history[len(history)-1]
	c.TrainError, c.TestError = 1-last.Accuracy, 1-last.ValAccuracy
	c.Loss = newCurve(trainLoss, testLoss, 0, max(slices.Max(trainLoss), slices.Max(testLoss)))
	c.Accuracy = newCurve(trainAccuracy, testAccuracy, min(slices.Min(trainAccuracy), slices.Min(testAccuracy)), 100)
	return &c
}

// watching says what the run was measured on.
func (c *curves) watching(on watched) *curves {
	if c != nil {
		c.Watched, c.Loss.Watched, c.Accuracy.Watched = on, on, on
	}
	return c
}

// newCurve draws train and test, one value an epoch, on an axis that reaches at
// least from low to high.
func newCurve(train, test []float64, low, high float64) curve {
	c := curve{frame: curveFrame}
	step := niceStep(math.Max(high-low, 1e-6), 6) // a flat line needs an axis too
	x := scale{1, float64(max(len(train), 2)), c.Left, c.Right}
	y := scale{math.Floor(low/step+1e-9) * step, math.Ceil(high/step-1e-9) * step, c.Bottom, c.Top}
	if y.from == y.to {
		y.from -= step
	}
	c.X, c.Y = epochTicks(x), y.ticks(step)
	c.Train, c.Test = newLine(x, y, train), newLine(x, y, test)
	c.Train.LabelY, c.Test.LabelY = apart(c.Train.EndY, c.Test.EndY, lineHeight)
	return c
}

// epochTicks are the first epoch and round numbers after it.
func epochTicks(x scale) []tick {
	step := max(1, niceStep(x.to, 5))
	ts := []tick{{At: x.at(1), Value: 1}}
	for v := step; v <= x.to; v += step {
		if v > 1 {
			ts = append(ts, tick{At: x.at(v), Value: v})
		}
	}
	return ts
}

func newLine(x, y scale, ys []float64) line {
	xs := make([]float64, len(ys))
	for i := range xs {
		xs[i] = float64(i + 1)
	}
	last := len(ys) - 1
	end := y.at(ys[last])
	return line{Points: polyline(x, y, xs, ys), EndX: x.at(xs[last]), EndY: end, LabelY: end, Last: ys[last]}
}
