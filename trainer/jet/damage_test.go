package jet_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"rakam/trainer/jet"
)

func streamDir(dir, stream string) string {
	return filepath.Join(dir, "jetstream", "$G", "streams", stream)
}

// TestDamagedStream: a stream whose description can't be read is not made again
// over what it holds.
func TestDamagedStream(t *testing.T) {
	o := jet.Options{Dir: t.TempDir()}
	j := open(t, o)
	put(t, keyValue(t, j, jet.KV{Bucket: "runs"}), "a", "1")
	keyValue(t, j, jet.KV{Bucket: "other"})
	shut(t, j)
	meta := filepath.Join(streamDir(o.Dir, "KV_runs"), "meta.inf")
	good, err := os.ReadFile(meta)
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func() error{
		"changed": func() error { return os.WriteFile(meta, bytes.Replace(good, []byte("KV_"), []byte("KX_"), 1), 0o600) },
		"empty":   func() error { return os.WriteFile(meta, nil, 0o600) },
		"missing": func() error { return os.Remove(meta) },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		if e := wantOpenError(t, o, jet.Damaged); !strings.Contains(e.Error(), "KV_runs") {
			t.Errorf("%s: the error does not name the stream: %v", name, e)
		}
	}
	if err := os.WriteFile(meta, good, 0o600); err != nil {
		t.Fatal(err)
	}
	wantValue(t, keyValue(t, open(t, o), jet.KV{Bucket: "runs"}), "a", "1")
}

// TestDamagedBlock: the server would cut a block off where it is damaged and go
// on; here it is an error, and everything is still there once the file is.
func TestDamagedBlock(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"a flipped bit": func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"the last byte": func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"cut off":       func(b []byte) []byte { return b[:len(b)/2] },
		"garbage":       func(b []byte) []byte { return bytes.Repeat([]byte("garbage!"), len(b)/8+1)[:len(b)] },
		"zeros in it":   func(b []byte) []byte { clear(b[len(b)/4 : len(b)/2]); return b },
		"empty":         func([]byte) []byte { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			o := jet.Options{Dir: t.TempDir()}
			j := open(t, o)
			fill(t, j)
			shut(t, j)
			block := filepath.Join(streamDir(o.Dir, "KV_runs"), "msgs", "1.blk")
			good, err := os.ReadFile(block)
			if err == nil {
				err = os.WriteFile(block, damage(bytes.Clone(good)), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if e := wantOpenError(t, o, jet.Damaged); !strings.Contains(e.Error(), block) {
					t.Errorf("the error does not name the file: %v", e)
				}
			}
			if err := os.WriteFile(block, good, 0o600); err != nil {
				t.Fatal(err)
			}
			wantFilled(t, open(t, o), 10)
		})
	}
}

// fill writes ten keys.
func fill(t *testing.T, j *jet.Jet) {
	t.Helper()
	kv := keyValue(t, j, jet.KV{Bucket: "runs"})
	for i := range 10 {
		put(t, kv, fmt.Sprint(i), strings.Repeat("value", 10))
	}
}

func wantFilled(t *testing.T, j *jet.Jet, n int) {
	t.Helper()
	all, err := jet.Entries(t.Context(), keyValue(t, j, jet.KV{Bucket: "runs"}), ">")
	if err != nil || len(all) != n {
		t.Errorf("%d keys are there, %v; want %d", len(all), err, n)
	}
}

// TestHalfWritten: the end of a record that a killed process was writing is no
// damage.
func TestHalfWritten(t *testing.T) {
	for name, end := range map[string]func(record []byte) []byte{
		"few bytes":    func(r []byte) []byte { return r[:9] },
		"half":         func(r []byte) []byte { return r[:len(r)/2] },
		"never filled": func(r []byte) []byte { clear(r[len(r)/2:]); return r },
		"zeros":        func(r []byte) []byte { clear(r); return r },
	} {
		t.Run(name, func(t *testing.T) {
			o := jet.Options{Dir: t.TempDir()}
			j := open(t, o)
			fill(t, j)
			shut(t, j)
			if err := os.Remove(filepath.Join(o.Dir, "closed.json")); err != nil { // it was killed
				t.Fatal(err)
			}
			block := filepath.Join(streamDir(o.Dir, "KV_runs"), "msgs", "1.blk")
			b, err := os.ReadFile(block)
			if err != nil {
				t.Fatal(err)
			}
			last := len(b) - len(b)/10 // all records have the same length
			if err := os.WriteFile(block, append(b[:last:last], end(b[last:])...), 0o600); err != nil {
				t.Fatal(err)
			}
			wantFilled(t, open(t, o), 9)
		})
	}
}

