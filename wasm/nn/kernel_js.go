//go:build js && kernel

package nn

import "unsafe"

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
func kernelConv(y, frame, w, b unsafe.Pointer, in, side, width, height, units int32) int32

// conv computes a convolution by the kernel, or in Go.
func conv(y, frame, w, b []float32, in Shape, side int) {
	done := kernelConv(unsafe.Pointer(&y[0]), unsafe.Pointer(&frame[0]), unsafe.Pointer(&w[0]), unsafe.Pointer(&b[0]),
		int32(in.Channels), int32(side), int32(in.Width), int32(in.Height), int32(len(b)))
	if done == 0 {
		convGo(y, frame, w, b, in, side)
	}
}
