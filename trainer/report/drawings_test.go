package report

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"rakam/trainer/drawn"
	"rakam/wasm/ink"
	"rakam/wasm/nn"
	"rakam/wasm/reader"
)

// The three drawings of the tests: where their ink is tells them apart.
var (
	upright = ink.Drawing{{{X: 5, Y: 0}, {X: 5, Y: 20}}}
	flat    = ink.Drawing{{{X: 0, Y: 5}, {X: 20, Y: 5}}}
	slash   = ink.Drawing{{{X: 0, Y: 20}, {X: 20, Y: 0}}}
)

// strokeModel says 1 to upright for certain, is not sure between 4 and 9 on flat,
// and says no to slash, though to 7 the least.
func strokeModel(t *testing.T) []byte {
	t.Helper()
	m, err := nn.New(nn.Spec{Input: nn.ImageSize, Layers: []nn.Layer{{Kind: nn.Dense, Units: nn.Classes, Activation: nn.Sigmoid}}})
	if err != nil {
		t.Fatal(err)
	}
	for c := range nn.Classes {
		m.Params[0].Bias[c] = -6
	}
	m.Params[0].Bias[7] = -5
	weigh := func(d, against ink.Drawing, digit int, w float32) {
		image, _ := ink.Render(d)
		other, _ := ink.Render(against)
		for i, v := range image {
			if v == 1 && other[i] == 0 {
				m.Params[0].Weight[i*nn.Classes+digit] = w
				return
			}
		}
		t.Fatal("the drawings have the same ink")
	}
	weigh(upright, flat, 1, 12)
	weigh(flat, upright, 4, 6.2)
	weigh(flat, upright, 9, 6.1)
	file, err := m.Encode(nn.Single)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestEvaluateDrawn counts by hand: what the best guess gets right, whatever the
// verdict, by verdict and by writer.
func TestEvaluateDrawn(t *testing.T) {
	set := &drawn.Set{Name: "mine", Credit: "me", Drawings: []drawn.Drawn{
		{ID: "a", Label: 1, Writer: "ayşe", Strokes: upright}, // a digit, rightly
		{ID: "b", Label: 7, Writer: "ayşe", Strokes: upright}, // a digit, wrongly
		{ID: "c", Label: 4, Writer: "ayşe", Strokes: flat},    // unsure, rightly
		{ID: "d", Label: 9, Writer: "ali", Strokes: flat},     // unsure, wrongly
		{ID: "e", Label: 7, Writer: "ali", Strokes: slash},    // refused, though the guess is right
		{ID: "f", Label: 2, Strokes: slash},                   // refused, by nobody known
	}}
	r, err := EvaluateDrawn(strokeModel(t), set)
	if err != nil {
		t.Fatal(err)
	}
	if r.Dataset != "mine" || r.Credit != "me" || r.Samples != 6 || r.Accuracy != 0.5 || r.AccuracyInterval != Wilson(3, 6) {
		t.Errorf("%s, %s: %v", r.Dataset, r.Credit, r)
	}
	want := map[reader.Verdict]Tally{reader.Digit: {2, 1}, reader.Unsure: {2, 1}, reader.None: {2, 1}}
	if !reflect.DeepEqual(r.Verdicts, want) {
		t.Errorf("verdicts %v, want %v", r.Verdicts, want)
	}
	if r.Confusion[7][7] != 1 || r.Confusion[7][1] != 1 || r.Confusion[9][4] != 1 || r.Confusion[2][7] != 1 {
		t.Errorf("confusion %v", r.Confusion)
	}
	var ids []string
	for _, m := range r.Mistakes {
		ids = append(ids, m.ID)
	}
	if strings.Join(ids, " ") != "b d f" {
		t.Errorf("misread are %v", ids)
	}
	w := r.Writers
	if len(w.Each) != 2 || w.Each[0].Writer != "ali" || w.Each[0].Accuracy != 0.5 || w.Each[1].Samples != 3 || w.Each[1].AccuracyInterval != Wilson(2, 3) {
		t.Fatalf("writers %+v", w)
	}
	if math.Abs(w.Mean-(0.5+2.0/3)/2) > 1e-12 || w.Worst != 1 || w.WorstTenth != 0.5 {
		t.Errorf("writers %+v", w)
	}
	var text strings.Builder
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"writers: mean 58.33 %, the worst tenth (1 of 2) 50.00 %", "unsure        2  33.33      1      1"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, &text)
		}
	}
}

