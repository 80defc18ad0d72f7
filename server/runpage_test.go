package main

import (
	"context"
	"strings"
	"testing"

	"rakam/server/locale"
	"rakam/trainer/recipe"
	"rakam/trainer/report"
	"rakam/trainer/runs"
	"rakam/wasm/nn"
)

func TestRunPage(t *testing.T) {
	r := startTrainer(t, realPages, gated(report.Better))
	run := r.submit(t, `{"recipe":"tiny","epochs":3,"seed":11,"focus":[1,1,1,1,1,1,1,1,2.5,1]}`)
	run = r.awaitState(t, run.ID, runs.Done)
	for _, lang := range locale.Langs {
		page := r.open(t, "/runs/"+run.ID+"?lang="+string(lang))
		checkMarkup(t, page)
		rows := page.one(t, "table", id("history-table")).one(t, "tbody").all("tr")
		if len(rows) != len(run.History) {
			t.Fatalf("%d epochs, want %d", len(rows), len(run.History))
		}
		for i, e := range run.History {
			want := []string{lang.Integer(e.Epoch), lang.Number(e.Loss, 4), lang.Number(e.ValLoss, 4), lang.Number(e.Accuracy*100, 2), lang.Number(e.ValAccuracy*100, 2), lang.Number(e.Seconds, 1)}
			if got := rows[i].texts(); strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("epoch %d: %q, want %q", e.Epoch, got, want)
			}
		}
		if len(page.all("polyline")) != 4 {
			t.Error("the curves are not drawn")
		}
		settings := page.one(t, "dl", class("settings")).text()
		if want := lang.Number(2.5, 1); !strings.Contains(settings, "1 · 1 · "+want+" · 1") || !strings.Contains(settings, "784 → 8 → 10") || !strings.Contains(settings, lang.Number(0.02, 2)) {
			t.Errorf("the configuration is %s", settings)
		}
	}
	text := plain(r.open(t, "/runs/"+run.ID+"?lang=tr").one(t, "div", id("standing")).text())
	for _, want := range []string{"Bitti: 3/3 tur tamamlandı.", "şampiyondan iyi: 100 rakamdan 10 tanesini yalnız o, 40 tanesini yalnız şampiyon", "p < 0,001", "Şampiyon yap", "Şampiyonla yan yana"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q: %s", want, text)
		}
	}
}

// TestRunPageMeasuring: between the last epoch and the end nothing can be stopped,
// and a version that reads worse is no main thing to do.
func TestRunPageMeasuring(t *testing.T) {
	measured := make(chan struct{})
	r := startTrainer(t, realPages, func(p *Program) {
		prepare := p.Training.Worker
		p.Training.Worker = func(w *runs.Worker) {
			prepare(w)
			w.Gate = func(context.Context, string, string) (report.Comparison, error) {
				<-measured
				return report.Comparison{Samples: 100, OnlyChampion: 9, P: 0.001, Verdict: report.Worse}, nil
			}
		}
	})
	run := r.submit(t, `{"recipe":"tiny","epochs":2}`)
	r.await(t, run.ID, func(run runs.Run) bool { return run.State == runs.Running && run.Epoch == 2 })
	standing := r.open(t, "/runs/"+run.ID+"?lang=en").one(t, "div", id("standing"))
	text := plain(standing.text())
	if !strings.Contains(text, "Epochs done: all of 2. The version is being measured") || strings.Contains(text, "Stop") || strings.Contains(text, "left") {
		t.Errorf("while it is measured: %s", text)
	}
	close(measured)
	r.awaitState(t, run.ID, runs.Done)
	standing = r.open(t, "/runs/"+run.ID+"?lang=en").one(t, "div", id("standing"))
	if text := plain(standing.text()); !strings.Contains(text, "It read worse than the champion then") {
		t.Errorf("a worse version: %s", text)
	}
	if primary := standing.all("button", class("primary")); len(primary) > 0 {
		t.Errorf("a worse version has the primary button %q", primary[0].text())
	}
}

func TestRunPageStates(t *testing.T) {
	r := startTrainer(t, realPages)
	first, second := r.submit(t, `{"recipe":"slow"}`), r.submit(t, `{"recipe":"slow"}`)
	r.await(t, first.ID, func(run runs.Run) bool { return run.State == runs.Running && run.Epoch > 1 })
	says := func(run string, want ...string) {
		t.Helper()
		page := r.open(t, "/runs/"+run+"?lang=en")
		checkMarkup(t, page)
		text := plain(page.one(t, "div", id("standing")).text())
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("the page lacks %q: %s", w, text)
			}
		}
	}
	says(first.ID, "Under way: epoch ", " of 1000", "left", "In epoch ", "Stop", "Stopping keeps the best epoch so far")
	says(second.ID, "Waiting: place 1 in the queue.", "Stop", "it leaves the queue")
	if got := r.get(t, "/runs/"+first.ID+"?refresh=1", "Accept", aPage); !strings.Contains(got.Text, `http-equiv="refresh"`) {
		t.Error("the page does not load itself again")
	}

	for _, run := range []string{second.ID, first.ID} {
		if got := r.submitForm(t, "/runs/"+run, []string{"action", "stop"}); got.StatusCode != 303 || got.Header.Get("Location") != "/runs/"+run {
			t.Fatalf("stop: %d %s", got.StatusCode, got.Text)
		}
		r.awaitState(t, run, runs.Cancelled)
	}
	says(second.ID, "Stopped: 0 of 1000 epochs were done.", "Resume", "begins again")
	says(first.ID, "Stopped:", "What was trained before the stop was kept: slow-", "Resume")
	if main := r.open(t, "/runs/"+first.ID+"?lang=en").all("button", class("primary")); len(main) != 1 || main[0].text() != "Resume" {
		t.Errorf("the main buttons of a stopped run: %d, want Resume alone", len(main))
	}
	if got := r.submitForm(t, "/runs/"+first.ID, []string{"action", "stop"}); got.StatusCode != 303 {
		t.Errorf("stopping it twice: %d", got.StatusCode)
	}
	if got := r.submitForm(t, "/runs/"+first.ID, []string{"action", "resume"}); got.StatusCode != 303 {
		t.Errorf("resume: %d", got.StatusCode)
	}
	r.awaitState(t, first.ID, runs.Running)
	if again := r.open(t, "/runs/"+first.ID+"?lang=en"); len(again.all("section", class("outcome"))) > 0 { // of before, which is not what it makes now
		t.Errorf("while it runs again the page says %s", again.one(t, "div", id("standing")).text())
	}
	play(t, r.running, []scenario{
		{name: "no such run", path: "/runs/000000000000", status: 404},
		{name: "no run's name", path: "/runs/..%2f..%2fx", status: 404},
	})
	if got := r.submitForm(t, "/runs/"+first.ID, []string{"action", "explode"}); got.StatusCode != 400 {
		t.Errorf("an unknown action: %d", got.StatusCode)
	}
}

