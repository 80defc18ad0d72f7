package registry

import (
	"context"
	"time"

	"rakam/trainer/jet"
	"rakam/trainer/pretrained"
)

// OpenSmall is Open for at most so many corrections, and with files of deleted
// versions that stay for so long.
func OpenSmall(ctx context.Context, j *jet.Jet, shipped []pretrained.Version, corrections int64, readers time.Duration) (*Registry, error) {
	return open(ctx, j, shipped, limits{corrections, readers})
}

// The buckets, for tests that damage them.
const (
	VersionsBucket    = versionsBucket
	ChampionBucket    = championBucket
	CorrectionsBucket = correctionsBucket
)
