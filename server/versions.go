package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"rakam/trainer/fit"
	"rakam/trainer/pretrained"
	"rakam/trainer/registry"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// keptVersions is how many stored versions stay in memory, at about 5 MB each
// with their compressed weights. The champion and what ships always do.
const keptVersions = 16

// versions are those the server can serve: the shipped ones, and those of the
// registry, which are read when somebody asks for them.
type versions struct {
	shipped  []*version // in shipping order
	registry atomic.Pointer[registry.Registry]
	crowned  atomic.Pointer[version]
	crowning sync.Mutex // held while the champion is looked up and changed
	shelf    shelf

	mu      sync.Mutex
	kept    map[string]*slot
	recent  []string         // IDs of kept, the one used last at the end
	reading map[string]*slot // that are not ready yet
	specs   sync.Map         // nn.Spec by ID, of stored versions: never changes, and costs a whole file to read
}

// slot holds a stored version, once ready is closed.
type slot struct {
	ready   chan struct{}
	version *version
	err     error
}

// newVersions makes ready what source gives. Until it is told otherwise the
// first version is the champion.
func newVersions(source func() ([]pretrained.Version, error), r *registry.Registry) (*versions, error) {
	shipped, err := source()
	if err != nil {
		return nil, err
	}
	if len(shipped) == 0 {
		return nil, errors.New("there is no model to serve: make one with `make train`, then `make build`")
	}
	all := &versions{kept: map[string]*slot{}, reading: map[string]*slot{}}
	all.registry.Store(r)
	for _, v := range shipped {
		all.shipped = append(all.shipped, newVersion(v))
	}
	all.crowned.Store(all.shipped[0])
	return all, nil
}

// champion is the version that is served.
func (a *versions) champion() *version { return a.crowned.Load() }

// crown makes v the champion. Its weights are compressed before: whoever asks
// for them next does not wait.
func (a *versions) crown(v *version) {
	v.weights()
	a.crowned.Store(v)
}

// byID returns a version, or registry.ErrNotFound or registry.ErrDamaged.
func (a *versions) byID(ctx context.Context, id string) (*version, error) {
	for _, v := range a.shipped {
		if v.ID == id {
			return v, nil
		}
	}
	if v := a.champion(); v.ID == id {
		return v, nil
	}
	if a.registry.Load() == nil {
		return nil, registry.ErrNotFound
	}
	one, first := a.slot(id)
	if first {
		one.version, one.err = a.read(context.WithoutCancel(ctx), id)
		a.settle(id, one)
	}
	select {
	case <-one.ready:
		return one.version, one.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// slot returns the place of a version that is kept or being read, and whether the
// caller is the first, who reads and settles it.
func (a *versions) slot(id string) (one *slot, first bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if one, ok := a.kept[id]; ok {
		a.recent = append(without(a.recent, id), id)
		return one, false
	}
	if one, ok := a.reading[id]; ok {
		return one, false
	}
	one = &slot{ready: make(chan struct{})}
	a.reading[id] = one
	return one, true
}

// settle keeps what was read, unless it failed or was forgotten meanwhile: names of
// nothing push out nothing. The version that was not used for longest goes.
func (a *versions) settle(id string, one *slot) {
	close(one.ready)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.reading[id] != one {
		return
	}
	delete(a.reading, id)
	if one.err != nil {
		return
	}
	a.kept[id], a.recent = one, append(a.recent, id)
	if len(a.recent) > keptVersions {
		delete(a.kept, a.recent[0])
		a.recent = a.recent[1:]
	}
}

// forget drops a version from memory.
func (a *versions) forget(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.kept, id)
	delete(a.reading, id)
	a.recent = without(a.recent, id)
}

func without(ids []string, id string) []string {
	return slices.DeleteFunc(ids, func(other string) bool { return other == id })
}

// read takes a version out of the registry.
func (a *versions) read(ctx context.Context, id string) (*version, error) {
	files := map[string][]byte{}
	for _, name := range []string{fit.ModelFile, fit.ReportFile, fit.HistoryFile, fit.CardFile} {
		var err error
		if files[name], err = a.registry.Load().File(ctx, id, name); err != nil {
			return nil, err
		}
	}
	v := pretrained.Version{ID: id, File: files[fit.ModelFile], Report: &report.Report{}, Card: files[fit.CardFile]}
	model, err := nn.Decode(v.File)
	v.Model = model
	err = errors.Join(err,
		json.Unmarshal(files[fit.ReportFile], v.Report),
		json.Unmarshal(files[fit.HistoryFile], &v.History))
	if err != nil {
		return nil, fmt.Errorf("version %s is %w: %w", id, registry.ErrDamaged, err)
	}
	return newVersion(v), nil
}

// spec returns the spec of a stored version.
func (a *versions) spec(ctx context.Context, id string) (nn.Spec, error) {
	if known, ok := a.specs.Load(id); ok {
		return known.(nn.Spec), nil
	}
	v, err := a.byID(ctx, id)
	if err != nil {
		return nn.Spec{}, err
	}
	a.specs.Store(id, v.Model.Spec)
	return v.Model.Spec, nil
}

// versionByID returns the version of that ID, the champion for "".
func (s *site) versionByID(ctx context.Context, id string) (*version, error) {
	all := s.versions.Load()
	switch {
	case all == nil:
		return nil, notReady()
	case id == "":
		return all.champion(), nil
	}
	v, err := all.byID(ctx, id)
	if errors.Is(err, registry.ErrNotFound) {
		return nil, noVersion(id)
	}
	return v, err
}
