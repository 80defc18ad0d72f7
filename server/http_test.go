package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// scenario is one request and what its answer must and must not be.
type scenario struct {
	name    string
	method  string // GET when empty
	path    string
	body    string
	headers []string // name, value, …
	status  int
	header  []string // name, value, …; the value "" means that it must be absent
	want    []string // in the body
	unwant  []string // not in the body
}

func (s scenario) check(t *testing.T, r *running) {
	t.Helper()
	method := s.method
	if method == "" {
		method = http.MethodGet
	}
	var body io.Reader
	if s.body != "" {
		body = strings.NewReader(s.body)
	}
	got := r.ask(t, method, s.path, body, s.headers...)
	if got.StatusCode != s.status {
		t.Errorf("status %d, want %d; body: %s", got.StatusCode, s.status, got.Text)
	}
	for i := 0; i < len(s.header); i += 2 {
		if value := got.Header.Get(s.header[i]); value != s.header[i+1] {
			t.Errorf("%s is %q, want %q", s.header[i], value, s.header[i+1])
		}
	}
	for _, want := range s.want {
		if !strings.Contains(got.Text, want) {
			t.Errorf("the body lacks %q: %s", want, got.Text)
		}
	}
	for _, unwant := range append(s.unwant, "goroutine ", ".go:") {
		if strings.Contains(got.Text, unwant) {
			t.Errorf("the body has %q: %s", unwant, got.Text)
		}
	}
}

func play(t *testing.T, r *running, scenarios []scenario) {
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) { s.check(t, r) })
	}
}

const (
	aPage    = "text/html,application/xhtml+xml,*/*;q=0.8" // what a browser accepts when it opens a page
	aProblem = "application/problem+json"
)

func TestPages(t *testing.T) {
	r := start(t).ready(t)
	page := []string{"Accept", aPage}
	play(t, r, []scenario{
		{name: "draw", path: "/", headers: page, status: 200,
			header: []string{"Content-Type", "text/html; charset=utf-8", "Cache-Control", "no-cache", "Content-Language", "en"},
			want:   []string{"three", "/assets/rakam-2.wasm", "/api/v1/models/three/weights?v=", `"common.`},
			unwant: []string{"fournine", `"server.`}},
		{name: "draw without Accept", path: "/", status: 200, want: []string{"three"}},
		{name: "head", method: "HEAD", path: "/", status: 200, header: []string{"Content-Type", "text/html; charset=utf-8"}},
		{name: "report", path: "/report", headers: page, status: 200, want: []string{"report /report"}},
		{name: "report of a version", path: "/report/fournine", headers: page, status: 200, want: []string{"/report/fournine"}},
		{name: "confusion", path: "/confusion", headers: page, status: 200},
		{name: "confusion of a version", path: "/confusion/three", headers: page, status: 200},
		{name: "no such page", path: "/nothing", headers: page, status: 404,
			header: []string{"Content-Type", "text/html; charset=utf-8", "Cache-Control", "no-store", "ETag", ""},
			want:   []string{"404 There is nothing here", `lang="en"`}},
		{name: "no such page in Turkish", path: "/nothing?lang=tr", headers: page, status: 404,
			header: []string{"Content-Language", "tr"}, want: []string{"404 Burada bir şey yok"}},
		{name: "no such page for a program", path: "/nothing", status: 404, header: []string{"Content-Type", aProblem}, want: []string{`"status":404`, `"instance":"/nothing"`}},
		{name: "no such version", path: "/report/%3Cscript%3E", headers: page, status: 404, unwant: []string{"<script>"}},
		{name: "a version from elsewhere", path: "/report/..%2f..%2fetc%2fpasswd", headers: page, status: 404, unwant: []string{"root:"}},
		{name: "a page takes no POST", method: "POST", path: "/", headers: page, status: 405,
			header: []string{"Allow", "OPTIONS, GET, HEAD", "Content-Type", "text/html; charset=utf-8"}},
	})
}

