package export

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// What follows reads and runs an ONNX model as onnx.proto3 and Operators.md define
// it, knowing nothing of a spec and sharing nothing with the encoder.

// fields is a decoded message: the values of each field, uint64 or []byte.
type fields map[protowire.Number][]any

func decode(t testing.TB, b []byte) fields {
	t.Helper()
	f := fields{}
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		b = b[n:]
		var v any
		switch kind {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			v, n = protowire.ConsumeBytes(b)
		default:
			t.Fatalf("field %d has wire type %d", number, kind)
		}
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		b = b[n:]
		f[number] = append(f[number], v)
	}
	return f
}

func (f fields) ints(n protowire.Number) (list []int) {
	for _, v := range f[n] {
		list = append(list, int(v.(uint64)))
	}
	return list
}

func (f fields) strings(n protowire.Number) (list []string) {
	for _, v := range f[n] {
		list = append(list, string(v.([]byte)))
	}
	return list
}

// string is the value of a field that is there once.
func (f fields) string(n protowire.Number) string {
	if len(f[n]) != 1 {
		return fmt.Sprintf("field %d is there %d times", n, len(f[n]))
	}
	return f.strings(n)[0]
}

func (f fields) messages(t testing.TB, n protowire.Number) (list []fields) {
	for _, v := range f[n] {
		list = append(list, decode(t, v.([]byte)))
	}
	return list
}

// array is a value of the graph, row-major.
type array struct {
	shape  []int
	values []float64
}

func newArray(shape ...int) array {
	size := 1
	for _, n := range shape {
		size *= n
	}
	return array{shape, make([]float64, size)}
}

// at returns where the value with these indices is.
func (a array) at(indices ...int) *float64 {
	k := 0
	for d, i := range indices {
		if i < 0 || i >= a.shape[d] {
			panic(fmt.Sprintf("index %v in an array of shape %v", indices, a.shape))
		}
		k = k*a.shape[d] + i
	}
	return &a.values[k]
}

