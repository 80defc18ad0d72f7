package main

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"rakam/server/locale"
	"rakam/trainer/registry"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// comparePage is what compare.html shows of two versions, b against a.
type comparePage struct {
	A, B     string
	Versions []string // to choose from
	Missing  string   // one of the two that is not there, or ""
	Compared *compared
}

// compared is two reports on the same test digits.
type compared struct {
	A, B          string
	Samples       int
	Both          report.Comparison // a is the champion, b the challenger
	P             string
	Measures      []measure
	Cells         [nn.Classes][nn.Classes]differenceCell
	Fixed, Broken changedDigits

	Drawn      *comparedDrawn
	Unmeasured []string // versions without a score on drawn digits
}

// measure is a headline number of both.
type measure struct {
	Name   string // of the text "compare.NAME"
	A, B   float64
	Digits int
	Change string // with its sign
}

// differenceCell is how much more often b reads a true digit as a predicted one.
type differenceCell struct {
	Text string // with its sign, "" for no difference
	Kind string // "gain" for what is better, "miss" for what is worse, "zero"
	Heat int
}

// changedDigits are test digits that one of the two reads and the other does not.
type changedDigits struct {
	First, Rest []changedDigit
	Count       int
}

// changedDigit is one of them, with what each version says.
type changedDigit struct {
	Index, True, A, B int
	Pictured          bool // it is one of MNIST's
}

// changedShown is how many pictures are seen before one asks for the rest.
const changedShown = 24

// comparePage answers GET /compare?a=VERSION&b=VERSION: by default the champion
// against the newest version.
func (s *site) comparePage(c echo.Context) error {
	ctx := c.Request().Context()
	list, err := s.registry().List(ctx)
	if err != nil {
		return err
	}
	champion, _, err := s.registry().Champion(ctx)
	if err != nil {
		return err
	}
	page := comparePage{A: c.QueryParam("a"), B: c.QueryParam("b")}
	for _, v := range list {
		if v.Damaged == "" {
			page.Versions = append(page.Versions, v.ID)
		}
	}
	if page.A == "" {
		page.A = champion.Version
	}
	if page.B == "" {
		page.B = challengerOf(page.A, list)
	}
	status := http.StatusOK
	if page.A != page.B && page.B != "" {
		if page.Compared, page.Missing, err = s.compare(ctx, page.A, page.B, language(c)); err != nil {
			return err
		}
		if page.Missing != "" {
			status = http.StatusNotFound
		}
	}
	return s.renderStatus(c, status, "compare.html", page)
}

// challengerOf is the newest version that is not a, or "".
func challengerOf(a string, list []registry.Version) string {
	newest := registry.Version{}
	for _, v := range list {
		if v.ID != a && v.Damaged == "" && (newest.ID == "" || v.Created.After(newest.Created)) {
			newest = v
		}
	}
	return newest.ID
}

func (s *site) compare(ctx context.Context, a, b string, lang locale.Lang) (*compared, string, error) {
	var both [2]*version
	for i, id := range []string{a, b} {
		v, err := s.versionByID(ctx, id)
		var p *Problem
		if errors.As(err, &p) && p.Code == "not-found" || errors.Is(err, registry.ErrDamaged) {
			return nil, id, nil
		}
		if err != nil {
			return nil, "", err
		}
		both[i] = v
	}
	return newCompared(both[0], both[1], lang), "", nil
}

