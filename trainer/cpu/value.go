package cpu

import "math"

// The operations on single values, where a vector is not to be had.

func equalValue(a, b float32) float32 { return indicator(a == b) }

func greaterValue(a, b float32) float32 { return indicator(a > b) }

func signValue(v float32) float32 { return indicator(v > 0) - indicator(v < 0) }

func chooseValue(c, t, e float32) float32 {
	if c != 0 {
		return t
	}
	return e
}

func expValue(v float32) float32 { return float32(math.Exp(float64(v))) }

func logisticValue(v float32) float32 { return float32(1 / (1 + math.Exp(-float64(v)))) }