// readTensor decodes a TensorProto.
func readTensor(t testing.TB, f fields) (name string, a array) {
	t.Helper()
	name, a = f.string(8), newArray(f.ints(1)...)
	raw := []byte(f.string(9))
	size := map[int]int{1: 4, 7: 8}[f.ints(2)[0]]
	if len(raw) != size*len(a.values) {
		t.Fatalf("the tensor %s of shape %v has %d bytes", name, a.shape, len(raw))
	}
	for i := range a.values {
		if size == 4 {
			a.values[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
		} else {
			a.values[i] = float64(int64(binary.LittleEndian.Uint64(raw[8*i:])))
		}
	}
	return name, a
}

// runONNX runs a model on the value "image" and returns "probabilities".
func runONNX(t testing.TB, file []byte, image array) array {
	t.Helper()
	g := decode(t, file).messages(t, 7)[0]
	values := map[string]array{"image": image}
	for _, f := range g.messages(t, 5) {
		name, a := readTensor(t, f)
		values[name] = a
	}
	for _, n := range g.messages(t, 1) {
		var in []array
		for _, name := range n.strings(1) {
			a, ok := values[name]
			if !ok {
				t.Fatalf("the node %s takes %q, which is not there yet", n.string(3), name)
			}
			in = append(in, a)
		}
		if _, ok := values[n.string(2)]; ok {
			t.Fatalf("the value %q is given twice", n.string(2))
		}
		values[n.string(2)] = runNode(t, n, in)
	}
	return values["probabilities"]
}

func runNode(t testing.TB, n fields, in []array) array {
	t.Helper()
	attributes := map[string][]int{}
	for _, a := range n.messages(t, 5) {
		if kind := a.ints(20); !slices.Equal(kind, []int{7}) {
			t.Fatalf("the attribute %s has type %v, want that of ints", a.string(1), kind)
		}
		attributes[a.string(1)] = a.ints(8)
	}
	// take returns an attribute or, as Operators.md says, its default.
	take := func(name string, or ...int) []int {
		if v, ok := attributes[name]; ok {
			delete(attributes, name)
			return v
		}
		return or
	}
	var out array
	switch op := n.string(4); op {
	case "Reshape":
		out = reshape(in[0], in[1])
	case "Transpose":
		out = transpose(in[0], take("perm"))
	case "Flatten":
		out = array{[]int{in[0].shape[0], len(in[0].values) / in[0].shape[0]}, in[0].values}
	case "Gemm":
		out = gemm(in[0], in[1], in[2])
	case "Conv":
		if k := take("kernel_shape"); !slices.Equal(k, in[1].shape[2:]) {
			t.Fatalf("kernel_shape is %v, the weights are %v", k, in[1].shape)
		}
		out = convolve(in[0], in[1], in[2], take("pads", 0, 0, 0, 0))
	case "MaxPool":
		out = maxPool(in[0], take("kernel_shape"), take("strides", 1, 1))
	case "Relu":
		out = apply(in[0], func(v float64) float64 { return max(v, 0) })
	case "Mean":
		out = apply(in[0], func(v float64) float64 { return v / float64(len(in)) })
		for _, a := range in[1:] {
			for i, v := range a.values {
				out.values[i] += v / float64(len(in))
			}
		}
	case "Sigmoid":
		out = apply(in[0], func(v float64) float64 { return 1 / (1 + math.Exp(-v)) })
	default:
		t.Fatalf("the operator %q is unknown here", op)
	}
	if len(attributes) > 0 {
		t.Fatalf("the node %s has the attributes %v", n.string(3), attributes)
	}
	return out
}

func apply(a array, f func(float64) float64) array {
	out := newArray(a.shape...)
	for i, v := range a.values {
		out.values[i] = f(v)
	}
	return out
}

// reshape: 0 keeps the dimension.
func reshape(a, to array) array {
	var shape []int
	for i, v := range to.values {
		n := int(v)
		if n == 0 {
			n = a.shape[i]
		}
		shape = append(shape, n)
	}
	return array{shape, a.values}
}

// transpose of four dimensions.
func transpose(a array, perm []int) array {
	out := newArray(a.shape[perm[0]], a.shape[perm[1]], a.shape[perm[2]], a.shape[perm[3]])
	var from, to [4]int
	for k := range out.values {
		for d := 3; d >= 0; d-- {
			to[d] = k % out.shape[d]
			k /= out.shape[d]
			from[perm[d]] = to[d]
		}
		*out.at(to[:]...) = *a.at(from[:]...)
	}
	return out
}

// gemm: x of [N, in], w of [in, out], b of [out].
func gemm(x, w, b array) array {
	n, width := w.shape[0], w.shape[1]
	if len(x.shape) != 2 || x.shape[1] != n {
		panic(fmt.Sprintf("%v times %v", x.shape, w.shape))
	}
	out := newArray(x.shape[0], width)
	for r := range x.shape[0] {
		row := out.values[r*width:][:width]
		copy(row, b.values)
		for i, v := range x.values[r*n:][:n] {
			for j, weight := range w.values[i*width:][:width] {
				row[j] += v * weight
			}
		}
	}
	return out
}

// convolve: x of [N, in, height, width], w of [out, in, side, side], pads of top,
// left, bottom and right.
func convolve(x, w, b array, pads []int) array {
	height := x.shape[2] + pads[0] + pads[2] - w.shape[2] + 1
	width := x.shape[3] + pads[1] + pads[3] - w.shape[3] + 1
	out := newArray(x.shape[0], w.shape[0], height, width)
	for n := range out.shape[0] {
		for o := range out.shape[1] {
			for r := range height {
				for c := range width {
					*out.at(n, o, r, c) = b.values[o] + under(x, w, n, o, r-pads[0], c-pads[1])
				}
			}
		}
	}
	return out
}

// under sums what kernel o of w sees of image n with its corner at that place.
func under(x, w array, n, o, top, left int) (sum float64) {
	channels, height, width := x.shape[1], x.shape[2], x.shape[3]
	k := o * channels * w.shape[2] * w.shape[3]
	for ch := range channels {
		for r := top; r < top+w.shape[2]; r++ {
			for c := left; c < left+w.shape[3]; c++ {
				if r >= 0 && r < height && c >= 0 && c < width {
					sum += x.values[((n*channels+ch)*height+r)*width+c] * w.values[k]
				}
				k++
			}
		}
	}
	return sum
}

// maxPool without padding, rounding down.
func maxPool(x array, side, strides []int) array {
	out := newArray(x.shape[0], x.shape[1], (x.shape[2]-side[0])/strides[0]+1, (x.shape[3]-side[1])/strides[1]+1)
	for n := range out.shape[0] {
		for ch := range out.shape[1] {
			for r := range out.shape[2] {
				for c := range out.shape[3] {
					largest := math.Inf(-1)
					for i := range side[0] {
						for j := range side[1] {
							largest = max(largest, *x.at(n, ch, r*strides[0]+i, c*strides[1]+j))
						}
					}
					*out.at(n, ch, r, c) = largest
				}
			}
		}
	}
	return out
}
