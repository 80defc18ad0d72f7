package cpu

import (
	"fmt"
	"reflect"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// buffer holds the values of one tensor, row-major.
type buffer struct {
	backend *Backend
	free    *pool // takes the memory back; nil: the garbage collector does
	shape   shapes.Shape
	f       []float32 // of float32, and of bool as 0 and 1, which vectors can choose by
	i       []int32   // of int32
}

var _ compute.Buffer = (*buffer)(nil)

// pool keeps the float memory of a computation that is free again: a training step
// asks for the same sizes over and over. It ends with the computation.
type pool struct {
	mu   sync.Mutex
	free map[int][][]float32 // by length
}

func (p *pool) get(n int) []float32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if list := p.free[n]; len(list) > 0 {
		p.free[n] = list[:len(list)-1]
		return list[len(list)-1]
	}
	return make([]float32, n)
}

func (p *pool) put(f []float32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.free == nil {
		p.free = map[int][][]float32{}
	}
	p.free[len(f)] = append(p.free[len(f)], f)
}

// buffer returns a buffer of the given shape, with memory from the pool if there
// is one; its values are arbitrary.
func (b *Backend) buffer(free *pool, shape shapes.Shape) (*buffer, error) {
	buf := &buffer{backend: b, free: free, shape: shape}
	switch n := shape.Size(); shape.DType {
	case dtypes.Float32, dtypes.Bool:
		if free == nil {
			free = new(pool)
		}
		buf.f = free.get(n)
	case dtypes.Int32:
		buf.i = make([]int32, n)
	default:
		return nil, fmt.Errorf("cpu: %w: dtype %s", compute.ErrNotImplemented, shape.DType)
	}
	return buf, nil
}

// release gives the memory back. The buffer must not be used afterwards.
func (b *buffer) release() {
	if b.f != nil && b.free != nil {
		b.free.put(b.f)
	}
	b.f, b.i = nil, nil
}

// Backend returns the backend that made the buffer.
func (b *buffer) Backend() compute.Backend { return b.backend }

// Finalize gives the memory back.
func (b *buffer) Finalize() error {
	b.release()
	return nil
}

// Shape returns the shape.
func (b *buffer) Shape() (shapes.Shape, error) { return b.shape, nil }

// DeviceNum returns 0: there is one processor.
func (b *buffer) DeviceNum() (compute.DeviceNum, error) { return 0, nil }

// Data returns the values themselves, of bools a copy.
func (b *buffer) Data() (any, error) {
	switch b.shape.DType {
	case dtypes.Int32:
		return b.i, nil
	case dtypes.Bool:
		flat := make([]bool, len(b.f))
		for i, v := range b.f {
			flat[i] = v != 0
		}
		return flat, nil
	}
	return b.f, nil
}

// ToFlatData copies the values to flat.
func (b *buffer) ToFlatData(flat any) error {
	from, _ := b.Data()
	if reflect.TypeOf(flat) != reflect.TypeOf(from) {
		return fmt.Errorf("cpu: cannot copy %s to %T", b.shape, flat)
	}
	reflect.Copy(reflect.ValueOf(flat), reflect.ValueOf(from))
	return nil
}

// CopyToDevice returns a copy.
func (b *buffer) CopyToDevice(device compute.DeviceNum) (compute.Buffer, error) {
	flat, _ := b.Data()
	return b.backend.BufferFromFlatData(device, flat, b.shape)
}
