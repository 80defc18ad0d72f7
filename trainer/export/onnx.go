package export

import (
	"encoding/json"
	"fmt"

	"rakam/wasm/nn"
)

const (
	irVersion = 7 // the oldest for opset 13
	opset     = 13

	about = "Reads a handwritten digit. image [N, 784]: 28×28 pixels row by row, ink 1 and paper 0, " +
		"centred and scaled as MNIST's are. probabilities [N, 10]: of each digit, independent of each other; " +
		"all are low for what is no digit."
)

// ONNX returns m as an ONNX model: "image", [N, 784], to "probabilities", [N, 10].
//
// ONNX lays images out as [N, channels, height, width] and the weights of a
// convolution as [out, in, side, side]. The weights of a dense layer are those of
// the model file, so what comes from a convolution or a pool is brought back to
// [N, height, width, channels] before it. A rectifier has no ceiling there.
func ONNX(m *nn.Model) ([]byte, error) {
	var model, version message
	model.int(modelIRVersion, irVersion)
	model.string(modelProducerName, nn.Format)
	model.string(modelDocString, about)
	model.bytes(modelGraph, newGraph(m))
	version.int(opsetVersion, opset)
	model.bytes(modelOpsetImport, version)

	classes, err := json.Marshal(m.Meta.Classes)
	if err != nil {
		return nil, err
	}
	metrics, err := json.Marshal(m.Meta.Metrics)
	if err != nil {
		return nil, fmt.Errorf("the model's metrics: %w", err)
	}
	for _, kv := range [][2]string{ // as in a model file
		{"name", m.Meta.Name},
		{"classes", string(classes)},
		{"recipe", m.Meta.Recipe},
		{"data_sha256", m.Meta.DataHash},
		{"metrics", string(metrics)},
	} {
		var entry message
		entry.string(entryKey, kv[0])
		entry.string(entryValue, kv[1])
		model.bytes(modelMetadata, entry)
	}
	return model, nil
}

// graph is a GraphProto and the name of the value that its next node takes first.
type graph struct {
	message
	value string
}

// node appends a node, which gives the value of that name.
func (g *graph) node(op, name string, inputs []string, attributes ...message) {
	var n message
	n.string(nodeInput, g.value)
	n.string(nodeInput, inputs...)
	n.string(nodeOutput, name)
	n.string(nodeName, name)
	n.string(nodeOp, op)
	for _, a := range attributes {
		n.bytes(nodeAttribute, a)
	}
	g.bytes(graphNode, n)
	g.value = name
}

func newGraph(m *nn.Model) []byte {
	g := graph{value: "image"}
	g.string(graphName, nn.Format)
	g.bytes(graphInput, rows("image", nn.ImageSize))
	g.bytes(graphOutput, rows("probabilities", nn.Classes))
	if m.Spec.Layers[0].Kind != nn.Dense {
		g.bytes(graphInitializer, intTensor("plane", 0, 1, nn.ImageSide, nn.ImageSide)) // 0 keeps N
		g.node("Reshape", "reshape", []string{"plane"})
	}
	input := g.value
	var logits []string // of each network
	for n := range m.Params {
		if n%len(m.Spec.Layers) == 0 {
			g.value = input
		}
		if g.layer(m, n); (n+1)%len(m.Spec.Layers) == 0 {
			logits = append(logits, g.value)
		}
	}
	if len(logits) > 1 {
		g.value = logits[0]
		g.node("Mean", "mean", logits[1:])
	}
	g.node("Sigmoid", "probabilities", nil)
	return g.message
}

// layer appends the layer with parameters n of m, the last one of a network without
// its sigmoid.
func (g *graph) layer(m *nn.Model, n int) {
	i := n % len(m.Spec.Layers)
	l, p := m.Spec.Layers[i], m.Params[n]
	name := m.Spec.LayerName(n) + "."
	weights := []string{name + "weight", name + "bias"}
	switch l.Kind {
	case nn.Pool:
		g.node("MaxPool", name+"pool", nil, ints("kernel_shape", 2, 2), ints("strides", 2, 2))
		return
	case nn.Conv:
		in, rim := m.Spec.In(i).Channels, l.Side/2
		g.bytes(graphInitializer, floatTensor(weights[0], []int{l.Units, in, l.Side, l.Side}, outInSides(p.Weight, in, l.Units)))
		g.bytes(graphInitializer, floatTensor(weights[1], []int{l.Units}, p.Bias))
		g.node("Conv", name+"conv", weights, ints("kernel_shape", l.Side, l.Side), ints("pads", rim, rim, rim, rim))
	default:
		if i > 0 && m.Spec.Layers[i-1].Kind != nn.Dense {
			g.node("Transpose", name+"transpose", nil, ints("perm", 0, 2, 3, 1))
			g.node("Flatten", name+"flatten", nil)
		}
		g.bytes(graphInitializer, floatTensor(weights[0], m.Spec.Kernel(i), p.Weight))
		g.bytes(graphInitializer, floatTensor(weights[1], []int{l.Units}, p.Bias))
		g.node("Gemm", name+"dense", weights)
	}
	if i < len(m.Spec.Layers)-1 {
		op := map[nn.Activation]string{nn.Sigmoid: "Sigmoid", nn.ReLU: "Relu"}[l.Activation]
		g.node(op, name+string(l.Activation), nil)
	}
}

// outInSides brings the weights of a convolution, [side, side, in, out], into the
// order [out, in, side, side].
func outInSides(w []float32, in, out int) []float32 {
	places := len(w) / (in * out)
	to := make([]float32, 0, len(w))
	for o := range out {
		for c := range in {
			for at := range places {
				to = append(to, w[(at*in+c)*out+o])
			}
		}
	}
	return to
}
