package ink

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestWithoutUsablePointsTheImageIsBlank(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, d := range map[string]Drawing{
		"nil":              nil,
		"empty strokes":    {{}, nil, {}},
		"not a number":     {{{nan, nan}, {1, nan}}, {{nan, 2}}},
		"infinite":         {{{inf, 0}, {0, -inf}}},
		"and both at once": {{}, {{inf, nan}}},
	} {
		img, info := Render(d)
		if !info.Blank || img != (Image{}) {
			t.Errorf("%s: Blank is %v, the image has ink: %v", name, info.Blank, img != (Image{}))
		}
	}
}

func TestUnusablePointsAreDropped(t *testing.T) {
	want, _ := Render(Drawing{{{0, 0}, {5, 9}}})
	got, info := Render(Drawing{
		{{math.NaN(), 3}},
		{{0, 0}, {math.Inf(-1), 2}, {5, 9}, {5, math.NaN()}},
	})
	if got != want {
		t.Errorf("the image differs by %v from that of the two usable points", largestDifference(got, want))
	}
	if info.Dropped != 3 || info.Points != 2 || info.Strokes != 1 {
		t.Errorf("dropped %d, kept %d points in %d strokes; want 3, 2, 1", info.Dropped, info.Points, info.Strokes)
	}
}

func TestADotStaysADot(t *testing.T) {
	want, info := Render(Drawing{{{0, 0}}})
	if info.Blank || info.Scale != 0 || info.Width != Pen || info.Height != Pen {
		t.Errorf("a dot is described as %+v", info)
	}
	for name, d := range map[string]Drawing{
		"elsewhere":            {{{300, -40}}},
		"pen held still":       {{{3, 3}, {3, 3}, {3, 3}}},
		"tapped twice":         {{{3, 3}}, {{3, 3}}},
		"far away":             {{{1e300, -1e300}}},
		"the rounding of far":  {{{1e9, 1e9}, {math.Nextafter(1e9, 0), 1e9}}},
		"as small as can be":   {{{0, 0}, {5e-324, 5e-324}}},
		"too small to divide":  {{{0, 0}, {1e-305, 0}}},
		"with points dropped":  {{{1, 1}, {math.NaN(), 1}}},
		"at the end of floats": {{{math.MaxFloat64, math.MaxFloat64}}},
	} {
		got, info := Render(d)
		if got != want || info.Scale != 0 {
			t.Errorf("%s: scale %v, differs by %v from a dot", name, info.Scale, largestDifference(got, want))
		}
	}
	if left, top, right, bottom := inked(want); right-left > 3 || bottom-top > 3 {
		t.Errorf("a dot covers columns %d to %d, rows %d to %d", left, right, top, bottom)
	}
}

func TestAStraightLineFillsTheBoxAtAnyScale(t *testing.T) {
	want, _ := Render(figures["one"])
	for _, extent := range []float64{1e-280, 1e-6, 1, 12, 5e4, 1e200, math.MaxFloat64} {
		got, _ := Render(Drawing{{{0, -extent / 2}, {0, extent / 2}}})
		if worst := largestDifference(got, want); worst > 0 {
			t.Errorf("a line of length %g differs by %v", extent, worst)
		}
	}
}

func TestHugeCoordinatesDoNotOverflow(t *testing.T) {
	const most = math.MaxFloat64
	for name, d := range map[string]Drawing{
		"corner to corner":    {{{-most, -most}, {most, most}}},
		"one point far out":   {{{0, 0}, {10, 40}, {1e300, 0}, {20, 80}}},
		"uneven":              {{{-most, 3}, {most / 2, most}}},
		"far with a tiny box": {{{1e300, 1e300}, {1e300 * (1 + 1e-9), 1e300}}},
	} {
		img, info := Render(d)
		left, top, right, bottom := inked(img)
		if max(right-left, bottom-top)+1 != Box {
			t.Errorf("%s: ink in columns %d to %d, rows %d to %d, want a longer side of %d", name, left, right, top, bottom, Box)
		}
		requireSound(t, img, info)
	}
}

