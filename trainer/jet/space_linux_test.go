package jet_test

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"rakam/trainer/jet"
	"rakam/trainer/jet/disktest"
)

func wantBroken(t *testing.T, j *jet.Jet) {
	t.Helper()
	select {
	case <-j.Broken():
	case <-time.After(15 * time.Second):
		t.Fatal("the store does not notice")
	}
}

// TestDiskFull: on a disk without any space left (not the server's own limit, see
// TestFull) what was acknowledged is there, what is new is refused at once, what
// is deleted goes; and with space again there is a store as before.
func TestDiskFull(t *testing.T) {
	dir := disktest.Small(t, "32m")
	o := jet.Options{Dir: filepath.Join(dir, "data")}
	j := open(t, o)
	kv := keyValue(t, j, jet.KV{Bucket: "busy"})
	put(t, kv, "kept", "1")
	empty := disktest.Fill(t, dir)
	acknowledged := 0
	for {
		if _, err := kv.Put(t.Context(), "large", bytes.Repeat([]byte{byte(acknowledged)}, 3000)); err != nil {
			break
		}
		if acknowledged++; acknowledged > 100 {
			t.Fatal("the disk never gets full")
		}
	}
	wantBroken(t, j)
	_ = j.Close() // which can't write down the sizes

	j = open(t, o)
	if !j.Short() {
		t.Error("the store does not say that it is short of space")
	}
	kv = keyValue(t, j, jet.KV{Bucket: "busy"})
	wantValue(t, kv, "kept", "1")
	if acknowledged > 0 {
		wantValue(t, kv, "large", string(bytes.Repeat([]byte{byte(acknowledged - 1)}, 3000)))
	}
	begun := time.Now()
	if _, err := kv.PutString(t.Context(), "new", "1"); !jet.Full(err) || time.Since(begun) > time.Second {
		t.Errorf("adding where nothing fits: %v after %s", err, time.Since(begun))
	}
	if err := j.Forget(t.Context(), kv, "large"); err != nil {
		t.Errorf("deleting where nothing fits: %v", err)
	}

	empty()
	wantBroken(t, j)
	shut(t, j)
	j = open(t, o)
	kv = keyValue(t, j, jet.KV{Bucket: "busy"})
	wantValue(t, kv, "kept", "1")
	put(t, kv, "new", "2")
	if j.Short() {
		t.Error("the store is short of space with 30 MB free")
	}
}
