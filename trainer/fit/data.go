package fit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"rakam/trainer/drawn"
	"rakam/trainer/mnist"
	"rakam/trainer/recipe"
	"rakam/wasm/ink"
)

// Data is what a run trains on and what it watches.
type Data struct {
	Train   mnist.Set
	Strokes []drawn.Drawn // drawings that the recipe mixes in, varied
	Watch   mnist.Set     // measured after every epoch
	Hash    string        // SHA-256 of Train, or with Strokes of that and their stroke file

	Drawings *Drawings // what there is beside MNIST, in Train or Strokes; nil for nothing
}

// Drawings says what a run trained on beside MNIST.
type Drawings struct {
	Count     int
	Pendigits bool // some are from UCI's pendigits, which wants its credit
}

// LoadData gathers MNIST's training images, less the recipe's holdout, and the
// drawings: as strokes for a recipe that mixes them in, else made into images as
// the browser makes them.
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
	for _, one := range drawings {
		if _, info := ink.Render(one.Strokes); info.Blank {
			return Data{}, fmt.Errorf("drawing %s has no ink", one.ID)
		}
	}
	if r.Mix.Drawn > 0 {
		d.Strokes = drawings
	} else {
		d.Train = withDrawings(d.Train, drawings)
	}
	if len(drawings) > 0 {
		d.Drawings = &Drawings{len(drawings), slices.ContainsFunc(drawings, drawn.Drawn.Pendigits)}
	}
	d.Hash, err = hash(d)
	return d, err
}

// withDrawings returns the set with the images of drawings behind it.
func withDrawings(set mnist.Set, drawings []drawn.Drawn) mnist.Set {
	set.Images, set.Labels = slices.Clip(set.Images), slices.Clip(set.Labels) // appending must not write into the shared set
	for _, one := range drawings {
		image, _ := ink.Render(one.Strokes)
		for _, v := range image {
			set.Images = append(set.Images, uint8(math.Round(float64(v)*255)))
		}
		set.Labels = append(set.Labels, uint8(one.Label)) // NoDigit for drawn.Unlabelled
	}
	return set
}

func hash(d Data) (string, error) {
	sum := d.Train.Hash()
	if len(d.Strokes) == 0 {
		return sum, nil
	}
	h := sha256.New()
	h.Write([]byte(sum))
	if err := drawn.Write(h, d.Strokes, drawn.Both); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
