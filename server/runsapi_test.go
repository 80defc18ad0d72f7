package main

import (
	"strings"
	"sync"
	"testing"
	"time"

	"rakam/trainer/recipe"
	"rakam/trainer/report"
	"rakam/trainer/runs"
)

func TestRunsAPI(t *testing.T) {
	r := startTrainer(t, func(p *Program) { p.Config.Workers = 0 })
	known := r.submit(t, `{"recipe":"tiny"}`, "Idempotency-Key", "nobody else's business")
	field := func(name, body, field string, want ...string) scenario {
		return scenario{name: name, method: "POST", path: "/api/v1/runs", body: body, headers: []string{"Content-Type", aJSON},
			status: 422, header: []string{"Content-Type", aProblem, "Location", ""},
			want: append(want, `"field":"`+field+`"`, `"hint":"`), unwant: []string{"json:", "strconv", "runBody"}}
	}
	bad := func(name, body string, status int, want ...string) scenario {
		return scenario{name: name, method: "POST", path: "/api/v1/runs", body: body, headers: []string{"Content-Type", aJSON},
			status: status, header: []string{"Content-Type", aProblem}, want: want, unwant: []string{"json:"}}
	}
	play(t, r.running, []scenario{
		{name: "queued, in its place", path: "/api/v1/runs/" + known.ID, status: 200, want: []string{`"state":"queued"`, `"place":1`, `"epochs":3`}, unwant: []string{`"key"`}},
		{name: "listed", path: "/api/v1/runs", status: 200, want: []string{`{"runs":[{"id":"` + known.ID}},
		{name: "head", method: "HEAD", path: "/api/v1/runs", status: 200},
		{name: "recipes", path: "/api/v1/recipes", status: 200, want: []string{`"name":"tiny","spec":"784-8-10"`, `"seconds_per_epoch":null`}, unwant: []string{`"seconds_per_epoch":0`}},
		{name: "estimate", path: "/api/v1/recipes/tiny/estimate?epochs=10&batch_size=40", status: 200, want: []string{`"source":"calibration"`, `"seconds":`}},
		{name: "estimate with corrections", path: "/api/v1/recipes/tiny/estimate?corrections=true", status: 200, want: []string{`"source":"calibration"`}},
		{name: "estimate with something", path: "/api/v1/recipes/tiny/estimate?corrections=maybe", status: 422, want: []string{`"field":"corrections"`}},
		{name: "estimate as it is", path: "/api/v1/recipes/tiny/estimate", status: 200, want: []string{`"source":"calibration"`}},
		{name: "recipes of which one was estimated", path: "/api/v1/recipes", status: 200, want: []string{`"seconds_per_epoch":0.`}},
		{name: "estimate for another site", path: "/api/v1/recipes/tiny/estimate", headers: []string{"Sec-Fetch-Site", "cross-site"}, status: 403},
		{name: "estimate for another port", path: "/api/v1/recipes/tiny/estimate", headers: []string{"Sec-Fetch-Site", "same-site"}, status: 403},
		{name: "estimate on the page", path: "/api/v1/recipes/tiny/estimate", headers: []string{"Sec-Fetch-Site", "same-origin"}, status: 200},
		{name: "estimate of none", path: "/api/v1/recipes/huge/estimate", status: 404, want: []string{"tiny"}},
		{name: "estimate of too much", path: "/api/v1/recipes/tiny/estimate?epochs=1000000000", status: 422, want: []string{`"field":"epochs"`}},
		{name: "estimate of words", path: "/api/v1/recipes/tiny/estimate?batch_size=many", status: 422, want: []string{`"field":"batch_size"`}},

		field("no recipe", `{}`, "recipe", "tiny"),
		field("unknown recipe", `{"recipe":"huge"}`, "recipe", "huge"),
		field("epochs 10^9", `{"recipe":"tiny","epochs":1000000000}`, "epochs", "1 to 1000"),
		field("epochs 10^30", `{"recipe":"tiny","epochs":1000000000000000000000000000000}`, "epochs"),
		field("epochs 0", `{"recipe":"tiny","epochs":0}`, "epochs"),
		field("epochs -1", `{"recipe":"tiny","epochs":-1}`, "epochs"),
		field("half an epoch", `{"recipe":"tiny","epochs":1.5}`, "epochs", "whole number"),
		field("epochs in words", `{"recipe":"tiny","epochs":"ten"}`, "epochs"),
		field("batch 0", `{"recipe":"tiny","batch_size":0}`, "batch_size"),
		field("infinite rate", `{"recipe":"tiny","learning_rate":1e999}`, "learning_rate"),
		field("rate NaN", `{"recipe":"tiny","learning_rate":"NaN"}`, "learning_rate"),
		field("rate 0", `{"recipe":"tiny","learning_rate":0}`, "learning_rate"),
		field("rate 2", `{"recipe":"tiny","learning_rate":2}`, "learning_rate"),
		field("negative seed", `{"recipe":"tiny","seed":-1}`, "seed"),
		field("focus on nine digits", `{"recipe":"tiny","focus":[1,1,1,1,1,1,1,1,1]}`, "focus", "9 numbers"),
		field("focus on eleven digits", `{"recipe":"tiny","focus":[1,1,1,1,1,1,1,1,1,1,1]}`, "focus", "11 numbers"),
		field("focus on nothing", `{"recipe":"tiny","focus":[0,0,0,0,0,0,0,0,0,0]}`, "focus"),
		field("infinite focus", `{"recipe":"tiny","focus":[1e999,1,1,1,1,1,1,1,1,1]}`, "focus"),
		field("focus null on a digit", `{"recipe":"tiny","focus":[null,1,1,1,1,1,1,1,1,1]}`, "focus"),
		field("focus in words", `{"recipe":"tiny","focus":"3"}`, "focus"),
		field("corrections in words", `{"recipe":"tiny","corrections":"yes"}`, "corrections"),
		field("unknown field", `{"recipe":"tiny","layers":3}`, "layers"),
		bad("NaN as such", `{"recipe":"tiny","learning_rate":NaN}`, 400, "not JSON"),
		bad("empty", "", 400, "empty"),
		bad("a list", "[]", 422, "want an object"),
		bad("cut off", `{"recipe":`, 400),
		bad("two", `{"recipe":"tiny"}{"recipe":"tiny"}`, 400),
		bad("large", `{"recipe":"`+strings.Repeat("x", mostRunBody)+`"}`, 413),
		{name: "form", method: "POST", path: "/api/v1/runs", body: "recipe=tiny", headers: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 415},
		{name: "from another site", method: "POST", path: "/api/v1/runs", body: `{"recipe":"tiny"}`, headers: []string{"Content-Type", aJSON, "Sec-Fetch-Site", "cross-site"}, status: 403},
		{name: "long key", method: "POST", path: "/api/v1/runs", body: `{"recipe":"tiny"}`, headers: []string{"Content-Type", aJSON, "Idempotency-Key", strings.Repeat("k", 201)}, status: 422},

		{name: "unknown run", path: "/api/v1/runs/0123456789ab", status: 404, header: []string{"Content-Type", aProblem}, want: []string{`"hint":"`}},
		{name: "no run's name", path: "/api/v1/runs/..%2f..%2fx", status: 404},
		{name: "events of an unknown run", path: "/api/v1/runs/0123456789ab/events", status: 404, header: []string{"Content-Type", aProblem}},
		{name: "events after a word", path: "/api/v1/runs/" + known.ID + "/events?after=now", status: 400},
		{name: "events after a word for all", path: "/api/v1/events", headers: []string{"Last-Event-ID", "-1"}, status: 400},
		{name: "cancel an unknown run", method: "DELETE", path: "/api/v1/runs/0123456789ab", status: 404},
		{name: "resume an unknown run", method: "POST", path: "/api/v1/runs/0123456789ab/resume", status: 404},
		{name: "resume a queued run", method: "POST", path: "/api/v1/runs/" + known.ID + "/resume", status: 409, want: []string{"urn:rakam:problem:state"}},
		{name: "cancel", method: "DELETE", path: "/api/v1/runs/" + known.ID, status: 202, header: []string{"Location", "/api/v1/runs/" + known.ID}, want: []string{`"state":"cancelled"`}},
		{name: "cancel twice", method: "DELETE", path: "/api/v1/runs/" + known.ID, status: 409, header: []string{"Content-Type", aProblem}, want: []string{"cancelled already", `"hint":"`}},
		{name: "resume", method: "POST", path: "/api/v1/runs/" + known.ID + "/resume", status: 202, want: []string{`"state":"queued"`}},
		{name: "PUT", method: "PUT", path: "/api/v1/runs/" + known.ID, status: 405},
		{name: "still served", path: "/api/v1/champion", status: 200, want: []string{`"version":"seed"`}},
	})
}

