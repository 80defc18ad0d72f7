package registry

import (
	"cmp"
	"context"
	"time"

	"rakam/trainer/jet"
	"rakam/trainer/pretrained"
	"rakam/trainer/report"
)

// Small is the limits of a registry that a test can reach.
type Small struct {
	Corrections, Pending int64 // of both kinds, and of those that wait; any number if 0
	Readers              time.Duration
	Abandoned            time.Duration // an hour if 0
}

// OpenSmall is Open with other limits.
func OpenSmall(ctx context.Context, j *jet.Jet, shipped []pretrained.Version, s Small) (*Registry, error) {
	return open(ctx, j, shipped, limits{s.Corrections, cmp.Or(s.Pending, s.Corrections+1), s.Readers, cmp.Or(s.Abandoned, abandoned)})
}

// The buckets, for tests that damage them.
const (
	VersionsBucket    = versionsBucket
	ChampionBucket    = championBucket
	CorrectionsBucket = correctionsBucket
)

// Undo takes back a promotion, as Promote does when the version is deleted meanwhile.
func (r *Registry) Undo(ctx context.Context, before Promotion, revision uint64) error {
	return r.undo(ctx, before, revision)
}

// AlterGates changes the comparisons that are remembered.
func (r *Registry) AlterGates(alter func(*report.Comparison)) {
	for key, c := range r.gates.known {
		alter(&c)
		r.gates.known[key] = c
	}
}
