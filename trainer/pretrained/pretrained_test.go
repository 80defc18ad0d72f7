package pretrained

import (
	"encoding/json"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"rakam/trainer/drawn"
	"rakam/trainer/recipe"
	"rakam/trainer/report"
	"rakam/wasm/reader"
)

// TestShipped: every version that ships still loads, still fits the code and
// still scores, number for number, what its report says.
func TestShipped(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		t.Run(v.ID, func(t *testing.T) {
			got, err := report.EvaluateMNIST(v.File)
			if err != nil {
				t.Fatal(err)
			}
			said := *v.Report
			said.Drawn, said.Others, said.Calibration.Before = nil, nil, nil // of what does not ship
			if !reflect.DeepEqual(got, &said) {
				t.Errorf("the file scores %v, its report says %v", got, v.Report)
			}
			checkDrawn(t, v.Report)
			checkRun(t, v)
			if !strings.Contains(string(v.Card), "# "+v.ID) {
				t.Errorf("the card is not that of %s", v.ID)
			}
		})
	}
}

// checkDrawn: every version that ships has a score on drawn digits, of the same
// file, that adds up and names where the drawings are from. They do not ship, so
// the score itself is not measured again.
func checkDrawn(t *testing.T, r *report.Report) {
	d := r.Drawn
	if d == nil {
		t.Fatal("the report has no score on drawn digits: trainer eval --strokes FILE --add")
	}
	if d.ModelSHA256 != r.ModelSHA256 {
		t.Errorf("drawn digits were read by %s, the report is of %s", d.ModelSHA256, r.ModelSHA256)
	}
	if d.Dataset != "pendigits-orig.tra@w25..w30" || d.Credit != drawn.PendigitsCredit || d.Samples != 1498 {
		t.Errorf("%d samples of %q, owed to %q", d.Samples, d.Dataset, d.Credit)
	}
	var changes []string
	for _, v := range d.Robustness {
		changes = append(changes, v.Change)
	}
	if !slices.Equal(changes, report.Changes()) {
		t.Errorf("they were changed in the ways %q: trainer eval --strokes FILE --robustness --add", changes)
	}
	hits, judged, rightly, written := 0, 0, 0, 0
	for c := range d.Confusion {
		hits += d.Confusion[c][c]
	}
	for _, n := range d.Verdicts {
		judged, rightly = judged+n.Count, rightly+n.Right
	}
	for _, w := range d.Writers.Each {
		written += w.Samples
	}
	if judged != d.Samples || written != d.Samples || rightly != hits || hits != d.Samples-len(d.Mistakes) {
		t.Errorf("of %d samples %d have a verdict and %d a writer; %d or %d are right, %d wrong", d.Samples, judged, written, hits, rightly, len(d.Mistakes))
	}
}

