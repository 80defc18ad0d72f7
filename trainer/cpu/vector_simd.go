//go:build amd64 && goexperiment.simd

package cpu

import (
	"math"
	"simd/archsimd"
)

const vectors = true // where there is AVX-512

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
		v := load(a[i:])
		v.Merge(v.Max(load(b[i:])), v.IsNaN()).Store((*[16]float32)(out[i:])) // Max has the second where one is NaN
	}
	for i := n; i < len(out); i++ {
		out[i] = max(a[i], b[i])
	}
}

func minTo(out, a, b []float32) {
	n := wide16(len(out))
	for i := 0; i < n; i += 16 {
		v := load(a[i:])
		v.Merge(v.Min(load(b[i:])), v.IsNaN()).Store((*[16]float32)(out[i:]))
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

// all returns a vector of one value. (No such vector is kept in a variable of the
// package: it would be made where there is no AVX-512 too.)
func all(v float32) archsimd.Float32x16 { return archsimd.BroadcastFloat32x16(v) }

func equalTo(out, a, b []float32) {
	n := wide16(len(out))
	if n > 0 {
		one := all(1)
		for i := 0; i < n; i += 16 {
			one.Masked(load(a[i:]).Equal(load(b[i:]))).Store((*[16]float32)(out[i:]))
		}
	}
	for i := n; i < len(out); i++ {
		out[i] = equalValue(a[i], b[i])
	}
}

func greaterTo(out, a, b []float32) {
	n := wide16(len(out))
	if n > 0 {
		one := all(1)
		for i := 0; i < n; i += 16 {
			one.Masked(load(a[i:]).Greater(load(b[i:]))).Store((*[16]float32)(out[i:]))
		}
	}
	for i := n; i < len(out); i++ {
		out[i] = greaterValue(a[i], b[i])
	}
}

func chooseTo(out, c, t, e []float32) {
	n := wide16(len(out))
	if n > 0 {
		none := all(0)
		for i := 0; i < n; i += 16 {
			load(t[i:]).Merge(load(e[i:]), load(c[i:]).NotEqual(none)).Store((*[16]float32)(out[i:]))
		}
	}
	for i := n; i < len(out); i++ {
		out[i] = chooseValue(c[i], t[i], e[i])
	}
}

// notNegativeTo gives 0 where x < 0, else 1.
func notNegativeTo(out, x []float32) {
	n := wide16(len(out))
	if n > 0 {
		one, none := all(1), all(0)
		for i := 0; i < n; i += 16 {
			one.Sub(one.Masked(load(x[i:]).Less(none))).Store((*[16]float32)(out[i:]))
		}
	}
	for i := n; i < len(out); i++ {
		out[i] = indicator(!(x[i] < 0))
	}
}

func signTo(out, x []float32) {
	n := wide16(len(out))
	if n > 0 {
		one, none := all(1), all(0)
		for i := 0; i < n; i += 16 {
			v := load(x[i:])
			one.Masked(v.Greater(none)).Sub(one.Masked(v.Less(none))).Store((*[16]float32)(out[i:]))
		}
	}
	for i := n; i < len(out); i++ {
		out[i] = signValue(x[i])
	}
}

func expTo(out, x []float32) {
	n := wide16(len(out))
	if n > 0 {
		c := newExponential()
		for i := 0; i < n; i += 16 {
			c.exp(load(x[i:])).Store((*[16]float32)(out[i:]))
		}
	}
	for i := n; i < len(out); i++ {
		out[i] = expValue(x[i])
	}
}

func logisticTo(out, x []float32) {
	n := wide16(len(out))
	if n > 0 {
		one, none, c := all(1), all(0), newExponential()
		for i := 0; i < n; i += 16 {
			one.Div(one.Add(c.exp(none.Sub(load(x[i:]))))).Store((*[16]float32)(out[i:]))
		}
	}
	for i := n; i < len(out); i++ {
		out[i] = logisticValue(x[i])
	}
}

// exponential holds the constants of e^x, by S. Moshier's Cephes library (expf):
// ln 2 in two parts, then a polynomial for |r| ≤ ln 2 / 2.
type exponential struct {
	low, high, log2e, ln2High, ln2Low archsimd.Float32x16
	series                            [6]archsimd.Float32x16
	one                               archsimd.Float32x16
}

func newExponential() *exponential {
	return &exponential{
		low: all(-104), high: all(89), log2e: all(math.Log2E), ln2High: all(-0.693359375), ln2Low: all(2.12194440e-4),
		series: [6]archsimd.Float32x16{
			all(1.9875691500e-4), all(1.3981999507e-3), all(8.3334519073e-3),
			all(4.1665795894e-2), all(1.6666665459e-1), all(5.0000001201e-1),
		},
		one: all(1),
	}
}

// exp is e^x with a relative error of about 1e-7, 0 or infinity beyond what float32
// holds. NaN stays NaN.
func (c *exponential) exp(from archsimd.Float32x16) archsimd.Float32x16 {
	x := from.Max(c.low).Min(c.high)
	n := x.Mul(c.log2e).RoundToEvenScaled(0)
	r := n.MulAdd(c.ln2Low, n.MulAdd(c.ln2High, x))
	p := c.series[0].MulAdd(r, c.series[1])
	p = p.MulAdd(r, c.series[2])
	p = p.MulAdd(r, c.series[3])
	p = p.MulAdd(r, c.series[4])
	p = p.MulAdd(r, c.series[5])
	return from.Merge(p.MulAdd(r.Mul(r), r).Add(c.one).Scale(n), from.IsNaN())
}
