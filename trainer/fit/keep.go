package fit

import (
	"fmt"

	"rakam/trainer/report"
)

// kept is the epoch that a run leaves behind when it is cancelled.
type kept struct {
	Epoch  report.Epoch
	Params [][]float32
}

// keep keeps the weights of an epoch that has just ended if they are the best
// so far. A recipe without a holdout watches the test set, by which nothing may
// be chosen: there the last epoch counts as the best.
func (r *run) keep(e report.Epoch) error {
	if r.Checkpoint == nil || r.kept != nil && r.Recipe.Holdout > 0 && !better(e, r.kept.Epoch) {
		return nil
	}
	state, err := r.state()
	if err != nil {
		return err
	}
	r.kept = &kept{e, state.Best()}
	return nil
}

func better(e, than report.Epoch) bool {
	if e.ValAccuracy != than.ValAccuracy {
		return e.ValAccuracy > than.ValAccuracy
	}
	return e.ValLoss < than.ValLoss
}

// Best returns the best epoch of an unfinished run from its checkpoint, as the
// result of a run that had been asked for no more epochs than that one: the
// same weights. It fails with ErrCheckpoint when no epoch has ended.
func Best(from Checkpoint) (*Result, error) {
	cp, err := loadCheckpoint(from)
	if err != nil {
		return nil, err
	}
	if cp.Kept == nil {
		return nil, fmt.Errorf("%w: no epoch has ended yet", ErrCheckpoint)
	}
	r := cp.Recipe
	r.Epochs = cp.Kept.Epoch.Epoch
	return newResult(r, cp.DataHash, cp.Drawings, cp.Kept.Params, cp.Position.History[:r.Epochs])
}