// TestUnasked: of a drawing that the reader refuses without asking the network,
// the guess is still the network's.
func TestUnasked(t *testing.T) {
	set := &drawn.Set{Drawings: []drawn.Drawn{{Label: 7}, {Label: 0}}}
	r, err := EvaluateDrawn(strokeModel(t), set)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Tally{Count: 2, Right: 1}); r.Verdicts[reader.Blank] != want || r.Confusion[7][7] != 1 || r.Confusion[0][7] != 1 {
		t.Errorf("verdicts %v, confusion %v", r.Verdicts, r.Confusion)
	}
}

// TestWorstTenth: of 21 writers it is three.
func TestWorstTenth(t *testing.T) {
	var list []drawn.Drawn
	var right []bool
	for w := range 21 {
		for i := range 20 { // writer a reads 0 of 20, b 1 of 20, …
			list = append(list, drawn.Drawn{Writer: string(rune('a' + w))})
			right = append(right, i < w)
		}
	}
	got := scoreWriters(list, right)
	if got.Worst != 3 || math.Abs(got.WorstTenth-0.05) > 1e-12 || math.Abs(got.Mean-0.5) > 1e-12 {
		t.Errorf("%d of %d: %v; mean %v", got.Worst, len(got.Each), got.WorstTenth, got.Mean)
	}
	if scoreWriters(make([]drawn.Drawn, 2), []bool{true, false}) != nil {
		t.Error("drawings by nobody known have writers")
	}
}

func TestEvaluateOthers(t *testing.T) {
	file := strokeModel(t)
	list := []drawn.Drawn{{Strokes: slash}, {Strokes: slash}, {Strokes: flat}, {Strokes: upright}, {Strokes: slash}}
	o, err := EvaluateOthers(file, list, "scribbles")
	if err != nil {
		t.Fatal(err)
	}
	want := map[reader.Verdict]Tally{reader.Digit: {Count: 1}, reader.Unsure: {Count: 1}, reader.None: {Count: 3}}
	if o.Refused != 0.6 || o.RefusedInterval != Wilson(3, 5) || !reflect.DeepEqual(o.Verdicts, want) || o.Samples != 5 || o.Dataset != "scribbles" {
		t.Errorf("%+v", o)
	}
	var text strings.Builder
	if err := o.WriteText(&text); err != nil || !strings.Contains(text.String(), "refused   60.00 %") || !strings.Contains(text.String(), "none         3  60.00") {
		t.Errorf("%v\n%s", err, &text)
	}
	if _, err := EvaluateOthers(file, nil, ""); err == nil {
		t.Error("nothing was measured")
	}
	if _, err := EvaluateDrawn(file, &drawn.Set{}); err == nil {
		t.Error("nothing was measured")
	}
}

// TestDrawnJSON holds the names that other programs rely on.
func TestDrawnJSON(t *testing.T) {
	set := &drawn.Set{Name: "mine", Credit: "me", Drawings: []drawn.Drawn{{ID: "a", Label: 2, Writer: "w", Strokes: upright}}}
	r, err := EvaluateDrawn(strokeModel(t), set)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(Report{Drawn: r})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"drawn":{"model":`, `"writers":{"mean":0,"worst_tenth":0,"worst":1,"each":[{"writer":"w","samples":1,"accuracy":0,`,
		`"verdicts":{"digit":{"count":1,"right":0}}`, `"credit":"me"`, `"mistakes":[{"index":0,"id":"a","true":2,`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("report.json lacks %s: %s", want, b)
		}
	}
}