func TestSubmittingTwice(t *testing.T) {
	r := startTrainer(t, func(p *Program) { p.Config.Workers = 0 })
	key := []string{"Idempotency-Key", "the-same"}
	var all sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		all.Go(func() { ids[i] = r.submit(t, `{"recipe":"tiny"}`, key...).ID })
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("one key made several runs: %v", ids)
		}
	}
	other := r.send(t, "POST", "/api/v1/runs", `{"recipe":"tiny","epochs":7}`, key...)
	if other.StatusCode != 422 || !strings.Contains(other.Text, "key-reused") {
		t.Errorf("the key for something else: %d %s", other.StatusCode, other.Text)
	}
	r.submit(t, `{"recipe":"tiny"}`)
	if list := into[struct{ Runs []runs.Run }](t, r.get(t, "/api/v1/runs"), 200).Runs; len(list) != 2 || list[0].Place != 2 || list[1].Place != 1 {
		t.Errorf("the list is %+v", list)
	}
	for range 3 {
		r.submit(t, `{"recipe":"tiny"}`)
	}
	play(t, r.running, []scenario{
		{name: "full", method: "POST", path: "/api/v1/runs", body: `{"recipe":"tiny"}`, headers: []string{"Content-Type", aJSON}, status: 503, header: []string{"Retry-After", "2"}, want: []string{"queue-full"}},
		{name: "the same again all the same", method: "POST", path: "/api/v1/runs", body: `{"recipe":"tiny"}`, headers: []string{"Content-Type", aJSON, "Idempotency-Key", "the-same"}, status: 202, want: []string{ids[0]}},
		{name: "metrics", path: "/metrics", status: 200, want: []string{`rakam_runs{state="queued"} 5`, "rakam_queue_length 5"}},
	})
}

