package fit

import (
	"math"
	"math/rand/v2"

	"rakam/trainer/mnist"
	"rakam/trainer/recipe"
	"rakam/wasm/nn"
)

// kind is where an image of an epoch comes from.
type kind uint8

const (
	photographed kind = iota // Data.Train, MNIST above all
	drawing                  // Data.Strokes, varied
	generated                // our generator of digits
	other                    // our generator of what is no digit
)

// item is one image of an epoch.
type item struct {
	kind  kind
	index int32 // in the data of its kind; the digit of a generated one
}

// order returns what epoch n, from 1, trains on: all images of the training set,
// or with a focus as many, each as often as its digit's weight says, and what
// the recipe mixes in, shuffled. It depends on nothing but its arguments, so
// that a resumed run needs no memory of it.
func order(r recipe.Recipe, d Data, n int) []item {
	rng := rand.New(rand.NewPCG(r.Seed, uint64(n)))
	indices := rng.Perm(d.Train.Len())
	if !r.Focus.Even() {
		indices = focused(rng, indices, r.Focus, d.Train)
	}
	items := make([]item, 0, EpochSize(r, d))
	for _, i := range indices {
		items = append(items, item{photographed, int32(i)})
	}
	if r.Mix == (recipe.Mix{}) {
		return items
	}
	for want := share(r.Mix.Drawn, d) * min(1, len(d.Strokes)); want > 0; {
		for _, i := range rng.Perm(len(d.Strokes))[:min(want, len(d.Strokes))] {
			items = append(items, item{drawing, int32(i)})
			want--
		}
	}
	for i := range share(r.Mix.Generated, d) {
		items = append(items, item{generated, int32(i % nn.Classes)})
	}
	for i := range share(r.Mix.Others, d) {
		items = append(items, item{other, int32(i)})
	}
	rng.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	return items
}

// share is how many images an epoch has of something it has so much of for each
// of the training set's.
func share(each float64, d Data) int { return int(math.Round(each * float64(d.Train.Len()))) }

// EpochSize is how many images an epoch of r has on d.
func EpochSize(r recipe.Recipe, d Data) int {
	return d.Train.Len() + share(r.Mix.Drawn, d)*min(1, len(d.Strokes)) + share(r.Mix.Generated, d) + share(r.Mix.Others, d)
}

// Steps is how many batches an epoch of r has on d.
func Steps(r recipe.Recipe, d Data) int { return (EpochSize(r, d) + r.BatchSize - 1) / r.BatchSize }

// focused samples systematically: the images lie one after the other on a line,
// each as long as its weight, and a comb of as many teeth as there are images
// is laid on it at random. So each image comes up its expected number of times,
// rounded up or down, and over the epochs all have their share.
func focused(rng *rand.Rand, indices []int, focus recipe.Focus, set mnist.Set) []int {
	total := 0.0
	for i := range set.Len() {
		total += focus[set.Label(i)]
	}
	gap := total / float64(set.Len())
	tooth := gap * rng.Float64()
	taken := make([]int, 0, set.Len())
	end, last := 0.0, -1
	for _, i := range indices {
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
