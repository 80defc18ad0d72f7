package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rakam/trainer/runs"
)

// withoutStore are what a server without a store answers: it reads drawings, and
// says why it keeps nothing.
func withoutStore(why string) []scenario {
	refused := func(method, path, body string) scenario {
		return scenario{name: method + " " + path, method: method, path: path, body: body, headers: []string{"Content-Type", aJSON}, status: 503,
			header: []string{"Content-Type", aProblem, "Retry-After", "2"}, want: []string{"problem:no-store", why, `"hint":"`}}
	}
	return []scenario{
		{name: "ready", path: "/readyz", status: 200, want: []string{`"status":"ready","store":"unavailable"`}},
		{name: "draw", path: "/", status: 200},
		{name: "champion", path: "/api/v1/champion", status: 200, want: []string{`"version":"seed"`}},
		{name: "models", path: "/api/v1/models", status: 200, want: []string{`"id":"seed"`}},
		{name: "weights", path: "/api/v1/models/seed/weights", status: 200},
		{name: "no such version", path: "/api/v1/models/seed-00000000", status: 404},
		{name: "predict", method: "POST", path: "/api/v1/predict", body: `{"strokes":[[[1,2]]]}`, headers: []string{"Content-Type", aJSON}, status: 200},
		{name: "recipes", path: "/api/v1/recipes", status: 200, want: []string{`"seconds_per_epoch":null`}},
		{name: "metrics", path: "/metrics", status: 200, unwant: []string{"rakam_queue_length"}},
		refused("GET", "/api/v1/runs", ""),
		refused("POST", "/api/v1/runs", `{"recipe":"tiny"}`),
		refused("GET", "/api/v1/events", ""),
		refused("PUT", "/api/v1/champion", `{"version":"seed"}`),
		refused("POST", "/api/v1/champion/rollback", ""),
		refused("GET", "/api/v1/corrections", ""),
		refused("POST", "/api/v1/corrections", aSeven),
		refused("DELETE", "/api/v1/corrections/0123", ""),
		refused("GET", "/api/v1/corrections.jsonl", ""),
		refused("DELETE", "/api/v1/runs/0123456789ab", ""),
		{name: "delete what ships", method: "DELETE", path: "/api/v1/models/seed", status: 403},
	}
}

// startWithout starts a server whose store can't be opened.
func startWithout(t *testing.T, dir string) *running {
	t.Helper()
	return start(t, func(p *Program) {
		p.Config.Data, p.Config.Workers = dir, 1
		p.Versions, p.Training = seedOnly, tinyTraining()
	}).ready(t)
}

func (r *running) wantInLog(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.log.String(), text) {
			t.Errorf("the log lacks %q:\n%s", text, r.log)
		}
	}
}

func TestStoreInUse(t *testing.T) {
	var dir string
	first := startTrainer(t, func(p *Program) { dir = p.Config.Data })
	second := startWithout(t, dir)
	play(t, second, withoutStore("locked"))
	second.wantInLog(t, "there is no store", dir, "another process has it open")
	if a := first.send(t, "POST", "/api/v1/corrections", aSeven); a.StatusCode != 201 {
		t.Errorf("the first server is disturbed: %d %s", a.StatusCode, a.Text)
	}
	v := first.addVersion(t, 1)
	first.promote(t, `{"version":"`+v.ID+`"}`)
	first.stop()
	<-first.done
	second.awaitStore(t, "ok")
	if got := second.champion(t).Version; got != v.ID {
		t.Errorf("the champion is %s, want %s of the store", got, v.ID)
	}
	second.awaitState(t, second.submit(t, `{"recipe":"tiny"}`).ID, runs.Done) // by a worker of its own
}

// awaitStore waits until the server says that of its store.
func (r *running) awaitStore(t *testing.T, state string) {
	t.Helper()
	text := ""
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if text = r.get(t, "/readyz").Text; strings.Contains(text, `"store":"`+state+`"`) {
			return
		}
	}
	t.Fatalf("the store is %s, want %s\n%s", text, state, r.log)
}

func TestStoreThatCannotBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r := startWithout(t, filepath.Join(file, "data"))
	play(t, r, withoutStore("unusable"))
	if text := r.get(t, "/readyz").Text; !strings.Contains(text, `"reason":"unusable"`) {
		t.Errorf("readyz says %s", text)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	r.awaitStore(t, "ok")
	into[struct{}](t, r.send(t, "POST", "/api/v1/corrections", aSeven), 201)
}

