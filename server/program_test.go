package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"rakam/trainer/pretrained"
)

func TestTheAddressCanBeClicked(t *testing.T) {
	r := start(t).ready(t)
	if got, want := r.out.String(), "Rakam is at "+r.URL+"\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
}

func TestPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	p := NewProgram(Config{Addr: taken.Addr().String()}, fixtureVersions(t))
	var out bytes.Buffer
	p.Web, p.Out, p.Log = fixtureWeb(), &out, io.Discard
	err = p.Run(t.Context())
	if err == nil {
		t.Fatal("two programs on one port")
	}
	for _, want := range []string{taken.Addr().String(), "in use", "hint:", "--addr"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
	if out.Len() > 0 {
		t.Errorf("printed an address that is not ours: %s", &out)
	}
}

func TestNotReadyUntilLoaded(t *testing.T) {
	loading := make(chan struct{})
	versions := fixtureVersions(t)
	r := start(t, func(p *Program) {
		p.Versions = func() ([]pretrained.Version, error) { <-loading; return versions() }
	})
	play(t, r, []scenario{
		{name: "alive", path: "/healthz", status: 200},
		{name: "not ready", path: "/readyz", status: 503, header: []string{"Content-Type", aProblem, "Retry-After", "2"}, want: []string{"still being loaded"}},
		{name: "page", path: "/", headers: []string{"Accept", aPage}, status: 503, want: []string{"503 The model is still being loaded"}},
		{name: "models", path: "/api/v1/models", status: 503},
		{name: "champion", path: "/api/v1/champion", status: 503},
		{name: "predict", method: "POST", path: "/api/v1/predict", body: `{"strokes":[]}`, headers: []string{"Content-Type", "application/json"}, status: 503},
		{name: "version", path: "/version", status: 200, unwant: []string{"champion"}},
	})
	close(loading)
	r.ready(t)
}

func TestModelsThatCannotBeServedEndTheProgram(t *testing.T) {
	for name, versions := range map[string]func() ([]pretrained.Version, error){
		"broken": func() ([]pretrained.Version, error) { return nil, errors.New("seed: truncated") },
		"none":   func() ([]pretrained.Version, error) { return nil, nil },
	} {
		t.Run(name, func(t *testing.T) {
			p := NewProgram(Config{Addr: "127.0.0.1:0"}, versions)
			p.Web, p.Out, p.Log = fixtureWeb(), io.Discard, io.Discard
			if err := p.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "models cannot be served") {
				t.Errorf("Run returned %v", err)
			}
		})
	}
}

// slowPost begins a request and does not end its body.
func slowPost(t *testing.T, r *running) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	const head = "POST /api/v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 14\r\nExpect: 100-continue\r\n\r\n"
	if _, err := io.WriteString(conn, head); err != nil {
		t.Fatal(err)
	}
	// The handler asks for the body, so that the request is under way for sure.
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("%q, %v", line, err)
	}
	return conn
}

func TestShutdownLetsAnswersOut(t *testing.T) {
	r := start(t).ready(t)
	conn := slowPost(t, r)
	r.stop()
	for r.reachable() { // until new connections are refused
		time.Sleep(time.Millisecond)
	}
	if _, err := io.WriteString(conn, `{"strokes":[]}`); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(skipLine(conn)), nil)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("the answer under way: %v, %v", response, err)
	}
	response.Body.Close()
	if err := <-r.done; err != nil {
		t.Errorf("Run returned %v", err)
	}
}

// skipLine drops the blank line that ends "100 Continue".
func skipLine(r io.Reader) io.Reader {
	buffered := bufio.NewReader(r)
	if next, err := buffered.Peek(2); err == nil && string(next) == "\r\n" {
		_, _ = buffered.Discard(2)
	}
	return buffered
}

func (r *running) reachable() bool {
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.URL, "http://"))
	if err == nil {
		conn.Close()
	}
	return err == nil
}

