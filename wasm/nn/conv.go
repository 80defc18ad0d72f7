package nn

// conv computes a convolution in steps of one pixel with zeros around: x is laid
// out as in, the weights are [side, side, in.Channels, units], y is [in.Height,
// in.Width, units]. Each place is a dense layer on the patch that it looks at,
// so that zeros skip a row of weights here too; patch is memory for one.
func conv(y, x []float32, in Shape, side int, p *Params, patch []float32) {
	units := len(p.Bias)
	for row := range in.Height {
		for column := range in.Width {
			look(patch, x, in, side, row, column)
			at := (row*in.Width + column) * units
			dense(y[at:at+units], patch, p.Weight, p.Bias)
		}
	}
}

// look copies what the kernel sees at a place, [side, side, in.Channels].
func look(patch, x []float32, in Shape, side, row, column int) {
	n := side * in.Channels // a row of the patch
	first := column - side/2
	left, right := max(0, -first), max(0, first+side-in.Width) // columns beyond the edges
	for k := range side {
		to := patch[k*n : (k+1)*n]
		r := row + k - side/2
		if r < 0 || r >= in.Height {
			clear(to)
			continue
		}
		clear(to[:left*in.Channels])
		from := x[(r*in.Width+first+left)*in.Channels:]
		copy(to[left*in.Channels:n-right*in.Channels], from)
		clear(to[n-right*in.Channels:])
	}
}

// pool keeps the largest of each two by two places of x, laid out as in.
func pool(y, x []float32, in Shape) {
	c, line := in.Channels, in.Width*in.Channels
	for row := range in.Height / 2 {
		for column := range in.Width / 2 {
			at := 2*row*line + 2*column*c
			a, b := x[at:at+2*c], x[at+line:at+line+2*c]
			to := y[:c]
			y = y[c:]
			for i := range to {
				to[i] = max(a[i], a[c+i], b[i], b[c+i])
			}
		}
	}
}

// ceiling bounds what a rectifier lets through. No trained network comes near it;
// it keeps weights that a file may hold from making an infinity.
const ceiling = 1 << 20

// relu replaces negative values by zero.
func relu(x []float32) {
	for i, v := range x {
		x[i] = min(max(v, 0), ceiling)
	}
}

// strongest sets each channel to its largest value in y, [places, channels].
func strongest(channels, y []float32) {
	copy(channels, y)
	for ; len(y) > 0; y = y[len(channels):] {
		for i, v := range y[:len(channels)] {
			channels[i] = max(channels[i], v)
		}
	}
}
