package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	shelfAge   = time.Second            // for which the names are not asked for again: the drawing page needs them each time
	shelfGrace = 500 * time.Millisecond // the longest that a page waits for a store that does not answer
)

// A shelf remembers the IDs of the stored versions that can be read with.
type shelf struct {
	mu    sync.Mutex
	names []string
	until time.Time // when they are asked for again
}

// names lists the versions that can be read with: what ships, then the others,
// the newest first. Where the registry does not answer the others are those that
// were known before.
func (a *versions) names(ctx context.Context, log *slog.Logger) []string {
	var names []string
	for _, v := range a.shipped {
		names = append(names, v.ID)
	}
	return append(names, a.stored(ctx, log)...)
}

func (a *versions) stored(ctx context.Context, log *slog.Logger) []string {
	a.shelf.mu.Lock()
	defer a.shelf.mu.Unlock()
	kept := a.registry.Load()
	if kept == nil || time.Now().Before(a.shelf.until) {
		return a.shelf.names
	}
	ctx, cancel := context.WithTimeout(ctx, shelfGrace)
	defer cancel()
	list, err := kept.List(ctx)
	a.shelf.until = time.Now().Add(shelfAge)
	if err != nil {
		log.Warn("the versions cannot be listed", "error", err.Error())
		return a.shelf.names
	}
	var names []string
	for _, v := range list {
		if !v.Shipped && v.Damaged == "" {
			names = append(names, v.ID)
		}
	}
	a.shelf.names = names
	return names
}

// outdate has the names asked for again.
func (s *shelf) outdate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until = time.Time{}
}