func TestLeastKeepsSmallDrawingsSmall(t *testing.T) {
	r := Renderer{Least: 50}
	tick := Drawing{{{100, 100}, {103, 105}}}
	img, info := r.Render(tick)
	if left, top, right, bottom := inked(img); right-left > 4 || bottom-top > 5 {
		t.Errorf("a tick of 5 units among 50 covers columns %d to %d, rows %d to %d", left, right, top, bottom)
	}
	if want := (Box - Pen) / 50; math.Abs(info.Scale-want) > 1e-12 {
		t.Errorf("its scale is %v, want that of a drawing of 50 units, %v", info.Scale, want)
	}
	got, _ := r.Render(handwriting())
	if want, _ := Render(handwriting()); got != want {
		t.Errorf("a drawing larger than Least differs by %v", largestDifference(got, want))
	}
	for _, least := range []float64{-1, math.NaN(), math.Inf(1)} {
		r := Renderer{Least: least}
		got, _ := r.Render(tick)
		if want, _ := Render(tick); got != want {
			t.Errorf("Least %v changes an image", least)
		}
	}
}

func TestARendererForgets(t *testing.T) {
	var r Renderer
	for _, name := range []string{"zero", "dot", "seven", "one", "zero"} {
		got, _ := r.Render(figures[name])
		if want, _ := Render(figures[name]); got != want {
			t.Errorf("%s: a used renderer differs by %v from a new one", name, largestDifference(got, want))
		}
	}
}

// dense resamples a drawing with n points a stroke.
func dense(d Drawing, n int) Drawing {
	out := make(Drawing, len(d))
	for k, s := range d {
		for i := range n {
			at := float64(i) / float64(n-1) * float64(len(s)-1)
			j := min(int(at), len(s)-2)
			f := at - float64(j)
			out[k] = append(out[k], Point{s[j].X + f*(s[j+1].X-s[j].X), s[j].Y + f*(s[j+1].Y-s[j].Y)})
		}
	}
	return out
}

func scatter(strokes, points int) Drawing {
	random := rand.New(rand.NewPCG(1, 2))
	d := make(Drawing, strokes)
	for i := range d {
		for range points {
			d[i] = append(d[i], Point{random.Float64(), random.Float64()})
		}
	}
	return d
}

func TestManyPointsAreThinned(t *testing.T) {
	want, _ := Render(figures["two"])
	got, info := Render(dense(figures["two"], 100_000))
	// Leaving out what is nearer than 1/32 pixel cuts corners by that much.
	if worst := largestDifference(got, want); worst > near {
		t.Errorf("100,000 points on the same lines differ by %v", worst)
	}
	if info.Points > maxPoints+1 || info.Points+info.Thinned != 100_000 {
		t.Errorf("%d points drawn, %d thinned, of 100,000", info.Points, info.Thinned)
	}
	// The pen rests for 100,000 points in the middle of a stroke: not one of
	// the few that make its form may be lost.
	rested := append(Stroke{{50, 0}, {0, 60}}, make(Stroke, 100_000)...)
	for i := range rested[2:] {
		rested[i+2] = Point{0, 60}
	}
	rested = append(rested, Point{70, 60})
	four, _ := Render(Drawing{rested, figures["four"][1]})
	if want, _ := Render(figures["four"]); four != want {
		t.Errorf("a pen at rest changes the image by %v", largestDifference(four, want))
	}
	for _, d := range []Drawing{scatter(1, 100_000), scatter(100_000, 1), scatter(30_000, 3)} {
		img, info := Render(d)
		if drawn := info.Points; drawn > 3*maxPoints {
			t.Errorf("%d points drawn of a scribble", drawn)
		}
		requireSound(t, img, info)
	}
}

// requireSound checks what holds for any drawing: pixels and numbers in range.
func requireSound(t *testing.T, img Image, info Info) {
	t.Helper()
	ink := false
	for i, v := range img {
		if !(v >= 0 && v <= 1) {
			t.Fatalf("pixel %d is %v", i, v)
		}
		ink = ink || v > 0
	}
	if ink == info.Blank {
		t.Fatalf("Blank is %v, but ink is %v", info.Blank, ink)
	}
	for _, v := range []float64{info.Min.X, info.Min.Y, info.Max.X, info.Max.Y, info.Scale, info.Offset.X, info.Offset.Y,
		info.Width, info.Height, info.Length, info.Area, info.Mass.X, info.Mass.Y} {
		if v-v != 0 {
			t.Fatalf("Info has a value that is not a finite number: %+v", info)
		}
	}
	if info.Width > Box+1e-6 || info.Height > Box+1e-6 || info.Scale < 0 {
		t.Fatalf("Info has a size out of range: %+v", info)
	}
}
