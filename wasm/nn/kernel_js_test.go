//go:build js && kernel

package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
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
	want := make([]float32, out)
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

const guard = float32(-12345)

// guarded returns n numbers and one behind them that must stay.
func guarded(n int) []float32 { return slices.Repeat([]float32{guard}, n+1) }

// rectified returns n numbers as a rectifier leaves them, a share of them not zero.
func rectified(rng *rand.Rand, n int, share float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		if rng.Float64() < share {
			x[i] = rng.Float32()
		}
	}
	return x
}

// equal holds what the kernel wrote to what Go computes, bit by bit.
func equal(t *testing.T, got, want []float32, done, fits bool) {
	t.Helper()
	if done != fits {
		t.Errorf("done is %v", done)
	}
	for i, v := range got {
		switch {
		case i == len(want) || !done:
			if v != guard {
				t.Fatalf("the kernel wrote where it must not, at %d", i)
			}
		case math.Float32bits(v) != math.Float32bits(want[i]):
			t.Fatalf("[%d] is %v, Go says %v", i, v, want[i])
		}
	}
}

// TestConvKernelEqualsGo holds the kernel's convolution to the Go loop, over
// widths that four places do and do not divide and inputs from all zero to none;
// where it declines it writes nothing.
func TestConvKernelEqualsGo(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, c := range []struct {
		in          Shape
		side, units int
	}{
		{Shape{28, 28, 1}, 5, 32}, {Shape{14, 14, 32}, 3, 64}, {Shape{7, 7, 8}, 3, 8}, {Shape{5, 4, 3}, 1, 16},
		{Shape{6, 9, 2}, 7, 24}, {Shape{3, 3, 4}, 3, 8}, {Shape{7, 7, 4}, 3, 12},
	} {
		for _, share := range []float64{0, 0.1, 0.5, 1} {
			for _, rectify := range []bool{false, true} {
				t.Run(fmt.Sprint(c, share, rectify), func(t *testing.T) {
					frame := make([]float32, frameSize(c.in, c.side))
					fillFrame(frame, rectified(rng, c.in.Size(), share), c.in, c.side)
					w, b := normal(rng, c.side*c.side*c.in.Channels*c.units), normal(rng, c.units)
					compareConv(t, frame, w, b, c.in, c.side, rectify)
				})
			}
		}
	}
}

// TestConvKernelSpecialValues: what rectifying makes of infinities and NaN of
// either sign is the same, and what is not rectified comes through.
func TestConvKernelSpecialValues(t *testing.T) {
	inf, zero := float32(math.Inf(1)), float32(0)
	b := []float32{math.Float32frombits(0x7fc00000), math.Float32frombits(0xffc00000), inf, -inf, -zero, ceiling, 2 * ceiling, -1}
	in := Shape{4, 4, 1}
	for _, rectify := range []bool{false, true} {
		compareConv(t, make([]float32, frameSize(in, 3)), make([]float32, 9*len(b)), b, in, 3, rectify)
	}
}

func compareConv(t *testing.T, frame, w, b []float32, in Shape, side int, rectify bool) {
	t.Helper()
	want := make([]float32, in.Height*in.Width*len(b))
	convGo(want, frame, w, b, in, side, rectify)
	got, packed := guarded(len(want)), guarded(packedSize(in, side))
	low, high := bounds(rectify)
	done := kernelConv(unsafe.Pointer(&got[0]), unsafe.Pointer(&frame[0]), unsafe.Pointer(&w[0]), unsafe.Pointer(&b[0]), unsafe.Pointer(&packed[0]),
		int32(in.Channels), int32(side), int32(in.Width), int32(in.Height), int32(len(b)), low, high) == 1
	equal(t, got, want, done, in.Width >= 4 && len(b)%8 == 0)
	if packed[len(packed)-1] != guard {
		t.Error("the kernel packed more than there is room for")
	}
}

// TestPoolKernelEqualsGo: over sides that two do and do not divide, and on what is
// not as it should be.
func TestPoolKernelEqualsGo(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, in := range []Shape{{28, 28, 32}, {14, 14, 48}, {7, 7, 4}, {2, 5, 8}, {5, 2, 4}, {3, 1, 4}, {1, 1, 4}, {6, 6, 3}} {
		for name, x := range map[string][]float32{"rectified": rectified(rng, in.Size(), 0.5), "anything": normal(rng, in.Size())} {
			t.Run(fmt.Sprint(in, name), func(t *testing.T) {
				want := make([]float32, in.Height/2*(in.Width/2)*in.Channels)
				poolGo(want, x, in)
				got := guarded(len(want))
				done := kernelPool(unsafe.Pointer(&got[0]), unsafe.Pointer(&x[0]), int32(in.Height), int32(in.Width), int32(in.Channels)) == 1
				equal(t, got, want, done, in.Channels%4 == 0)
			})
		}
	}
}

// TestStrongestKernelEqualsGo: the same of the strongest values.
func TestStrongestKernelEqualsGo(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for _, shape := range [][2]int{{784, 32}, {49, 64}, {1, 4}, {3, 20}, {5, 6}} {
		places, units := shape[0], shape[1]
		for name, y := range map[string][]float32{"rectified": rectified(rng, places*units, 0.5), "anything": normal(rng, places*units)} {
			t.Run(fmt.Sprint(shape, name), func(t *testing.T) {
				want := make([]float32, units)
				strongestGo(want, y)
				got := guarded(units)
				done := kernelStrongest(unsafe.Pointer(&got[0]), unsafe.Pointer(&y[0]), int32(places), int32(units)) == 1
				equal(t, got, want, done, units%4 == 0)
			})
		}
	}
}
