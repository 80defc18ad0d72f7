package main

import (
	"strconv"
	"strings"
	"testing"

	"rakam/server/locale"
	"rakam/trainer/recipe"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

func TestReportPage(t *testing.T) {
	v := measuredVersion(t, "measured", measuredConfusion)
	r := start(t, withRealPages(v)).ready(t)
	for _, lang := range locale.Langs {
		t.Run(string(lang), func(t *testing.T) {
			page := r.open(t, "/report?lang="+string(lang))
			checkMarkup(t, page)
			checkClasses(t, page, lang, v.Report)
			checkHistory(t, page, lang, v.History)
			checkCalibration(t, page, lang, v.Report.Calibration)
		})
	}
}

// checkClasses holds the classification table against the report, digit by digit.
func checkClasses(t *testing.T, page markup, lang locale.Lang, r *report.Report) {
	t.Helper()
	table := page.one(t, "table", id("classes-table"))
	rows := table.one(t, "tbody").all("tr")
	if len(rows) != nn.Classes {
		t.Fatalf("%d digits", len(rows))
	}
	sum := 0
	row := func(row markup, s report.ClassScore) {
		got := row.texts()
		want := []string{lang.Number(s.Precision*100, 2), lang.Number(s.Recall*100, 2), lang.Number(s.F1*100, 2), lang.Integer(s.Support)}
		for i, at := range []int{1, 2, 5, 6} {
			if got[at] != want[i] {
				t.Errorf("row %q: %q, want %q", got[0], got[at], want[i])
			}
		}
	}
	weak := 0
	for d, tr := range rows {
		s := r.Classes[strconv.Itoa(d)]
		row(tr, s)
		sum += s.Support
		interval := report.Wilson(r.Confusion[d][d], s.Support)
		if got, want := tr.texts()[3], lang.Number(interval[0]*100, 2)+"–"+lang.Number(interval[1]*100, 2); got != want {
			t.Errorf("interval of %d: %q, want %q", d, got, want)
		}
		if class("weak")(tr) {
			weak++
		}
	}
	averages := table.one(t, "tfoot").all("tr")
	row(averages[0], r.MacroAvg)
	row(averages[1], r.WeightedAvg)
	if got, want := averages[1].texts()[6], lang.Integer(sum); got != want {
		t.Errorf("the supports add up to %s, the page says %s", want, got)
	}
	if weak != weakestShown {
		t.Errorf("%d rows are marked as weak, want %d", weak, weakestShown)
	}
}

// checkHistory holds both the table and the two drawings against the history.
func checkHistory(t *testing.T, page markup, lang locale.Lang, history []report.Epoch) {
	t.Helper()
	rows := page.one(t, "table", id("history-table")).one(t, "tbody").all("tr")
	if len(rows) != len(history) {
		t.Fatalf("%d epochs, want %d", len(rows), len(history))
	}
	for i, e := range history {
		want := []string{lang.Integer(e.Epoch), lang.Number(e.Loss, 4), lang.Number(e.ValLoss, 4), lang.Number(e.Accuracy*100, 2), lang.Number(e.ValAccuracy*100, 2), lang.Number(e.Seconds, 1)}
		if got := rows[i].texts(); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("epoch %d: %q, want %q", e.Epoch, got, want)
		}
		if got := rows[i].all("td")[1].attr("data-value"); got != strconv.FormatFloat(e.ValLoss, 'g', -1, 64) {
			t.Errorf("epoch %d: the script reads %q, want %v", e.Epoch, got, e.ValLoss)
		}
	}
	lines := page.all("polyline")
	if len(lines) != 4 {
		t.Fatalf("%d lines are drawn, want 4", len(lines))
	}
	for _, l := range lines {
		if n := len(strings.Fields(l.attr("points"))); n != len(history) {
			t.Errorf("a line has %d points, want %d", n, len(history))
		}
	}
}

func checkCalibration(t *testing.T, page markup, lang locale.Lang, c report.Calibration) {
	t.Helper()
	rows := page.one(t, "table", id("calibration-table")).one(t, "tbody").all("tr")
	i := 0
	for _, b := range c.Bins {
		if b.Count == 0 {
			continue
		}
		got := rows[i].texts()
		if got[1] != lang.Integer(b.Count) || got[3] != lang.Number(b.Accuracy*100, 2) {
			t.Errorf("bin %v: %q", b, got)
		}
		i++
	}
	if i != len(rows) {
		t.Errorf("%d bins, want %d", len(rows), i)
	}
}

