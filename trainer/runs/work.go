package runs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"rakam/trainer/drawn"
	"rakam/trainer/fit"
	"rakam/trainer/jet"
)

// panicked is a panic while a run was trained.
type panicked struct{ value any }

// Error leaves out the stack of another goroutine, which comes with the value of a
// panic that was carried over from there; the log has it.
func (p *panicked) Error() string {
	what, _, _ := strings.Cut(fmt.Sprint(p.value), "\n")
	return "the training crashed: " + what
}

// isolated makes an error of a panic in do.
func (l *lease) isolated(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			l.Service.Log.Error("a run crashed", "run", l.id, "panic", p, "stack", string(debug.Stack()))
			err = &panicked{p}
		}
	}()
	return do()
}

// work trains the run to its end and stores what comes of it. The error is what
// kept it from that.
func (l *lease) work(ctx context.Context) error {
	if l.run.Deaths >= maxDeaths {
		return fmt.Errorf("%d workers in a row died at the same place (epoch %d, step %d)", l.run.Deaths, l.run.Epoch+1, l.run.Step)
	}
	if l.run.Cancelling {
		return errCancelled
	}
	if err := l.Service.announce(l.ctx, l.id); err != nil {
		return err
	}
	if err := l.Service.announceEpochs(l.ctx, l.id, l.run.History); err != nil {
		return err
	}
	res, err := l.train()
	if err != nil {
		return err
	}
	return l.finish(ctx, res)
}

// train runs the recipe from its checkpoint, or from the beginning.
func (l *lease) train() (*fit.Result, error) {
	drawings, err := l.drawings(l.ctx)
	if err != nil {
		return nil, err
	}
	config, err := l.config(l.run.Recipe, drawings)
	if err != nil {
		return nil, err
	}
	if steps := fit.Steps(config.Recipe, config.Data); l.run.Steps != steps {
		if err := l.update(l.ctx, func(r *Run) { r.Steps = steps }); err != nil {
			return nil, err
		}
	}
	if l.run.Checkpoint == "" {
		l.say("begins", values{"images": fit.EpochSize(config.Recipe, config.Data), "backend": config.Backend.Name()})
	} else {
		l.say("resumes", values{"epoch": l.run.Epoch + 1, "step": l.run.Step + 1, "attempt": l.attempt})
	}
	config.Yield, config.Progress = l.Yield, l.progress()
	config.Checkpoint, config.Interval, config.Resume = checkpoint{l}, l.Interval, l.run.Checkpoint != ""
	return fit.Run(l.ctx, config)
}

func (l *lease) say(what string, v values) {
	l.Service.log(context.WithoutCancel(l.ctx), l.id, what, v)
}

// drawings returns the corrections that join the training data. They are copied
// when the run is first taken, so that it can go on with the same data when
// others have been approved or deleted meanwhile.
func (l *lease) drawings(ctx context.Context) ([]drawn.Drawn, error) {
	if !l.run.Corrections {
		return nil, nil
	}
	if l.run.Drawings == "" {
		if err := l.copyCorrections(ctx); err != nil {
			return nil, err
		}
	}
	b, err := l.Service.getObject(ctx, l.run.Drawings)
	if err != nil || len(b) == 0 {
		return nil, err
	}
	return drawn.Read(bytes.NewReader(b), drawn.Both)
}

func (l *lease) copyCorrections(ctx context.Context) error {
	list, _, err := l.Registry.Approved(ctx)
	if err != nil {
		return fmt.Errorf("the corrections could not be read: %w", err)
	}
	var buf bytes.Buffer
	if len(list) > 0 {
		if err := drawn.Write(&buf, list, drawn.Both); err != nil {
			return err
		}
	}
	name := fmt.Sprintf("%s.%d.drawings", l.id, l.attempt)
	if err := l.Service.putObject(ctx, name, buf.Bytes()); err != nil {
		return err
	}
	return l.update(ctx, func(r *Run) { r.Drawings = name })
}

