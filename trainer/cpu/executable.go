package cpu

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// executable runs the operations of a function one after the other, each on all
// processors. It may be called by several goroutines.
type executable struct {
	backend *Backend
	free    pool // of what it computes
	fn      *function
	order   []*node   // what the outputs need, inputs first
	dead    [][]*node // after order[i], the values that nothing needs any more
}

func newExecutable(b *Backend, fn *function) *executable {
	e := &executable{backend: b, fn: fn}
	last := map[*node]int{} // position in order of the last use
	needed := make([]bool, len(fn.nodes))
	for _, n := range fn.outputs {
		needed[n.index] = true
	}
	for i := len(fn.nodes) - 1; i >= 0; i-- {
		if needed[i] {
			for _, in := range fn.nodes[i].inputs {
				needed[in.index] = true
			}
		}
	}
	for i, n := range fn.nodes {
		if !needed[i] && n.run != nil {
			continue
		}
		e.order = append(e.order, n)
		last[n] = len(e.order) - 1
		for _, in := range n.inputs {
			last[in] = len(e.order) - 1
		}
	}
	e.dead = make([][]*node, len(e.order))
	for _, n := range fn.outputs {
		delete(last, n)
	}
	for n, at := range last {
		e.dead[at] = append(e.dead[at], n)
	}
	return e
}

// Finalize does nothing: the memory is the garbage collector's.
func (e *executable) Finalize() {}

// Inputs returns the names and the shapes of the parameters.
func (e *executable) Inputs() (names []string, inputShapes []shapes.Shape) {
	for _, n := range e.fn.params {
		inputShapes = append(inputShapes, n.shape)
	}
	return e.fn.names, inputShapes
}

// Outputs returns the shapes of the outputs.
func (e *executable) Outputs() (outputShapes []shapes.Shape) {
	for _, n := range e.fn.outputs {
		outputShapes = append(outputShapes, n.shape)
	}
	return outputShapes
}

// Execute runs the computation. Donated inputs are used up.
func (e *executable) Execute(inputs []compute.Buffer, donate []bool, _ compute.DeviceNum) ([]compute.Buffer, error) {
	if len(inputs) != len(e.fn.params) {
		return nil, fmt.Errorf("cpu: %d inputs, want %d", len(inputs), len(e.fn.params))
	}
	f := &frame{values: make([]*buffer, len(e.fn.nodes)), borrowed: map[*buffer]bool{}}
	for i, n := range e.fn.params {
		buf, ok := inputs[i].(*buffer)
		if !ok || !buf.shape.Equal(n.shape) {
			return nil, fmt.Errorf("cpu: input %q is %v, want %s", e.fn.names[i], inputs[i], n.shape)
		}
		f.values[n.index] = buf
		f.borrowed[buf] = i >= len(donate) || !donate[i]
	}
	for i, n := range e.order {
		if n.run != nil {
			if err := e.step(f, n, e.dead[i]); err != nil {
				return nil, err
			}
		}
		for _, d := range e.dead[i] {
			f.drop(d)
		}
	}
	return e.results(f)
}

// frame holds the values of one execution.
type frame struct {
	values   []*buffer
	borrowed map[*buffer]bool // the caller's inputs, not to be written
}

// drop releases the value of n, unless the caller owns it or an operation in
// place took it over.
func (f *frame) drop(n *node) {
	buf := f.values[n.index]
	f.values[n.index] = nil
	if buf != nil && !f.borrowed[buf] {
		buf.release()
	}
}

// step computes one value, in the memory of an input that dies here if it can.
func (e *executable) step(f *frame, n *node, dead []*node) error {
	in := make([]*buffer, len(n.inputs))
	for i, p := range n.inputs {
		in[i] = f.values[p.index]
	}
	out, err := e.reuse(f, n, dead), error(nil)
	if out == nil {
		if out, err = e.backend.buffer(&e.free, n.shape); err != nil {
			return err
		}
	}
	n.run(out, in)
	f.values[n.index] = out
	return nil
}

// reuse takes the memory of an input of the same shape that nothing needs after
// n, or returns nil.
func (e *executable) reuse(f *frame, n *node, dead []*node) *buffer {
	if !n.inPlace {
		return nil
	}
	for _, p := range n.inputs {
		buf := f.values[p.index]
		if buf.f == nil || len(buf.f) != n.shape.Size() || f.borrowed[buf] {
			continue
		}
		for _, d := range dead {
			if d == p {
				f.values[p.index] = nil
				return &buffer{backend: e.backend, free: buf.free, shape: n.shape, f: buf.f}
			}
		}
	}
	return nil
}

// results hands the outputs over; what the caller owns, or is asked for twice,
// is copied.
func (e *executable) results(f *frame) ([]compute.Buffer, error) {
	var out []compute.Buffer
	given := map[*buffer]bool{}
	for _, n := range e.fn.outputs {
		buf := f.values[n.index]
		if f.borrowed[buf] || given[buf] {
			c, err := e.backend.buffer(&e.free, n.shape)
			if err != nil {
				return nil, err
			}
			c.copyFrom(buf)
			buf = c
		}
		given[buf] = true
		out = append(out, buf)
	}
	return out, nil
}
