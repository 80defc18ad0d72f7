package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// decoded undoes the content coding of an answer.
func decoded(t *testing.T, a answer) []byte {
	t.Helper()
	var body io.Reader = strings.NewReader(a.Text)
	switch coding := a.Header.Get("Content-Encoding"); coding {
	case "":
	case "br":
		body = brotli.NewReader(body)
	case "gzip":
		unzipped, err := gzip.NewReader(body)
		if err != nil {
			t.Fatal(err)
		}
		body = unzipped
	default:
		t.Fatalf("unknown coding %q", coding)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestWeightsAreTheFile(t *testing.T) {
	r := start(t).ready(t)
	file := fixtureVersion(t, "three", 3).File
	sum := sha256.Sum256(file)
	hash := hex.EncodeToString(sum[:])
	tags := map[string]string{}
	for _, accept := range []string{"", "br", "gzip", "br;q=0, gzip", "identity", "zstd"} {
		a := r.get(t, "/api/v1/models/three/weights", "Accept-Encoding", accept)
		if !bytes.Equal(decoded(t, a), file) {
			t.Errorf("Accept-Encoding %q: not the file", accept)
		}
		etag := a.Header.Get("ETag")
		if !strings.HasPrefix(etag, `"`+hash) || strings.HasPrefix(etag, "W/") {
			t.Errorf("Accept-Encoding %q: ETag %s does not name %s", accept, etag, hash)
		}
		coding := a.Header.Get("Content-Encoding")
		if other, seen := tags[etag]; seen && other != coding {
			t.Errorf("the codings %q and %q share the ETag %s", coding, other, etag)
		}
		tags[etag] = coding
	}
	if len(tags) != 3 {
		t.Errorf("want three representations, got %v", tags)
	}
	play(t, r, []scenario{
		{name: "to ask for again", path: "/api/v1/models/three/weights", status: 200,
			header: []string{"Cache-Control", "no-cache", "Content-Type", "application/octet-stream", "Content-Disposition", `attachment; filename="three.safetensors"`}},
		{name: "for a year", path: "/api/v1/models/three/weights?v=" + hash, status: 200, header: []string{"Cache-Control", "public, max-age=31536000, immutable"}},
		{name: "by another's hash", path: "/api/v1/models/fournine/weights?v=" + hash, status: 200, header: []string{"Cache-Control", "no-cache"}},
		{name: "by an empty hash", path: "/api/v1/models/three/weights?v=", status: 200, header: []string{"Cache-Control", "no-cache"}},
		{name: "unchanged", path: "/api/v1/models/three/weights", headers: []string{"If-None-Match", `"` + hash + `"`}, status: 304, header: []string{"ETag", `"` + hash + `"`}},
		{name: "changed", path: "/api/v1/models/three/weights", headers: []string{"If-None-Match", `"0123"`}, status: 200},
	})
}

func TestRevalidation(t *testing.T) {
	r := start(t).ready(t)
	for _, path := range []string{"/", "/report", "/api/v1/models", "/api/v1/models/three", "/api/v1/models/three/report", "/openapi.yaml", "/assets/rakam-2.wasm"} {
		for _, accept := range []string{"", "br", "gzip"} {
			first := r.get(t, path, "Accept-Encoding", accept)
			etag := first.Header.Get("ETag")
			if first.StatusCode != 200 || len(etag) < 10 || etag[0] != '"' {
				t.Errorf("%s: status %d, ETag %q", path, first.StatusCode, etag)
				continue
			}
			again := r.get(t, path, "Accept-Encoding", accept, "If-None-Match", etag)
			if again.StatusCode != 304 || again.Text != "" || again.Header.Get("ETag") != etag {
				t.Errorf("%s with its ETag: status %d, ETag %q, body %q", path, again.StatusCode, again.Header.Get("ETag"), again.Text)
			}
			if vary := strings.Join(again.Header.Values("Vary"), ", "); !strings.Contains(vary, "Accept-Encoding") {
				t.Errorf("%s: Vary is %q", path, vary)
			}
		}
	}
	english, turkish := r.get(t, "/"), r.get(t, "/", "Accept-Language", "tr")
	if english.Header.Get("ETag") == turkish.Header.Get("ETag") {
		t.Error("two languages share an ETag")
	}
}

func TestPagesAreCompressed(t *testing.T) {
	r := start(t).ready(t)
	plain := r.get(t, "/")
	for _, coding := range []string{"br", "gzip"} {
		a := r.get(t, "/", "Accept-Encoding", coding)
		if a.Header.Get("Content-Encoding") != coding || string(decoded(t, a)) != plain.Text {
			t.Errorf("%s: coding %q, or another page", coding, a.Header.Get("Content-Encoding"))
		}
	}
}
