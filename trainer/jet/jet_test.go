package jet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rakam/trainer/jet"
)

func TestKeyValue(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		j := open(t, o)
		if err := j.Check(t.Context()); err != nil {
			t.Error(err)
		}
		if j.Embedded() != (o.URL == "") {
			t.Errorf("embedded: %v", j.Embedded())
		}
		shape := jet.KV{Bucket: "runs", History: 3, MaxKeys: 2}
		kv := keyValue(t, j, shape)
		first := put(t, kv, "a", "1")
		second, err := kv.Update(t.Context(), "a", []byte("2"), first)
		if err != nil || second <= first {
			t.Errorf("update: revision %d, %v", second, err)
		}
		_, stale := kv.Update(t.Context(), "a", []byte("3"), first)
		_, again := kv.Create(t.Context(), "a", []byte("3"))
		if !jet.Conflict(stale) || !jet.Conflict(again) || jet.Conflict(nil) || jet.Full(stale) || jet.Crowded(stale) {
			t.Errorf("a stale update: %v; creating what is there: %v", stale, again)
		}
		for _, v := range []string{"3", "4"} {
			put(t, kv, "a", v)
		}
		shut(t, j)
		j = open(t, o)
		kv = keyValue(t, j, shape)
		wantValue(t, kv, "a", "4")
		history, err := jet.History(t.Context(), kv, "a")
		if err != nil || len(history) != 3 || string(history[0].Value()) != "2" {
			t.Errorf("history: %v, %v", history, err)
		}
		put(t, kv, "b", "1")
		put(t, kv, "b", "2")
		put(t, kv, "b", "3")
		if _, err := kv.PutString(t.Context(), "c", "1"); !jet.Crowded(err) || jet.Full(err) || jet.Conflict(err) {
			t.Errorf("a key too many: %v", err)
		}
		if err := j.Forget(t.Context(), kv, "a"); err != nil {
			t.Error(err)
		}
		if all, err := jet.Entries(t.Context(), kv, ">"); err != nil || len(all) != 1 || all[0].Key() != "b" {
			t.Errorf("after forgetting a: %v, %v", all, err)
		}
		put(t, kv, "c", "1")
	})
}

func TestEntriesOfMany(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		j := open(t, o)
		kv := keyValue(t, j, jet.KV{Bucket: "many"})
		if all, err := jet.Entries(t.Context(), kv, ">"); err != nil || len(all) != 0 {
			t.Errorf("of none: %v, %v", all, err)
		}
		const n = 600 // more than a watcher buffers
		for i := range n {
			if _, err := j.JS.PublishAsync("$KV.many.k"+string(rune('a'+i/26))+string(rune('a'+i%26)), []byte("x")); err != nil {
				t.Fatal(err)
			}
		}
		<-j.JS.PublishAsyncComplete()
		if all, err := jet.Entries(t.Context(), kv, ">"); err != nil || len(all) != n {
			t.Errorf("%d entries, %v; want %d", len(all), err, n)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := jet.Entries(ctx, kv, ">"); err == nil {
			t.Error("a cancelled context is no error")
		}
	})
}

// TestEntriesWhileWritten: every key is listed once while all of them are
// rewritten, and with no value older than the one that was there before.
func TestEntriesWhileWritten(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		kv := keyValue(t, open(t, o), jet.KV{Bucket: "busy"})
		keys := []string{"a", "b", "c", "d"}
		for _, key := range keys {
			put(t, kv, key, "0")
		}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()
		for _, key := range keys {
			wg.Go(func() {
				for ctx.Err() == nil {
					if _, err := kv.PutString(ctx, key, "1"); err != nil && ctx.Err() == nil {
						t.Error(err)
					}
				}
			})
		}
		last := map[string]uint64{}
		for i := range 100 {
			all, err := jet.Entries(ctx, kv, ">")
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			for _, e := range all {
				if e.Revision() < last[e.Key()] {
					t.Errorf("listing %d goes back in time with %s", i, e.Key())
				}
				seen[e.Key()], last[e.Key()] = true, e.Revision()
			}
			if len(all) != len(keys) || len(seen) != len(keys) {
				t.Fatalf("listing %d has %d entries of %d keys, want one each of %d", i, len(all), len(seen), len(keys))
			}
		}
	})
}

