package fit

import (
	"fmt"

	"rakam/trainer/recipe"
	"rakam/trainer/report"
)

// kept is the epoch that a run leaves behind when it is cancelled.
type kept struct {
	Epoch  report.Epoch
	Params [][]float32 // of the model
}

// keep keeps the weights of an epoch that has just ended if they are the best
// so far. A recipe without a holdout watches the test set, by which nothing may
// be chosen: there the last epoch counts as the best.
func (r *run) keep(e report.Epoch) error {
	if r.Checkpoint == nil || r.kept != nil && r.Recipe.Holdout > 0 && !better(e, r.kept.Epoch) {
		return nil
	}
	params, err := r.model()
	if err != nil {
		return err
	}
	r.kept = &kept{e, params}
	return nil
}

func better(e, than report.Epoch) bool {
	if e.ValAccuracy != than.ValAccuracy {
		return e.ValAccuracy > than.ValAccuracy
	}
	return e.ValLoss < than.ValLoss
}

// Best returns the best epoch of an unfinished run from its checkpoint. At a
// constant learning rate it is the result of a run that had been asked for no more
// epochs than that one, with the same weights; where the rate follows the number of
// epochs it is that of a run that was stopped, with a shorter history than its
// recipe asks for. Nothing is pruned from it. It fails with ErrCheckpoint when no epoch has ended.
func Best(from Checkpoint) (*Result, error) {
	cp, err := loadCheckpoint(from)
	if err != nil {
		return nil, err
	}
	if cp.Kept == nil {
		return nil, fmt.Errorf("%w: no epoch has ended yet", ErrCheckpoint)
	}
	r, n := cp.Recipe, cp.Kept.Epoch.Epoch
	r.Prune = 0
	if r.Schedule == recipe.Constant {
		r.Epochs = n
	}
	return newResult(r, cp.DataHash, cp.Drawings, cp.Kept.Params, cp.Position.History[:n])
}
