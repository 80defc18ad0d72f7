package augment

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"rakam/wasm/ink"
	"rakam/wasm/nn"
)

func cross() []float32 {
	image := make([]float32, nn.ImageSize)
	for i := 6; i < 22; i++ {
		image[14*28+i], image[i*28+10] = 1, 1
	}
	return image
}

// TestNothing: no strength, no change.
func TestNothing(t *testing.T) {
	w := New(rand.New(rand.NewPCG(1, 1)), Strength{})
	got := make([]float32, nn.ImageSize)
	w.Image(got, cross())
	if !slices.Equal(got, cross()) {
		t.Error("the image changed")
	}
	d := ink.Drawing{{{X: 3, Y: 4}, {X: 30, Y: 90}}, {{X: 10, Y: 20}}}
	before, _ := ink.Render(d)
	after, _ := ink.Render(w.Drawing(d))
	for i := range before {
		if math.Abs(float64(before[i]-after[i])) > 1e-5 {
			t.Fatalf("pixel %d of the drawing's image: %v → %v", i, before[i], after[i])
		}
	}
}

// TestDirections: what a warp of a known kind does to a known image.
func TestDirections(t *testing.T) {
	shifted := make([]float32, nn.ImageSize)
	(&Warp{xx: 1, yy: 1, dx: 2}).Image(shifted, cross())
	if shifted[14*28+4] != 1 || shifted[14*28+20] != 0 || shifted[20*28+8] != 1 {
		t.Error("what comes from two pixels to the right should have moved to the left")
	}
	large := make([]float32, nn.ImageSize)
	(&Warp{xx: 0.5, yy: 0.5}).Image(large, cross())
	if sum(large) < 2*sum(cross()) {
		t.Errorf("taken from half as far the ink grows from %v to %v only", sum(cross()), sum(large))
	}
}

func sum(x []float32) (s float64) {
	for _, v := range x {
		s += float64(v)
	}
	return s
}

// TestBounds: whatever is drawn, ink stays between 0 and 1 and mostly stays, and
// the same state of the generator gives the same image.
func TestBounds(t *testing.T) {
	s := Strength{Rotation: 8, Slant: 0.2, Scale: 0.1, Shift: 1, Bend: 1, Weight: 0.3, Blur: 0.5}
	for seed := range uint64(200) {
		var images [2][]float32
		for k := range images {
			w := New(rand.New(rand.NewPCG(seed, 0)), s)
			images[k] = make([]float32, nn.ImageSize)
			w.Image(images[k], cross())
		}
		if !slices.Equal(images[0], images[1]) {
			t.Fatal("the same state, another image")
		}
		if low, high := slices.Min(images[0]), slices.Max(images[0]); low < 0 || high > 1 {
			t.Fatalf("seed %d: ink of %v to %v", seed, low, high)
		}
		if ratio := sum(images[0]) / sum(cross()); ratio < 0.4 || ratio > 2.8 {
			t.Errorf("seed %d: %.2f times as much ink", seed, ratio)
		}
	}
}

// TestDrawing: strokes keep their number and their points, and a dot stays one.
func TestDrawing(t *testing.T) {
	w := New(rand.New(rand.NewPCG(3, 3)), Strength{Rotation: 8, Slant: 0.2, Bend: 1})
	for _, d := range []ink.Drawing{{}, {{{X: 5, Y: 5}}}, {{{X: 0, Y: 0}, {X: 0, Y: 100}}, {{X: 9, Y: 50}}}} {
		got := w.Drawing(d)
		if len(got) != len(d) {
			t.Fatalf("%d strokes of %d", len(got), len(d))
		}
		for i := range d {
			if len(got[i]) != len(d[i]) {
				t.Errorf("stroke %d has %d points, had %d", i, len(got[i]), len(d[i]))
			}
			for _, p := range got[i] {
				if math.IsNaN(p.X + p.Y) {
					t.Errorf("a point became %v", p)
				}
			}
		}
	}
}

// TestValues: every strength is among the values that a recipe checks.
func TestValues(t *testing.T) {
	if n, want := len(Strength{}.Values()), reflect.TypeFor[Strength]().NumField(); n != want {
		t.Errorf("%d values of %d", n, want)
	}
}

// TestWeight: strokes become heavier or lighter, and ink stays between 0 and 1.
func TestWeight(t *testing.T) {
	for weight, ratio := range map[float32]float64{0.5: 2, -1: 0.5, 5: 3} {
		image := make([]float32, nn.ImageSize)
		w := New(rand.New(rand.NewPCG(1, 1)), Strength{})
		w.weight = weight
		w.Image(image, cross()) // lines of one pixel, between paper on both sides
		if got := sum(image) / sum(cross()); math.Abs(got-ratio) > 0.1*ratio {
			t.Errorf("weight %v: %.2f times as much ink, want about %v", weight, got, ratio)
		}
		if low, high := slices.Min(image), slices.Max(image); low < 0 || high > 1 {
			t.Errorf("weight %v: ink of %v to %v", weight, low, high)
		}
	}
}