// TestRunPageOfAnEnsemble: while it trains the page shows the networks as they are
// trained; when it is done, as they are without what was pruned; of a run that was
// stopped nothing was.
func TestRunPageOfAnEnsemble(t *testing.T) {
	pair, long := tiny(), slow()
	for _, r := range []*recipe.Recipe{&pair, &long} {
		r.Spec.Layers[0].Activation, r.Spec.Members, r.Prune = nn.ReLU, 2, 4
	}
	r := startTrainer(t, realPages, func(p *Program) {
		p.Training.Recipes = func() []recipe.Recipe { return []recipe.Recipe{pair, long} }
	})
	says := func(run, path string, want ...string) {
		t.Helper()
		text := plain(r.open(t, path+"?lang=en").one(t, "main").text())
		for _, w := range want {
			unwanted, not := strings.CutPrefix(w, "not ")
			if strings.Contains(text, unwanted) == not {
				t.Errorf("the page of the %s run: %q is %v: %s", run, unwanted, not, text)
			}
		}
	}
	done := r.awaitState(t, r.submit(t, `{"recipe":"tiny"}`).ID, runs.Done)
	says("done", "/runs/"+done.ID, "2×(784 → 4 → 10)", "the means of 2 networks", "4 units of a network")
	says("done", "/report/"+done.Version, "2×(784 → 4 → 10)", "This version is 2 networks", "4 units of a network")
	stopped := r.submit(t, `{"recipe":"slow"}`)
	r.await(t, stopped.ID, func(run runs.Run) bool { return run.State == runs.Running && run.Epoch > 0 })
	says("running", "/runs/"+stopped.ID, "2×(784 → 8 → 10)", "4 units of a network")
	into[runs.Run](t, r.send(t, "DELETE", "/api/v1/runs/"+stopped.ID, ""), 202)
	stopped = r.awaitState(t, stopped.ID, runs.Cancelled)
	says("stopped", "/runs/"+stopped.ID, "2×(784 → 8 → 10)", "not units of a network")
	says("stopped", "/report/"+stopped.Version, "2×(784 → 8 → 10)", "This version is 2 networks", "not units of a network")
	listed := r.get(t, "/api/v1/recipes")
	if !strings.Contains(listed.Text, `"spec":"2x(784-4-10)"`) {
		t.Errorf("the recipes: %s", listed.Text)
	}
}

// TestRunPageDoubts: where promoting leads to a question, the button is not the main
// one and the page says so.
func TestRunPageDoubts(t *testing.T) {
	for outcome, want := range map[report.Outcome]string{
		report.Worse:        "It read worse than the champion then",
		report.Incomparable: "No fair comparison could stop it",
		report.Better:       "Every open drawing page starts to read with this version",
	} {
		r := startTrainer(t, realPages, gated(outcome))
		run := r.awaitState(t, r.submit(t, `{"recipe":"tiny"}`).ID, runs.Done)
		form := r.open(t, "/runs/"+run.ID+"?lang=en").one(t, "section", class("outcome")).one(t, "form")
		if main := len(form.all("button", class("primary"))) > 0; main != (outcome == report.Better) || !strings.Contains(form.text(), want) {
			t.Errorf("%s: a main button %v, the form says %s", outcome, main, form.text())
		}
	}
}

func TestPromoteFromTheRunPage(t *testing.T) {
	r := startTrainer(t, realPages)
	run := r.awaitState(t, r.submit(t, `{"recipe":"tiny"}`).ID, runs.Done)
	page := r.open(t, "/runs/"+run.ID+"?lang=en")
	var form []string
	for _, input := range page.one(t, "section", class("outcome")).one(t, "form").all("input") {
		form = append(form, input.attr("name"), input.attr("value"))
	}
	got := r.submitForm(t, "/models", append(form, "action", "promote"))
	if got.StatusCode != 303 || got.Header.Get("Location") != "/runs/"+run.ID {
		t.Fatalf("promote: %d %s", got.StatusCode, got.Text)
	}
	if now := r.champion(t).Version; now != run.Version {
		t.Errorf("the champion is %s", now)
	}
	text := r.open(t, "/runs/"+run.ID+"?lang=en").one(t, "div", id("standing")).text()
	if !strings.Contains(text, "This version is the champion now") || strings.Contains(text, "Make it the champion") {
		t.Errorf("the page says %s", text)
	}
}