// TestRunsAreNotCountedForEverybodyWhoAsks: to count them the whole store is read.
func TestRunsAreNotCountedForEverybodyWhoAsks(t *testing.T) {
	r := startTrainer(t, func(p *Program) { p.Config.Workers = 0 })
	counter, begun := runsCollector{site: r.site}, time.Now()
	counts := func(after time.Duration, want int) {
		t.Helper()
		if got, err := counter.tally(begun.Add(after)); err != nil || got.waiting != want || got.byState[runs.Queued] != want {
			t.Errorf("after %v: %+v (%v), want %d queued", after, got, err, want)
		}
	}
	counts(0, 0)
	r.submit(t, `{"recipe":"tiny"}`)
	counts(tallyAge-time.Millisecond, 0)
	counts(tallyAge, 1)
}

// TestEstimateWithoutTheTeacher: a recipe that cannot be trained here is told so.
func TestEstimateWithoutTheTeacher(t *testing.T) {
	r := startTrainer(t, realPages, func(p *Program) {
		p.Training.Recipes = func() []recipe.Recipe {
			taught := tiny()
			taught.Teacher = "nobody"
			return []recipe.Recipe{taught}
		}
	})
	play(t, r.running, []scenario{
		{name: "API", path: "/api/v1/recipes/tiny/estimate", status: 409, header: []string{"Content-Type", aProblem}, want: []string{"problem:no-teacher", "nobody"}},
		{name: "page", path: "/train?recipe=tiny&estimate=1&lang=en", status: 200, want: []string{`role="status">Cannot be worked out`}},
	})
}

