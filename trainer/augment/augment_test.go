package augment

import (
	"math"
	"math/rand/v2"
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
	s := Strength{Rotation: 8, Slant: 0.2, Scale: 0.1, Shift: 1, Bend: 1, Weight: 0.3}
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

func BenchmarkImage(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	src, dst := cross(), make([]float32, nn.ImageSize)
	for b.Loop() {
		w := New(rng, Strength{Rotation: 8, Slant: 0.2, Scale: 0.1, Shift: 1, Bend: 1})
		w.Image(dst, src)
	}
}