func TestCorruptedStore(t *testing.T) {
	dir := t.TempDir()
	first := startTrainer(t, func(p *Program) { p.Config.Data = dir })
	into[struct{}](t, first.send(t, "POST", "/api/v1/corrections", aSeven), 201)
	first.stop()
	<-first.done
	meta, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", "KV_rakam_corrections", "meta.inf"))
	if err != nil || len(meta) != 1 {
		t.Fatalf("%v %v", meta, err)
	}
	if err := os.WriteFile(meta[0], []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	play(t, startWithout(t, dir), withoutStore("damaged"))
}

// TestFullStore: what does not fit is refused, nothing is lost, and deleting
// works. The limit comes with a restart, as the events want more than it when they
// are first made room for.
func TestFullStore(t *testing.T) {
	dir := t.TempDir()
	first := startTrainer(t, func(p *Program) { p.Config.Data, p.Config.Workers = dir, 0 })
	kept := into[struct{ ID string }](t, first.send(t, "POST", "/api/v1/corrections", aSeven), 201)
	first.stop()
	<-first.done
	r := startTrainer(t, func(p *Program) {
		p.Config.Data, p.Config.Workers, p.Training.MaxStore = dir, 0, 1<<20
	})
	status := 0
	for i := 0; i < 64 && status != 507; i++ {
		a := r.send(t, "POST", "/api/v1/corrections", strings.Replace(manyPoints(9_000), "[0,0]", fmt.Sprintf("[%d,77]", i), 1))
		if status = a.StatusCode; status != 201 && status != 507 {
			t.Fatalf("correction %d: %d %s", i, status, a.Text)
		}
	}
	if status != 507 {
		t.Fatal("the store never gets full")
	}
	play(t, r.running, []scenario{
		{name: "a run", method: "POST", path: "/api/v1/runs", body: `{"recipe":"tiny"}`, headers: []string{"Content-Type", aJSON}, status: 507, header: []string{"Content-Type", aProblem}, want: []string{"problem:no-space", `"hint":"Delete`}},
		{name: "what was kept", path: "/api/v1/corrections/" + kept.ID, status: 200},
		{name: "champion", path: "/api/v1/champion", status: 200, want: []string{"seed"}},
		{name: "delete", method: "DELETE", path: "/api/v1/corrections/" + kept.ID, status: 204},
	})
}

// TestNoRoomForAStore: too little space to begin with is no reason not to serve.
func TestNoRoomForAStore(t *testing.T) {
	r := start(t, func(p *Program) {
		p.Config.Data, p.Config.Workers = t.TempDir(), 1
		p.Versions, p.Training = seedOnly, tinyTraining()
		p.Training.MaxStore = 1 << 20
	}).ready(t)
	play(t, r, withoutStore("full"))
}

// TestRunsGoOnAfterARestart: a server that is stopped keeps a checkpoint, and the
// next one goes on from it.
func TestRunsGoOnAfterARestart(t *testing.T) {
	dir := t.TempDir()
	var stopping atomic.Bool
	first := startTrainer(t, func(p *Program) {
		p.Config.Data = dir
		prepare := p.Training.Worker
		p.Training.Worker = func(w *runs.Worker) {
			prepare(w)
			w.Yield = func() { // the last step takes its time
				if stopping.Load() {
					time.Sleep(time.Second)
				}
			}
		}
	})
	id := first.submit(t, `{"recipe":"slow"}`).ID
	before := first.await(t, id, func(run runs.Run) bool { return run.Epoch >= 3 })
	stopping.Store(true)
	first.stop()
	if err := <-first.done; err != nil {
		t.Fatal(err)
	}
	second := startTrainer(t, func(p *Program) { p.Config.Data = dir })
	after := second.await(t, id, func(run runs.Run) bool { return run.Attempt == 2 && run.Epoch > before.Epoch })
	if after.Deaths != 0 || after.State != runs.Running {
		t.Errorf("the run goes on as %+v", after)
	}
	handedBack := false
	for l := second.listen(t, "/api/v1/runs/"+id+"/events"); ; {
		e := l.next(t)
		handedBack = handedBack || strings.Contains(e.data, "is handed back")
		if strings.Contains(e.data, "goes on at") {
			break
		}
	}
	if !handedBack {
		t.Error("the first server did not wait for its worker to hand the run back")
	}
}