// TestHeavierDrawing: the strokes of a drawing become heavier by what the weight says on
// each side, whatever their direction and without a hole, never lighter, and a dot stays one.
func TestHeavierDrawing(t *testing.T) {
	w := New(rand.New(rand.NewPCG(1, 1)), Strength{})
	for _, weight := range []float32{-1, 0, 0.5, 1.5, 2 * MostWeight} {
		w.weight = weight
		by := max(float64(weight), 0)
		grown := 2 * by * (ink.Box - ink.Pen) / (20 + 2*by) // what is 20 pixels without its pen, and the weight, are made to fit
		bar := ink.Drawing{{{X: 0, Y: 0}, {X: 60, Y: 0}}}
		for name, c := range map[string]struct{ cos, sin, share float64 }{ // of six around a line
			"lying": {1, 0, math.Sqrt(3) / 2}, "upright": {0, 1, 1},
		} {
			turned := ink.Drawing{{bar[0][0], {X: 60 * c.cos, Y: 60 * c.sin}}}
			image, info := ink.Render(w.Drawing(turned))
			want := ink.Pen + grown*c.share
			if got := min(info.Width, info.Height); math.Abs(got-want) > 0.15 {
				t.Errorf("weight %v: a %s stroke is %.2f pixels heavy, want about %.2f", weight, name, got, want)
			}
			across := 0.0 // ink in the column or row in the middle
			for k := range ink.Side {
				at := k*ink.Side + ink.Side/2
				if name == "upright" {
					at = ink.Side/2*ink.Side + k
				}
				across += float64(image[at])
			}
			if math.Abs(across-want) > 0.2 {
				t.Errorf("weight %v: of %.2f pixels across a %s stroke %.2f are inked", weight, want, name, across)
			}
		}
		below := ink.Drawing{bar[0], {{X: 30, Y: 60}}} // a dot below the middle
		image, info := ink.Render(w.Drawing(below))
		p := (&Warp{xx: 1, yy: 1}).Drawing(below)[1][0]
		if at := int(p.Y*info.Scale+info.Offset.Y)*ink.Side + int(p.X*info.Scale+info.Offset.X); image[at] < 1-1e-6 {
			t.Errorf("weight %v: the middle of a dot has %v ink", weight, image[at])
		}
	}
	dot := ink.Drawing{{{X: 5, Y: 5}}}
	if got := w.Drawing(dot); len(got) != 1 {
		t.Errorf("a dot became %v", got)
	}
}

// TestBlur: a dot becomes a Gaussian of that deviation, ink is kept and full ink stays
// full.
func TestBlur(t *testing.T) {
	for _, deviation := range []float64{1e-3, 0.3, 0.6} { // beyond that the two pixels show
		image := make([]float32, nn.ImageSize)
		image[10*28+20] = 1
		Blur(image, deviation)
		var all, across, down float64
		for i, v := range image {
			x, y := float64(i%28-20), float64(i/28-10)
			all, across, down = all+float64(v), across+float64(v)*x*x, down+float64(v)*y*y
		}
		peak := 1 / (1 + 2*math.Exp(-1/(2*deviation*deviation)) + 2*math.Exp(-4/(2*deviation*deviation)))
		if math.Abs(all-1) > 1e-6 || math.Abs(float64(image[10*28+20])-peak*peak) > 1e-6 || math.Abs(across-down) > 1e-6 {
			t.Errorf("deviation %v: %v of ink, %v at its place, spread %v across and %v down", deviation, all, image[10*28+20], across, down)
		}
		if deviation > 0.5 && math.Abs(math.Sqrt(across)-deviation) > 0.03 {
			t.Errorf("deviation %v: it is spread by %v", deviation, math.Sqrt(across))
		}
	}
	full := make([]float32, nn.ImageSize)
	for i := range full {
		full[i] = 1
	}
	Blur(full, 0.7)
	if full[14*28+14] < 1-1e-6 || slices.Max(full) > 1 {
		t.Errorf("full ink became %v in the middle and %v at most", full[14*28+14], slices.Max(full))
	}
	for _, at := range []int{14 * 28, 14*28 + 27, 14, 27*28 + 14} {
		if full[at] > 0.8 { // beyond the edge is paper
			t.Errorf("full ink became %v at the edge", full[at])
		}
	}
	for _, none := range []float64{0, -1} {
		image := cross()
		if Blur(image, none); !slices.Equal(image, cross()) {
			t.Errorf("a blur of %v changes the image", none)
		}
	}
}

func BenchmarkImage(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	src, dst := cross(), make([]float32, nn.ImageSize)
	for b.Loop() {
		w := New(rng, Strength{Rotation: 8, Slant: 0.2, Scale: 0.1, Shift: 1, Bend: 1, Weight: 0.3, Blur: 0.5})
		w.Image(dst, src)
	}
}
