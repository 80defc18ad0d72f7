package cpu

import "github.com/gomlx/compute/shapes"

// broadcast says how the values of two operands meet in an output: in rows of n
// values, along which an operand either moves on with the output or stays.
type broadcast struct {
	dims         []int // of the output, without the axes within a row
	a, b         []int // strides of the operands along dims, 0 where they stay
	n            int   // length of a row
	stepA, stepB int   // 1, or 0 where the operand has one value for a row
}

// newBroadcast returns the plan for operands of which each axis has the size of
// the output's or 1; a scalar stays everywhere.
func newBroadcast(out, a, b shapes.Shape) broadcast {
	da, db := aligned(out, a), aligned(out, b)
	axis := out.Rank()
	p := broadcast{n: 1, stepA: -1, stepB: -1}
	for ; axis > 0; axis-- { // grow the row while both operands go on as they began
		size := out.Dimensions[axis-1]
		if size == 1 {
			continue
		}
		moveA, moveB := moves(da[axis-1]), moves(db[axis-1])
		if p.stepA >= 0 && (moveA != p.stepA || moveB != p.stepB) {
			break
		}
		p.stepA, p.stepB, p.n = moveA, moveB, p.n*size
	}
	if p.n == 1 { // a row of one value goes on in both
		p.stepA, p.stepB = 1, 1
	}
	p.dims, p.a, p.b = merged(out.Dimensions[:axis], stridesOf(da, axis), stridesOf(db, axis))
	return p
}

// merged joins neighbouring axes along which both operands go on as one axis would.
func merged(dims, a, b []int) (d, x, y []int) {
	for i, size := range dims {
		n := len(d) - 1
		switch {
		case size == 1:
		case n >= 0 && x[n] == size*a[i] && y[n] == size*b[i]:
			d[n], x[n], y[n] = d[n]*size, a[i], b[i]
		default:
			d, x, y = append(d, size), append(x, a[i]), append(y, b[i])
		}
	}
	return d, x, y
}

func moves(size int) int {
	if size == 1 {
		return 0
	}
	return 1
}

// aligned gives s the rank of out, with axes of 1 in front.
func aligned(out, s shapes.Shape) []int {
	d := make([]int, out.Rank())
	for i := range d {
		d[i] = 1
		if k := i - (out.Rank() - s.Rank()); k >= 0 {
			d[i] = s.Dimensions[k]
		}
	}
	return d
}

// stridesOf returns the strides of the first n axes, 0 for axes of 1.
func stridesOf(dims []int, n int) []int {
	strides := make([]int, n)
	size := 1
	for i := len(dims) - 1; i >= 0; i-- {
		if i < n && dims[i] > 1 {
			strides[i] = size
		}
		size *= dims[i]
	}
	return strides
}

func (p *broadcast) count() int {
	n := 1
	for _, d := range p.dims {
		n *= d
	}
	return n
}

// rows calls do for every row, with the places of its first values and the steps.
func (p *broadcast) rows(do func(out, a, b, n, stepA, stepB int)) {
	parallel(p.count(), grain/p.n, func(from, to int) {
		at := make([]int, len(p.dims)) // the indices of a row
		a, b := 0, 0
		for i, r := len(p.dims)-1, from; i >= 0; i-- {
			at[i] = r % p.dims[i]
			r /= p.dims[i]
			a, b = a+at[i]*p.a[i], b+at[i]*p.b[i]
		}
		for r := from; r < to; r++ {
			do(r*p.n, a, b, p.n, p.stepA, p.stepB)
			for i := len(p.dims) - 1; i >= 0; i-- { // to the next row
				if at[i]++; at[i] < p.dims[i] {
					a, b = a+p.a[i], b+p.b[i]
					break
				}
				at[i] = 0
				a, b = a-(p.dims[i]-1)*p.a[i], b-(p.dims[i]-1)*p.b[i]
			}
		}
	})
}

// block is how many values of what repeats are written out at a time.
const block = 512

// run computes out = do(a, b).
func (p *broadcast) run(out, a, b []float32, do func(out, a, b []float32)) {
	if p.count() == 1 { // one long row: split it
		parallelValues(p.n, func(from, to int) {
			p.span(out[from:to], a[from*p.stepA:], b[from*p.stepB:], do)
		})
		return
	}
	// One operand goes on without a gap and the other stays: their strides are n and 0.
	if p.n < block && len(p.dims) == 1 && p.stepA == 1 && p.stepB == 1 && p.a[0]+p.b[0] == p.n {
		p.tiled(out, a, b, do)
		return
	}
	p.rows(func(o, x, y, n, _, _ int) { p.span(out[o:o+n], a[x:], b[y:], do) })
}

// tiled is run where one operand goes on and the other repeats the same short row,
// as biases do: that one is written out a few times first, so that many rows are
// computed at a time.
func (p *broadcast) tiled(out, a, b []float32, do func(out, a, b []float32)) {
	row := b[:p.n]
	if p.a[0] == 0 {
		row = a[:p.n]
	}
	times := max(block/p.n, 1)
	long := make([]float32, 0, times*p.n)
	for range times {
		long = append(long, row...)
	}
	parallel((p.dims[0]+times-1)/times, grain/len(long), func(from, to int) {
		for at := from * len(long); at < min(to*len(long), len(out)); at += len(long) {
			n := min(len(long), len(out)-at)
			x, y := long[:n], long[:n]
			if p.a[0] != 0 {
				x = a[at : at+n]
			} else {
				y = b[at : at+n]
			}
			do(out[at:at+n], x, y)
		}
	})
}

// span computes one row, or a part of it.
func (p *broadcast) span(out, a, b []float32, do func(out, a, b []float32)) {
	if p.stepA == 1 && p.stepB == 1 {
		do(out, a[:len(out)], b[:len(out)])
		return
	}
	var spread [block]float32
	one := a[0]
	if p.stepA == 1 {
		one = b[0]
	}
	for i := range min(block, len(out)) {
		spread[i] = one
	}
	for at := 0; at < len(out); at += block {
		n := min(block, len(out)-at)
		x, y := spread[:n], spread[:n]
		if p.stepA == 1 {
			x = a[at : at+n]
		}
		if p.stepB == 1 {
			y = b[at : at+n]
		}
		do(out[at:at+n], x, y)
	}
}
