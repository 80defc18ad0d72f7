package runs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"rakam/trainer/jet"
	"rakam/trainer/registry"
	"rakam/trainer/report"
)

// The kinds of events; the first four are about a run.
const (
	KindState    = "state"    // a StateChange
	KindEpoch    = "epoch"    // a report.Epoch
	KindLog      = "log"      // a LogLine
	KindProgress = "progress" // a Progress; not kept, so its ID is 0

	KindChampion    = "champion"    // a registry.Promotion
	KindCorrections = "corrections" // there are others now
	KindVersions    = "versions"    // one was deleted; that one is new is a state of its run
)

// Event is something that happened.
type Event struct {
	ID   uint64 // its place in the order of all events, from 1
	Kind string
	Run  string // "" for what concerns no run
	Data json.RawMessage
}

// StateChange is what an event says about a run's record.
type StateChange struct {
	State      State  `json:"state"`
	Cancelling bool   `json:"cancelling,omitempty"`
	Attempt    int    `json:"attempt"`
	Worker     string `json:"worker,omitempty"`
	Version    string `json:"version,omitempty"`
	Promoted   bool   `json:"promoted,omitempty"`
	Error      string `json:"error,omitempty"`
	Hint       string `json:"hint,omitempty"`
}

// LogLine is one line about what a worker does: in English, and as what a page needs
// to say it in another language.
type LogLine struct {
	Time   time.Time `json:"time"`
	Text   string    `json:"text"`
	What   string    `json:"what,omitempty"`   // a key of Sayings
	Values values    `json:"values,omitempty"` // what {name} stands for in the text
}

// values are numbers and texts by name.
type values map[string]any

// Sayings are the lines of a run's log, in English, by what happened. A page has
// its own under "run.log.".
var Sayings = map[string]string{
	"begins":      "begins: {images} images, backend {backend}",
	"resumes":     "goes on at epoch {epoch}, step {step} (attempt {attempt})",
	"shared":      "trained on {drawings} of the drawings that it would be measured on: it gets no score on drawings",
	"trained":     "is trained: version {version}, accuracy {accuracy}",
	"compared":    "compared with the champion {version}: {verdict}",
	"uncompared":  "could not be compared with the champion: {reason}",
	"promoted":    "{version} is the champion now",
	"unannounced": "open pages have not been told of the new champion: {reason}",
	"cancelled":   "is cancelled at epoch {epoch}, step {step}",
	"unkept":      "the best epoch could not be kept: {reason}",
	"handed_back": "is handed back at epoch {epoch}, step {step}; another worker goes on",
	"failed":      "failed: {reason}",
}

const (
	eventsName    = "rakam_events"
	eventsSubject = "events."
	runSubject    = eventsSubject + "run."
	liveSubject   = "progress.run."
	maxEvents     = 64 << 20 // bytes, some hundred thousand events; then the oldest go. They must be free on the disk when the stream is made
)

func eventsConfig() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:     eventsName,
		Subjects: []string{eventsSubject + ">"},
		Discard:  jetstream.DiscardOld,
		MaxBytes: maxEvents,
	}
}

// announce publishes the state of a run's record. Of one that is gone or can't be
// read there is nothing to say.
func (s *Service) announce(ctx context.Context, id string) error {
	return s.latest(ctx, runSubject+id+"."+KindState, func(ctx context.Context) (any, error) {
		run, _, err := s.load(ctx, id)
		if errors.Is(err, ErrNotFound) || errors.Is(err, ErrDamaged) {
			return nil, nil
		}
		return StateChange{run.State, run.Cancelling, run.Attempt, run.Worker, run.Version, run.Promoted, run.Error, run.Hint}, err
	})
}

// AnnounceChampion publishes the champion as it is now, unless the last event
// about it already says so. Whoever promotes calls it, and a server when it
// starts, for those who were killed in between.
func (s *Service) AnnounceChampion(ctx context.Context, r *registry.Registry) error {
	return s.latest(ctx, eventsSubject+KindChampion, func(ctx context.Context) (any, error) {
		p, _, err := r.Champion(ctx)
		return p, err
	})
}