func TestAssets(t *testing.T) {
	r := start(t)
	play(t, r, []scenario{
		{name: "script", path: "/assets/worker-4.js", status: 200,
			header: []string{"Content-Type", "text/javascript; charset=utf-8", "Cache-Control", immutable, "Content-Length", "10", "X-Content-Type-Options", "nosniff"},
			want:   []string{"the worker"}},
		{name: "service worker", path: "/sw.js", status: 200, want: []string{"the service worker"},
			header: []string{"Content-Type", "text/javascript; charset=utf-8", "Cache-Control", "no-cache"}},
		{name: "module in brotli", path: "/assets/rakam-2.wasm", headers: []string{"Accept-Encoding", "gzip, deflate, br, zstd"}, status: 200,
			header: []string{"Content-Type", "application/wasm", "Content-Encoding", "br", "Vary", "Accept-Encoding"},
			want:   []string{"the module in brotli"}},
		{name: "module in gzip", path: "/assets/rakam-2.wasm", headers: []string{"Accept-Encoding", "gzip"}, status: 200,
			header: []string{"Content-Encoding", "gzip"}, want: []string{"the module in gzip"}},
		{name: "module as it is", path: "/assets/rakam-2.wasm", status: 200, header: []string{"Content-Encoding", "", "Content-Length", "10"}},
		{name: "style that was not worth compressing", path: "/assets/style-1.css", headers: []string{"Accept-Encoding", "br"}, status: 200,
			header: []string{"Content-Encoding", "", "Content-Type", "text/css; charset=utf-8"}},
		{name: "head", method: "HEAD", path: "/assets/rakam-2.wasm", headers: []string{"Accept-Encoding", "br"}, status: 200, header: []string{"Content-Length", "20"}, unwant: []string{"module"}},
		{name: "unknown", path: "/assets/nothing.js", status: 404, header: []string{"Content-Type", aProblem, "Cache-Control", "no-store"}},
		{name: "logical name", path: "/assets/worker.js", status: 404},
		{name: "encoding by name", path: "/assets/rakam-2.wasm.br", status: 404},
		{name: "not in the manifest", path: "/assets/left-over-from-1.js", status: 404, unwant: []string{"older build"}},
		{name: "the manifest itself", path: "/assets/manifest.json", status: 404},
		{name: "a folder", path: "/assets/", status: 404},
		{name: "outside", path: "/assets/..%2f..%2fgo.mod", status: 404, unwant: []string{"module rakam"}},
	})
}

func TestAPI(t *testing.T) {
	r := start(t).ready(t)
	play(t, r, []scenario{
		{name: "models", path: "/api/v1/models", status: 200, header: []string{"Content-Type", "application/json", "Cache-Control", "no-cache"},
			want: []string{`"id":"three","champion":true`, `"id":"fournine","champion":false`, `"parameters":7850`}},
		{name: "model", path: "/api/v1/models/fournine", status: 200, want: []string{`"card":"# fournine"`, `"val_accuracy":0.5`}, unwant: []string{`"id":"three"`}},
		{name: "no such model", path: "/api/v1/models/five", status: 404, header: []string{"Content-Type", aProblem}, want: []string{`\"five\"`, `"hint":"GET /api/v1/models lists`}},
		{name: "the API answers a browser in JSON", path: "/api/v1/models/five", headers: []string{"Accept", aPage}, status: 404, header: []string{"Content-Type", aProblem}},
		{name: "report", path: "/api/v1/models/three/report", status: 200, want: []string{`"macro avg"`, `"confusion":[[0,`}},
		{name: "champion", path: "/api/v1/champion", status: 200, want: []string{`"version":"three"`}},
		{name: "without a store the champion is not changed", method: "PUT", path: "/api/v1/champion", body: `{"version":"fournine"}`, status: 503, header: []string{"Content-Type", aProblem}},
		{name: "without a store there are no runs", path: "/api/v1/runs", status: 503, header: []string{"Content-Type", aProblem, "Retry-After", "2"}, want: []string{`"hint":"Start the server with --data`}},
		{name: "weights of none", path: "/api/v1/models/five/weights", status: 404, header: []string{"Content-Disposition", ""}},
		{name: "health", path: "/healthz", status: 200, want: []string{"ok"}},
		{name: "readiness", path: "/readyz", status: 200, want: []string{"ready"}},
		{name: "version", path: "/version", status: 200, want: []string{`"go":"go1.`, `"champion":"three"`}},
		{name: "document", path: "/openapi.yaml", status: 200, header: []string{"Content-Type", "application/yaml"}, want: []string{"openapi: 3.1.0"}},
		{name: "document in brotli", path: "/openapi.yaml", headers: []string{"Accept-Encoding", "br"}, status: 200, header: []string{"Content-Encoding", "br"}},
	})
}

