//go:build !(amd64 && goexperiment.simd)

package cpu

import "math"

const vectors = false

func addTo(out, a, b []float32) {
	for i := range out {
		out[i] = a[i] + b[i]
	}
}

func subTo(out, a, b []float32) {
	for i := range out {
		out[i] = a[i] - b[i]
	}
}

func mulTo(out, a, b []float32) {
	for i := range out {
		out[i] = a[i] * b[i]
	}
}

func divTo(out, a, b []float32) {
	for i := range out {
		out[i] = a[i] / b[i]
	}
}

func maxTo(out, a, b []float32) {
	for i := range out {
		out[i] = max(a[i], b[i])
	}
}

func minTo(out, a, b []float32) {
	for i := range out {
		out[i] = min(a[i], b[i])
	}
}

func sqrtTo(out, x []float32) {
	for i, v := range x {
		out[i] = float32(math.Sqrt(float64(v)))
	}
}

func equalTo(out, a, b []float32) {
	for i := range out {
		out[i] = equalValue(a[i], b[i])
	}
}

func greaterTo(out, a, b []float32) {
	for i := range out {
		out[i] = greaterValue(a[i], b[i])
	}
}

func chooseTo(out, c, t, e []float32) {
	for i := range out {
		out[i] = chooseValue(c[i], t[i], e[i])
	}
}

func notNegativeTo(out, x []float32) {
	for i, v := range x {
		out[i] = indicator(!(v < 0))
	}
}

func signTo(out, x []float32) {
	for i, v := range x {
		out[i] = signValue(v)
	}
}

func expTo(out, x []float32) {
	for i, v := range x {
		out[i] = expValue(v)
	}
}

func logisticTo(out, x []float32) {
	for i, v := range x {
		out[i] = logisticValue(v)
	}
}
