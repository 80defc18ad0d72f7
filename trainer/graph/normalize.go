package graph

import (
	"math"

	g "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"rakam/wasm/nn"
)

// Batch normalisation, without a scale of its own: a rectifier passes any on, and
// the next layer normalises again. The bias follows it. Source: S. Ioffe, C. Szegedy,
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
// nothing for a recipe that does not normalise.
func (t *Trainer) Fold(batches [][]float32) error {
	if t.means == nil {
		return nil
	}
	t.folded = nil
	var sums [][]float64 // of the means, of the variances and of the squared means, for each layer
	for _, images := range batches {
		x := tensors.FromFlatDataAndDimensions(images, len(images)/nn.ImageSize, nn.ImageSize)
		out, err := t.means.Call(t.withModel(x)...)
		if err != nil {
			return err
		}
		stats, err := flat(out)
		if err != nil {
			return err
		}
		sums = addStats(sums, stats)
	}
	params, err := t.Model()
	if err != nil {
		return err
	}
	count := float64(len(batches))
	for k := 0; k < len(sums); k += 3 {
		foldLayer(params[2*k/3], params[2*k/3+1], sums[k], sums[k+1], sums[k+2], count)
	}
	dims := shapes(t.recipe.Spec)
	for i, values := range params {
		t.folded = append(t.folded, tensors.FromFlatDataAndDimensions(values, dims[i]...))
	}
	return nil
}

// addStats adds the means and variances of a batch to the sums.
func addStats(sums [][]float64, stats [][]float32) [][]float64 {
	if sums == nil {
		for k := range stats {
			sums = append(sums, make([]float64, len(stats[k])))
			if k%2 == 1 {
				sums = append(sums, make([]float64, len(stats[k])))
			}
		}
	}
	for k := range len(stats) / 2 {
		for u, mean := range stats[2*k] {
			sums[3*k][u] += float64(mean)
			sums[3*k+1][u] += float64(stats[2*k+1][u])
			sums[3*k+2][u] += float64(mean) * float64(mean)
		}
	}
	return sums
}

// foldLayer makes w · x + b of what was (w · x - mean) / deviation + b.
func foldLayer(w, b []float32, means, variances, squares []float64, count float64) {
	for u := range b {
		mean := means[u] / count
		variance := (variances[u]+squares[u])/count - mean*mean
		scale := 1 / math.Sqrt(variance+normEpsilon)
		b[u] -= float32(mean * scale)
		for i := u; i < len(w); i += len(b) {
			w[i] *= float32(scale)
		}
	}
}
