package main

import (
	"fmt"
	"testing"
)

// TestNamesOfNothingPushOutNothing: whoever asks for versions that are not there
// does not make the server read those that are again.
func TestNamesOfNothingPushOutNothing(t *testing.T) {
	r := startTrainer(t)
	id := r.addVersion(t, 1).ID
	path := "/api/v1/models/" + id
	play(t, r.running, []scenario{{name: "read", path: path, status: 200}})
	all := r.site.versions.Load()
	kept := func() *slot {
		all.mu.Lock()
		defer all.mu.Unlock()
		if len(all.reading) > 0 {
			t.Errorf("%d versions are being read for ever", len(all.reading))
		}
		return all.kept[id]
	}
	before := kept()
	for i := range 2 * keptVersions {
		if a := r.get(t, fmt.Sprintf("/api/v1/models/seed-%08x", i)); a.StatusCode != 404 {
			t.Fatalf("version %d: %d", i, a.StatusCode)
		}
	}
	if after := kept(); before == nil || after != before {
		t.Errorf("the version was kept as %p, then as %p", before, after)
	}
}

// TestTheVersionUsedLongestAgoGoes: memory holds so many versions and no more.
func TestTheVersionUsedLongestAgoGoes(t *testing.T) {
	all := &versions{kept: map[string]*slot{}, reading: map[string]*slot{}}
	keep := func(id string) {
		if one, first := all.slot(id); first {
			all.settle(id, one)
		}
	}
	for i := range keptVersions {
		keep(fmt.Sprint(i))
	}
	keep("0") // used again
	keep("another")
	if len(all.kept) != keptVersions || all.kept["1"] != nil || all.kept["0"] == nil || all.kept["another"] == nil {
		t.Errorf("kept are %v", all.recent)
	}
	one, _ := all.slot("deleted while it is read")
	all.forget("deleted while it is read")
	if all.settle("deleted while it is read", one); all.kept["deleted while it is read"] != nil {
		t.Error("what was forgotten is kept")
	}
}
