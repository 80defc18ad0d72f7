// Package cpu is a GoMLX backend for the processor: it executes the graphs that
// trainer/graph builds, in Go, with the matrix product and the convolution in
// AVX-512 assembly where the processor has it. On such a machine it trains the
// seed several times as fast as GoMLX's own Go backend and a convolutional
// network twenty times (make bench); elsewhere it runs plain Go loops.
//
// It knows float32, int32 and, between operations, bool, and the operations that
// the recipes need; any other is refused with compute.ErrNotImplemented when the
// graph is built. GoMLX's Go backend is its oracle in the tests. Results do not depend on the
// number of processors: every sum is taken in an order of its own.
package cpu

import (
	"fmt"
	"reflect"
	"runtime"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/notimplemented"
	"github.com/gomlx/compute/shapes"
)

// Name selects the backend in GOMLX_BACKEND.
const Name = "cpu"

func init() {
	compute.Register(Name, func(string) (compute.Backend, error) { return New(), nil })
}

// Backend implements compute.Backend. It may be shared by goroutines.
type Backend struct {
	notimplemented.Backend
}

var _ compute.Backend = (*Backend)(nil)

// New returns a backend.
func New() *Backend { return &Backend{} }

// Name returns "cpu".
func (b *Backend) Name() string { return Name }

// String returns the name.
func (b *Backend) String() string { return Name }

// Description says what the backend runs on.
func (b *Backend) Description() string {
	kernels := "plain Go"
	switch {
	case hasAVX512 && vectors:
		kernels = "AVX-512"
	case hasAVX512:
		kernels = "AVX-512 for products only (GOEXPERIMENT=simd builds the rest with it)"
	}
	return fmt.Sprintf("Rakam's backend for the processor: %s, %d threads", kernels, runtime.GOMAXPROCS(0))
}

// Capabilities lists the dtypes, and no operations: one that is missing says so
// itself when the graph is built.
func (b *Backend) Capabilities() compute.Capabilities {
	return compute.Capabilities{
		DTypes: map[dtypes.DType]bool{dtypes.Float32: true, dtypes.Int32: true, dtypes.Bool: true},
	}
}

// Builder returns a builder of one computation.
func (b *Backend) Builder(name string) compute.Builder { return newBuilder(b, name) }

// BufferFromFlatData copies flat, of the Go type of the shape's dtype.
func (b *Backend) BufferFromFlatData(_ compute.DeviceNum, flat any, shape shapes.Shape) (compute.Buffer, error) {
	buf, err := b.buffer(nil, shape)
	if err != nil {
		return nil, err
	}
	if err := buf.set(flat); err != nil {
		return nil, err
	}
	return buf, nil
}

// set copies flat, of the Go type of the shape's dtype, into the buffer.
func (b *buffer) set(flat any) error {
	wrong := fmt.Errorf("cpu: %T does not fill %s", flat, b.shape)
	if dtype, err := dtypeOf(flat); err != nil || dtype != b.shape.DType {
		return wrong
	}
	n := 0
	switch from := flat.(type) {
	case []float32:
		n = copy(b.f, from)
	case []int32:
		n = copy(b.i, from)
	case []bool:
		for i := range min(len(from), len(b.f)) {
			b.f[i] = 0
			if from[i] {
				b.f[i] = 1
			}
		}
		n = min(len(from), len(b.f))
	}
	if n != b.shape.Size() || reflect.ValueOf(flat).Len() != n {
		return wrong
	}
	return nil
}
