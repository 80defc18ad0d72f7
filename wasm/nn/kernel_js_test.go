//go:build js && kernel

package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"
)

// TestKernelEqualsGo holds the kernel to the Go loop bit by bit, over widths
// that do and do not fill its vectors and inputs from all zero to none.
func TestKernelEqualsGo(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, shape := range [][2]int{
		{784, 512}, {512, 128}, {128, 10}, {784, 10}, {1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5},
		{6, 7}, {7, 6}, {8, 8}, {9, 17}, {13, 31}, {100, 33}, {33, 100}, {17, 1}, {1, 19},
	} {
		for _, share := range []float64{0, 0.02, 0.2, 0.5, 1} {
			t.Run(fmt.Sprintf("%dx%d/%v", shape[0], shape[1], share), func(t *testing.T) {
				compare(t, rng, shape[0], shape[1], share)
			})
		}
	}
}

func compare(t *testing.T, rng *rand.Rand, in, out int, share float64) {
	t.Helper()
	x, w, b := make([]float32, in), normal(rng, in*out), normal(rng, out)
	for i := range x {
		if rng.Float64() < share {
			x[i] = float32(rng.NormFloat64())
		}
	}
	want, guard := make([]float32, out), float32(-12345)
	denseGo(want, x, w, b)
	got := append(make([]float32, out), guard)
	if kernelDense(unsafe.Pointer(&got[0]), unsafe.Pointer(&x[0]), unsafe.Pointer(&w[0]), unsafe.Pointer(&b[0]), int32(in), int32(out)) != 1 {
		t.Fatal("the kernel did not run: this test needs a host that provides it, see wasm/exec.mjs")
	}
	if got[out] != guard {
		t.Error("the kernel wrote behind y")
	}
	for j := range want {
		if math.Float32bits(got[j]) != math.Float32bits(want[j]) {
			t.Fatalf("y[%d] is %v (%#x), denseGo says %v (%#x)", j,
				got[j], math.Float32bits(got[j]), want[j], math.Float32bits(want[j]))
		}
	}
}

// TestKernelUnaligned gives the kernel slices at every position within 16 bytes.
func TestKernelUnaligned(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const in, out = 9, 13
	for shift := range 4 {
		x, w, b := normal(rng, in+shift)[shift:], normal(rng, in*out+shift)[shift:], normal(rng, out+shift)[shift:]
		want, got := make([]float32, out), make([]float32, out+shift)[shift:]
		denseGo(want, x, w, b)
		dense(got, x, w, b)
		for j := range want {
			if got[j] != want[j] {
				t.Fatalf("shifted by %d numbers: y[%d] is %v, want %v", shift, j, got[j], want[j])
			}
		}
	}
}

// TestKernelSpecialValues: NaN and infinities come through, both zeros are skipped.
func TestKernelSpecialValues(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	negativeZero := float32(math.Copysign(0, -1))
	w := []float32{nan, 1, 2, 3, 4, nan} // rows of 1; those of zero inputs must not be read into y
	for name, x := range map[string][]float32{
		"zeros":    {0, 1, 1, 1, 1, negativeZero},
		"infinite": {0, inf, 1, 1, 1, 0},
		"nan":      {0, nan, 1, 1, 1, 0},
	} {
		want, got := make([]float32, 1), make([]float32, 1)
		denseGo(want, x, w, []float32{0.5})
		dense(got, x, w, []float32{0.5})
		same := got[0] == want[0] || got[0] != got[0] && want[0] != want[0]
		if !same {
			t.Errorf("%s: %v, denseGo says %v", name, got[0], want[0])
		}
	}
}

// TestKernelAfterGrowth: the kernel sees Go's memory after it has grown.
func TestKernelAfterGrowth(t *testing.T) {
	const out = 16 << 20 // a row of 64 MB, more than Go starts with
	y, w := make([]float32, out), make([]float32, out)
	w[out-1] = 2
	dense(y, []float32{3}, w, make([]float32, out))
	if y[out-1] != 6 {
		t.Errorf("the last number of a layer in new memory is %v, want 6", y[out-1])
	}
}

func normal(rng *rand.Rand, n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = float32(rng.NormFloat64())
	}
	return s
}

func BenchmarkSeed(b *testing.B) {
	for name, run := range map[string]func(y, x, w, b []float32){"kernel": dense, "go": denseGo} {
		b.Run(name, func(b *testing.B) { benchmarkSeed(b, run) })
	}
}

// benchmarkSeed times 784-512-128-10 on an image with as much ink as MNIST's.
func benchmarkSeed(b *testing.B, run func(y, x, w, b []float32)) {
	rng := rand.New(rand.NewPCG(5, 6))
	image := make([]float32, ImageSize)
	for i := range image {
		if rng.Float64() < 0.2 {
			image[i] = rng.Float32()
		}
	}
	widths := []int{ImageSize, 512, 128, Classes}
	var ws, bs, ys [][]float32
	for i, out := range widths[1:] {
		ws = append(ws, normal(rng, widths[i]*out))
		bs = append(bs, normal(rng, out))
		ys = append(ys, make([]float32, out))
	}
	for b.Loop() {
		x := image
		for i := range ws {
			run(ys[i], x, ws[i], bs[i])
			sigmoid(ys[i])
			x = ys[i]
		}
	}
}

// TestConvKernelEqualsGo holds the kernel's convolution to the Go loop, over
// widths that four places do and do not divide; where it declines it writes nothing.
func TestConvKernelEqualsGo(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, c := range []struct {
		in          Shape
		side, units int
	}{
		{Shape{28, 28, 1}, 5, 32}, {Shape{14, 14, 32}, 3, 64}, {Shape{7, 7, 8}, 3, 8}, {Shape{5, 4, 3}, 1, 16},
		{Shape{6, 9, 2}, 7, 24}, {Shape{3, 3, 4}, 3, 8}, {Shape{7, 7, 4}, 3, 12},
	} {
		places := c.in.Height * c.in.Width
		frame := make([]float32, frameSize(c.in, c.side))
		fillFrame(frame, normal(rng, c.in.Size()), c.in, c.side)
		w, b := normal(rng, c.side*c.side*c.in.Channels*c.units), normal(rng, c.units)
		want, got := make([]float32, places*c.units), make([]float32, places*c.units+1)
		convGo(want, frame, w, b, c.in, c.side)
		for i := range got {
			got[i] = -12345
		}
		done := kernelConv(unsafe.Pointer(&got[0]), unsafe.Pointer(&frame[0]), unsafe.Pointer(&w[0]), unsafe.Pointer(&b[0]),
			int32(c.in.Channels), int32(c.side), int32(c.in.Width), int32(c.in.Height), int32(c.units)) == 1
		if fits := c.in.Width >= 4 && c.units%8 == 0; done != fits {
			t.Errorf("%+v: done is %v", c, done)
		}
		for i, v := range got {
			if !done || i == len(want) {
				if v != -12345 {
					t.Fatalf("%+v: the kernel wrote where it must not, at %d", c, i)
				}
			} else if v != want[i] {
				t.Fatalf("%+v: y[%d] is %v, convGo says %v", c, i, v, want[i])
			}
		}
	}
}
