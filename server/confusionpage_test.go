package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"rakam/server/locale"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

func TestConfusionPage(t *testing.T) {
	v := measuredVersion(t, "measured", measuredConfusion)
	r := start(t, withRealPages(v)).ready(t)
	for _, lang := range locale.Langs {
		t.Run(string(lang), func(t *testing.T) {
			page := r.open(t, "/confusion?lang="+string(lang))
			checkMarkup(t, page)
			checkCells(t, page, lang)
			checkTotals(t, page, lang)
		})
	}
}

// checkCells holds every cell against the matrix.
func checkCells(t *testing.T, page markup, lang locale.Lang) {
	t.Helper()
	rows := page.one(t, "table").one(t, "tbody").all("tr")
	if len(rows) != nn.Classes {
		t.Fatalf("%d rows", len(rows))
	}
	for truth, row := range rows {
		cells := row.all("td")
		for predicted, n := range measuredConfusion[truth] {
			cell := cells[predicted]
			if got := cell.text(); got != lang.Integer(n) {
				t.Errorf("%d read as %d: %q, want %d", truth, predicted, got, n)
			}
			want := "miss"
			switch {
			case n == 0:
				want = "zero"
			case truth == predicted:
				want = "hit"
			}
			if !class(want)(cell) {
				t.Errorf("%d read as %d (%d) has class %q, want %s", truth, predicted, n, cell.attr("class"), want)
			}
			checkCellLink(t, cell, want, truth, predicted)
		}
	}
}

// checkCellLink says whether a mistake, and only a mistake, leads to its pictures,
// and whether a zero is seen as a dot.
func checkCellLink(t *testing.T, cell markup, kind string, truth, predicted int) {
	t.Helper()
	links := cell.all("a")
	if kind != "miss" {
		if len(links) != 0 {
			t.Errorf("%d read as %d is a link", truth, predicted)
		}
		if kind == "zero" && cell.one(t, "span", func(m markup) bool { return m.attr("aria-hidden") == "true" }).FirstChild.Data != "·" {
			t.Error("a zero is no dot")
		}
		return
	}
	want := fmt.Sprintf("?predicted=%d&true=%d&view=counts#pictures", predicted, truth)
	if len(links) != 1 || links[0].attr("href") != want {
		t.Errorf("%d read as %d leads to %v, want %s", truth, predicted, links, want)
	}
	if label := links[0].attr("aria-label"); !strings.Contains(label, cell.text()) {
		t.Errorf("the link is named %q, which does not hold what is seen, %q", label, cell.text())
	}
}

// checkTotals adds up the rows and the columns.
func checkTotals(t *testing.T, page markup, lang locale.Lang) {
	t.Helper()
	rows := page.one(t, "tbody").all("tr")
	foot := page.one(t, "tfoot").all("tr")
	all, mistakes := 0, 0
	for d := range nn.Classes {
		row, column := 0, 0
		for other := range nn.Classes {
			row += measuredConfusion[d][other]
			column += measuredConfusion[other][d]
		}
		hits := measuredConfusion[d][d]
		all, mistakes = all+row, mistakes+row-hits
		cells := rows[d].all("td")
		if got := cells[10].text() + " " + cells[11].text(); got != lang.Integer(row)+" "+lang.Integer(row-hits) {
			t.Errorf("row %d: %s, want %d %d", d, got, row, row-hits)
		}
		if got := foot[0].all("td")[d].text() + " " + foot[1].all("td")[d].text(); got != lang.Integer(column)+" "+lang.Integer(column-hits) {
			t.Errorf("column %d: %s, want %d %d", d, got, column, column-hits)
		}
	}
	if got := foot[0].all("td")[10].text() + " " + foot[1].all("td")[11].text(); got != lang.Integer(all)+" "+lang.Integer(mistakes) {
		t.Errorf("in all: %s, want %d %d", got, all, mistakes)
	}
}

func TestConfusionPercent(t *testing.T) {
	r := start(t, withRealPages(measuredVersion(t, "measured", measuredConfusion))).ready(t)
	page := r.open(t, "/confusion?view=percent&true=4&lang=en")
	for truth, row := range page.one(t, "table").one(t, "tbody").all("tr") {
		sum := 0.0
		for _, cell := range row.all("td")[:nn.Classes] {
			v, err := strconv.ParseFloat(cell.text(), 64)
			if err != nil {
				t.Fatal(err)
			}
			sum += v
		}
		if math.Abs(sum-100) > 0.5 { // ten numbers, each rounded to 0.1
			t.Errorf("row %d adds up to %v %%", truth, sum)
		}
	}
	views := page.one(t, "nav", class("views")).all("a")
	if got := views[0].attr("href") + " " + views[1].attr("href"); got != "?true=4&view=counts ?true=4&view=percent" {
		t.Errorf("the views lead to %s", got)
	}
	if views[0].attr("aria-current") != "" || views[1].attr("aria-current") != "true" {
		t.Error("the page does not say which view it is")
	}
	turkish := r.open(t, "/confusion?view=percent&lang=tr")
	if got := turkish.one(t, "tbody").all("td")[0].text(); got != "99,1" {
		t.Errorf("0 read as 0 in Turkish: %q", got)
	}
}

