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
	"rakam/wasm/nn"
	"rakam/wasm/reader"
)

// made is a drawing after the change of that name.
func made(t *testing.T, name string, d ink.Drawing) ink.Drawing {
	t.Helper()
	i := slices.IndexFunc(changes, func(c change) bool { return c.name == name })
	if i < 0 {
		t.Fatalf("there is no change %q", name)
	}
	return changes[i].apply(rand.New(rand.NewPCG(1, 1)), d)
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
		"leaning-left":  {{X: 100}, {X: -18.20, Y: -50}},
		"leaning-right": {{X: 100}, {X: 18.20, Y: -50}},
		"narrow":        {{X: 60}, {Y: -50}},
		"wide":          {{X: 160}, {Y: -50}},
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
	gap := made(t, "gap", ink.Drawing{right, up})
	if len(gap) != 3 || gap[0][0] != right[0] || !reflect.DeepEqual(gap[2], up) || !(math.Abs(lengths(gap)-(88+50)) < 1e-9) {
		t.Errorf("a gap: %v", gap)
	}
	if cut := made(t, "cut-short", ink.Drawing{up, right}); len(cut) != 2 || cut[1][len(cut[1])-1] != (ink.Point{X: 92}) {
		t.Errorf("cut short: %v", cut)
	}
	over := made(t, "gone-over", ink.Drawing{right, up})
	if len(over) != 6 || !reflect.DeepEqual(over[:2], ink.Drawing{right, up}) {
		t.Fatalf("gone over: %v", over)
	}
	if reflect.DeepEqual(over[2], over[4]) {
		t.Errorf("gone over twice in the same place: %v", over)
	}
	for s, stroke := range over[2:] {
		first := over[s%2]
		x, y := stroke[0].X-first[0].X, stroke[0].Y-first[0].Y
		if math.Abs(math.Hypot(x, y)-8) > 1e-9 { // of 100
			t.Errorf("gone over, the line drawn again is %v", stroke)
		}
		for i, p := range stroke {
			if math.Hypot(p.X-first[i].X-x, p.Y-first[i].Y-y) > 1e-9 {
				t.Errorf("gone over, point %d of the line drawn again is %v", i, p)
			}
		}
	}
}

// TestBlurred: the image of a drawing is blurred by what the change says, not its strokes.
func TestBlurred(t *testing.T) {
	c := changes[slices.Index(Changes(), "blurred")]
	if got := c.apply(nil, flat); !reflect.DeepEqual(got, flat) {
		t.Errorf("the drawing became %v", got)
	}
	image := make([]float32, nn.ImageSize)
	image[10*28+10] = 1
	c.image(image, c.amount)
	side := math.Exp(-1 / (2 * c.amount * c.amount))
	if got := float64(image[10*28+11] / image[10*28+10]); math.Abs(got-side) > 1e-6 {
		t.Errorf("beside a dot is %v of its ink, want %v", got, side)
	}
}

// TestShaky: of a long line the points go astray by five hundredths of it, to both
// sides and along, neighbours together, and another line in another way.
func TestShaky(t *testing.T) {
	var line ink.Stroke
	for i := range 601 {
		line = append(line, ink.Point{X: float64(i)})
	}
	got := made(t, "shaky", ink.Drawing{line, line})
	if reflect.DeepEqual(got[0], got[1]) {
		t.Error("both lines go astray alike")
	}
	var along, across float64
	const lines = 400
	many := make(ink.Drawing, lines)
	for s := range many {
		many[s] = line
	}
	for _, stroke := range made(t, "shaky", many) {
		for i, p := range stroke {
			if i%100 == 0 && i < 600 { // where it goes astray; between those less
				along += (p.X - float64(i)) * (p.X - float64(i)) / (6 * lines)
				across += p.Y * p.Y / (6 * lines)
			}
			if i > 0 && math.Hypot(p.X-stroke[i-1].X-1, p.Y-stroke[i-1].Y) > 600*0.05*8/100 {
				t.Fatalf("the line breaks at %d: %v, %v", i, stroke[i-1], p)
			}
		}
	}
	for _, deviation := range []float64{math.Sqrt(along), math.Sqrt(across)} {
		if deviation < 28 || deviation > 32 { // 600 · 0.05, within three times the error of 2,400 of them
			t.Errorf("the points go astray by %v", deviation)
		}
	}
}

