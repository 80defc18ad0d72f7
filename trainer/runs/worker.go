package runs

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/gomlx/compute"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rakam/trainer/drawn"
	"rakam/trainer/fit"
	"rakam/trainer/pretrained"
	"rakam/trainer/recipe"
	"rakam/trainer/registry"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// Worker trains the runs of a queue, one at a time. Only Service, Registry and
// Backend must be given.
type Worker struct {
	Service  *Service
	Registry *registry.Registry
	Backend  func() (compute.Backend, error) // called for each run

	Name      string        // unlike that of any other worker, ever; made from the machine's if empty
	Machine   string        // name and processors, for people and for the time estimate
	Heartbeat time.Duration // between signs of life; a third of the service's AckWait if 0
	Interval  time.Duration // between checkpoints; fit.DefaultInterval if 0
	Yield     func()        // called between two steps; may wait to let others go first
	MaxTime   time.Duration // of one attempt; 0 for no limit
	MaxMemory uint64        // of this process' heap in bytes while it trains; 0 for no limit
	Drawn     *drawn.Set    // versions that trained on none of these drawings, nor learned from one that did, are measured on them too, which decides nothing; may be nil

	// Where the images and the versions come from that recipes name (nil for ""), and
	// what new versions are measured on; MNIST, what ships, and MNIST and the drawings, if nil.
	Data      func(recipe.Recipe, []drawn.Drawn) (fit.Data, error)
	Shipped   func(id string) (*nn.Model, error)
	Artifacts func(*fit.Result, *drawn.Set) (fit.Artifacts, *report.Report, error)
	Gate      func(ctx context.Context, challenger, champion string) (report.Comparison, error)

	once sync.Once
}

const (
	idle     = 30 * time.Second // a wait for a run; then the queue is looked after
	tryAgain = time.Second      // after the store failed
)

// Run takes one run after the other until ctx ends. Then it keeps a checkpoint
// of the run under way, gives that back for another worker to go on with, and
// returns nil. It returns an error only if it can't begin.
func (w *Worker) Run(ctx context.Context) error {
	if err := w.prepare(); err != nil {
		return err
	}
	if err := w.Service.sweep(ctx, orphaned); err != nil && ctx.Err() == nil {
		w.Service.Log.Warn("what killed workers left could not be deleted", "error", err)
	}
	w.Service.Log.Info("worker is waiting for runs", "worker", w.Name)
	for ctx.Err() == nil {
		msg, err := w.next(ctx)
		switch {
		case ctx.Err() != nil:
		case errors.Is(err, nats.ErrConnectionClosed):
			return err
		case err != nil:
			w.Service.Log.Warn("the queue does not answer", "error", err)
			sleep(ctx, tryAgain)
		case msg == nil:
			w.lookAfter(ctx)
		default:
			w.process(ctx, msg)
		}
	}
	return nil
}

// ErrTeacher is why a recipe cannot be trained here though others can.
var ErrTeacher = errors.New("the recipe learns from a version that does not ship with this program")

// config is what a run of r trains with.
func (w *Worker) config(r recipe.Recipe, drawings []drawn.Drawn) (c fit.Config, err error) {
	c.Recipe = r
	if c.Data, err = w.Data(r, drawings); err != nil {
		return c, err
	}
	if c.Teacher, err = w.Shipped(r.Teacher); err == nil {
		c.Start, err = w.Shipped(r.Start)
	}
	if err != nil {
		return c, fmt.Errorf("%w: %w", ErrTeacher, err)
	}
	c.Backend, err = w.Backend()
	return c, err
}

// prepare fills in what was not given.
func (w *Worker) prepare() error {
	if w.Service == nil || w.Registry == nil || w.Backend == nil {
		return errors.New("a worker needs a service, a registry and a backend")
	}
	w.once.Do(w.defaults)
	return nil
}

// Compare measures a challenger against a champion as w does at the end of a run.
func (w *Worker) Compare(ctx context.Context, challenger, champion string) (report.Comparison, error) {
	if err := w.prepare(); err != nil {
		return report.Comparison{}, err
	}
	return w.Gate(ctx, challenger, champion)
}

