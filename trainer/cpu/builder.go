package cpu

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/notimplemented"
	"github.com/gomlx/compute/shapes"
)

// node is one operation of a computation and, while it is built, a compute.Value.
type node struct {
	shape  shapes.Shape
	inputs []*node
	// run computes out from the inputs. nil for a parameter.
	run func(out *buffer, in []*buffer)
	// inPlace: out may be the memory of any input of the same shape.
	inPlace bool
	index   int

	wide   *node // what this is a copy of, broadcast along axes of 1 or from a scalar; or nil
	signOf *node // what this is the sign of
	plus1  *node // what this is one more than
	is1    bool  // the constant 1
}

// builder records one computation: a main function, without others.
type builder struct {
	notimplemented.Builder
	backend *Backend
	name    string
	main    *function
}

func newBuilder(b *Backend, name string) *builder {
	n := &builder{backend: b, name: name}
	n.main = &function{builder: n}
	n.main.ErrFn = func(op compute.OpType) error {
		return fmt.Errorf("cpu: %w: %s; GOMLX_BACKEND=go has more operations", compute.ErrNotImplemented, op)
	}
	return n
}

// Name returns the name of the computation.
func (b *builder) Name() string { return b.name }

// Main returns the only function.
func (b *builder) Main() compute.Function { return b.main }

// NewFunction fails: a computation here is one function.
func (b *builder) NewFunction(string) (compute.Function, error) {
	return nil, fmt.Errorf("cpu: %w: functions", compute.ErrNotImplemented)
}

// OpShape returns the shape of a value.
func (b *builder) OpShape(v compute.Value) (shapes.Shape, error) { return b.main.Shape(v) }

// Compile drops what no output needs and plans when memory is free again.
func (b *builder) Compile() (compute.Executable, error) {
	if b.main.outputs == nil {
		return nil, fmt.Errorf("cpu: %s returns nothing", b.name)
	}
	return newExecutable(b.backend, b.main), nil
}

// function records operations in the order they are asked for.
type function struct {
	notimplemented.Function
	builder *builder
	params  []*node
	names   []string
	nodes   []*node
	outputs []*node
}

// Name returns "main".
func (f *function) Name() string { return compute.MainName }

// Builder returns the builder of the function.
func (f *function) Builder() compute.Builder { return f.builder }

// Parent returns nil: there are no closures.
func (f *function) Parent() compute.Function { return nil }

// Shape returns the shape of a value.
func (f *function) Shape(v compute.Value) (shapes.Shape, error) {
	n, ok := v.(*node)
	if !ok {
		return shapes.Invalid(), fmt.Errorf("cpu: %T is not a value of this backend", v)
	}
	return n.shape, nil
}

// Return sets the outputs.
func (f *function) Return(outputs []compute.Value, _ []*compute.ShardingSpec) error {
	for _, v := range outputs {
		n, ok := v.(*node)
		if !ok {
			return fmt.Errorf("cpu: %T is not a value of this backend", v)
		}
		f.outputs = append(f.outputs, n)
	}
	return nil
}

// Parameter adds an input of the computation.
func (f *function) Parameter(name string, shape shapes.Shape, _ *compute.ShardingSpec) (compute.Value, error) {
	n := f.add(shape, nil)
	f.params, f.names = append(f.params, n), append(f.names, name)
	return n, nil
}

// Constant adds fixed values.
func (f *function) Constant(flat any, dims ...int) (compute.Value, error) {
	dtype, err := dtypeOf(flat)
	if err != nil {
		return nil, err
	}
	held, err := f.builder.backend.buffer(nil, shapes.Make(dtype, dims...))
	if err != nil {
		return nil, err
	}
	if err := held.set(flat); err != nil {
		return nil, err
	}
	n := f.add(held.shape, func(out *buffer, _ []*buffer) { out.copyFrom(held) })
	n.is1 = len(held.f) == 1 && held.f[0] == 1
	return n, nil
}

// add records an operation.
func (f *function) add(shape shapes.Shape, run func(out *buffer, in []*buffer), inputs ...*node) *node {
	n := &node{shape: shape, inputs: inputs, run: run, index: len(f.nodes)}
	f.nodes = append(f.nodes, n)
	return n
}

// nodesOf returns the values as nodes.
func nodesOf(values ...compute.Value) []*node {
	list := make([]*node, len(values))
	for i, v := range values {
		list[i] = v.(*node)
	}
	return list
}
