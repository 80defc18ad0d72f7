package runs

import (
	"cmp"
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
	Seconds         float64 `json:"seconds"`          // for all epochs, and MeasuringSeconds
	Source          string  `json:"source"`           // "run" or "calibration"
	Run             string  `json:"run,omitempty"`    // that was measured
	Images          int     `json:"images,omitempty"` // in an epoch, of all networks, where it was calibrated

	// MeasuringSeconds is what a version of the same pace took to be measured and
	// compared with the champion; 0 where none was.
	MeasuringSeconds float64 `json:"measuring_seconds,omitempty"`
}

// Estimator estimates on one machine. It is safe for concurrent use.
type Estimator struct {
	Worker *Worker       // which would train; need not run
	turn   chan struct{} // holds what is calibrating: one at a time

	mu         sync.Mutex
	calibrated map[string]Estimate // by what decides the time of an epoch
}

// NewEstimator returns one that calibrates with w.
func NewEstimator(w *Worker) *Estimator {
	return &Estimator{Worker: w, turn: make(chan struct{}, 1), calibrated: map[string]Estimate{}}
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
	known, err := e.Known(ctx, r)
	if err != nil {
		return Estimate{}, err
	}
	if known[0] != nil {
		return *known[0], nil
	}
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
	case <-ctx.Done():
		return Estimate{}, ctx.Err()
	}
	if done, ok := e.calibration(r); ok { // while this one waited
		return done, nil
	}
	if err := ctx.Err(); err != nil {
		return Estimate{}, err
	}
	done, err := e.calibrate(ctx, r)
	if err != nil {
		return Estimate{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calibrated[pace(r)] = done
	return done.times(r.Epochs), nil
}

// Known returns for each of the recipes how long it takes on this machine, nil
// where only training would tell.
func (e *Estimator) Known(ctx context.Context, recipes ...recipe.Recipe) ([]*Estimate, error) {
	if err := e.Worker.prepare(); err != nil {
		return nil, err
	}
	all, err := e.Worker.Service.List(ctx)
	if err != nil {
		return nil, err
	}
	known := make([]*Estimate, len(recipes))
	for i, r := range recipes {
		if run := e.like(r, all); run != nil {
			measured := Estimate{
				SecondsPerEpoch: typical(run.History), Source: "run", Run: run.ID, MeasuringSeconds: run.MeasuringSeconds,
			}.times(r.Epochs)
			known[i] = &measured
		} else if done, ok := e.calibration(r); ok {
			known[i] = &done
		}
	}
	return known, nil
}

// like returns the last run of this machine whose epochs take as long as r's, one that
// was measured too if there is one, or nil.
func (e *Estimator) like(r recipe.Recipe, all []Run) *Run {
	var last *Run
	for i, run := range all {
		if run.Machine != e.Worker.Machine || len(run.History) == 0 || pace(run.Recipe) != pace(r) {
			continue
		}
		if run.MeasuringSeconds > 0 {
			return &all[i]
		}
		last = cmp.Or(last, &all[i])
	}
	return last
}

// calibration returns what a calibration said about r's pace, if there was one.
func (e *Estimator) calibration(r recipe.Recipe) (Estimate, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	done, ok := e.calibrated[pace(r)]
	return done.times(r.Epochs), ok
}

// pace names what decides how long an epoch takes.
func pace(r recipe.Recipe) string {
	return fmt.Sprint(r.Spec, r.Optimizer.Name, r.BatchSize, r.Holdout, r.Average > 0,
		r.Dropout > 0, r.BatchNorm, r.Mix, r.Augment, r.AugmentStrokes, r.Plain, r.Teacher)
}

func (e Estimate) times(epochs int) Estimate {
	e.Seconds = e.SecondsPerEpoch*float64(epochs) + e.MeasuringSeconds
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
