//go:build amd64 && goexperiment.simd

package cpu

import (
	"math"
	"simd/archsimd"
)

// The operations on slices of equal length, sixteen values at a time. What is
// left over, and everything where there is no AVX-512, goes value by value.

// wide16 returns how many of n values go sixteen at a time.
func wide16(n int) int {
	if !hasAVX512 {
		return 0
	}
	return n &^ 15
}

func load(x []float32) archsimd.Float32x16 { return archsimd.LoadFloat32x16((*[16]float32)(x)) }

func addTo(out, a, b []float32) {
	n := wide16(len(out))
	for i := 0; i < n; i += 16 {
		load(a[i:]).Add(load(b[i:])).Store((*[16]float32)(out[i:]))
	}
	for i := n; i < len(out); i++ {
		out[i] = a[i] + b[i]
	}
}

func subTo(out, a, b []float32) {
	n := wide16(len(out))
	for i := 0; i < n; i += 16 {
		load(a[i:]).Sub(load(b[i:])).Store((*[16]float32)(out[i:]))
	}
	for i := n; i < len(out); i++ {
		out[i] = a[i] - b[i]
	}
}

func mulTo(out, a, b []float32) {
	n := wide16(len(out))
	for i := 0; i < n; i += 16 {
		load(a[i:]).Mul(load(b[i:])).Store((*[16]float32)(out[i:]))
	}
	for i := n; i < len(out); i++ {
		out[i] = a[i] * b[i]
	}
}

func divTo(out, a, b []float32) {
	n := wide16(len(out))
	for i := 0; i < n; i += 16 {
		load(a[i:]).Div(load(b[i:])).Store((*[16]float32)(out[i:]))
	}
	for i := n; i < len(out); i++ {
		out[i] = a[i] / b[i]
	}
}

func maxTo(out, a, b []float32) {
	n := wide16(len(out))
	for i := 0; i < n; i += 16 {
		load(a[i:]).Max(load(b[i:])).Store((*[16]float32)(out[i:]))
	}
	for i := n; i < len(out); i++ {
		out[i] = max(a[i], b[i])
	}
}

func minTo(out, a, b []float32) {
	n := wide16(len(out))
	for i := 0; i < n; i += 16 {
		load(a[i:]).Min(load(b[i:])).Store((*[16]float32)(out[i:]))
	}
	for i := n; i < len(out); i++ {
		out[i] = min(a[i], b[i])
	}
}

func sqrtTo(out, x []float32) {
	n := wide16(len(out))
	for i := 0; i < n; i += 16 {
		load(x[i:]).Sqrt().Store((*[16]float32)(out[i:]))
	}
	for i := n; i < len(out); i++ {
		out[i] = float32(math.Sqrt(float64(x[i])))
	}
}
