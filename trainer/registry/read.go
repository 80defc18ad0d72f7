package registry

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go/jetstream"

	"rakam/trainer/fit"
	"rakam/trainer/jet"
	"rakam/trainer/pretrained"
	"rakam/wasm/nn"
)

// List returns the versions: those that ship, in shipping order, then the
// others, the newest first.
func (r *Registry) List(ctx context.Context) ([]Version, error) {
	list := slices.Clone(r.shipped)
	if r.jet == nil {
		return list, nil
	}
	entries, err := jet.Entries(ctx, r.versions, jetstream.AllKeys)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		rec, err := parseRecord(e.Key(), e.Value())
		switch {
		case err != nil:
			list = append(list, Version{ID: e.Key(), Created: e.Created(), Damaged: err.Error()})
		case rec.Deleted.IsZero():
			list = append(list, rec.Version)
		}
	}
	slices.SortStableFunc(list[len(r.shipped):], func(a, b Version) int {
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID))
	})
	return list, r.addPromotions(ctx, list)
}

// addPromotions fills in who or what promoted each version last.
func (r *Registry) addPromotions(ctx context.Context, list []Version) error {
	promotions, err := r.Promotions(ctx)
	for i := range list {
		of := func(p Promotion) bool { return p.Version == list[i].ID }
		if at := slices.IndexFunc(promotions, of); at >= 0 {
			list[i].Promoted = &promotions[at]
		}
	}
	return err
}

// Get returns one version, or ErrNotFound or ErrDamaged.
func (r *Registry) Get(ctx context.Context, id string) (Version, error) {
	list := []Version{{}}
	if p, ok := r.bundled[id]; ok {
		list[0] = describeShipped(p)
	} else {
		rec, _, err := r.record(ctx, id)
		if err != nil {
			return Version{}, err
		}
		list[0] = rec.Version
	}
	err := r.addPromotions(ctx, list)
	return list[0], err
}

// File returns one of a version's files, by its name in package fit, as it was
// added. It fails with ErrNotFound, or with ErrDamaged where the store has lost
// it. The caller must not change it.
func (r *Registry) File(ctx context.Context, id, name string) ([]byte, error) {
	if !slices.Contains([]string{fit.ModelFile, fit.ReportFile, fit.HistoryFile, fit.CardFile}, name) {
		return nil, fmt.Errorf("file %s of version %s %w", name, id, ErrNotFound)
	}
	if p, ok := r.bundled[id]; ok {
		return shippedFile(p, name)
	}
	rec, _, err := r.record(ctx, id)
	if err != nil {
		return nil, err
	}
	return r.readFile(ctx, rec, name)
}

func shippedFile(p pretrained.Version, name string) ([]byte, error) {
	switch name {
	case fit.ModelFile:
		return p.File, nil
	case fit.CardFile:
		return p.Card, nil
	case fit.HistoryFile:
		return json.MarshalIndent(p.History, "", "  ")
	}
	return json.MarshalIndent(p.Report, "", "  ")
}

func (r *Registry) readFile(ctx context.Context, rec record, name string) ([]byte, error) {
	var b []byte
	err := r.jet.Retry(ctx, func(ctx context.Context) (err error) {
		b, err = r.files.Read(ctx, rec.Folder+"/"+name)
		return err
	})
	if errors.Is(err, jetstream.ErrObjectNotFound) || errors.Is(err, jet.ErrDamaged) {
		return nil, fmt.Errorf("version %s is %w: %s: %w; add it again from its run, or delete it", rec.ID, ErrDamaged, name, err)
	}
	return b, err
}

// Model returns the decoded model of a version.
func (r *Registry) Model(ctx context.Context, id string) (*nn.Model, error) {
	if p, ok := r.bundled[id]; ok {
		return p.Model, nil
	}
	rec, _, err := r.record(ctx, id)
	if err != nil {
		return nil, err
	}
	return r.readModel(ctx, rec)
}

func (r *Registry) readModel(ctx context.Context, rec record) (*nn.Model, error) {
	b, err := r.readFile(ctx, rec, fit.ModelFile)
	if err != nil {
		return nil, err
	}
	m, err := nn.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("version %s is %w: %w", rec.ID, ErrDamaged, err)
	}
	r.sound.Store(rec.Folder, true)
	return m, nil
}

// checkFiles reads all files of a version.
func (r *Registry) checkFiles(ctx context.Context, rec record) error {
	for _, name := range []string{fit.ReportFile, fit.HistoryFile, fit.CardFile} {
		if _, err := r.readFile(ctx, rec, name); err != nil {
			return err
		}
	}
	_, err := r.readModel(ctx, rec)
	return err
}

// usable says why a version could not be served, or nil. What was read once is
// not read again: it never changes.
func (r *Registry) usable(ctx context.Context, id string) error {
	if _, ok := r.bundled[id]; ok {
		return nil
	}
	rec, _, err := r.record(ctx, id)
	if err != nil {
		return err
	}
	if _, ok := r.sound.Load(rec.Folder); ok {
		return nil
	}
	_, err = r.readModel(ctx, rec)
	return err
}
