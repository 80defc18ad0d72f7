package cpu

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapeinference"
	"github.com/gomlx/compute/shapes"
)

func dtypeOf(flat any) (dtypes.DType, error) {
	switch flat.(type) {
	case []float32:
		return dtypes.Float32, nil
	case []int32:
		return dtypes.Int32, nil
	case []bool:
		return dtypes.Bool, nil
	}
	return dtypes.InvalidDType, fmt.Errorf("cpu: %w: values of %T", compute.ErrNotImplemented, flat)
}

func (b *buffer) copyFrom(from *buffer) {
	copy(b.f, from.f)
	copy(b.i, from.i)
}

// Identity copies.
func (f *function) Identity(x compute.Value) (compute.Value, error) {
	in := nodesOf(x)
	return f.copyAs(in[0].shape, in), nil
}

func (f *function) copyAs(shape shapes.Shape, in []*node) *node {
	n := f.add(shape, func(out *buffer, in []*buffer) {
		if len(out.f) > 0 && &out.f[0] == &in[0].f[0] {
			return // in place
		}
		out.copyFrom(in[0])
	}, in...)
	n.inPlace = true
	return n
}

// Reshape changes the shape, not the values.
func (f *function) Reshape(x compute.Value, dims ...int) (compute.Value, error) {
	in := nodesOf(x)
	shape, err := shapeinference.Reshape(in[0].shape, dims)
	if err != nil {
		return nil, err
	}
	return f.copyAs(shape, in), nil
}

// BroadcastInDim repeats values along the axes that x lacks or has only 1 of.
func (f *function) BroadcastInDim(x compute.Value, shape shapes.Shape, axes []int) (compute.Value, error) {
	in := nodesOf(x)
	if in[0].shape.DType != dtypes.Float32 && in[0].shape.DType != dtypes.Int32 {
		return nil, f.ErrFn(compute.OpTypeBroadcastInDim)
	}
	strides := make([]int, shape.Rank())
	own := stridesOf(in[0].shape.Dimensions, in[0].shape.Rank())
	for i, a := range axes {
		strides[a] = own[i]
	}
	n := f.add(shape, func(out *buffer, in []*buffer) {
		strided(out.f, in[0].f, 0, shape.Dimensions, strides)
		strided(out.i, in[0].i, 0, shape.Dimensions, strides)
	}, in...)
	if in[0].shape.IsScalar() || in[0].shape.Rank() == shape.Rank() && slices.IsSorted(axes) {
		n.wide = in[0]
	}
	return n, nil
}

// Transpose permutes the axes: axis i of the output is axis permutation[i] of x.
func (f *function) Transpose(x compute.Value, permutation ...int) (compute.Value, error) {
	in := nodesOf(x)
	shape, err := shapeinference.Transpose(in[0].shape, permutation)
	if err != nil {
		return nil, err
	}
	own := stridesOf(in[0].shape.Dimensions, in[0].shape.Rank())
	strides := make([]int, len(permutation))
	for i, a := range permutation {
		strides[i] = own[a]
	}
	return f.add(shape, func(out *buffer, in []*buffer) {
		strided(out.f, in[0].f, 0, shape.Dimensions, strides)
		strided(out.i, in[0].i, 0, shape.Dimensions, strides)
	}, in...), nil
}

// Slice cuts a box out.
func (f *function) Slice(x compute.Value, starts, limits, steps []int) (compute.Value, error) {
	in := nodesOf(x)
	shape, err := shapeinference.Slice(in[0].shape, starts, limits, steps)
	if err != nil {
		return nil, err
	}
	if shape.DType != dtypes.Float32 {
		return nil, f.ErrFn(compute.OpTypeSlice)
	}
	strides, start := stridesOf(in[0].shape.Dimensions, shape.Rank()), 0
	for a := range strides {
		start += starts[a] * strides[a]
		if len(steps) > 0 {
			strides[a] *= steps[a]
		}
	}
	return f.add(shape, func(out *buffer, in []*buffer) {
		strided(out.f, in[0].f, start, shape.Dimensions, strides)
	}, in...), nil
}

// Pad puts a value around x and between its values.
func (f *function) Pad(x, value compute.Value, axes ...compute.PadAxis) (compute.Value, error) {
	in := nodesOf(x, value)
	shape, err := shapeinference.Pad(in[0].shape, axes...)
	if err != nil {
		return nil, err
	}
	rank := shape.Rank()
	own := stridesOf(shape.Dimensions, rank)
	steps, start := append([]int(nil), own...), 0
	for a, p := range axes {
		if p.Start < 0 || p.End < 0 || p.Interior < 0 {
			return nil, f.ErrFn(compute.OpTypePad)
		}
		start += p.Start * own[a]
		steps[a] *= 1 + p.Interior
	}
	if shape.DType != dtypes.Float32 {
		return nil, f.ErrFn(compute.OpTypePad)
	}
	from := in[0].shape.Dimensions
	return f.add(shape, func(out *buffer, in []*buffer) {
		fill(out.f, in[1].f[0])
		for k, v := range in[0].f {
			at := start
			for a := rank - 1; a >= 0; a-- {
				at += k % from[a] * steps[a]
				k /= from[a]
			}
			out.f[at] = v
		}
	}, in...), nil
}

// Reverse turns the order along the axes round.
func (f *function) Reverse(x compute.Value, axes ...int) (compute.Value, error) {
	in := nodesOf(x)
	shape := in[0].shape
	if shape.DType != dtypes.Float32 {
		return nil, f.ErrFn(compute.OpTypeReverse)
	}
	strides, start := stridesOf(shape.Dimensions, shape.Rank()), 0
	for _, a := range axes {
		start += (shape.Dimensions[a] - 1) * strides[a]
		strides[a] = -strides[a]
	}
	return f.add(shape, func(out *buffer, in []*buffer) {
		strided(out.f, in[0].f, start, shape.Dimensions, strides)
	}, in...), nil
}

// strided fills out, of the given sizes, with the values of x that lie strides
// apart, beginning at start.
func strided[T any](out, x []T, start int, dims, strides []int) {
	if len(out) == 0 {
		return
	}
	if len(dims) == 0 {
		out[0] = x[start]
		return
	}
	last := len(dims) - 1
	n, step := dims[last], strides[last]
	parallel(len(out)/n, grain/n+1, func(from, to int) {
		for r := from; r < to; r++ {
			at, k := start, r
			for i := last - 1; i >= 0; i-- {
				at += k % dims[i] * strides[i]
				k /= dims[i]
			}
			row := out[r*n : (r+1)*n]
			if step == 1 {
				copy(row, x[at:at+n])
				continue
			}
			for i := range row {
				row[i] = x[at]
				at += step
			}
		}
	})
}

// Iota counts along an axis.
func (f *function) Iota(shape shapes.Shape, axis int) (compute.Value, error) {
	if shape.DType != dtypes.Float32 && shape.DType != dtypes.Int32 {
		return nil, f.ErrFn(compute.OpTypeIota)
	}
	inner := product(shape.Dimensions[axis+1:])
	return f.add(shape, func(out *buffer, _ []*buffer) {
		for i := range shape.Size() {
			v := i / inner % shape.Dimensions[axis]
			if out.f != nil {
				out.f[i] = float32(v)
			} else {
				out.i[i] = int32(v)
			}
		}
	}), nil
}
