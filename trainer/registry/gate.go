package registry

import (
	"context"

	"rakam/trainer/drawn"
	"rakam/trainer/mnist"
	"rakam/trainer/report"
	"rakam/wasm/ink"
)

// Gate measures a challenger against a champion on what no recipe but seed has
// trained on: MNIST's last training images and the corrections held out. It
// fails with ErrNotFound or ErrDamaged when one of the versions is gone.
func (r *Registry) Gate(ctx context.Context, challenger, champion string) (report.Comparison, error) {
	ours, err := r.Model(ctx, challenger)
	if err != nil {
		return report.Comparison{}, err
	}
	theirs, err := r.Model(ctx, champion)
	if err != nil {
		return report.Comparison{}, err
	}
	train, err := mnist.Train()
	if err != nil {
		return report.Comparison{}, err
	}
	_, held, err := r.Approved(ctx)
	if err != nil {
		return report.Comparison{}, err
	}
	validation := train.Slice(train.Len()-report.ValidationLen, train.Len())
	return report.Gate(ours, theirs, validation, drawings(held)), nil
}

// drawings are samples made into images as the browser makes them.
type drawings []drawn.Drawn

func (d drawings) Len() int        { return len(d) }
func (d drawings) Label(i int) int { return d[i].Label }

func (d drawings) Ink(dst []float32, i int) {
	image, _ := ink.Render(d[i].Strokes)
	copy(dst, image[:])
}
