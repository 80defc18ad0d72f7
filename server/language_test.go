package main

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rakam/server/locale"
	"rakam/trainer/report"
	"rakam/trainer/runs"
	"rakam/web"
)

func TestLanguage(t *testing.T) {
	r := start(t).ready(t)
	for _, c := range []struct {
		name, query, script, cookie, accept string
		want                                string
		remembered                          bool
	}{
		{name: "nothing said", want: "en"},
		{name: "Turkish browser", accept: "tr-TR,tr;q=0.9,en-US;q=0.8,en;q=0.7", want: "tr"},
		{name: "English browser that knows Turkish", accept: "en-GB,en;q=0.9,tr;q=0.8", want: "en"},
		{name: "neither", accept: "fr-FR,fr;q=0.9", want: "en"},
		{name: "neither, then Turkish", accept: "fr,tr;q=0.5", want: "tr"},
		{name: "nonsense", accept: ";;q=x,,", want: "en"},
		{name: "remembered", cookie: "tr", accept: "en", want: "tr"},
		{name: "remembered nonsense", cookie: "xx", accept: "tr", want: "tr"},
		{name: "chosen", query: "?lang=tr", cookie: "en", accept: "en", want: "tr", remembered: true},
		{name: "chosen back", query: "?lang=en", cookie: "tr", accept: "tr", want: "en", remembered: true},
		{name: "a page's script", query: "?lang=tr", script: "en", cookie: "tr", accept: "tr", want: "en"},
		{name: "a page's script, nonsense", script: "xx", cookie: "tr", want: "tr"},
		{name: "chosen nonsense", query: "?lang=xx", accept: "tr", want: "tr"},
		{name: "chosen to break out", query: "?lang=tr%22%3E%3Cscript%3E", want: "en"},
	} {
		t.Run(c.name, func(t *testing.T) {
			headers := []string{"Accept", aPage}
			if c.accept != "" {
				headers = append(headers, "Accept-Language", c.accept)
			}
			if c.cookie != "" {
				headers = append(headers, "Cookie", "lang="+c.cookie)
			}
			if c.script != "" {
				headers = append(headers, "Rakam-Language", c.script)
			}
			a := r.get(t, "/"+c.query, headers...)
			if a.StatusCode != 200 || a.Header.Get("Content-Language") != c.want || !strings.Contains(a.Text, `<html lang="`+c.want+`">`) {
				t.Errorf("status %d, Content-Language %q, want %s: %s", a.StatusCode, a.Header.Get("Content-Language"), c.want, a.Text)
			}
			percent := map[string]string{"tr": "%98,4 10.000", "en": "98.4\u00a0% 10,000"}[c.want]
			if !strings.Contains(a.Text, percent) {
				t.Errorf("lacks %q: %s", percent, a.Text)
			}
			vary := strings.Join(a.Header.Values("Vary"), ", ")
			if !strings.Contains(vary, "Accept-Language") || !strings.Contains(vary, "Cookie") || !strings.Contains(vary, "Rakam-Language") {
				t.Errorf("Vary is %q", vary)
			}
			cookie := a.Header.Get("Set-Cookie")
			want := ""
			if c.remembered {
				want = "lang=" + c.want + "; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
			}
			if cookie != want {
				t.Errorf("Set-Cookie is %q, want %q", cookie, want)
			}
		})
	}
}

// TestLanguageBehindAProxy: what was set over TLS is not sent without it.
func TestLanguageBehindAProxy(t *testing.T) {
	r := start(t).ready(t)
	play(t, r, []scenario{{name: "TLS before a proxy", path: "/?lang=tr", headers: []string{"X-Forwarded-Proto", "https"}, status: 200,
		header: []string{"Set-Cookie", "lang=tr; Path=/; Max-Age=31536000; HttpOnly; Secure; SameSite=Lax"}}})
}

// TestIn: another language is a link to the same page, its query kept.
func TestIn(t *testing.T) {
	for query, want := range map[string]string{
		"":                             "?lang=tr",
		"lang=en":                      "?lang=tr",
		"true=4&predicted=9&lang=en":   "?lang=tr&predicted=9&true=4",
		"a=%22%3E%3Cscript%3E&lang=en": "?a=%22%3E%3Cscript%3E&lang=tr",
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := (Page{Query: values}).In("tr"); got != want || values.Get("lang") == "tr" {
			t.Errorf("In with query %q is %q, want %q; the query is now %v", query, got, want, values)
		}
	}
}

func TestEveryProblemHasTexts(t *testing.T) {
	front, err := loadFrontEnd(fixtureWeb())
	if err != nil {
		t.Fatal(err)
	}
	s := &site{built: front}
	texts := 0
	for lang, catalogue := range front.pages.texts {
		for _, code := range append(slices.Collect(maps.Keys(problemStatus)), noVersion("x").words) {
			if title, hint := s.problemTexts(code, lang); title == "" || hint == "" {
				t.Errorf("%s: no title or hint for %q", lang, code)
			}
		}
		texts += len(catalogue.Under("server"))
	}
	if want := 2 * 2 * (len(problemStatus) + 1); texts != want {
		t.Errorf("%d texts for %d problems, and a version that is not there, in two languages, want %d", texts, len(problemStatus), want)
	}
}

// TestEveryLogLineHasTexts: the page of a run has a text, in both languages and with
// the same values, for whatever the run says and for every outcome of a comparison.
func TestEveryLogLineHasTexts(t *testing.T) {
	texts, err := locale.Load(web.Locales)
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`\{\w+\}`)
	for lang, catalogue := range texts {
		said := catalogue.Under("run")
		for what, english := range runs.Sayings {
			text := said["run.log."+what]
			got, want := names.FindAllString(text, -1), names.FindAllString(english, -1)
			slices.Sort(got)
			slices.Sort(want)
			if text == "" || !slices.Equal(got, want) {
				t.Errorf("%s: %q for %q", lang, text, english)
			}
		}
		for _, outcome := range []report.Outcome{report.Better, report.Worse, report.Indistinguishable, report.Incomparable} {
			if said["run.log.verdict."+string(outcome)] == "" {
				t.Errorf("%s: no text for the outcome %q", lang, outcome)
			}
		}
	}
}
