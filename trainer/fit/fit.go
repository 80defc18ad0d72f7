// Package fit is the training loop: epochs over shuffled batches, a history,
// and checkpoints that let an interrupted run go on as if nothing had happened.
package fit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/gomlx/compute"

	"rakam/trainer/graph"
	"rakam/trainer/recipe"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// Config is what Run needs.
type Config struct {
	Recipe     recipe.Recipe
	Data       Data
	Backend    compute.Backend
	Checkpoint Checkpoint     // keeps the progress; nil for none
	Interval   time.Duration  // between checkpoints within an epoch; 0 for DefaultInterval
	Resume     bool           // go on from Checkpoint
	Progress   func(Progress) // called after every step, from Run's goroutine; may be nil
	Yield      func()         // called between two steps; may wait to let others go first; may be nil
	Teacher    *nn.Model      // what the recipe's Teacher names; nil for a recipe without
	Start      *nn.Model      // what the recipe's Start names, likewise
}

// DefaultInterval bounds what a machine that loses power loses.
const DefaultInterval = 30 * time.Second

// Progress says how far a run is.
type Progress struct {
	Epoch, Epochs  int     // the epoch under way, from 1
	Step, Steps    int     // batches done in this epoch, those of all networks of an ensemble
	Loss, Accuracy float64 // mean over this epoch's batches so far
	Remaining      time.Duration
	Finished       *report.Epoch // the entry of the history when an epoch has just ended
}

// ErrStart is returned when a recipe begins with a version of another architecture.
var ErrStart = errors.New("the recipe cannot begin with a version of another architecture")

// ErrDiverged is returned when the loss or a weight stops being a finite number.
var ErrDiverged = errors.New("the training diverged")

// evalBatch is how many images are measured at once; it does not matter for
// the result beyond rounding.
const evalBatch = 500

// run is one execution of a recipe.
type run struct {
	Config
	members []member
	at      Position
	kept    *kept
	teacher *graph.Reader
	started time.Time // less what earlier processes spent in a resumed run
	saved   time.Time // when the last checkpoint was, or started
	steps   int       // done
}

// member is a network of an ensemble, or the only one.
type member struct {
	recipe  recipe.Recipe
	trainer *graph.Trainer
}

// Run trains the recipe on its data, the networks of an ensemble by turns, each as it
// would be trained alone. When ctx ends it keeps a checkpoint of the
// very batch it is at and returns ctx's error; with Resume it goes on from
// there. The same recipe, data, backend and machine give the same weights to
// the byte, interrupted or not.
func Run(ctx context.Context, c Config) (*Result, error) {
	if err := c.Recipe.Validate(); err != nil {
		return nil, err
	}
	if c.Data.Train.Len() == 0 || c.Data.Watch.Len() == 0 {
		return nil, errors.New("no images to train on")
	}
	r := &run{Config: c, started: time.Now(), saved: time.Now()}
	if r.Interval == 0 {
		r.Interval = DefaultInterval
	}
	r.saved = r.saved.Add(-r.Interval * 9 / 10) // the first one soon, for those who are killed again and again
	if (c.Recipe.Teacher != "") != (c.Teacher != nil) {
		return nil, fmt.Errorf("the recipe's teacher %q is not here", c.Recipe.Teacher)
	}
	if (c.Recipe.Start != "") != (c.Start != nil) {
		return nil, fmt.Errorf("the version %q, which the recipe begins with, is not here", c.Recipe.Start)
	}
	if c.Start != nil && !c.Start.Spec.Equal(c.Recipe.Spec) {
		return nil, fmt.Errorf("%w: %s is %v, the recipe wants %v", ErrStart, c.Recipe.Start, c.Start.Spec, c.Recipe.Spec)
	}
	var states []graph.State
	if c.Resume {
		cp, err := loadCheckpoint(c.Checkpoint)
		if err != nil {
			return nil, err
		}
		if err := cp.matches(c); err != nil {
			return nil, err
		}
		r.at, r.kept, states = cp.Position, cp.Kept, cp.States
		r.started, r.steps = r.started.Add(-r.at.spent()), len(r.at.History)*r.stepsPerEpoch()+r.at.Step
	}
	for k := range c.Recipe.Spec.Networks() {
		m := member{recipe: c.Recipe.Network(k)}
		if !c.Resume {
			states = append(states, begin(m.recipe, c.Start, k))
		}
		var err error
		if m.trainer, err = graph.New(c.Backend, m.recipe, states[k]); err != nil {
			return nil, err
		}
		r.members = append(r.members, m)
	}
	if c.Teacher != nil {
		var err error
		if r.teacher, err = graph.NewReader(c.Backend, c.Teacher); err != nil {
			return nil, err
		}
	}
	for len(r.at.History) < c.Recipe.Epochs {
		if err := r.epoch(ctx); err != nil {
			return nil, err
		}
	}
	return r.result(ctx)
}

// begin returns the state that network k of a run begins with.
func begin(r recipe.Recipe, start *nn.Model, k int) graph.State {
	state := graph.NewState(r)
	if start != nil {
		state.Begin(start.Network(k))
	}
	return state
}

