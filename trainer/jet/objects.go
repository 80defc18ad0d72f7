package jet

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// readTime bounds the reading of one object or one bucket.
const readTime = 10 * time.Second

// ErrDamaged is returned for an object of which a part is missing or changed.
var ErrDamaged = errors.New("is damaged in the store")

// Objects is an object store. An object is kept as chunks and, written after
// them, its description; see ADR-20 of nats-architecture-and-design for the
// subjects.
type Objects struct {
	jetstream.ObjectStore
	stream jetstream.Stream
	bucket string
}

// Objects opens the object store and makes it if it is missing.
func (j *Jet) Objects(ctx context.Context, bucket string) (*Objects, error) {
	s, err := j.Stream(ctx, jetstream.StreamConfig{
		Name:        "OBJ_" + bucket,
		Subjects:    []string{"$O." + bucket + ".C.>", "$O." + bucket + ".M.>"},
		Discard:     jetstream.DiscardNew,
		AllowRollup: true,
	})
	if err != nil {
		return nil, err
	}
	store, err := j.JS.ObjectStore(ctx, bucket)
	if err != nil {
		return nil, err
	}
	return &Objects{store, s, bucket}, nil
}

func (o *Objects) chunks(nuid string) string { return "$O." + o.bucket + ".C." + nuid }

// Read returns a whole object, checked against its SHA-256. It fails with
// jetstream.ErrObjectNotFound or ErrDamaged.
func (o *Objects) Read(ctx context.Context, name string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	info, err := o.GetInfo(ctx, name)
	if err != nil {
		return nil, err
	}
	// One by one: where a chunk is missing or can't be read, Get would wait for
	// it until ctx ends.
	b, chunks, seq := make([]byte, 0, info.Size), o.chunks(info.NUID), uint64(1)
	for n := range info.Chunks {
		m, err := o.stream.GetMsg(ctx, seq, jetstream.WithGetMsgSubject(chunks))
		var refused *jetstream.APIError
		switch {
		case errors.As(err, &refused) && !transient(err):
			return nil, fmt.Errorf("%s %w: chunk %d of %d is missing (%w)", name, ErrDamaged, n+1, info.Chunks, err)
		case err != nil:
			return nil, err
		}
		b, seq = append(b, m.Data...), m.Sequence+1
	}
	want, err := jetstream.DecodeObjectDigest(info.Digest)
	if sum := sha256.Sum256(b); err != nil || !bytes.Equal(sum[:], want) {
		return nil, fmt.Errorf("%s %w: its SHA-256 is not the one it was written with", name, ErrDamaged)
	}
	return b, nil
}

// Sweep removes the objects that keep refuses, and what writers left behind that
// were killed before they wrote the description: chunks of no object, when they
// are older than age. It writes nothing, so it works where the store is full.
func (o *Objects) Sweep(ctx context.Context, age time.Duration, keep func(*jetstream.ObjectInfo) bool) error {
	// In this order a writer that ends in between is seen with its description.
	s, err := o.stream.Info(ctx, jetstream.WithSubjectFilter(o.chunks("*")))
	if err != nil {
		return err
	}
	objects, err := o.descriptions(ctx)
	if err != nil {
		return err
	}
	strays := s.State.Subjects
	for _, info := range objects {
		delete(strays, o.chunks(info.NUID))
		if !keep(info) {
			if err := o.remove(ctx, info); err != nil {
				return err
			}
		}
	}
	for chunks := range strays {
		last, err := o.stream.GetLastMsgForSubject(ctx, chunks)
		if err == nil && time.Since(last.Time) > age {
			err = o.stream.Purge(ctx, jetstream.WithPurgeSubject(chunks))
		}
		if err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
			return err
		}
	}
	return nil
}

// descriptions lists the objects; see Entries for why List does not do.
func (o *Objects) descriptions(ctx context.Context) ([]*jetstream.ObjectInfo, error) {
	var all []*jetstream.ObjectInfo
	err := messages(ctx, o.stream, "$O."+o.bucket+".M.>", jetstream.DeliverLastPerSubjectPolicy, func(m jetstream.Msg, at *jetstream.MsgMetadata) {
		var info jetstream.ObjectInfo
		if json.Unmarshal(m.Data(), &info) == nil && !info.Deleted {
			info.ModTime = at.Timestamp
			all = append(all, &info)
		}
	})
	return all, err
}

// remove takes the chunks away first: a description without chunks is seen
// again by the next Sweep, chunks without one would have to grow old.
func (o *Objects) remove(ctx context.Context, info *jetstream.ObjectInfo) error {
	meta := "$O." + o.bucket + ".M." + base64.URLEncoding.EncodeToString([]byte(info.Name))
	for _, subject := range []string{o.chunks(info.NUID), meta} {
		if err := o.stream.Purge(ctx, jetstream.WithPurgeSubject(subject)); err != nil {
			return err
		}
	}
	return nil
}