func TestObjects(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		j := open(t, o)
		store := objects(t, j)
		data := bytes.Repeat([]byte("rakam"), 100_000) // several chunks
		for _, name := range []string{"a/model", "b/model", "c/model"} {
			if _, err := store.PutBytes(t.Context(), name, data); err != nil {
				t.Fatal(err)
			}
		}
		shut(t, j)
		j = open(t, o)
		store = objects(t, j)
		if b, err := store.Read(t.Context(), "a/model"); err != nil || !bytes.Equal(b, data) {
			t.Errorf("read %d bytes, %v", len(b), err)
		}
		if _, err := store.Read(t.Context(), "d"); !errors.Is(err, jetstream.ErrObjectNotFound) {
			t.Errorf("reading what is not there: %v", err)
		}
		loseChunk(t, j, store, "b/model", 1)
		loseChunk(t, j, store, "c/model", 1000)
		for _, name := range []string{"b/model", "c/model"} {
			begun := time.Now()
			if _, err := store.Read(t.Context(), name); !errors.Is(err, jet.ErrDamaged) || time.Since(begun) > 5*time.Second {
				t.Errorf("reading the damaged %s: %v after %s", name, err, time.Since(begun))
			}
		}
	})
}

// loseChunk removes the first n chunks of an object.
func loseChunk(t *testing.T, j *jet.Jet, store *jet.Objects, name string, n uint64) {
	t.Helper()
	info, err := store.GetInfo(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := j.JS.Stream(t.Context(), "OBJ_files")
	if err != nil {
		t.Fatal(err)
	}
	keep := uint64(info.Chunks) - min(n, uint64(info.Chunks))
	opts := []jetstream.StreamPurgeOpt{jetstream.WithPurgeSubject("$O.files.C." + info.NUID)}
	if keep > 0 {
		opts = append(opts, jetstream.WithPurgeKeep(keep))
	}
	if err := s.Purge(t.Context(), opts...); err != nil {
		t.Fatal(err)
	}
}

func TestSweep(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		j := open(t, o)
		store := objects(t, j)
		for _, name := range []string{"keep", "drop"} {
			if _, err := store.PutString(t.Context(), name, name); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := j.JS.Publish(t.Context(), "$O.files.C.stray", []byte("a chunk")); err != nil {
			t.Fatal(err)
		}
		keep := func(o *jetstream.ObjectInfo) bool { return o.Name == "keep" }
		for _, c := range []struct {
			age  time.Duration
			left uint64 // messages: chunk and description of keep, and the stray
		}{{time.Hour, 3}, {0, 2}} {
			if err := store.Sweep(t.Context(), c.age, keep); err != nil {
				t.Fatal(err)
			}
			s, err := j.JS.Stream(t.Context(), "OBJ_files")
			if err != nil || s.CachedInfo().State.Msgs != c.left {
				t.Errorf("%d messages are left, want %d", s.CachedInfo().State.Msgs, c.left)
			}
		}
		if b, err := store.Read(t.Context(), "keep"); err != nil || string(b) != "keep" {
			t.Errorf("read %q, %v", b, err)
		}
	})
}

func wantOpenError(t *testing.T, o jet.Options, why jet.Why) *jet.OpenError {
	t.Helper()
	o.Log = quiet
	j, err := jet.Open(t.Context(), o)
	if err == nil {
		shut(t, j)
	}
	var e *jet.OpenError
	if !errors.As(err, &e) || e.Why != why || e.Hint == "" || e.Where == "" {
		t.Fatalf("opening: %v, want one that is %s", err, why)
	}
	return e
}

func TestLocked(t *testing.T) {
	o := jet.Options{Dir: t.TempDir()}
	j := open(t, o)
	wantOpenError(t, o, jet.Locked)
	kv := keyValue(t, j, jet.KV{Bucket: "a"})
	put(t, kv, "a", "unharmed")
	shut(t, j)
	wantValue(t, keyValue(t, open(t, o), jet.KV{Bucket: "a"}), "a", "unharmed")
}

func TestUnusable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantOpenError(t, jet.Options{Dir: file}, jet.Unusable)
	wantOpenError(t, jet.Options{Dir: filepath.Join(file, "below")}, jet.Unusable)
	wantOpenError(t, jet.Options{Dir: ""}, jet.Unusable)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "jetstream"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantOpenError(t, jet.Options{Dir: dir}, jet.Unusable)
}

func TestServersThatDoNotServe(t *testing.T) {
	gone := serve(t, server.Options{JetStream: true})
	url := gone.ClientURL()
	stop(gone)
	secret := strings.Replace(url, "//", "//ada:secret@", 1)
	if e := wantOpenError(t, jet.Options{URL: secret}, jet.Unreachable); strings.Contains(e.Error(), "secret") {
		t.Errorf("the error tells the password: %v", e)
	}
	wantOpenError(t, jet.Options{URL: serve(t, server.Options{}).ClientURL()}, jet.NoJetStream)
	closed := serve(t, server.Options{JetStream: true, Username: "ada", Password: "right"}).ClientURL()
	wantOpenError(t, jet.Options{URL: closed}, jet.Unreachable)
	open(t, jet.Options{URL: strings.Replace(closed, "//", "//ada:right@", 1)})
}

