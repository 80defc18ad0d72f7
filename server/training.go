package main

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"rakam/trainer/cpu"
	"rakam/trainer/pretrained"
	"rakam/trainer/recipe"
	"rakam/trainer/registry"
	"rakam/trainer/runs"
)

// Training is how runs are trained. The zero value is what main uses; tests train
// something smaller.
type Training struct {
	Recipes  func() []recipe.Recipe // recipe.All if nil
	Options  runs.Options           // Find follows from Recipes
	Worker   func(*runs.Worker)     // changes a worker before it begins; may be nil
	MaxStore int64                  // bytes; jet's own limit if 0

	Shipped func() ([]pretrained.Version, error) // what the registry holds from the start; pretrained.All if nil
}

func (t Training) shipped() ([]pretrained.Version, error) {
	if t.Shipped != nil {
		return t.Shipped()
	}
	return pretrained.All()
}

// recipes are those that one can ask for.
func (t Training) recipes() []recipe.Recipe {
	if t.Recipes == nil {
		return recipe.All()
	}
	return t.Recipes()
}

func (t Training) find(name string) (recipe.Recipe, error) {
	var names []string
	for _, r := range t.recipes() {
		if r.Name == name {
			return r, nil
		}
		names = append(names, r.Name)
	}
	return recipe.Recipe{}, fmt.Errorf("no recipe is called %q: choose one of %s", name, strings.Join(names, ", "))
}

func (t Training) options(log *slog.Logger) runs.Options {
	o := t.Options
	o.Find, o.Log = t.find, log
	return o
}

// newWorker returns a worker that has not begun.
func (s *site) newWorker(service *runs.Service, registry *registry.Registry) *runs.Worker {
	w := &runs.Worker{Service: service, Registry: registry, Backend: cpu.Open, Yield: s.traffic.yield, Drawn: s.drawn}
	if s.training.Worker != nil {
		s.training.Worker(w)
	}
	return w
}

// traffic counts the requests under way, for which training makes way.
type traffic struct {
	mu    sync.Mutex
	n     int
	quiet chan struct{} // closed when n falls to 0; nil while it is 0
}

// mostYield bounds how long a step of the training waits: a site that is never
// quiet still trains.
const mostYield = 20 * time.Millisecond

func (t *traffic) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.n++; t.n == 1 {
		t.quiet = make(chan struct{})
	}
}

func (t *traffic) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.n--; t.n == 0 {
		close(t.quiet)
		t.quiet = nil
	}
}

// yield waits until no request is under way, but not for long.
func (t *traffic) yield() {
	t.mu.Lock()
	quiet := t.quiet
	t.mu.Unlock()
	if quiet == nil {
		return
	}
	timer := time.NewTimer(mostYield)
	defer timer.Stop()
	select {
	case <-quiet:
	case <-timer.C:
	}
}
