package main

import (
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"rakam/trainer/mnist"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// largestShown is how many confusions are told in words.
const largestShown = 8

// What the cells show: samples, or their percentage of the row.
const (
	viewCounts  = "counts"
	viewPercent = "percent"
)

// confusionPage is what confusion.html shows of a version.
type confusionPage struct {
	Version string
	Report  *report.Report
	heatScale
	View      string                            // "counts", or "percent" of the row
	Views     struct{ Counts, Percent address } // the same page in each view
	Rows      []confusionRow
	Predicted []confusionTotal // of the columns
	Largest   []namedConfusion
	Mistakes  int
	Chosen    chosenMistakes
}

// confusionRow is one true digit.
type confusionRow struct {
	Cells []confusionCell
	confusionTotal
}

// confusionTotal is the sum of a row or a column.
type confusionTotal struct {
	Kind     string // "missed" of a row, "attracted" of a column
	Digit    int
	Samples  int
	Mistakes int
	Chosen   bool
	Href     address
}

// confusionCell is how often a true digit was read as a predicted one.
type confusionCell struct {
	True, Predicted int
	Count, Samples  int // of the cell, of the row
	Fraction        float64
	Percent         bool   // shown as such
	Kind            string // "hit" on the diagonal, "miss" off it, "zero"
	Heat            int    // 1 to heatLevels, on the scale of its kind
	Chosen          bool
	Href            address
}

// Share is the cell's part of the row, in percent.
func (c confusionCell) Share() float64 { return c.Fraction * 100 }

// namedConfusion is a confusion with how many samples there were to confuse.
type namedConfusion struct {
	report.Confusion
	Samples int
	Href    address
}

// chosenMistakes are the mistakes whose pictures are shown.
type chosenMistakes struct {
	selection
	Samples     int // that are the true digit, or were read as the predicted one
	Mistakes    []picture
	HasPictures bool // the samples are MNIST's test digits
}

// picture is a misread sample.
type picture struct {
	report.Mistake
	Disputed bool // people judged its label wrong or unreadable
}

// confusionPage answers GET /confusion[/VERSION][?view=percent][&true=D][&predicted=D].
func (s *site) confusionPage(c echo.Context) error {
	v, err := s.version(c)
	if err != nil {
		return err
	}
	chosen, err := parseSelection(c.QueryParams())
	if err != nil {
		return err
	}
	view := viewCounts
	if c.QueryParam("view") == viewPercent {
		view = viewPercent
	}
	return s.render(c, "confusion.html", newConfusionPage(v.ID, v.Report, view, chosen))
}

// newConfusionPage shows r with the mistakes that were chosen, those of the
// largest confusion where none were.
func newConfusionPage(version string, r *report.Report, view string, chosen selection) confusionPage {
	page := confusionPage{
		Version:   version,
		Report:    r,
		heatScale: newHeatScale(r),
		View:      view,
		Mistakes:  len(r.Mistakes),
	}
	page.Views.Counts, page.Views.Percent = chosen.address(viewCounts), chosen.address(viewPercent)
	for _, c := range r.Confusions(largestShown) {
		samples := r.Classes[strconv.Itoa(c.True)].Support
		page.Largest = append(page.Largest, namedConfusion{c, samples, cellOf(c.True, c.Predicted).pictures(view)})
	}
	if chosen.Kind == "" && len(page.Largest) > 0 {
		chosen = cellOf(page.Largest[0].True, page.Largest[0].Predicted)
	}
	page.Chosen.selection = chosen
	page.addCells()
	page.addPictures()
	return page
}

func (p *confusionPage) addCells() {
	for d := range nn.Classes {
		column := columnOf(d)
		p.Predicted = append(p.Predicted, confusionTotal{
			Kind: "attracted", Digit: d, Chosen: column == p.Chosen.selection, Href: column.pictures(p.View),
		})
	}
	for t, counts := range p.Report.Confusion {
		whole := rowOf(t)
		row := confusionRow{confusionTotal: confusionTotal{
			Kind: "missed", Digit: t, Samples: p.Report.Classes[strconv.Itoa(t)].Support,
			Chosen: whole == p.Chosen.selection, Href: whole.pictures(p.View),
		}}
		for predicted, n := range counts {
			row.Cells = append(row.Cells, p.cell(t, predicted, n, row.Samples))
			p.Predicted[predicted].Samples += n
			if predicted != t {
				row.Mistakes += n
				p.Predicted[predicted].Mistakes += n
			}
		}
		p.Rows = append(p.Rows, row)
	}
}

func (p *confusionPage) cell(truth, predicted, count, samples int) confusionCell {
	this := cellOf(truth, predicted)
	c := confusionCell{
		True: truth, Predicted: predicted, Count: count, Samples: samples,
		Percent: p.View == viewPercent, Chosen: this == p.Chosen.selection, Href: this.pictures(p.View),
	}
	if samples > 0 {
		c.Fraction = float64(count) / float64(samples)
	}
	switch {
	case count == 0:
		c.Kind = "zero"
	case truth == predicted:
		c.Kind, c.Heat = "hit", p.hit(c.Fraction)
	default:
		c.Kind, c.Heat = "miss", p.miss(count)
	}
	return c
}

// addPictures gathers the chosen mistakes, in the order of the data.
func (p *confusionPage) addPictures() {
	c := &p.Chosen
	c.HasPictures = p.Report.Dataset == report.MNISTTest
	switch c.Kind {
	case "cell", "row":
		c.Samples = p.Rows[c.True].Samples
	case "column":
		c.Samples = p.Predicted[c.Predicted].Samples
	}
	for _, m := range p.Report.Mistakes {
		if c.holds(m) {
			c.Mistakes = append(c.Mistakes, picture{m, c.HasPictures && slices.Contains(mnist.Disputed[:], m.Index)})
		}
	}
}