// epoch runs what is left of the current epoch.
func (r *run) epoch(ctx context.Context) error {
	n := len(r.at.History) + 1
	begun, before := time.Now(), r.at.Seconds
	for r.at.Step < r.stepsPerEpoch() {
		if err := r.pass(ctx, n, before, begun); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return r.stop(ctx, before, begun)
		}
	}
	valLoss, valAccuracy, err := r.watch(ctx, n)
	if ctx.Err() != nil {
		return r.stop(ctx, before, begun)
	}
	if err != nil {
		return err
	}
	return r.endEpoch(report.Epoch{
		Epoch:       n,
		Loss:        r.at.LossSum / float64(r.at.Seen),
		Accuracy:    r.at.accuracy(),
		ValLoss:     valLoss,
		ValAccuracy: valAccuracy,
		Seconds:     math.Round(1000*(before+time.Since(begun).Seconds())) / 1000,
	})
}

// pass runs what is left of epoch n for the network that is under way.
func (r *run) pass(ctx context.Context, n int, before float64, begun time.Time) error {
	steps := r.stepsPerNetwork()
	k := r.at.Step / steps
	m := r.members[k]
	next, stop := r.batches(m, n, order(m.recipe, r.Data, n), r.at.Step%steps)
	defer stop()
	for end := (k + 1) * steps; r.at.Step < end && ctx.Err() == nil; {
		if err := r.step(m, <-next); err != nil {
			return err
		}
		if time.Since(r.saved) >= r.Interval {
			r.at.Seconds = before + time.Since(begun).Seconds()
			if err := r.checkpoint(); err != nil {
				return err
			}
		}
	}
	return nil
}

// stop keeps a checkpoint of an epoch that begun interrupts, before being the
// seconds spent in it by earlier processes.
func (r *run) stop(ctx context.Context, before float64, begun time.Time) error {
	r.at.Seconds = before + time.Since(begun).Seconds()
	return errors.Join(ctx.Err(), r.checkpoint())
}

// endEpoch adds an entry to the history.
func (r *run) endEpoch(entry report.Epoch) error {
	r.at = Position{History: append(r.at.History, entry)}
	if err := r.keep(entry); err != nil {
		return err
	}
	if err := r.checkpoint(); err != nil {
		return err
	}
	r.tell(Progress{Epoch: entry.Epoch, Step: r.stepsPerEpoch(), Loss: entry.Loss, Accuracy: entry.Accuracy, Finished: &entry})
	return nil
}

func (r *run) stepsPerEpoch() int { return Steps(r.Recipe, r.Data) }

func (r *run) stepsPerNetwork() int { return Steps(r.Recipe.Network(0), r.Data) }

// step trains a network on a batch.
func (r *run) step(m member, b batch) error {
	if b.err != nil {
		return b.err
	}
	loss, correct, err := m.trainer.Step(b.images, b.targets, r.rate())
	if err != nil {
		return err
	}
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return fmt.Errorf("%w in epoch %d: the loss is %v; try a smaller learning rate", ErrDiverged, len(r.at.History)+1, loss)
	}
	n := len(b.images) / nn.ImageSize
	r.at.Step++
	r.at.LossSum += loss * float64(n)
	r.at.Correct += correct
	r.at.Seen += n
	r.at.Digits += b.digits
	r.steps++
	r.tell(Progress{
		Epoch:    len(r.at.History) + 1,
		Step:     r.at.Step,
		Loss:     r.at.LossSum / float64(r.at.Seen),
		Accuracy: r.at.accuracy(),
	})
	if r.Yield != nil {
		r.Yield()
	}
	return nil
}

// warmUp is the part of a run during which the rate of a cosine schedule rises.
const warmUp = 0.05

// rate is the learning rate of the next step.
func (r *run) rate() float64 {
	full := r.Recipe.Optimizer.LearningRate
	if r.Recipe.Schedule == recipe.Constant {
		return full
	}
	steps := r.stepsPerNetwork()
	done := (float64(len(r.at.History)*steps+r.at.Step%steps) + 0.5) / float64(r.Recipe.Epochs*steps)
	if done < warmUp {
		return full * done / warmUp
	}
	return full * (1 + math.Cos(math.Pi*(done-warmUp)/(1-warmUp))) / 2
}

func (r *run) tell(p Progress) {
	if r.Progress == nil {
		return
	}
	p.Epochs, p.Steps = r.Recipe.Epochs, r.stepsPerEpoch()
	left := p.Epochs*p.Steps - (p.Epoch-1)*p.Steps - p.Step
	p.Remaining = time.Since(r.started) / time.Duration(max(r.steps, 1)) * time.Duration(left)
	r.Progress(p)
}

// states returns the state of each network, or ErrDiverged.
func (r *run) states() (states []graph.State, err error) {
	for _, m := range r.members {
		s, err := m.trainer.State()
		if err == nil {
			err = r.finite(s.Params)
		}
		if err != nil {
			return nil, err
		}
		states = append(states, s)
	}
	return states, nil
}
