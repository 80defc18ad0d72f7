// Package registry keeps what outlives a run: versions, which of them is the
// champion, and corrections. It lies in JetStream: the files of versions in an
// object store, all else in key-value buckets, where the champion changes by
// compare-and-set. The versions that ship are part of it and are never stored.
package registry

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"rakam/trainer/jet"
	"rakam/trainer/pretrained"
)

// What can be wrong, for errors.Is. The error that wraps one of these says what
// happened, and what to do about it.
var (
	ErrNoStore    = errors.New("there is no store") // opened without one: only what ships is there
	ErrNoSpace    = errors.New("the store is full")
	ErrNotFound   = errors.New("not found")
	ErrDamaged    = errors.New("damaged")
	ErrInvalid    = errors.New("invalid")
	ErrConflict   = errors.New("somebody else was faster")
	ErrIsChampion = errors.New("is the champion")
	ErrIsShipped  = errors.New("ships with the program")
	ErrWorse      = errors.New("is worse than the champion")
	ErrTooLarge   = errors.New("is too large")
	ErrTooMany    = errors.New("there are too many corrections")

	ErrManyPending = errors.New("too many corrections wait for approval")
)

const (
	versionsBucket    = "rakam_versions" // records; and the object store of the files
	championBucket    = "rakam_champion"
	correctionsBucket = "rakam_corrections"

	// championHistory is how many promotions are kept, the most a bucket can.
	championHistory = jetstream.KeyValueMaxHistory

	// mostStored is a correction with all who sent it, in bytes.
	mostStored = 2 * MaxCorrection

	// headers is what a message's headers add to its value at most, in bytes.
	headers = 1 << 10

	// readers is how long the files of a deleted version stay for those who are
	// reading them.
	readers = time.Minute
	// abandoned is the age from which files without a version are nobody's: no
	// writer takes that long.
	abandoned = time.Hour
)

// Registry is safe for concurrent use, also by several processes on one store.
type Registry struct {
	jet         *jet.Jet // nil without a store
	versions    jetstream.KeyValue
	files       *jet.Objects
	champion    jetstream.KeyValue
	corrections jetstream.KeyValue

	shipped []Version
	bundled map[string]pretrained.Version

	pending quota
	limits  limits
	sound   sync.Map // folders of versions whose model was read and decoded: it cannot change
	gates   gates
}

// limits are what tests make smaller.
type limits struct {
	corrections int64 // of both kinds
	pending     int64
	readers     time.Duration
	abandoned   time.Duration
}

// Open opens the registry in a store, and makes it there if it is missing; shipped
// are the versions it holds beside those in the store, the first champion first.
// With nil for the store it holds these alone, and what would write fails with
// ErrNoStore.
func Open(ctx context.Context, j *jet.Jet, shipped []pretrained.Version) (*Registry, error) {
	return open(ctx, j, shipped, limits{MaxCorrections + MaxPending, MaxPending, readers, abandoned})
}

func open(ctx context.Context, j *jet.Jet, shipped []pretrained.Version, l limits) (_ *Registry, err error) {
	if len(shipped) == 0 {
		return nil, errors.New("there is no version that ships")
	}
	r := &Registry{jet: j, bundled: map[string]pretrained.Version{}, limits: l}
	for _, p := range shipped {
		r.shipped = append(r.shipped, describeShipped(p))
		r.bundled[p.ID] = p
	}
	if j == nil {
		return r, nil
	}
	if r.versions, err = j.KeyValue(ctx, jet.KV{Bucket: versionsBucket}); err != nil {
		return nil, explain(err)
	}
	if r.champion, err = j.KeyValue(ctx, jet.KV{Bucket: championBucket, History: championHistory}); err != nil {
		return nil, explain(err)
	}
	if r.corrections, err = j.KeyValue(ctx, jet.KV{Bucket: correctionsBucket, MaxSize: mostStored + headers, MaxKeys: l.corrections}); err != nil {
		return nil, explain(err)
	}
	if r.files, err = j.Objects(ctx, versionsBucket); err != nil {
		return nil, explain(err)
	}
	r.tidy(ctx)
	return r, nil
}

// stored fails where there is no store.
func (r *Registry) stored() error {
	if r.jet == nil {
		return fmt.Errorf("%w: only the versions that ship are there, and nothing can be kept; the log of the start says why", ErrNoStore)
	}
	return nil
}

// explain names the failures of a store that a person can do something about.
func explain(err error) error {
	if jet.Full(err) {
		return fmt.Errorf("%w, nothing was changed: delete versions or corrections, or give the disk more space (%w)", ErrNoSpace, err)
	}
	return err
}
