package ink

import (
	"math"
	"slices"
	"testing"
)

// figures are drawings in several units whose images are kept in testdata.
var figures = map[string]Drawing{
	"dot":        {{{7, 7}}},
	"one":        {{{10, 0}, {10, 300}}},
	"minus":      {{{-4, 2}, {4, 2}}},
	"diagonal":   {{{0, 0}, {1, 1}}},
	"seven":      {{{0, 0}, {60, 0}, {20, 100}}, {{10, 50}, {50, 50}}},
	"four":       {{{50, 0}, {0, 60}, {70, 60}}, {{50, 30}, {50, 100}}},
	"zero":       {ring(200, 40, 60, 60)},
	"slash zero": {ring(0.5, 0.3, 0.5, 40), {{0.25, 0.95}, {0.75, 0.05}}},
	"two":        {{{10, 30}, {20, 10}, {45, 2}, {65, 15}, {66, 35}, {40, 70}, {5, 100}, {30, 96}, {75, 100}}},
	"i":          {{{5, 30}, {5, 100}}, {{5, 0}}},
	"far mass":   {scribble(), {{0, 0}, {100, 0}}},
}

// ring is an ellipse around (c, c), closed.
func ring(c, rx, ry float64, n int) Stroke {
	var s Stroke
	for i := range n + 1 {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		s = append(s, Point{c + rx*sin, c - ry*cos})
	}
	return s
}

// scribble fills the left end of "far mass" so heavily that centring it on its
// mass would push the right end out of the image.
func scribble() Stroke {
	var s Stroke
	for y := -40.0; y <= 40; y += 4 {
		s = append(s, Point{0, y}, Point{8, y + 2})
	}
	return s
}

// handwriting is a "2" of 60 points with the tremor of a hand, in CSS pixels.
func handwriting() Drawing {
	var s Stroke
	for i := range 60 {
		t := float64(i) / 59
		x := 150 + 80*math.Sin(5*t)*(1-t*t) + 120*max(0, t-0.6)
		y := 60 + 260*t*t*(3-2*t)
		s = append(s, Point{x + math.Sin(40*t), y + math.Cos(31*t)})
	}
	return Drawing{s}
}

func transform(d Drawing, f func(Point) Point) Drawing {
	out := make(Drawing, len(d))
	for i, s := range d {
		for _, p := range s {
			out[i] = append(out[i], f(p))
		}
	}
	return out
}

// largestDifference between two images, over all pixels.
func largestDifference(a, b Image) float64 {
	worst := 0.0
	for i := range a {
		worst = max(worst, math.Abs(float64(a[i]-b[i])))
	}
	return worst
}

// inked is the box of the pixels with ink: first and last column and row.
func inked(img Image) (left, top, right, bottom int) {
	left, top, right, bottom = Side, Side, -1, -1
	for i, v := range img {
		if v > 0 {
			left, right = min(left, i%Side), max(right, i%Side)
			top, bottom = min(top, i/Side), max(bottom, i/Side)
		}
	}
	return left, top, right, bottom
}

func massOf(img Image) Point {
	var sum, x, y float64
	for i, v := range img {
		sum += float64(v)
		x += float64(v) * float64(i%Side)
		y += float64(v) * float64(i/Side)
	}
	return Point{x / sum, y / sum}
}

func TestGeometryIsThatOfMNIST(t *testing.T) {
	for name, d := range figures {
		img, info := Render(d)
		left, top, right, bottom := inked(img)
		longer := max(right-left, bottom-top) + 1
		if want := Box; name != "dot" && longer != want {
			t.Errorf("%s: the longer side of the ink is %d pixels, want %d", name, longer, want)
		}
		if peak := slices.Max(img[:]); peak != 1 {
			t.Errorf("%s: the darkest pixel is %v, want 1", name, peak)
		}
		m := massOf(img)
		if name != "far mass" && (math.Abs(m.X-14) > 0.5 || math.Abs(m.Y-14) > 0.5) {
			t.Errorf("%s: the centre of mass is %v, want (14, 14) ± 0.5", name, m)
		}
		if got := max(info.Width, info.Height); name != "dot" && math.Abs(got-Box) > 1e-9 {
			t.Errorf("%s: Info says the longer side is %v, want %d", name, got, Box)
		}
	}
}

func TestInkStaysInsideTheImage(t *testing.T) {
	img, info := Render(figures["far mass"])
	left, _, right, _ := inked(img)
	if left != 8 || right != 27 {
		t.Errorf("the ink goes from column %d to %d, want all 20 columns at the right edge, 8 to 27", left, right)
	}
	if ideal := int(math.Floor(14 - info.Mass.X + 0.5)); ideal <= info.Left {
		t.Errorf("the mass asks for column %d, not beyond %d: the figure tests nothing", ideal, info.Left)
	}
}

func TestCoverageIsThatOfTheUnionOfRoundLines(t *testing.T) {
	for name, d := range figures {
		img, info := Render(d)
		worst := largestDifference(img, byDistance(d, info))
		t.Logf("%-10s largest difference from 24×24 samples by distance: %.4f", name, worst)
		// 16×16 samples miss an upright edge by at most 1/32, 24×24 by 1/48.
		if worst > 1.0/32+1.0/48 {
			t.Errorf("%s: a pixel differs by %.4f", name, worst)
		}
	}
}

