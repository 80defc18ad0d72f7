package main

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"rakam/server/locale"
	"rakam/trainer/registry"
	"rakam/trainer/report"
)

// changeModels sends a form of the page of versions, as it was when the champion
// had that revision.
func (r *running) changeModels(t *testing.T, action, version string, revision uint64, more ...string) answer {
	t.Helper()
	values := append([]string{"action", action, "version", version, "revision", strconv.FormatUint(revision, 10)}, more...)
	return r.submitForm(t, "/models?lang=en", values)
}

func (r *trainer) revision(t *testing.T) uint64 {
	t.Helper()
	_, revision, err := r.registry.Champion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return revision
}

func TestModelsPage(t *testing.T) {
	r := startTrainer(t, realPages)
	a := r.addVersion(t, 1)
	if got := r.changeModels(t, "promote", a.ID, 0); got.StatusCode != 303 {
		t.Fatalf("promote: %d %s", got.StatusCode, got.Text)
	}
	for _, lang := range locale.Langs {
		page := r.open(t, "/models?lang="+string(lang))
		checkMarkup(t, page)
		rows := page.one(t, "table", id("versions-table")).one(t, "tbody").all("tr")
		if len(rows) != 2 || !class("champion")(rows[1]) || class("champion")(rows[0]) {
			t.Fatalf("%d versions, or the wrong champion", len(rows))
		}
		if text := rows[1].text(); !strings.Contains(text, a.ID) || !strings.Contains(text, lang.Number(100, 2)) || !strings.Contains(text, "784-10") {
			t.Errorf("the row says %s", text)
		}
		for _, link := range append(rows[0].all("a"), rows[1].all("a")...) {
			path, _, _ := strings.Cut(link.attr("href"), "#")
			if strings.HasPrefix(path, "?") {
				path = "/models" + path
			}
			if got := r.get(t, path, "Accept", aPage); got.StatusCode != 200 {
				t.Errorf("%s answers %d", path, got.StatusCode)
			}
		}
		if n := len(rows[0].all("button")); n != 1 {
			t.Errorf("%d buttons for a challenger that ships, want promote alone", n)
		}
		if n := len(rows[1].all("button")); n != 0 {
			t.Errorf("%d buttons for the champion, want none", n)
		}
	}
	row := r.open(t, "/models?lang=en").one(t, "table", id("promotions-table")).one(t, "tbody").one(t, "tr").texts()
	if got := strings.Join(row[1:], "|"); plain(got) != a.ID+"|seed|by the administrator|cannot be told apart (p = 1.000)" {
		t.Errorf("the history says %s", got)
	}
}

func TestModelsPageRefuses(t *testing.T) {
	r := startTrainer(t, realPages)
	a, b := r.addVersion(t, 1), r.addVersion(t, 2)
	seen := r.revision(t)
	if got := r.changeModels(t, "promote", a.ID, seen); got.StatusCode != 303 {
		t.Fatalf("promote: %d", got.StatusCode)
	}
	now := r.revision(t)
	for _, c := range []struct {
		name, action, version string
		revision              uint64
		want                  string
	}{
		{"somebody was faster", "promote", b.ID, seen, "somebody else was faster"},
		{"no such version", "promote", "seed-00000000", now, "There is no version seed-00000000"},
		{"delete the champion", "delete", a.ID, now, a.ID + " is the champion and cannot be deleted"},
		{"delete what ships", "delete", "seed", now, "seed ships with the program"},
		{"delete nothing", "delete", "seed-00000000", now, "There is no version seed-00000000"},
		{"roll back twice at once", "rollback", "", seen, "somebody else was faster"},
	} {
		t.Run(c.name, func(t *testing.T) {
			page := r.changeModels(t, c.action, c.version, c.revision).page(t, 409)
			checkMarkup(t, page)
			notice := page.one(t, "div", class("notice"))
			if text := notice.text(); notice.attr("role") != "alert" || !strings.Contains(text, c.want) {
				t.Errorf("the page says %q", text)
			}
		})
	}
	if got := r.changeModels(t, "explode", a.ID, now); got.StatusCode != 400 {
		t.Errorf("an unknown action: %d", got.StatusCode)
	}
	if r.champion(t).Version != a.ID || r.revision(t) != now {
		t.Error("the champion has changed")
	}
}

func TestModelsPagePromotesTheWorseOnlyWhenToldTwice(t *testing.T) {
	r := startTrainer(t, realPages, gated(report.Worse))
	v := r.addVersion(t, 1)
	page := r.changeModels(t, "promote", v.ID, 0).page(t, 409)
	notice := page.one(t, "div", class("notice"))
	if text := plain(notice.text()); !strings.Contains(text, v.ID+" reads worse. Of 100 digits it alone reads 10, the present champion alone 40 (p < 0.001).") {
		t.Errorf("the page says %s", text)
	}
	var form []string
	for _, input := range notice.one(t, "form").all("input") {
		form = append(form, input.attr("name"), input.attr("value"))
	}
	if got := r.submitForm(t, "/models", append(form, "action", "promote")); got.StatusCode != 303 {
		t.Fatalf("override: %d %s", got.StatusCode, got.Text)
	}
	if text := r.open(t, "/models?lang=en").one(t, "tr", class("champion")).text(); !strings.Contains(text, "against the comparison") {
		t.Errorf("the override is not told: %s", text)
	}
}

