package registry_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"rakam/trainer/jet"
	"rakam/trainer/registry"
)

// childDir in the environment makes this test binary a process that writes to
// the store in that folder until it is killed.
const childDir = "RAKAM_TEST_CHILD_DIR"

// writeForEver says on standard output what was acknowledged, a line each:
// "version TAG ID", "champion ID", "correction TAG ID", "deleted ID"; and before
// the last of these "deleting ID", as from then on the correction may be gone.
func writeForEver(dir string) {
	ctx := context.Background()
	j, err := jet.Open(ctx, jet.Options{Dir: dir, Log: quiet})
	must(err)
	r, err := registry.Open(ctx, j, seedOnly())
	must(err)
	for tag := int(time.Now().UnixMilli() % 1e6); ; tag++ {
		v, err := r.Add(ctx, large(tag), "run1")
		must(err)
		fmt.Println("version", tag, v.ID)
		_, revision, err := r.Champion(ctx)
		must(err)
		must(r.Promote(ctx, registry.Promotion{Version: v.ID, By: "child"}, revision))
		fmt.Println("champion", v.ID)
		var last string
		for i := range 3 {
			c, _, err := r.AddCorrection(ctx, correction(10*tag+i))
			must(err)
			fmt.Println("correction", 10*tag+i, c.ID)
			last = c.ID
		}
		fmt.Println("deleting", last)
		must(r.DeleteCorrection(ctx, last, "alice-token"))
		fmt.Println("deleted", last)
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// acknowledged is what a killed process had been told was done.
type acknowledged struct {
	versions    map[string]int // tags by ID
	champions   []string
	corrections map[string]int
	deleted     []string
}

func (a *acknowledged) note(t *testing.T, line string) {
	var tag int
	var id string
	switch f := strings.Fields(line); f[0] {
	case "version", "correction":
		if _, err := fmt.Sscan(f[1]+" "+f[2], &tag, &id); err != nil {
			t.Fatal(err)
		}
		map[string]map[string]int{"version": a.versions, "correction": a.corrections}[f[0]][id] = tag
	case "champion":
		a.champions = append(a.champions, f[1])
	case "deleting":
		delete(a.corrections, f[1])
	case "deleted":
		a.deleted = append(a.deleted, f[1])
	default:
		t.Fatalf("the child says %q", line)
	}
}

// TestKilled: a process is killed at random moments while it writes. Whatever it
// was told was done is there afterwards.
func TestKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := &acknowledged{versions: map[string]int{}, corrections: map[string]int{}}
	for range 4 {
		runAndKill(t, dir, a)
		j, err := jet.Open(t.Context(), jet.Options{Dir: dir, Log: quiet})
		if err != nil {
			t.Fatal(err)
		}
		checkAcknowledged(t, openIn(t, j), a)
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d versions, %d promotions, %d corrections, %d deletions", len(a.versions), len(a.champions), len(a.corrections), len(a.deleted))
}

// runAndKill lets a child write at least a version and a promotion.
func runAndKill(t *testing.T, dir string, a *acknowledged) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines, last := bufio.NewScanner(out), 2+rand.IntN(12)
	for n := 1; lines.Scan(); n++ {
		if a.note(t, lines.Text()); n == last {
			time.AfterFunc(time.Duration(rand.IntN(10_000))*time.Microsecond, func() { child.Process.Kill() })
		}
	}
	if err := child.Wait(); child.ProcessState.ExitCode() != -1 {
		t.Fatalf("the child was not killed, it ended: %v", err)
	}
}

func checkAcknowledged(t *testing.T, r *registry.Registry, a *acknowledged) {
	t.Helper()
	for id, tag := range a.versions {
		wantFiles(t, r, id, large(tag))
	}
	p, _, err := r.Champion(t.Context())
	if err != nil || p.Fallback != "" {
		t.Fatalf("the champion is %+v, %v", p, err)
	}
	// The last promotion may have been done without being acknowledged.
	history, err := r.Promotions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var promoted []string
	for _, p := range slices.Backward(history) {
		promoted = append(promoted, p.Version)
	}
	want := a.champions[max(0, len(a.champions)-40):]
	if from := slices.Index(promoted, want[0]); from < 0 || !slices.Equal(slices.DeleteFunc(promoted[from:], func(id string) bool {
		return !slices.Contains(want, id)
	}), want) {
		t.Errorf("promoted were %v, want %v", promoted, want)
	}
	if want := a.champions[len(a.champions)-1]; p.Version != want && history[0].Previous != want {
		t.Errorf("the champion is %s after %s, want %s", p.Version, history[0].Previous, want)
	}
	all, err := r.Corrections(t.Context(), registry.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	missing := maps.Clone(a.corrections)
	for _, c := range all {
		if tag, ok := missing[c.ID]; ok && c.Label == tag%10 {
			delete(missing, c.ID)
		}
	}
	if len(missing) > 0 {
		t.Errorf("of %d corrections %d are missing", len(a.corrections), len(missing))
	}
	for _, id := range a.deleted {
		if _, err := r.GetCorrection(t.Context(), id, ""); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("a deleted correction is back: %v", err)
		}
	}
}
