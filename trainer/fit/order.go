package fit

import (
	"math/rand/v2"

	"rakam/trainer/mnist"
	"rakam/trainer/recipe"
)

// order returns the indices of the images that epoch n, from 1, trains on: all
// of them, shuffled, or with a focus as many, each as often as its digit's
// weight says. It depends on nothing but its arguments, so that a resumed run
// needs no memory of it.
func order(r recipe.Recipe, set mnist.Set, n int) []int {
	rng := rand.New(rand.NewPCG(r.Seed, uint64(n)))
	if r.Focus.Even() {
		return rng.Perm(set.Len())
	}
	return focused(rng, r.Focus, set)
}

// focused samples systematically: the images lie one after the other on a line,
// each as long as its weight, and a comb of as many teeth as there are images
// is laid on it at random. So each image comes up its expected number of times,
// rounded up or down, and over the epochs all have their share.
func focused(rng *rand.Rand, focus recipe.Focus, set mnist.Set) []int {
	total := 0.0
	for i := range set.Len() {
		total += focus[set.Label(i)]
	}
	gap := total / float64(set.Len())
	tooth := gap * rng.Float64()
	taken := make([]int, 0, set.Len())
	end, last := 0.0, -1
	for _, i := range rng.Perm(set.Len()) {
		w := focus[set.Label(i)]
		if w == 0 {
			continue
		}
		end += w
		last = i
		for ; tooth < end && len(taken) < set.Len(); tooth += gap {
			taken = append(taken, i)
		}
	}
	for len(taken) < set.Len() { // the sums round differently
		taken = append(taken, last)
	}
	rng.Shuffle(len(taken), func(i, j int) { taken[i], taken[j] = taken[j], taken[i] })
	return taken
}
