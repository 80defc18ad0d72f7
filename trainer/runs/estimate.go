package runs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"rakam/trainer/drawn"
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

// Estimate returns how long r takes on this machine, with or without the approved
// corrections: as the last run of the same pace did there, or as a few steps take now,
// for which it trains for a moment.
func (e *Estimator) Estimate(ctx context.Context, r recipe.Recipe, corrections bool) (Estimate, error) {
	if err := r.Validate(); err != nil {
		return Estimate{}, err
	}
	all, err := e.list(ctx)
	if err != nil {
		return Estimate{}, err
	}
	if known := e.known(r, corrections, all); known != nil {
		return *known, nil
	}
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
	case <-ctx.Done():
		return Estimate{}, ctx.Err()
	}
	if done, ok := e.calibration(r, corrections); ok { // while this one waited
		return done, nil
	}
	if err := ctx.Err(); err != nil {
		return Estimate{}, err
	}
	done, err := e.calibrate(ctx, r, corrections)
	if err != nil {
		return Estimate{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calibrated[pace(r, corrections)] = done
	return done.times(r.Epochs), nil
}

// Known returns for each of the recipes how long it takes on this machine without
// corrections, nil where only training would tell.
func (e *Estimator) Known(ctx context.Context, recipes ...recipe.Recipe) ([]*Estimate, error) {
	all, err := e.list(ctx)
	if err != nil {
		return nil, err
	}
	known := make([]*Estimate, len(recipes))
	for i, r := range recipes {
		known[i] = e.known(r, false, all)
	}
	return known, nil
}

// list returns the runs there are, the newest first.
func (e *Estimator) list(ctx context.Context) ([]Run, error) {
	if err := e.Worker.prepare(); err != nil {
		return nil, err
	}
	return e.Worker.Service.List(ctx)
}

func (e *Estimator) known(r recipe.Recipe, corrections bool, all []Run) *Estimate {
	done, ok := measured(e.Worker.Machine, r, corrections, all)
	if !ok {
		if done, ok = e.calibration(r, corrections); !ok {
			return nil
		}
	}
	return &done
}

// measured returns how long r takes as the last run shows whose epochs do the same
// work on that machine, and the last of these that was measured and compared.
func measured(machine string, r recipe.Recipe, corrections bool, all []Run) (done Estimate, ok bool) {
	for _, run := range all {
		if run.Machine != machine || len(run.History) == 0 || pace(run.Recipe, run.Corrections) != pace(r, corrections) {
			continue
		}
		if !ok {
			done, ok = Estimate{SecondsPerEpoch: typical(run.History), Source: "run", Run: run.ID}, true
		}
		if done.MeasuringSeconds = run.MeasuringSeconds; done.MeasuringSeconds > 0 {
			break
		}
	}
	return done.times(r.Epochs), ok
}

// calibration returns what a calibration said about r's pace, if there was one.
func (e *Estimator) calibration(r recipe.Recipe, corrections bool) (Estimate, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	done, ok := e.calibrated[pace(r, corrections)]
	return done.times(r.Epochs), ok
}

// pace names what decides how long an epoch takes.
func pace(r recipe.Recipe, corrections bool) string {
	return fmt.Sprint(corrections, r.Spec, r.Optimizer.Name, r.BatchSize, r.Holdout, r.Average > 0,
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
func (e *Estimator) calibrate(ctx context.Context, r recipe.Recipe, corrections bool) (Estimate, error) {
	var drawings []drawn.Drawn
	if corrections {
		var err error
		if drawings, _, err = e.Worker.Registry.Approved(ctx); err != nil {
			return Estimate{}, err
		}
	}
	config, err := e.Worker.config(r, drawings)
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
