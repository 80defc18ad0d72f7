package ink

import (
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the images in testdata again")

// TestImagesAreThoseInTestdata compares with plain PGM files, which can be read
// as text and opened as pictures (ink is white there).
func TestImagesAreThoseInTestdata(t *testing.T) {
	for name, d := range figures {
		file := filepath.Join("testdata", strings.ReplaceAll(name, " ", "-")+".pgm")
		img, _ := Render(d)
		if *update {
			if err := os.WriteFile(file, []byte(pgm(img)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := readPGM(file)
		if err != nil {
			t.Fatalf("%v (go test ./wasm/ink -update writes it)", err)
		}
		// 255 levels, and a few of 256 samples that another processor's
		// rounding may put on the other side of an edge.
		if worst := largestDifference(img, want); worst > 0.5/255+3.0/full {
			t.Errorf("%s: differs by %.4f from %s; if that is meant, go test ./wasm/ink -update", name, worst, file)
		}
	}
}

func pgm(img Image) string {
	var b strings.Builder
	fmt.Fprintf(&b, "P2\n%d %d\n255\n", Side, Side)
	for i, v := range img {
		fmt.Fprintf(&b, "%3d", int(math.Round(float64(v)*255)))
		if i%Side == Side-1 {
			b.WriteByte('\n')
		} else {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func readPGM(file string) (img Image, err error) {
	f, err := os.Open(file)
	if err != nil {
		return img, err
	}
	defer f.Close()
	var magic string
	var w, h, most int
	if _, err := fmt.Fscan(f, &magic, &w, &h, &most); err != nil || magic != "P2" || w != Side || h != Side || most != 255 {
		return img, fmt.Errorf("%s: not a plain PGM of 28×28: %v", file, err)
	}
	for i := range img {
		v := 0
		if _, err := fmt.Fscan(f, &v); err != nil {
			return img, fmt.Errorf("%s: pixel %d: %w", file, i, err)
		}
		img[i] = float32(v) / 255
	}
	return img, nil
}

// FuzzRender draws whatever bytes say: two 64-bit numbers a point, a NaN with
// an odd last byte ends the stroke.
func FuzzRender(f *testing.F) {
	f.Add([]byte{}, 0.0)
	for _, d := range figures {
		f.Add(toBytes(d), 0.0)
		f.Add(toBytes(transform(d, func(p Point) Point { return Point{p.X * 1e306, p.Y * 1e-306} })), 3.0)
	}
	f.Fuzz(func(t *testing.T, data []byte, least float64) {
		r := Renderer{Least: least}
		img, info := r.Render(fromBytes(data))
		requireSound(t, img, info)
		if again, _ := r.Render(fromBytes(data)); again != img {
			t.Fatalf("the second time it differs by %v", largestDifference(again, img))
		}
	})
}

var strokeEnd = math.Float64frombits(0x7ff8000000000003)

func toBytes(d Drawing) (data []byte) {
	for _, s := range d {
		for _, p := range append(s, Point{strokeEnd, strokeEnd}) {
			data = binary.LittleEndian.AppendUint64(data, math.Float64bits(p.X))
			data = binary.LittleEndian.AppendUint64(data, math.Float64bits(p.Y))
		}
	}
	return data
}

func fromBytes(data []byte) Drawing {
	d := Drawing{nil}
	for ; len(data) >= 16; data = data[16:] {
		p := Point{
			math.Float64frombits(binary.LittleEndian.Uint64(data)),
			math.Float64frombits(binary.LittleEndian.Uint64(data[8:])),
		}
		if math.IsNaN(p.X) && data[0]%2 == 1 {
			d = append(d, nil)
			continue
		}
		d[len(d)-1] = append(d[len(d)-1], p)
	}
	return d
}

func TestRenderingAgainAllocatesNothing(t *testing.T) {
	var r Renderer
	d := handwriting()
	if n := testing.AllocsPerRun(20, func() { r.Render(d) }); n > 0 {
		t.Errorf("%v allocations a drawing, want none", n)
	}
}

func BenchmarkRender(b *testing.B) {
	for _, c := range []struct {
		name string
		d    Drawing
	}{
		{"60 points", handwriting()},
		{"100,000 points on a digit", dense(figures["two"], 100_000)},
		{"100,000 points of scribble", scatter(1, 100_000)},
		{"100,000 dots", scatter(100_000, 1)},
		{"50,000 lines", scatter(50_000, 2)},
	} {
		b.Run(c.name, func(b *testing.B) {
			var r Renderer
			for b.Loop() {
				r.Render(c.d)
			}
		})
	}
}
