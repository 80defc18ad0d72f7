package recipe

import (
	"fmt"
	"math"
	"slices"

	"rakam/trainer/augment"
	"rakam/wasm/nn"
)

// MinBatchSize is the least that r's batch size may be: over a few images alone a
// batch norm would say little of the others.
func (r Recipe) MinBatchSize() int {
	if r.BatchNorm {
		return 16
	}
	return 1
}

// FieldError is a value that cannot be trained with.
type FieldError struct {
	Field   string // its name in JSON, as in "batch_size"
	Problem string // what is wrong and what is wanted
}

func (e *FieldError) Error() string { return e.Problem }

func wrong(field, format string, args ...any) error {
	return &FieldError{field, fmt.Sprintf(format, args...)}
}

// Validate says what is wrong with r, or nil if it can be trained. What is
// wrong with a single value is a *FieldError.
func (r Recipe) Validate() error {
	if err := r.Spec.Validate(); err != nil {
		return err
	}
	o := r.Optimizer
	switch {
	case r.Loss != BinaryCrossentropy:
		return wrong("loss", "loss is %q, want %q", r.Loss, BinaryCrossentropy)
	case o.Name != RMSprop && o.Name != AdamW:
		return wrong("optimizer", "optimizer is %q, want %q or %q", o.Name, RMSprop, AdamW)
	case !(o.LearningRate > 0 && o.LearningRate <= 1): // refuses NaN too
		return wrong("learning_rate", "learning rate is %v, want more than 0 and at most 1", o.LearningRate)
	case !(o.Rho >= 0 && o.Rho < 1):
		return wrong("rho", "rho is %v, want 0 to below 1", o.Rho)
	case !(o.Epsilon > 0) || math.IsInf(o.Epsilon, 0):
		return wrong("epsilon", "epsilon is %v, want more than 0", o.Epsilon)
	case r.Epochs < 1 || r.Epochs > MaxEpochs:
		return wrong("epochs", "epochs is %d, want 1 to %d", r.Epochs, MaxEpochs)
	case r.BatchSize < r.MinBatchSize() || r.BatchSize > MaxBatchSize:
		return wrong("batch_size", "batch size is %d, want %d to %d", r.BatchSize, r.MinBatchSize(), MaxBatchSize)
	case r.Holdout < 0 || r.Holdout > MaxHoldout:
		return wrong("holdout", "holdout is %d, want 0 to %d", r.Holdout, MaxHoldout)
	}
	if err := r.validateExtras(); err != nil {
		return err
	}
	return r.Focus.validate()
}

// validateExtras checks what the tutorial's recipe does without.
func (r Recipe) validateExtras() error {
	share := func(v float64) bool { return v >= 0 && v < 1 } // false for NaN
	switch o := r.Optimizer; {
	case !share(o.Momentum) || o.Name == RMSprop && o.Momentum != 0:
		return wrong("momentum", "momentum is %v, want 0 to below 1, and 0 for %s", o.Momentum, RMSprop)
	case !share(o.Decay) || o.Name == RMSprop && o.Decay != 0:
		return wrong("decay", "decay is %v, want 0 to below 1, and 0 for %s", o.Decay, RMSprop)
	case r.Schedule != Constant && r.Schedule != Cosine:
		return wrong("schedule", "schedule is %q, want %q or nothing", r.Schedule, Cosine)
	case !share(r.Average):
		return wrong("average", "average is %v, want 0 to below 1", r.Average)
	case !share(r.Dropout):
		return wrong("dropout", "dropout is %v, want 0 to below 1", r.Dropout)
	case r.BatchNorm && slices.ContainsFunc(r.Spec.Layers[:len(r.Spec.Layers)-1], func(l nn.Layer) bool { return l.Activation == nn.Sigmoid }):
		return wrong("batch_norm", "batch norm is on with hidden sigmoid layers, want rectifiers or no batch norm")
	case r.Prune != 0 && (r.Prune < 0 || r.lastHidden() == nil || r.Prune >= r.lastHidden().Units):
		return wrong("prune", "%d units of the last hidden layer are left out, want fewer than it has, and a dense one", r.Prune)
	case r.BatchNorm && !r.hidden():
		return wrong("batch_norm", "batch norm is on and no hidden layer has weights, want one or no batch norm")
	case r.BatchNorm && r.Start != "":
		return wrong("start", "the training begins with the weights of %s, which have their batch norm folded in, and batch norm is on: want one of the two", r.Start)
	case !(r.Plain >= 0 && r.Plain <= 1):
		return wrong("plain", "plain is %v, want 0 to 1", r.Plain)
	case !(r.Smoothing >= 0 && r.Smoothing < 0.5):
		return wrong("smoothing", "smoothing is %v, want 0 to below 0.5", r.Smoothing)
	}
	for _, v := range append(r.Augment.Values(), r.AugmentStrokes.Values()...) {
		if !(v >= 0 && v <= MaxAugment) {
			return wrong("augment", "an augmentation has a strength of %v, want 0 to %v", v, MaxAugment)
		}
	}
	if images, drawings := r.Augment.Weight, r.AugmentStrokes.Weight; images > MaxWeight || drawings > augment.MostWeight {
		return wrong("augment", "strokes are made heavier by %v px in images and by %v px in drawings, want at most %v and %v", images, drawings, MaxWeight, augment.MostWeight)
	}
	if images, drawings := r.Augment.Blur, r.AugmentStrokes.Blur; max(images, drawings) > MaxBlur {
		return wrong("augment", "images are blurred by %v px and those of drawings by %v px, want at most %v", images, drawings, MaxBlur)
	}
	if s := r.AugmentStrokes; s.Paper > 1 || (s.Weight > 0 || s.Blur > 0) != (s.Paper > 0) {
		return wrong("augment", "a share of %v of the drawings is heavier by %v px and blurred by %v px, want a share of at most 1 and both of them or none", s.Paper, s.Weight, s.Blur)
	}
	if p := r.Augment.Paper; p != 0 {
		return wrong("augment", "a share of %v of the images looks as if it came from paper, want 0: all did", p)
	}
	if g := r.AugmentStrokes.Gap; g > 1 || r.Augment.Gap != 0 {
		return wrong("augment", "the pen skips in %v of the images and in %v of the drawings, want 0 and at most 1", r.Augment.Gap, g)
	}
	for _, v := range []float64{r.Mix.Drawn, r.Mix.Generated, r.Mix.Others} {
		if !(v >= 0 && v <= MaxMix) {
			return wrong("mix", "the mix has %v of something, want 0 to %v", v, MaxMix)
		}
	}
	return nil
}

func (f Focus) validate() error {
	for digit, w := range f {
		if !(w >= 0 && w <= MaxFocus) { // refuses NaN too
			return wrong("focus", "focus on %d is %v, want 0 to %v", digit, w, MaxFocus)
		}
	}
	return nil
}
