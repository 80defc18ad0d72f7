package cpu

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	g "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// floats returns a tensor of the given size with values in -1..1.
func floats(dims ...int) *tensors.Tensor {
	rng := rand.New(rand.NewPCG(1, uint64(len(dims))))
	flat := make([]float32, product(dims))
	for i := range flat {
		flat[i] = 2*rng.Float32() - 1
	}
	return tensors.FromFlatDataAndDimensions(flat, dims...)
}

// results runs a graph on a backend and returns its outputs, all as floats.
func results(t testing.TB, b compute.Backend, graph func(in []*g.Node) []*g.Node, in ...*tensors.Tensor) [][]float32 {
	t.Helper()
	exec, err := g.NewExec(b, graph)
	if err != nil {
		t.Fatal(err)
	}
	args := make([]any, len(in))
	for i := range in {
		args[i] = tensors.FromFlatDataAndDimensions(values(in[i]), in[i].Shape().Dimensions...) // a tensor stays on one backend
	}
	out, err := exec.Call(args...)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]float32
	for _, o := range out {
		flat, err := tensors.CopyFlatData[float32](o)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, flat)
	}
	return all
}

func one(f func(x *g.Node) *g.Node) func([]*g.Node) []*g.Node {
	return func(in []*g.Node) []*g.Node { return []*g.Node{f(in[0])} }
}

func two(f func(x, y *g.Node) *g.Node) func([]*g.Node) []*g.Node {
	return func(in []*g.Node) []*g.Node { return []*g.Node{f(in[0], in[1])} }
}

// withGradients returns f and its gradients with respect to both inputs, weighted
// so that every place counts differently.
func withGradients(f func(x, y *g.Node) *g.Node) func([]*g.Node) []*g.Node {
	return func(in []*g.Node) []*g.Node {
		out := f(in[0], in[1])
		sum := g.ReduceAllSum(g.Mul(out, g.AddScalar(g.Square(out), 0.5)))
		return append([]*g.Node{out}, g.Gradient(sum, in[0], in[1])...)
	}
}

func conv(pad int) func(x, k *g.Node) *g.Node {
	return func(x, k *g.Node) *g.Node {
		return g.Convolve(x, k).PaddingPerDim([][2]int{{pad, pad}, {pad, pad}}).Done()
	}
}

