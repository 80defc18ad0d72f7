package graph

import (
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"

	"rakam/trainer/recipe"
	"rakam/wasm/nn"
)

// masked lists how many inputs the dense layers behind another layer have, which
// are those that r drops some of; none for a recipe without dropout.
func masked(r recipe.Recipe) (inputs []int) {
	for i, l := range r.Spec.Layers {
		if r.Dropout > 0 && i > 0 && l.Kind == nn.Dense {
			inputs = append(inputs, r.Spec.Fan(i))
		}
	}
	return inputs
}

// masks draws which inputs of n images this step drops: for each masked layer
// [n, inputs] of 0 for those and of 1/(1-rate) for the others, so that the sums
// keep their size. They depend on the recipe's seed and the number of the step
// alone, so a resumed training draws them again. Source: N. Srivastava et al.,
// Dropout: A Simple Way to Prevent Neural Networks from Overfitting (2014).
func (t *Trainer) masks(n int) []any {
	var list []any
	rng := rand.New(rand.NewPCG(t.recipe.Seed, ^uint64(t.steps)))
	bound := uint64(t.recipe.Dropout * (1 << 16))
	keep := math.Float32bits(float32(1 / (1 - float64(bound)/(1<<16))))
	for _, inputs := range masked(t.recipe) {
		mask := make([]float32, n*inputs)
		for i := 0; i < len(mask); i += 4 { // four numbers of 16 bits each time
			bits := rng.Uint64()
			for k := range mask[i:min(i+4, len(mask))] {
				drop := int64(bits>>(16*k)&0xffff-bound) >> 63 // all ones for a number below the bound: a branch would be guessed wrongly
				mask[i+k] = math.Float32frombits(keep &^ uint32(drop))
			}
		}
		list = append(list, tensors.FromFlatDataAndDimensions(mask, n, inputs))
	}
	return list
}
