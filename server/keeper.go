package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"rakam/trainer/runs"
)

const (
	soonest  = time.Second      // after which a lost or missing store is looked for again
	latest   = 30 * time.Second // between two looks
	steadied = time.Minute      // a store that was open for so long is no sign of trouble
)

// keeper sees to it that there is a store with workers on it.
type keeper struct {
	ctx  context.Context
	quit context.CancelFunc
	mu   sync.Mutex // held while it begins or stops
	busy sync.WaitGroup
}

func newKeeper() *keeper {
	k := &keeper{}
	k.ctx, k.quit = context.WithCancel(context.Background())
	return k
}

// begin lets n workers work on the store of s, and looks for one while there is
// none, until stop is called.
func (k *keeper) begin(s *site, n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ctx.Err() == nil {
		k.busy.Go(func() { s.keepStore(k.ctx, n) })
	}
}

func (k *keeper) stop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.quit()
}

// wait returns when every worker has kept its checkpoint, or when ctx ends.
func (k *keeper) wait(ctx context.Context) bool {
	done := make(chan struct{})
	go func() {
		k.busy.Wait()
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

// keepStore lets n workers work while there is a store. While there is none it
// looks for one, ever more seldom.
func (s *site) keepStore(ctx context.Context, n int) {
	pause := soonest
	for {
		if kept := s.kept(); kept.missing == nil {
			begun := time.Now()
			s.work(ctx, kept, n)
			if time.Since(begun) > steadied {
				pause = soonest
			}
		} else if kept.missing.why == notAsked {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, latest)
		s.reopen(ctx)
	}
}

// work lets n workers work until ctx ends, or the store has to be opened again.
func (s *site) work(ctx context.Context, kept *store, n int) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var crew sync.WaitGroup
	for range n {
		worker := s.newWorker(kept.runs, kept.registry)
		crew.Go(func() { s.employ(ctx, worker) })
	}
	select {
	case <-ctx.Done():
	case <-kept.jet.Broken():
		stop()
		s.lose(kept)
	}
	crew.Wait()
}

func (s *site) employ(ctx context.Context, worker *runs.Worker) {
	if err := worker.Run(ctx); err != nil && ctx.Err() == nil {
		s.log.Error("a worker has ended", "error", err.Error())
	}
}

var errBroken = errors.New("the store has to be opened again")

// lose closes a store that is of no use any more. The champion stays in memory.
func (s *site) lose(kept *store) {
	s.log.Error("the store is lost: it is opened again; what is served stays")
	lost := *kept
	lost.missing = &noStore{reopening, "", errBroken, "Wait a moment. If it stays, see that the disk of the store has free space."}
	s.opened.Store(&lost)
	kept.end()
	if err := kept.jet.Close(); err != nil {
		s.log.Warn("the store could not be closed in order", "error", err.Error())
	}
}

// reopen looks for a store. Where there is none as before, nothing is logged again.
func (s *site) reopen(ctx context.Context) {
	before := s.kept()
	kept, err := s.tryStore(ctx)
	if err != nil {
		next := *before
		next.missing = explainNoStore(err)
		if next.missing.why != before.missing.why && ctx.Err() == nil {
			s.log.Error("there is still no store", "error", err.Error())
		}
		s.opened.Store(&next)
		return
	}
	s.opened.Store(kept)
	s.enthrone(kept, s.versions.Load())
	s.log.Info("there is a store now", "champion", s.versions.Load().champion().ID)
}
