package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"rakam/trainer/runs"
)

// Server-sent events. A stream lives as long as its reader: each write has a
// deadline of its own, so that one who stops reading is dropped and nobody waits
// for him. The stream's IDs are those of the store: a page that comes back with
// the last one it saw misses nothing and gets nothing twice.
const (
	reconnectTime = 2 * time.Second  // that a page waits before it comes back
	heartbeat     = 15 * time.Second // between signs of life
	writeTime     = 5 * time.Second  // that one write may take
	mostStreams   = 2000             // open at a time
	mostOfOne     = 500              // of them from one network, which may be all that is behind a proxy
)

// runEvents answers GET /api/v1/runs/ID/events: all that happens to one run, from
// its beginning.
func (s *site) runEvents(c echo.Context) error {
	if err := s.store(); err != nil {
		return err
	}
	run, err := s.runs().Get(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	after, _, err := lastEventID(c)
	if err != nil {
		return err
	}
	return s.stream(c, runs.Filter{Run: run.ID, Progress: true}, after, nil, nil)
}

// siteKinds are the events that concern every page.
var siteKinds = []string{runs.KindState, runs.KindChampion, runs.KindCorrections, runs.KindVersions}

// allEvents answers GET /api/v1/events: the states of all runs, the champion, the
// versions and the corrections, from now on. It begins with the champion of now, so
// that no promotion is lost between the page and its stream, nor while a page slept
// for longer than events are kept.
func (s *site) allEvents(c echo.Context) error {
	if err := s.store(); err != nil {
		return err
	}
	after, given, err := lastEventID(c)
	if err != nil {
		return err
	}
	// One that comes back keeps the ID that it has: what it missed is still to come.
	first := runs.Event{Kind: runs.KindChampion}
	if !given {
		if after, err = s.runs().LastEvent(c.Request().Context()); err != nil {
			return err
		}
		first.ID = after
	}
	p, _, err := s.registry().Champion(c.Request().Context())
	if err != nil {
		return err
	}
	if first.Data, err = json.Marshal(p); err != nil {
		return err
	}
	return s.stream(c, runs.Filter{}, after, eventText(first), siteKinds)
}

// lastEventID is the ID after which to go on: what a browser sends when it comes
// back, or else ?after=.
func lastEventID(c echo.Context) (id uint64, given bool, err error) {
	text := c.Request().Header.Get("Last-Event-ID")
	if text == "" {
		text = c.QueryParam("after")
	}
	if text == "" {
		return 0, false, nil
	}
	id, err = strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, false, problem("bad-request", fmt.Sprintf("The last event is %q, want a number.", text), "Send the id of an event of this stream, or none to begin at its beginning.")
	}
	return id, true, nil
}

// stream sends first, then the events after that ID of these kinds, all if nil,
// until the reader or the server goes.
func (s *site) stream(c echo.Context, f runs.Filter, after uint64, first []byte, kinds []string) error {
	if in, full := s.audience.enter(c.Request()); !in {
		return crowded(full)
	}
	defer s.audience.leave(c.Request())
	s.traffic.end() // nobody waits for this answer to end
	defer s.traffic.begin()

	ctx, cancel := context.WithCancel(c.Request().Context())
	defer cancel()
	kept := s.kept()
	defer context.AfterFunc(kept.ctx, cancel)()
	events, err := kept.runs.Events(ctx, f, after)
	if err != nil {
		return err
	}
	out := newEventWriter(c)
	if !out.begin() || !out.send(first) {
		return nil
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		var text []byte
		select {
		case <-beat.C:
			text = []byte(":\n\n")
		case e, open := <-events:
			if !open {
				return nil
			}
			if kinds == nil || slices.Contains(kinds, e.Kind) {
				s.expect(ctx, e)
				if !s.admin(c) {
					e = discreet(e)
				}
				text = eventText(e)
			}
		}
		if !out.send(text) {
			return nil
		}
	}
}

// crowded is the problem of who finds no place for another stream, because all are
// taken or those of his network.
func crowded(full bool) *Problem {
	p := problem("streams", "There are too many open event streams from your network.", "")
	if full {
		p.Status, p.Detail = http.StatusServiceUnavailable, "There are too many open event streams."
	}
	p.RetryAfter = int(heartbeat.Seconds())
	return p
}

// announce tells the open pages that there are other corrections or versions. What
// happened stays so if it fails.
func (s *site) announce(ctx context.Context, kind string) {
	if err := s.runs().Announce(context.WithoutCancel(ctx), kind); err != nil {
		s.log.Warn("a change is not announced", "kind", kind, "error", err.Error())
	}
}

// expect sees to it that this server serves the champion that an event tells of
// before the pages that hear it ask for it.
func (s *site) expect(ctx context.Context, e runs.Event) {
	all := s.versions.Load()
	if e.Kind != runs.KindChampion || all == nil {
		return
	}
	var told struct{ Version string }
	if json.Unmarshal(e.Data, &told) != nil || told.Version == all.champion().ID {
		return
	}
	if err := s.refreshChampion(ctx, all); err != nil && ctx.Err() == nil {
		s.log.Error("the champion stays as it was", "error", err.Error())
	}
}

// discreet is an event without the name of the worker, which tells that of its
// machine.
func discreet(e runs.Event) runs.Event {
	var change runs.StateChange
	if e.Kind != runs.KindState || json.Unmarshal(e.Data, &change) != nil {
		return e
	}
	change.Worker = ""
	if data, err := json.Marshal(change); err == nil {
		e.Data = data
	}
	return e
}

// eventText is an event as a browser reads it. What concerns a run says which.
func eventText(e runs.Event) []byte {
	var text bytes.Buffer
	if e.ID > 0 {
		fmt.Fprintf(&text, "id: %d\n", e.ID)
	}
	kind, data := e.Kind, []byte(e.Data)
	switch kind {
	case runs.KindCorrections:
		kind = "correction"
	case runs.KindVersions:
		kind = "version"
	}
	if rest, ok := bytes.CutPrefix(data, []byte("{")); ok && e.Run != "" && kind == runs.KindState {
		data = append(fmt.Appendf(nil, `{"run":%q,`, e.Run), rest...)
	}
	fmt.Fprintf(&text, "event: %s\ndata: %s\n\n", kind, bytes.ReplaceAll(data, []byte("\n"), []byte(" ")))
	return text.Bytes()
}

// eventWriter writes a stream of events.
type eventWriter struct {
	c       echo.Context
	control *http.ResponseController
}

func newEventWriter(c echo.Context) eventWriter {
	return eventWriter{c, http.NewResponseController(c.Response())}
}

// begin sends the header and how soon to come back. From here on the connection
// has none of the server's deadlines.
func (w eventWriter) begin() bool {
	_ = w.control.SetReadDeadline(time.Time{})
	header := w.c.Response().Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // nginx would collect the events
	w.c.Response().WriteHeader(http.StatusOK)
	return w.send(fmt.Appendf(nil, "retry: %d\n\n", reconnectTime.Milliseconds()))
}

// send writes text, if any, and reports whether the reader took it in time.
func (w eventWriter) send(text []byte) bool {
	if text == nil {
		return true
	}
	if w.control.SetWriteDeadline(time.Now().Add(writeTime)) != nil {
		return false
	}
	if _, err := w.c.Response().Write(text); err != nil {
		return false
	}
	return w.control.Flush() == nil
}