// TestARunBecomesTheChampion is the whole journey: a run, its version, the
// promotion, and every page reading with it at once.
func TestARunBecomesTheChampion(t *testing.T) {
	r := startTrainer(t)
	before := r.get(t, "/")
	run := r.awaitState(t, r.submit(t, `{"recipe":"tiny","epochs":2,"seed":9}`).ID, runs.Done)
	if run.Version == "" || len(run.History) != 2 || run.Gate == nil || run.Promoted {
		t.Fatalf("the run ended as %+v", run)
	}
	id := run.Version
	heard := r.listen(t, "/api/v1/events")
	heard.next(t) // the champion of now
	play(t, r.running, []scenario{
		{name: "listed", path: "/api/v1/models", status: 200, want: []string{`"id":"` + id + `","champion":false,"recipe":"tiny"`, `"shipped":false`, `"run":"` + run.ID + `"`, `"champion":"seed"`}},
		{name: "detail", path: "/api/v1/models/" + id, status: 200, want: []string{`"units":8`, `"created":"20`}},
		{name: "weights", path: "/api/v1/models/" + id + "/weights", status: 200},
		{name: "report", path: "/api/v1/models/" + id + "/report", status: 200, want: []string{`"dataset":"test"`}},
		{name: "history", path: "/api/v1/models/" + id + "/history", status: 200, want: []string{`[{"epoch":1,`}},
		{name: "card", path: "/api/v1/models/" + id + "/card", status: 200, header: []string{"Content-Type", "text/markdown; charset=utf-8"}},
		{name: "the run's history", path: "/api/v1/runs/" + run.ID, status: 200, want: []string{`"history":[{"epoch":1,`}},
		{name: "the list is without", path: "/api/v1/runs", status: 200, want: []string{run.ID}, unwant: []string{`"history"`}},
		{name: "report page", path: "/report/" + id, status: 200},
		{name: "predict", method: "POST", path: "/api/v1/predict?model=" + id, body: `{"strokes":[[[1,2],[3,4]]]}`, headers: []string{"Content-Type", aJSON}, status: 200, want: []string{`"model":"` + id}},
		{name: "promote", method: "PUT", path: "/api/v1/champion", body: `{"version":"` + id + `"}`, headers: []string{"Content-Type", aJSON}, status: 200,
			want: []string{`"version":"` + id, `"previous":"seed"`, `"by":"administrator"`, `"verdict":"indistinguishable"`, `"run":"` + run.ID}},
		{name: "predict with the champion", method: "POST", path: "/api/v1/predict", body: `{"strokes":[[[1,2],[3,4]]]}`, headers: []string{"Content-Type", aJSON}, status: 200, want: []string{`"model":"` + id}},
		{name: "about", path: "/version", status: 200, want: []string{`"champion":"` + id}},
	})
	if after := r.get(t, "/"); after.Header.Get("ETag") == before.Header.Get("ETag") || !strings.Contains(after.Text, "/api/v1/models/"+id+"/weights?v=") {
		t.Errorf("the drawing page does not read with %s: %s", id, after.Text)
	}
	e := heard.next(t)
	for e.kind == "state" { // of the run, which may still be told
		e = heard.next(t)
	}
	if e.kind != "champion" || !strings.Contains(e.data, id) {
		t.Errorf("open pages hear %+v", e)
	}
}

func TestARunThatAsksForItIsPromotedByItself(t *testing.T) {
	r := startTrainer(t, gated(report.Better))
	run := r.awaitState(t, r.submit(t, `{"recipe":"tiny","promote":true}`).ID, runs.Done)
	if !run.Promoted || r.champion(t).Version != run.Version || r.champion(t).By != "run "+run.ID {
		t.Errorf("run %+v, champion %+v", run, r.champion(t))
	}
}

func TestCancelAndResume(t *testing.T) {
	r := startTrainer(t)
	id := r.submit(t, `{"recipe":"slow"}`).ID
	r.await(t, id, func(run runs.Run) bool { return run.Epoch >= 2 })
	waiting := r.submit(t, `{"recipe":"tiny"}`)
	if waiting.State != runs.Queued || waiting.Place != 1 {
		t.Errorf("the second run is %s in place %d", waiting.State, waiting.Place)
	}
	if a := r.send(t, "DELETE", "/api/v1/runs/"+id, ""); a.StatusCode != 202 {
		t.Fatalf("cancel: %d %s", a.StatusCode, a.Text)
	}
	stopped := r.awaitState(t, id, runs.Cancelled)
	if stopped.Version == "" || stopped.Epoch < 2 {
		t.Errorf("the best epoch is not kept: %+v", stopped)
	}
	r.awaitState(t, waiting.ID, runs.Done)
	if a := r.send(t, "POST", "/api/v1/runs/"+id+"/resume", ""); a.StatusCode != 202 {
		t.Fatalf("resume: %d %s", a.StatusCode, a.Text)
	}
	r.await(t, id, func(run runs.Run) bool { return run.Epoch > stopped.Epoch })
}
