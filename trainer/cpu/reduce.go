package cpu

import (
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapeinference"
)

// ReduceSum sums over the axes, over all if there are none.
func (f *function) ReduceSum(x compute.Value, axes ...int) (compute.Value, error) {
	return f.reduce(compute.OpTypeReduceSum, x, axes, 0, addTo)
}

// ReduceMax takes the largest value over the axes, over all if there are none.
func (f *function) ReduceMax(x compute.Value, axes ...int) (compute.Value, error) {
	return f.reduce(compute.OpTypeReduceMax, x, axes, float32(math.Inf(-1)), maxTo)
}

// reduce adds a reduction. What is reduced is brought behind what is kept by
// collapsing neighbouring axes to at most kept × reduced × kept, the shapes that
// networks need: [.., reduced], [reduced, ..], and windows in between.
func (f *function) reduce(op compute.OpType, x compute.Value, axes []int, zero float32, join func(out, a, b []float32)) (compute.Value, error) {
	in := nodesOf(x)
	s := in[0].shape
	if s.DType != dtypes.Float32 {
		return nil, f.ErrFn(op)
	}
	reduced := make([]bool, s.Rank())
	for _, a := range axes {
		reduced[a] = true
	}
	if len(axes) == 0 {
		for a := range reduced {
			axes = append(axes, a)
			reduced[a] = true
		}
	}
	shape, err := shapeinference.Reduce(s, axes)
	if err != nil {
		return nil, err
	}
	plan := newReduction(s.Dimensions, reduced)
	return f.add(shape, func(out *buffer, in []*buffer) { plan.run(out.f, in[0].f, zero, join) }, in...), nil
}

// reduction says which runs of the input go to which run of the output. A run is
// the longest block of trailing axes that are all kept; when the last axis is
// itself reduced, it has one value.
type reduction struct {
	run1         int   // length of a run
	keptDims     []int // sizes of the kept axes before the run
	keptStrides  []int // and how far apart they are in the input
	takenDims    []int // the same of the reduced axes
	takenStrides []int
}

func newReduction(dims []int, reduced []bool) reduction {
	p := reduction{run1: 1}
	axis := len(dims)
	for ; axis > 0 && !reduced[axis-1]; axis-- {
		p.run1 *= dims[axis-1]
	}
	stride := p.run1
	for i := axis - 1; i >= 0; i-- {
		to, strides := &p.keptDims, &p.keptStrides
		if reduced[i] {
			to, strides = &p.takenDims, &p.takenStrides
		}
		if i+1 < axis && reduced[i] == reduced[i+1] { // the axis behind goes on in this one
			(*to)[len(*to)-1] *= dims[i]
		} else {
			*to, *strides = append(*to, dims[i]), append(*strides, stride)
		}
		stride *= dims[i]
	}
	return p
}

// offset returns the place of the k-th combination of axes, the last axis first.
func offset(k int, dims, strides []int) int {
	at := 0
	for i, d := range dims {
		at += k % d * strides[i]
		k /= d
	}
	return at
}

// walk calls do with the combinations from..to and their places, as offset has them.
func walk(from, to int, dims, strides []int, do func(k, at int)) {
	if len(dims) == 0 {
		dims, strides = []int{1}, []int{0}
	}
	for k := from; k < to; {
		at := offset(k, dims, strides)
		for end := min(to, k-k%dims[0]+dims[0]); k < end; k++ { // divides no more until the next axis goes on
			do(k, at)
			at += strides[0]
		}
	}
}

func product(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

// lanes is in how many parts a long sum is taken. It is fixed, so that the
// result does not depend on the number of processors.
const lanes = 16

func (p *reduction) run(out, x []float32, zero float32, join func(out, a, b []float32)) {
	kept, taken := product(p.keptDims), product(p.takenDims)
	if kept < lanes && taken >= lanes*lanes {
		p.deep(out, x, kept, taken, zero, join)
		return
	}
	parallel(kept, grain/max(taken*p.run1, 1)+1, func(from, to int) {
		walk(from, to, p.keptDims, p.keptStrides, func(k, at int) {
			p.gather(out[k*p.run1:(k+1)*p.run1], x[at:], 0, taken, zero, join)
		})
	})
}

// deep reduces few long runs: each in lanes, then the lanes in their order.
func (p *reduction) deep(out, x []float32, kept, taken int, zero float32, join func(out, a, b []float32)) {
	part := make([]float32, kept*lanes*p.run1)
	tasks(kept*lanes, func(i int) {
		k, lane := i/lanes, i%lanes
		p.gather(part[i*p.run1:(i+1)*p.run1], x[offset(k, p.keptDims, p.keptStrides):],
			lane*taken/lanes, (lane+1)*taken/lanes, zero, join)
	})
	for k := range kept {
		to := out[k*p.run1 : (k+1)*p.run1]
		fill(to, zero)
		for lane := range lanes {
			i := k*lanes + lane
			join(to, to, part[i*p.run1:(i+1)*p.run1])
		}
	}
}

// gather joins the reduced combinations from..to into out.
func (p *reduction) gather(out, x []float32, from, to int, zero float32, join func(out, a, b []float32)) {
	fill(out, zero)
	if p.run1 == 1 && len(p.takenDims) == 1 && p.takenStrides[0] == 1 {
		out[0] = fold(x[from:to], zero, join)
		return
	}
	walk(from, to, p.takenDims, p.takenStrides, func(_, at int) { join(out, out, x[at:at+p.run1]) })
}

// fold joins the values of a slice: sixteen side by side, then these.
func fold(x []float32, zero float32, join func(out, a, b []float32)) float32 {
	var side [lanes]float32
	fill(side[:], zero)
	for ; len(x) >= lanes; x = x[lanes:] {
		join(side[:], side[:], x[:lanes])
	}
	join(side[:len(x)], side[:len(x)], x)
	for i := 1; i < lanes; i++ {
		join(side[:1], side[:1], side[i:i+1])
	}
	return side[0]
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

// ArgMinMax returns the index of the largest (or smallest) value along the last
// axis, the first of equals.
func (f *function) ArgMinMax(x compute.Value, axis int, dtype dtypes.DType, isMin bool) (compute.Value, error) {
	in := nodesOf(x)
	shape, err := shapeinference.ArgMinMax(in[0].shape, axis, dtype)
	if err != nil {
		return nil, err
	}
	if in[0].shape.DType != dtypes.Float32 || dtype != dtypes.Int32 || axis != in[0].shape.Rank()-1 {
		return nil, f.ErrFn(compute.OpTypeArgMinMax)
	}
	n := in[0].shape.Dimensions[axis]
	return f.add(shape, func(out *buffer, in []*buffer) {
		for r := range out.i {
			row, best := in[0].f[r*n:(r+1)*n], 0
			for i, v := range row {
				if !isMin && v > row[best] || isMin && v < row[best] {
					best = i
				}
			}
			out.i[r] = int32(best)
		}
	}, in...), nil
}
