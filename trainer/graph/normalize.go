package graph

import (
	"iter"
	"math"

	g "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"rakam/wasm/nn"
)

// Batch normalisation, without a scale of its own: a rectifier passes any on,
// and the weights of the next layer take it up. The bias follows it. Source: S. Ioffe, C. Szegedy,
// Batch Normalization: Accelerating Deep Network Training by Reducing Internal
// Covariate Shift (2015).

// normEpsilon is added to the variances.
const normEpsilon = 1e-5

// normalized shifts and scales x, [..., units], so that each unit has mean 0 and
// variance 1 over the batch and all places.
func (n *network) normalized(x *g.Node) *g.Node {
	axes := make([]int, x.Rank()-1)
	for i := range axes {
		axes[i] = i
	}
	mean := g.ReduceMean(x, axes...)
	x = g.Sub(x, g.ExpandLeftToRank(mean, x.Rank()))
	variance := g.ReduceMean(g.Square(x), axes...)
	n.stats = append(n.stats, mean, variance)
	return g.Mul(x, g.ExpandLeftToRank(g.Reciprocal(g.Sqrt(g.AddScalar(variance, normEpsilon))), x.Rank()))
}

// meansGraph returns the means and variances of the layers on a batch: in is the
// model's weights and images.
func (t *Trainer) meansGraph(in []*g.Node) []*g.Node {
	n := len(t.parts[0])
	net := network{spec: t.recipe.Spec, params: in[:n], normalize: true}
	net.logits(in[n])
	return net.stats
}

// Fold makes the normalisation a part of the weights: from then on, until the
// next Step, the model normalises with the means and variances of these batches of
// images, each [n, 784], instead of those of the images it is given. It does
// nothing for a recipe that does not normalise, and fails with the first error
// that comes instead of a batch.
func (t *Trainer) Fold(batches iter.Seq2[[]float32, error]) error {
	if t.means == nil {
		return nil
	}
	var layers []*stats
	for images, err := range batches {
		if err != nil {
			return err
		}
		n := len(images) / nn.ImageSize
		out, err := t.means.Call(before(t.raw(), []any{tensors.FromFlatDataAndDimensions(images, n, nn.ImageSize)})...)
		if err != nil {
			return err
		}
		values, err := flat(out)
		if err != nil {
			return err
		}
		for k := range len(values) / 2 {
			if k == len(layers) {
				layers = append(layers, newStats(len(values[2*k])))
			}
			layers[k].add(values[2*k], values[2*k+1], float64(n))
		}
	}
	params, err := flat(t.raw())
	if err != nil {
		return err
	}
	for k, s := range layers {
		s.fold(params[2*k], params[2*k+1])
	}
	t.folded = nil
	for i, values := range params {
		t.folded = append(t.folded, tensors.FromFlatDataAndDimensions(values, shapes(t.recipe.Spec)[i]...))
	}
	return nil
}

// stats are what the units of a layer add up over many batches.
type stats struct {
	images        float64
	means, square []float64 // sums over the images
}

func newStats(units int) *stats {
	return &stats{means: make([]float64, units), square: make([]float64, units)}
}

// add takes in the means and variances of a batch of n images.
func (s *stats) add(means, variances []float32, n float64) {
	s.images += n
	for u := range s.means {
		mean := float64(means[u])
		s.means[u] += n * mean
		s.square[u] += n * (float64(variances[u]) + mean*mean)
	}
}

// fold makes w · x + b of what was (w · x - mean) / deviation + b.
func (s *stats) fold(w, b []float32) {
	for u := range b {
		mean := s.means[u] / s.images
		scale := 1 / math.Sqrt(s.square[u]/s.images-mean*mean+normEpsilon)
		b[u] -= float32(mean * scale)
		for i := u; i < len(w); i += len(b) {
			w[i] *= float32(scale)
		}
	}
}
