package graph

import (
	"github.com/gomlx/compute"
	g "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"rakam/wasm/nn"
)

// Reader executes a model on a backend, many images at a time. It serves one
// goroutine at a time.
type Reader struct {
	params []*tensors.Tensor
	infer  *g.Exec
}

// NewReader compiles the model.
func NewReader(backend compute.Backend, m *nn.Model) (*Reader, error) {
	var r Reader
	for i, p := range m.Params {
		if dims := m.Spec.Kernel(i); dims != nil {
			r.params = append(r.params, tensors.FromFlatDataAndDimensions(p.Weight, dims...),
				tensors.FromFlatDataAndDimensions(p.Bias, len(p.Bias)))
		}
	}
	var err error
	n := len(r.params)
	r.infer, err = g.NewExec(backend, func(in []*g.Node) []*g.Node {
		return []*g.Node{g.Sigmoid((&network{spec: m.Spec, params: in[:n]}).logits(in[n]))}
	})
	return &r, err
}

// Infer returns the probabilities, [n, 10], of a batch of images, [n, 784].
func (r *Reader) Infer(images []float32) ([]float32, error) {
	var args []any
	for _, p := range r.params {
		args = append(args, p)
	}
	out, err := r.infer.Call(append(args, tensors.FromFlatDataAndDimensions(images, len(images)/nn.ImageSize, nn.ImageSize))...)
	if err != nil {
		return nil, err
	}
	defer out[0].FinalizeAll()
	return tensors.CopyFlatData[float32](out[0])
}