// TestRetry: what fails because a server is away is done when it is back; what
// fails for another reason is not done again.
func TestRetry(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, server.Options{JetStream: true, StoreDir: dir})
	port := s.Addr().(*net.TCPAddr).Port
	j := open(t, jet.Options{URL: s.ClientURL()})
	kv := keyValue(t, j, jet.KV{Bucket: "a"})
	stop(s)
	tries := 0
	err := j.Retry(t.Context(), func(ctx context.Context) error {
		if tries++; tries == 2 {
			serve(t, server.Options{JetStream: true, StoreDir: dir, Port: port})
		}
		_, err := kv.PutString(ctx, "a", "1")
		return err
	})
	if err != nil || tries < 2 {
		t.Errorf("%v after %d tries", err, tries)
	}
	tries = 0
	err = j.Retry(t.Context(), func(ctx context.Context) error {
		tries++
		_, err := kv.Create(ctx, "a", nil)
		return err
	})
	if !jet.Conflict(err) || tries != 1 {
		t.Errorf("%v after %d tries", err, tries)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := j.Retry(ctx, func(context.Context) error { return nats.ErrNoResponders }); !errors.Is(err, nats.ErrNoResponders) {
		t.Error(err)
	}
}

// TestAway: what is written to a torn connection, at once or later, is the store's
// absence, and so is what nats.go says about it; an answer "no" is not.
func TestAway(t *testing.T) {
	t.Parallel()
	s := serve(t, server.Options{JetStream: true})
	for name, breaks := range map[string]error{
		"the server went":     &net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", syscall.EPIPE)},
		"the server reset it": &net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", syscall.ECONNRESET)},
		"we closed it":        &net.OpError{Op: "write", Net: "tcp", Err: net.ErrClosed},
	} {
		var d tearing
		conn, err := nats.Connect(s.ClientURL(), nats.SetCustomDialer(&d))
		if err != nil {
			t.Fatal(err)
		}
		d.tear.Store(&breaks)
		if err := conn.Publish("a", make([]byte, 128<<10)); !errors.Is(err, breaks) || !jet.Away(fmt.Errorf("chunk 1: %w", err)) {
			t.Errorf("%s: %v", name, err)
		}
		conn.Close()
		if err := conn.Publish("a", nil); !jet.Away(err) {
			t.Errorf("closed: %v", err)
		}
	}
	for _, err := range []error{nil, context.Canceled, syscall.ENOSPC, jetstream.ErrKeyExists, &jetstream.APIError{ErrorCode: 10071}} {
		if jet.Away(err) {
			t.Errorf("%v is the store's absence", err)
		}
	}
}

// tearing dials connections whose writes fail once tear is set.
type tearing struct {
	net.Dialer
	tear atomic.Pointer[error]
}

func (d *tearing) Dial(network, address string) (net.Conn, error) {
	c, err := d.Dialer.Dial(network, address)
	return &torn{c, d}, err
}

type torn struct {
	net.Conn
	dialer *tearing
}

func (c *torn) Write(b []byte) (int, error) {
	if err := c.dialer.tear.Load(); err != nil {
		return 0, *err
	}
	return c.Conn.Write(b)
}

// TestCluster: of three servers one is lost while somebody writes; every stream
// is kept three times and nothing is lost.
func TestCluster(t *testing.T) {
	t.Parallel()
	servers := cluster(t)
	var urls []string
	for _, s := range servers {
		urls = append(urls, s.ClientURL())
	}
	j := open(t, jet.Options{URL: strings.Join(urls, ",")})
	kv, store := keyValue(t, j, jet.KV{Bucket: "a"}), objects(t, j)
	s, err := j.JS.Stream(t.Context(), "KV_a")
	if err != nil || s.CachedInfo().Config.Replicas != 3 {
		t.Fatalf("%d replicas, %v", s.CachedInfo().Config.Replicas, err)
	}
	leader := s.CachedInfo().Cluster.Leader
	for i := range 30 {
		if i == 10 {
			for _, s := range servers {
				if s.Name() == leader {
					stop(s)
				}
			}
		}
		key := fmt.Sprint(i)
		err := j.Retry(t.Context(), func(ctx context.Context) error {
			if _, err := kv.PutString(ctx, key, key); err != nil {
				return err
			}
			_, err := store.PutString(ctx, key, key)
			return err
		})
		if err != nil {
			t.Fatalf("write %d: %v", i, err)
		}
	}
	all, err := jet.Entries(t.Context(), kv, ">")
	if err != nil || len(all) != 30 {
		t.Errorf("%d of 30 keys are there, %v", len(all), err)
	}
	for i := range 30 {
		key := fmt.Sprint(i)
		if b, err := store.Read(t.Context(), key); err != nil || string(b) != key {
			t.Errorf("object %s: %q, %v", key, b, err)
		}
	}
}
