package registry_test

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"rakam/trainer/fit"
	"rakam/trainer/jet"
	"rakam/trainer/registry"
)

func TestVersions(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		j := openJet(t, o)
		r := openIn(t, j)
		files := []registry.Files{version(1), large(2), version(3)}
		var added []registry.Version
		for _, f := range files {
			added = append(added, add(t, r, f))
		}
		first := added[0]
		if first.Recipe != "seed" || first.ID != "seed-"+first.SHA256[:8] || first.Spec != "784-10" || first.Parameters != 7850 ||
			first.Accuracy != 0.98 || first.Size != len(files[0].Model) || first.Run != "run1" || first.Shipped || time.Since(first.Created) > time.Minute {
			t.Errorf("added %+v", first)
		}
		again, err := r.Add(t.Context(), files[0], "run2")
		if err != nil || !reflect.DeepEqual(again, first) {
			t.Errorf("adding again gives %+v, %v; want what was there", again, err)
		}
		promote(t, r, first.ID)
		check := func(r *registry.Registry) {
			list, err := r.List(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, v := range list {
				ids = append(ids, v.ID)
			}
			if want := []string{"seed", added[2].ID, added[1].ID, added[0].ID}; !reflect.DeepEqual(ids, want) {
				t.Errorf("listed %v, want %v", ids, want)
			}
			if !list[0].Shipped || list[0].Recipe != "seed" || list[0].Accuracy < 0.97 || list[0].Promoted != nil {
				t.Errorf("the shipped version is %+v", list[0])
			}
			if p := list[3].Promoted; p == nil || p.By != "ada" || p.Previous != "seed" {
				t.Errorf("the champion was promoted by %+v", p)
			}
			for i, f := range files {
				wantFiles(t, r, added[i].ID, f)
				got, err := r.Get(t.Context(), added[i].ID)
				got.Promoted = nil
				if err != nil || !reflect.DeepEqual(got, added[i]) {
					t.Errorf("got %+v, %v; want %+v", got, err, added[i])
				}
			}
			m, err := r.Model(t.Context(), added[1].ID)
			if err != nil || m.Spec.String() != "784-100-10" {
				t.Errorf("the model is %v, %v", m, err)
			}
		}
		check(r)
		check(reopened(t, j, o))
	})
}

func TestShippedFiles(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) { checkShipped(t, openIn(t, openJet(t, o))) })
}

func checkShipped(t *testing.T, r *registry.Registry) {
	t.Helper()
	v, err := r.Get(t.Context(), "seed")
	if err != nil || !v.Shipped || v.Size == 0 || len(v.SHA256) != 64 {
		t.Errorf("got %+v, %v", v, err)
	}
	for _, name := range []string{fit.ModelFile, fit.ReportFile, fit.HistoryFile, fit.CardFile} {
		if b, err := r.File(t.Context(), "seed", name); err != nil || len(b) < 10 {
			t.Errorf("%s: %d bytes, %v", name, len(b), err)
		}
	}
	if err := r.Delete(t.Context(), "seed"); !errors.Is(err, registry.ErrIsShipped) {
		t.Errorf("deleting what ships: %v", err)
	}
	wantChampion(t, r, "seed")
}

// TestWithoutStore: what ships can be had, nothing can be changed, and whoever
// tries is told.
func TestWithoutStore(t *testing.T) {
	r, err := registry.Open(t.Context(), nil, seedOnly())
	if err != nil {
		t.Fatal(err)
	}
	checkShipped(t, r)
	if list, err := r.List(t.Context()); err != nil || len(list) == 0 || list[0].ID != "seed" {
		t.Errorf("listed %v, %v", list, err)
	}
	w, err := r.Watch(t.Context())
	if err != nil || w == nil {
		t.Errorf("watching: %v", err)
	}
	_, add := r.Add(t.Context(), version(1), "")
	_, _, correct := r.AddCorrection(t.Context(), correction(1))
	_, list := r.Corrections(t.Context(), registry.Filter{})
	promote := r.Promote(t.Context(), registry.Promotion{Version: "seed"}, 0)
	for what, err := range map[string]error{"Add": add, "AddCorrection": correct, "Corrections": list, "Promote": promote} {
		if !errors.Is(err, registry.ErrNoStore) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := r.Get(t.Context(), "seed-00000000"); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("Get: %v", err)
	}
}

