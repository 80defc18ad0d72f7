//go:build js && kernel

package nn

import (
	"math"
	"unsafe"
)

// The SIMD kernel, assembled from kernel.wat, reads and writes this module's own
// memory. Its functions answer 1, or 0 when they did nothing: the host has no SIMD
// and put empty ones in their place, or the widths are not theirs.
//
//go:wasmimport rakam dense
func kernelDense(y, x, w, b unsafe.Pointer, in, out int32) int32

// dense computes y = x · w + b by the kernel, or in Go where there is none.
func dense(y, x, w, b []float32) {
	done := kernelDense(unsafe.Pointer(&y[0]), unsafe.Pointer(&x[0]), unsafe.Pointer(&w[0]), unsafe.Pointer(&b[0]),
		int32(len(x)), int32(len(y)))
	if done == 0 {
		denseGo(y, x, w, b)
	}
}

//go:wasmimport rakam conv
func kernelConv(y, frame, w, b, packed unsafe.Pointer, in, side, width, height, units, low, high int32) int32

// bounds are what the kernel puts sums between, compared as relu compares.
func bounds(rectify bool) (low, high int32) {
	if rectify {
		return 0, ceilingBits
	}
	return math.MinInt32, math.MaxInt32
}

// conv computes a convolution by the kernel, or in Go; packed is the kernel's.
func conv(y, frame, packed, w, b []float32, in Shape, side int, rectify bool) {
	low, high := bounds(rectify)
	done := kernelConv(unsafe.Pointer(&y[0]), unsafe.Pointer(&frame[0]), unsafe.Pointer(&w[0]), unsafe.Pointer(&b[0]), unsafe.Pointer(&packed[0]),
		int32(in.Channels), int32(side), int32(in.Width), int32(in.Height), int32(len(b)), low, high)
	if done == 0 {
		convGo(y, frame, w, b, in, side, rectify)
	}
}

//go:wasmimport rakam pool
func kernelPool(y, x unsafe.Pointer, height, width, channels int32) int32

// pool pools by the kernel, or in Go.
func pool(y, x []float32, in Shape) {
	if kernelPool(unsafe.Pointer(&y[0]), unsafe.Pointer(&x[0]), int32(in.Height), int32(in.Width), int32(in.Channels)) == 0 {
		poolGo(y, x, in)
	}
}

//go:wasmimport rakam strongest
func kernelStrongest(channels, y unsafe.Pointer, places, units int32) int32

// strongest finds the strongest by the kernel, or in Go.
func strongest(channels, y []float32) {
	if kernelStrongest(unsafe.Pointer(&channels[0]), unsafe.Pointer(&y[0]), int32(len(y)/len(channels)), int32(len(channels))) == 0 {
		strongestGo(channels, y)
	}
}
