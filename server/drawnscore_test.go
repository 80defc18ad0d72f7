package main

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"rakam/server/locale"
	"rakam/trainer/drawn"
	"rakam/trainer/pretrained"
	"rakam/trainer/report"
	"rakam/trainer/runs"
	"rakam/wasm/nn"
	"rakam/wasm/reader"
	"rakam/web"
)

// drawnConfusion is what a network might get on 100 drawn digits, ten of each.
var drawnConfusion = [nn.Classes][nn.Classes]int{
	{10}, {1: 3, 4: 2, 7: 5}, {2: 10}, {3: 10}, {4: 9, 9: 1}, {5: 10}, {6: 10}, {7: 10}, {8: 10}, {3: 2, 9: 8},
}

// drawnVersion is a measuredVersion with a score on digits that stand for drawn ones.
func drawnVersion(t testing.TB, id string) pretrained.Version {
	t.Helper()
	v := measuredVersion(t, id, measuredConfusion)
	d := measuredVersion(t, id, drawnConfusion).Report
	d.Dataset, d.Credit, d.Undisputed = "strokes.jsonl@a..c", "E. Alpaydin, CC BY 4.0", nil
	d.Verdicts = map[reader.Verdict]report.Tally{
		reader.Digit: {Count: 84, Right: 80}, reader.Unsure: {Count: 10, Right: 8}, reader.None: {Count: 4, Right: 2}, "novel": {Count: 2},
	}
	d.Writers = &report.Writers{Mean: 0.9, WorstTenth: 0.82, Worst: 1, Each: []report.WriterScore{
		{Writer: "ali", Subset: report.Subset{Samples: 50, Accuracy: 0.98, AccuracyInterval: report.Wilson(49, 50)}},
		{Writer: "<b>", Subset: report.Subset{Samples: 50, Accuracy: 0.82, AccuracyInterval: report.Wilson(41, 50)}},
	}}
	d.Robustness = []report.Variation{
		{Change: "narrow", Amount: 0.6, Accuracy: 0.81, AccuracyInterval: report.Wilson(81, 100), Refused: 12},
		{Change: "<new>", Accuracy: 0.89, AccuracyInterval: report.Wilson(89, 100), Refused: 7},
	}
	for i := range d.Mistakes {
		d.Mistakes[i].ID = "drawing-" + string(rune('a'+i))
	}
	v.Report.Drawn = d
	v.Report.Others = &report.Others{Dataset: "others.jsonl", Samples: 200, Refused: 0.955, RefusedInterval: report.Wilson(191, 200)}
	return v
}

// TestGapBeyondChance: a difference that may be chance is not explained.
func TestGapBeyondChance(t *testing.T) {
	all := drawnVersion(t, "drawn").Report
	for _, c := range []struct {
		right int // of 1,000 drawn digits, beside 9,900 of 10,000
		want  float64
	}{{960, 3}, {975, 1.5}, {985, 0}, {990, 0}, {1000, 0}} {
		all.Accuracy, all.AccuracyInterval = 0.99, report.Wilson(9900, 10_000)
		all.Drawn.Accuracy, all.Drawn.AccuracyInterval = float64(c.right)/1000, report.Wilson(c.right, 1000)
		if got := newDrawnScore(all).Gap; math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%d of 1,000: a gap of %v, want %v", c.right, got, c.want)
		}
	}
}