// Progress is how far the epoch under way is.
type Progress struct {
	Epoch           int     `json:"epoch"` // under way, from 1
	Epochs          int     `json:"epochs"`
	Step            int     `json:"step"`
	Steps           int     `json:"steps"`
	Loss            float64 `json:"loss"` // over the epoch so far
	Accuracy        float64 `json:"accuracy"`
	Remaining       float64 `json:"remaining"` // seconds
	ImagesPerSecond float64 `json:"images_per_second"`
}

// progressEvery bounds how often pages are told of steps.
const progressEvery = 500 * time.Millisecond

// progress returns what tells everybody how far the run is.
func (l *lease) progress() func(fit.Progress) {
	last, images := time.Now(), 0
	return func(p fit.Progress) {
		if p.Finished != nil {
			l.epochDone(p)
			return
		}
		images += l.run.Recipe.BatchSize
		since := time.Since(last)
		if since < progressEvery {
			return
		}
		b, err := json.Marshal(Progress{
			p.Epoch, p.Epochs, p.Step, p.Steps, p.Loss, p.Accuracy,
			p.Remaining.Seconds(), float64(images) / since.Seconds(),
		})
		if err == nil {
			_ = l.Service.jet.Conn.Publish(liveSubject+l.id, b) // unkept, the next one says more
		}
		last, images = time.Now(), 0
	}
}

// epochDone announces an epoch that the record already has. When that fails the
// next epoch's announcement, or the next attempt's, makes up for it.
func (l *lease) epochDone(p fit.Progress) {
	ctx, cancel := persistent(l.ctx)
	defer cancel()
	if err := l.Service.announceEpochs(ctx, l.id, l.run.History); err != nil {
		l.Service.Log.Warn("an epoch is not announced yet", "run", l.id, "epoch", p.Epoch, "error", err)
	}
}

// conclude stores how the attempt ended and reports whether it could. If not,
// the run stays this worker's until the queue finds it dead.
func (l *lease) conclude(ctx context.Context, err error) bool {
	cause := context.Cause(l.ctx)
	persist, cancel := persistent(ctx)
	defer cancel()
	switch {
	case errors.Is(err, errLost) || cause == errLost:
		l.Service.Log.Warn("another worker has taken the run", "run", l.id, "worker", l.Name)
		return false
	case err == nil: // finish has stored it
	case errors.Is(err, errCancelled) || cause == errCancelled:
		err = l.keepBest(persist)
	case ctx.Err() != nil || jet.Away(err):
		err = l.handBack(persist)
	case cause != nil:
		err = l.failed(persist, cause)
	default:
		err = l.failed(persist, err)
	}
	if err != nil {
		l.Service.Log.Error("the end of a run could not be stored", "run", l.id, "error", err)
	}
	return err == nil
}

// handBack makes the run wait for another worker.
func (l *lease) handBack(ctx context.Context) error {
	l.say("handed_back", values{"epoch": l.run.Epoch + 1, "step": l.run.Step})
	return l.settle(ctx, func(r *Run) { r.State, r.Worker = Queued, "" })
}

func (l *lease) failed(ctx context.Context, reason error) error {
	problem, hint := reason.Error(), hintFor(reason)
	l.say("failed", values{"reason": problem})
	return l.settle(ctx, func(r *Run) {
		r.State, r.Finished, r.Cancelling = Failed, time.Now().UTC(), false
		r.Error, r.Hint = problem, hint
	})
}

// hintFor says what a person can do about a failed run.
func hintFor(err error) string {
	var crash *panicked
	switch {
	case errors.Is(err, fit.ErrDiverged):
		return "submit it with a smaller learning rate"
	case errors.Is(err, fit.ErrCheckpoint):
		return "submit it again: it can't go on from where it was"
	case errors.Is(err, errTime), errors.Is(err, errMemory):
		return "raise the worker's limit and resume it, or submit it with fewer epochs or a smaller batch"
	case errors.Is(err, fit.ErrStart):
		return "submit it again: the version that it begins with is another one than when it was submitted"
	case errors.Is(err, ErrTeacher):
		return "let a worker whose program ships that version resume it, or submit another recipe"
	case jet.Full(err):
		return "free space on the disk of the store, then resume it"
	case errors.As(err, &crash):
		return "resume it; if it crashes again, the worker's log tells where"
	}
	return "put right what is wrong, then resume it"
}