// TestEqualsGoBackend: every operation gives what GoMLX's own backend gives.
func TestEqualsGoBackend(t *testing.T) {
	oracle, err := gobackend.New("")
	if err != nil {
		t.Fatal(err)
	}
	positive := func(f func(*g.Node) *g.Node) func(*g.Node) *g.Node {
		return func(x *g.Node) *g.Node { return f(g.AddScalar(g.Square(x), 0.1)) }
	}
	big, column, row, channel := floats(37, 129), floats(37, 1), floats(1, 129), floats(1, 1, 1, 40)
	images := floats(5, 9, 7, 40)
	for name, c := range map[string]struct {
		graph func([]*g.Node) []*g.Node
		in    []*tensors.Tensor
	}{
		"add":         {two(g.Add), []*tensors.Tensor{big, big}},
		"add row":     {two(g.Add), []*tensors.Tensor{big, row}},
		"sub column":  {two(g.Sub), []*tensors.Tensor{column, big}},
		"outer":       {two(g.Mul), []*tensors.Tensor{column, row}},
		"mul channel": {two(g.Mul), []*tensors.Tensor{images, channel}},
		"div":         {two(func(x, y *g.Node) *g.Node { return g.Div(x, g.AddScalar(g.Square(y), 1)) }), []*tensors.Tensor{big, row}},
		"max":         {two(g.Max), []*tensors.Tensor{big, row}},
		"min scalar":  {one(func(x *g.Node) *g.Node { return g.MinScalar(x, 0.25) }), []*tensors.Tensor{images}},
		"abs neg":     {one(func(x *g.Node) *g.Node { return g.Neg(g.Abs(x)) }), []*tensors.Tensor{big}},
		"sign":        {one(g.Sign), []*tensors.Tensor{big}},
		"exp":         {one(g.Exp), []*tensors.Tensor{big}},
		"log":         {one(positive(g.Log)), []*tensors.Tensor{big}},
		"log1p":       {one(positive(g.Log1P)), []*tensors.Tensor{big}},
		"sqrt":        {one(positive(g.Sqrt)), []*tensors.Tensor{big}},
		"rsqrt":       {one(positive(g.Rsqrt)), []*tensors.Tensor{big}},
		"tanh":        {one(g.Tanh), []*tensors.Tensor{big}},
		"sigmoid":     {one(g.Sigmoid), []*tensors.Tensor{big}},
		"where": {one(func(x *g.Node) *g.Node {
			return g.Where(g.GreaterThan(x, g.ScalarZero(x.Graph(), dtypes.Float32)), x, g.ZerosLike(x))
		}), []*tensors.Tensor{images}},
		"where of one value each": {one(func(x *g.Node) *g.Node {
			return g.Where(g.GreaterThan(x, g.ScalarZero(x.Graph(), dtypes.Float32)), g.OnesLike(x), g.ZerosLike(x))
		}), []*tensors.Tensor{floats(9, 4*grain/9+1)}}, // in several parts
		"sum all":      {one(func(x *g.Node) *g.Node { return g.ReduceAllSum(g.Square(x)) }), []*tensors.Tensor{images}},
		"sum rows":     {one(func(x *g.Node) *g.Node { return g.ReduceSum(x, 0) }), []*tensors.Tensor{floats(1000, 33)}},
		"sum columns":  {one(func(x *g.Node) *g.Node { return g.ReduceSum(x, 1) }), []*tensors.Tensor{big}},
		"sum channels": {one(func(x *g.Node) *g.Node { return g.ReduceSum(x, 0, 1, 2) }), []*tensors.Tensor{images}},
		"mean":         {one(g.ReduceAllMean), []*tensors.Tensor{big}},
		"pool":         {one(func(x *g.Node) *g.Node { return g.ReduceMax(g.Reshape(x, 3, 4, 2, 5, 2, 6), 2, 4) }), []*tensors.Tensor{floats(3, 8, 10, 6)}},
		"pool and its gradient": {withGradients(func(x, y *g.Node) *g.Node {
			return g.ReduceMax(g.Reshape(g.Add(x, y), 5, 3, 3, 7, 40), 2, 4)
		}), []*tensors.Tensor{images, images}},
		"normalised, and its gradient": {withGradients(func(x, y *g.Node) *g.Node {
			x = g.Sub(x, g.ExpandLeftToRank(g.ReduceMean(x, 0, 1, 2), 4))
			return g.Add(g.Div(x, g.ExpandLeftToRank(g.Sqrt(g.AddScalar(g.ReduceMean(g.Square(x), 0, 1, 2), 1e-5)), 4)), y)
		}), []*tensors.Tensor{images, channel}},
		"not negative":  {one(func(x *g.Node) *g.Node { return g.NonNegativeIndicator(g.MaxScalar(x, 0)) }), []*tensors.Tensor{big}},
		"negative":      {one(func(x *g.Node) *g.Node { return g.NonNegativeIndicator(x) }), []*tensors.Tensor{big}},
		"channel first": {two(g.Sub), []*tensors.Tensor{channel, images}},
		"middle axes":   {two(g.Add), []*tensors.Tensor{images, floats(5, 1, 7, 40)}},
		"broadcast before": {two(func(x, y *g.Node) *g.Node {
			return g.Add(g.Mul(g.BroadcastToShape(y, x.Shape()), x), g.BroadcastToShape(y, x.Shape()))
		}), []*tensors.Tensor{images, floats(5, 1, 7, 1)}},
		"transpose": {one(func(x *g.Node) *g.Node { return g.TransposeAllAxes(x, 2, 0, 3, 1) }), []*tensors.Tensor{images}},
		"slice and its gradient": {withGradients(func(x, y *g.Node) *g.Node {
			return g.Mul(g.Slice(x, g.AxisRange(1, 4), g.AxisRange(), g.AxisRange(0, 6)), g.Slice(y, g.AxisRange(1, 4), g.AxisRange(), g.AxisRange(1, 7)))
		}), []*tensors.Tensor{images, images}},
		"slice with steps": {one(func(x *g.Node) *g.Node { return g.Slice(x, g.AxisRange(), g.AxisRange(1, 8).Stride(3)) }), []*tensors.Tensor{images}},
		"reverse":          {one(func(x *g.Node) *g.Node { return g.Reverse(x, 1, 3) }), []*tensors.Tensor{images}},
		"one-hot":          {one(func(x *g.Node) *g.Node { return g.OneHot(g.ArgMax(x, -1, dtypes.Int32), 129, dtypes.Float32) }), []*tensors.Tensor{big}},
		"argmax equal": {one(func(x *g.Node) *g.Node {
			top := g.ArgMax(x, -1, dtypes.Int32)
			return g.ConvertDType(g.Equal(top, top), dtypes.Float32)
		}), []*tensors.Tensor{big}},
		"matmul":           {withGradients(func(x, y *g.Node) *g.Node { return g.MatMul(x, y) }), []*tensors.Tensor{floats(37, 300), floats(300, 45)}},
		"matmul small":     {withGradients(func(x, y *g.Node) *g.Node { return g.MatMul(x, y) }), []*tensors.Tensor{floats(1, 3), floats(3, 2)}},
		"matmul tiles":     {withGradients(func(x, y *g.Node) *g.Node { return g.MatMul(x, y) }), []*tensors.Tensor{floats(28, 512), floats(512, 64)}},
		"conv 3x3":         {withGradients(conv(1)), []*tensors.Tensor{images, floats(3, 3, 40, 12)}},
		"conv 5x5 valid":   {withGradients(conv(0)), []*tensors.Tensor{floats(9, 11, 12, 3), floats(5, 5, 3, 35)}},
		"conv 1x1":         {withGradients(conv(0)), []*tensors.Tensor{images, floats(1, 1, 40, 64)}},
		"conv one channel": {withGradients(conv(2)), []*tensors.Tensor{floats(2, 28, 28, 1), floats(5, 5, 1, 32)}},
	} {
		t.Run(name, func(t *testing.T) {
			want := results(t, oracle, c.graph, c.in...)
			got := results(t, New(), c.graph, c.in...)
			for k := range want {
				if d := distance(got[k], want[k]); !(d <= 2e-5) {
					t.Errorf("output %d differs by %g of its largest value", k, d)
				}
			}
		})
	}
}

