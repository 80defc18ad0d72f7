package report

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"rakam/trainer/augment"
	"rakam/trainer/drawn"
	"rakam/wasm/ink"
)

// made is a drawing after the change of that name.
func made(t *testing.T, name string, d ink.Drawing) ink.Drawing {
	t.Helper()
	i := slices.IndexFunc(changes, func(c change) bool { return c.name == name })
	if i < 0 {
		t.Fatalf("there is no change %q", name)
	}
	return changes[i].make(rand.New(rand.NewPCG(1, 1)), d)
}

// TestChanges holds each change to its name, on a stroke to the right, one upwards
// and a dot.
func TestChanges(t *testing.T) {
	right := ink.Stroke{{X: 0, Y: 0}, {X: 10, Y: 0}, {X: 20, Y: 0}, {X: 30, Y: 0}, {X: 100, Y: 0}}
	up := ink.Stroke{{X: 0, Y: 0}, {X: 0, Y: -50}}
	both := ink.Drawing{right, up, {{X: 7, Y: 7}}}
	for name, want := range map[string][2]ink.Point{ // the ends of the two
		"turned-left":   {{X: 93.97, Y: -34.20}, {X: -17.10, Y: -46.98}},
		"turned-right":  {{X: 93.97, Y: 34.20}, {X: 17.10, Y: -46.98}},
		"leaning-left":  {{X: 100}, {X: -20, Y: -50}},
		"leaning-right": {{X: 100}, {X: 20, Y: -50}},
		"narrow":        {{X: 60}, {Y: -50}},
		"wide":          {{X: 166.67}, {Y: -50}},
	} {
		got := made(t, name, both)
		for i, p := range []ink.Point{got[0][4], got[1][1]} {
			if math.Hypot(p.X-want[i].X, p.Y-want[i].Y) > 0.01 {
				t.Errorf("%s: the end of stroke %d is at %v, want %v", name, i, p, want[i])
			}
		}
	}
	if got := made(t, "few-points", both); !reflect.DeepEqual(got, ink.Drawing{{right[0], right[3], right[4]}, up, both[2]}) {
		t.Errorf("few points: %v", got)
	}
	shaky := made(t, "shaky", both)
	if far := distances(shaky, both); far == 0 || far > 5*shake*100 || len(shaky[0]) != 5 {
		t.Errorf("shaky: a point moves by %v", far)
	}
	gap := made(t, "gap", ink.Drawing{up, right})
	if !reflect.DeepEqual(gap[0], up) || math.Abs(lengths(gap)-(50+88)) > 1e-9 {
		t.Errorf("a gap: %v", gap)
	}
	if cut := made(t, "cut-short", ink.Drawing{up, right}); len(cut) != 2 || cut[1][len(cut[1])-1] != (ink.Point{X: 92}) {
		t.Errorf("cut short: %v", cut)
	}
}

func lengths(d ink.Drawing) (sum float64) {
	for _, stroke := range d {
		sum += augment.Length(stroke)
	}
	return sum
}

// distances is how far the point lies that has moved most.
func distances(a, b ink.Drawing) (most float64) {
	for s := range a {
		for i := range a[s] {
			most = max(most, math.Hypot(a[s][i].X-b[s][i].X, a[s][i].Y-b[s][i].Y))
		}
	}
	return most
}

// TestChangesOfLittle: what has no lines is changed too, and stays a drawing.
func TestChangesOfLittle(t *testing.T) {
	for _, d := range []ink.Drawing{{}, {{{X: 3, Y: 4}}}, {{{X: 1, Y: 1}, {X: 1, Y: 1}}, {{X: 5, Y: 5}}}} {
		for _, name := range Changes() {
			if got := made(t, name, d); len(got) != len(d) {
				t.Errorf("%s: %v became %v", name, d, got)
			}
		}
	}
}

// TestEvaluateRobustness counts by hand where a change does nothing to the drawings,
// lines of two points, and elsewhere what must be as the drawings are.
func TestEvaluateRobustness(t *testing.T) {
	set := &drawn.Set{Drawings: []drawn.Drawn{
		{Label: 1, Strokes: upright}, {Label: 7, Strokes: upright}, {Label: 4, Strokes: flat}, {Label: 7, Strokes: slash},
	}}
	file := strokeModel(t)
	all, err := EvaluateRobustness(file, set)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, v := range all {
		names = append(names, v.Change)
		if v.AccuracyInterval != Wilson(int(math.Round(4*v.Accuracy)), 4) {
			t.Errorf("%+v", v)
		}
	}
	if !slices.Equal(names, Changes()) {
		t.Fatalf("measured were %v", names)
	}
	few := all[slices.Index(names, "few-points")]
	if few.Accuracy != 0.75 || few.Refused != 1 {
		t.Errorf("read as they are: %+v", few)
	}
	if again, err := EvaluateRobustness(file, set); err != nil || !reflect.DeepEqual(again, all) {
		t.Errorf("again: %v, %v", again, err)
	}
	var text strings.Builder
	if err := (&Report{Robustness: all}).writeRobustness(&text); err != nil || !strings.Contains(text.String(), "few-points    0.7500  0.3006 to 0.9544        1") {
		t.Errorf("%v: the text is\n%s", err, &text)
	}
	if _, err := EvaluateRobustness(file, &drawn.Set{}); err == nil {
		t.Error("of no drawings there is a robustness")
	}
}
