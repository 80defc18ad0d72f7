package main

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/net/html"

	"rakam/trainer/pretrained"
	"rakam/web"
)

// markup is a parsed page, or a part of one.
type markup struct{ *html.Node }

// all returns the elements below m with this tag ("" for any) for which each of
// the conditions holds, in document order.
func (m markup) all(tag string, conditions ...func(markup) bool) []markup {
	var found []markup
	for n := range m.Descendants() {
		if n.Type != html.ElementNode || tag != "" && n.Data != tag {
			continue
		}
		if !slices.ContainsFunc(conditions, func(is func(markup) bool) bool { return !is(markup{n}) }) {
			found = append(found, markup{n})
		}
	}
	return found
}

// one returns the only such element.
func (m markup) one(t *testing.T, tag string, conditions ...func(markup) bool) markup {
	t.Helper()
	found := m.all(tag, conditions...)
	if len(found) != 1 {
		t.Fatalf("%d elements <%s>, want 1", len(found), tag)
	}
	return found[0]
}

func (m markup) attr(name string) string {
	for _, a := range m.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func (m markup) has(name string) bool {
	return slices.ContainsFunc(m.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func id(want string) func(markup) bool {
	return func(m markup) bool { return m.attr("id") == want }
}

func class(want string) func(markup) bool {
	return func(m markup) bool { return slices.Contains(strings.Fields(m.attr("class")), want) }
}

// text is what a screen reader says: without what is hidden from it, with single spaces.
func (m markup) text() string {
	var b strings.Builder
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		if (markup{n}).attr("aria-hidden") == "true" {
			return
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	walk(m.Node)
	return strings.Join(strings.Fields(b.String()), " ")
}

// texts are the texts of the cells of a row.
func (m markup) texts() []string {
	var texts []string
	for _, cell := range m.all("", func(c markup) bool { return c.Data == "td" || c.Data == "th" }) {
		texts = append(texts, cell.text())
	}
	return texts
}

// plain writes the no-break spaces of a text as ordinary ones.
func plain(s string) string { return strings.ReplaceAll(s, "\u00a0", " ") }

// withRealPages serves these versions with the real templates, and a front end
// that has names but no content.
func withRealPages(versions ...pretrained.Version) func(*Program) {
	return func(p *Program) {
		p.Versions = func() ([]pretrained.Version, error) { return versions, nil }
		realPages(p)
	}
}

// realPages has the real templates, and a front end that has names but no content.
func realPages(p *Program) {
	built := map[string]string{}
	for _, name := range []string{"style.css", "favicon.svg", "rakam.wasm", "kernel.wasm", "worker.js", "examiner.js", "draw.js", "report.js", "confusion.js", "train.js", "run.js", "models.js", "corrections.js"} {
		built[name] = name
	}
	manifest, err := json.Marshal(built)
	if err != nil {
		panic(err) // it is a map of strings
	}
	p.Web = WebFiles{web.Templates, web.Locales, fstest.MapFS{"manifest.json": {Data: manifest}}}
}

// open fetches a page and parses it.
func (r *running) open(t *testing.T, path string, headers ...string) markup {
	t.Helper()
	return r.get(t, path, append([]string{"Accept", aPage}, headers...)...).page(t, 200)
}

// submitForm sends a form as a browser does that has no JavaScript; values are
// name, value, name, value.
func (r *running) submitForm(t *testing.T, path string, values []string, headers ...string) answer {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(values); i += 2 {
		form.Add(values[i], values[i+1])
	}
	headers = append([]string{"Accept", aPage, "Content-Type", "application/x-www-form-urlencoded"}, headers...)
	return r.ask(t, "POST", path, strings.NewReader(form.Encode()), headers...)
}

// page parses an answer that must have that status.
func (a answer) page(t *testing.T, status int) markup {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("status %d, want %d: %s", a.StatusCode, status, a.Text)
	}
	root, err := html.Parse(strings.NewReader(a.Text))
	if err != nil {
		t.Fatal(err)
	}
	return markup{root}
}

// checkMarkup holds what every page must keep to: nothing inline, headers that
// say what they head, names for all that has a role, no second use of an id.
func checkMarkup(t *testing.T, page markup) {
	t.Helper()
	ids := map[string]bool{}
	for _, e := range page.all("") {
		for _, a := range e.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s> has the attribute %s", e.Data, a.Key)
			}
			if (a.Key == "href" || a.Key == "src") && strings.Contains(a.Val, "//") {
				t.Errorf("<%s> refers to another host: %s", e.Data, a.Val)
			}
		}
		if name := e.attr("id"); name != "" {
			if ids[name] {
				t.Errorf("the id %q is there twice", name)
			}
			ids[name] = true
		}
	}
	for _, e := range page.all("script") {
		if e.attr("src") == "" && e.attr("type") != "application/json" {
			t.Error("there is an inline script")
		}
	}
	for _, e := range page.all("th") {
		if !slices.Contains([]string{"col", "row", "colgroup"}, e.attr("scope")) {
			t.Errorf("the header %q has scope %q", e.text(), e.attr("scope"))
		}
	}
	for _, e := range page.all("table") {
		if e.one(t, "caption").text() == "" {
			t.Error("a table has no caption")
		}
	}
	for _, e := range page.all("svg") {
		if e.attr("aria-hidden") != "true" && (e.attr("role") != "img" || e.attr("aria-label") == "") {
			t.Error("a drawing is neither hidden from screen readers nor named for them")
		}
	}
	for _, e := range page.all("", func(e markup) bool { return e.attr("aria-labelledby") != "" }) {
		if !ids[e.attr("aria-labelledby")] {
			t.Errorf("<%s> is named by #%s, which is not there", e.Data, e.attr("aria-labelledby"))
		}
	}
}
