package main

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"rakam/server/locale"
	"rakam/trainer/recipe"
	"rakam/trainer/runs"
)

func TestTrainPage(t *testing.T) {
	r := startTrainer(t, realPages)
	for _, lang := range locale.Langs {
		page := r.open(t, "/train?lang="+string(lang))
		checkMarkup(t, page)
		for _, input := range page.all("input") {
			name := input.attr("aria-describedby")
			for hint := range strings.FieldsSeq(name) {
				if page.one(t, "", id(hint)).text() == "" {
					t.Errorf("%s: #%s explains nothing", lang, hint)
				}
			}
		}
	}
	page := r.open(t, "/train?epochs=7&learning_rate=0.5&focus_8=2&promote=1&lang=tr")
	for name, want := range map[string]string{"epochs": "7", "learning_rate": "0.5", "batch_size": "20", "focus_8": "2", "focus_7": "1"} {
		if got := page.one(t, "input", named(name)).attr("value"); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if text := page.one(t, "main").text(); !strings.Contains(text, "Henüz hiç eğitim yapılmadı.") {
		t.Errorf("the page does not say that there is no run: %s", text)
	}
}

// TestRecipesToChoose: every recipe says what it does and brings its own values,
// by the page's script or at a click.
func TestRecipesToChoose(t *testing.T) {
	r := startTrainer(t, realPages, func(p *Program) { p.Training.Recipes = recipe.All })
	taught := map[locale.Lang]string{"en": "the version best says", "tr": "best sürümünün dediklerinden"}
	for _, lang := range locale.Langs {
		for _, want := range recipe.All() {
			page := r.open(t, "/train?lang="+string(lang)+"&defaults=1&epochs=7&learning_rate=0.5&focus_8=2&recipe="+want.Name)
			radio := page.one(t, "input", id("recipe-"+want.Name))
			if !radio.has("checked") {
				t.Errorf("%s is not chosen", want.Name)
			}
			for name, value := range map[string]string{
				"epochs": strconv.Itoa(want.Epochs), "batch_size": strconv.Itoa(want.BatchSize),
				"learning_rate": exactly(lang, want.Optimizer.LearningRate), "seed": "1",
			} {
				if typed, brought := page.one(t, "input", id(name)).attr("value"), radio.attr("data-"+name); typed != value || brought != value {
					t.Errorf("%s, %s: %s is %q, brought %q, want %q", lang, want.Name, name, typed, brought, value)
				}
			}
			if focus := page.one(t, "input", named("focus_8")).attr("value"); focus != "2" {
				t.Errorf("the focus, which is no recipe's, is %q", focus)
			}
			words := plain(page.one(t, "", id("recipe-"+want.Name+"-hint")).text())
			mix := want.Mix
			if mix == (recipe.Mix{}) {
				mix = recipe.Limit().Mix // which is what one without must not promise
			}
			for share, is := range map[string]bool{lang.Percent(mix.Drawn, 0): want.Mix.Drawn > 0, lang.Percent(mix.Others, 0): want.Mix.Others > 0, taught[lang]: want.Teacher != ""} {
				if strings.Contains(words, plain(share)) != is {
					t.Errorf("%s, %s: %q in %q: want %v", lang, want.Name, share, words, is)
				}
			}
		}
	}
}

func named(name string) func(markup) bool {
	return func(m markup) bool { return m.attr("name") == name }
}

func TestTrainForm(t *testing.T) {
	r := startTrainer(t, realPages)
	for _, c := range []struct {
		name   string
		values []string
		wrong  []string
	}{
		{"a billion epochs", []string{"epochs", "1000000000"}, []string{"epochs"}},
		{"a learning rate that is none", []string{"learning_rate", "NaN"}, []string{"learning_rate"}},
		{"infinity", []string{"learning_rate", "Inf"}, []string{"learning_rate"}},
		{"words", []string{"epochs", "many", "seed", "-1", "batch_size", "1.5"}, []string{"epochs", "batch_size", "seed"}},
		{"emptied", []string{"epochs", "", "seed", " "}, []string{"epochs", "seed"}},
		{"too much focus", []string{"focus_3", "6"}, []string{"focus"}},
		{"no focus at all", []string{"focus_0", "0", "focus_1", "0", "focus_2", "0", "focus_3", "0", "focus_4", "0", "focus_5", "0", "focus_6", "0", "focus_7", "0", "focus_8", "0", "focus_9", "0"}, []string{"focus"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			estimate := url.Values{"recipe": {"tiny"}, "estimate": {"1"}, "lang": {"en"}}
			for i := 0; i < len(c.values); i += 2 {
				estimate.Set(c.values[i], c.values[i+1])
			}
			for asked, page := range map[string]markup{
				"start":    r.submitForm(t, "/train?lang=en", append([]string{"recipe", "tiny"}, c.values...)).page(t, 422),
				"estimate": r.get(t, "/train?"+estimate.Encode(), "Accept", aPage).page(t, 422),
			} {
				checkMarkup(t, page)
				var wrong []string
				for _, e := range page.all("p", class("error")) {
					wrong = append(wrong, strings.TrimSuffix(e.attr("id"), "-error"))
				}
				if strings.Join(wrong, " ") != strings.Join(c.wrong, " ") {
					t.Errorf("%s: marked are %v, want %v", asked, wrong, c.wrong)
				}
				for i := 0; i < len(c.values); i += 2 {
					if got := page.one(t, "input", named(c.values[i])).attr("value"); got != strings.TrimSpace(c.values[i+1]) {
						t.Errorf("%s: %s became %q", asked, c.values[i], got)
					}
				}
			}
		})
	}
	if list := into[struct{ Runs []runs.Run }](t, r.get(t, "/api/v1/runs"), 200); len(list.Runs) > 0 {
		t.Errorf("%d runs were started", len(list.Runs))
	}
}

// TestEstimateOnThePage: another site's link to it trains nothing.
func TestEstimateOnThePage(t *testing.T) {
	r := startTrainer(t, realPages)
	const path, told = "/train?recipe=tiny&estimate=1&lang=en", `role="status">About`
	play(t, r.running, []scenario{
		{name: "from another site", path: path, headers: []string{"Sec-Fetch-Site", "cross-site"}, status: 200, unwant: []string{told}},
		{name: "from here", path: path, headers: []string{"Sec-Fetch-Site", "same-origin"}, status: 200, want: []string{told}},
	})
}

func TestTrainFormStartsOneRun(t *testing.T) {
	r := startTrainer(t, realPages)
	values := []string{"recipe", "tiny", "epochs", "2", "learning_rate", "0,03", "focus_4", "2,5", "promote", "1", "key", "one click"}
	first, second := r.submitForm(t, "/train", values), r.submitForm(t, "/train", values)
	where := first.Header.Get("Location")
	if first.StatusCode != 303 || !strings.HasPrefix(where, "/runs/") || second.Header.Get("Location") != where {
		t.Fatalf("%d to %q, then %d to %q", first.StatusCode, where, second.StatusCode, second.Header.Get("Location"))
	}
	run := r.awaitState(t, strings.TrimPrefix(where, "/runs/"), runs.Done)
	if run.Recipe.Epochs != 2 || run.Recipe.Optimizer.LearningRate != 0.03 || run.Recipe.Focus[4] != 2.5 || run.Recipe.Focus[5] != 1 || !run.Promote || run.Corrections {
		t.Errorf("the run is %+v", run)
	}
	other := r.submitForm(t, "/train?lang=en", append(values, "seed", "9")).page(t, 422)
	if text := other.one(t, "main").text(); !strings.Contains(text, "This form was sent before.") {
		t.Errorf("the key is not refused: %s", text)
	}
	row := r.open(t, "/train?lang=tr").one(t, "table", id("runs-table")).one(t, "tbody").one(t, "tr").texts()
	if row[1] != "bitti" || row[2] != "2 / 2" || row[4] != run.Version {
		t.Errorf("the list has %q", row)
	}
}

func TestTrainQueue(t *testing.T) {
	r := startTrainer(t, realPages)
	running := r.submit(t, `{"recipe":"slow"}`)
	r.awaitState(t, running.ID, runs.Running)
	for range 5 {
		r.submit(t, `{"recipe":"slow"}`)
	}
	page := r.open(t, "/train?lang=en")
	checkMarkup(t, page)
	var states []string
	for _, row := range page.one(t, "table", id("runs-table")).one(t, "tbody").all("tr") {
		states = append(states, row.texts()[1])
	}
	want := "queued, place 5 in the queue|queued, place 4 in the queue|queued, place 3 in the queue|queued, place 2 in the queue|queued, place 1 in the queue|running"
	if got := strings.Join(states, "|"); got != want {
		t.Errorf("states %s\nwant   %s", got, want)
	}
	full := r.submitForm(t, "/train?lang=en", []string{"recipe", "slow"}).page(t, 422)
	if text := full.one(t, "main").text(); !strings.Contains(text, "the queue is full") {
		t.Errorf("a full queue is not told: %s", text)
	}
}

func TestTrainPageWithoutRights(t *testing.T) {
	r := startTrainer(t, realPages, public)
	page := r.open(t, "/train?lang=en")
	checkMarkup(t, page)
	if len(page.all("form")) > 0 || !strings.Contains(page.one(t, "main").text(), "Log in as the administrator") {
		t.Error("a stranger is shown the form")
	}
	if err := r.site.jet().JS.DeleteKeyValue(t.Context(), "rakam_corrections"); err != nil {
		t.Fatal(err)
	}
	play(t, r.running, []scenario{
		{name: "no corrections are read for a stranger", path: "/train", status: 200},
		{name: "for the administrator they are", path: "/train", headers: []string{"Authorization", "Bearer " + theToken}, status: 500},
	})
	for _, path := range []string{"/train", "/runs/abc", "/models"} {
		if got := r.submitForm(t, path, []string{"recipe", "tiny", "action", "stop"}); got.StatusCode != 401 {
			t.Errorf("POST %s by a stranger: %d", path, got.StatusCode)
		}
	}
}

func TestPagesWithoutStore(t *testing.T) {
	r := start(t, realPages).ready(t)
	for _, lang := range locale.Langs {
		for _, path := range []string{"/train", "/models", "/compare", "/corrections"} {
			page := r.open(t, path+"?lang="+string(lang))
			checkMarkup(t, page)
			if path != "/compare" && len(page.all("", class("notice"))) != 1 {
				t.Errorf("%s does not say that there is no store", path)
			}
		}
	}
	for _, path := range []string{"/train", "/models", "/corrections", "/runs/abc"} {
		if got := r.submitForm(t, path, []string{"action", "delete"}); got.StatusCode != 503 {
			t.Errorf("POST %s: %d", path, got.StatusCode)
		}
	}
}
