package runs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"rakam/trainer/fit"
	"rakam/trainer/recipe"
	"rakam/trainer/report"
)

// Estimate says how long a run will take.
type Estimate struct {
	SecondsPerEpoch float64 `json:"seconds_per_epoch"`
	Seconds         float64 `json:"seconds"`          // for all epochs
	Source          string  `json:"source"`           // "run" or "calibration"
	Run             string  `json:"run,omitempty"`    // that was measured
	Images          int     `json:"images,omitempty"` // in an epoch, where it was calibrated
}

// Estimator estimates on one machine. It is safe for concurrent use.
type Estimator struct {
	Worker *Worker // which would train; need not run
	mu     sync.Mutex
	known  map[string]Estimate // by what decides the time of an epoch
}

// calibrationSteps are enough to see how long one takes. The first one, in which
// the graph is compiled, does not count.
const calibrationSteps = 11

// Estimate returns how long r takes on this machine: as the last run of the same
// pace did there, or as a few steps take now, for which it trains for a moment.
func (e *Estimator) Estimate(ctx context.Context, r recipe.Recipe) (Estimate, error) {
	if err := r.Validate(); err != nil {
		return Estimate{}, err
	}
	if err := e.Worker.prepare(); err != nil {
		return Estimate{}, err
	}
	all, err := e.Worker.Service.List(ctx)
	if err != nil {
		return Estimate{}, err
	}
	for _, run := range all {
		if run.Machine == e.Worker.Machine && len(run.History) > 0 && pace(run.Recipe) == pace(r) {
			return Estimate{SecondsPerEpoch: typical(run.History), Source: "run", Run: run.ID}.times(r.Epochs), nil
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	known, ok := e.known[pace(r)]
	if !ok {
		if known, err = e.calibrate(ctx, r); err != nil {
			return Estimate{}, err
		}
		if e.known == nil {
			e.known = map[string]Estimate{}
		}
		e.known[pace(r)] = known
	}
	return known.times(r.Epochs), nil
}

// pace names what decides how long an epoch takes.
func pace(r recipe.Recipe) string {
	return fmt.Sprint(r.Spec, r.Optimizer.Name, r.BatchSize, r.Holdout, r.Average > 0,
		r.Mix, r.Augment, r.AugmentStrokes, r.Plain, r.Teacher)
}

func (e Estimate) times(epochs int) Estimate {
	e.Seconds = e.SecondsPerEpoch * float64(epochs)
	return e
}

// typical is the median, as an epoch during which the machine did something else
// says little.
func typical(history []report.Epoch) float64 {
	var seconds []float64
	for _, h := range history {
		seconds = append(seconds, h.Seconds)
	}
	return median(seconds)
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// calibrate trains for a few steps and throws the result away.
func (e *Estimator) calibrate(ctx context.Context, r recipe.Recipe) (Estimate, error) {
	config, err := e.Worker.config(r, nil)
	if err != nil {
		return Estimate{}, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var took []float64
	steps, last := 0, time.Now()
	config.Progress = func(p fit.Progress) {
		now := time.Now()
		took = append(took, now.Sub(last).Seconds())
		last, steps = now, p.Steps
		if len(took) == calibrationSteps {
			stop()
		}
	}
	_, err = fit.Run(ctx, config)
	if err != nil && (!errors.Is(err, context.Canceled) || len(took) < calibrationSteps) {
		return Estimate{}, err
	}
	if len(took) > 1 {
		took = took[1:]
	}
	return Estimate{SecondsPerEpoch: median(took) * float64(steps), Source: "calibration", Images: fit.EpochSize(r, config.Data)}, nil
}
