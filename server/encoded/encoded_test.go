package encoded

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestNegotiate(t *testing.T) {
	both := []string{"br", "gzip"}
	for _, c := range []struct {
		accept string
		have   []string
		want   string
	}{
		{"", both, ""},
		{"gzip, deflate, br, zstd", both, "br"},
		{"gzip, deflate", both, "gzip"},
		{"br", []string{"gzip"}, ""},
		{"*", both, "br"},
		{"*;q=0", both, ""},
		{"br;q=0, *", both, "gzip"},
		{"br;q=0.5, gzip;q=0.9", both, "gzip"},
		{"br;q=0.9,gzip;q=0.9", both, "br"},
		{"gzip;q=0", both, ""},
		{"identity, gzip;q=0.5", both, ""},
		{"identity;q=0.5, gzip;q=0.8", both, "gzip"},
		{"identity;q=1, br;q=1", both, "br"},
		{"BR ; Q=1", both, "br"},
		{"x-gzip", both, "gzip"},
		{"br;q=nonsense, gzip", both, "gzip"},
		{"br;q=7", both, ""},
		{"br;q=NaN", both, ""},
		{"br;level=3", both, ""},
		{",,;;,", both, ""},
		{"identity;q=0, zstd", both, ""},
		{"gzip", nil, ""},
	} {
		if got := Negotiate(c.accept, c.have...); got != c.want {
			t.Errorf("Negotiate(%q, %v) = %q, want %q", c.accept, c.have, got, c.want)
		}
	}
}

func FuzzNegotiate(f *testing.F) {
	f.Add("gzip;q=0.5, br, *;q=0")
	f.Fuzz(func(t *testing.T, accept string) {
		if got := Negotiate(accept, "br", "gzip"); got != "" && got != "br" && got != "gzip" {
			t.Errorf("%q gives %q", accept, got)
		}
		if got := Negotiate(accept, "gzip"); got == "br" {
			t.Errorf("%q gives a coding that is not there", accept)
		}
	})
}

func TestNewKeepsOnlyWhatIsSmaller(t *testing.T) {
	if b := New("text/plain", []byte("short")); b.Brotli != nil || b.Gzip != nil {
		t.Errorf("five bytes grew to %d and %d", len(b.Brotli), len(b.Gzip))
	}
	if b := New("text/plain", bytes.Repeat([]byte("long "), 1000)); b.Brotli == nil || b.Gzip == nil {
		t.Error("five thousand bytes of the same were not compressed")
	}
}

func TestServeConditions(t *testing.T) {
	b := New("text/plain", []byte(strings.Repeat("text ", 100)))
	plain, brotli := `"`+b.Tag+`"`, `"`+b.Tag+`-br"`
	for _, c := range []struct {
		name, ifNoneMatch, accept string
		status                    int
	}{
		{"none", "", "", 200},
		{"same", plain, "", 304},
		{"weak", "W/" + plain, "", 304},
		{"list", `"a", ` + plain + `, "b"`, "", 304},
		{"any", "*", "", 304},
		{"other", `"a"`, "", 200},
		{"without quotes", b.Tag, "", 200},
		{"that of another coding", plain, "br", 200},
		{"that of this coding", brotli, "br", 304},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("If-None-Match", c.ifNoneMatch)
			r.Header.Set("Accept-Encoding", c.accept)
			w := httptest.NewRecorder()
			if err := b.Serve(w, r, "no-cache"); err != nil {
				t.Fatal(err)
			}
			if w.Code != c.status || c.status == 304 && w.Body.Len() > 0 {
				t.Errorf("status %d with %d bytes, want %d", w.Code, w.Body.Len(), c.status)
			}
			if w.Header().Get("Cache-Control") != "no-cache" || w.Header().Get("Vary") != "Accept-Encoding" || w.Header().Get("ETag") == "" {
				t.Errorf("headers %v", w.Header())
			}
		})
	}
}

func TestErrorsAreNotKept(t *testing.T) {
	b := Plain("text/plain", []byte("no"))
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("If-None-Match", "*")
	w := httptest.NewRecorder()
	if err := b.ServeStatus(w, r, 404, "no-store"); err != nil {
		t.Fatal(err)
	}
	if w.Code != 404 || w.Header().Get("ETag") != "" || w.Body.String() != "no" {
		t.Errorf("status %d, ETag %q, body %q", w.Code, w.Header().Get("ETag"), w.Body)
	}
}
