package cpu

import (
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapeinference"
)

// binary adds an operation on pairs of values, with broadcasting.
func (f *function) binary(op compute.OpType, a, b compute.Value, do func(out, a, b []float32)) (*node, error) {
	in := nodesOf(a, b)
	shape, err := shapeinference.BinaryOp(op, in[0].shape, in[1].shape)
	if err != nil {
		return nil, err
	}
	if shape.DType != dtypes.Float32 {
		return nil, f.ErrFn(op)
	}
	for i, n := range in { // what was broadcast before need not be written out
		if n.wide != nil && in[1-i].shape.Equal(shape) {
			in[i] = n.wide
		}
	}
	plan := newBroadcast(shape, in[0].shape, in[1].shape)
	n := f.add(shape, func(out *buffer, in []*buffer) { plan.run(out.f, in[0].f, in[1].f, do) }, in...)
	n.inPlace = true
	return n, nil
}

// Add adds.
func (f *function) Add(a, b compute.Value) (compute.Value, error) {
	n, err := f.binary(compute.OpTypeAdd, a, b, addTo)
	if err != nil {
		return nil, err
	}
	if in := nodesOf(a, b); in[1].is1 {
		n.plus1 = in[0]
	}
	return n, nil
}

// Sub subtracts.
func (f *function) Sub(a, b compute.Value) (compute.Value, error) {
	return f.binary(compute.OpTypeSub, a, b, subTo)
}

// Mul multiplies.
func (f *function) Mul(a, b compute.Value) (compute.Value, error) {
	return f.binary(compute.OpTypeMul, a, b, mulTo)
}

// Div divides.
func (f *function) Div(a, b compute.Value) (compute.Value, error) {
	return f.binary(compute.OpTypeDiv, a, b, divTo)
}

// Max takes the larger value.
func (f *function) Max(a, b compute.Value) (compute.Value, error) {
	return f.binary(compute.OpTypeMax, a, b, maxTo)
}

// Min takes the smaller value.
func (f *function) Min(a, b compute.Value) (compute.Value, error) {
	return f.binary(compute.OpTypeMin, a, b, minTo)
}

// unary adds an operation on single values.
func (f *function) unary(op compute.OpType, x compute.Value, do func(out, x []float32)) (*node, error) {
	in := nodesOf(x)
	if in[0].shape.DType != dtypes.Float32 {
		return nil, f.ErrFn(op)
	}
	n := f.add(in[0].shape, func(out *buffer, in []*buffer) {
		parallelValues(len(out.f), func(from, to int) { do(out.f[from:to], in[0].f[from:to]) })
	}, in...)
	n.inPlace = true
	return n, nil
}

// each makes an operation on slices of one on values.
func each(do func(x float64) float64) func(out, x []float32) {
	return func(out, x []float32) {
		for i, v := range x {
			out[i] = float32(do(float64(v)))
		}
	}
}

// Abs takes the absolute value.
func (f *function) Abs(x compute.Value) (compute.Value, error) {
	return f.unary(compute.OpTypeAbs, x, each(math.Abs))
}

// Neg changes the sign.
func (f *function) Neg(x compute.Value) (compute.Value, error) {
	return f.unary(compute.OpTypeNeg, x, func(out, x []float32) {
		for i, v := range x {
			out[i] = -v
		}
	})
}

// Sign returns -1, 0 or 1.
func (f *function) Sign(x compute.Value) (compute.Value, error) {
	in := nodesOf(x)[0]
	if in.plus1 != nil && in.plus1.signOf != nil { // GoMLX asks so for 1 where x is not negative
		return f.unary(compute.OpTypeSign, in.plus1.signOf, notNegativeTo)
	}
	n, err := f.unary(compute.OpTypeSign, x, signTo)
	if err != nil {
		return nil, err
	}
	n.signOf = in
	return n, nil
}

// Exp is e^x.
func (f *function) Exp(x compute.Value) (compute.Value, error) {
	return f.unary(compute.OpTypeExp, x, expTo)
}

// Log is the natural logarithm.
func (f *function) Log(x compute.Value) (compute.Value, error) {
	return f.unary(compute.OpTypeLog, x, each(math.Log))
}

// Log1p is ln(1+x).
func (f *function) Log1p(x compute.Value) (compute.Value, error) {
	return f.unary(compute.OpTypeLog1p, x, each(math.Log1p))
}

// Sqrt is the square root.
func (f *function) Sqrt(x compute.Value) (compute.Value, error) {
	return f.unary(compute.OpTypeSqrt, x, sqrtTo)
}