func TestShutdownDoesNotWaitForEver(t *testing.T) {
	r := start(t, func(p *Program) { p.Drain = 50 * time.Millisecond }).ready(t)
	slowPost(t, r)
	r.stop()
	select {
	case err := <-r.done:
		if err != nil {
			t.Errorf("Run returned %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("one client that says nothing keeps the program from ending")
	}
}

func TestClose(t *testing.T) {
	r := start(t).ready(t)
	if err := r.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := <-r.done; err != nil {
		t.Errorf("Run: %v", err)
	}
	if r.reachable() {
		t.Error("still reachable")
	}
	if err := r.Close(); err != nil {
		t.Errorf("Close again: %v", err)
	}
}

func TestPanicIsAnAnswer(t *testing.T) {
	r := start(t, func(p *Program) {
		broken := fixtureVersion(t, "broken", 1)
		broken.Report = nil
		p.Versions = func() ([]pretrained.Version, error) { return []pretrained.Version{broken}, nil }
	}).ready(t)
	play(t, r, []scenario{
		{name: "panic", path: "/api/v1/models", status: 500, header: []string{"Content-Type", aProblem}, unwant: []string{"nil pointer", "runtime"}},
		{name: "panic on a page", path: "/api/v1/models/broken", status: 500, unwant: []string{"nil pointer"}},
		{name: "the server goes on", path: "/healthz", status: 200},
	})
	if !strings.Contains(r.log.String(), "nil pointer") {
		t.Error("the log does not say why")
	}
}

func TestFreshCloneSaysWhatToRun(t *testing.T) {
	r := start(t, func(p *Program) { p.Web.Dist = fstest.MapFS{} }).ready(t)
	play(t, r, []scenario{
		{name: "page", path: "/", headers: []string{"Accept", aPage}, status: 503, header: []string{"Content-Type", "text/plain; charset=UTF-8"}, want: []string{"make build", "not been built"}},
		{name: "page in Turkish", path: "/", headers: []string{"Accept", aPage, "Accept-Language", "tr"}, status: 503, want: []string{"make build", "derlenmedi"}},
		{name: "page for a program", path: "/report", status: 503, header: []string{"Content-Type", aProblem}, want: []string{"make build"}},
		{name: "asset", path: "/assets/draw.js", status: 404},
		{name: "the API works", path: "/api/v1/models", status: 200},
	})
}

func TestBrokenFrontEndDoesNotStart(t *testing.T) {
	for name, breakIt := range map[string]func(*WebFiles){
		"manifest": func(w *WebFiles) { w.Dist = fstest.MapFS{"manifest.json": {Data: []byte("{")}} },
		"template": func(w *WebFiles) {
			w.Templates = fstest.MapFS{"layout.html": {Data: []byte("{{")}, "draw.html": {Data: []byte("")}}
		},
		"folder": func(w *WebFiles) { w.Templates = fstest.MapFS{} },
		"texts": func(w *WebFiles) {
			w.Locales = fstest.MapFS{"en/common.json": {Data: []byte(`{"common.a":"a"}`)}, "tr/common.json": {Data: []byte(`{}`)}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := NewProgram(Config{Addr: "127.0.0.1:0"}, fixtureVersions(t))
			p.Web, p.Out, p.Log = fixtureWeb(), io.Discard, io.Discard
			breakIt(&p.Web)
			if err := p.Run(t.Context()); err == nil {
				t.Error("it started")
			}
		})
	}
}

func TestAccessLog(t *testing.T) {
	r := start(t).ready(t)
	r.get(t, "/nothing?token=secret", "X-Request-Id", "find-me")
	for line := range strings.Lines(r.log.String()) {
		if !strings.Contains(line, "find-me") {
			continue
		}
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string]any{"msg": "request", "method": "GET", "path": "/nothing", "status": 404.0, "id": "find-me"} {
			if entry[key] != want {
				t.Errorf("%s is %v, want %v", key, entry[key], want)
			}
		}
		if entry["bytes"].(float64) < 50 || entry["duration"] == "" {
			t.Errorf("bytes %v, duration %v", entry["bytes"], entry["duration"])
		}
		if strings.Contains(line, "secret") {
			t.Error("the query is in the log")
		}
		return
	}
	t.Errorf("no line for the request:\n%s", r.log)
}

// TestReleased: only a version that somebody gave is shown as one.
func TestReleased(t *testing.T) {
	for version, want := range map[string]bool{
		"v1.2.3": true, "v1.0.0-rc.1": true, "": false, "(devel)": false,
		"v0.0.0-20261123180714-1750a030edcc": false, "v0.0.0-20261123180714-1750a030edcc+dirty": false,
	} {
		if released.MatchString(version) != want {
			t.Errorf("%q: want %v", version, want)
		}
	}
}

// TestBrokenFrontEnd: a text that one catalogue lacks ends the program with the
// key's name, and nobody is left waiting at its port.
func TestBrokenFrontEnd(t *testing.T) {
	p := NewProgram(Config{Addr: "127.0.0.1:0"}, fixtureVersions(t))
	p.Web, p.Out, p.Log = fixtureWeb(), io.Discard, io.Discard
	p.Web.Locales = fstest.MapFS{"tr/draw.json": {Data: []byte(`{}`)}, "en/draw.json": {Data: []byte(`{"draw.undo":"Undo"}`)}}
	if err := p.Listen(); err != nil {
		t.Fatal(err)
	}
	if err := p.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "tr has no text for draw.undo") {
		t.Errorf("Run returned %v", err)
	}
	if conn, err := net.Dial("tcp", strings.TrimPrefix(p.URL(), "http://")); err == nil {
		conn.Close()
		t.Error("the port is still open")
	}
}
