package recipe

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// TestValidate: what can't be trained is refused by the name of its field.
func TestValidate(t *testing.T) {
	for field, spoil := range map[string]func(*Recipe){
		"loss":          func(r *Recipe) { r.Loss = "hinge" },
		"optimizer":     func(r *Recipe) { r.Optimizer.Name = "adam" },
		"learning_rate": func(r *Recipe) { r.Optimizer.LearningRate = math.NaN() },
		"rho":           func(r *Recipe) { r.Optimizer.Rho = 1 },
		"epsilon":       func(r *Recipe) { r.Optimizer.Epsilon = math.Inf(1) },
		"epochs":        func(r *Recipe) { r.Epochs = 1_000_000_000 },
		"batch_size":    func(r *Recipe) { r.BatchSize = 0 },
		"holdout":       func(r *Recipe) { r.Holdout = -1 },
		"focus":         func(r *Recipe) { r.Focus[7] = math.NaN() },
	} {
		r := Seed()
		spoil(&r)
		var wrong *FieldError
		if err := r.Validate(); !errors.As(err, &wrong) || wrong.Field != field || !strings.Contains(err.Error(), "want") {
			t.Errorf("%s: %v", field, err)
		}
	}
	for _, r := range All() {
		if err := r.Validate(); err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
	}
}

// TestFocusJSON: recipes without a focus read as they did before there was one.
func TestFocusJSON(t *testing.T) {
	r := Seed()
	if strings.Contains(r.JSON(), "focus") || !r.Focus.Even() {
		t.Errorf("the seed has a focus: %s", r.JSON())
	}
	r.Focus[8] = 2.5
	if !strings.Contains(r.JSON(), `"focus":[0,0,0,0,0,0,0,0,2.5,0]`) || r.Focus.Even() || r.Equal(Seed()) {
		t.Errorf("focus on 8: %s", r.JSON())
	}
}