// TestHalfMade: what a process left that was killed while it made a stream or a
// consumer does not keep the next one from making it.
func TestHalfMade(t *testing.T) {
	o := jet.Options{Dir: t.TempDir()}
	j := open(t, o)
	s, err := j.Stream(t.Context(), jetstream.StreamConfig{Name: "WORK", Subjects: []string{"work"}})
	if err == nil {
		_, err = s.CreateConsumer(t.Context(), jetstream.ConsumerConfig{Durable: "workers", AckPolicy: jetstream.AckExplicitPolicy})
	}
	if err != nil {
		t.Fatal(err)
	}
	keyValue(t, j, jet.KV{Bucket: "empty"})
	keyValue(t, j, jet.KV{Bucket: "none"})
	shut(t, j)
	for _, name := range []string{"KV_empty/meta.sum", "KV_none/meta.inf", "KV_none/meta.sum", "WORK/obs/workers/meta.sum"} {
		if err := os.Remove(streamDir(o.Dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		j = open(t, o)
		for _, bucket := range []string{"empty", "none"} {
			kv := keyValue(t, j, jet.KV{Bucket: bucket, History: 5})
			put(t, kv, "a", bucket)
			wantValue(t, kv, "a", bucket)
		}
		if s, err = j.JS.Stream(t.Context(), "WORK"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.CreateOrUpdateConsumer(t.Context(), jetstream.ConsumerConfig{Durable: "workers", AckPolicy: jetstream.AckExplicitPolicy}); err != nil {
			t.Error(err)
		}
		shut(t, j)
	}
	j = open(t, o)
	if s, err = j.JS.Stream(t.Context(), "WORK"); err == nil {
		_, err = s.Consumer(t.Context(), "workers")
	}
	if err != nil {
		t.Errorf("the consumer is not kept: %v", err)
	}
}

// childDir in the environment makes this test binary a process that makes
// streams in that folder until it is killed.
const childDir = "RAKAM_TEST_CHILD_DIR"

func createForEver(dir string) {
	ctx := context.Background()
	j, err := jet.Open(ctx, jet.Options{Dir: dir, Log: quiet})
	for i := 0; err == nil; i++ {
		var kv jetstream.KeyValue
		kv, err = j.KeyValue(ctx, jet.KV{Bucket: fmt.Sprint("b", time.Now().UnixNano())})
		if err == nil && i%2 == 0 {
			_, err = kv.PutString(ctx, "a", "1")
		}
		if err == nil {
			fmt.Println(kv.Bucket(), i%2 == 0)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// TestKilledWhileMaking: wherever a process is killed that makes streams, the
// store opens again and holds what was acknowledged.
func TestKilledWhileMaking(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	filled := map[string]bool{}
	for range 6 {
		var out bytes.Buffer
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), childDir+"="+dir)
		child.Stdout, child.Stderr = &out, os.Stderr
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(200*time.Millisecond + time.Duration(rand.IntN(150_000))*time.Microsecond)
		child.Process.Kill()
		if err := child.Wait(); child.ProcessState.ExitCode() != -1 {
			t.Fatalf("the child was not killed, it ended: %v", err)
		}
		lines := strings.Split(out.String(), "\n")
		for _, line := range lines[:len(lines)-1] {
			bucket, full, _ := strings.Cut(line, " ")
			filled[bucket] = full == "true"
		}
		j := open(t, jet.Options{Dir: dir})
		for bucket, full := range filled {
			kv, err := j.JS.KeyValue(t.Context(), bucket)
			if err != nil {
				t.Errorf("%s: %v", bucket, err)
			} else if full {
				wantValue(t, kv, "a", "1")
			}
		}
		shut(t, j)
	}
	t.Logf("%d streams", len(filled))
}
