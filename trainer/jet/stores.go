package jet

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// maxReplicas is how many servers of a cluster keep a stream: one of three may
// be lost without losing anything.
const maxReplicas = 3

// KV is a key-value bucket to be made.
type KV struct {
	Bucket  string
	History int64 // values kept of each key, 1 to 64; 0 for 1
	MaxSize int32 // of a value in bytes; 0 for what the server takes
	MaxKeys int64 // 0 for no limit; one more is refused (see Crowded)
}

// bucket is a key-value bucket whose stream can be read.
type bucket struct {
	jetstream.KeyValue
	stream jetstream.Stream
}

// subject is that of a key, or of keys.
func (b *bucket) subject(key string) string { return "$KV." + b.Bucket() + "." + key }

// KeyValue opens the bucket and makes it if it is missing. Reads are answered by
// the leader of a cluster, so that they see every write that was acknowledged
// before them: alias, lease and compare-and-set are built on that.
func (j *Jet) KeyValue(ctx context.Context, kv KV) (jetstream.KeyValue, error) {
	s, err := j.Stream(ctx, jetstream.StreamConfig{
		Name:              "KV_" + kv.Bucket,
		Subjects:          []string{"$KV." + kv.Bucket + ".>"},
		MaxMsgsPerSubject: max(kv.History, 1),
		MaxMsgSize:        kv.MaxSize,
		MaxMsgs:           kv.MaxKeys * max(kv.History, 1),
		Discard:           jetstream.DiscardNew,
		AllowRollup:       true,
		DenyDelete:        true,
	})
	if err != nil {
		return nil, err
	}
	b, err := j.JS.KeyValue(ctx, kv.Bucket)
	return &bucket{b, s}, err
}

// Forget removes a key with its history and leaves no marker, so that it works
// where a store is full and Delete, which writes, does not. Watchers are not
// told.
func (j *Jet) Forget(ctx context.Context, kv jetstream.KeyValue, key string) error {
	s, err := j.JS.Stream(ctx, "KV_"+kv.Bucket())
	if err != nil {
		return err
	}
	return s.Purge(ctx, jetstream.WithPurgeSubject("$KV."+kv.Bucket()+"."+key))
}

// ForgetRevision is Forget for a value that nobody has replaced meanwhile; else it
// changes nothing and fails with a Conflict.
func (j *Jet) ForgetRevision(ctx context.Context, kv jetstream.KeyValue, key string, revision uint64) error {
	s, err := j.JS.Stream(ctx, "KV_"+kv.Bucket())
	if err != nil {
		return err
	}
	err = s.Purge(ctx, jetstream.WithPurgeSubject("$KV."+kv.Bucket()+"."+key), jetstream.WithPurgeSequence(revision+1))
	if err != nil {
		return err
	}
	if _, err := kv.Get(ctx, key); err == nil {
		return jetstream.ErrKeyRevisionMismatch
	} else if !errors.Is(err, jetstream.ErrKeyNotFound) {
		return err
	}
	return nil
}

// configKey names the stream's metadata that says for which configuration it
// was last made or changed.
const configKey = "rakam.config"

// Stream opens a stream on disk and makes it if it is missing, or changes it if
// it was made for another configuration; otherwise it is not touched, as the
// server rewrites a stream's description in two steps even where nothing
// changes, and a power cut between them would cost the stream. cfg.Replicas is
// filled in: three where the cluster has so many servers.
func (j *Jet) Stream(ctx context.Context, cfg jetstream.StreamConfig) (jetstream.Stream, error) {
	b, err := json.Marshal(cfg)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	cfg.Metadata = map[string]string{configKey: hex.EncodeToString(sum[:])}
	var s jetstream.Stream
	err = j.Retry(ctx, func(ctx context.Context) error {
		s, err = j.ensure(ctx, cfg)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", cfg.Name, err)
	}
	return s, nil
}

// ensure asks for as many replicas as were not refused before, never for fewer
// than the stream has. A cluster that lacked a server when the stream was made
// gets its third replica when the stream is opened again.
func (j *Jet) ensure(ctx context.Context, cfg jetstream.StreamConfig) (jetstream.Stream, error) {
	have, same := 0, false
	old, err := j.JS.Stream(ctx, cfg.Name)
	switch {
	case err == nil:
		is := old.CachedInfo().Config
		have, same = is.Replicas, is.Metadata[configKey] == cfg.Metadata[configKey]
	case !errors.Is(err, jetstream.ErrStreamNotFound):
		return nil, err
	}
	for {
		cfg.Replicas = max(int(j.replicas.Load()), have)
		if same && cfg.Replicas == have {
			return old, nil
		}
		s, err := j.JS.CreateOrUpdateStream(ctx, cfg)
		if err == nil || cfg.Replicas <= max(have, 1) || !tooManyReplicas(err) {
			return s, err
		}
		j.replicas.Store(int32(cfg.Replicas - 1))
	}
}

// tooManyReplicas reports whether the server refused a stream because there are
// not so many servers.
func tooManyReplicas(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == codeReplicas || api.ErrorCode == codeNoPeers)
}
