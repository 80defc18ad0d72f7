package registry

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"rakam/trainer/drawn"
	"rakam/trainer/jet"
)

// AddCorrection keeps a correction, Pending if its State is empty, and fills in
// ID and Created. One with the same strokes and label that is there already is
// returned as it is, with created false; but if it was pending and the new one is
// approved, it is approved. It fails with ErrInvalid, ErrTooLarge,
// ErrTooMany or ErrNoSpace.
func (r *Registry) AddCorrection(ctx context.Context, c Correction) (kept Correction, created bool, err error) {
	if err := r.stored(); err != nil {
		return Correction{}, false, err
	}
	if c.ID, err = identify(c.Strokes, c.Label); err != nil {
		return Correction{}, false, err
	}
	c.Created = time.Now().UTC().Round(0)
	c.State = cmp.Or(c.State, Pending)
	b, err := json.Marshal(storedCorrection{c, c.Author})
	if err != nil {
		return Correction{}, false, fmt.Errorf("the correction is %w: %w", ErrInvalid, err)
	}
	if len(b) > MaxCorrection {
		return Correction{}, false, fmt.Errorf("the correction %w: %d bytes, of at most %d; a digit needs a few hundred points", ErrTooLarge, len(b), MaxCorrection)
	}
	err = r.jet.Retry(ctx, func(ctx context.Context) error {
		_, err := r.corrections.Update(ctx, c.ID, b, 0)
		return err
	})
	switch {
	case jet.Crowded(err):
		return Correction{}, false, fmt.Errorf("%w: export them, and delete some", ErrTooMany)
	case jet.Conflict(err):
		return r.known(ctx, c)
	}
	return c, err == nil, explain(err)
}

// known returns the correction that kept c from being written: c itself, if only
// the answer was lost.
func (r *Registry) known(ctx context.Context, c Correction) (kept Correction, created bool, err error) {
	kept, _, err = r.correction(ctx, c.ID)
	if err == nil && kept.State == Pending && c.State == Approved {
		kept, err = r.Approve(ctx, c.ID)
	}
	return kept, err == nil && kept.Created.Equal(c.Created) && kept.Author == c.Author, err
}

// GetCorrection returns one correction, or ErrNotFound.
func (r *Registry) GetCorrection(ctx context.Context, id string) (Correction, error) {
	c, _, err := r.correction(ctx, id)
	return c, err
}

func (r *Registry) correction(ctx context.Context, id string) (Correction, uint64, error) {
	if err := r.stored(); err != nil {
		return Correction{}, 0, err
	}
	var e jetstream.KeyValueEntry
	err := r.jet.Retry(ctx, func(ctx context.Context) (err error) {
		e, err = r.corrections.Get(ctx, id)
		return err
	})
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound), errors.Is(err, jetstream.ErrInvalidKey):
		return Correction{}, 0, fmt.Errorf("correction %s %w: it may have been deleted", id, ErrNotFound)
	case err != nil:
		return Correction{}, 0, err
	}
	c, err := parseCorrection(e.Key(), e.Value())
	return c, e.Revision(), err
}

func parseCorrection(key string, value []byte) (Correction, error) {
	var s storedCorrection
	if err := json.Unmarshal(value, &s); err != nil {
		return Correction{}, fmt.Errorf("correction %s is %w: %w; delete it", key, ErrDamaged, err)
	}
	s.Correction.Author = s.Author
	return s.Correction, nil
}

// Filter chooses corrections; what is empty does not matter.
type Filter struct {
	Author string
	State  State
}

// Corrections returns the corrections that f chooses, the newest first. Those
// that can't be read are left out and are the error, beside the others.
func (r *Registry) Corrections(ctx context.Context, f Filter) ([]Correction, error) {
	if err := r.stored(); err != nil {
		return nil, err
	}
	entries, err := jet.Entries(ctx, r.corrections, jetstream.AllKeys)
	if err != nil {
		return nil, err
	}
	var list []Correction
	var damaged []error
	for _, e := range entries {
		c, err := parseCorrection(e.Key(), e.Value())
		switch {
		case err != nil:
			damaged = append(damaged, err)
		case (f.Author == "" || f.Author == c.Author) && (f.State == "" || f.State == c.State):
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b Correction) int {
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID))
	})
	return list, errors.Join(damaged...)
}

// DeleteCorrection removes a correction for its author, or, with author "", for
// an administrator. That of somebody else is ErrNotFound. It works where the
// store is full.
func (r *Registry) DeleteCorrection(ctx context.Context, id, author string) error {
	c, _, err := r.correction(ctx, id)
	if err != nil && !(errors.Is(err, ErrDamaged) && author == "") {
		return err
	}
	if author != "" && author != c.Author {
		return fmt.Errorf("correction %s %w: it may have been deleted", id, ErrNotFound)
	}
	return r.jet.Forget(ctx, r.corrections, id)
}

// Approve lets a correction count. It fails with ErrNotFound.
func (r *Registry) Approve(ctx context.Context, id string) (Correction, error) {
	c, revision, err := r.correction(ctx, id)
	if err != nil || c.State == Approved {
		return c, err
	}
	c.State = Approved
	b, err := json.Marshal(storedCorrection{c, c.Author})
	if err != nil {
		return Correction{}, err
	}
	err = r.jet.Retry(ctx, func(ctx context.Context) error {
		_, err := r.corrections.Update(ctx, id, b, revision)
		return err
	})
	if jet.Conflict(err) { // approved or deleted at the same time
		c, _, err = r.correction(ctx, id)
	}
	return c, explain(err)
}

// Approved returns the corrections that count: those to train on, and the fifth
// that is held out for the gate. Both are in the order of their IDs, so that the
// same corrections train the same model.
func (r *Registry) Approved(ctx context.Context) (train, held []drawn.Drawn, err error) {
	if r.jet == nil {
		return nil, nil, nil
	}
	list, err := r.Corrections(ctx, Filter{State: Approved})
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(list, func(a, b Correction) int { return cmp.Compare(a.ID, b.ID) })
	for _, c := range list {
		if c.HeldOut() {
			held = append(held, c.Drawn())
		} else {
			train = append(train, c.Drawn())
		}
	}
	return train, held, nil
}

// Export writes the corrections that f chooses as a stroke file, the newest
// first.
func (r *Registry) Export(ctx context.Context, w io.Writer, f Filter) error {
	list, err := r.Corrections(ctx, f)
	if err != nil {
		return err
	}
	lines := make([]drawn.Drawn, len(list))
	for i, c := range list {
		lines[i] = c.Drawn()
	}
	return drawn.Write(w, lines)
}

// Import adds the drawings of a stroke file as corrections of that state and
// author, and counts those that are new. It ends at the first line it can't
// take, which the error names; what came before it is kept.
func (r *Registry) Import(ctx context.Context, from io.Reader, state State, author string) (added int, err error) {
	n := 0
	for d, err := range drawn.All(from) {
		if err != nil {
			return added, fmt.Errorf("the stroke file is %w: %w", ErrInvalid, err)
		}
		n++
		_, created, err := r.AddCorrection(ctx, Correction{Strokes: d.Strokes, Label: d.Label, State: state, Author: author, Reading: Reading{Digit: -1}})
		if err != nil {
			return added, fmt.Errorf("drawing %d: %w", n, err)
		}
		if created {
			added++
		}
	}
	return added, nil
}
