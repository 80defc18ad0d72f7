package drawn_test

import (
	"errors"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"rakam/trainer/drawn"
	"rakam/trainer/mnist"
	"rakam/wasm/ink"
)

// geometry is what is measured of one image.
type geometry struct {
	longer       float64 // longer side of the box of all pixels with ink, in pixels
	massX, massY float64 // centre of mass in pixel indices
	peak         float64 // darkest pixel, 0 to 255
	width        float64 // stroke width in pixels
	area         float64 // ink in pixels
	grey         float64 // share of pixels with ink that are not black
	inside       float64 // least distance of ink from the image's edge, in pixels
	start, end   float64 // darkest pixel of the first and of the last column with ink
}

// measure takes 784 pixels, 0 to 255.
func measure(img []uint8) (g geometry) {
	left, top, right, bottom := ink.Side, ink.Side, -1, -1
	sum, inked, grey := 0.0, 0.0, 0.0
	for i, p := range img {
		if p == 0 {
			continue
		}
		x, y, v := i%ink.Side, i/ink.Side, float64(p)
		left, right = min(left, x), max(right, x)
		top, bottom = min(top, y), max(bottom, y)
		sum += v
		inked++
		if p < 250 {
			grey++
		}
		g.massX += v * float64(x)
		g.massY += v * float64(y)
		g.peak = max(g.peak, v)
	}
	for y := range ink.Side {
		g.start = max(g.start, float64(img[y*ink.Side+left]))
		g.end = max(g.end, float64(img[y*ink.Side+right]))
	}
	g.massX, g.massY = g.massX/sum, g.massY/sum
	g.longer = float64(max(right-left, bottom-top) + 1)
	g.inside = float64(min(left, top, ink.Side-1-right, ink.Side-1-bottom))
	g.area, g.grey = sum/255, grey/inked
	g.width = 2 * g.area / perimeter(img)
	return g
}

// perimeter is the length of the edge of the ink: the total variation of the
// image, with gradients across 2×2 pixels (Roberts). A long stroke of width w
// and length l has an area of w·l and a perimeter of 2l, so twice the area by
// the perimeter is its width.
func perimeter(img []uint8) (length float64) {
	at := func(x, y int) float64 {
		if x < 0 || y < 0 || x >= ink.Side || y >= ink.Side {
			return 0
		}
		return float64(img[y*ink.Side+x]) / 255
	}
	for y := -1; y < ink.Side; y++ {
		for x := -1; x < ink.Side; x++ {
			a, b, c, d := at(x, y), at(x+1, y), at(x, y+1), at(x+1, y+1)
			length += math.Hypot(b-a+d-c, c-a+d-b) / 2
		}
	}
	return length
}

// column is the values of one measure over all images, in ascending order.
func column(list []geometry, of func(geometry) float64) []float64 {
	values := make([]float64, len(list))
	for i, g := range list {
		values[i] = of(g)
	}
	slices.Sort(values)
	return values
}

func quantile(sorted []float64, q float64) float64 { return sorted[int(q*float64(len(sorted)-1))] }

var measures = []struct {
	name string
	of   func(geometry) float64
}{
	{"longer side", func(g geometry) float64 { return g.longer }},
	{"mass x", func(g geometry) float64 { return g.massX }},
	{"mass y", func(g geometry) float64 { return g.massY }},
	{"peak", func(g geometry) float64 { return g.peak }},
	{"stroke width", func(g geometry) float64 { return g.width }},
	{"area", func(g geometry) float64 { return g.area }},
	{"grey share", func(g geometry) float64 { return g.grey }},
	{"first column", func(g geometry) float64 { return g.start }},
	{"last column", func(g geometry) float64 { return g.end }},
}

func logSideBySide(t *testing.T, names []string, sets ...[]geometry) {
	t.Helper()
	for _, m := range measures {
		for i, set := range sets {
			v := column(set, m.of)
			t.Logf("%-13s %-10s n=%5d  min %7.3f  p5 %7.3f  median %7.3f  p95 %7.3f  max %7.3f", m.name, names[i],
				len(v), v[0], quantile(v, 0.05), quantile(v, 0.5), quantile(v, 0.95), v[len(v)-1])
		}
	}
}

func ofMNIST(t *testing.T) []geometry {
	t.Helper()
	set, err := mnist.Test()
	if err != nil {
		t.Fatal(err)
	}
	list := make([]geometry, set.Len())
	for i := range list {
		list[i] = measure(set.Image(i))
	}
	return list
}

