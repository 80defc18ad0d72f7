package runs

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"rakam/trainer/recipe"
)

// The limits of what a request may ask for.
const (
	MaxEpochs = 1000 // so that a record with its history stays below what NATS takes
	maxKey    = 200
)

// Request asks for a run. What is nil is left as the recipe has it.
type Request struct {
	Recipe       string        `json:"recipe"`
	Epochs       *int          `json:"epochs,omitempty"`
	BatchSize    *int          `json:"batch_size,omitempty"`
	LearningRate *float64      `json:"learning_rate,omitempty"`
	Seed         *uint64       `json:"seed,omitempty"`
	Focus        *recipe.Focus `json:"focus,omitempty"` // all alike is no focus
	Corrections  bool          `json:"corrections,omitempty"`
	Promote      bool          `json:"promote,omitempty"`
}

// Build returns the recipe that the request describes, of those that find knows,
// or a *recipe.FieldError.
func (q Request) Build(find func(string) (recipe.Recipe, error)) (recipe.Recipe, error) {
	r, err := find(q.Recipe)
	if err != nil {
		return r, &recipe.FieldError{Field: "recipe", Problem: err.Error()}
	}
	set(&r.Epochs, q.Epochs)
	set(&r.BatchSize, q.BatchSize)
	set(&r.Optimizer.LearningRate, q.LearningRate)
	set(&r.Seed, q.Seed)
	set(&r.Focus, q.Focus)
	if r.Epochs < 1 || r.Epochs > MaxEpochs {
		return r, &recipe.FieldError{Field: "epochs", Problem: fmt.Sprintf("epochs is %d, want 1 to %d", r.Epochs, MaxEpochs)}
	}
	if q.Focus != nil && *q.Focus == (recipe.Focus{}) {
		return r, &recipe.FieldError{Field: "focus", Problem: "focus is 0 on every digit, which leaves nothing to train on: want more on one of them"}
	}
	if err := r.Validate(); err != nil {
		return r, err
	}
	if r.Focus.Even() {
		r.Focus = recipe.Focus{}
	}
	return r, nil
}

func set[T any](value *T, wanted *T) {
	if wanted != nil {
		*value = *wanted
	}
}

// newID names a run. The same key gives the same name, which is what makes
// submitting idempotent: there is one record to create, and the first one wins.
func newID(key string) string {
	var b [6]byte
	if key == "" {
		rand.Read(b[:]) // never fails
	} else {
		sum := sha256.Sum256([]byte("run\n" + key))
		copy(b[:], sum[:])
	}
	return hex.EncodeToString(b[:])
}

// sameWork reports whether two runs were asked to do the same.
func sameWork(a, b Run) bool {
	return a.Recipe.Equal(b.Recipe) && a.Corrections == b.Corrections && a.Promote == b.Promote
}
