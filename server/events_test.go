package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"rakam/trainer/runs"
)

// heardEvent is an event as a browser takes it apart.
type heardEvent struct{ id, kind, data string }

// listener reads a stream of events.
type listener struct {
	response *http.Response
	lines    *bufio.Reader
	close    context.CancelFunc
}

// listen opens a stream, which ends with the test.
func (r *running) listen(t testing.TB, path string, headers ...string) *listener {
	t.Helper()
	l, err := r.tryListen(path, headers...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.close)
	return l
}

func (r *running) tryListen(path string, headers ...string) (*listener, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	request, err := http.NewRequestWithContext(ctx, "GET", r.URL+path, nil)
	if err != nil {
		cancel()
		return nil, err
	}
	request.Header.Set("Accept-Encoding", "br, gzip")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		cancel()
		return nil, err
	}
	return &listener{response, bufio.NewReader(response.Body), func() { cancel(); response.Body.Close() }}, nil
}

// read returns the next event that has data.
func (l *listener) read() (heardEvent, error) {
	var e heardEvent
	for {
		line, err := l.lines.ReadString('\n')
		if err != nil {
			return e, err
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch name {
		case "id":
			e.id = value
		case "event":
			e.kind = value
		case "data":
			e.data = value
		case "":
			if e.data != "" {
				return e, nil
			}
		}
	}
}

func (l *listener) next(t testing.TB) heardEvent {
	t.Helper()
	e, err := l.read()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// epochs reads until the run has ended and returns the numbers of the epochs.
func (l *listener) epochs() (numbers []int, err error) {
	for {
		e, err := l.read()
		switch {
		case err != nil:
			return numbers, err
		case e.kind == runs.KindEpoch:
			var number int
			if _, err := fmt.Sscanf(e.data, `{"epoch":%d`, &number); err != nil {
				return numbers, err
			}
			numbers = append(numbers, number)
		case e.kind == runs.KindState && strings.Contains(e.data, `"state":"done"`):
			return numbers, nil
		}
	}
}

// upTo is 1 to n.
func upTo(n int) []int {
	var all []int
	for i := range n {
		all = append(all, i+1)
	}
	return all
}

func TestEventsOfARun(t *testing.T) {
	r := startTrainer(t)
	run := r.submit(t, `{"recipe":"tiny"}`)
	l := r.listen(t, "/api/v1/runs/"+run.ID+"/events")
	for name, want := range map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no", "Content-Encoding": ""} {
		if got := l.response.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if first, err := l.lines.ReadString('\n'); first != "retry: 2000\n" {
		t.Errorf("the stream begins with %q (%v)", first, err)
	}
	if got, err := l.epochs(); !slices.Equal(got, upTo(3)) {
		t.Errorf("epochs %v (%v)", got, err)
	}
}

// TestEventsGoOn drops the connection after every event: with Last-Event-ID the
// whole is what one reader hears without a break.
func TestEventsGoOn(t *testing.T) {
	r := startTrainer(t)
	run := r.awaitState(t, r.submit(t, `{"recipe":"tiny","epochs":5}`).ID, runs.Done)
	path := "/api/v1/runs/" + run.ID + "/events"
	var whole []heardEvent
	for l := r.listen(t, path); ; {
		e := l.next(t)
		whole = append(whole, e)
		if strings.Contains(e.data, `"state":"done"`) {
			break
		}
	}
	after := ""
	for i, want := range whole {
		l := r.listen(t, path+"?after=0", "Last-Event-ID", after)
		got := l.next(t)
		l.close()
		if got != want {
			t.Fatalf("event %d after %q is %+v, want %+v", i, after, got, want)
		}
		after = got.id
	}
	if got := r.listen(t, path+"?after="+whole[2].id).next(t); got != whole[3] {
		t.Errorf("?after= gives %+v, want %+v", got, whole[3])
	}
}

func TestEventsOfAll(t *testing.T) {
	r := startTrainer(t)
	before := r.submit(t, `{"recipe":"tiny"}`)
	if _, err := r.listen(t, "/api/v1/runs/"+before.ID+"/events").epochs(); err != nil {
		t.Fatal(err)
	}
	l := r.listen(t, "/api/v1/events")
	first := l.next(t)
	if first.kind != "champion" || !strings.Contains(first.data, `"version":"seed"`) || first.id == "" {
		t.Errorf("the first event is %+v", first)
	}
	run := r.submit(t, `{"recipe":"tiny","seed":5}`)
	var states []string // that it was queued is not told if a worker was faster
	for len(states) == 0 || states[len(states)-1] != "done" {
		e := l.next(t)
		var change struct{ Run, State string }
		if err := json.Unmarshal([]byte(e.data), &change); err != nil || e.kind != "state" || change.Run != run.ID {
			t.Fatalf("heard %+v (%v)", e, err)
		}
		states = append(states, change.State)
	}
	if !slices.Equal(states, []string{"queued", "running", "done"}) && !slices.Equal(states, []string{"running", "done"}) {
		t.Errorf("the states are %v", states)
	}
	back := r.listen(t, "/api/v1/events", "Last-Event-ID", first.id)
	if now := back.next(t); now.kind != "champion" || now.data != first.data || now.id != "" {
		t.Errorf("a resumed stream begins with %+v", now)
	}
	if again := back.next(t); again.kind != "state" || !strings.Contains(again.data, `"state":"`+states[0]+`"`) || !strings.Contains(again.data, run.ID) {
		t.Errorf("after %s comes %+v", first.id, again)
	}
}

// TestTwoHundredListeners: everybody hears every epoch once.
func TestTwoHundredListeners(t *testing.T) {
	r := startTrainer(t)
	id := r.submit(t, `{"recipe":"tiny","epochs":10}`).ID
	var all sync.WaitGroup
	for n := range 200 {
		all.Go(func() {
			l, err := r.tryListen("/api/v1/runs/" + id + "/events")
			if err != nil {
				t.Errorf("listener %d: %v", n, err)
				return
			}
			defer l.close()
			if got, err := l.epochs(); !slices.Equal(got, upTo(10)) {
				t.Errorf("listener %d heard the epochs %v (%v)", n, got, err)
			}
		})
	}
	all.Wait()
	r.awaitStreams(t, 0)
}

// TestStreamsAreBounded: one network leaves places to the others, and who finds none
// is told why.
func TestStreamsAreBounded(t *testing.T) {
	r := startTrainer(t, func(p *Program) { p.Config.Workers = 0 })
	bound := func(most, each int) {
		r.site.audience.mu.Lock()
		defer r.site.audience.mu.Unlock()
		r.site.audience.most, r.site.audience.mostEach = most, each
	}
	full := func(name string, status int) {
		t.Helper()
		play(t, r.running, []scenario{{name: name, path: "/api/v1/events", status: status,
			header: []string{"Content-Type", aProblem, "Retry-After", "15"}, want: []string{"problem:streams"}}})
	}
	bound(100, 3)
	r.listen(t, "/api/v1/events")
	r.listen(t, "/api/v1/events")
	last := r.listen(t, "/api/v1/events")
	full("all of one network", 429)
	last.close()
	r.awaitStreams(t, 2)
	r.listen(t, "/api/v1/events").next(t)
	bound(3, 100)
	full("all", 503)
}

func TestCrowd(t *testing.T) {
	c := crowd{most: 3, mostEach: 2}
	from := func(address string) *http.Request {
		return &http.Request{RemoteAddr: net.JoinHostPort(address, "1")}
	}
	for i, step := range []struct {
		address  string
		in, full bool
	}{
		{"2001:db8::1", true, false},
		{"2001:db8::2", true, false},
		{"2001:db8::3", false, false}, // the same network of 64 bits
		{"2001:db8:0:1::1", true, false},
		{"192.0.2.1", false, true},
	} {
		if in, full := c.enter(from(step.address)); in != step.in || full != step.full {
			t.Errorf("%d, %s: in %t, full %t", i, step.address, in, full)
		}
	}
	c.leave(from("2001:db8::1"))
	c.leave(from("2001:db8::2"))
	if in, _ := c.enter(from("2001:db8::3")); !in || c.size() != 2 || len(c.each) != 2 {
		t.Errorf("after two have left: in %t, %v", in, c.each)
	}
}

// TestAStuckReaderIsDropped: who stops reading is dropped after a while, and until
// then the others hear everything as soon as it happens.
func TestAStuckReaderIsDropped(t *testing.T) {
	r := startTrainer(t, func(p *Program) { p.Config.Workers = 0 })
	id := r.submit(t, `{"recipe":"tiny"}`).ID
	path := "/api/v1/runs/" + id + "/events"
	r.stuck(t, path)
	others := []*listener{r.listen(t, path), r.listen(t, path), r.listen(t, path)}
	r.awaitStreams(t, 4)
	late := r.shoutAt(t, id, others)
	r.awaitStreams(t, len(others))
	if late < writeTime/2 {
		return
	}
	if alone := r.shoutAt(t, id, others); late > 3*alone { // the machine is not just slow
		t.Errorf("others heard of something %v after it happened, without the stuck one after %v", late, alone)
	}
}

// shoutAt shouts at listeners and returns the longest time that something took to be
// heard by one.
func (r *trainer) shoutAt(t *testing.T, id string, listeners []*listener) (late time.Duration) {
	t.Helper()
	lates := make([]time.Duration, len(listeners))
	var all sync.WaitGroup
	for i, l := range listeners {
		all.Go(func() {
			var err error
			if lates[i], err = l.hearShouts(); err != nil {
				t.Error(err)
			}
		})
	}
	r.shout(t, id)
	all.Wait()
	return slices.Max(lates)
}

// hearShouts reads what shout publishes and returns the longest time that one of
// them took to be heard.
func (l *listener) hearShouts() (late time.Duration, err error) {
	for heard := 0; heard < shouts; {
		e, err := l.read()
		if err != nil {
			return late, fmt.Errorf("after %d of %d: %w", heard, shouts, err)
		}
		if e.kind != runs.KindLog {
			continue
		}
		var line runs.LogLine
		if err := json.Unmarshal([]byte(e.data), &line); err != nil {
			return late, err
		}
		late = max(late, time.Since(line.Time))
		heard++
	}
	return late, nil
}

// shouts of 200 kB are more than fits into the buffers of a connection.
const shouts = 60

// stuck opens a stream, reads its first line and then nothing.
func (r *running) stuck(t testing.TB, path string) net.Conn {
	t.Helper()
	dialer := net.Dialer{Timeout: 5 * time.Second}
	conn, err := dialer.Dial("tcp", strings.TrimPrefix(r.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path)
	one := make([]byte, 1)
	if _, err := io.ReadFull(conn, one); err != nil {
		t.Fatal(err)
	}
	return conn
}

// shout publishes a lot about a run.
func (r *trainer) shout(t testing.TB, id string) {
	t.Helper()
	text := strings.Repeat("x", 200<<10)
	for range shouts {
		line, err := json.Marshal(runs.LogLine{Time: time.Now(), Text: text})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.site.jet().JS.Publish(t.Context(), "events.run."+id+".log", line); err != nil {
			t.Fatal(err)
		}
	}
}

// awaitStreams waits until so many streams are open.
func (r *running) awaitStreams(t testing.TB, n int) {
	t.Helper()
	want := "rakam_event_streams " + strconv.Itoa(n) + "\n"
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if strings.Contains(r.get(t, "/metrics").Text, want) {
			return
		}
	}
	t.Errorf("there are never %d streams", n)
}

func TestShutdownEndsStreams(t *testing.T) {
	r := startTrainer(t)
	id := r.submit(t, `{"recipe":"slow"}`).ID
	r.await(t, id, func(run runs.Run) bool { return run.Epoch >= 1 })
	var open []*listener
	for range 5 {
		open = append(open, r.listen(t, "/api/v1/runs/"+id+"/events"), r.listen(t, "/api/v1/events"))
	}
	r.awaitStreams(t, len(open))
	begun := time.Now()
	r.stop()
	for _, l := range open {
		if _, err := io.Copy(io.Discard, l.lines); err != nil {
			t.Errorf("the stream is cut off, not ended: %v", err)
		}
	}
	if err := <-r.done; err != nil {
		t.Errorf("Run returned %v", err)
	}
	if took := time.Since(begun); took > 8*time.Second {
		t.Errorf("the end took %v", took)
	}
}