func TestConfusionPictures(t *testing.T) {
	v := measuredVersion(t, "measured", measuredConfusion)
	v.Report.Mistakes[0].Index = 947 // a disputed label
	disputed := v.Report.Mistakes[0]
	r := start(t, withRealPages(v)).ready(t)
	for _, c := range []struct {
		query, heading string
		want           int
	}{
		{"", "4 read as 9", 12}, // the largest confusion
		{"true=5&predicted=3", "5 read as 3", 9},
		{"true=8", "8, misread", 33},
		{"predicted=9", "Wrongly read as 9", 23},
		{"true=0&predicted=1", "0 read as 1", 0},
	} {
		t.Run(c.query, func(t *testing.T) {
			page := r.open(t, "/confusion/measured?lang=en&"+c.query)
			checkMarkup(t, page)
			pictures := page.one(t, "section", id("pictures"))
			if got := pictures.one(t, "h2").text(); got != c.heading {
				t.Errorf("heading %q, want %q", got, c.heading)
			}
			images := pictures.all("img")
			if len(images) != c.want {
				t.Errorf("%d pictures, want %d", len(images), c.want)
			}
			for _, image := range images {
				if image.attr("alt") == "" || !strings.HasPrefix(image.attr("src"), "/mnist/test/") {
					t.Errorf("picture %v", image.Attr)
				}
			}
		})
	}
	page := r.open(t, fmt.Sprintf("/confusion?lang=en&true=%d", disputed.True))
	if text := page.one(t, "section", id("pictures")).text(); strings.Count(text, "label disputed") != 1 {
		t.Errorf("the disputed label is not marked once: %s", text)
	}
}

func TestConfusionOfOtherData(t *testing.T) {
	v := measuredVersion(t, "measured", measuredConfusion)
	v.Report.Dataset = "somewhere else"
	clean := measuredVersion(t, "clean", [nn.Classes][nn.Classes]int{{10}, {0, 10}})
	r := start(t, withRealPages(v, clean)).ready(t)
	other := r.open(t, "/confusion?true=8")
	if n, reread := len(other.all("img")), len(other.all("", id("reproduce"))); n != 0 || reread != 0 {
		t.Errorf("for mistakes on other data %d pictures of MNIST, and %d offers to read it here", n, reread)
	}
	page := r.open(t, "/confusion/clean?lang=en")
	checkMarkup(t, page)
	if weights := page.one(t, "", id("reproduce")).attr("data-weights"); !strings.HasPrefix(weights, "/api/v1/models/clean/weights?") {
		t.Errorf("MNIST would be read with %q", weights)
	}
	if text := page.text(); !strings.Contains(text, "No mistake at all") || len(page.all("", id("largest-heading"))) != 0 {
		t.Errorf("a matrix without mistakes: %s", text)
	}
}

func TestConfusionRefuses(t *testing.T) {
	r := start(t, withRealPages(measuredVersion(t, "measured", measuredConfusion))).ready(t)
	for _, query := range []string{"true=10", "true=-1", "predicted=x", "true=4&predicted=4", "true=%3Cscript%3E"} {
		scenario{path: "/confusion?" + query, status: 400, header: []string{"Content-Type", aProblem}, want: []string{`"hint":`}, unwant: []string{"<script>"}}.check(t, r)
	}
}

func TestHeat(t *testing.T) {
	r := &report.Report{Classes: map[string]report.ClassScore{}}
	for d := range nn.Classes {
		r.Classes[strconv.Itoa(d)] = report.ClassScore{Recall: 0.97 + float64(d)*0.003}
	}
	r.Confusion[4][9] = 120
	h := newHeatScale(r)
	if got := h.miss(1); got < 1 {
		t.Errorf("a single mistake beside 120 has shade %d", got)
	}
	if h.miss(120) != heatLevels || h.hit(0.97) != 1 || h.hit(1) != heatLevels {
		t.Errorf("the ends of the scales: %d, %d, %d", h.miss(120), h.hit(0.97), h.hit(1))
	}
	for n := 2; n <= 120; n++ {
		if h.miss(n) < h.miss(n-1) {
			t.Errorf("%d mistakes are lighter than %d", n, n-1)
		}
	}
}
