package main

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"

	"rakam/server/locale"
	"rakam/trainer/registry"
	"rakam/trainer/runs"
	"rakam/wasm/ink"
)

func TestCorrectionsPage(t *testing.T) {
	r := startTrainer(t, realPages)
	first := r.send(t, "POST", "/api/v1/corrections", aSeven)
	kept := into[registry.Correction](t, first, http.StatusCreated)
	into[registry.Correction](t, r.send(t, "POST", "/api/v1/corrections", aSeven), http.StatusOK) // a retry, as programs send it
	for _, lang := range locale.Langs {
		page := r.open(t, "/corrections?lang="+string(lang))
		checkMarkup(t, page)
		card := page.one(t, "section", id("own")).one(t, "li")
		if card.attr("data-correction") != kept.ID || len(card.all("polyline")) != 1 {
			t.Error("the drawing is not shown")
		}
		readings := card.all("dd")
		if len(readings) != 2 || !strings.HasPrefix(readings[0].text(), "7, ") || readings[0].text() != readings[1].text() {
			t.Errorf("before and after are %q", card.text())
		}
	}
	text := r.open(t, "/corrections?lang=en").one(t, "main").text()
	if want := "Your drawings read correctly by the present champion, seed: 1 of 1; when they were corrected: 1."; !strings.Contains(text, want) {
		t.Errorf("the page lacks %q: %s", want, text)
	}
	// A version that is not the champion reads them too, and says so.
	version := r.awaitState(t, r.submit(t, `{"recipe":"tiny"}`).ID, runs.Done).Version
	page := r.open(t, "/corrections?lang=en&model="+version)
	if text := page.one(t, "main").text(); !strings.Contains(text, "read correctly by "+version+":") || strings.Contains(text, "champion") {
		t.Errorf("read by %s: %s", version, text)
	}
	card := page.one(t, "section", id("own")).one(t, "li")
	if names, readings := card.all("dt"), card.all("dd"); names[1].text() != version || readings[0].text() == readings[1].text() {
		t.Errorf("read by %s: %s", version, card.text())
	}
	if got := r.get(t, "/corrections?model=seed-00000000", "Accept", aPage); got.StatusCode != 404 {
		t.Errorf("read by a version that is not there: %d", got.StatusCode)
	}
	for _, what := range []string{"it", "what is gone"} {
		if got := r.submitForm(t, "/corrections?model="+version, []string{"action", "delete", "id", kept.ID}); got.StatusCode != 303 || got.Header.Get("Location") != "/corrections?model="+version {
			t.Errorf("delete %s: %d %v", what, got.StatusCode, got.Header)
		}
	}
	if _, err := r.registry.GetCorrection(t.Context(), kept.ID, ""); err == nil {
		t.Error("the correction is still there")
	}
}