// checkRun holds a version against the recipe it says it comes from.
func checkRun(t *testing.T, v Version) {
	var said recipe.Recipe
	if err := json.Unmarshal([]byte(v.Model.Meta.Recipe), &said); err != nil {
		t.Fatal(err)
	}
	named, err := recipe.Find(v.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(said, named) || !v.Model.Spec.Equal(named.Model()) {
		t.Errorf("trained with %s, the recipe is now %s", said.JSON(), named.JSON())
	}
	if len(v.History) != named.Epochs {
		t.Errorf("history of %d epochs, the recipe has %d", len(v.History), named.Epochs)
	}
	near := 0.001 // half precision may move a few answers
	if named.Holdout > 0 {
		near = 0.005 // the history is of other digits than the report
	}
	if last := v.History[len(v.History)-1]; math.Abs(last.ValAccuracy-v.Report.Accuracy) > near {
		t.Errorf("the last epoch scored %v, the report says %v", last.ValAccuracy, v.Report.Accuracy)
	}
}

// TestTrainedOn: best learned from all drawings of its 24 writers, as README says.
func TestTrainedOn(t *testing.T) {
	if v, err := Find("best"); err != nil || !strings.Contains(string(v.Card), "trained on 5996 drawings") {
		t.Errorf("the card does not say 5,996 drawings (%v): %s", err, v.Card)
	}
}

// TestSeen: the drawings that best was trained on tell nothing about what learns from it.
func TestSeen(t *testing.T) {
	set := &drawn.Set{Drawings: []drawn.Drawn{
		{ID: "pendigits/tra/1", Writer: "w01"}, {ID: "pendigits/tra/2", Writer: "w24"}, {ID: "pendigits/tra/3", Writer: "w25"},
		{ID: "pendigits/tes/1", Writer: "tes-w01"}, {ID: "mine", Writer: "w01"},
	}}
	for _, x := range []struct {
		recipe recipe.Recipe
		set    *drawn.Set
		want   int
	}{
		{recipe.Recipe{Start: "best"}, set, 2},
		{recipe.Recipe{Teacher: "best"}, set, 2},
		{recipe.Recipe{}, set, 0},
		{recipe.Recipe{Start: "best"}, nil, 0},
	} {
		if got := Seen(x.recipe, x.set); got != x.want {
			t.Errorf("start %q, teacher %q: %d seen, want %d", x.recipe.Start, x.recipe.Teacher, got, x.want)
		}
	}
	rule, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	if want := "--strokes $(STROKES)@" + firstWriter + ".." + lastWriter; !strings.Contains(string(rule), want) {
		t.Errorf("the Makefile does not train with %s", want)
	}
}

// TestFloors: what ships does not fall behind what was reached, whoever trains it
// again. The tutorial reported 97.96 %.
func TestFloors(t *testing.T) {
	for id, floor := range map[string]struct{ test, drawn, ece, refused, digitsRefused float64 }{
		"seed":  {0.9796, 0.90, 0.01, 0, 0.02},
		"limit": {0.992, 0.985, 0.01, 0.75, 0.01},
		"best":  {0.997, 0.99, 0.01, 0.95, 0.01},
	} {
		v, err := Find(id)
		if err != nil {
			t.Fatal(err)
		}
		r := v.Report
		if r.Accuracy < floor.test || r.Drawn.Accuracy < floor.drawn || r.Calibration.ECE > floor.ece {
			t.Errorf("%s: test %v, drawn %v, calibration error %v; the floors are %+v", id, r.Accuracy, r.Drawn.Accuracy, r.Calibration.ECE, floor)
		}
		if r.Others == nil || r.Others.ModelSHA256 != r.ModelSHA256 || r.Others.Refused < floor.refused {
			t.Errorf("%s: of drawings that are no digits it refuses %+v, want %v", id, r.Others, floor.refused)
		}
		refused := 0
		for verdict, n := range r.Drawn.Verdicts {
			if verdict != reader.Digit && verdict != reader.Unsure {
				refused += n.Count
			}
		}
		if share := float64(refused) / float64(r.Drawn.Samples); share > floor.digitsRefused {
			t.Errorf("%s refuses %v of drawn digits, want at most %v", id, share, floor.digitsRefused)
		}
		if len(v.File) >= 2_000_000 {
			t.Errorf("the weights of %s take %d bytes, want under 2 MB", id, len(v.File))
		}
	}
}

// TestSeedIsTheTutorials: its architecture, and a confusion matrix of all images.
func TestSeedIsTheTutorials(t *testing.T) {
	seed, err := Find("seed")
	if err != nil {
		t.Fatal(err)
	}
	if seed.Model.Spec.String() != "784-512-128-10" {
		t.Errorf("the seed is %v", seed.Model.Spec)
	}
	sum := 0
	for _, row := range seed.Report.Confusion {
		for _, n := range row {
			sum += n
		}
	}
	if sum != 10_000 {
		t.Errorf("the confusion matrix sums to %d", sum)
	}
}