func newCompared(a, b *version, lang locale.Lang) *compared {
	ra, rb := a.Report, b.Report
	page := &compared{A: a.ID, B: b.ID, Samples: ra.Samples}
	for _, m := range []measure{
		{Name: "accuracy", A: ra.Accuracy * 100, B: rb.Accuracy * 100, Digits: 2},
		{Name: "low", A: ra.AccuracyInterval[0] * 100, B: rb.AccuracyInterval[0] * 100, Digits: 2},
		{Name: "high", A: ra.AccuracyInterval[1] * 100, B: rb.AccuracyInterval[1] * 100, Digits: 2},
		{Name: "mistakes", A: float64(len(ra.Mistakes)), B: float64(len(rb.Mistakes))},
		{Name: "f1", A: ra.MacroAvg.F1 * 100, B: rb.MacroAvg.F1 * 100, Digits: 2},
		{Name: "loss", A: ra.Loss, B: rb.Loss, Digits: 4},
		{Name: "ece", A: ra.Calibration.ECE * 100, B: rb.Calibration.ECE * 100, Digits: 2},
		{Name: "parameters", A: float64(a.Model.Spec.Parameters()), B: float64(b.Model.Spec.Parameters())},
		{Name: "size", A: float64(len(a.File)) / 1000, B: float64(len(b.File)) / 1000},
	} {
		page.Measures = append(page.Measures, m.with(lang))
	}
	page.addDigits(ra, rb)
	page.addDrawn(ra, rb, lang)
	page.P = probability(lang, page.Both.P)
	page.Cells = differences(ra, rb, lang)
	return page
}

// with returns m with its change in that language.
func (m measure) with(lang locale.Lang) measure {
	m.Change = signed(lang, shownDifference(m.B, m.A, m.Digits), m.Digits)
	return m
}

// together counts which of two reports reads what: b, as the challenger, against a.
// A report lists every sample that was misread, which is all it takes.
func together(a, b *report.Report) report.Comparison {
	missedA, missedB := byIndex(a.Mistakes), byIndex(b.Mistakes)
	c := report.Comparison{Samples: a.Samples}
	for i := range missedA {
		if _, too := missedB[i]; too {
			c.BothWrong++
		}
	}
	c.OnlyChallenger, c.OnlyChampion = len(missedA)-c.BothWrong, len(missedB)-c.BothWrong
	c.BothRight = c.Samples - c.BothWrong - c.OnlyChallenger - c.OnlyChampion
	c.Judge()
	return c
}

// addDigits sorts the test digits by who reads them.
func (p *compared) addDigits(a, b *report.Report) {
	missedA, missedB := byIndex(a.Mistakes), byIndex(b.Mistakes)
	pictures := a.Dataset == report.MNISTTest && b.Dataset == report.MNISTTest
	var fixed, broken []changedDigit
	for _, i := range slices.Sorted(maps.Keys(missedA)) {
		m := missedA[i]
		if _, too := missedB[i]; !too {
			fixed = append(fixed, changedDigit{i, m.True, m.Predicted, m.True, pictures})
		}
	}
	for _, i := range slices.Sorted(maps.Keys(missedB)) {
		if _, too := missedA[i]; !too {
			m := missedB[i]
			broken = append(broken, changedDigit{i, m.True, m.True, m.Predicted, pictures})
		}
	}
	p.Fixed, p.Broken = newChangedDigits(fixed), newChangedDigits(broken)
	p.Both = together(a, b)
}

func byIndex(mistakes []report.Mistake) map[int]report.Mistake {
	m := map[int]report.Mistake{}
	for _, one := range mistakes {
		m[one.Index] = one
	}
	return m
}

func newChangedDigits(all []changedDigit) changedDigits {
	n := min(len(all), changedShown)
	return changedDigits{First: all[:n], Rest: all[n:], Count: len(all)}
}

// differences is confusion matrix b less confusion matrix a. A cell is better
// when it gains on the diagonal or loses off it.
func differences(a, b *report.Report, lang locale.Lang) (cells [nn.Classes][nn.Classes]differenceCell) {
	most := 1
	change := func(truth, predicted int) int { return b.Confusion[truth][predicted] - a.Confusion[truth][predicted] }
	for truth := range nn.Classes {
		for predicted := range nn.Classes {
			most = max(most, abs(change(truth, predicted)))
		}
	}
	for truth := range nn.Classes {
		for predicted := range nn.Classes {
			d := change(truth, predicted)
			cell := differenceCell{Kind: "zero"}
			if d != 0 {
				cell = differenceCell{signed(lang, float64(d), 0), "miss", heatLevel(float64(abs(d)) / float64(most))}
				if (d > 0) == (truth == predicted) {
					cell.Kind = "gain"
				}
			}
			cells[truth][predicted] = cell
		}
	}
	return cells
}

func abs(n int) int { return max(n, -n) }
