// Package graph is the other interpreter of a spec: it builds the GoMLX graph
// that trains it. Everywhere else wasm/nn executes the spec; a test holds the
// two together over all test images.
package graph

import (
	"errors"
	"fmt"

	"github.com/gomlx/compute"
	g "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"rakam/trainer/recipe"
	"rakam/wasm/nn"
)

// Trainer holds a state on a backend and the compiled steps that change it.
// It serves one goroutine at a time.
type Trainer struct {
	recipe  recipe.Recipe
	backend compute.Backend
	parts   [4][]*tensors.Tensor // as State.parts
	steps   int
	step    *g.Exec
	score   *g.Exec
	means   *g.Exec           // nil for a recipe that does not normalise
	folded  []*tensors.Tensor // the model's weights after Fold, until the next Step
}

// New compiles what trains r on the backend and moves the state there.
func New(backend compute.Backend, r recipe.Recipe, s State) (*Trainer, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	if r.Spec.Members > 0 {
		return nil, fmt.Errorf("%v is an ensemble: its networks are trained one by one", r.Spec)
	}
	t := &Trainer{recipe: r, backend: backend, steps: s.Steps}
	if err := t.load(s); err != nil {
		return nil, err
	}
	var err error
	if t.step, err = g.NewExec(backend, t.stepGraph); err != nil {
		return nil, err
	}
	n := len(t.parts[0]) // number of parameter tensors
	t.score, err = g.NewExec(backend, func(in []*g.Node) []*g.Node {
		net := network{spec: r.Spec, params: in[:n]}
		loss, correct := score(net.logits(in[n]), in[n+1])
		return []*g.Node{loss, correct}
	})
	if err == nil && r.BatchNorm {
		t.means, err = g.NewExec(backend, t.meansGraph)
	}
	return t, err
}

// load moves the state to tensors. A part must be there if r wants it.
func (t *Trainer) load(s State) error {
	dims := shapes(t.recipe.Spec)
	wanted := NewState(t.recipe)
	for k, part := range s.parts() {
		if want := len(*wanted.parts()[k]); len(*part) != want {
			return fmt.Errorf("state has %d tensors in part %d, the recipe wants %d", len(*part), k, want)
		}
		for i, values := range *part {
			if want := len(wanted.Params[i]); len(values) != want {
				return fmt.Errorf("tensor %d of the state has %d values, the spec %v wants %d", i, len(values), t.recipe.Spec, want)
			}
			t.parts[k] = append(t.parts[k], tensors.FromFlatDataAndDimensions(values, dims[i]...))
		}
	}
	return nil
}

// Step trains on one batch, images [n, 784] and targets [n, 10], at the given
// learning rate, and returns its mean loss and how many digits were read
// correctly before the weights changed.
func (t *Trainer) Step(images, targets []float32, rate float64) (loss float64, correct int, err error) {
	var args []any
	for _, part := range t.parts {
		for _, s := range part {
			buffer, err := g.DonateTensorBuffer(s, t.backend, 0)
			if err != nil {
				return 0, 0, err
			}
			args = append(args, buffer)
		}
	}
	t.steps++
	t.folded = nil
	args = append(args, batch(images, targets)...)
	args = append(args, t.masks(len(images)/nn.ImageSize)...)
	args = append(args, t.scalars(rate)...)
	out, err := t.step.Call(args...)
	if err != nil {
		return 0, 0, err
	}
	for k, part := range t.parts {
		t.parts[k], out = out[:len(part)], out[len(part):]
	}
	return measured(out)
}

// Score measures the model as it would be now on one batch, as Step does,
// without changing it. With a recipe that normalises, Fold goes before.
func (t *Trainer) Score(images, targets []float32) (loss float64, correct int, err error) {
	args, err := t.withModel(batch(images, targets)...)
	if err != nil {
		return 0, 0, err
	}
	out, err := t.score.Call(args...)
	if err != nil {
		return 0, 0, err
	}
	return measured(out)
}

// withModel puts the weights that make the model before other arguments.
func (t *Trainer) withModel(more ...any) ([]any, error) {
	model, err := t.model()
	if err != nil {
		return nil, err
	}
	return before(model, more), nil
}

// before puts tensors before other arguments.
func before(list []*tensors.Tensor, more []any) []any {
	args := make([]any, 0, len(list)+len(more))
	for _, s := range list {
		args = append(args, s)
	}
	return append(args, more...)
}

// model returns the weights that make the model.
func (t *Trainer) model() ([]*tensors.Tensor, error) {
	if t.means == nil {
		return t.raw(), nil
	}
	if t.folded == nil {
		return nil, errors.New("there is no model of a training with batch norm before Fold")
	}
	return t.folded, nil
}

// raw returns the weights, averaged or those of the last step.
func (t *Trainer) raw() []*tensors.Tensor {
	if len(t.parts[3]) > 0 {
		return t.parts[3]
	}
	return t.parts[0]
}

// Model copies the weights that make the model from the backend, in the order of
// State.Params. With a recipe that normalises, Fold goes before.
func (t *Trainer) Model() ([][]float32, error) {
	model, err := t.model()
	if err != nil {
		return nil, err
	}
	return flat(model)
}

// flat copies tensors.
func flat(list []*tensors.Tensor) (all [][]float32, err error) {
	for _, tensor := range list {
		values, err := tensors.CopyFlatData[float32](tensor)
		if err != nil {
			return nil, err
		}
		all = append(all, values)
	}
	return all, nil
}

func batch(images, targets []float32) []any {
	n := len(images) / nn.ImageSize
	return []any{
		tensors.FromFlatDataAndDimensions(images, n, nn.ImageSize),
		tensors.FromFlatDataAndDimensions(targets, n, nn.Classes),
	}
}

func measured(out []*tensors.Tensor) (loss float64, correct int, err error) {
	loss, correct = float64(tensors.ToScalar[float32](out[0])), int(tensors.ToScalar[float32](out[1]))
	for _, o := range out {
		if err := o.FinalizeAll(); err != nil {
			return 0, 0, err
		}
	}
	return loss, correct, nil
}

// State copies the state from the backend.
func (t *Trainer) State() (State, error) {
	s := State{Steps: t.steps}
	for k, part := range s.parts() {
		values, err := flat(t.parts[k])
		if err != nil {
			return State{}, err
		}
		*part = values
	}
	return s, nil
}