func TestReportShowsTheDrawnScore(t *testing.T) {
	v := drawnVersion(t, "drawn")
	r := start(t, withRealPages(v)).ready(t)
	for _, lang := range locale.Langs {
		page := r.open(t, "/report?lang="+string(lang))
		checkMarkup(t, page)
		ledes := page.all("p", class("lede"))
		if len(ledes) != 2 || !strings.Contains(plain(ledes[1].text()), plain(lang.Percent(0.9, 2))) {
			t.Fatalf("%d headlines, the second is not that of drawn digits", len(ledes))
		}
		rows := page.one(t, "table", id("drawn-table")).one(t, "tbody").all("tr")
		if got := rows[1].texts(); got[2] != lang.Number(30, 2) || got[6] != "10" || !class("weak")(rows[1]) {
			t.Errorf("the row of 1 says %q", got)
		}
		writers := page.one(t, "table", id("writers-table")).one(t, "tbody").all("tr")
		if got := writers[0].texts(); len(writers) != 2 || got[0] != "<b>" || got[1] != lang.Number(82, 2) || got[4] != "50" {
			t.Errorf("the writer read worst is %q", got)
		}
		verdicts := page.one(t, "table", id("verdicts-table")).one(t, "tbody").all("tr")
		if got := strings.Join(verdicts[0].texts()[1:], " "); len(verdicts) != 4 || got != "84 "+lang.Number(84, 2)+" 80 4" {
			t.Errorf("the first verdict is %q", got)
		}
		if got := verdicts[3].texts()[0]; got != "novel" {
			t.Errorf("a verdict without a text is called %q", got)
		}
	}
	for lang, names := range map[locale.Lang][]string{locale.English: {"as drawn", "0.6 times as wide", "<new>"}, locale.Turkish: {"çizildiği gibi", "0,6 kat genişlikte", "<new>"}} {
		rows := r.open(t, "/report?lang="+string(lang)).one(t, "table", id("robustness-table")).one(t, "tbody").all("tr")
		if len(rows) != 3 {
			t.Fatalf("the robustness has %d rows", len(rows))
		}
		for i, want := range [][]string{{lang.Number(90, 2), "6"}, {lang.Number(81, 2), "12"}, {lang.Number(89, 2), "7"}} {
			if got := rows[i].texts(); plain(got[0]) != names[i] || got[1] != want[0] || got[4] != want[1] {
				t.Errorf("row %d of the robustness says %q", i, got)
			}
		}
	}
	text := plain(r.open(t, "/report?lang=en").one(t, "main").text())
	for _, want := range []string{
		"90.00 % of 100 digits drawn with a pen", "read 80 of them rightly and 4 wrongly; at 10 it would be unsure, and 6 it would take for no digit",
		"That is 7.95 percentage points less", "Of 200 drawings that are no digits (others.jsonl) it takes 95.50 % for none (91.67–97.61 %)",
		"1 read as 7: 5 of 10", "2 people drew. Each counting the same, they are read at 90.00 % on average", "(1) at 82.00 %",
		"E. Alpaydin, CC BY 4.0", "--strokes strokes.jsonl@a..c --robustness",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q: %s", want, text)
		}
	}
	for _, link := range r.open(t, "/report").one(t, "main").all("a") {
		path, _, _ := strings.Cut(link.attr("href"), "#")
		if path == "" {
			continue
		}
		if got := r.get(t, path, "Accept", aPage); got.StatusCode != 200 {
			t.Errorf("%s answers %d", path, got.StatusCode)
		}
	}
}

// TestChangesAreTold: each change that is measured has a text, and is in the
// description of the API.
func TestChangesAreTold(t *testing.T) {
	api := start(t).ready(t).get(t, "/openapi.yaml").Text
	texts, err := locale.Load(web.Locales)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range toldChanges {
		for _, lang := range locale.Langs {
			if _, err := texts[lang].Text("report.change." + name); err != nil {
				t.Error(err)
			}
		}
		if name != report.Unchanged && !regexp.MustCompile(`change: \{.*enum: \[.*\b`+name+`\b`).MatchString(api) {
			t.Errorf("the API's description lacks %s", name)
		}
	}
}

// TestReportSaysItWasNotMeasured: without a score the page says so, twice, and
// what to do.
func TestReportSaysItWasNotMeasured(t *testing.T) {
	r := start(t, withRealPages(measuredVersion(t, "measured", measuredConfusion))).ready(t)
	page := r.open(t, "/report?lang=en")
	checkMarkup(t, page)
	text := plain(page.one(t, "main").text())
	if strings.Count(text, "This version was not measured on drawn digits.") != 2 || !strings.Contains(text, "bin/server --drawn FILE") {
		t.Errorf("the page says %s", text)
	}
	if len(page.all("table", id("drawn-table"))) != 0 {
		t.Error("there is a table of drawn digits")
	}
}

func TestConfusionOfDrawnDigits(t *testing.T) {
	r := start(t, withRealPages(drawnVersion(t, "drawn"), measuredVersion(t, "measured", measuredConfusion))).ready(t)
	page := r.open(t, "/confusion?data=drawn&view=percent&lang=en")
	checkMarkup(t, page)
	cells := page.one(t, "tbody").all("tr")[1].all("td")
	if cells[7].text() != "50.0" || cells[7].all("a")[0].attr("href") != "?data=drawn&predicted=7&true=1&view=percent#pictures" {
		t.Errorf("1 read as 7: %s, leads to %s", cells[7].text(), cells[7].all("a")[0].attr("href"))
	}
	sets := page.one(t, "article").all("nav")[0].all("a")
	if sets[0].attr("href") != "?view=percent" || sets[1].attr("href") != "?data=drawn&view=percent" || sets[1].attr("aria-current") != "true" || sets[0].attr("aria-current") != "" {
		t.Errorf("the data lead to %s and %s", sets[0].attr("href"), sets[1].attr("href"))
	}
	text := plain(page.one(t, "main").text())
	for _, want := range []string{"10 of 100 drawn digits", "5 of 10 drawn digits that are 1.", "drawing-", "E. Alpaydin, CC BY 4.0"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q: %s", want, text)
		}
	}
	if n := len(page.all("img")); n != 0 {
		t.Errorf("%d pictures of MNIST's beside drawn digits", n)
	}
	other := r.open(t, "/confusion/measured")
	if len(other.all("nav", class("sets"))) != 0 {
		t.Error("a version without drawn digits offers them")
	}
	scenario{path: "/confusion/measured?data=drawn", status: 404, header: []string{"Content-Type", aProblem}, want: []string{"not measured on drawn digits", "/report/measured"}}.check(t, r)
}

