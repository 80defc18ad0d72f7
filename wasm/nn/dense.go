package nn

import "math"

// denseGo computes y = x · w + b with w of shape [len(x), len(y)], row-major.
// Rows of zero inputs are skipped: in MNIST 80 % of the pixels are paper. Four
// rows are taken at a time, so that y is read and written a quarter as often;
// kernel.wat adds in the same order, so both give the same sums to the bit.
func denseGo(y, x, w, b []float32) {
	copy(y, b)
	n := len(y)
	var rows [4][]float32
	var xs [4]float32
	k := 0
	for i, v := range x {
		if v == 0 {
			continue
		}
		rows[k], xs[k] = w[i*n:(i+1)*n], v
		if k++; k == 4 {
			addRows(y, &rows, &xs)
			k = 0
		}
	}
	for j := range k {
		addRow(y, rows[j], xs[j])
	}
}

func addRows(y []float32, rows *[4][]float32, xs *[4]float32) {
	n := len(y)
	r0, r1, r2, r3 := rows[0][:n], rows[1][:n], rows[2][:n], rows[3][:n]
	x0, x1, x2, x3 := xs[0], xs[1], xs[2], xs[3]
	for j := range y {
		// The conversions keep compilers from fusing multiply and add, so that
		// every target rounds alike.
		y[j] += (float32(x0*r0[j]) + float32(x1*r1[j])) + (float32(x2*r2[j]) + float32(x3*r3[j]))
	}
}

func addRow(y, row []float32, x float32) {
	row = row[:len(y)]
	for j := range y {
		y[j] += float32(x * row[j])
	}
}

// sigmoid replaces each x by 1/(1+e^-x), computed in double precision: math.Exp
// is assembly on some targets and differs in the last bits there.
func sigmoid(x []float32) {
	for i, v := range x {
		x[i] = float32(1 / (1 + math.Exp(-float64(v))))
	}
}
