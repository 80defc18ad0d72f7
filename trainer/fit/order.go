package fit

import (
	"math"
	"math/rand/v2"

	"rakam/trainer/recipe"
	"rakam/wasm/nn"
)

// kind is where an image of an epoch comes from.
type kind uint8

const (
	scanned   kind = iota // Data.Train, MNIST above all
	drawing               // Data.Strokes, varied
	generated             // our generator of digits
	other                 // our generator of what is no digit
)

// item is one image of an epoch.
type item struct {
	kind  kind
	index int32 // in the data of its kind; the digit of a generated one
}

// order returns what epoch n, from 1, trains on: all images of the training set,
// or with a focus as many, each as often as its digit's weight says, and what
// the recipe mixes in, with the same focus, shuffled. It depends on nothing but its arguments, so
// that a resumed run needs no memory of it.
func order(r recipe.Recipe, d Data, n int) []item {
	rng := rand.New(rand.NewPCG(r.Seed, uint64(n)))
	indices := rng.Perm(d.Train.Len())
	if !r.Focus.Even() {
		indices = focused(rng, indices, len(indices), func(i int) float64 { return r.Focus.Of(d.Train.Label(i)) })
	}
	items := make([]item, 0, available(r, d))
	for _, i := range indices {
		items = append(items, item{scanned, int32(i)})
	}
	if r.Mix == (recipe.Mix{}) {
		return items[:epochSize(r, d)]
	}
	for _, i := range drawings(rng, r, d) {
		items = append(items, item{drawing, int32(i)})
	}
	for _, digit := range digits(rng, r, d) {
		items = append(items, item{generated, int32(digit)})
	}
	for i := range share(r.Mix.Others, d) {
		items = append(items, item{other, int32(i)})
	}
	rng.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	return items[:epochSize(r, d)]
}

// drawings returns which of the drawings given an epoch has.
func drawings(rng *rand.Rand, r recipe.Recipe, d Data) (list []int) {
	want := drawnShare(r, d)
	if !r.Focus.Even() {
		return focused(rng, rng.Perm(len(d.Strokes)), want, func(i int) float64 { return r.Focus.Of(d.Strokes[i].Label) })
	}
	for len(list) < want {
		list = append(list, rng.Perm(len(d.Strokes))[:min(want-len(list), len(d.Strokes))]...)
	}
	return list
}

// digits returns which digits the generator draws in an epoch.
func digits(rng *rand.Rand, r recipe.Recipe, d Data) []int {
	want := share(r.Mix.Generated, d)
	list := make([]int, want)
	for i := range list {
		list[i] = i % nn.Classes
	}
	if r.Focus.Even() {
		return list
	}
	rng.Shuffle(want, func(i, j int) { list[i], list[j] = list[j], list[i] }) // a comb on a pattern takes a part of it
	return focused(rng, list, want, func(digit int) float64 { return r.Focus[digit] })
}

// share is how many images an epoch has of something it has so much of for each
// of the training set's.
func share(each float64, d Data) int { return int(math.Round(each * float64(d.Train.Len()))) }

// mostVariants is how often an epoch has one drawing at most, so that a few
// corrections do not outweigh all else.
const mostVariants = 250

// drawnShare is how many drawings an epoch has, none if there are none of
// what is to be taken.
func drawnShare(r recipe.Recipe, d Data) int {
	n := 0
	for _, one := range d.Strokes {
		if r.Focus.Even() || r.Focus.Of(one.Label) > 0 {
			n++
		}
	}
	return min(share(r.Mix.Drawn, d), n*mostVariants)
}

// EpochSize is how many images an epoch of r has on d, those of all networks of an
// ensemble.
func EpochSize(r recipe.Recipe, d Data) int { return epochSize(r, d) * r.Spec.Networks() }

// epochSize is how many an epoch has for each network. A batch norm would say little
// of the few images that may be left over for a last batch, so they are left out.
func epochSize(r recipe.Recipe, d Data) int {
	n := available(r, d)
	if rest := n % r.BatchSize; n > r.BatchSize && rest < r.MinBatchSize() {
		return n - rest
	}
	return n
}

// available is how many images there are for an epoch.
func available(r recipe.Recipe, d Data) int {
	return d.Train.Len() + drawnShare(r, d) + share(r.Mix.Generated, d) + share(r.Mix.Others, d)
}

// Steps is how many batches an epoch of r has on d, those of all networks of an
// ensemble.
func Steps(r recipe.Recipe, d Data) int {
	return (epochSize(r, d) + r.BatchSize - 1) / r.BatchSize * r.Spec.Networks()
}

// focused takes want of list, each as often as its weight says, shuffled; none
// where no weight is above zero. It samples systematically: the items lie one after
// the other on a line, each as long as its weight, and a comb of that many teeth
// is laid on it at random. So each comes up its expected number of times, rounded
// up or down, and over the epochs all have their share.
func focused(rng *rand.Rand, list []int, want int, weight func(i int) float64) []int {
	total := 0.0
	for _, i := range list {
		total += weight(i)
	}
	if !(total > 0) {
		return nil
	}
	gap := total / float64(want)
	tooth := gap * rng.Float64()
	taken := make([]int, 0, want)
	end, last := 0.0, -1
	for _, i := range list {
		w := weight(i)
		if w == 0 {
			continue
		}
		end += w
		last = i
		for ; tooth < end && len(taken) < want; tooth += gap {
			taken = append(taken, i)
		}
	}
	for len(taken) < want { // the sums round differently
		taken = append(taken, last)
	}
	rng.Shuffle(len(taken), func(i, j int) { taken[i], taken[j] = taken[j], taken[i] })
	return taken
}