// TestComparedDrawn works out by hand what two small scores say together.
func TestComparedDrawn(t *testing.T) {
	first, second := newVersion(drawnVersion(t, "first")), newVersion(drawnVersion(t, "second"))
	a, b := first.Report.Drawn, second.Report.Drawn
	b.Mistakes = b.Mistakes[8:]
	b.Accuracy = 0.98
	c := newCompared(first, second, locale.English)
	d := c.Drawn
	if d == nil || d.Samples != 100 || d.Both.OnlyChallenger != 8 || d.Both.OnlyChampion != 0 || d.Both.BothWrong != 2 || d.Both.Verdict != report.Better {
		t.Fatalf("together: %+v", d)
	}
	if m := d.Measures[0]; m.Name != "accuracy" || m.A != 90 || m.B != 98 || m.Change != "+8.00" {
		t.Errorf("accuracy: %+v", m)
	}
	if len(d.Measures) != 14 || len(c.Unmeasured) != 0 {
		t.Errorf("%d measures; not measured: %v", len(d.Measures), c.Unmeasured)
	}
	b.Dataset = "other.jsonl"
	if c := newCompared(first, second, locale.English); c.Drawn != nil || len(c.Unmeasured) != 0 {
		t.Errorf("scores on %s and %s are compared", a.Dataset, b.Dataset)
	}
	second.Report.Drawn = nil
	if c := newCompared(first, second, locale.English); c.Drawn != nil || strings.Join(c.Unmeasured, " ") != "second" {
		t.Errorf("not measured: %v", c.Unmeasured)
	}
}

// TestDrawnScoresOfVersions: the list of versions, for people and programs, has
// the score of what ships and says that a new version has none.
func TestDrawnScoresOfVersions(t *testing.T) {
	r := startTrainer(t, realPages)
	a := r.addVersion(t, 1)
	page := r.open(t, "/models?lang=en")
	rows := page.one(t, "table", id("versions-table")).one(t, "tbody").all("tr")
	if got := rows[0].texts()[2]; !strings.HasPrefix(got, "91.79") {
		t.Errorf("seed on drawn digits: %q", got)
	}
	if got := rows[1].texts()[2]; !strings.Contains(got, "not measured") {
		t.Errorf("%s on drawn digits: %q", a.ID, got)
	}
	if text := page.one(t, "caption", id("versions-caption")).text(); !strings.Contains(text, "pendigits-orig.tra@w25..w30") {
		t.Errorf("the caption says %q", text)
	}
	for _, path := range []string{"/compare?lang=en", "/compare?lang=tr"} {
		compared := r.open(t, path)
		checkMarkup(t, compared)
		if got := compared.one(t, "section", func(m markup) bool { return m.attr("aria-labelledby") == "drawn" }).all("a")[0].attr("href"); got != "/report/"+a.ID+"#drawn" {
			t.Errorf("%s: how to measure is at %s", path, got)
		}
	}
	play(t, r.running, []scenario{
		{name: "list", path: "/api/v1/models", status: 200, want: []string{`"drawn":{"dataset":"pendigits-orig.tra@w25..w30","samples":1498,"accuracy":0.91`}},
		{name: "report", path: "/api/v1/models/seed/report", status: 200, want: []string{`"drawn":{"model":"seed"`, `"credit":"E. Alpaydin`, `"worst_tenth":`}},
	})
}

// TestComparePageOfDrawnScores renders what TestComparedDrawn works out.
func TestComparePageOfDrawnScores(t *testing.T) {
	r := startTrainer(t, realPages, func(p *Program) {
		p.Versions = func() ([]pretrained.Version, error) {
			return []pretrained.Version{drawnVersion(t, "first"), drawnVersion(t, "second")}, nil
		}
	})
	for _, lang := range locale.Langs {
		page := r.open(t, "/compare?a=first&b=second&lang="+string(lang))
		checkMarkup(t, page)
		rows := page.one(t, "table", id("drawn-table")).one(t, "tbody").all("tr")
		if got := rows[0].texts(); len(rows) != 14 || got[1] != lang.Number(90, 2) {
			t.Errorf("%d rows, the first is %q", len(rows), got)
		}
	}
}

// TestDrawnFlag: workers measure on the stroke file that the server was given; one
// that can't be read keeps it from starting.
func TestDrawnFlag(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.jsonl")
	if err := os.WriteFile(path, []byte(`{"label":1,"writer":"me","strokes":[[[0,0],[0,9]]]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	given := make(chan *drawn.Set, 8)
	startTrainer(t, func(p *Program) {
		p.Config.Drawn = path
		prepare := p.Training.Worker
		p.Training.Worker = func(w *runs.Worker) { prepare(w); given <- w.Drawn }
	})
	if set := <-given; set == nil || set.Name != "mine.jsonl" || len(set.Drawings) != 1 {
		t.Errorf("the worker measures on %+v", set)
	}
	p := NewProgram(Config{Addr: "127.0.0.1:0", Drawn: path + "x"}, fixtureVersions(t))
	p.Web = fixtureWeb()
	if err := p.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "--drawn: open ") {
		t.Errorf("with a file that is missing: %v", err)
	}
}