func TestCorrectionsPageOfStrangers(t *testing.T) {
	r := startTrainer(t, realPages, public)
	first := r.send(t, "POST", "/api/v1/corrections", aSeven)
	kept := into[registry.Correction](t, first, http.StatusCreated)
	admin := []string{"Authorization", "Bearer " + theToken}
	if text := r.open(t, "/corrections?lang=en").one(t, "main").text(); !strings.Contains(text, "You have no corrections yet.") {
		t.Errorf("somebody else sees %s", text)
	}
	page := r.open(t, "/corrections?lang=en", "Cookie", authorOf(t, first))
	if text := page.one(t, "main").text(); !strings.Contains(text, "waits for approval") || len(page.all("button", func(b markup) bool { return b.attr("value") == "approve" })) > 0 {
		t.Errorf("its author sees %s", text)
	}
	for _, c := range []struct {
		action, cookie string
		status         int
	}{
		{"approve", authorOf(t, first), 401},
		{"delete", "author=" + strings.Repeat("A", 26), 303}, // and nothing happens
		{"reject", authorOf(t, first), 401},
		{"import", authorOf(t, first), 401},
		{"explode", authorOf(t, first), 400},
	} {
		if got := r.submitForm(t, "/corrections", []string{"action", c.action, "id", kept.ID}, "Cookie", c.cookie); got.StatusCode != c.status {
			t.Errorf("%s: %d, want %d", c.action, got.StatusCode, c.status)
		}
	}
	if now, err := r.registry.GetCorrection(t.Context(), kept.ID, ""); err != nil || now.State != registry.Pending {
		t.Fatalf("the correction is %+v, %v", now, err)
	}
	waiting := r.open(t, "/corrections?lang=en", admin...)
	checkMarkup(t, waiting)
	if len(waiting.all("li", func(m markup) bool { return m.attr("data-correction") == kept.ID })) != 1 {
		t.Error("the administrator does not see what waits")
	}
	if got := r.submitForm(t, "/corrections", []string{"action", "approve", "id", kept.ID}, admin...); got.StatusCode != 303 {
		t.Errorf("approve: %d", got.StatusCode)
	}
	if now, err := r.registry.GetCorrection(t.Context(), kept.ID, ""); err != nil || now.State != registry.Approved {
		t.Errorf("the correction is %+v, %v", now, err)
	}
	approved := r.open(t, "/corrections?lang=en", admin...)
	checkMarkup(t, approved)
	cards := approved.all("li", func(m markup) bool { return m.attr("data-correction") == kept.ID })
	if len(cards) != 1 || len(cards[0].all("button")) != 1 || cards[0].all("button")[0].attr("value") != "reject" {
		t.Errorf("what is approved is shown the administrator %d times, or can't be deleted alone", len(cards))
	}
	if got := r.submitForm(t, "/corrections", []string{"action", "reject", "id", kept.ID}, admin...); got.StatusCode != 303 {
		t.Errorf("delete what is approved: %d", got.StatusCode)
	}
	if _, err := r.registry.GetCorrection(t.Context(), kept.ID, ""); err == nil {
		t.Error("it is still there")
	}
}

// TestDamagedCorrection: a correction that can't be read hides none of the others
// and keeps nobody from training; the administrator deletes it.
func TestDamagedCorrection(t *testing.T) {
	r := startTrainer(t, realPages)
	hurt := into[registry.Correction](t, r.send(t, "POST", "/api/v1/corrections", aSeven), http.StatusCreated)
	into[registry.Correction](t, r.send(t, "POST", "/api/v1/corrections", strings.Replace(aSeven, `"label":7`, `"label":1`, 1)), http.StatusCreated)
	kv, err := r.site.jet().JS.KeyValue(t.Context(), "rakam_corrections")
	if err == nil {
		_, err = kv.PutString(t.Context(), hurt.ID, "{")
	}
	if err != nil {
		t.Fatal(err)
	}
	damaged := func(lang locale.Lang) []markup {
		t.Helper()
		page := r.open(t, "/corrections?lang="+string(lang))
		checkMarkup(t, page)
		if text := page.one(t, "p", id("counts")).text(); !strings.Contains(text, "1") {
			t.Errorf("the other one is not counted: %s", text)
		}
		return page.all("li", func(m markup) bool { return m.attr("data-correction") == hurt.ID })
	}
	for _, lang := range locale.Langs {
		r.open(t, "/train?lang="+string(lang))
		if shown := damaged(lang); len(shown) != 1 || !strings.Contains(shown[0].text(), hurt.ID) || len(shown[0].all("button")) != 1 {
			t.Errorf("in %s it is shown %d times", lang, len(shown))
		}
	}
	if got := r.send(t, "GET", "/api/v1/corrections.jsonl", ""); got.StatusCode != http.StatusOK || !strings.Contains(got.Text, `"label":1`) {
		t.Errorf("the stroke file of the others: %d %s", got.StatusCode, got.Text)
	}
	if got := r.submitForm(t, "/corrections", []string{"action", "reject", "id", hurt.ID}); got.StatusCode != http.StatusSeeOther {
		t.Errorf("reject: %d", got.StatusCode)
	}
	if len(damaged(locale.Langs[0])) != 0 {
		t.Error("it is still there")
	}
}

