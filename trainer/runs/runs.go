// Package runs trains in the background: runs are submitted to a queue, workers
// take them from it in order, and everybody may watch. All state is in JetStream:
//
//	key-value rakam_runs        a record for each run
//	stream rakam_queue          one message for each run that a worker should take
//	objects rakam_checkpoints   how far the unfinished runs are, weights included
//	stream rakam_events         what happened, in an order that every reader sees alike
//
// A worker holds a run by a lease: its name and the number of the attempt in the
// record. Every write of the worker is a compare-and-set of the record under
// that lease, so a worker that was given up can never undo what its successor
// did. A worker that dies stops sending signs of life, the queue gives its run
// to the next one, and that goes on from the checkpoint with the same result, to
// the byte, as if nothing had happened.
package runs

import (
	"time"

	"rakam/trainer/recipe"
	"rakam/trainer/report"
)

// State says what is the matter with a run.
type State string

// The states of a run.
const (
	Queued    State = "queued"
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// Ended reports whether a run in this state goes no further by itself.
func (s State) Ended() bool { return s == Done || s == Failed || s == Cancelled }

// Run is one execution of a recipe.
type Run struct {
	ID          string        `json:"id"`
	Key         string        `json:"key,omitempty"` // the idempotency key it was submitted with
	Recipe      recipe.Recipe `json:"recipe"`        // with the changes asked for
	Corrections bool          `json:"corrections"`   // approved corrections join the training data
	Promote     bool          `json:"promote"`       // make the version the champion if it is better

	State      State     `json:"state"`
	Cancelling bool      `json:"cancelling,omitempty"` // the worker has been asked to stop
	Place      int       `json:"place,omitempty"`      // in the queue, from 1; not stored
	Created    time.Time `json:"created"`
	Started    time.Time `json:"started,omitzero"` // by the first worker
	Finished   time.Time `json:"finished,omitzero"`

	Epoch   int            `json:"epoch"` // epochs done
	Step    int            `json:"step"`  // steps done in the epoch under way, as of the last checkpoint
	Steps   int            `json:"steps"` // in an epoch; 0 before the data is known
	History []report.Epoch `json:"history"`

	Worker  string `json:"worker,omitempty"`  // holds the run, or held it last
	Machine string `json:"machine,omitempty"` // where that worker runs
	Attempt int    `json:"attempt"`           // times a worker has taken the run
	Deaths  int    `json:"deaths,omitempty"`  // workers lost in a row without a step forward

	Error    string             `json:"error,omitempty"` // why it failed
	Hint     string             `json:"hint,omitempty"`  // what to do about it
	Version  string             `json:"version,omitempty"`
	Gate     *report.Comparison `json:"gate,omitempty"`     // with the champion of then
	Promoted bool               `json:"promoted,omitempty"` // it became the champion by itself

	MeasuringSeconds float64 `json:"measuring_seconds,omitempty"` // what measuring and comparing the version took

	Checkpoint string `json:"checkpoint,omitempty"` // name of the object
	Leased     string `json:"leased,omitempty"`     // the checkpoint when the lease began
	Drawings   string `json:"drawings,omitempty"`   // name of the object with the corrections that joined
}

// Resumable reports whether Resume would queue the run again.
func (r *Run) Resumable() bool { return r.State == Failed || r.State == Cancelled }
