package jet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// entry is one value of a key, as nats.go's interface wants it.
type entry struct {
	bucket, key string
	value       []byte
	at          *jetstream.MsgMetadata
	operation   jetstream.KeyValueOp
}

func (e *entry) Bucket() string                  { return e.bucket }
func (e *entry) Key() string                     { return e.key }
func (e *entry) Value() []byte                   { return e.value }
func (e *entry) Revision() uint64                { return e.at.Sequence.Stream }
func (e *entry) Created() time.Time              { return e.at.Timestamp }
func (e *entry) Delta() uint64                   { return e.at.NumPending }
func (e *entry) Operation() jetstream.KeyValueOp { return e.operation }

const (
	fetchSize = 500              // messages asked for at once
	readTries = 3                // for a listing that a lost connection tears
	tornAfter = 30 * time.Second // the server forgets a reader that is gone
)

// errTorn is a listing of which a part was lost on the way.
var errTorn = errors.New("messages were lost on the way")

// Entries returns the last value of every key that matches, as "*" or "a.>",
// without those that are deleted, each key once, also while they are written. It
// gives up after ten seconds. The watchers of nats.go, which its own listings are
// made of, wait for a count of messages that never comes when one is removed
// meanwhile; this asks until there are no more.
//
// Of a value that is replaced while it is listed a reader may be sent both or,
// what is worse, none: the old one is gone, and the new one not yet counted. So
// the keys that are there afterwards are counted too, and the missing ones read.
func Entries(ctx context.Context, kv jetstream.KeyValue, keys string) ([]jetstream.KeyValueEntry, error) {
	b, list, err := entries(ctx, kv, keys, jetstream.DeliverLastPerSubjectPolicy)
	if err != nil {
		return nil, err
	}
	seen := map[string]int{} // index in all
	var all []jetstream.KeyValueEntry
	for _, e := range list {
		if at, twice := seen[e.Key()]; twice {
			all[at] = e
			continue
		}
		seen[e.Key()] = len(all)
		all = append(all, e)
	}
	missing, err := b.absent(ctx, keys, seen)
	return slices.DeleteFunc(append(all, missing...), deleted), err
}

// History returns all values of a key that are kept, the oldest first.
func History(ctx context.Context, kv jetstream.KeyValue, key string) ([]jetstream.KeyValueEntry, error) {
	_, list, err := entries(ctx, kv, key, jetstream.DeliverAllPolicy)
	return slices.DeleteFunc(list, deleted), err
}

func deleted(e jetstream.KeyValueEntry) bool { return e.Operation() != jetstream.KeyValuePut }

// absent reads the keys that are in the bucket and not among those seen.
func (b *bucket) absent(ctx context.Context, keys string, seen map[string]int) ([]jetstream.KeyValueEntry, error) {
	info, err := b.stream.Info(ctx, jetstream.WithSubjectFilter(b.subject(keys)))
	if err != nil {
		return nil, err
	}
	var list []jetstream.KeyValueEntry
	for subject := range info.State.Subjects {
		key := strings.TrimPrefix(subject, b.subject(""))
		if _, ok := seen[key]; ok {
			continue
		}
		e, err := b.Get(ctx, key)
		switch {
		case err == nil:
			list = append(list, e)
		case !errors.Is(err, jetstream.ErrKeyNotFound):
			return nil, err
		}
	}
	return list, nil
}

// entries reads the messages of keys, markers of deletion included.
func entries(ctx context.Context, kv jetstream.KeyValue, keys string, from jetstream.DeliverPolicy) (*bucket, []jetstream.KeyValueEntry, error) {
	b, ok := kv.(*bucket)
	if !ok {
		return nil, nil, fmt.Errorf("bucket %s was not opened by Jet.KeyValue", kv.Bucket())
	}
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	var list []jetstream.KeyValueEntry
	err := errTorn
	for try := 0; try < readTries && errors.Is(err, errTorn); try++ {
		list = nil
		err = messages(ctx, b.stream, b.subject(keys), from, func(m jetstream.Msg, at *jetstream.MsgMetadata) {
			list = append(list, &entry{b.Bucket(), strings.TrimPrefix(m.Subject(), b.subject("")), m.Data(), at, operation(m)})
		})
	}
	return b, list, err
}

// operation is what a message says about its key (ADR-8 of
// nats-architecture-and-design).
func operation(m jetstream.Msg) jetstream.KeyValueOp {
	switch m.Headers().Get("KV-Operation") {
	case "":
		return jetstream.KeyValuePut
	case "PURGE":
		return jetstream.KeyValuePurge
	}
	return jetstream.KeyValueDelete
}

// messages reads as many messages of a subject as are in a stream now: those that
// come while it reads must not keep it from ending.
func messages(ctx context.Context, s jetstream.Stream, subject string, from jetstream.DeliverPolicy, each func(jetstream.Msg, *jetstream.MsgMetadata)) error {
	c, err := s.CreateConsumer(ctx, jetstream.ConsumerConfig{
		FilterSubject: subject, DeliverPolicy: from, AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, Replicas: 1, InactiveThreshold: tornAfter,
	})
	if err != nil {
		return err
	}
	defer func() { _ = s.DeleteConsumer(context.WithoutCancel(ctx), c.CachedInfo().Name) }() // or the server forgets it
	all := c.CachedInfo().NumPending
	for got, left := uint64(0), all; left > 0 && got < all; {
		n, err := fetch(c, got, min(all-got, fetchSize), each)
		if err != nil {
			return err
		}
		// A batch also ends, without an error, when nothing came for a second.
		info, err := c.Info(ctx)
		if err != nil {
			return err
		}
		got, left = got+n, info.NumPending
		if info.Delivered.Consumer != got {
			return errTorn
		}
	}
	return nil
}

// fetch reads the next batch, of at most that many messages, after those that were
// got before.
func fetch(c jetstream.Consumer, got, most uint64, each func(jetstream.Msg, *jetstream.MsgMetadata)) (n uint64, err error) {
	batch, err := c.FetchNoWait(int(most))
	if err != nil {
		return 0, err
	}
	for m := range batch.Messages() {
		at, err := m.Metadata()
		if err != nil {
			return n, err
		}
		if n++; at.Sequence.Consumer != got+n {
			return n, errTorn
		}
		each(m, at)
	}
	return n, batch.Error()
}