// TestCorrectionOfNoDigit: it is named as such, and right is who reads no digit.
func TestCorrectionOfNoDigit(t *testing.T) {
	r := startTrainer(t, realPages)
	const angle = `{"strokes":[[[0,0],[60,40],[0,80]]],"label":null,"version":"seed","reading":{"digit":7,"verdict":"digit","probabilities":[0,0,0,0,0,0,0,0.9,0,0]}}`
	into[registry.Correction](t, r.send(t, "POST", "/api/v1/corrections", angle), http.StatusCreated)
	for lang, want := range map[locale.Lang][]string{
		"en": {"A drawing that is no digit", "Delete the drawing that is no digit", "no digit right"},
		"tr": {"Rakam olmayan bir çizim", "Rakam olmayan çizimi sil", "rakam değil doğru"},
	} {
		page := r.open(t, "/corrections?lang="+string(lang))
		checkMarkup(t, page)
		card := page.one(t, "section", id("own")).one(t, "li")
		got := []string{card.one(t, "svg").attr("aria-label"), card.one(t, "button").attr("aria-label"), plain(card.all("dd")[1].text())}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
}

// TestTheSameCorrectionByTwo: each of two people who send the same drawing sees it
// among his own, as it was read to him, and deletes only that.
func TestTheSameCorrectionByTwo(t *testing.T) {
	r := startTrainer(t, realPages, public)
	first := r.send(t, "POST", "/api/v1/corrections", aSeven)
	ada := authorOf(t, first)
	kept := into[registry.Correction](t, first, http.StatusCreated)
	reading := `{"digit":1,"verdict":"digit","probabilities":[0,1,0,0,0,0,0,0,0,0]}`
	second := r.send(t, "POST", "/api/v1/corrections", strings.Replace(aSeven, `"version":"seed"`, `"version":"seed-0123abcd","reading":`+reading, 1))
	bob := authorOf(t, second)
	if his := into[registry.Correction](t, second, http.StatusOK); his.ID != kept.ID || his.Reading.Digit != 1 || his.Version != "seed-0123abcd" {
		t.Errorf("the second is answered with %+v", his)
	}
	sees := func(cookie, before string) {
		t.Helper()
		page := r.open(t, "/corrections?lang=en", "Cookie", cookie)
		if before == "" {
			if text := page.one(t, "main").text(); !strings.Contains(text, "You have no corrections yet.") {
				t.Errorf("%s sees %s", cookie, text)
			}
			return
		}
		if text := page.one(t, "section", id("own")).one(t, "li").all("dd")[0].text(); !strings.HasPrefix(text, before) {
			t.Errorf("%s sees that it was read as %s, want %s", cookie, text, before)
		}
	}
	sees(ada, "7, ")
	sees(bob, "1, ")
	drop := func(cookie string) int {
		return r.send(t, "DELETE", "/api/v1/corrections/"+kept.ID, "", "Cookie", cookie).StatusCode
	}
	if got := drop(ada); got != 204 {
		t.Errorf("ada deletes hers: %d", got)
	}
	sees(ada, "")
	sees(bob, "1, ")
	if got := drop(ada); got != 404 {
		t.Errorf("ada deletes it twice: %d", got)
	}
	if got := r.submitForm(t, "/corrections", []string{"action", "delete", "id", kept.ID}, "Cookie", bob); got.StatusCode != 303 {
		t.Errorf("bob deletes his: %d", got.StatusCode)
	}
	sees(bob, "")
	if _, err := r.registry.GetCorrection(t.Context(), kept.ID, ""); err == nil {
		t.Error("what nobody claims any more is still there")
	}
}

// upload sends a stroke file as the page's form does.
func (r *running) upload(t *testing.T, lines string) answer {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", "strokes.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	file.Write([]byte(lines))
	form.WriteField("action", "import")
	form.Close()
	return r.ask(t, "POST", "/corrections?lang=en", &body, "Content-Type", form.FormDataContentType(), "Accept", aPage)
}

func TestCorrectionsPageImports(t *testing.T) {
	r := startTrainer(t, realPages)
	good := `{"id":"a","label":2,"strokes":[[[1,1],[9,9]]]}` + "\n"
	page := r.upload(t, good).page(t, 200)
	checkMarkup(t, page)
	if text := page.one(t, "main").text(); !strings.Contains(text, "New drawings added: 1.") {
		t.Errorf("the page says %s", text)
	}
	if before := page.all("dd")[0]; before.text() != "not read" { // neither right nor wrong
		t.Errorf("what nobody has read is %q", before.text())
	}
	page = r.upload(t, `{"label":4,"strokes":[[[1,1],[9,2]]]}`+"\nnonsense\n").page(t, 422)
	if text := page.one(t, "main").text(); !strings.Contains(text, "new drawings added before it: 1.") {
		t.Errorf("the page says %s", text)
	}
	if got := r.ask(t, "POST", "/corrections", strings.NewReader("action=import"), "Content-Type", "application/x-www-form-urlencoded"); got.StatusCode != 400 {
		t.Errorf("no file: %d", got.StatusCode)
	}
}

// TestCorrectionsPageImportsNothing: where nothing is new, nobody is told so, and a
// store that fails is not put down to the file.
func TestCorrectionsPageImportsNothing(t *testing.T) {
	r := startTrainer(t, realPages)
	const one = `{"id":"a","label":2,"strokes":[[[1,1],[9,9]]]}` + "\n"
	r.upload(t, one).page(t, 200)
	before, err := r.service.LastEvent(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.upload(t, one).page(t, 200)
	r.upload(t, "nonsense\n").page(t, 422)
	if after, err := r.service.LastEvent(t.Context()); err != nil || after != before {
		t.Errorf("there are events %d to %d about it (%v)", before+1, after, err)
	}
	if err := r.site.jet().JS.DeleteKeyValue(t.Context(), "rakam_corrections"); err != nil {
		t.Fatal(err)
	}
	failed := r.upload(t, one)
	if failed.StatusCode != 503 || strings.Contains(failed.Text, "nats") || strings.Contains(failed.Text, "line of the file") {
		t.Errorf("without its store: %d %s", failed.StatusCode, failed.Text)
	}
}

// TestManyCorrectionsOfOne: the page reads the newest of one's drawings again, and
// says that there are more.
func TestManyCorrectionsOfOne(t *testing.T) {
	r := startTrainer(t, realPages)
	for i := range mostShown + 5 {
		drawing := ink.Drawing{{{X: 0, Y: 0}, {X: float64(i), Y: 100}}}
		if _, _, err := r.registry.AddCorrection(t.Context(), registry.Correction{Strokes: drawing, Label: 1, Author: local, State: registry.Approved, Reading: registry.Reading{Digit: -1}}); err != nil {
			t.Fatal(err)
		}
	}
	own := r.open(t, "/corrections?lang=en").one(t, "section", id("own"))
	if n := len(own.all("li")); n != mostShown || !strings.Contains(own.text(), "Your newest 100 are shown and read again; you have 105.") {
		t.Errorf("%d are shown: %s", n, own.text())
	}
}

func TestDrawingPicture(t *testing.T) {
	got := newDrawingPicture(ink.Drawing{{{X: 0, Y: 0}, {X: 10, Y: 20}}, {{X: 5, Y: 10}}})
	if want := "31.0,12.0 69.0,88.0"; got.Lines[0] != want {
		t.Errorf("a stroke is %q, want %q", got.Lines[0], want)
	}
	if want := "50.0,50.0 50.0,50.0"; got.Lines[1] != want {
		t.Errorf("a dot is %q, want %q", got.Lines[1], want)
	}
}
