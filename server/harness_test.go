package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"rakam/trainer/pretrained"
	"rakam/trainer/report"
	"rakam/wasm/nn"
	"rakam/web"
)

// fixtureVersion is a version whose model says yes to these digits whatever it is
// shown, unless the first pixel has ink: then it says 7.
func fixtureVersion(t testing.TB, id string, digits ...int) pretrained.Version {
	t.Helper()
	layer := nn.Params{Weight: make([]float32, nn.ImageSize*nn.Classes), Bias: make([]float32, nn.Classes)}
	for class := range nn.Classes {
		layer.Bias[class] = -6
		layer.Weight[class] = -20
	}
	layer.Weight[7] = 20
	for _, digit := range digits {
		layer.Bias[digit] = 2
	}
	model := &nn.Model{
		Spec:   nn.Spec{Input: nn.ImageSize, Layers: []nn.Layer{{Kind: nn.Dense, Units: nn.Classes, Activation: nn.Sigmoid}}},
		Params: []nn.Params{layer},
		Meta:   nn.Meta{Name: id, Classes: strings.Split("0123456789", ""), DataHash: strings.Repeat("0", 64), Metrics: map[string]float64{"accuracy": 0.5}},
	}
	file, err := model.Encode(nn.Half)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := nn.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	return pretrained.Version{
		ID: id, Model: decoded, File: file, Card: []byte("# " + id),
		Report:  &report.Report{Model: id, Dataset: "fixture", Samples: 10, Accuracy: 0.5, Classes: map[string]report.ClassScore{"0": {Support: 10}}, Mistakes: []report.Mistake{}},
		History: []report.Epoch{{Epoch: 1, Loss: 0.7, Accuracy: 0.5, ValLoss: 0.7, ValAccuracy: 0.5, Seconds: 1}},
	}
}

// fixtureVersions are the champion "three" and the challenger "fournine".
func fixtureVersions(t testing.TB) func() ([]pretrained.Version, error) {
	versions := []pretrained.Version{fixtureVersion(t, "three", 3), fixtureVersion(t, "fournine", 4, 9)}
	return func() ([]pretrained.Version, error) { return versions, nil }
}

// fixtureWeb is a front end small enough to know what its pages say. The texts
// are the real ones.
func fixtureWeb() WebFiles {
	page := func(main string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(`{{define "title"}}title{{end}}{{define "main"}}` + main + `{{end}}`)}
	}
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	return WebFiles{
		Templates: fstest.MapFS{
			"layout.html": file(`{{define "layout"}}<!doctype html><html lang="{{.Lang}}"><title>{{template "title" .}}</title>` +
				`<link href="{{asset "style.css"}}"><script type="application/json" id="strings">{{.Strings}}</script>{{template "main" .}}</html>{{end}}`),
			"draw.html":      page(`<main data-weights="{{.Data.WeightsURL}}" data-wasm="{{.Data.WasmURL}}">{{.Champion}} {{percent 0.984 1}} {{integer 10000}}</main>`),
			"report.html":    page(`<main>report {{.Path}}</main>`),
			"confusion.html": page(`<main>confusion {{.Path}}</main>`),
			"error.html":     page(`<main>{{.Data.Status}} {{.Data.Title}}: {{.Data.Hint}}</main>`),
		},
		Locales: web.Locales,
		Dist: fstest.MapFS{
			"manifest.json":       file(`{"style.css":"style-1.css","rakam.wasm":"rakam-2.wasm","kernel.wasm":"kernel-3.wasm","worker.js":"worker-4.js","sw.js":"sw-5.js"}`),
			"style-1.css":         file("body{}"),
			"rakam-2.wasm":        file("the module"),
			"rakam-2.wasm.br":     file("the module in brotli"),
			"rakam-2.wasm.gz":     file("the module in gzip"),
			"kernel-3.wasm":       file("the kernel"),
			"worker-4.js":         file("the worker"),
			"sw-5.js":             file("the service worker"),
			"left-over-from-1.js": file("what an older build left"),
		},
	}
}

// running is a program that a test started, and what it said.
type running struct {
	*Program
	URL  string
	out  *buffer
	log  *buffer
	stop context.CancelFunc
	done chan error // gets what Run returned
}

// start runs the real program on a port of its own until the test ends. What
// change does to it happens before.
func start(t testing.TB, change ...func(*Program)) *running {
	t.Helper()
	p := NewProgram(Config{Addr: "127.0.0.1:0", LogLevel: slog.LevelDebug, LogFormat: "json"}, fixtureVersions(t))
	r := &running{Program: p, out: &buffer{}, log: &buffer{}, done: make(chan error, 1)}
	p.Web, p.Out, p.Log = fixtureWeb(), r.out, r.log
	for _, c := range change {
		c(p)
	}
	if err := p.Listen(); err != nil {
		t.Fatal(err)
	}
	r.URL = p.URL()
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	go func() { r.done <- p.Run(ctx); close(r.done) }()
	t.Cleanup(func() {
		stop()
		select {
		case <-r.done:
		case <-time.After(20 * time.Second):
			t.Error("the program does not end")
		}
	})
	return r
}

// ready waits until the versions are loaded, or the program has ended.
func (r *running) ready(t testing.TB) *running {
	t.Helper()
	for range 500 {
		select {
		case err := <-r.done:
			t.Fatalf("the program ended before it was ready: %v", err)
		default:
		}
		if answer, err := http.Get(r.URL + "/readyz"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return r
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("not ready:\n%s", r.log)
	return nil
}

// answer is a response, read to its end.
type answer struct {
	*http.Response
	Text string
}

// ask sends a request with headers given as name, value, name, value. Nothing is
// decompressed, no redirect followed, no cookie kept.
func (r *running) ask(t testing.TB, method, path string, body io.Reader, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequest(method, r.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
		}
		request.Header.Set(headers[i], headers[i+1])
	}
	transport := &http.Transport{DisableCompression: true, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return answer{response, string(text)}
}

func (r *running) get(t testing.TB, path string, headers ...string) answer {
	t.Helper()
	return r.ask(t, http.MethodGet, path, nil, headers...)
}

// buffer is a bytes.Buffer that the program writes while a test reads.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
