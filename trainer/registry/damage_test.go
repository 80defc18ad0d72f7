package registry_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"rakam/trainer/fit"
	"rakam/trainer/jet"
	"rakam/trainer/registry"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// purge removes the messages of a subject, as a damaged disk would.
func purge(t *testing.T, j *jet.Jet, stream, subject string) {
	t.Helper()
	s, err := j.JS.Stream(t.Context(), stream)
	if err == nil {
		err = s.Purge(t.Context(), jetstream.WithPurgeSubject(subject))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestLostFiles: a champion of which the store has lost the weights is replaced
// by what ships; the others are served on; adding the files again heals it.
func TestLostFiles(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		j := openJet(t, o)
		r := openIn(t, j)
		hurt, fine := add(t, r, large(1)).ID, add(t, r, version(2)).ID
		revision := promote(t, r, hurt)
		store, err := j.JS.ObjectStore(t.Context(), registry.VersionsBucket)
		if err != nil {
			t.Fatal(err)
		}
		objects, err := store.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range objects {
			if strings.HasSuffix(o.Name, "/"+fit.ModelFile) && o.Chunks > 1 {
				purge(t, j, "OBJ_"+registry.VersionsBucket, "$O."+registry.VersionsBucket+".C."+o.NUID)
			}
		}
		r = reopened(t, j, o)
		if _, err := r.File(t.Context(), hurt, fit.ModelFile); !errors.Is(err, registry.ErrDamaged) || !strings.Contains(err.Error(), hurt) {
			t.Errorf("reading the file: %v", err)
		}
		p, at, err := r.Champion(t.Context())
		if err != nil || p.Version != "seed" || !strings.Contains(p.Fallback, hurt) || at != revision {
			t.Fatalf("the champion is %+v at %d, %v", p, at, err)
		}
		if err := r.Promote(t.Context(), registry.Promotion{Version: hurt}, at); !errors.Is(err, registry.ErrDamaged) {
			t.Errorf("promoting it: %v", err)
		}
		if _, err := r.Gate(t.Context(), hurt, fine); !errors.Is(err, registry.ErrDamaged) {
			t.Errorf("comparing it: %v", err)
		}
		wantFiles(t, r, fine, version(2))
		add(t, r, large(1))
		wantChampion(t, r, hurt)
		wantFiles(t, r, hurt, large(1))
	})
}

// TestUnreadableRecords: what can't be read is named, can be deleted, and does
// not hide the rest.
func TestUnreadableRecords(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		j := openJet(t, o)
		r := openIn(t, j)
		hurt, fine := add(t, r, version(1)).ID, add(t, r, version(2)).ID
		c := correction(2)
		c.State = registry.Approved
		lost, kept := correct(t, r, correction(1)), correct(t, r, c)
		promote(t, r, hurt)
		for bucket, key := range map[string]string{registry.VersionsBucket: hurt, registry.CorrectionsBucket: lost.ID} {
			kv, err := j.JS.KeyValue(t.Context(), bucket)
			if err == nil {
				_, err = kv.PutString(t.Context(), key, `{"id":`)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if p, _, err := r.Champion(t.Context()); err != nil || p.Version != "seed" || p.Fallback == "" {
			t.Errorf("the champion is %+v, %v", p, err)
		}
		list, err := r.List(t.Context())
		if err != nil || len(list) != 3 {
			t.Fatalf("listed %+v, %v", list, err)
		}
		for _, v := range list {
			if (v.Damaged != "") != (v.ID == hurt) {
				t.Errorf("listed %+v", v)
			}
		}
		wantFiles(t, r, fine, version(2))
		all, err := r.Corrections(t.Context(), registry.Filter{})
		if !errors.Is(err, registry.ErrDamaged) || !strings.Contains(err.Error(), lost.ID) || len(all) != 1 || all[0].ID != kept.ID {
			t.Errorf("corrections: %+v, %v", all, err)
		}
		var damaged *registry.Unreadable
		if !errors.As(err, &damaged) || !slices.Equal(damaged.IDs, []string{lost.ID}) {
			t.Errorf("damaged are %+v", damaged)
		}
		if train, held, err := r.Approved(t.Context()); err != nil || len(train)+len(held) != 1 {
			t.Errorf("%d to train on, %d held out, %v; want the one that can be read", len(train), len(held), err)
		}
		if err := r.DeleteCorrection(t.Context(), lost.ID, ""); err != nil {
			t.Error(err)
		}
		promote(t, r, "seed")
		if err := r.Delete(t.Context(), hurt); err != nil {
			t.Error(err)
		}
		if list, _ := r.List(t.Context()); len(list) != 2 {
			t.Errorf("listed %+v", list)
		}
		add(t, r, version(1))
		wantFiles(t, r, hurt, version(1))
	})
}

// TestUnreadablePromotion: a champion that can't be read is the one that ships,
// and another can be promoted over it.
func TestUnreadablePromotion(t *testing.T) {
	j := openJet(t, jet.Options{Dir: t.TempDir()})
	r := openIn(t, j)
	id := add(t, r, version(1)).ID
	kv, err := j.JS.KeyValue(t.Context(), registry.ChampionBucket)
	if err == nil {
		_, err = kv.PutString(t.Context(), "champion", "?")
	}
	if err != nil {
		t.Fatal(err)
	}
	if p, _, err := r.Champion(t.Context()); err != nil || p.Version != "seed" || p.Fallback == "" {
		t.Errorf("the champion is %+v, %v", p, err)
	}
	promote(t, r, id)
}

