package main

import (
	"math"
	"strconv"

	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// heatLevels is how many shades of each colour confusion.css knows.
const heatLevels = 9

// heatScale gives each cell of a confusion matrix its shade. Mistakes have a
// scale of their own, by the square root of their count, so that one mistake is
// seen beside 980 hits.
type heatScale struct {
	LowestRecall float64
	MostMistakes int // in one cell
}

func newHeatScale(r *report.Report) heatScale {
	h := heatScale{LowestRecall: 1}
	for d := range nn.Classes {
		h.LowestRecall = math.Min(h.LowestRecall, r.Classes[strconv.Itoa(d)].Recall)
	}
	if largest := r.Confusions(1); len(largest) > 0 {
		h.MostMistakes = largest[0].Count
	}
	return h
}

// hit is the shade of a cell on the diagonal, from the lowest recall to 1.
func (h heatScale) hit(recall float64) int {
	return heatLevel((recall - h.LowestRecall) / math.Max(1-h.LowestRecall, 1e-9))
}

// Faintest is the shade of a single mistake.
func (h heatScale) Faintest() int { return h.miss(1) }

// miss is the shade of a cell off the diagonal.
func (h heatScale) miss(count int) int {
	return heatLevel(math.Sqrt(float64(count) / float64(h.MostMistakes)))
}

// heatLevel maps 0..1 to 1..heatLevels.
func heatLevel(v float64) int {
	return min(max(int(math.Ceil(v*heatLevels)), 1), heatLevels)
}
