package fit

import (
	"context"
	"iter"

	"rakam/trainer/graph"
)

// foldBatches is how many batches a batch norm is measured on for the model.
const foldBatches = 32

// fold makes the batch norm of a recipe that has one a part of each network, as it is
// on the first batches of epoch n, with the weights of now.
func (r *run) fold(ctx context.Context, n int) error {
	if !r.Recipe.BatchNorm {
		return nil
	}
	for _, m := range r.members {
		if err := m.trainer.Fold(r.first(ctx, m, n, foldBatches)); err != nil {
			return err
		}
	}
	return nil
}

// first yields the images of the first batches of epoch n of a network.
func (r *run) first(ctx context.Context, m member, n, batches int) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		items := order(m.recipe, r.Data, n)
		next, stop := r.batches(m, n, items[:min(len(items), batches*r.Recipe.BatchSize)], 0)
		defer stop()
		for b := range next {
			if ctx.Err() != nil {
				b.err = ctx.Err()
			}
			if !yield(b.images, b.err) {
				return
			}
			if r.Yield != nil {
				r.Yield()
			}
		}
	}
}

// watch measures the networks at the end of epoch n on the watched data, each alone,
// and returns their means.
func (r *run) watch(ctx context.Context, n int) (loss, accuracy float64, err error) {
	if err := r.fold(ctx, n); err != nil {
		return 0, 0, err
	}
	correct, images := 0, float64(r.Data.Watch.Len()*len(r.members))
	for _, m := range r.members {
		l, c, err := r.watchOne(ctx, m.trainer)
		if err != nil {
			return 0, 0, err
		}
		loss += l / images
		correct += c
	}
	return loss, float64(correct) / images, nil
}

// watchOne returns the sum of the losses of a network and how many it reads correctly.
func (r *run) watchOne(ctx context.Context, t *graph.Trainer) (loss float64, correct int, err error) {
	set := r.Data.Watch
	indices := make([]int, 0, evalBatch)
	for i := range set.Len() {
		indices = append(indices, i)
		if len(indices) < evalBatch && i < set.Len()-1 {
			continue
		}
		if ctx.Err() != nil {
			return 0, 0, ctx.Err()
		}
		images, targets := plain(set, indices)
		l, c, err := t.Score(images, targets)
		if err != nil {
			return 0, 0, err
		}
		loss += l * float64(len(indices))
		correct += c
		indices = indices[:0]
	}
	return loss, correct, nil
}