// TestAddRefuses: files that do not fit together are no version.
func TestAddRefuses(t *testing.T) {
	r := openIn(t, openJet(t, jet.Options{Dir: t.TempDir()}))
	good := version(1)
	for name, change := range map[string]func(*registry.Files){
		"a model cut off":           func(f *registry.Files) { f.Model = f.Model[:1000] },
		"no report":                 func(f *registry.Files) { f.Report = nil },
		"the report of another one": func(f *registry.Files) { f.Report = version(2).Report },
		"no history":                func(f *registry.Files) { f.History = []byte("{") },
	} {
		f := good
		change(&f)
		if _, err := r.Add(t.Context(), f, ""); !errors.Is(err, registry.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if list, _ := r.List(t.Context()); len(list) != 1 {
		t.Errorf("%d versions are there", len(list))
	}
}

func TestNotFound(t *testing.T) {
	r := openIn(t, openJet(t, jet.Options{Dir: t.TempDir()}))
	v := add(t, r, version(1))
	for _, id := range []string{"", "five", "seed-00000000", "../etc", "a b", "*", ">", strings.Repeat("x", 5000)} {
		if _, err := r.Get(t.Context(), id); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("Get(%.20q): %v", id, err)
		}
		if err := r.Delete(t.Context(), id); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("Delete(%.20q): %v", id, err)
		}
		if err := r.Promote(t.Context(), registry.Promotion{Version: id}, 0); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("Promote(%.20q): %v", id, err)
		}
		if _, err := r.GetCorrection(t.Context(), id, ""); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("GetCorrection(%.20q): %v", id, err)
		}
	}
	if _, err := r.File(t.Context(), v.ID, "secret"); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("a file that is none: %v", err)
	}
}

// TestAddAtOnce: several workers add the same version; it is there once.
func TestAddAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		j := openJet(t, o)
		r := openIn(t, j)
		f := large(1)
		var all [6]registry.Version
		var wg sync.WaitGroup
		for i := range all {
			wg.Go(func() {
				v, err := r.Add(t.Context(), f, "run1")
				if err != nil {
					t.Error(err)
				}
				all[i] = v
			})
		}
		wg.Wait()
		for _, v := range all {
			if !reflect.DeepEqual(v, all[0]) {
				t.Errorf("one was told %+v, another %+v", all[0], v)
			}
		}
		wantFiles(t, r, all[0].ID, f)
		wantObjects(t, j, 4)
	})
}

// wantObjects checks how many files of versions the store holds.
func wantObjects(t *testing.T, j *jet.Jet, want int) {
	t.Helper()
	store, err := j.JS.ObjectStore(t.Context(), registry.VersionsBucket)
	if err != nil {
		t.Fatal(err)
	}
	objects, _ := store.List(t.Context())
	if len(objects) != want {
		t.Errorf("%d files are in the store, want %d", len(objects), want)
	}
}

func TestDelete(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		j := openJet(t, o)
		r, err := registry.OpenSmall(t.Context(), j, seedOnly(), registry.Small{Corrections: 20})
		if err != nil {
			t.Fatal(err)
		}
		kept, gone := add(t, r, version(1)), add(t, r, large(2))
		promote(t, r, gone.ID)
		if err := r.Delete(t.Context(), gone.ID); !errors.Is(err, registry.ErrIsChampion) {
			t.Fatalf("deleting the champion: %v", err)
		}
		promote(t, r, kept.ID)
		if err := r.Delete(t.Context(), gone.ID); err != nil {
			t.Fatal(err)
		}
		check := func(r *registry.Registry) {
			for what, err := range map[string]error{
				"Get":     second(r.Get(t.Context(), gone.ID)),
				"File":    second(r.File(t.Context(), gone.ID, fit.ModelFile)),
				"Gate":    second(r.Gate(t.Context(), gone.ID, kept.ID)),
				"Delete":  r.Delete(t.Context(), gone.ID),
				"Promote": r.Promote(t.Context(), registry.Promotion{Version: gone.ID}, wantChampion(t, r, kept.ID)),
			} {
				if !errors.Is(err, registry.ErrNotFound) {
					t.Errorf("%s of a deleted version: %v", what, err)
				}
			}
			if list, err := r.List(t.Context()); err != nil || len(list) != 2 {
				t.Errorf("listed %v, %v", list, err)
			}
			wantFiles(t, r, kept.ID, version(1))
		}
		check(r)
		wantObjects(t, j, 4)
		again := add(t, r, large(2)) // trained once more
		wantFiles(t, r, again.ID, large(2))
		if err := r.Delete(t.Context(), gone.ID); err != nil {
			t.Fatal(err)
		}
		check(reopened(t, j, o))
	})
}

func second[T any](_ T, err error) error { return err }

// TestDeleteWhileRead: a reader gets the whole file or is told that the version
// is gone, and never half of it.
func TestDeleteWhileRead(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		j := openJet(t, o)
		r := openIn(t, j)
		f := large(1)
		for range 3 {
			id := add(t, r, f).ID
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() {
					for {
						b, err := r.File(t.Context(), id, fit.ModelFile)
						if errors.Is(err, registry.ErrNotFound) {
							return
						}
						if err != nil || len(b) != len(f.Model) {
							t.Errorf("read %d bytes, %v", len(b), err)
							return
						}
					}
				})
			}
			time.Sleep(10 * time.Millisecond)
			if err := r.Delete(t.Context(), id); err != nil {
				t.Error(err)
			}
			wg.Wait()
		}
	})
}
