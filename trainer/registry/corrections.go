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
	"rakam/wasm/reader"
)

// AddCorrection keeps a correction, Pending if its State is empty, and fills in
// ID and Created. Strokes and label that are there already are not kept twice and
// created is false; but an author who had not sent them is noted beside the others,
// and what was pending and is now sent as approved is approved. It returns the
// correction as its author sent it, at first. It fails with ErrInvalid,
// ErrTooLarge, ErrTooMany, ErrManyPending or ErrNoSpace.
func (r *Registry) AddCorrection(ctx context.Context, c Correction) (kept Correction, created bool, err error) {
	if err := r.stored(); err != nil {
		return Correction{}, false, err
	}
	if c.ID, err = identify(c.Strokes, c.Label); err != nil {
		return Correction{}, false, err
	}
	c.Created = time.Now().UTC().Round(0)
	c.State = cmp.Or(c.State, Pending)
	b, err := json.Marshal(storedCorrection{Correction: c, Author: c.Author})
	if err != nil {
		return Correction{}, false, fmt.Errorf("the correction is %w: %w", ErrInvalid, err)
	}
	if len(b) > MaxCorrection {
		return Correction{}, false, fmt.Errorf("the correction %w: %d bytes, of at most %d; a digit needs a few hundred points", ErrTooLarge, len(b), MaxCorrection)
	}
	for {
		refused := r.create(ctx, c, b)
		switch {
		case jet.Crowded(refused):
			return Correction{}, false, fmt.Errorf("%w: export them, and delete some", ErrTooMany)
		case !jet.Conflict(refused) && !errors.Is(refused, ErrManyPending):
			return c, refused == nil, explain(refused)
		}
		kept, created, err := r.join(ctx, c)
		switch {
		case !errors.Is(err, ErrNotFound):
			return kept, created, err
		case errors.Is(refused, ErrManyPending):
			return Correction{}, false, refused
		} // else it was deleted meanwhile
	}
}

// create writes a correction, b, that is not there. It fails with a Conflict of
// package jet when it is, and with ErrManyPending when no more may wait.
func (r *Registry) create(ctx context.Context, c Correction, b []byte) error {
	if c.State == Pending {
		if err := r.pending.admit(ctx, r); err != nil {
			return err
		}
	}
	err := r.jet.Retry(ctx, func(ctx context.Context) error {
		_, err := r.corrections.Update(ctx, c.ID, b, 0)
		return err
	})
	if err == nil && c.State == Pending {
		r.pending.added()
	}
	return err
}

// join adds c to the correction that kept it from being written, unless that is c
// itself, and only the answer was lost.
func (r *Registry) join(ctx context.Context, c Correction) (kept Correction, created bool, err error) {
	for {
		s, revision, err := r.correction(ctx, c.ID)
		if err != nil {
			return Correction{}, false, err
		}
		created := s.Author == c.Author && s.Correction.Created.Equal(c.Created)
		next, changed := s.joined(c)
		if changed {
			err = r.replace(ctx, next, revision)
		}
		if jet.Conflict(err) {
			continue
		}
		kept, _ := next.by(c.Author)
		return kept, created, err
	}
}

// replace writes a correction over the one of that revision. It fails with a
// Conflict of package jet when that has changed.
func (r *Registry) replace(ctx context.Context, s storedCorrection, revision uint64) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if len(b) > mostStored {
		return fmt.Errorf("%w like this one: no more of the people who send it can be kept", ErrTooMany)
	}
	err = r.jet.Retry(ctx, func(ctx context.Context) error {
		_, err := r.corrections.Update(ctx, s.Correction.ID, b, revision)
		return err
	})
	return explain(err)
}

// GetCorrection returns one correction as that author sent it, or with author ""
// as the first did. One that he did not send is ErrNotFound.
func (r *Registry) GetCorrection(ctx context.Context, id, author string) (Correction, error) {
	s, _, err := r.correction(ctx, id)
	if err != nil {
		return Correction{}, err
	}
	c, ok := s.by(author)
	if !ok {
		return Correction{}, noCorrection(id)
	}
	return c, nil
}

func noCorrection(id string) error {
	return fmt.Errorf("correction %s %w: it may have been deleted", id, ErrNotFound)
}

func (r *Registry) correction(ctx context.Context, id string) (storedCorrection, uint64, error) {
	if err := r.stored(); err != nil {
		return storedCorrection{}, 0, err
	}
	var e jetstream.KeyValueEntry
	err := r.jet.Retry(ctx, func(ctx context.Context) (err error) {
		e, err = r.corrections.Get(ctx, id)
		return err
	})
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound), errors.Is(err, jetstream.ErrInvalidKey):
		return storedCorrection{}, 0, noCorrection(id)
	case err != nil:
		return storedCorrection{}, 0, err
	}
	s, err := parseCorrection(e.Key(), e.Value())
	return s, e.Revision(), err
}

// Filter chooses corrections; what is empty does not matter.
type Filter struct {
	Author string
	State  State
}