// distance is the largest difference, relative to the largest value of want.
func distance(got, want []float32) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	worst, size := 0.0, 1e-30
	for i := range want {
		size = max(size, math.Abs(float64(want[i])))
		if d := math.Abs(float64(got[i] - want[i])); d > worst || math.IsNaN(d) {
			worst = d
		}
	}
	return worst / size
}

// TestAnyProcessors: the number of processors changes no bit.
func TestAnyProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for name, c := range map[string]struct {
		graph func([]*g.Node) []*g.Node
		in    []*tensors.Tensor
	}{
		"convolution": {withGradients(conv(1)), []*tensors.Tensor{floats(13, 14, 14, 32), floats(3, 3, 32, 40)}},
		"sigmoid":     {one(g.Sigmoid), []*tensors.Tensor{floats(118, 512)}}, // not a multiple of the vectors in most parts
		"exp":         {one(g.Exp), []*tensors.Tensor{floats(300, 517)}},
		"scalar":      {two(g.Max), []*tensors.Tensor{floats(118, 517), floats()}},
	} {
		runtime.GOMAXPROCS(2)
		want := results(t, New(), c.graph, c.in...)
		for _, n := range []int{1, 3, 7} {
			runtime.GOMAXPROCS(n)
			for k, got := range results(t, New(), c.graph, c.in...) {
				if !slices.Equal(got, want[k]) {
					t.Errorf("%s, %d processors: other values in output %d", name, n, k)
				}
			}
		}
	}
}

// TestExtremes: what float32 cannot hold is infinite or zero.
func TestExtremes(t *testing.T) {
	x := make([]float32, 20) // in vectors and alone
	for i, v := range []float64{-1000, math.Inf(-1), 89, math.Inf(1), 88.7, -87, -100, 0} {
		x[i], x[19-i] = float32(v), float32(v)
	}
	out := results(t, New(), one(g.Exp), tensors.FromFlatDataAndDimensions(x, 20))[0]
	for i, v := range x {
		want := math.Exp(float64(v))
		if got := float64(out[i]); got != float64(float32(want)) && !(math.Abs(got-want) <= 1e-6*want+1e-45) {
			t.Errorf("e^%v is %v, want %v", v, got, float32(want))
		}
	}
}

