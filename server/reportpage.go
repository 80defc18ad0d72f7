package main

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"rakam/trainer/pretrained"
	"rakam/trainer/recipe"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// tutorialAccuracy is what the tutorial that Rakam starts from reports on
// MNIST's 10,000 test digits.
const tutorialAccuracy = 0.9796

// weakestShown is how many of the weakest digits the report names.
const weakestShown = 3

// reportPage is what report.html shows of a version. Proportions that stand in
// columns or on axes are in percent, because their unit is in the head.
type reportPage struct {
	Version    string
	Report     *report.Report
	Interval   span   // of the accuracy
	Tutorial   *rival // nil where it was measured on something else
	Champion   *rival // nil where the version is the champion
	Undisputed *span
	Disputed   int // how many labels Undisputed leaves out

	Weakest []weakDigit
	Again   string // the recipe that trains such a version again; "" for none that is known
	Classes classTable
	Drawn   *drawnScore // nil where the version was not measured on drawn digits

	Curves      *curves // nil where no history was kept
	Calibration reliability
	Run         runSummary
}

// A span is an interval, in percent.
type span struct{ Low, High float64 }

func newSpan(interval [2]float64) span { return span{interval[0] * 100, interval[1] * 100} }

// A rival is an accuracy to compare the version's with.
type rival struct {
	Name       string
	Accuracy   float64
	Place      string  // of Accuracy to the version's interval: "below", "within", "above"
	Difference float64 // of the two accuracies, in percentage points, unsigned
}

// classTable is the classification table of one report.
type classTable struct {
	ID         string // begins the ids in its markup
	Digits     []scoreRow
	Averages   []averageRow
	RecallAxis whiskerAxis
}

// weakDigit says where a digit's mistakes go.
type weakDigit struct {
	Digit     int
	Support   int
	Missed    int // of this digit, read as another
	TakenFor  int // what it is read as most often when it is misread
	Times     int // how often
	Attracted int // of others, read as this digit
}

// scoreRow is a line of the classification table.
type scoreRow struct {
	Digit                 int
	Precision, Recall, F1 float64
	Support               int
	Weak                  bool
	Whisker               whisker // of the recall
}

// averageRow is a line below the digits: "macro" counts each digit the same,
// "weighted" by its support.
type averageRow struct {
	Kind string
	scoreRow
}

// runSummary is the configuration of the run that made the version.
type runSummary struct {
	Spec       string
	Activation string
	Members    int // networks of an ensemble, 0 for a single one
	Parameters int
	FileSize   float64 // in kB
	DataHash   string
	Epochs     int
	Seconds    float64
	Recipe     *recipe.Recipe // nil where the model does not say
}

// reportPage answers GET /report[/VERSION].
func (s *site) reportPage(c echo.Context) error {
	v, err := s.version(c)
	if err != nil {
		return err
	}
	return s.render(c, "report.html", newReportPage(v.Version, s.versions.Load().champion().Version))
}

func newReportPage(v, champion pretrained.Version) reportPage {
	r := v.Report
	page := reportPage{
		Version:     v.ID,
		Report:      r,
		Interval:    newSpan(r.AccuracyInterval),
		Classes:     newClassTable("classes", r),
		Drawn:       newDrawnScore(r),
		Calibration: newReliability(r.Calibration),
		Run:         newRunSummary(v),
	}
	on := watchedTest
	if made := page.Run.Recipe; made != nil && made.Holdout > 0 {
		on = watchedValidation
	}
	page.Curves = newCurves(v.History).watching(on)
	if r.Dataset == report.MNISTTest {
		page.Tutorial = newRival("", tutorialAccuracy, r)
	}
	if v.ID != champion.ID {
		page.Champion = newRival(champion.ID, champion.Report.Accuracy, r)
	}
	if u := r.Undisputed; u != nil {
		interval := newSpan(u.AccuracyInterval)
		page.Undisputed, page.Disputed = &interval, r.Samples-u.Samples
	}
	if made := page.Run.Recipe; made != nil {
		if _, err := recipe.Find(made.Name); err == nil {
			page.Again = made.Name
		}
	}
	for _, d := range r.Weakest(weakestShown) {
		page.Weakest = append(page.Weakest, newWeakDigit(r, d))
	}
	return page
}

func newClassTable(id string, r *report.Report) classTable {
	table := classTable{
		ID:         id,
		Averages:   []averageRow{{"macro", newScoreRow(r.MacroAvg)}, {"weighted", newScoreRow(r.WeightedAvg)}},
		RecallAxis: newWhiskerAxis(r),
	}
	weakest := r.Weakest(weakestShown)
	for d := range nn.Classes {
		row := newScoreRow(r.Classes[strconv.Itoa(d)])
		row.Digit = d
		row.Weak = slices.Contains(weakest, d)
		row.Whisker = table.RecallAxis.whisker(r.Confusion[d][d], row.Support)
		table.Digits = append(table.Digits, row)
	}
	return table
}

// newRival places accuracy against the 95 % interval of r's own.
func newRival(name string, accuracy float64, r *report.Report) *rival {
	place := "within"
	switch {
	case accuracy < r.AccuracyInterval[0]:
		place = "below"
	case accuracy > r.AccuracyInterval[1]:
		place = "above"
	}
	return &rival{name, accuracy, place, math.Abs(r.Accuracy-accuracy) * 100}
}

func newWeakDigit(r *report.Report, digit int) weakDigit {
	w := weakDigit{Digit: digit, Support: r.Classes[strconv.Itoa(digit)].Support}
	for other := range nn.Classes {
		if other == digit {
			continue
		}
		n := r.Confusion[digit][other]
		w.Missed += n
		w.Attracted += r.Confusion[other][digit]
		if n > w.Times {
			w.TakenFor, w.Times = other, n
		}
	}
	return w
}

func newScoreRow(s report.ClassScore) scoreRow {
	return scoreRow{Precision: s.Precision * 100, Recall: s.Recall * 100, F1: s.F1 * 100, Support: s.Support}
}

func newRunSummary(v pretrained.Version) runSummary {
	spec := v.Model.Spec
	s := runSummary{
		Spec:       arrows(spec),
		Activation: activations(spec),
		Members:    spec.Members,
		Parameters: spec.Parameters(),
		FileSize:   float64(len(v.File)) / 1000,
		DataHash:   v.Model.Meta.DataHash,
		Epochs:     len(v.History),
	}
	for _, e := range v.History {
		s.Seconds += e.Seconds
	}
	// A model made elsewhere may carry no recipe, or one this program cannot
	// read; the page then shows what the weights themselves say.
	var r recipe.Recipe
	if json.Unmarshal([]byte(v.Model.Meta.Recipe), &r) == nil && r.Validate() == nil {
		s.Recipe = &r
	}
	return s
}
