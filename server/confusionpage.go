package main

import (
	"fmt"
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

// What was read: the data of the report itself, MNIST's test digits, or the drawn
// digits.
const (
	dataTest  = "test"
	dataDrawn = "drawn"
)

// confusionPage is what confusion.html shows of a version.
type confusionPage struct {
	Version    string
	WeightsURL string // with which a browser can read MNIST's test digits itself; "" where the report is on others
	Report     *report.Report
	heatScale
	look
	Views     struct{ Counts, Percent address } // the same page in each view
	Sets      struct{ Test, Drawn address }     // and on each data; "" for Drawn where there is none
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

// confusionPage answers
// GET /confusion[/VERSION][?data=drawn][&view=percent][&true=D][&predicted=D].
func (s *site) confusionPage(c echo.Context) error {
	v, err := s.version(c)
	if err != nil {
		return err
	}
	chosen, err := parseSelection(c.QueryParams())
	if err != nil {
		return err
	}
	show := look{viewCounts, dataTest}
	if c.QueryParam("view") == viewPercent {
		show.View = viewPercent
	}
	if c.QueryParam("data") == dataDrawn {
		show.Data = dataDrawn
	}
	if show.Data == dataDrawn && v.Report.Drawn == nil {
		return problem("not-found", fmt.Sprintf("%s was not measured on drawn digits.", v.ID), "Leave data=drawn away for the test digits; /report/"+v.ID+" says how to measure it.")
	}
	page := newConfusionPage(v.ID, v.Report, show, chosen)
	if v.Report.Dataset == report.MNISTTest {
		page.WeightsURL = v.weightsURL()
	}
	return s.render(c, "confusion.html", page)
}

// newConfusionPage shows all, or its part on drawn digits, with the mistakes that
// were chosen, those of the largest confusion where none were.
func newConfusionPage(version string, all *report.Report, show look, chosen selection) confusionPage {
	r := all
	if show.Data == dataDrawn {
		r = all.Drawn
	}
	page := confusionPage{
		Version:   version,
		Report:    r,
		heatScale: newHeatScale(r),
		look:      show,
		Mistakes:  len(r.Mistakes),
	}
	page.Views.Counts, page.Views.Percent = chosen.address(look{viewCounts, show.Data}), chosen.address(look{viewPercent, show.Data})
	page.Sets.Test = chosen.address(look{show.View, dataTest})
	if all.Drawn != nil {
		page.Sets.Drawn = chosen.address(look{show.View, dataDrawn})
	}
	page.Largest = largestConfusions(r, largestShown, show)
	if chosen.Kind == "" && len(page.Largest) > 0 {
		chosen = cellOf(page.Largest[0].True, page.Largest[0].Predicted)
	}
	page.Chosen.selection = chosen
	page.addCells()
	page.addPictures()
	return page
}

// largestConfusions returns the n most frequent ones, with where their pictures are.
func largestConfusions(r *report.Report, n int, show look) []namedConfusion {
	var named []namedConfusion
	for _, c := range r.Confusions(n) {
		samples := r.Classes[strconv.Itoa(c.True)].Support
		named = append(named, namedConfusion{c, samples, cellOf(c.True, c.Predicted).pictures(show)})
	}
	return named
}

func (p *confusionPage) addCells() {
	for d := range nn.Classes {
		column := columnOf(d)
		p.Predicted = append(p.Predicted, confusionTotal{
			Kind: "attracted", Digit: d, Chosen: column == p.Chosen.selection, Href: column.pictures(p.look),
		})
	}
	for t, counts := range p.Report.Confusion {
		whole := rowOf(t)
		row := confusionRow{confusionTotal: confusionTotal{
			Kind: "missed", Digit: t, Samples: p.Report.Classes[strconv.Itoa(t)].Support,
			Chosen: whole == p.Chosen.selection, Href: whole.pictures(p.look),
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
		Percent: p.View == viewPercent, Chosen: this == p.Chosen.selection, Href: this.pictures(p.look),
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