func ofStrokes(t *testing.T, path string) []geometry {
	t.Helper()
	drawings, err := drawn.Load(path, drawn.Digits)
	if err != nil {
		t.Fatal(err)
	}
	var renderer ink.Renderer
	list := make([]geometry, len(drawings))
	for i, d := range drawings {
		img, _ := renderer.Render(d.Strokes)
		var pixels [ink.Side * ink.Side]uint8
		for j, v := range img {
			pixels[j] = uint8(math.Round(float64(v) * 255))
		}
		list[i] = measure(pixels[:])
	}
	return list
}

// centred is how far from 14 a centre of mass may lie: half a pixel, and what
// rounding pixels to 255 levels moves it by.
const centred = 0.501

// requireMNIST asserts on rendered drawings what MNIST's test images show.
func requireMNIST(t *testing.T, list []geometry) {
	t.Helper()
	for i, g := range list {
		switch {
		case g.inside < 0:
			t.Errorf("drawing %d: has no ink", i)
		case g.longer != ink.Box:
			t.Errorf("drawing %d: the longer side of its ink is %v pixels, want %d", i, g.longer, ink.Box)
		case math.Abs(g.massX-14) > centred || math.Abs(g.massY-14) > centred:
			t.Errorf("drawing %d: its centre of mass is (%.3f, %.3f), want (14, 14) ± 0.5", i, g.massX, g.massY)
		case g.peak < 254:
			t.Errorf("drawing %d: its darkest pixel is %v, want 254 or 255", i, g.peak)
		}
	}
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance {
		t.Errorf("%s is %.3f, MNIST's is %.3f, want within %.3f", what, got, want, tolerance)
	}
}

func share(list []geometry, holds func(geometry) bool) float64 {
	n := 0
	for _, g := range list {
		if holds(g) {
			n++
		}
	}
	return float64(n) / float64(len(list))
}

// TestMNISTIsAsDescribed measures in MNIST what wasm/ink is built to.
func TestMNISTIsAsDescribed(t *testing.T) {
	list := ofMNIST(t)
	full := share(list, func(g geometry) bool { return g.longer == ink.Box })
	t.Logf("longer side exactly %d: %.2f %%", ink.Box, 100*full)
	if full < 0.9995 {
		t.Errorf("the longer side is %d in a share of %.4f, want 0.9997", ink.Box, full)
	}
	middle := share(list, func(g geometry) bool { return math.Abs(g.massX-14) <= centred && math.Abs(g.massY-14) <= centred })
	black := share(list, func(g geometry) bool { return g.peak >= 254 })
	t.Logf("centre of mass at (14, 14) ± 0.5: %.2f %%, peak 254 or 255: %.2f %%", 100*middle, 100*black)
	if middle < 1 || black < 1 {
		t.Errorf("centred: %.4f, black: %.4f, want all images", middle, black)
	}
	width := column(list, func(g geometry) float64 { return g.width })
	near(t, "the median stroke width", quantile(width, 0.5), 2.52, 0.01)
}

func TestOwnDrawingsHaveMNISTsGeometry(t *testing.T) {
	own := ofStrokes(t, "testdata/own.jsonl")
	all := ofMNIST(t)
	logSideBySide(t, []string{"MNIST", "own"}, all, own)
	requireMNIST(t, own)
	width := func(g geometry) float64 { return g.width }
	near(t, "the median stroke width", quantile(column(own, width), 0.5), quantile(column(all, width), 0.5), 0.15)
}

// TestHandwritingHasMNISTsGeometry needs real pen strokes, which lie outside
// the repository (shared/data beside it).
func TestHandwritingHasMNISTsGeometry(t *testing.T) {
	path := filepath.Join("..", "..", "..", "shared", "data", "pendigits-dev.jsonl.gz")
	if _, err := filepath.EvalSymlinks(path); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no pen strokes at %s, which is no part of the repository", path)
	}
	hands, all := ofStrokes(t, path), ofMNIST(t)
	logSideBySide(t, []string{"MNIST", "pendigits"}, all, hands)
	requireMNIST(t, hands)
	for _, c := range []struct {
		name      string
		of        func(geometry) float64
		tolerance float64
	}{
		{"the median stroke width", func(g geometry) float64 { return g.width }, 0.05},
		{"the median area", func(g geometry) float64 { return g.area }, 8},
		{"the median share of grey pixels", func(g geometry) float64 { return g.grey }, 0.05},
		{"the median centre of mass, x", func(g geometry) float64 { return g.massX }, 0.05},
		{"the median centre of mass, y", func(g geometry) float64 { return g.massY }, 0.05},
		// The short side lies in the middle of the square, not on its edge:
		// first and last column are equally dark.
		{"the median of the first column", func(g geometry) float64 { return g.start }, 16},
		{"the median of the last column", func(g geometry) float64 { return g.end }, 16},
	} {
		near(t, c.name, quantile(column(hands, c.of), 0.5), quantile(column(all, c.of), 0.5), c.tolerance)
	}
}