// Rsqrt is 1/√x.
func (f *function) Rsqrt(x compute.Value) (compute.Value, error) {
	return f.unary(compute.OpTypeRsqrt, x, each(func(v float64) float64 { return 1 / math.Sqrt(v) }))
}

// Tanh is the hyperbolic tangent.
func (f *function) Tanh(x compute.Value) (compute.Value, error) {
	return f.unary(compute.OpTypeTanh, x, each(math.Tanh))
}

// Logistic is 1/(1+e^-x).
func (f *function) Logistic(x compute.Value) (compute.Value, error) {
	return f.unary(compute.OpTypeLogistic, x, logisticTo)
}

// compare adds a comparison of pairs; ints may be nil.
func (f *function) compare(op compute.OpType, a, b compute.Value, floats func(out, a, b []float32), ints func(a, b int32) bool) (compute.Value, error) {
	in := nodesOf(a, b)
	shape, err := shapeinference.ComparisonOp(op, in[0].shape, in[1].shape)
	if err != nil {
		return nil, err
	}
	plan := newBroadcast(shape, in[0].shape, in[1].shape)
	switch dtype := in[0].shape.DType; {
	case dtype == dtypes.Float32:
		n := f.add(shape, func(out *buffer, in []*buffer) { plan.run(out.f, in[0].f, in[1].f, floats) }, in...)
		n.inPlace = true
		return n, nil
	case dtype == dtypes.Int32 && ints != nil:
		return f.add(shape, func(out *buffer, in []*buffer) { compareInts(plan, out.f, in[0].i, in[1].i, ints) }, in...), nil
	}
	return nil, f.ErrFn(op)
}

func compareInts(plan broadcast, out []float32, a, b []int32, is func(a, b int32) bool) {
	plan.rows(func(o, x, y, n, stepX, stepY int) {
		for range n {
			out[o] = indicator(is(a[x], b[y]))
			o, x, y = o+1, x+stepX, y+stepY
		}
	})
}

func indicator(is bool) float32 {
	if is {
		return 1
	}
	return 0
}

// Equal tells where a = b.
func (f *function) Equal(a, b compute.Value) (compute.Value, error) {
	return f.compare(compute.OpTypeEqual, a, b, equalTo, func(a, b int32) bool { return a == b })
}

// GreaterThan tells where a > b.
func (f *function) GreaterThan(a, b compute.Value) (compute.Value, error) {
	return f.compare(compute.OpTypeGreaterThan, a, b, greaterTo, nil)
}

// Where takes from onTrue where the condition holds, else from onFalse, each of
// the condition's shape or a scalar.
func (f *function) Where(condition, onTrue, onFalse compute.Value) (compute.Value, error) {
	in := nodesOf(condition, onTrue, onFalse)
	shape, err := shapeinference.Where(in[0].shape, in[1].shape, in[2].shape)
	if err != nil {
		return nil, err
	}
	if shape.DType != dtypes.Float32 || in[0].shape.Size() != shape.Size() {
		return nil, f.ErrFn(compute.OpTypeWhere)
	}
	for i := 1; i < len(in); i++ {
		if w := in[i].wide; w != nil && w.shape.IsScalar() {
			in[i] = w
		}
	}
	n := f.add(shape, func(out *buffer, in []*buffer) {
		parallelValues(len(out.f), func(from, to int) {
			t, e := spread(in[1].f, len(out.f)), spread(in[2].f, len(out.f))
			for ; from < to; from += block {
				end := min(from+block, to)
				chooseTo(out.f[from:end], in[0].f[from:end], t(from, end), e(from, end))
			}
		})
	}, in...)
	n.inPlace = true
	return n, nil
}

// spread returns how to get a part, at most a block, of n values: of x, or of
// repetitions of its one.
func spread(x []float32, n int) func(from, to int) []float32 {
	if len(x) == n {
		return func(from, to int) []float32 { return x[from:to] }
	}
	one := make([]float32, block)
	fill(one, x[0])
	return func(from, to int) []float32 { return one[:to-from] }
}

// ConvertDType converts to float32.
func (f *function) ConvertDType(x compute.Value, dtype dtypes.DType) (compute.Value, error) {
	in := nodesOf(x)
	shape := in[0].shape.Clone()
	shape.DType = dtype
	switch from := in[0].shape.DType; {
	case dtype == from, dtype == dtypes.Float32 && from == dtypes.Bool:
		return f.copyAs(shape, in), nil
	case dtype == dtypes.Float32 && from == dtypes.Int32:
		return f.add(shape, func(out *buffer, in []*buffer) {
			for i, v := range in[0].i {
				out.f[i] = float32(v)
			}
		}, in...), nil
	}
	return nil, f.ErrFn(compute.OpTypeConvertDType)
}
