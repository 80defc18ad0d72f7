package jet

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// entry is one value of a key, as nats.go's interface wants it.
type entry struct {
	bucket, key string
	value       []byte
	at          *jetstream.MsgMetadata
}

func (e *entry) Bucket() string                  { return e.bucket }
func (e *entry) Key() string                     { return e.key }
func (e *entry) Value() []byte                   { return e.value }
func (e *entry) Revision() uint64                { return e.at.Sequence.Stream }
func (e *entry) Created() time.Time              { return e.at.Timestamp }
func (e *entry) Delta() uint64                   { return e.at.NumPending }
func (e *entry) Operation() jetstream.KeyValueOp { return jetstream.KeyValuePut }

const (
	fetchSize = 500              // messages asked for at once
	readTries = 3                // for a listing that a lost connection tears
	tornAfter = 30 * time.Second // the server forgets a reader that is gone
)

// errTorn is a listing of which a part was lost on the way.
var errTorn = errors.New("messages were lost on the way")

// Entries returns the last value of every key that matches, as "*" or "a.>",
// without those that are deleted. It gives up after ten seconds. The watchers of
// nats.go, which its own listings are made of, wait for a count of messages that
// never comes when one is removed meanwhile; this asks until there are no more.
func Entries(ctx context.Context, kv jetstream.KeyValue, keys string) ([]jetstream.KeyValueEntry, error) {
	return entries(ctx, kv, keys, jetstream.DeliverLastPerSubjectPolicy)
}

// History returns all values of a key that are kept, the oldest first.
func History(ctx context.Context, kv jetstream.KeyValue, key string) ([]jetstream.KeyValueEntry, error) {
	return entries(ctx, kv, key, jetstream.DeliverAllPolicy)
}

func entries(ctx context.Context, kv jetstream.KeyValue, keys string, from jetstream.DeliverPolicy) ([]jetstream.KeyValueEntry, error) {
	b, ok := kv.(*bucket)
	if !ok {
		return nil, fmt.Errorf("bucket %s was not opened by Jet.KeyValue", kv.Bucket())
	}
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	prefix := "$KV." + b.Bucket() + "."
	var list []jetstream.KeyValueEntry
	err := errTorn
	for try := 0; try < readTries && errors.Is(err, errTorn); try++ {
		list = nil
		err = messages(ctx, b.stream, prefix+keys, from, func(m jetstream.Msg, at *jetstream.MsgMetadata) {
			if m.Headers().Get("KV-Operation") == "" {
				list = append(list, &entry{b.Bucket(), strings.TrimPrefix(m.Subject(), prefix), m.Data(), at})
			}
		})
	}
	return list, err
}

// messages reads the messages of a subject that are in a stream now.
func messages(ctx context.Context, s jetstream.Stream, subject string, from jetstream.DeliverPolicy, each func(jetstream.Msg, *jetstream.MsgMetadata)) error {
	c, err := s.CreateConsumer(ctx, jetstream.ConsumerConfig{
		FilterSubject: subject, DeliverPolicy: from, AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, Replicas: 1, InactiveThreshold: tornAfter,
	})
	if err != nil {
		return err
	}
	defer func() { _ = s.DeleteConsumer(context.WithoutCancel(ctx), c.CachedInfo().Name) }() // or the server forgets it
	for got, left := uint64(0), c.CachedInfo().NumPending; left > 0; {
		n, err := fetch(c, got, each)
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

// fetch reads the next batch, after the messages that were got before.
func fetch(c jetstream.Consumer, got uint64, each func(jetstream.Msg, *jetstream.MsgMetadata)) (n uint64, err error) {
	batch, err := c.FetchNoWait(fetchSize)
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
