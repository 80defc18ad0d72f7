package fit

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"

	"rakam/trainer/augment"
	"rakam/trainer/drawn/hand"
	"rakam/trainer/mnist"
	"rakam/trainer/recipe"
	"rakam/wasm/ink"
	"rakam/wasm/nn"
)

// batch is what one step trains on.
type batch struct {
	images  []float32 // [n, 784]
	targets []float32 // [n, 10]
	digits  int       // of the n; the others are no digit
	err     error
}

// maker makes the images of an epoch. It serves one goroutine.
type maker struct {
	recipe   recipe.Recipe
	data     Data
	epoch    int
	renderer ink.Renderer
	source   [nn.ImageSize]float32
}

// make writes the image and the target of an item at its place in the epoch. It
// depends on nothing else, so batches can be made ahead, again, and in any order.
func (m *maker) make(image, target []float32, it item, place int) {
	rng := rand.New(rand.NewPCG(m.recipe.Seed, uint64(m.epoch)<<32|uint64(place)))
	label := -1
	switch it.kind {
	case scanned:
		label = m.data.Train.Label(int(it.index))
		m.data.Train.Ink(image, int(it.index))
		if m.recipe.Augment.Any() && rng.Float64() >= m.recipe.Plain {
			copy(m.source[:], image)
			warp := augment.New(rng, m.recipe.Augment)
			warp.Image(image, m.source[:])
		}
	case drawing:
		d := m.data.Strokes[it.index]
		label = d.Label
		m.draw(image, rng, d.Strokes, label)
	case generated:
		label = int(it.index)
		m.draw(image, rng, hand.Digit(rng, label), label)
	case other:
		d, _ := hand.Other(rng)
		m.draw(image, rng, d, label)
	}
	aim(target, label, m.recipe.Smoothing)
}

// draw makes the image of a varied drawing. The pen skips in digits only: what is no
// digit may become one by it.
func (m *maker) draw(image []float32, rng *rand.Rand, d ink.Drawing, label int) {
	strength := m.recipe.AugmentStrokes
	warp := augment.New(rng, strength)
	if strength.Gap > 0 && label >= 0 && rng.Float64() < strength.Gap {
		d = augment.Skip(rng, d) // before the warp, which may draw a line more than once
	}
	made, _ := m.renderer.Render(warp.Drawing(d))
	copy(image, made[:])
	warp.Soften(image)
}

// aim writes the target of a digit, or of none for -1.
func aim(target []float32, label int, smoothing float64) {
	for i := range target {
		target[i] = float32(smoothing) / nn.Classes
	}
	if label >= 0 {
		target[label] += float32(1 - smoothing)
	}
}

// ahead is how many batches are made before they are asked for.
const ahead = 3

// batches makes the batches of an epoch of a network from the given step on, while
// earlier ones are trained on. Whoever calls stop before the last one ends it, and waits
// until it has ended.
func (r *run) batches(of member, epoch int, items []item, step int) (next <-chan batch, stop func()) {
	made, done := make(chan batch, ahead), make(chan struct{})
	size := r.Recipe.BatchSize
	makers := make([]*maker, runtime.GOMAXPROCS(0))
	for i := range makers {
		makers[i] = &maker{recipe: of.recipe, data: r.Data, epoch: epoch}
	}
	go func() {
		defer close(made)
		for from := step * size; from < len(items); from += size {
			b := r.batch(makers, items[from:min(from+size, len(items))], from)
			select {
			case made <- b:
			case <-done:
				return
			}
		}
	}()
	return made, sync.OnceFunc(func() {
		close(done)
		for range made { // until the one that is being made is done, for it uses the backend
		}
	})
}

// batch makes one batch of the items that begin at a place in the epoch.
func (r *run) batch(makers []*maker, items []item, place int) batch {
	n := len(items)
	b := batch{images: make([]float32, n*nn.ImageSize), targets: make([]float32, n*nn.Classes)}
	errs := make([]error, len(makers)+1)
	var wg sync.WaitGroup
	for w, m := range makers {
		wg.Go(func() {
			errs[w] = guarded(func() error {
				for i := w; i < n; i += len(makers) {
					m.make(b.images[i*nn.ImageSize:][:nn.ImageSize], b.targets[i*nn.Classes:][:nn.Classes], items[i], place+i)
				}
				return nil
			})
		})
	}
	wg.Wait()
	if r.teacher != nil {
		errs[len(makers)] = guarded(func() error { return r.teach(b) })
	}
	b.err = errors.Join(errs...)
	for i := range n { // as graph.Trainer counts
		if slices.Max(b.targets[i*nn.Classes:][:nn.Classes]) > 0.5 {
			b.digits++
		}
	}
	return b
}

// guarded turns a panic into an error: in another goroutine than the run's nobody
// could recover from it.
func guarded(do func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return do()
}

// teach mixes the teacher's probabilities into the targets, half and half.
func (r *run) teach(b batch) error {
	probabilities, err := r.teacher.Infer(b.images)
	if err != nil {
		return err
	}
	for i, p := range probabilities {
		b.targets[i] = (b.targets[i] + p) / 2
	}
	return nil
}

// plain gathers images as they are, [len(indices), 784], and their targets.
func plain(set mnist.Set, indices []int) (images, targets []float32) {
	images, targets = make([]float32, len(indices)*nn.ImageSize), make([]float32, len(indices)*nn.Classes)
	for k, i := range indices {
		set.Ink(images[k*nn.ImageSize:][:nn.ImageSize], i)
		aim(targets[k*nn.Classes:][:nn.Classes], set.Label(i), 0)
	}
	return images, targets
}
