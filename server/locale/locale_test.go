package locale

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"rakam/web"
)

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		value    float64
		decimals int
		tr, en   string // numbers
		ptr, pen string // the same as percent
	}{
		{0.9796, 2, "0,98", "0.98", "%97,96", "97.96\u00a0%"},
		{0.984, 1, "1,0", "1.0", "%98,4", "98.4\u00a0%"},
		{0, 1, "0,0", "0.0", "%0,0", "0.0\u00a0%"},
		{1, 0, "1", "1", "%100", "100\u00a0%"},
		{-0.5, 1, "−0,5", "−0.5", "−%50,0", "−50.0\u00a0%"},
		{-0.00001, 1, "0,0", "0.0", "%0,0", "0.0\u00a0%"},
		{999, 0, "999", "999", "%99.900", "99,900\u00a0%"},
		{10000, 0, "10.000", "10,000", "%1.000.000", "1,000,000\u00a0%"},
		{1234567.891, 2, "1.234.567,89", "1,234,567.89", "%123.456.789,10", "123,456,789.10\u00a0%"},
		{math.NaN(), 1, "–", "–", "%–", "–\u00a0%"},
		{math.Inf(1), 1, "–", "–", "%–", "–\u00a0%"},
	} {
		for _, got := range []struct{ got, want string }{
			{Turkish.Number(c.value, c.decimals), c.tr}, {English.Number(c.value, c.decimals), c.en},
			{Turkish.Percent(c.value, c.decimals), c.ptr}, {English.Percent(c.value, c.decimals), c.pen},
		} {
			if got.got != got.want {
				t.Errorf("%v with %d decimals: %q, want %q", c.value, c.decimals, got.got, got.want)
			}
		}
	}
	if got := Turkish.Integer(60000); got != "60.000" {
		t.Errorf("Integer: %q", got)
	}
}

func TestText(t *testing.T) {
	c := Catalogue{"a.b": "{n} digits, {n} of {all}", "a.c": "plain {x}"}
	for _, ok := range []struct {
		key  string
		args []any
		want string
	}{
		{"a.b", []any{"n", 3, "all", "ten"}, "3 digits, 3 of ten"},
		{"a.c", nil, "plain {x}"},
		{"a.c", []any{"x", "{n}", "n", 1}, "plain {n}"}, // a value is not a text
	} {
		if got, err := c.Text(ok.key, ok.args...); err != nil || got != ok.want {
			t.Errorf("Text(%q, %v) = %q, %v; want %q", ok.key, ok.args, got, err, ok.want)
		}
	}
	if _, err := c.Text("a.missing"); err == nil {
		t.Error("a missing key is no error")
	}
	if _, err := c.Text("a.b", "n"); err == nil {
		t.Error("a name without a value is no error")
	}
}

func TestUnder(t *testing.T) {
	c := Catalogue{"draw.a": "1", "drawn.b": "2", "common.c": "3", "draw": "4"}
	got := c.Under("draw", "common")
	if len(got) != 2 || got["draw.a"] != "1" || got["common.c"] != "3" {
		t.Errorf("got %v", got)
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"a key without a twin":     {map[string]string{"en/a.json": `{"a.x":"1","a.y":"2"}`, "tr/a.json": `{"a.x":"1"}`}, "tr has no text for a.y"},
		"a key of another file":    {map[string]string{"en/a.json": `{"b.x":"1"}`, "tr/a.json": `{"b.x":"1"}`}, `does not start with "a."`},
		"a file that is not JSON":  {map[string]string{"en/a.json": `{`, "tr/a.json": `{}`}, "en/a.json"},
		"a text that is no string": {map[string]string{"en/a.json": `{"a.x":{}}`, "tr/a.json": `{"a.x":""}`}, "en/a.json"},
	} {
		t.Run(name, func(t *testing.T) {
			files := fstest.MapFS{}
			for path, text := range c.files {
				files[path] = &fstest.MapFile{Data: []byte(text)}
			}
			if _, err := Load(files); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// TestCatalogues loads the real texts: every key is in both languages, none is
// empty, and both name the same {values}.
func TestCatalogues(t *testing.T) {
	all, err := Load(web.Locales)
	if err != nil {
		t.Fatal(err)
	}
	if len(all[English]) == 0 {
		t.Fatal("no texts")
	}
	for key, text := range all[English] {
		turkish := all[Turkish][key]
		if strings.TrimSpace(text) == "" || strings.TrimSpace(turkish) == "" {
			t.Errorf("%s is empty", key)
		}
		if a, b := placeholders(text), placeholders(turkish); a != b {
			t.Errorf("%s names %s in English and %s in Turkish", key, a, b)
		}
	}
}

// placeholders lists the {names} of text in the order of the alphabet, once each.
func placeholders(text string) string {
	seen := map[string]bool{}
	for rest := text; ; {
		_, after, ok := strings.Cut(rest, "{")
		if !ok {
			break
		}
		name, after, ok := strings.Cut(after, "}")
		if !ok {
			break
		}
		seen[name], rest = true, after
	}
	return strings.Join(slices.Sorted(maps.Keys(seen)), " ")
}
