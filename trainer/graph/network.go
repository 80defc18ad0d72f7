package graph

import (
	"github.com/gomlx/compute/dtypes"
	g "github.com/gomlx/gomlx/core/graph"

	"rakam/wasm/nn"
)

// network is a spec and what its graph is built with.
type network struct {
	spec   nn.Spec
	params []*g.Node
	// masks are for the inputs of each dense layer behind another, as
	// Trainer.masks makes them, while it trains with dropout.
	masks []*g.Node
	// normalize normalises what each layer but the last adds up over the batch
	// and leaves the means and variances in stats, two of each layer.
	normalize bool
	stats     []*g.Node
}

// logits builds the network up to, but not including, the sigmoid of the last
// layer: [batch, 784] → [batch, 10]; of an ensemble the mean of its networks.
func (n *network) logits(x *g.Node) *g.Node {
	all := n.spec.Networks()
	each := len(n.params) / all
	var sum *g.Node
	for k := range all {
		y := n.one(x, n.params[k*each:(k+1)*each])
		if sum == nil {
			sum = y
		} else {
			sum = g.Add(sum, y)
		}
	}
	if all > 1 {
		sum = g.DivScalar(sum, all)
	}
	return sum
}

// one builds the network with the given parameters, as logits does.
func (n *network) one(x *g.Node, params []*g.Node) *g.Node {
	batch := x.Shape().Dimensions[0]
	in := n.spec.In(0)
	if n.spec.Layers[0].Kind != nn.Dense {
		x = g.Reshape(x, batch, in.Height, in.Width, in.Channels)
	}
	layers, masks := n.spec.Layers, n.masks
	for i := 0; i < len(layers); i++ {
		l := layers[i]
		switch l.Kind {
		case nn.Pool:
			x = pool(x)
			continue
		case nn.Conv:
			x = g.Convolve(x, params[0]).PadSame().Done()
		case nn.Dense:
			if x.Rank() != 2 {
				x = g.Reshape(x, batch, -1)
			}
			if i > 0 && len(masks) > 0 {
				x, masks = g.Mul(x, masks[0]), masks[1:]
			}
			x = g.MatMul(x, params[0])
		}
		// Neither biases nor activations change which of four is the largest, and
		// behind the pool they have a quarter to do.
		for ; i+1 < len(layers) && layers[i+1].Kind == nn.Pool; i++ {
			x = pool(x)
		}
		hidden := i < len(layers)-1
		if hidden && n.normalize {
			x = n.normalized(x)
		}
		x = g.Add(x, g.ExpandLeftToRank(params[1], x.Rank()))
		params = params[2:]
		if hidden {
			x = activate(l.Activation, x)
		}
	}
	return x
}

func activate(a nn.Activation, x *g.Node) *g.Node {
	if a == nn.ReLU {
		return g.Where(g.GreaterThan(x, g.ScalarZero(x.Graph(), x.DType())), x, g.ZerosLike(x))
	}
	return g.Sigmoid(x)
}

// pool takes the largest of each two by two places: [n, h, w, c] → [n, h/2, w/2, c].
// Not every backend has the gradients of GoMLX's MaxPool.
func pool(x *g.Node) *g.Node {
	d := x.Shape().Dimensions
	h, w := d[1]/2, d[2]/2
	if 2*h != d[1] || 2*w != d[2] {
		x = g.Slice(x, g.AxisRange(), g.AxisRange(0, 2*h), g.AxisRange(0, 2*w))
	}
	return g.ReduceMax(g.Reshape(x, d[0], h, 2, w, 2, d[3]), 2, 4)
}

// score returns the binary cross-entropy, mean over batch and outputs, and the
// number of digits whose largest output is theirs; what is no digit has no target
// above one half and is not counted. With x the logit and y the target the
// cross-entropy is max(x,0) - x·y + ln(1+e^-|x|), which does not overflow; Keras
// recovers the logits from a sigmoid likewise.
func score(x, y *g.Node) (loss, correct *g.Node) {
	loss = g.ReduceAllMean(g.Add(
		g.Sub(g.MaxScalar(x, 0), g.Mul(x, y)),
		g.Log1P(g.Exp(g.Neg(g.Abs(x))))))
	hit := g.ConvertDType(g.Equal(g.ArgMax(x, -1, dtypes.Int32), g.ArgMax(y, -1, dtypes.Int32)), dtypes.Float32)
	half := g.Scalar(y.Graph(), dtypes.Float32, 0.5)
	digit := g.ConvertDType(g.GreaterThan(g.ReduceMax(y, -1), half), dtypes.Float32)
	return loss, g.ReduceAllSum(g.Mul(hit, digit))
}