// TestFull: a store without space says so, keeps what it has, and works again
// when something is deleted.
func TestFull(t *testing.T) {
	o := jet.Options{Dir: t.TempDir(), MaxStore: 512 << 10}
	j := openJet(t, o)
	r := openIn(t, j)
	padding, err := j.KeyValue(t.Context(), jet.KV{Bucket: "padding"})
	if err != nil {
		t.Fatal(err)
	}
	first := add(t, r, version(0))
	revision := promote(t, r, first.ID)
	kept := map[string]int{first.ID: 0}
	var full error
	for tag := 1; full == nil; tag++ {
		var v registry.Version
		if v, full = r.Add(t.Context(), version(tag), ""); full == nil {
			kept[v.ID] = tag
		}
	}
	if !errors.Is(full, registry.ErrNoSpace) || len(kept) < 5 {
		t.Fatalf("after %d versions: %v", len(kept), full)
	}
	pad(t, padding)
	if _, _, err := r.AddCorrection(t.Context(), correction(1)); !errors.Is(err, registry.ErrNoSpace) {
		t.Errorf("adding a correction: %v", err)
	}
	if err := r.Promote(t.Context(), registry.Promotion{Version: "seed"}, revision); !errors.Is(err, registry.ErrNoSpace) {
		t.Errorf("promoting: %v", err)
	}
	check := func(r *registry.Registry) {
		wantChampion(t, r, first.ID)
		if list, err := r.List(t.Context()); err != nil || len(list) != len(kept)+1 {
			t.Errorf("listed %d versions, %v; want %d", len(list), err, len(kept)+1)
		}
		for id, tag := range kept {
			wantFiles(t, r, id, version(tag))
		}
	}
	check(r)
	r = reopened(t, j, o)
	check(r)
	for id, tag := range kept {
		if tag >= 2 {
			if err := r.Delete(t.Context(), id); err != nil {
				t.Fatalf("deleting: %v", err)
			}
			delete(kept, id)
		}
	}
	v := add(t, r, version(1000))
	kept[v.ID] = 1000
	check(r)
	promote(t, r, v.ID)
}

// pad uses up the last bytes.
func pad(t *testing.T, kv jetstream.KeyValue) {
	t.Helper()
	for i, size := 0, 32<<10; size > 0; size /= 8 {
		for err := error(nil); err == nil; i++ {
			_, err = kv.Put(t.Context(), strconv.Itoa(i), make([]byte, size))
		}
	}
}

// TestSweep: the files of a version that was being added by a process that was
// killed go when no writer can still be at them, and not before.
func TestSweep(t *testing.T) {
	j := openJet(t, jet.Options{Dir: t.TempDir()})
	r := openIn(t, j)
	store, err := j.JS.ObjectStore(t.Context(), registry.VersionsBucket)
	if err == nil {
		_, err = store.PutBytes(t.Context(), "folder/"+fit.ModelFile, []byte("half"))
	}
	if err != nil {
		t.Fatal(err)
	}
	add(t, r, version(2))
	id := add(t, r, version(1)).ID
	if err := r.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	wantObjects(t, j, 9) // within the minute for readers
	sweep := func(abandoned time.Duration) {
		t.Helper()
		if _, err := registry.OpenSmall(t.Context(), j, seedOnly(), registry.Small{Corrections: 20, Abandoned: abandoned}); err != nil {
			t.Fatal(err)
		}
	}
	sweep(time.Hour)
	wantObjects(t, j, 5)
	sweep(time.Nanosecond)
	wantObjects(t, j, 4)
	if list, err := r.List(t.Context()); err != nil || len(list) != 2 {
		t.Errorf("%d versions are left (%v)", len(list), err)
	}
}

// TestGate measures on MNIST's last training images, where both models see
// nothing, and on corrections.
func TestGate(t *testing.T) {
	r := openIn(t, openJet(t, jet.Options{Dir: t.TempDir()}))
	held := 0
	for tag := range 12 {
		c := correction(tag)
		c.State = registry.Approved
		if correct(t, r, c).HeldOut() {
			held++
		}
	}
	holding, trained := report.ValidationLen, 0
	challenger := add(t, r, versionOf(model(0, 1, holding, 0))).ID
	champion := add(t, r, versionOf(model(nn.ImageSize/2, 2, holding, 0))).ID
	c, err := r.Gate(t.Context(), challenger, champion)
	if err != nil || c.Samples != report.ValidationLen+held || c.Corrections != held || held == 0 || c.Contaminated || c.Verdict == report.Incomparable {
		t.Errorf("%+v, %v; %d corrections are held out", c, err, held)
	}
	if c.BothRight+c.BothWrong+c.OnlyChallenger+c.OnlyChampion != c.Samples || c.OnlyChallenger+c.OnlyChampion == 0 {
		t.Errorf("the parts are %+v", c)
	}
	altered := c
	altered.BothRight = -1
	r.AlterGates(func(known *report.Comparison) { *known = altered })
	if again, err := r.Gate(t.Context(), challenger, champion); err != nil || again != altered {
		t.Errorf("measured again: %+v, %v", again, err)
	}
	if back, err := r.Gate(t.Context(), champion, challenger); err != nil || back.OnlyChampion != c.OnlyChallenger || back.OnlyChallenger != c.OnlyChampion {
		t.Errorf("the other way round: %+v, %v; before %+v", back, err, c)
	}
	for tag := 12; ; tag++ { // what is held out since counts too
		more := correction(tag)
		more.State = registry.Approved
		if correct(t, r, more).HeldOut() {
			break
		}
	}
	if more, err := r.Gate(t.Context(), challenger, champion); err != nil || more.Corrections != held+1 {
		t.Errorf("with another correction: %+v, %v", more, err)
	}
	like := add(t, r, versionOf(model(0, 3, trained, 0))).ID
	if c, err := r.Gate(t.Context(), challenger, like); err != nil || !c.Contaminated || c.Verdict != report.Incomparable {
		t.Errorf("against one trained on all images: %+v, %v", c, err)
	}
}
