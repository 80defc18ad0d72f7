package runs

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"rakam/trainer/jet"
)

var killSeed = flag.Uint64("kill.seed", uint64(time.Now().UnixNano()), "decides when TestKilled kills")

// A child is this test binary as a program with a worker, on the store in the
// folder or at the URL that the variable names. It ends when all runs have.
const childEnv = "RAKAM_RUNS_CHILD"

func child() int {
	where := os.Getenv(childEnv)
	o := jet.Options{Dir: where}
	if strings.HasPrefix(where, "nats://") {
		o = jet.Options{URL: where}
	}
	h, err := open(o, quick)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w := h.worker()
	w.Interval = 100 * time.Millisecond
	w.Yield = func() { time.Sleep(10 * time.Millisecond) }
	go w.Run(ctx)
	for range time.Tick(200 * time.Millisecond) {
		if all, err := h.List(ctx); err == nil && ended(all) {
			return 0
		}
	}
	return 0
}

func ended(all []Run) bool {
	for _, run := range all {
		if !run.State.Ended() {
			return false
		}
	}
	return len(all) > 0
}

// spawn starts a child; done is closed when it has ended.
func spawn(t *testing.T, where string) (cmd *exec.Cmd, done chan struct{}) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+where)
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done = make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(done)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-done
	})
	return cmd, done
}

// asked are the runs of the tests that kill: a long one, then short ones, so
// that all moments of a run's life are hit.
func asked() []Request {
	all := []Request{{Recipe: "small", Epochs: p(16)}}
	for seed := range uint64(5) {
		all = append(all, Request{Recipe: "small", Epochs: p(2), Seed: p(seed + 10), Promote: true})
	}
	return all
}

var reached struct {
	sync.Mutex
	models [][]byte
	took   time.Duration
}

// uninterrupted trains what asked says, once, and returns the models and the time
// it took.
func uninterrupted(t *testing.T) ([][]byte, time.Duration) {
	t.Helper()
	reached.Lock()
	defer reached.Unlock()
	if reached.models != nil {
		return reached.models, reached.took
	}
	begun := time.Now()
	h := newHouse(t)
	var ids []string
	for _, q := range asked() {
		ids = append(ids, h.submit(t, q).ID)
	}
	stop := start(t, h.worker())
	for _, id := range ids {
		reached.models = append(reached.models, h.model(t, h.waitFor(t, id, Done)))
	}
	stop()
	reached.took = time.Since(begun)
	return reached.models, reached.took
}

// checkWhole compares runs with those that nothing interrupted, and looks for
// events that are missing or there twice.
func (h *house) checkWhole(t *testing.T, ids []string) {
	t.Helper()
	models, _ := uninterrupted(t)
	for i, id := range ids {
		run := h.waitFor(t, id, Done)
		if !bytes.Equal(h.model(t, run), models[i]) {
			t.Errorf("run %d has other weights than one that nothing interrupted", i)
		}
		var numbers []string
		states := 0
		for _, s := range strings.Fields(kinds(h.follow(t, id, 0))) {
			if s[0] >= '0' && s[0] <= '9' {
				numbers = append(numbers, s)
			} else {
				states++
			}
		}
		if got, want := strings.Join(numbers, " "), epochs(run.Recipe.Epochs); got != want {
			t.Errorf("run %d: epochs %q, want %q", i, got, want)
		}
		t.Logf("run %d: %d attempts, %d changes of state", i, run.Attempt, states)
	}
	h.wait(t, ids[0], "out of the queue with all others", func(Run) bool {
		info, err := h.queue.Info(t.Context())
		return err == nil && info.State.Msgs == 0
	})
}

// TestKilled kills the process that holds store and worker ten times at random
// moments. What it had acknowledged is there, the runs go on by themselves, and
// their weights are to the byte those of runs that nothing interrupted.
func TestKilled(t *testing.T) {
	t.Parallel() // it waits more than it works
	t.Logf("-kill.seed=%d", *killSeed)
	rng := rand.New(rand.NewPCG(*killSeed, 0))
	dir := t.TempDir()
	h, err := open(jet.Options{Dir: dir}, quick)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, q := range asked() {
		ids = append(ids, h.submit(t, q).ID)
	}
	if err := h.jet.Close(); err != nil {
		t.Fatal(err)
	}
	_, took := uninterrupted(t)
	most := min(1300*time.Millisecond, took/10) // of training before a kill, so that ten do not see the end
	for kill := range 10 {
		cmd, done := spawn(t, dir)
		wait := 300*time.Millisecond + time.Duration(rng.Int64N(int64(most)))
		select {
		case <-done:
			t.Fatalf("all was trained before kill %d", kill+1)
		case <-time.After(wait):
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-done
	}
	begun := time.Now()
	last, done := spawn(t, dir)
	select {
	case <-done:
	case <-time.After(90 * time.Second):
		t.Error("after ten kills the runs do not end")
		_ = last.Process.Signal(syscall.SIGQUIT) // its goroutines tell where they hang
		<-done
	}
	t.Logf("after the tenth kill the rest took %v", time.Since(begun))
	if h, err = open(jet.Options{Dir: dir}, quick); err != nil {
		t.Fatal(err)
	}
	defer h.jet.Close()
	h.checkWhole(t, ids)
}
