package registry

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"rakam/trainer/jet"
)

// Delete removes a version, but never the champion (ErrIsChampion) and never one
// that ships (ErrIsShipped). Whoever reads its files at this moment gets them to
// the end. It works where the store is full, too; then the files go at once, or
// when the next version needs the space.
func (r *Registry) Delete(ctx context.Context, id string) error {
	if _, ok := r.bundled[id]; ok {
		return fmt.Errorf("version %s %w: it can't be deleted", id, ErrIsShipped)
	}
	if err := r.stored(); err != nil {
		return err
	}
	rec, revision, err := r.record(ctx, id)
	if err != nil && !errors.Is(err, ErrDamaged) {
		return err
	}
	if err := r.refuseChampion(ctx, id); err != nil {
		return err
	}
	if err != nil { // nobody can read it
		return r.jet.Forget(ctx, r.versions, id)
	}
	rec.Deleted = time.Now().UTC()
	revision, err = r.writeRecord(ctx, rec, revision)
	switch {
	case jet.Full(err):
		return errors.Join(r.jet.Forget(ctx, r.versions, id), r.sweepFolder(ctx, rec.Folder))
	case jet.Conflict(err):
		if _, _, err := r.record(ctx, id); errors.Is(err, ErrNotFound) {
			return nil // deleted at the same time
		}
		return fmt.Errorf("version %s was changed: %w; look at it and delete it again", id, ErrConflict)
	case err != nil:
		return err
	}
	// It may have become the champion since we looked. Promote writes the
	// champion, then looks at the record, and we the other way round: one of
	// the two sees the other.
	if err := r.refuseChampion(ctx, id); err != nil {
		rec.Deleted = time.Time{}
		_, back := r.writeRecord(ctx, rec, revision)
		return errors.Join(err, back)
	}
	r.tidy(ctx)
	return nil
}

func (r *Registry) refuseChampion(ctx context.Context, id string) error {
	p, _, err := r.promotion(ctx)
	if err == nil && p.Version == id {
		err = fmt.Errorf("version %s %w: promote another one first", id, ErrIsChampion)
	}
	return err
}

// tidy sweeps. What it can't remove now, because the store does not answer or is
// damaged, harms nobody and is tried again the next time.
func (r *Registry) tidy(ctx context.Context) {
	if err := r.sweep(ctx, r.limits.readers); err != nil {
		r.jet.Log().Warn("the files of deleted versions could not be removed", "error", err)
	}
}

// sweep removes the files of versions that were deleted at least so long ago, and
// those that a writer left behind which was killed.
func (r *Registry) sweep(ctx context.Context, readers time.Duration) error {
	entries, err := jet.Entries(ctx, r.versions, jetstream.AllKeys)
	if err != nil {
		return err
	}
	gone := map[string]time.Time{} // by folder; zero time for those that stay
	for _, e := range entries {
		if rec, err := parseRecord(e.Key(), e.Value()); err == nil {
			gone[rec.Folder] = rec.Deleted
		}
	}
	return r.files.Sweep(ctx, r.limits.abandoned, func(o *jetstream.ObjectInfo) bool {
		folder, _, _ := strings.Cut(o.Name, "/")
		since, known := gone[folder]
		if !known {
			return time.Since(o.ModTime) < r.limits.abandoned
		}
		return since.IsZero() || time.Since(since) < readers
	})
}

// sweepFolder removes the files of one folder at once.
func (r *Registry) sweepFolder(ctx context.Context, folder string) error {
	return r.files.Sweep(ctx, r.limits.abandoned, func(o *jetstream.ObjectInfo) bool {
		return !strings.HasPrefix(o.Name, folder+"/")
	})
}
