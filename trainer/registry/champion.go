package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"rakam/trainer/jet"
	"rakam/trainer/report"
)

// championKey is the only key of its bucket.
const championKey = "champion"

// Promotion is a version becoming the champion.
type Promotion struct {
	Version  string             `json:"version"`
	Previous string             `json:"previous,omitempty"` // the champion before
	By       string             `json:"by,omitempty"`       // who or what promoted it
	At       time.Time          `json:"at,omitzero"`
	Run      string             `json:"run,omitempty"`      // that made the version
	Gate     *report.Comparison `json:"gate,omitempty"`     // with the champion before
	Override bool               `json:"override,omitempty"` // promoted although it was worse
	Rollback bool               `json:"rollback,omitempty"` // a return to an earlier champion

	// Fallback says why Version is the first one that ships and not the one
	// that was promoted: that one is missing or damaged. It is not stored.
	Fallback string `json:"fallback,omitempty"`
}

// Champion returns the promotion of the version to serve and its revision, which
// Promote wants. When none was ever promoted (revision 0), or the promoted one
// is missing or damaged, it is the first version that ships.
func (r *Registry) Champion(ctx context.Context) (Promotion, uint64, error) {
	p, revision, err := r.promotion(ctx)
	if err != nil {
		return Promotion{}, 0, err
	}
	switch err := r.usable(ctx, p.Version); {
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrDamaged):
		return Promotion{Version: r.shipped[0].ID, Fallback: err.Error()}, revision, nil
	case err != nil:
		return Promotion{}, 0, err
	}
	return p, revision, nil
}

// promotion returns the last promotion as it is stored, or that of the first
// version that ships, with revision 0.
func (r *Registry) promotion(ctx context.Context) (Promotion, uint64, error) {
	first := Promotion{Version: r.shipped[0].ID}
	if r.jet == nil {
		return first, 0, nil
	}
	var e jetstream.KeyValueEntry
	err := r.jet.Retry(ctx, func(ctx context.Context) (err error) {
		e, err = r.champion.Get(ctx, championKey)
		return err
	})
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return first, 0, nil
	}
	if err != nil {
		return Promotion{}, 0, err
	}
	return parsePromotion(e.Value()), e.Revision(), nil
}

// parsePromotion reads a stored promotion. One that can't be read names no
// version, so that it is missing.
func parsePromotion(value []byte) Promotion {
	var p Promotion
	if json.Unmarshal(value, &p) != nil {
		return Promotion{}
	}
	return p
}

// Promote makes p.Version the champion if the champion is still the one of that
// revision; Previous is filled in, and At if it is zero. It fails with
// ErrConflict when somebody else was faster, with ErrNotFound or ErrDamaged when
// the version can't be served, and with ErrWorse when p.Gate says so and
// p.Override does not.
func (r *Registry) Promote(ctx context.Context, p Promotion, revision uint64) error {
	if err := r.stored(); err != nil {
		return err
	}
	if p.Gate != nil && p.Gate.Verdict == report.Worse && !p.Override {
		return fmt.Errorf("version %s %w: %s; it is promoted only by override", p.Version, ErrWorse, p.Gate)
	}
	if err := r.usable(ctx, p.Version); err != nil {
		return err
	}
	before, current, err := r.promotion(ctx)
	if err != nil {
		return err
	}
	if current != revision {
		return conflict(before)
	}
	p.Previous, p.Fallback = before.Version, ""
	if p.At.IsZero() {
		p.At = time.Now().UTC().Round(0)
	}
	written, err := r.swap(ctx, p, revision)
	if err != nil {
		return err
	}
	if _, ok := r.bundled[p.Version]; ok {
		return nil
	}
	if _, _, err := r.record(ctx, p.Version); errors.Is(err, ErrNotFound) { // deleted meanwhile
		return errors.Join(err, r.undo(ctx, before, written))
	}
	return nil
}

// Undone is By of the first champion where it was stored because the first promotion
// had to be taken back.
const Undone = "undone"

// undo puts back the promotion before the one of that revision.
func (r *Registry) undo(ctx context.Context, before Promotion, revision uint64) error {
	if before.At.IsZero() { // nobody promoted it, and no administrator did now
		before.By, before.At = Undone, time.Now().UTC().Round(0)
	}
	_, err := r.swap(ctx, before, revision)
	return err
}

func conflict(champion Promotion) error {
	return fmt.Errorf("%w: the champion is %s now; look at it and promote again", ErrConflict, champion.Version)
}

// swap replaces the promotion of a revision and returns the new revision. A
// write whose answer was lost is found to be done.
func (r *Registry) swap(ctx context.Context, p Promotion, revision uint64) (uint64, error) {
	b, err := json.Marshal(p)
	if err != nil {
		return 0, err
	}
	var written uint64
	err = r.jet.Retry(ctx, func(ctx context.Context) (err error) {
		written, err = r.champion.Update(ctx, championKey, b, revision)
		return err
	})
	if !jet.Conflict(err) {
		return written, explain(err)
	}
	now, current, err := r.promotion(ctx)
	if err != nil {
		return 0, err
	}
	if same, err := json.Marshal(now); err == nil && string(same) == string(b) {
		return current, nil
	}
	return 0, conflict(now)
}