func TestReportPageSays(t *testing.T) {
	better := measuredConfusion
	better[4][4], better[4][9] = better[4][4]-100, better[4][9]+100
	first, second := measuredVersion(t, "first", measuredConfusion), measuredVersion(t, "second", better)
	bare := fixtureVersion(t, "bare", 3)
	bare.History = nil
	held := measuredVersion(t, "held", measuredConfusion)
	made := recipe.Seed()
	made.Holdout, made.Augment.Weight, made.Augment.Blur = 5000, 0.3, 0.4
	made.AugmentStrokes.Weight, made.AugmentStrokes.Blur, made.AugmentStrokes.Paper, made.AugmentStrokes.Gap = 1.5, 0.5, 0.2, 0.3
	held.Model.Meta.Recipe = made.JSON()
	skipping := recipe.Seed()
	skipping.AugmentStrokes.Gap = 0.3
	second.Model.Meta.Recipe = skipping.JSON()
	r := start(t, withRealPages(first, second, bare, held)).ready(t)
	for _, c := range []struct {
		path         string
		want, unwant []string
	}{
		{path: "/report?lang=en",
			want:   []string{"97.95 % of 10,000 test digits", "97.65–98.21 %", "97.96 % on the same test digits. That lies inside this version’s interval", "15 of the test labels", "98.10 %", "This version is the champion", "33 of 974 are misread, 8 of them as 3.", "Read as 8 without being one: 18.", "0.001", "784 → 10"},
			unwant: []string{"second", "validation at"}},
		{path: "/report/held?lang=en",
			want:   []string{"of the training images held out for validation", "on the images held out for validation, after it", "The test images played no part", "bend 0 px, blur 0.4 px in half of the images, heavier by 0.3 px or lighter by half of it; 0 % as they are", "bend 0 px; 20 % of them heavier by 1.5 px on each side before they are made to fit, and blurred by 0.5 px; in 30 % of the digits the pen skips a piece"},
			unwant: []string{"of the test images. Test accuracy", "no choice was made"}},
		{path: "/report/held?lang=tr",
			want:   []string{"resimlerin yarısında 0,4 px bulanıklık, 0,3 px kalınlaşma ya da bunun yarısı kadar incelme", "bükülme 0 px; %20 kadarının çizgilerinde, sığdırılmadan önce, iki yandan 1,5 px kalınlaşma ve resminde 0,5 px bulanıklık; rakamların %30 kadarında"},
			unwant: []string{"heavier"}},
		{path: "/report?lang=tr",
			want:   []string{"%97,95 doğruluk: 10.000 test rakamında", "%97,65–98,21", "%97,96", "aralığının içinde", "%98,10", "974 resimden 33 tanesi yanlış okundu, 8 tanesi 3 sanıldı.", "0,001"},
			unwant: []string{"97.95", "10,000"}},
		{path: "/report/second?lang=en",
			want:   []string{"96.95 %", "97.96 % on the same test digits. That lies above this version’s interval", "The champion, first, reads 97.95 % of the test digits, which lies above this version’s interval.", "Side by side with first", "bend 0 px; in 30 % of the digits the pen skips a piece"},
			unwant: []string{"This version is the champion", "heavier"}},
		{path: "/report/bare?lang=en",
			want:   []string{"50.00 %", "No history was kept"},
			unwant: []string{"tutorial", "disputed", "Learning rate", "epochs the network"}},
	} {
		t.Run(c.path, func(t *testing.T) {
			page := r.open(t, c.path)
			checkMarkup(t, page)
			text := plain(page.one(t, "main").text())
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("the page lacks %q: %s", want, text)
				}
			}
			for _, unwant := range c.unwant {
				if strings.Contains(text, unwant) {
					t.Errorf("the page has %q", unwant)
				}
			}
		})
	}
}

func TestReportPageLinks(t *testing.T) {
	r := start(t, withRealPages(measuredVersion(t, "measured", measuredConfusion))).ready(t)
	page := r.open(t, "/report")
	for _, link := range page.one(t, "main").all("a") {
		path, _, _ := strings.Cut(link.attr("href"), "#")
		if got := r.get(t, path, "Accept", aPage); got.StatusCode != 200 {
			t.Errorf("%s answers %d", path, got.StatusCode)
		}
	}
	weak := page.one(t, "ol", class("weakest")).all("li")
	if len(weak) != weakestShown || weak[0].all("a")[0].attr("href") != "/confusion/measured?true=8#pictures" {
		t.Errorf("the weakest digits are %d, the first link is %s", len(weak), weak[0].all("a")[0].attr("href"))
	}
}

// TestReportPageTrainsAlike: what trains the weak digits more begins with the
// recipe of the version that is weak in them.
func TestReportPageTrainsAlike(t *testing.T) {
	r := startTrainer(t, realPages)
	for _, li := range r.open(t, "/report/seed").one(t, "ol", class("weakest")).all("li") {
		links := li.all("a")
		if href := links[len(links)-1].attr("href"); !strings.HasPrefix(href, "/train?recipe=seed&focus_") {
			t.Errorf("it begins with %s", href)
		}
	}
}

func TestUnknownVersionPages(t *testing.T) {
	r := start(t, withRealPages(measuredVersion(t, "measured", measuredConfusion))).ready(t)
	play(t, r, []scenario{
		{name: "report", path: "/report/nobody", status: 404, want: []string{`\"nobody\"`, `"hint":"GET /api/v1/models lists`}},
		{name: "confusion", path: "/confusion/nobody", status: 404, want: []string{`"hint":"GET /api/v1/models lists`}},
		{name: "for people", path: "/confusion/nobody", headers: []string{"Accept", aPage, "Accept-Language", "en"}, status: 404, want: []string{"There is no such version", "may have been deleted"}, header: []string{"Content-Type", "text/html; charset=utf-8"}},
	})
}

func TestRival(t *testing.T) {
	r := &report.Report{Accuracy: 0.98, AccuracyInterval: [2]float64{0.97, 0.99}}
	for accuracy, want := range map[float64]string{0.969: "below", 0.97: "within", 0.99: "within", 0.9901: "above"} {
		if got := newRival("", accuracy, r).Place; got != want {
			t.Errorf("%v is %s the interval, want %s", accuracy, got, want)
		}
	}
}
