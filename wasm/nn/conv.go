package nn

import "math"

// A convolution reads from a frame: its input with zeros around, so that what a
// row of the kernel sees is a contiguous run of side·channels values everywhere.

// frameSize is the number of values of the frame of an input.
func frameSize(in Shape, side int) int {
	return (in.Height + side - 1) * (in.Width + side - 1) * in.Channels
}

// packedSize is the number of values that kernel.wat packs at most: of each input
// that a unit has the values at four places, and where its weights are.
func packedSize(in Shape, side int) int { return 5 * side * side * in.Channels }

// fillFrame copies x, laid out as in, into a frame whose rim is zero.
func fillFrame(frame, x []float32, in Shape, side int) {
	n, rim := in.Width*in.Channels, side/2*in.Channels
	line := n + (side-1)*in.Channels
	for row := range in.Height {
		at := (row+side/2)*line + rim
		copy(frame[at:at+n], x[row*n:(row+1)*n])
	}
}

// convGo computes a convolution in steps of one place: frame is that of an input
// laid out as in, w is [side, side, in.Channels, units], b [units] and y
// [in.Height, in.Width, units]. Each unit sums its bias and then the products in
// the order of w; kernel.wat does the same, so both give the same sums. Products
// with zero may be left out: weights are finite, so that changes no sum but the sign
// of a zero, of which a rectifier leaves none.
func convGo(y, frame, w, b []float32, in Shape, side int, rectify bool) {
	units, run := len(b), side*in.Channels
	line := (in.Width + side - 1) * in.Channels
	for row := range in.Height {
		for column := range in.Width {
			to := y[(row*in.Width+column)*units:][:units]
			copy(to, b)
			for k := range side {
				at := (row+k)*line + column*in.Channels
				addProducts(to, frame[at:at+run], w[k*run*units:])
			}
		}
	}
	if rectify {
		relu(y)
	}
}

// addProducts adds x · w, w of shape [len(x), len(y)], to y in the order of x.
func addProducts(y, x, w []float32) {
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
			addInOrder(y, &rows, &xs)
			k = 0
		}
	}
	for j := range k {
		addRow(y, rows[j], xs[j])
	}
}

// addInOrder adds four rows to y, one after the other.
func addInOrder(y []float32, rows *[4][]float32, xs *[4]float32) {
	n := len(y)
	r0, r1, r2, r3 := rows[0][:n], rows[1][:n], rows[2][:n], rows[3][:n]
	x0, x1, x2, x3 := xs[0], xs[1], xs[2], xs[3]
	for j := range y {
		// The conversions keep compilers from fusing multiply and add.
		y[j] = (((y[j] + float32(x0*r0[j])) + float32(x1*r1[j])) + float32(x2*r2[j])) + float32(x3*r3[j])
	}
}

// No activation is negative or NaN, so that activations are in the order of their
// bits. In WebAssembly Go calls a function for the larger of two floats, and has an
// instruction for that of two integers.

// larger returns the larger of two activations.
func larger(a, b float32) float32 {
	return math.Float32frombits(max(math.Float32bits(a), math.Float32bits(b)))
}

// poolGo keeps the largest of each two by two places of x, activations laid out as in.
func poolGo(y, x []float32, in Shape) {
	c, line := in.Channels, in.Width*in.Channels
	for row := range in.Height / 2 {
		for column := range in.Width / 2 {
			at := 2*row*line + 2*column*c
			a, b := x[at:at+2*c], x[at+line:at+line+2*c]
			to := y[:c]
			y = y[c:]
			for i := range to {
				to[i] = larger(larger(a[i], a[c+i]), larger(b[i], b[c+i]))
			}
		}
	}
}

// ceiling bounds what a rectifier lets through. No trained network comes near it;
// it keeps weights that a file may hold from making an infinity.
const ceiling = 1 << 20

var ceilingBits = int32(math.Float32bits(ceiling))

// relu replaces negative values by zero.
func relu(x []float32) {
	for i, v := range x {
		bits := int32(math.Float32bits(v))
		bits &^= bits >> 31 // all ones where v is negative
		x[i] = math.Float32frombits(uint32(min(bits, ceilingBits)))
	}
}

// strongestGo sets each channel to its largest value in y, [places, channels].
func strongestGo(channels, y []float32) {
	copy(channels, y)
	for ; len(y) > 0; y = y[len(channels):] {
		for i, v := range y[:len(channels)] {
			channels[i] = larger(channels[i], v)
		}
	}
}
