package runs

import (
	"context"
	"errors"
	"slices"

	"github.com/nats-io/nats.go/jetstream"
)

// queueConfig keeps a message until a worker has dealt with it, and no second
// one for the same run: putting a run into the queue twice does nothing.
func queueConfig() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:                 queueStream,
		Subjects:             []string{queueSubject + "*"},
		Retention:            jetstream.WorkQueuePolicy,
		Discard:              jetstream.DiscardNew,
		DiscardNewPerSubject: true,
		MaxMsgsPerSubject:    1,
	}
}

// openConsumer leaves a consumer alone that is as it should be. Where it fails,
// workers go on with the one they had.
func (s *Service) openConsumer(ctx context.Context) error {
	want := jetstream.ConsumerConfig{
		Durable:       consumerName,
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       s.AckWait,
		MaxDeliver:    -1, // attempts are counted in the record
		MaxAckPending: 1000,
	}
	c, err := s.queue.Consumer(ctx, consumerName)
	if errors.Is(err, jetstream.ErrConsumerNotFound) || err == nil && c.CachedInfo().Config.AckWait != want.AckWait {
		c, err = s.queue.CreateOrUpdateConsumer(ctx, want)
	}
	if err != nil {
		return err
	}
	s.workers.Store(&c)
	return nil
}

func (s *Service) consumer() jetstream.Consumer { return *s.workers.Load() }

// place numbers the queued runs in the order in which workers will take them.
func (s *Service) place(ctx context.Context, all []Run) error {
	type waiting struct {
		run *Run
		seq uint64
	}
	var queue []waiting
	for i := range all {
		if all[i].State != Queued {
			continue
		}
		seq, err := s.inQueue(ctx, all[i].ID)
		if err != nil {
			return err
		}
		if seq > 0 { // else it is being submitted, or just being taken
			queue = append(queue, waiting{&all[i], seq})
		}
	}
	slices.SortFunc(queue, func(a, b waiting) int { return int(a.seq) - int(b.seq) })
	for i, w := range queue {
		w.run.Place = i + 1
	}
	return nil
}

// inQueue returns the sequence of the run's message in the queue, or 0.
func (s *Service) inQueue(ctx context.Context, id string) (uint64, error) {
	var msg *jetstream.RawStreamMsg
	err := s.jet.Retry(ctx, func(ctx context.Context) (err error) {
		msg, err = s.queue.GetLastMsgForSubject(ctx, queueSubject+id)
		return err
	})
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return msg.Sequence, nil
}