func lengths(d ink.Drawing) (sum float64) {
	for _, stroke := range d {
		sum += augment.Length(stroke)
	}
	return sum
}

// TestChangesOfLittle: what has no lines stays a drawing of as many strokes, or is gone
// over, with points that can be drawn.
func TestChangesOfLittle(t *testing.T) {
	for _, d := range []ink.Drawing{{}, {{{X: 3, Y: 4}}}, {{{X: 1, Y: 1}, {X: 1, Y: 1}}, {{X: 5, Y: 5}}}} {
		for _, name := range Changes() {
			got := made(t, name, d)
			want := len(d)
			if name == "gone-over" {
				want *= passes
			}
			if len(got) != want {
				t.Errorf("%s: %v became %v", name, d, got)
			}
			for _, stroke := range got {
				for _, p := range stroke {
					if p.X-p.X != 0 || p.Y-p.Y != 0 || len(stroke) == 0 {
						t.Errorf("%s: %v became %v", name, d, got)
					}
				}
			}
		}
	}
}

// TestEvaluateRobustness counts by hand. Few points leave these drawings, of two
// points each, as they are; two of them are upright ones that lean to the right.
func TestEvaluateRobustness(t *testing.T) {
	leaning := ink.Drawing{{{X: 5 + 20*math.Tan(20*math.Pi/180), Y: 0}, {X: 5, Y: 20}}}
	set := &drawn.Set{Drawings: []drawn.Drawn{
		{Label: 1, Strokes: upright}, {Label: 7, Strokes: upright}, {Label: 4, Strokes: flat}, {Label: 7, Strokes: slash},
		{Label: 1, Strokes: leaning}, {Label: 1, Strokes: leaning},
	}}
	file := strokeModel(t)
	all, err := EvaluateRobustness(file, set)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, v := range all {
		names = append(names, v.Change)
		if v.AccuracyInterval != Wilson(int(math.Round(6*v.Accuracy)), 6) || v.Amount == 0 {
			t.Errorf("%+v", v)
		}
	}
	if !slices.Equal(names, Changes()) {
		t.Fatalf("measured were %v", names)
	}
	as := func(name string) Variation { return all[slices.Index(names, name)] }
	r, err := EvaluateDrawn(file, set)
	if err != nil {
		t.Fatal(err)
	}
	r.Robustness = all
	plain, few := r.Unchanged(), as("few-points")
	if plain.Accuracy != 0.5 || plain.Refused != 3 || few.Accuracy != plain.Accuracy || few.Refused != plain.Refused {
		t.Errorf("read as they are: %+v, %+v", plain, few)
	}
	// Both that leaned are upright now and read; the upright ones lean and are no more,
	// which is right of the one that is a 7, as every drawing is that the model does not know.
	if left := as("leaning-left"); left.Accuracy != 5.0/6 {
		t.Errorf("leaning to the left: %+v", left)
	}
	m, err := nn.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	away := change{name: "away", amount: 1, image: func(image []float32, amount float64) { clear(image[:int(amount)*len(image)]) }}
	if v := away.measure(m, set.Drawings); v.Refused != 6 || v.Change != "away" {
		t.Errorf("without their images: %+v", v)
	}
	// Two digits beside each other are several, whatever is done to their image.
	two := []drawn.Drawn{{Label: 1, Strokes: append(augment.Moved(upright, 20, 0), upright...)}}
	as1 := change{name: "one", image: func(image []float32, _ float64) { one, _ := ink.Render(upright); copy(image, one[:]) }}
	if _, verdicts := readAll(m, two, nil); verdicts[0] != reader.Several {
		t.Fatalf("two digits are %q", verdicts[0])
	}
	if v := as1.measure(m, two); v.Refused != 1 {
		t.Errorf("two digits with another image: %+v", v)
	}
	if again, err := EvaluateRobustness(file, set); err != nil || !reflect.DeepEqual(again, all) {
		t.Errorf("again: %v, %v", again, err)
	}
	var text strings.Builder
	if err := r.writeRobustness(&text); err != nil || !strings.Contains(text.String(), "few-points    0.5000  0.1876 to 0.8124        3") || !strings.Contains(text.String(), " unchanged ") {
		t.Errorf("%v: the text is\n%s", err, &text)
	}
	if _, err := EvaluateRobustness(file, &drawn.Set{}); err == nil {
		t.Error("of no drawings there is a robustness")
	}
}
