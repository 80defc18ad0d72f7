package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rakam/trainer/jet/disktest"
	"rakam/trainer/runs"
)

// TestFullDisk: while a run trains the disk gets full, for real. The champion, one
// of the store's, goes on reading; what is new is refused with a reason; and with
// space again the run goes on by itself to its end, and all that was acknowledged
// is there.
func TestFullDisk(t *testing.T) {
	dir := disktest.Small(t, "96m")
	r := startTrainer(t, func(p *Program) {
		p.Config.Data = filepath.Join(dir, "data")
		p.Versions = seedOnly
		p.Training.MaxStore = 512 << 20 // so that it is the disk that ends it
	})
	v := r.addVersion(t, 1)
	into[championBody](t, r.promote(t, `{"version":"`+v.ID+`"}`), 200)
	acknowledged := []string{into[struct{ ID string }](t, r.send(t, "POST", "/api/v1/corrections", aSeven), 201).ID}
	run := r.submit(t, `{"recipe":"slow","epochs":60}`).ID
	r.await(t, run, func(run runs.Run) bool { return run.Epoch >= 2 })

	empty := disktest.Fill(t, dir)
	drawing := func(i int) string { return strings.Replace(manyPoints(700), "[0,0]", fmt.Sprintf("[%d,77]", i), 1) }
	refused := 0
	for i := range 50 {
		switch a := r.send(t, "POST", "/api/v1/corrections", drawing(i)); a.StatusCode {
		case 201:
			acknowledged = append(acknowledged, into[struct{ ID string }](t, a, 201).ID)
		case 503, 507:
			refused++
		default:
			t.Fatalf("correction %d: %d %s", i, a.StatusCode, a.Text)
		}
		if refused > 3 {
			break
		}
	}
	r.awaitStore(t, "full")
	play(t, r.running, []scenario{
		{name: "the champion", path: "/api/v1/champion", status: 200, want: []string{v.ID}},
		{name: "its weights", path: "/api/v1/models/" + v.ID + "/weights", status: 200},
		{name: "a reading", method: "POST", path: "/api/v1/predict", body: `{"strokes":[[[1,2]]]}`, headers: []string{"Content-Type", aJSON}, status: 200, want: []string{v.ID}},
		{name: "a correction", method: "POST", path: "/api/v1/corrections", body: drawing(99), headers: []string{"Content-Type", aJSON}, status: 507, want: []string{"problem:no-space", `"hint":"Delete`}},
		{name: "a run", method: "POST", path: "/api/v1/runs", body: `{"recipe":"tiny"}`, headers: []string{"Content-Type", aJSON}, status: 507},
	})

	empty()
	r.awaitStore(t, "ok")
	for _, id := range acknowledged {
		if a := r.get(t, "/api/v1/corrections/"+id); a.StatusCode != 200 {
			t.Errorf("an acknowledged correction is gone: %d %s", a.StatusCode, a.Text)
		}
	}
	into[struct{}](t, r.send(t, "POST", "/api/v1/corrections", drawing(100)), 201)
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the run does not end:\n%s", r.log)
		}
		a := r.get(t, "/api/v1/runs/"+run)
		if a.StatusCode == 503 { // its checkpoints met the end of the disk again
			continue
		}
		now := into[runs.Run](t, a, 200)
		if now.State == runs.Failed { // it met the end of the disk itself
			r.send(t, "POST", "/api/v1/runs/"+run+"/resume", "")
		}
		if now.State == runs.Done {
			break
		}
	}
}