// Rollback returns to the version that Before names. It is not measured: one goes
// back whatever the figures say, and the promotion is recorded as a Rollback; as an
// Override too where the version once became champion by one. It fails with
// ErrConflict when the champion is no longer that of the revision, and with
// ErrNotFound when there is nothing to go back to.
func (r *Registry) Rollback(ctx context.Context, by string, revision uint64) (Promotion, error) {
	p, err := r.Before(ctx)
	if err != nil {
		return Promotion{}, err
	}
	p = Promotion{
		Version: p.Version, Previous: p.Previous, By: by, At: time.Now().UTC().Round(0),
		Run: p.Run, Override: p.Override, Rollback: true,
	}
	return p, r.Promote(ctx, p, revision)
}

// Before returns what a rollback would promote: the version that served before the
// champion, as if that had never been promoted. So one rollback after the other
// walks back to the first champion, and none returns to what was rolled back from.
// Versions that are gone or damaged are passed over, also the champion itself; in
// the end it is the first version that ships. It fails with ErrNotFound when
// nothing else served before.
func (r *Registry) Before(ctx context.Context) (Promotion, error) {
	history, err := r.Promotions(ctx)
	if err != nil {
		return Promotion{}, err
	}
	current := Promotion{Version: r.shipped[0].ID}
	if len(history) > 0 {
		current = history[0]
	}
	for _, p := range slices.Backward(append([]Promotion{{Version: r.shipped[0].ID}}, reigns(history)...)) {
		if p.Version == current.Version {
			continue
		}
		err := r.usable(ctx, p.Version)
		if errors.Is(err, ErrNotFound) || errors.Is(err, ErrDamaged) {
			continue
		}
		p.Previous = current.Version
		return p, err
	}
	return Promotion{}, fmt.Errorf("a champion before %s was %w", current.Version, ErrNotFound)
}

// reigns are the promotions, the oldest first, that led to the champion: those
// that were rolled back from are left out.
func reigns(history []Promotion) (led []Promotion) {
	for i, p := range slices.Backward(history) {
		if i == len(history)-1 && !p.Rollback && p.Previous != "" {
			led = append(led, Promotion{Version: p.Previous}) // how it came to serve is forgotten by now
		}
		if p.Rollback {
			for len(led) > 0 && led[len(led)-1].Version != p.Version {
				led = led[:len(led)-1]
			}
		}
		if len(led) == 0 || !p.Rollback {
			led = append(led, p)
		}
	}
	return led
}

// Promotions returns the last 64 promotions, the newest first.
func (r *Registry) Promotions(ctx context.Context) ([]Promotion, error) {
	if r.jet == nil {
		return nil, nil
	}
	entries, err := jet.History(ctx, r.champion, championKey)
	if err != nil {
		return nil, err
	}
	var all []Promotion
	for _, e := range slices.Backward(entries) {
		all = append(all, parsePromotion(e.Value()))
	}
	return all, nil
}

// Watch sends the champion, and again whenever it changes, until ctx ends; then
// the channel is closed. While the store does not answer it sends nothing: the
// last champion stays.
func (r *Registry) Watch(ctx context.Context) (<-chan Promotion, error) {
	out := make(chan Promotion)
	if r.jet == nil {
		context.AfterFunc(ctx, func() { close(out) })
		return out, nil
	}
	var w jetstream.KeyWatcher
	err := r.jet.Retry(ctx, func(ctx context.Context) (err error) {
		w, err = r.champion.Watch(ctx, championKey)
		return err
	})
	if err != nil {
		return nil, err
	}
	go func() {
		defer close(out)
		defer func() {
			w.Stop()
			for range w.Updates() { // it holds a lock while it waits for a reader
			}
		}()
		r.follow(ctx, w.Updates(), out)
	}()
	return out, nil
}

// follow sends the champion whenever updates says that it may have changed. Nil
// follows the value that was there at the beginning, if there was one.
func (r *Registry) follow(ctx context.Context, updates <-chan jetstream.KeyValueEntry, out chan<- Promotion) {
	begun := false
	var again <-chan time.Time // set while the store does not answer
	for {
		select {
		case <-ctx.Done():
			return
		case e, open := <-updates:
			if !open {
				return
			}
			if e == nil && begun {
				continue
			}
		case <-again:
		}
		p, _, err := r.Champion(ctx)
		if err != nil {
			again = time.After(time.Second)
			continue
		}
		again = nil
		select {
		case out <- p:
			begun = true
		case <-ctx.Done():
			return
		}
	}
}
