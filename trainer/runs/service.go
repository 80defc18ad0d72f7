package runs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"rakam/trainer/jet"
	"rakam/trainer/recipe"
)

// Options is what may differ between services. The zero value is what the
// server uses.
type Options struct {
	Find      func(name string) (recipe.Recipe, error) // recipe.Find if nil
	AckWait   time.Duration                            // a worker silent for so long has died; 10 s if 0
	MaxQueued int                                      // runs that may wait; 100 if 0
	MaxRuns   int                                      // records kept, the newest; 1000 if 0
	Patience  time.Duration                            // a reader of events who leaves one lying for so long is dropped; 10 s if 0
	Log       *slog.Logger                             // slog.Default() if nil
}

// Service submits runs and tells about them. It is safe for concurrent use, and
// many processes may have one on the same store.
type Service struct {
	Options
	jet     *jet.Jet
	records jetstream.KeyValue
	objects *jet.Objects
	queue   jetstream.Stream
	events  jetstream.Stream
	workers atomic.Pointer[jetstream.Consumer] // of the queue; a worker that finds it deleted makes another
}

const (
	bucket        = "rakam_runs"
	objectsBucket = "rakam_checkpoints"
	queueStream   = "rakam_queue"
	queueSubject  = "queue." // and the run
	consumerName  = "workers"
)

// Open makes what is missing in the store, puts right what an interrupted
// process left half done, and returns a service.
func Open(ctx context.Context, j *jet.Jet, o Options) (*Service, error) {
	s := &Service{Options: o, jet: j}
	s.defaults()
	var err error
	if s.records, err = j.KeyValue(ctx, jet.KV{Bucket: bucket}); err != nil {
		return nil, err
	}
	if s.objects, err = j.Objects(ctx, objectsBucket); err != nil {
		return nil, err
	}
	if s.queue, err = j.Stream(ctx, queueConfig()); err != nil {
		return nil, err
	}
	if s.events, err = j.Stream(ctx, eventsConfig()); err != nil {
		return nil, err
	}
	if err = j.Retry(ctx, s.openConsumer); err != nil {
		return nil, err
	}
	return s, s.Repair(ctx)
}

func (s *Service) defaults() {
	if s.Find == nil {
		s.Find = recipe.Find
	}
	if s.AckWait == 0 {
		s.AckWait = 10 * time.Second
	}
	if s.MaxQueued == 0 {
		s.MaxQueued = 100
	}
	if s.MaxRuns == 0 {
		s.MaxRuns = 1000
	}
	if s.Patience == 0 {
		s.Patience = 10 * time.Second
	}
	if s.Log == nil {
		s.Log = slog.Default()
	}
}

var validID = regexp.MustCompile(`^[0-9a-f]{12}$`)

// load returns a run as it is stored, and its revision.
func (s *Service) load(ctx context.Context, id string) (Run, uint64, error) {
	notFound := fail(ErrNotFound, "see the list of runs", "there is no run %q", id)
	if !validID.MatchString(id) {
		return Run{}, 0, notFound
	}
	var e jetstream.KeyValueEntry
	err := s.jet.Retry(ctx, func(ctx context.Context) (err error) {
		e, err = s.records.Get(ctx, id)
		return err
	})
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return Run{}, 0, notFound
	}
	if err != nil {
		return Run{}, 0, err
	}
	run, err := decode(e.Value())
	if err != nil || run.ID != id {
		return Run{}, 0, fail(ErrDamaged, damagedHint, "the record of run %s can't be read", id)
	}
	return run, e.Revision(), nil
}

func decode(b []byte) (Run, error) {
	var run Run
	err := json.Unmarshal(b, &run)
	return run, err
}

// put stores a run if its record still has that revision, 0 for a new one.
func (s *Service) put(ctx context.Context, run Run, rev uint64) error {
	run.Place = 0
	b, err := json.Marshal(run)
	if err != nil {
		return err
	}
	if rev == 0 {
		_, err = s.records.Create(ctx, run.ID, b)
	} else {
		_, err = s.records.Update(ctx, run.ID, b, rev)
	}
	return err
}

// change stores what edit makes of a run, unless it refuses. edit is called
// again when somebody else was faster.
func (s *Service) change(ctx context.Context, id string, edit func(*Run) error) (Run, error) {
	for {
		run, rev, err := s.load(ctx, id)
		if err != nil {
			return run, err
		}
		if err := edit(&run); err != nil {
			return run, err
		}
		if err := s.put(ctx, run, rev); !jet.Conflict(err) {
			return run, err
		}
	}
}

// Get returns a run, with its place if it is queued.
func (s *Service) Get(ctx context.Context, id string) (Run, error) {
	run, _, err := s.load(ctx, id)
	if err != nil || run.State != Queued {
		return run, err
	}
	all, err := s.List(ctx)
	for _, other := range all {
		if other.ID == id {
			return other, err
		}
	}
	return run, err
}

// List returns all runs, the newest first, the queued ones with their places.
func (s *Service) List(ctx context.Context) ([]Run, error) {
	all, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.place(ctx, all); err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b Run) int {
		if c := b.Created.Compare(a.Created); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all, nil
}

const damagedHint = "cancel it, which takes it off the list, and submit it again"

// damaged reports whether the record of a run that was listed can't be read.
func (r *Run) damaged() bool { return r.Recipe.Name == "" }

// all reads the records. One that is damaged is listed as a failed run.
func (s *Service) all(ctx context.Context) ([]Run, error) {
	var entries []jetstream.KeyValueEntry
	err := s.jet.Retry(ctx, func(ctx context.Context) (err error) {
		entries, err = jet.Entries(ctx, s.records, jetstream.AllKeys)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("the runs could not be listed: %w", err)
	}
	all := []Run{}
	for _, e := range entries {
		run, err := decode(e.Value())
		if err != nil || run.ID != e.Key() {
			run = Run{ID: e.Key(), State: Failed, Created: e.Created(), Error: "its record can't be read", Hint: damagedHint}
		}
		all = append(all, run)
	}
	return all, nil
}