// TestPanics: a panic in one of several goroutines is the caller's, who can recover.
func TestPanics(t *testing.T) {
	defer func() {
		if v := recover(); v == nil || !strings.Contains(fmt.Sprint(v), "of seven") {
			t.Errorf("recovered %v", v)
		}
	}()
	tasks(100, func(i int) {
		if i == 7 {
			panic("of seven")
		}
	})
}

// TestMemoryEnds: nothing is kept of a computation that nobody holds any more.
func TestMemoryEnds(t *testing.T) {
	const n = 4 << 20 // values, 16 MB
	backend := New()
	heap := func() int {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc)
	}
	before := heap()
	for range 4 {
		results(t, backend, one(func(x *g.Node) *g.Node { return g.ReduceAllSum(g.Exp(g.Sigmoid(x))) }), floats(n))
	}
	if held := heap() - before; held > 4*n {
		t.Errorf("%d bytes are held", held)
	}
	runtime.KeepAlive(backend)
}

// TestKernelEqualsGo: the assembly gives what the loop gives.
func TestKernelEqualsGo(t *testing.T) {
	if !hasAVX512 {
		t.Skip("this processor has no AVX-512")
	}
	for _, k := range []int{1, 2, 75, 256} {
		for _, add := range []bool{false, true} {
			a, b := values(floats(tileRows*300)), values(floats(k*tileCols))
			got, want := values(floats(tileRows*64)), values(floats(tileRows*64))
			multiplyTile(got, 64, a, 1, tileRows, b, k, add)
			multiplyTileGo(want, 64, a, 1, tileRows, b, k, add)
			if d := distance(got, want); d > 1e-6 {
				t.Errorf("k = %d, add = %v: differs by %g", k, add, d)
			}
		}
	}
}

func values(t *tensors.Tensor) []float32 {
	flat, _ := tensors.CopyFlatData[float32](t)
	return flat
}

// TestNaNStays: a training that diverges must show it.
func TestNaNStays(t *testing.T) {
	x := values(floats(40))
	x[3], x[37] = float32(math.NaN()), float32(math.NaN())
	for name, f := range map[string]func(*g.Node) *g.Node{
		"exp": g.Exp, "sigmoid": g.Sigmoid, "sqrt": g.Sqrt, "neg": g.Neg,
		"max of the first":  func(x *g.Node) *g.Node { return g.Max(x, g.OnesLike(x)) },
		"max of the second": func(x *g.Node) *g.Node { return g.Max(g.OnesLike(x), x) },
		"max of a scalar":   func(x *g.Node) *g.Node { return g.MaxScalar(x, 0) },
		"min of the first":  func(x *g.Node) *g.Node { return g.Min(x, g.OnesLike(x)) },
		"min of the second": func(x *g.Node) *g.Node { return g.Min(g.OnesLike(x), x) },
		"largest of each":   func(x *g.Node) *g.Node { return g.ReduceMax(g.ExpandAxes(x, 1), 1) },
	} {
		out := results(t, New(), one(f), tensors.FromFlatDataAndDimensions(x, 40))[0]
		if !math.IsNaN(float64(out[3])) || !math.IsNaN(float64(out[37])) {
			t.Errorf("%s of NaN is %v and %v", name, out[3], out[37])
		}
	}
	for axis, at := range [][]int{{3, 17}, {0, 1}} { // of [2, 20]: columns, rows
		out := results(t, New(), one(func(x *g.Node) *g.Node { return g.ReduceMax(g.Reshape(x, 2, 20), axis) }), tensors.FromFlatDataAndDimensions(x, 40))[0]
		for _, i := range at {
			if !math.IsNaN(float64(out[i])) {
				t.Errorf("the largest along axis %d of values with NaN is %v", axis, out[i])
			}
		}
	}
}