// Announce publishes an event that says nothing but its kind: that there are other
// corrections, or versions.
func (s *Service) Announce(ctx context.Context, kind string) error {
	return s.jet.Retry(ctx, func(ctx context.Context) error {
		_, err := s.jet.JS.Publish(ctx, eventsSubject+kind, []byte("{}"))
		return err
	})
}

// latest publishes what now returns, unless it is nil or the last event of the
// subject already says so. The last event is read before it, so whatever is
// published behind that one is newer.
func (s *Service) latest(ctx context.Context, subject string, now func(context.Context) (any, error)) error {
	return s.jet.Retry(ctx, func(ctx context.Context) error {
		for {
			last, seq, err := s.lastEvent(ctx, subject)
			if err != nil {
				return err
			}
			v, err := now(ctx)
			if err != nil || v == nil {
				return err
			}
			b, err := json.Marshal(v)
			if err != nil || bytes.Equal(b, last) {
				return err
			}
			if err := s.publish(ctx, subject, b, seq); !jet.Conflict(err) {
				return err
			}
		}
	})
}

// announceEpochs publishes the epochs of a history that were not yet, each once
// whoever is killed when: an epoch is published only behind the one before.
func (s *Service) announceEpochs(ctx context.Context, id string, history []report.Epoch) error {
	subject := runSubject + id + "." + KindEpoch
	return s.jet.Retry(ctx, func(ctx context.Context) error {
		for {
			b, seq, err := s.lastEvent(ctx, subject)
			if err != nil {
				return err
			}
			var last report.Epoch
			if b != nil {
				if err := json.Unmarshal(b, &last); err != nil {
					return err
				}
			}
			if last.Epoch >= len(history) {
				return nil
			}
			if b, err = json.Marshal(history[last.Epoch]); err != nil {
				return err
			}
			if err := s.publish(ctx, subject, b, seq); err != nil && !jet.Conflict(err) {
				return err
			}
		}
	})
}

// LastEvent returns the ID of the newest event of all, 0 if there is none.
func (s *Service) LastEvent(ctx context.Context) (id uint64, err error) {
	err = s.jet.Retry(ctx, func(ctx context.Context) error {
		info, err := s.events.Info(ctx)
		if err == nil {
			id = info.State.LastSeq
		}
		return err
	})
	return id, err
}

// lastEvent returns the last event of a subject, nil and 0 if there is none.
func (s *Service) lastEvent(ctx context.Context, subject string) ([]byte, uint64, error) {
	msg, err := s.events.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	return msg.Data, msg.Sequence, nil
}

// publish fails with a conflict if seq is not the last event of the subject.
func (s *Service) publish(ctx context.Context, subject string, b []byte, seq uint64) error {
	_, err := s.jet.JS.Publish(ctx, subject, b, jetstream.WithExpectLastSequencePerSubject(seq))
	return err
}

// log publishes a line. It is for people, so it may be lost.
func (s *Service) log(ctx context.Context, id, what string, v values) {
	text := Sayings[what]
	for name, value := range v {
		text = strings.ReplaceAll(text, "{"+name+"}", fmt.Sprint(value))
	}
	b, err := json.Marshal(LogLine{time.Now().UTC(), text, what, v})
	if err == nil {
		_, err = s.jet.JS.Publish(ctx, runSubject+id+"."+KindLog, b)
	}
	if err != nil {
		s.Log.Warn("a line of a run's log is lost", "run", id, "line", text, "error", err)
	}
}

// parseSubject takes "events.run.ID.KIND" and "events.KIND" apart.
func parseSubject(subject string) (run, kind string) {
	rest := strings.TrimPrefix(subject, eventsSubject)
	if tail, ok := strings.CutPrefix(rest, "run."); ok {
		run, kind, _ = strings.Cut(tail, ".")
		return run, kind
	}
	return "", rest
}
