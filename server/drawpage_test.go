package main

import (
	"strings"
	"testing"

	"rakam/server/locale"
)

// TestVersionChoice: the drawing page reads with the version that is asked for,
// with the champion otherwise, and says which.
func TestVersionChoice(t *testing.T) {
	r := start(t, realPages).ready(t) // the champion is three, beside it fournine
	for _, c := range []struct {
		query  string
		status int
		reads  string
		pinned bool
		gone   string
	}{
		{"", 200, "three", false, ""},
		{"&model=", 200, "three", false, ""},
		{"&model=fournine", 200, "fournine", true, ""},
		{"&model=three", 200, "three", true, ""},
		{"&model=gone-1f3a09bc", 404, "three", false, "gone-1f3a09bc"},
		{"&model=..%2F%22%3E%3Cb%3E", 404, "three", false, `../"><b>`},
	} {
		for _, lang := range locale.Langs {
			page := r.get(t, "/?lang="+string(lang)+c.query, "Accept", aPage).page(t, c.status)
			checkMarkup(t, page)
			draw := page.one(t, "div", id("draw"))
			script := page.one(t, "script", func(m markup) bool { return m.has("data-worker") })
			if got := draw.attr("data-version"); got != c.reads || !strings.Contains(script.attr("data-weights"), "/"+c.reads+"/") {
				t.Errorf("%q: %s reads with %s", c.query, got, script.attr("data-weights"))
			}
			if pinned := len(page.all("p", id("pinned"))) == 1; pinned != c.pinned || draw.has("data-pinned") != c.pinned {
				t.Errorf("%q: pinned %v, want %v", c.query, pinned, c.pinned)
			}
			options := page.one(t, "form", class("version")).all("option")
			if len(options) != 2 || !strings.HasPrefix(options[0].text(), "three, ") || options[0].attr("value") != "" || options[1].attr("value") != "fournine" {
				t.Fatalf("%q: the versions to choose from: %q %q", c.query, options[0].text(), options[1].text())
			}
			if options[1].has("selected") != (c.reads == "fournine") || options[0].has("selected") != (c.reads == "three") {
				t.Errorf("%q: another version is marked", c.query)
			}
			notices := page.all("p", id("gone"))
			if gone := len(notices) == 1 && strings.Contains(notices[0].text(), c.gone); gone != (c.gone != "") {
				t.Errorf("%q: says that it is gone: %v", c.query, gone)
			}
		}
	}
}

// TestChoiceOfStored: a stored version can be chosen until it is deleted.
func TestChoiceOfStored(t *testing.T) {
	r := startTrainer(t, realPages)
	v := r.addVersion(t, 1)
	page := r.open(t, "/?lang=en&model="+v.ID)
	if text := page.one(t, "p", id("pinned")).text(); !strings.Contains(text, "On this page "+v.ID+" reads") {
		t.Errorf("says %q", text)
	}
	if got := r.changeModels(t, "delete", v.ID, r.revision(t)); got.StatusCode != 303 {
		t.Fatalf("delete: %d %s", got.StatusCode, got.Text)
	}
	page = r.get(t, "/?lang=en&model="+v.ID, "Accept", aPage).page(t, 404)
	if text := page.one(t, "p", id("gone")).text(); !strings.Contains(text, v.ID) {
		t.Errorf("says %q", text)
	}
	if list := page.one(t, "form", class("version")).text(); strings.Contains(list, v.ID) {
		t.Errorf("a deleted version can be chosen: %s", list)
	}
}