// TestInputsStay: inputs that are not donated keep their values, whatever is
// computed in place, and an input can be an output twice.
func TestInputsStay(t *testing.T) {
	x := floats(20, 50)
	before := values(x)
	out := results(t, New(), func(in []*g.Node) []*g.Node {
		y := g.Add(in[0], in[0])
		return []*g.Node{in[0], in[0], g.Mul(y, y), y}
	}, x)
	if !slices.Equal(values(x), before) || !slices.Equal(out[0], before) || !slices.Equal(out[1], before) {
		t.Error("the input changed")
	}
	for i, v := range before {
		if out[3][i] != 2*v || out[2][i] != 4*v*v {
			t.Fatalf("place %d: %v, %v", i, out[3][i], out[2][i])
		}
	}
}

// TestRefuses: what the backend lacks is refused when the graph is built.
func TestRefuses(t *testing.T) {
	for name, graph := range map[string]func([]*g.Node) []*g.Node{
		"sine":           one(g.Sin),
		"strided conv":   two(func(x, k *g.Node) *g.Node { return g.Convolve(x, k).Strides(2).NoPadding().Done() }),
		"double numbers": one(func(x *g.Node) *g.Node { return g.ConvertDType(x, dtypes.Float64) }),
	} {
		exec, err := g.NewExec(New(), graph)
		if err != nil {
			t.Fatal(err)
		}
		args := []any{floats(2, 9, 9, 4)}
		if name == "strided conv" {
			args = append(args, floats(3, 3, 4, 4))
		}
		if _, err := exec.Call(args...); !errors.Is(err, compute.ErrNotImplemented) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkMatMul(b *testing.B) {
	for _, backend := range both(b) {
		b.Run(backend.Name(), func(b *testing.B) {
			bench(b, backend, 2*128*784*512, two(func(x, y *g.Node) *g.Node { return g.MatMul(x, y) }), floats(128, 784), floats(784, 512))
		})
	}
}

// BenchmarkConv times a convolution and its gradients on a batch of 32.
func BenchmarkConv(b *testing.B) {
	for _, backend := range both(b) {
		b.Run(backend.Name(), func(b *testing.B) {
			bench(b, backend, 3*2*32*14*14*9*32*64, withGradients(conv(1)), floats(32, 14, 14, 32), floats(3, 3, 32, 64))
		})
	}
}

func both(b *testing.B) []compute.Backend {
	oracle, err := gobackend.New("")
	if err != nil {
		b.Fatal(err)
	}
	return []compute.Backend{New(), oracle}
}

func bench(b *testing.B, backend compute.Backend, flops float64, graph func([]*g.Node) []*g.Node, in ...*tensors.Tensor) {
	exec, err := g.NewExec(backend, graph)
	if err != nil {
		b.Fatal(err)
	}
	args := make([]any, len(in))
	for i := range in {
		args[i] = tensors.FromFlatDataAndDimensions(values(in[i]), in[i].Shape().Dimensions...)
	}
	for b.Loop() {
		out, err := exec.Call(args...)
		if err != nil {
			b.Fatal(err)
		}
		for _, o := range out {
			o.MustFinalizeAll()
		}
	}
	b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

// TestFill: values of another type than the shape's, or of another number, are
// refused; bools are 0 and 1.
func TestFill(t *testing.T) {
	b := New()
	for _, c := range []struct {
		flat  any
		dtype dtypes.DType
		ok    bool
	}{
		{[]float32{1, 2}, dtypes.Float32, true}, {[]int32{1, 2}, dtypes.Int32, true}, {[]bool{true, false}, dtypes.Bool, true},
		{[]int32{1, 2}, dtypes.Float32, false}, {[]float32{1, 2}, dtypes.Int32, false}, {[]int32{1, 2}, dtypes.Bool, false},
		{[]float32{1}, dtypes.Float32, false}, {[]bool{true, true, true}, dtypes.Bool, false}, {[]float64{1, 2}, dtypes.Float32, false},
	} {
		buf, err := b.BufferFromFlatData(0, c.flat, shapes.Make(c.dtype, 2))
		if (err == nil) != c.ok {
			t.Errorf("%T as %s: %v", c.flat, c.dtype, err)
		}
		if err != nil {
			continue
		}
		again, err := buf.(*buffer).CopyToDevice(0)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := again.(*buffer).Data(); !reflect.DeepEqual(got, c.flat) {
			t.Errorf("%v came back as %v", c.flat, got)
		}
	}
}
