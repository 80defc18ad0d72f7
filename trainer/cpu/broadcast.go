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
	p.dims = out.Dimensions[:axis]
	p.a, p.b = stridesOf(da, axis), stridesOf(db, axis)
	return p
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

// row returns where row r of the output begins in the operands.
func (p *broadcast) row(r int) (a, b int) {
	for i := len(p.dims) - 1; i >= 0; i-- {
		at := r % p.dims[i]
		r /= p.dims[i]
		a, b = a+at*p.a[i], b+at*p.b[i]
	}
	return a, b
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
		for r := from; r < to; r++ {
			a, b := p.row(r)
			do(r*p.n, a, b, p.n, p.stepA, p.stepB)
		}
	})
}

// block is how much of a scalar is spread out at a time.
const block = 512

// run computes out = do(a, b).
func (p *broadcast) run(out, a, b []float32, do func(out, a, b []float32)) {
	if p.count() == 1 { // one long row: split it
		parallelValues(p.n, func(from, to int) {
			p.span(out[from:to], a[from*p.stepA:], b[from*p.stepB:], do)
		})
		return
	}
	p.rows(func(o, x, y, n, _, _ int) { p.span(out[o:o+n], a[x:], b[y:], do) })
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
