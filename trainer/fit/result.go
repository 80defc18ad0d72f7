package fit

import (
	"context"
	"fmt"

	"rakam/trainer/graph"
	"rakam/trainer/recipe"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// Result is a finished run.
type Result struct {
	Model    *nn.Model // weights and spec; Meta holds recipe and data hash
	History  []report.Epoch
	Drawings *Drawings // that it trained on beside MNIST; nil for none
}

// model returns the weights that make the model, network after network, or ErrDiverged.
func (r *run) model() (params [][]float32, err error) {
	for _, m := range r.members {
		one, err := m.trainer.Model()
		if err != nil {
			return nil, err
		}
		params = append(params, one...)
	}
	return params, r.finite(params)
}

// finite returns ErrDiverged if a weight is no number: a rectifier makes zero of
// NaN, so it need not show in the loss.
func (r *run) finite(params [][]float32) error {
	for _, values := range params {
		for _, v := range values {
			if v-v != 0 {
				return fmt.Errorf("%w in epoch %d: a weight is %v; try a smaller learning rate", ErrDiverged, len(r.at.History)+1, v)
			}
		}
	}
	return nil
}

func (r *run) result(ctx context.Context) (*Result, error) {
	n := len(r.at.History)
	if err := r.fold(ctx, n); err != nil { // again, for the run may just have been resumed
		return nil, err
	}
	params, err := r.model()
	if err != nil {
		return nil, err
	}
	res, err := newResult(r.Recipe, r.Data.Hash, r.Data.Drawings, params, r.at.History)
	if err != nil || r.Recipe.Prune == 0 {
		return res, err
	}
	meta := res.Model.Meta
	var networks []*nn.Model
	for k, m := range r.members {
		network, err := pruned(res.Model.Network(k), r.Recipe.Prune, r.first(ctx, m, n, pruneBatches))
		if err != nil {
			return nil, err
		}
		networks = append(networks, network)
	}
	if res.Model, err = nn.Ensemble(networks...); err != nil {
		return nil, err
	}
	res.Model.Meta = meta
	return res, nil
}

func newResult(r recipe.Recipe, dataHash string, drawings *Drawings, params [][]float32, history []report.Epoch) (*Result, error) {
	m, err := graph.NewModel(r.Spec, params)
	if err != nil {
		return nil, err
	}
	m.Meta.Name = r.Name
	m.Meta.Recipe = r.JSON()
	m.Meta.DataHash = dataHash
	return &Result{Model: m, History: history, Drawings: drawings}, nil
}
