package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"rakam/trainer/pretrained"
	"rakam/trainer/runs"
)

// A child is this test binary as a server with a worker, on the store in the
// folder that the variable names, so that it can be killed.
const childEnv = "RAKAM_SERVER_CHILD"

// realEnv makes the child serve the real pages and train the real recipes.
const realEnv = "RAKAM_SERVER_CHILD_REAL"

func child(dir string) int {
	p := NewProgram(Config{Addr: "127.0.0.1:0", Data: dir, Workers: 1, LogLevel: slog.LevelWarn}, pretrained.All)
	if os.Getenv(realEnv) == "" {
		p.Web, p.Training, p.Versions = fixtureWeb(), tinyTraining(), seedOnly
	}
	if err := p.Run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// spawn starts a child and returns it as something to ask.
func spawn(t testing.TB, dir string, env ...string) (r *running, kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), childEnv+"="+dir), env...)
	out, errs := &buffer{}, &buffer{}
	cmd.Stdout, cmd.Stderr = out, errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	kill = func() {
		_ = cmd.Process.Kill()
		<-ended
		ended <- nil // for the next who kills
	}
	t.Cleanup(kill)
	r = &running{log: errs}
	for range 1000 {
		if _, address, ok := strings.Cut(strings.TrimSpace(out.String()), "Rakam is at "); ok {
			r.URL = address
			return r.ready(t), kill
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the child does not start:\n%s", errs)
	return nil, nil
}

// TestKilledServer kills a server in the middle of a run. What it had answered is
// there again, and the run goes on by itself to weights that are, to the byte,
// those of a run that nothing interrupted.
func TestKilledServer(t *testing.T) {
	dir := t.TempDir()
	r, kill := spawn(t, dir)
	const body = `{"recipe":"slow","epochs":15,"seed":4}`
	id := r.submit(t, body, "Idempotency-Key", "k").ID
	correction := into[struct{ ID string }](t, r.send(t, "POST", "/api/v1/corrections", `{"strokes":[[[1,1],[2,9]]],"label":1}`), 201)
	before := r.await(t, id, func(run runs.Run) bool { return run.Epoch >= 4 })
	kill()

	r, _ = spawn(t, dir)
	play(t, r, []scenario{
		{name: "the correction", path: "/api/v1/corrections/" + correction.ID, status: 200},
		{name: "the key", method: "POST", path: "/api/v1/runs", body: body, headers: []string{"Content-Type", aJSON, "Idempotency-Key", "k"}, status: 202, want: []string{id}},
	})
	after := r.awaitState(t, id, runs.Done)
	if after.Attempt != 2 || before.Attempt != 1 {
		t.Errorf("attempts: %d, then %d", before.Attempt, after.Attempt)
	}
	if got, err := r.listen(t, "/api/v1/runs/"+id+"/events").epochs(); len(got) != 15 || err != nil {
		t.Errorf("epochs %v (%v)", got, err)
	}
	uninterrupted := r.awaitState(t, r.submit(t, body).ID, runs.Done)
	if uninterrupted.Version != after.Version {
		t.Errorf("other weights: %s, uninterrupted %s", after.Version, uninterrupted.Version)
	}
}
