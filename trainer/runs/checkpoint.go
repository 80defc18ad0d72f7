package runs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"rakam/trainer/fit"
)

// checkpoint keeps a run's progress in the object store. Every one is an object
// of its own; the record says which one counts, and how far it is, in one write
// under the lease. So a worker that has lost the run can't overwrite what its
// successor saved.
type checkpoint struct{ *lease }

// Save implements fit.Checkpoint.
func (c checkpoint) Save(at fit.Position, b []byte) error {
	ctx, cancel := persistent(c.ctx)
	defer cancel()
	name := fmt.Sprintf("%s.%d.%d", c.id, c.attempt, c.saved%2) // in turns, so that the one that counts stays
	c.saved++
	if err := c.Service.putObject(ctx, name, b); err != nil {
		return err
	}
	old := c.run.Checkpoint
	err := c.update(ctx, func(r *Run) {
		r.Checkpoint = name
		r.Epoch, r.Step, r.History = len(at.History), at.Step, at.History
	})
	if err != nil {
		return err // whether the record mentions the new one is not known: it stays
	}
	c.Service.discard(ctx, old)
	return nil
}

// Load implements fit.Checkpoint.
func (c checkpoint) Load() ([]byte, error) {
	ctx, cancel := persistent(c.ctx)
	defer cancel()
	return c.Service.getObject(ctx, c.run.Checkpoint)
}

func (c checkpoint) String() string { return "of run " + c.id }

func (s *Service) putObject(ctx context.Context, name string, b []byte) error {
	return s.jet.Retry(ctx, func(ctx context.Context) error {
		_, err := s.objects.PutBytes(ctx, name, b)
		return err
	})
}

// getObject returns an object, or fs.ErrNotExist.
func (s *Service) getObject(ctx context.Context, name string) (b []byte, err error) {
	err = s.jet.Retry(ctx, func(ctx context.Context) error {
		b, err = s.objects.Read(ctx, name)
		return err
	})
	if errors.Is(err, jetstream.ErrObjectNotFound) {
		err = fmt.Errorf("%w: %s", fs.ErrNotExist, name)
	}
	return b, err
}

// discard deletes objects. One that stays is deleted by sweep.
func (s *Service) discard(ctx context.Context, names ...string) {
	for _, name := range names {
		if name == "" {
			continue
		}
		if err := s.objects.Delete(ctx, name); err != nil && !errors.Is(err, jetstream.ErrObjectNotFound) {
			s.Log.Warn("an object that is not needed any more stays for a while", "object", name, "error", err)
		}
	}
}

// present says whether the named checkpoint, if any, is there.
func (s *Service) present(ctx context.Context, name string) error {
	if name == "" {
		return nil
	}
	_, err := s.objects.GetInfo(ctx, name)
	if errors.Is(err, jetstream.ErrObjectNotFound) {
		return fail(ErrCheckpoint, "submit the run again", "the checkpoint %s is gone", name)
	}
	return err
}

// orphaned is how old an object must be before sweep believes that nobody is
// about to mention it in a record.
const orphaned = 10 * time.Minute

// sweep deletes what killed workers left: objects that no record mentions, and
// parts of objects that were never completed. What a record that can't be read may
// mention stays as long as the record, and so does what is younger than age.
func (s *Service) sweep(ctx context.Context, age time.Duration) error {
	all, err := s.all(ctx)
	if err != nil {
		return err
	}
	needed, unknown := map[string]bool{}, map[string]bool{}
	for _, run := range all {
		needed[run.Checkpoint], needed[run.Drawings] = true, true
		unknown[run.ID] = run.damaged()
	}
	return s.objects.Sweep(ctx, age, func(o *jetstream.ObjectInfo) bool {
		id, _, _ := strings.Cut(o.Name, ".")
		return needed[o.Name] || unknown[id] || time.Since(o.ModTime) < age
	})
}