// TestModelsPageAsksWithoutAComparison: where no comparison can stop a version, the
// page asks, and what is agreed to is what was asked.
func TestModelsPageAsksWithoutAComparison(t *testing.T) {
	r := startTrainer(t, realPages, gated(report.Incomparable))
	first, second, v := r.addVersion(t, 1), r.addVersion(t, 2), r.addVersion(t, 3)
	into[championBody](t, r.promote(t, `{"version":"`+first.ID+`"}`), 200) // a program is not asked
	asked := func() []string {
		notice := r.changeModels(t, "promote", v.ID, r.revision(t)).page(t, 409).one(t, "div", class("notice"))
		if text, want := plain(notice.text()), "There is no fair comparison with "+v.ID; !strings.Contains(text, want) {
			t.Errorf("the page says %s, want %q", text, want)
		}
		form := []string{"action", "promote"}
		for _, input := range notice.one(t, "form").all("input") {
			form = append(form, input.attr("name"), input.attr("value"))
		}
		return form
	}
	form := asked()
	into[championBody](t, r.promote(t, `{"version":"`+second.ID+`"}`), 200)
	if got := r.submitForm(t, "/models", form); got.StatusCode != 409 || !strings.Contains(got.Text, "somebody else was faster") || r.champion(t).Version != second.ID {
		t.Errorf("agreed to against another champion: %d", got.StatusCode)
	}
	if got := r.submitForm(t, "/models", asked()); got.StatusCode != 303 || r.champion(t).Version != v.ID {
		t.Fatalf("agreed to: %d %s", got.StatusCode, got.Text)
	}
	if text := r.open(t, "/models?lang=en").one(t, "tr", class("champion")).text(); strings.Contains(text, "against the comparison") {
		t.Errorf("there was no comparison to go against: %s", text)
	}
}

func TestModelsPageRollsBackAndDeletes(t *testing.T) {
	r := startTrainer(t, realPages)
	v := r.addVersion(t, 1)
	r.changeModels(t, "promote", v.ID, 0)
	if got := r.changeModels(t, "rollback", "", r.revision(t)); got.StatusCode != 303 || r.champion(t).Version != "seed" {
		t.Fatalf("roll back: %d, the champion is %s", got.StatusCode, r.champion(t).Version)
	}
	if text := r.open(t, "/models?lang=en").one(t, "tr", class("champion")).text(); !strings.Contains(text, "by the administrator, a return") {
		t.Errorf("the return is not told: %s", text)
	}
	notice := r.changeModels(t, "rollback", "", r.revision(t)).page(t, 409).one(t, "div", class("notice"))
	if text := notice.text(); !strings.Contains(text, "There is no champion to go back to.") {
		t.Errorf("rolled back too far, the page says %s", text)
	}
	if buttons := r.open(t, "/models").one(t, "article").one(t, "header").all("button"); len(buttons) != 0 {
		t.Errorf("%d buttons offer to go back further", len(buttons))
	}
	page := r.open(t, "/models?delete="+v.ID)
	if dialog := page.one(t, "dialog"); dialog.one(t, "input", named("version")).attr("value") != v.ID || !strings.Contains(dialog.text(), v.ID) {
		t.Error("nobody is asked before a version is deleted")
	}
	if got := r.changeModels(t, "delete", v.ID, 0); got.StatusCode != 303 {
		t.Fatalf("delete: %d", got.StatusCode)
	}
	if rows := r.open(t, "/models").one(t, "table", id("versions-table")).one(t, "tbody").all("tr"); len(rows) != 1 {
		t.Errorf("%d versions are left", len(rows))
	}
	for version, said := range map[string]int{v.ID: 1, "seed": 0, "Nothing of the kind": 0} {
		page := r.open(t, "/models?deleted="+url.QueryEscape(version))
		if notes := page.all("p", id("note")); len(notes) != said {
			t.Errorf("the page says %d times that %q was deleted, want %d", len(notes), version, said)
		}
	}
	if got := r.get(t, "/models?delete=seed", "Accept", aPage); strings.Contains(got.Text, "<dialog id=\"confirm\" aria-labelledby=\"confirm-heading\" open") {
		t.Error("what ships can be deleted")
	}
}

// TestWhoPromoted: a page says of each promotion what kind of promoter it had.
func TestWhoPromoted(t *testing.T) {
	for by, want := range map[string]string{"": "admin", administrator: "admin", "run 0123456789ab": "run", registry.Undone: "undone"} {
		if got := newPromotionRow(registry.Promotion{Version: "seed", By: by}, locale.Langs[0]).By; got != want {
			t.Errorf("by %q is shown as %s, want %s", by, got, want)
		}
	}
}
