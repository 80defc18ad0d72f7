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

// openStore opens the store, its registry and its runs. Without one the server
// goes on with what ships: drawing and the reports work, and nothing can be kept.
func (s *site) openStore(ctx context.Context) error {
	err := s.tryStore(ctx)
	if err == nil {
		return nil
	}
	s.unavailable = explainNoStore(err)
	if s.unavailable.why != "none" {
		s.log.Error("there is no store: only what ships is served, and nothing can be trained or kept", "error", err.Error())
	}
	s.registry, err = registry.Open(ctx, nil)
	return err
}

var errNoneAsked = errors.New("no store was asked for")

func (s *site) tryStore(ctx context.Context) error {
	if s.config.Data == "" && s.config.NATS == "" {
		return errNoneAsked
	}
	j, err := jet.Open(ctx, jet.Options{Dir: s.config.Data, URL: s.config.NATS, MaxStore: s.training.MaxStore, Log: s.log})
	if err != nil {
		return err
	}
	r, err := registry.Open(ctx, j)
	if err != nil {
		return errors.Join(err, j.Close())
	}
	queue, err := runs.Open(ctx, j, s.training.options(s.log))
	if err != nil {
		return errors.Join(err, j.Close())
	}
	s.jet, s.registry, s.runs = j, r, queue
	s.estimator = &runs.Estimator{Worker: s.newWorker()}
	return nil
}

func explainNoStore(err error) *noStore {
	var open *jet.OpenError
	switch {
	case errors.Is(err, errNoneAsked):
		return &noStore{"none", "", err, "Start the server with --data or --nats."}
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
	if s.jet == nil {
		return nil
	}
	return s.jet.Close()
}

// store returns nil where there is a store, else the problem to answer with. A site
// that was not opened, as in some tests, has none.
func (s *site) store() error {
	if s.unavailable == nil && s.runs != nil {
		return nil
	}
	return s.unavailable.problem()
}

func (n *noStore) problem() *Problem {
	if n == nil {
		return problem("no-store", "There is no store.", "")
	}
	return problem("no-store", fmt.Sprintf("There is no store (%s), so nothing can be trained or kept.", n.why), n.hint)
}

// storeNotice is what a page says where there is no store, else "".
func (s *site) storeNotice(texts locale.Catalogue) string {
	n := s.unavailable
	if n == nil {
		return ""
	}
	text, err := texts.Text("store."+n.why, "where", cmp.Or(n.where, s.config.Data))
	if err != nil {
		return n.err.Error()
	}
	return text
}

// storeState is what /readyz says about the store.
func (s *site) storeState(ctx context.Context) string {
	if s.store() != nil {
		return "unavailable"
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if s.jet.Check(ctx) != nil {
		return "unavailable"
	}
	return "ok"
}
