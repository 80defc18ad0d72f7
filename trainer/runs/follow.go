package runs

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Filter says which events to follow.
type Filter struct {
	Run      string // only this run's; "" for all events
	Progress bool   // its steps too, which are not kept
}

// Events follows the events after the one with that ID, from the first one kept
// for 0, until ctx ends. It misses none and repeats none, through failures of
// the connection too. The channel is closed when ctx ends or when its reader is
// too slow, which stops nobody else: that reader may ask again with the last ID
// it saw. An ID that the store never gave starts from the first event.
func (s *Service) Events(ctx context.Context, f Filter, after uint64) (<-chan Event, error) {
	subject := eventsSubject + ">"
	if f.Run != "" {
		if !validID.MatchString(f.Run) {
			return nil, fail(ErrNotFound, "see the list of runs", "there is no run %q", f.Run)
		}
		subject = runSubject + f.Run + ".*"
	}
	start, err := s.start(ctx, after)
	if err != nil {
		return nil, err
	}
	cons, err := s.events.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		FilterSubjects:    []string{subject},
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       start,
		InactiveThreshold: time.Minute,
	})
	if err != nil {
		return nil, err
	}
	messages, err := cons.Messages(jetstream.PullMaxMessages(64))
	if err != nil {
		return nil, err
	}
	out := make(chan Event, 64)
	live, unsubscribe, err := s.live(f)
	if err != nil {
		messages.Stop()
		return nil, err
	}
	go func() {
		defer close(out)
		defer unsubscribe()
		defer messages.Stop()
		s.forward(ctx, messages, live, out)
	}()
	return out, nil
}

// start returns the sequence to begin with. An ID from another store, or from
// before this one was lost, would otherwise wait for events far ahead.
func (s *Service) start(ctx context.Context, after uint64) (uint64, error) {
	if after == 0 {
		return 1, nil
	}
	var info *jetstream.StreamInfo
	err := s.jet.Retry(ctx, func(ctx context.Context) (err error) {
		info, err = s.events.Info(ctx)
		return err
	})
	if err != nil {
		return 0, err
	}
	if after > info.State.LastSeq {
		return 1, nil
	}
	return after + 1, nil
}

// live subscribes to what is not kept.
func (s *Service) live(f Filter) (<-chan *nats.Msg, func(), error) {
	if !f.Progress {
		return nil, func() {}, nil
	}
	subject := liveSubject + "*"
	if f.Run != "" {
		subject = liveSubject + f.Run
	}
	ch := make(chan *nats.Msg, 16)
	sub, err := s.jet.Conn.Subscribe(subject, func(m *nats.Msg) {
		select {
		case ch <- m:
		default: // the next one says more
		}
	})
	if err != nil {
		return nil, nil, err
	}
	return ch, func() { _ = sub.Unsubscribe() }, nil
}

// forward sends both kinds of events to out until ctx ends or out is not read.
func (s *Service) forward(ctx context.Context, messages jetstream.MessagesContext, live <-chan *nats.Msg, out chan<- Event) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	kept := make(chan Event)
	go receive(ctx, messages, kept)
	for {
		var e Event
		var ok bool
		select {
		case e, ok = <-kept:
			if !ok {
				return
			}
		case m := <-live:
			e = Event{Kind: KindProgress, Run: strings.TrimPrefix(m.Subject, liveSubject), Data: m.Data}
			select {
			case out <- e:
			default:
			}
			continue
		case <-ctx.Done():
			return
		}
		select {
		case out <- e:
		case <-ctx.Done():
			return
		case <-time.After(s.Patience):
			return
		}
	}
}

// receive takes the kept events from the consumer, in order.
func receive(ctx context.Context, messages jetstream.MessagesContext, kept chan<- Event) {
	defer close(kept)
	last := uint64(0)
	for {
		msg, err := messages.Next(jetstream.NextContext(ctx))
		if ctx.Err() != nil || errors.Is(err, jetstream.ErrMsgIteratorClosed) {
			return
		}
		if err != nil { // a missed heartbeat: the consumer begins again behind the last message
			select {
			case <-ctx.Done():
				return
			case <-time.After(100 * time.Millisecond):
			}
			continue
		}
		meta, err := msg.Metadata()
		if err != nil || meta.Sequence.Stream <= last {
			continue
		}
		last = meta.Sequence.Stream
		e := Event{ID: last, Data: msg.Data()}
		e.Run, e.Kind = parseSubject(msg.Subject())
		select {
		case kept <- e:
		case <-ctx.Done():
			return
		}
	}
}
