package registry

import (
	"context"
	"strings"
	"sync"

	"rakam/trainer/drawn"
	"rakam/trainer/mnist"
	"rakam/trainer/report"
	"rakam/wasm/ink"
)

// gates are the comparisons of this process, for each takes all cores for seconds
// and is asked for again by whoever promotes what a run has compared.
type gates struct {
	mutex sync.Mutex
	known map[string]report.Comparison
}

// mostGates is how many comparisons are remembered.
const mostGates = 64

func (g *gates) get(key string) (report.Comparison, bool) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	c, ok := g.known[key]
	return c, ok
}

func (g *gates) put(key string, c report.Comparison) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.known == nil || len(g.known) >= mostGates {
		g.known = map[string]report.Comparison{}
	}
	g.known[key] = c
}

// Gate measures a challenger against a champion on what no recipe but seed has
// trained on: MNIST's last training images and the corrections held out. What it
// has measured it remembers. It fails with ErrNotFound or ErrDamaged when one of the versions is gone.
func (r *Registry) Gate(ctx context.Context, challenger, champion string) (report.Comparison, error) {
	ours, err := r.Model(ctx, challenger)
	if err != nil {
		return report.Comparison{}, err
	}
	theirs, err := r.Model(ctx, champion)
	if err != nil {
		return report.Comparison{}, err
	}
	train, err := mnist.Train()
	if err != nil {
		return report.Comparison{}, err
	}
	_, held, err := r.Approved(ctx)
	if err != nil {
		return report.Comparison{}, err
	}
	ids := []string{challenger, champion} // each stands for what it names: a version and a drawing never change
	for _, d := range held {
		ids = append(ids, d.ID)
	}
	key := strings.Join(ids, " ")
	if c, ok := r.gates.get(key); ok {
		return c, nil
	}
	validation := train.Slice(train.Len()-report.ValidationLen, train.Len())
	c := report.Gate(ours, theirs, validation, drawings(held))
	r.gates.put(key, c)
	return c, nil
}

// drawings are samples made into images as the browser makes them.
type drawings []drawn.Drawn

func (d drawings) Len() int        { return len(d) }
func (d drawings) Label(i int) int { return d[i].Label }

func (d drawings) Ink(dst []float32, i int) {
	image, _ := ink.Render(d[i].Strokes)
	copy(dst, image[:])
}