// byDistance renders d by the definition: a sample has ink when it is within
// half a pen of any segment.
func byDistance(d Drawing, info Info) (img Image) {
	const n = 24
	place := func(p Point) Point {
		return Point{p.X*info.Scale + info.Offset.X, p.Y*info.Scale + info.Offset.Y}
	}
	peak := float32(0)
	for i := range img {
		hits := 0
		if away := distance(d, Point{float64(i%Side) + 0.5, float64(i/Side) + 0.5}, place); away > Pen/2+math.Sqrt2/2 {
			continue // no corner of the pixel is near enough
		}
		for s := range n * n {
			p := Point{float64(i%Side) + (float64(s%n)+0.5)/n, float64(i/Side) + (float64(s/n)+0.5)/n}
			if distance(d, p, place) <= Pen/2 {
				hits++
			}
		}
		img[i] = float32(hits) / (n * n)
		peak = max(peak, img[i])
	}
	for i := range img {
		img[i] /= peak
	}
	return img
}

// distance from p to the nearest point of the strokes, in pixels.
func distance(d Drawing, p Point, place func(Point) Point) float64 {
	nearest := math.Inf(1)
	for _, s := range d {
		for i := range s {
			a, b := place(s[max(i-1, 0)]), place(s[i])
			dx, dy := b.X-a.X, b.Y-a.Y
			along := 0.0
			if q := dx*dx + dy*dy; q > 0 {
				along = min(1, max(0, ((p.X-a.X)*dx+(p.Y-a.Y)*dy)/q))
			}
			nearest = min(nearest, math.Hypot(p.X-a.X-along*dx, p.Y-a.Y-along*dy))
		}
	}
	return nearest
}

func TestPlaceAndSizeDoNotMatter(t *testing.T) {
	moves := map[string]func(Point) Point{
		"moved":          func(p Point) Point { return Point{p.X + 1234.56, p.Y - 98.7} },
		"moved far":      func(p Point) Point { return Point{p.X + 1e9, p.Y - 1e9} },
		"a third":        func(p Point) Point { return Point{p.X / 3, p.Y / 3} },
		"huge":           func(p Point) Point { return Point{p.X * 1e300, p.Y * 1e300} },
		"minute":         func(p Point) Point { return Point{p.X * 1e-290, p.Y * 1e-290} },
		"moved and wide": func(p Point) Point { return Point{p.X*777 + 5e5, p.Y*777 + 1} },
	}
	d := handwriting()
	want, _ := Render(d)
	for name, move := range moves {
		got, _ := Render(transform(d, move))
		// Rounding moves an edge by less than a sample, which may then flip.
		if worst := largestDifference(got, want); worst > 4.0/full {
			t.Errorf("%s: a pixel differs by %v", name, worst)
		}
	}
}

func TestOrderAndDirectionDoNotMatter(t *testing.T) {
	for name, d := range figures {
		want, _ := Render(d)
		turned := make(Drawing, len(d))
		for i, s := range d {
			turned[len(d)-1-i] = slices.Clone(s)
			slices.Reverse(turned[len(d)-1-i])
		}
		if got, _ := Render(turned); got != want {
			t.Errorf("%s: drawn backwards it differs by %v", name, largestDifference(got, want))
		}
		if got, _ := Render(append(slices.Clone(d), turned...)); got != want {
			t.Errorf("%s: drawn twice it differs by %v", name, largestDifference(got, want))
		}
	}
}

func TestTurningTheDrawingTurnsTheImage(t *testing.T) {
	d := figures["four"]
	img, _ := Render(d)
	mirrored, _ := Render(transform(d, func(p Point) Point { return Point{p.Y, p.X} }))
	for i := range img {
		if got := mirrored[i%Side*Side+i/Side]; math.Abs(float64(got-img[i])) > 4.0/full {
			t.Fatalf("pixel %d is %v, mirrored at the diagonal %v", i, img[i], got)
		}
	}
}

func TestInfoLeadsFromDrawingToImage(t *testing.T) {
	for name, d := range figures {
		img, info := Render(d)
		sum := 0.0
		for _, s := range d {
			for _, p := range s {
				x, y := p.X*info.Scale+info.Offset.X, p.Y*info.Scale+info.Offset.Y
				if i := int(y)*Side + int(x); img[i] == 0 {
					t.Errorf("%s: point %v lands at (%.2f, %.2f), where there is no ink", name, p, x, y)
				}
			}
		}
		for _, v := range img {
			sum += float64(v)
		}
		if name != "dot" && math.Abs(sum-info.Area) > 1e-3 {
			t.Errorf("%s: %v pixels of ink, Info says %v", name, sum, info.Area)
		}
		m := massOf(img)
		if dx, dy := m.X-info.Mass.X-float64(info.Left), m.Y-info.Mass.Y-float64(info.Top); math.Hypot(dx, dy) > 1e-4 {
			t.Errorf("%s: mass %v is not Info's %v moved by (%d, %d)", name, m, info.Mass, info.Left, info.Top)
		}
	}
	_, info := Render(figures["one"])
	if want := Box - Pen; math.Abs(info.Length-want) > 1e-9 {
		t.Errorf("a line of %v pixels has length %v", want, info.Length)
	}
	if info.Strokes != 1 || info.Points != 2 || info.Min != (Point{10, 0}) || info.Max != (Point{10, 300}) {
		t.Errorf("one stroke from (10, 0) to (10, 300) is described as %+v", info)
	}
}

func TestLinesAreAsWideAsThePen(t *testing.T) {
	img, _ := Render(figures["one"])
	for row := 8; row < 20; row++ {
		width := float32(0)
		for _, v := range img[row*Side : (row+1)*Side] {
			width += v
		}
		if math.Abs(float64(width)-Pen) > 1.0/sub {
			t.Fatalf("in row %d the line is %v pixels wide, want %v", row, width, Pen)
		}
	}
}
