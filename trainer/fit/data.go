package fit

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"rakam/trainer/drawn"
	"rakam/trainer/mnist"
	"rakam/trainer/recipe"
	"rakam/wasm/ink"
)

// Data is what a run trains on and what it watches.
type Data struct {
	Train mnist.Set
	Watch mnist.Set // measured after every epoch
	Hash  string    // SHA-256 of Train

	Drawings *Drawings // what Train holds beside MNIST; nil for nothing
}

// Drawings says what a run trained on beside MNIST.
type Drawings struct {
	Count     int
	Pendigits bool // some are from UCI's pendigits, which wants its credit
}

// LoadData gathers MNIST's training images, less the recipe's holdout, and the
// drawings, made into images as the browser makes them.
func LoadData(r recipe.Recipe, drawings []drawn.Drawn) (Data, error) {
	train, err := mnist.Train()
	if err != nil {
		return Data{}, err
	}
	var d Data
	if r.Holdout == 0 {
		d.Train = train
		if d.Watch, err = mnist.Test(); err != nil {
			return Data{}, err
		}
	} else {
		n := train.Len() - r.Holdout
		d.Train, d.Watch = train.Slice(0, n), train.Slice(n, train.Len())
	}
	d.Train.Images = slices.Clip(d.Train.Images) // appending must not write into the shared set
	d.Train.Labels = slices.Clip(d.Train.Labels)
	for _, one := range drawings {
		image, info := ink.Render(one.Strokes)
		if info.Blank {
			return Data{}, fmt.Errorf("drawing %s has no ink", one.ID)
		}
		for _, v := range image {
			d.Train.Images = append(d.Train.Images, uint8(math.Round(float64(v)*255)))
		}
		d.Train.Labels = append(d.Train.Labels, uint8(one.Label))
	}
	if len(drawings) > 0 {
		d.Drawings = &Drawings{len(drawings), slices.ContainsFunc(drawings, func(one drawn.Drawn) bool {
			return strings.HasPrefix(one.ID, "pendigits/")
		})}
	}
	d.Hash = d.Train.Hash()
	return d, nil
}