// Corrections returns the corrections that f chooses, the newest first; those of an
// author as he sent them, the others as the first author did. Those
// that can't be read are left out and are the error, an *Unreadable, beside the
// others.
func (r *Registry) Corrections(ctx context.Context, f Filter) ([]Correction, error) {
	if err := r.stored(); err != nil {
		return nil, err
	}
	entries, err := jet.Entries(ctx, r.corrections, jetstream.AllKeys)
	if err != nil {
		return nil, err
	}
	var list []Correction
	var damaged *Unreadable
	for _, e := range entries {
		s, err := parseCorrection(e.Key(), e.Value())
		if err != nil {
			damaged = damaged.add(e.Key(), err)
			continue
		}
		if c, ok := s.by(f.Author); ok && (f.State == "" || f.State == c.State) {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b Correction) int {
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID))
	})
	if damaged != nil {
		return list, damaged
	}
	return list, nil
}

// DeleteCorrection removes a correction for its author, or, with author "", for
// an administrator. Where others have sent the same, it stays theirs, unless an
// administrator removes it. That of somebody else is ErrNotFound. What nobody else
// has sent goes also where the store is full.
func (r *Registry) DeleteCorrection(ctx context.Context, id, author string) error {
	for seen := false; ; seen = true {
		s, revision, err := r.correction(ctx, id)
		switch {
		case author == "" && (err == nil || errors.Is(err, ErrDamaged)):
			err = r.jet.Forget(ctx, r.corrections, id)
			r.pending.changed()
			return err
		case seen && errors.Is(err, ErrNotFound):
			return nil
		case err != nil:
			return err
		}
		if _, ok := s.by(author); !ok && seen {
			return nil // it went, and somebody else has sent it again since
		} else if !ok {
			return noCorrection(id)
		}
		if author == s.Author && len(s.Others) == 0 {
			err = r.jet.ForgetRevision(ctx, r.corrections, id, revision)
			r.pending.changed()
		} else {
			err = r.replace(ctx, s.without(author), revision)
		}
		if !jet.Conflict(err) {
			return err
		}
	}
}

// Approve lets a correction count. It fails with ErrNotFound.
func (r *Registry) Approve(ctx context.Context, id string) (Correction, error) {
	for {
		s, revision, err := r.correction(ctx, id)
		if err != nil {
			return Correction{}, err
		}
		if s.Correction.State != Approved {
			s.Correction.State = Approved
			err = r.replace(ctx, s, revision)
			r.pending.changed()
		}
		if !jet.Conflict(err) {
			c, _ := s.by("")
			return c, err
		}
	}
}

// Approved returns the corrections that count: those to train on, and the fifth
// that is held out for the gate. Both are in the order of their IDs, so that the
// same corrections train the same model. Those that can't be read are left out, and
// the log names them: one of them must not keep the others from counting.
func (r *Registry) Approved(ctx context.Context) (train, held []drawn.Drawn, err error) {
	if r.jet == nil {
		return nil, nil, nil
	}
	list, err := r.Readable(ctx, Filter{State: Approved})
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

// Readable returns the corrections that f chooses and that can be read, the newest
// first; of the others the log tells.
func (r *Registry) Readable(ctx context.Context, f Filter) ([]Correction, error) {
	list, err := r.Corrections(ctx, f)
	if errors.Is(err, ErrDamaged) {
		r.jet.Log().Warn("corrections that can't be read are left out", "error", err)
		err = nil
	}
	return list, err
}

// Export writes the corrections that f chooses and that can be read as a stroke file,
// the newest first.
func (r *Registry) Export(ctx context.Context, w io.Writer, f Filter) error {
	list, err := r.Readable(ctx, f)
	if err != nil {
		return err
	}
	lines := make([]drawn.Drawn, len(list))
	for i, c := range list {
		lines[i] = c.Drawn()
	}
	return drawn.Write(w, lines, drawn.Both)
}

// Import adds the drawings of a stroke file as corrections of that state and
// author, and counts those that are new. It ends at the first line it can't
// take, which the error names; what came before it is kept.
func (r *Registry) Import(ctx context.Context, from io.Reader, state State, author string) (added int, err error) {
	n := 0
	for d, err := range drawn.All(from, drawn.Both) {
		if err != nil {
			return added, fmt.Errorf("the stroke file is %w: %w", ErrInvalid, err)
		}
		n++
		if reader.DefaultBounds.TooLittle(d.Strokes, 0) {
			return added, fmt.Errorf("drawing %d is %w: it has too little ink to be read", n, ErrInvalid)
		}
		c := Correction{Strokes: d.Strokes, Label: d.Label, State: state, Author: author, Reading: Reading{Digit: -1}}
		if d.Pendigits() {
			c.Source = d.ID
		}
		_, created, err := r.AddCorrection(ctx, c)
		if err != nil {
			return added, fmt.Errorf("drawing %d: %w", n, err)
		}
		if created {
			added++
		}
	}
	return added, nil
}
