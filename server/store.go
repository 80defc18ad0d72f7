package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"rakam/server/locale"
	"rakam/trainer/jet"
	"rakam/trainer/registry"
	"rakam/trainer/runs"
)

// noStore is why there is no store, by jet.Why, or "full", or "none" where none was
// asked for. The texts of the pages are "store.WHY".
type noStore struct {
	why   string
	where string
	err   error
	hint  string
}

// store is what is kept, and who works on it.
type store struct {
	jet       *jet.Jet // nil where no store was ever open, as are runs and estimator
	runs      *runs.Service
	estimator *runs.Estimator
	registry  *registry.Registry // where no store was ever open it holds what ships
	missing   *noStore           // why there is no store, or none any more; nil where there is
	ctx       context.Context    // ends when the store is closed
	end       context.CancelFunc
}

// kept is the store of now. A handler asks s.store first; where a store is lost
// afterwards, what it asks for is still there and answers with an error.
func (s *site) kept() *store {
	if kept := s.opened.Load(); kept != nil {
		return kept
	}
	return &store{}
}

func (s *site) jet() *jet.Jet                { return s.kept().jet }
func (s *site) runs() *runs.Service          { return s.kept().runs }
func (s *site) estimator() *runs.Estimator   { return s.kept().estimator }
func (s *site) registry() *registry.Registry { return s.kept().registry }

// openStore opens the store, its registry and its runs. Without one the server
// goes on with what ships: drawing and the reports work, and nothing can be kept.
func (s *site) openStore(ctx context.Context) error {
	kept, err := s.tryStore(ctx)
	if err != nil {
		kept = &store{missing: explainNoStore(err)}
		if kept.missing.why != notAsked {
			s.log.Error("there is no store: only what ships is served, and nothing can be trained or kept", "error", err.Error())
		}
		shipped, err := s.training.shipped()
		if err != nil {
			return err
		}
		if kept.registry, err = registry.Open(ctx, nil, shipped); err != nil {
			return err
		}
	}
	s.opened.Store(kept)
	return nil
}

var errNoneAsked = errors.New("no store was asked for")

func (s *site) tryStore(ctx context.Context) (*store, error) {
	if s.config.Data == "" && s.config.NATS == "" {
		return nil, errNoneAsked
	}
	shipped, err := s.training.shipped()
	if err != nil {
		return nil, err
	}
	j, err := jet.Open(ctx, jet.Options{Dir: s.config.Data, URL: s.config.NATS, MaxStore: s.training.MaxStore, Log: s.log})
	if err != nil {
		return nil, err
	}
	r, err := registry.Open(ctx, j, shipped)
	if err != nil {
		return nil, errors.Join(err, j.Close())
	}
	queue, err := runs.Open(ctx, j, s.training.options(s.log))
	if err != nil {
		return nil, errors.Join(err, j.Close())
	}
	kept := &store{jet: j, registry: r, runs: queue, estimator: runs.NewEstimator(s.newWorker(queue, r))}
	kept.ctx, kept.end = context.WithCancel(s.streams)
	return kept, nil
}

// notAsked and reopening are the noStore.why that are not a jet.Why; "full" is
// the third.
const (
	notAsked  = "none"
	reopening = "reopening"
)

func explainNoStore(err error) *noStore {
	var open *jet.OpenError
	switch {
	case errors.Is(err, errNoneAsked):
		return &noStore{notAsked, "", err, "Start the server with --data or --nats."}
	case errors.As(err, &open):
		return &noStore{string(open.Why), open.Where, err, sentence(open.Hint)}
	}
	if jet.Full(err) {
		return &noStore{"full", "", err, "Give the disk more space, or choose a folder on another one: --data."}
	}
	return &noStore{string(jet.Damaged), "", err, "The server's log says more. Put the store's folder back from a backup, or start with another one: --data."}
}

// closeStore ends what openStore began.
func (s *site) closeStore() error {
	kept := s.kept()
	if kept.jet == nil || kept.missing != nil {
		return nil
	}
	kept.end()
	return kept.jet.Close()
}

// store returns nil where there is a store, else the problem to answer with. A site
// that was not opened, as in some tests, has none.
func (s *site) store() error {
	kept := s.kept()
	if kept.missing == nil && kept.jet != nil {
		return nil
	}
	return kept.missing.problem()
}

func (n *noStore) problem() *Problem {
	if n == nil {
		return problem("no-store", "There is no store.", "")
	}
	return problem("no-store", fmt.Sprintf("There is no store (%s), so nothing can be trained or kept.", n.why), n.hint)
}

// storeNotice is what a page says where there is no store, or none that takes
// anything, else "".
func (s *site) storeNotice(texts locale.Catalogue) string {
	kept := s.kept()
	n := kept.missing
	switch {
	case n == nil && kept.jet != nil && kept.jet.Short():
		n = &noStore{why: "short", err: errShort}
	case n == nil:
		return ""
	}
	text, err := texts.Text("store."+n.why, "where", cmp.Or(n.where, s.config.Data))
	if err != nil {
		return n.err.Error()
	}
	return text
}

var errShort = errors.New("the disk of the store is full")

// storeState is what /readyz says about the store, and why it is so.
func (s *site) storeState(ctx context.Context) (state, reason string) {
	kept := s.kept()
	switch {
	case kept.missing != nil:
		return "unavailable", kept.missing.why
	case kept.jet == nil:
		return "unavailable", notAsked
	case kept.jet.Short():
		return "full", ""
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if kept.jet.Check(ctx) != nil {
		return "unavailable", string(jet.Unreachable)
	}
	return "ok", ""
}
