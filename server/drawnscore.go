package main

import (
	"cmp"
	"math"
	"slices"

	"rakam/trainer/report"
	"rakam/wasm/reader"
)

// writersShown is how many writers have a row, those who are read worst.
const writersShown = 20

// confusionsShown is how many confusions of drawn digits the report names.
const confusionsShown = 4

// drawnScore is what the report shows of the digits that people drew.
type drawnScore struct {
	Report   *report.Report
	Interval span
	Gap      float64 // of the accuracy below that of the report itself, in percentage points; 0 where the intervals meet
	ECE      float64 // in percentage points
	Largest  []namedConfusion
	Classes  classTable
	Answers  answers
	Verdicts []verdictRow
	Others   *othersScore // nil where no drawings were read that are no digits
	Writers  *writersTable

	Robustness *robustnessTable // nil where it was not measured
	Again      string           // the command that measures it all again
}

// answers is what people are told: a digit for certain, rightly or wrongly, or
// that the drawing may be one of two, or none.
type answers struct{ Right, Wrong, Unsure, Refused int }

// verdictRow is a verdict of the reader.
type verdictRow struct {
	Name         reader.Verdict
	Told         bool // it has a text of its own
	Count        int
	Share        float64 // of all, in percent
	Right, Wrong int     // the best guess
}

// toldVerdicts are those that the catalogues name.
var toldVerdicts = []reader.Verdict{reader.Digit, reader.Unsure, reader.Blank, reader.Little, reader.Several, reader.None}

// toldChanges are those that the catalogues name.
var toldChanges = append(report.Changes(), report.Unchanged)

// othersScore is how drawings that are no digits are read.
type othersScore struct {
	*report.Others
	Interval span
}

// writersTable is how evenly those who drew are read; accuracies in percent.
type writersTable struct {
	Count      int // of writers
	Mean       float64
	Worst      int // how many the worst tenth is
	WorstTenth float64
	Rows       []writerRow // the worst first
	Hidden     int         // writers without a row
	Axis       whiskerAxis
}

// writerRow is one of those who drew.
type writerRow struct {
	Writer   string
	Accuracy float64
	Samples  int
	Whisker  whisker
}

// robustnessTable is how the same drawings are read when they are changed.
type robustnessTable struct {
	Rows []robustnessRow // the first is as they were drawn
	Axis whiskerAxis
}

// robustnessRow is one change; the accuracy is in percent.
type robustnessRow struct {
	Change   string
	Amount   float64
	Told     bool // it has a text of its own
	Accuracy float64
	Refused  int
	Whisker  whisker
}

func newDrawnScore(all *report.Report) *drawnScore {
	r := all.Drawn
	if r == nil {
		return nil
	}
	d := &drawnScore{
		Report:   r,
		Interval: newSpan(r.AccuracyInterval),
		ECE:      r.Calibration.ECE * 100,
		Largest:  largestConfusions(r, confusionsShown, look{viewCounts, dataDrawn}),
		Classes:  newClassTable("drawn", r),
		Again:    "bin/trainer eval --model model.safetensors --strokes " + r.Dataset,
	}
	if r.AccuracyInterval[1] < all.AccuracyInterval[0] {
		d.Gap = shownDifference(all.Accuracy*100, r.Accuracy*100, 2)
	}
	d.addVerdicts()
	if w := r.Writers; w != nil {
		d.Writers = newWritersTable(w)
	}
	if len(r.Robustness) > 0 {
		d.Robustness = newRobustnessTable(r)
		d.Again += " --robustness"
	}
	if o := all.Others; o != nil {
		d.Others = &othersScore{o, newSpan(o.RefusedInterval)}
	}
	return d
}

func (d *drawnScore) addVerdicts() {
	for _, v := range report.ByCount(d.Report.Verdicts) {
		n := d.Report.Verdicts[v]
		d.Verdicts = append(d.Verdicts, verdictRow{
			Name: v, Told: slices.Contains(toldVerdicts, v), Count: n.Count,
			Share: float64(n.Count) / float64(d.Report.Samples) * 100, Right: n.Right, Wrong: n.Count - n.Right,
		})
	}
	d.Answers = newAnswers(d.Report.Verdicts)
}

func newAnswers(verdicts map[reader.Verdict]report.Tally) (a answers) {
	for v, n := range verdicts {
		switch {
		case v.Refuses():
			a.Refused += n.Count
		case v == reader.Unsure:
			a.Unsure = n.Count
		default:
			a.Right, a.Wrong = n.Right, n.Count-n.Right
		}
	}
	return a
}

func newWritersTable(w *report.Writers) *writersTable {
	each := slices.SortedStableFunc(slices.Values(w.Each), func(a, b report.WriterScore) int { return cmp.Compare(a.Accuracy, b.Accuracy) })
	table := &writersTable{Count: len(each), Mean: w.Mean * 100, Worst: w.Worst, WorstTenth: w.WorstTenth * 100}
	low := 1.0
	for _, one := range each {
		low = math.Min(low, one.AccuracyInterval[0])
	}
	table.Axis = whiskersFrom(low)
	shown := min(len(each), writersShown)
	table.Hidden = len(each) - shown
	for _, one := range each[:shown] {
		table.Rows = append(table.Rows, writerRow{one.Writer, one.Accuracy * 100, one.Samples, table.Axis.of(one.Accuracy, one.AccuracyInterval)})
	}
	return table
}

func newRobustnessTable(r *report.Report) *robustnessTable {
	all := append([]report.Variation{r.Unchanged()}, r.Robustness...)
	low := 1.0
	for _, v := range all {
		low = math.Min(low, v.AccuracyInterval[0])
	}
	table := &robustnessTable{Axis: whiskersFrom(low)}
	for _, v := range all {
		table.Rows = append(table.Rows, robustnessRow{
			v.Change, v.Amount, slices.Contains(toldChanges, v.Change), v.Accuracy * 100, v.Refused, table.Axis.of(v.Accuracy, v.AccuracyInterval),
		})
	}
	return table
}