func (w *Worker) defaults() {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	if w.Machine == "" {
		w.Machine = fmt.Sprintf("%s (%d CPU)", host, runtime.NumCPU())
	}
	if w.Name == "" {
		var b [4]byte
		rand.Read(b[:]) // never fails
		w.Name = fmt.Sprintf("%s-%d-%s", host, os.Getpid(), hex.EncodeToString(b[:]))
	}
	if w.Heartbeat == 0 {
		w.Heartbeat = w.Service.AckWait / 3
	}
	if w.Data == nil {
		w.Data = fit.LoadData
	}
	if w.Shipped == nil {
		w.Shipped = pretrained.Model
	}
	if w.Artifacts == nil {
		w.Artifacts = fit.NewArtifacts
	}
	if w.Gate == nil {
		w.Gate = w.Registry.Gate
	}
}

// next waits for a run. It returns nil when none came.
func (w *Worker) next(ctx context.Context) (jetstream.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, idle)
	defer cancel()
	msg, err := w.Service.consumer().Next(jetstream.FetchContext(ctx))
	switch {
	case errors.Is(err, nats.ErrTimeout), errors.Is(err, jetstream.ErrNoMessages), errors.Is(err, context.DeadlineExceeded):
		return nil, nil
	case errors.Is(err, jetstream.ErrConsumerDeleted): // while it waited
		return nil, w.Service.openConsumer(ctx)
	case errors.Is(err, nats.ErrNoResponders): // deleted before, or away
		return nil, cmp.Or(w.Service.openConsumer(ctx), err)
	}
	return msg, err
}

// lookAfter finds queued runs that no worker would ever be given.
func (w *Worker) lookAfter(ctx context.Context) {
	all, err := w.Service.all(ctx)
	for _, run := range all {
		if err == nil && run.State == Queued {
			err = w.Service.requeue(ctx, run)
		}
	}
	if err != nil && ctx.Err() == nil {
		w.Service.Log.Warn("the queue could not be looked after", "error", err)
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// process deals with one message: whatever happens to the run, the worker goes
// on with the next.
func (w *Worker) process(ctx context.Context, msg jetstream.Msg) {
	l, err := w.take(ctx, msg)
	if err != nil {
		w.Service.Log.Warn("a run could not be taken", "run", string(msg.Data()), "error", err)
		_ = msg.NakWithDelay(tryAgain)
		sleep(ctx, tryAgain)
		return
	}
	if l == nil {
		w.drop(ctx, msg)
		return
	}
	done := make(chan struct{})
	guarded := make(chan struct{})
	go func() {
		defer close(guarded)
		l.guard(context.WithoutCancel(ctx), done)
	}()
	err = l.isolated(func() error { return l.work(ctx) })
	stored := l.conclude(ctx, err)
	l.cancel(nil)
	close(done)
	<-guarded
	if !stored {
		return // the queue will give the run to a worker again
	}
	ctx, cancel := persistent(ctx)
	defer cancel()
	if err := w.Service.announce(ctx, l.id); err != nil {
		w.Service.Log.Warn("a change of a run is not announced yet", "run", l.id, "error", err)
		return // nor acknowledged: whoever gets the message next announces it
	}
	if l.run.State == Queued {
		_ = msg.Nak() // lost, it is given to another worker after AckWait
		return
	}
	w.drop(ctx, msg)
}

// drop acknowledges the message of a run that needs no worker, unless it was
// resumed in the meantime: then its message, which could not be added to the
// queue beside this one, is added now.
func (w *Worker) drop(ctx context.Context, msg jetstream.Msg) {
	id := string(msg.Data())
	err := w.Service.announce(ctx, id)
	if err == nil {
		err = msg.DoubleAck(ctx)
	}
	if err == nil {
		if run, _, loadErr := w.Service.load(ctx, id); loadErr == nil && run.State == Queued {
			err = w.Service.requeue(ctx, run)
		}
	}
	if err != nil {
		w.Service.Log.Warn("a run that has ended stays in the queue for a while", "run", id, "error", err)
	}
}