func TestGuards(t *testing.T) {
	r := start(t).ready(t)
	json := "application/json"
	play(t, r, []scenario{
		{name: "localhost", path: "/healthz", headers: []string{"Host", "localhost:1234"}, status: 200},
		{name: "IPv6", path: "/healthz", headers: []string{"Host", "[::1]:1234"}, status: 200},
		{name: "IPv6 without port", path: "/healthz", headers: []string{"Host", "[::1]"}, status: 200},
		{name: "rebinding", path: "/api/v1/models", headers: []string{"Host", "evil.example"}, status: 421, header: []string{"Content-Type", aProblem}, unwant: []string{"three"}},
		{name: "rebinding by a look-alike", path: "/api/v1/models", headers: []string{"Host", "localhost.evil.example"}, status: 421, unwant: []string{"three"}},
		{name: "rebinding by an address of the network", path: "/api/v1/models", headers: []string{"Host", "192.168.1.5:8080"}, status: 421},
		{name: "a page of another site", method: "POST", path: "/api/v1/predict", body: `{"strokes":[]}`, headers: []string{"Content-Type", json, "Sec-Fetch-Site", "cross-site"}, status: 403, unwant: []string{"blank"}},
		{name: "an origin of another site", method: "POST", path: "/api/v1/predict", body: `{"strokes":[]}`, headers: []string{"Content-Type", json, "Origin", "https://evil.example"}, status: 403},
		{name: "our own page", method: "POST", path: "/api/v1/predict", body: `{"strokes":[]}`, headers: []string{"Content-Type", json, "Sec-Fetch-Site", "same-origin"}, status: 200},
		{name: "no CORS", path: "/api/v1/models", headers: []string{"Origin", "https://evil.example"}, status: 200, header: []string{"Access-Control-Allow-Origin", ""}},
		{name: "headers on a page", path: "/", status: 200, header: secure},
		{name: "headers on an asset", path: "/assets/worker-4.js", status: 200, header: secure},
		{name: "headers on an error", path: "/nothing", status: 404, header: secure},
		{name: "headers on a refusal", path: "/", headers: []string{"Host", "evil.example"}, status: 421, header: secure},
		{name: "a request keeps its name", path: "/healthz", headers: []string{"X-Request-Id", "abc-1"}, status: 200, header: []string{"X-Request-Id", "abc-1"}},
	})
	if id := r.get(t, "/healthz", "X-Request-Id", "a b\tc").Header.Get("X-Request-Id"); strings.Contains(id, " ") || id == "" {
		t.Errorf("a harmful request ID became %q", id)
	}
}

// secure is written out, so that a change of the policy has to be made twice.
var secure = []string{
	"Content-Security-Policy", "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options", "nosniff",
	"Referrer-Policy", "no-referrer",
	"Cross-Origin-Opener-Policy", "same-origin",
	"Cross-Origin-Resource-Policy", "same-origin",
	"Server", "",
}

func TestMetricsCountByRoute(t *testing.T) {
	r := start(t).ready(t)
	r.get(t, "/report/three")
	r.get(t, "/no/such/secret-path")
	r.ask(t, "BREW", "/report/three", nil)
	r.ask(t, "POST", "/api/v1/predict", strings.NewReader(`{"strokes":[]}`), "Content-Type", "application/json")
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if strings.Contains(r.get(t, "/metrics").Text, `status="400"} 1`) { // a request is counted when its answer is out
			break
		}
	}
	play(t, r, []scenario{{name: "metrics", path: "/metrics", status: 200,
		want: []string{
			`rakam_http_requests_total{method="GET",route="/report/:version",status="200"} 1`,
			`rakam_http_requests_total{method="other",route="/report/:version",status="405"} 1`,
			`rakam_readings_total{model="three",verdict="blank"} 1`,
			`rakam_http_request_duration_seconds_bucket{`,
		},
		unwant: []string{"secret-path", "BREW"}}})
}
