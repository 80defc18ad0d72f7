//go:build js && kernel

package nn

import "unsafe"

// kernelDense is the SIMD kernel, assembled from kernel.wat. It reads and
// writes this module's own memory and answers 1, or 0 when the host has no SIMD
// and put an empty function in its place.
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
