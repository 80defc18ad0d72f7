package registry_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"rakam/trainer/drawn"
	"rakam/trainer/jet"
	"rakam/trainer/registry"
	"rakam/wasm/ink"
)

func correct(t *testing.T, r *registry.Registry, c registry.Correction) registry.Correction {
	t.Helper()
	kept, created, err := r.AddCorrection(t.Context(), c)
	if err != nil || !created {
		t.Fatalf("created %v: %v", created, err)
	}
	return kept
}

func TestCorrections(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		j := openJet(t, o)
		r := openIn(t, j)
		first := correct(t, r, correction(1))
		if first.State != registry.Pending || len(first.ID) != 32 || time.Since(first.Created) > time.Minute {
			t.Errorf("kept %+v", first)
		}
		bobs := correction(2)
		bobs.Author, bobs.State = "bob-token", registry.Approved
		bobs = correct(t, r, bobs)
		third := correct(t, r, correction(3))

		same := correction(1)
		same.Author, same.Version = "bob-token", "other"
		for range 2 {
			kept, created, err := r.AddCorrection(t.Context(), same)
			if err != nil || created || kept.ID != first.ID || kept.Author != "bob-token" || kept.Version != "other" || kept.State != registry.Pending {
				t.Errorf("the same by bob: %+v, created %v, %v", kept, created, err)
			}
			same.Created = kept.Created
		}
		same.ID, same.State = first.ID, registry.Pending
		other := correction(1)
		other.Label = 7
		if c := correct(t, r, other); c.ID == first.ID {
			t.Error("another label is another correction")
		} else if err := r.DeleteCorrection(t.Context(), c.ID, ""); err != nil {
			t.Error(err)
		}
		if got, err := r.Approve(t.Context(), third.ID); err != nil || got.State != registry.Approved || got.Author != third.Author {
			t.Errorf("approved %+v, %v", got, err)
		}
		third.State = registry.Approved
		check := func(r *registry.Registry) {
			for f, want := range map[registry.Filter][]registry.Correction{
				{}:                               {third, bobs, first},
				{Author: "alice-token"}:          {third, first},
				{State: registry.Pending}:        {first},
				{State: registry.Approved}:       {third, bobs},
				{"bob-token", registry.Approved}: {bobs},
				{"bob-token", registry.Pending}:  {same},
				{Author: "nobody"}:               nil,
			} {
				if got, err := r.Corrections(t.Context(), f); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("%+v: got %+v, %v; want %+v", f, got, err, want)
				}
			}
			if got, err := r.GetCorrection(t.Context(), bobs.ID, ""); err != nil || !reflect.DeepEqual(got, bobs) {
				t.Errorf("got %+v, %v; want %+v", got, err, bobs)
			}
		}
		check(r)
		r = reopened(t, j, o)
		check(r)
		if err := r.DeleteCorrection(t.Context(), first.ID, "carol-token"); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("deleting somebody else's: %v", err)
		}
		if err := r.DeleteCorrection(t.Context(), first.ID, "alice-token"); err != nil {
			t.Error(err)
		}
		if got, err := r.GetCorrection(t.Context(), first.ID, ""); err != nil || !reflect.DeepEqual(got, same) {
			t.Errorf("what alice has deleted and bob has not is %+v, %v; want %+v", got, err, same)
		}
		if _, err := r.GetCorrection(t.Context(), first.ID, "alice-token"); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("what alice has deleted is still hers: %v", err)
		}
		if err := r.DeleteCorrection(t.Context(), first.ID, "bob-token"); err != nil {
			t.Error(err)
		}
		if _, err := r.Approve(t.Context(), first.ID); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("approving what is deleted: %v", err)
		}
		if c := correct(t, r, correction(1)); c.ID != first.ID {
			t.Errorf("added again it is %s, and was %s", c.ID, first.ID)
		}
	})
}

// TestSharedAtOnce: of people who send and delete the same at the same time none
// loses what is his.
func TestSharedAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		r := openIn(t, openJet(t, o))
		c := correction(1)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				mine := c
				mine.Author = fmt.Sprint("author", i)
				for round := range 3 {
					if _, _, err := r.AddCorrection(t.Context(), mine); err != nil {
						t.Error(err)
					}
					list, err := r.Corrections(t.Context(), registry.Filter{Author: mine.Author})
					if err != nil || len(list) != 1 {
						t.Errorf("round %d: author %d has %d corrections, %v", round, i, len(list), err)
						return
					}
					if err := r.DeleteCorrection(t.Context(), list[0].ID, mine.Author); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if list, err := r.Corrections(t.Context(), registry.Filter{}); err != nil || len(list) != 0 {
			t.Errorf("%d corrections are left, %v", len(list), err)
		}
	})
}

// TestSharedByMany: how many may send the same is bounded.
func TestSharedByMany(t *testing.T) {
	r := openIn(t, openJet(t, jet.Options{URL: natsServer(t)}))
	for i := range 2000 {
		c := correction(1)
		c.Author = fmt.Sprintf("%026d", i)
		if _, _, err := r.AddCorrection(t.Context(), c); errors.Is(err, registry.ErrTooMany) {
			t.Logf("%d people can send the same", i)
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
	t.Error("any number of people can send the same")
}

// TestApprovedDuplicate: what an administrator adds or imports as approved
// counts, also if it was waiting already.
func TestApprovedDuplicate(t *testing.T) {
	r := openIn(t, openJet(t, jet.Options{Dir: t.TempDir()}))
	correct(t, r, correction(1))
	c := correction(1)
	c.State = registry.Approved
	kept, created, err := r.AddCorrection(t.Context(), c)
	if err != nil || created || kept.State != registry.Approved {
		t.Errorf("kept %+v, created %v, %v", kept, created, err)
	}
}

func TestCorrectionBounds(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		r := openIn(t, openJet(t, o)) // takes 20
		long := make(ink.Stroke, 5000)
		for i := range long {
			long[i] = ink.Point{X: float64(i) / 7, Y: 1.0 / 3}
		}
		for name, c := range map[string]struct {
			correction registry.Correction
			want       error
		}{
			"no stroke":        {registry.Correction{Label: 1}, registry.ErrInvalid},
			"label 10":         {registry.Correction{Label: 10, Strokes: stroke(1)}, registry.ErrInvalid},
			"label -2":         {registry.Correction{Label: -2, Strokes: stroke(1)}, registry.ErrInvalid},
			"not a number":     {registry.Correction{Strokes: ink.Drawing{{{X: math.NaN()}}}}, registry.ErrInvalid},
			"no probability":   {registry.Correction{Strokes: stroke(1), Reading: registry.Reading{Probabilities: [10]float32{float32(math.Inf(1))}}}, registry.ErrInvalid},
			"100 kB":           {registry.Correction{Strokes: ink.Drawing{long}}, registry.ErrTooLarge},
			"a 100 kB version": {registry.Correction{Strokes: stroke(1), Version: strings.Repeat("x", 100_000)}, registry.ErrTooLarge},
		} {
			if _, _, err := r.AddCorrection(t.Context(), c.correction); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		largest := registry.Correction{Strokes: ink.Drawing{long[:1700]}}
		first := correct(t, r, largest)
		for tag := range 19 {
			correct(t, r, correction(tag))
		}
		if _, _, err := r.AddCorrection(t.Context(), correction(20)); !errors.Is(err, registry.ErrTooMany) {
			t.Fatalf("the 21st: %v", err)
		}
		if _, created, err := r.AddCorrection(t.Context(), correction(3)); err != nil || created {
			t.Errorf("a duplicate when there are many: created %v, %v", created, err)
		}
		if _, err := r.Approve(t.Context(), first.ID); err != nil {
			t.Errorf("approving when there are many: %v", err)
		}
		if err := r.DeleteCorrection(t.Context(), first.ID, ""); err != nil {
			t.Error(err)
		}
		correct(t, r, correction(20))
	})
}

// TestPendingQuota: what only suggests itself takes no place from what counts, and
// has room again when something is approved or deleted.
func TestPendingQuota(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		r, err := registry.OpenSmall(t.Context(), openJet(t, o), seedOnly(), registry.Small{Corrections: 8, Pending: 3})
		if err != nil {
			t.Fatal(err)
		}
		first, second := correct(t, r, correction(1)), correct(t, r, correction(2))
		correct(t, r, correction(3))
		full := func(tag int) {
			t.Helper()
			if _, _, err := r.AddCorrection(t.Context(), correction(tag)); !errors.Is(err, registry.ErrManyPending) || errors.Is(err, registry.ErrTooMany) {
				t.Errorf("one more that waits: %v", err)
			}
		}
		full(4)
		again := correction(2)
		again.Author = "somebody else"
		if kept, created, err := r.AddCorrection(t.Context(), again); err != nil || created || kept.Author != again.Author {
			t.Errorf("one that waits already: %+v, created %v, %v", kept, created, err)
		}
		for tag := range 3 {
			c := correction(10 + tag)
			c.State = registry.Approved
			correct(t, r, c)
		}
		if _, err := r.Approve(t.Context(), first.ID); err != nil {
			t.Fatal(err)
		}
		correct(t, r, correction(4))
		full(5)
		if err := r.DeleteCorrection(t.Context(), second.ID, ""); err != nil {
			t.Fatal(err)
		}
		correct(t, r, correction(5))
		full(6)
	})
}

// TestHeldOut: one in five, the same ones every time, and only approved ones.
func TestHeldOut(t *testing.T) {
	held := 0
	for i := range 5000 {
		if (registry.Correction{ID: fmt.Sprint("c", i)}).HeldOut() {
			held++
		}
	}
	if held < 900 || held > 1100 { // 1000 ± 3.5 standard deviations
		t.Errorf("%d of 5000 are held out", held)
	}
	for i := range 100 {
		if (registry.Correction{ID: fmt.Sprint("c", i), Label: drawn.Unlabelled}).HeldOut() {
			t.Error("what is no digit is held out, for a gate that does not look at it")
		}
	}
	r := openIn(t, openJet(t, jet.Options{Dir: t.TempDir()}))
	want := map[string]bool{}
	for tag := range 20 {
		c := correction(tag)
		if tag > 1 {
			c.State = registry.Approved
		}
		if c = correct(t, r, c); tag > 1 {
			want[c.ID] = c.HeldOut()
		}
	}
	train, out, err := r.Approved(t.Context())
	if err != nil || len(train)+len(out) != 18 || len(train) == 0 || len(out) == 0 {
		t.Fatalf("%d to train, %d held out, %v", len(train), len(out), err)
	}
	for _, d := range train {
		if held, known := want[d.ID]; held || !known {
			t.Errorf("%s is in the training", d.ID)
		}
	}
	for _, d := range out {
		if !want[d.ID] {
			t.Errorf("%s is held out", d.ID)
		}
	}
}

// TestImportedPendigits: drawings of UCI's keep their ID, by which their makers get
// credit, and are never held out; so it is with one that somebody sent before.
func TestImportedPendigits(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		r := openIn(t, openJet(t, o))
		var lines []drawn.Drawn
		for i := range 20 {
			lines = append(lines, drawn.Drawn{ID: fmt.Sprintf("pendigits/tra/%d", i), Label: i % 10, Strokes: stroke(i)})
		}
		sent := correct(t, r, registry.Correction{Strokes: stroke(3), Label: 3, State: registry.Approved, Author: "a", Reading: registry.Reading{Digit: 1}})
		var file bytes.Buffer
		if err := drawn.Write(&file, lines, drawn.Both); err != nil {
			t.Fatal(err)
		}
		if n, err := r.Import(t.Context(), bytes.NewReader(file.Bytes()), registry.Approved, ""); n != 19 || err != nil {
			t.Fatalf("%d added, %v", n, err)
		}
		train, held, err := r.Approved(t.Context())
		if err != nil || len(train) != 20 || len(held) != 0 {
			t.Fatalf("%d to train on, %d held out, %v", len(train), len(held), err)
		}
		for _, d := range train {
			if !d.Pendigits() {
				t.Errorf("%s is not UCI's any more", d.ID)
			}
		}
		if c, err := r.GetCorrection(t.Context(), sent.ID, "a"); err != nil || c.Source != "pendigits/tra/3" || c.Reading.Digit != 1 {
			t.Errorf("what was sent before: %+v, %v", c, err)
		}
	})
}

func TestExportImport(t *testing.T) {
	eachStore(t, func(t *testing.T, o jet.Options) {
		j := openJet(t, o)
		r := openIn(t, j)
		ids := map[string]int{}
		for tag := range 5 {
			c := correction(tag)
			if tag == 4 {
				c.Label = drawn.Unlabelled
			}
			ids[correct(t, r, c).ID] = tag
		}
		var file bytes.Buffer
		if err := r.Export(t.Context(), &file, registry.Filter{Author: "alice-token"}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(file.String(), "alice") {
			t.Error("the export gives away the author's token")
		}
		lines, err := drawn.Read(bytes.NewReader(file.Bytes()), drawn.Both)
		if err != nil || len(lines) != 5 {
			t.Fatalf("exported %d lines, %v", len(lines), err)
		}
		label := func(id string) int {
			if ids[id] == 4 {
				return drawn.Unlabelled
			}
			return ids[id]
		}
		for _, d := range lines {
			if tag, ok := ids[d.ID]; !ok || d.Label != label(d.ID) || !reflect.DeepEqual(d.Strokes, stroke(tag)) || len(d.Writer) != 8 {
				t.Errorf("exported %+v", d)
			}
		}
		text := file.String()
		if n, err := r.Import(t.Context(), strings.NewReader(text), registry.Pending, "x"); n != 0 || err != nil {
			t.Errorf("importing what is there: %d added, %v", n, err)
		}
		for id := range ids {
			if err := r.DeleteCorrection(t.Context(), id, ""); err != nil {
				t.Error(err)
			}
		}
		if n, err := r.Import(t.Context(), strings.NewReader(text), registry.Approved, ""); n != 5 || err != nil {
			t.Errorf("importing: %d added, %v", n, err)
		}
		for id := range ids {
			if c, err := r.GetCorrection(t.Context(), id, ""); err != nil || c.State != registry.Approved || c.Reading.Digit != -1 || c.Label != label(id) {
				t.Errorf("imported %+v, %v", c, err)
			}
		}
		bad := text + `{"label":12,"strokes":[[[1,2]]]}` + "\n"
		if _, err := r.Import(t.Context(), strings.NewReader(bad), registry.Approved, ""); !errors.Is(err, registry.ErrInvalid) || !strings.Contains(err.Error(), "line 6") {
			t.Errorf("importing a wrong line: %v", err)
		}
		dot := text + `{"label":1,"strokes":[[[1,2]]]}` + "\n"
		if _, err := r.Import(t.Context(), strings.NewReader(dot), registry.Approved, ""); !errors.Is(err, registry.ErrInvalid) || !strings.Contains(err.Error(), "drawing 6") {
			t.Errorf("importing a dot: %v", err)
		}
	})
}

// TestCorrectionJSON: what programs see of a correction has the strokes of a
// stroke file, and never the author.
func TestCorrectionJSON(t *testing.T) {
	c := correction(2)
	c.ID, c.State, c.Created = "abc", registry.Pending, time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	b, err := json.Marshal(c)
	want := `{"id":"abc","strokes":[[[10,2.5],[30,70]],[[5,5]]],"label":2,"reading":{"digit":1,"verdict":"digit","probabilities":[0,0.75,0,0,0,0,0,0,0,0]},"version":"seed","created":"2030-01-02T03:04:05Z","state":"pending"}`
	if err != nil || string(b) != want {
		t.Errorf("wrote %s, %v; want %s", b, err, want)
	}
	var back registry.Correction
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if c.Author = ""; !reflect.DeepEqual(back, c) {
		t.Errorf("read back %+v", back)
	}
}

// TestReadingJSON: a reading without a digit has null for it, as predict answers,
// and the -1 of earlier versions is understood.
func TestReadingJSON(t *testing.T) {
	none := registry.Reading{Digit: -1, Verdict: "blank"}
	b, err := json.Marshal(none)
	if want := `{"digit":null,"verdict":"blank","probabilities":[0,0,0,0,0,0,0,0,0,0]}`; err != nil || string(b) != want {
		t.Errorf("wrote %s, %v; want %s", b, err, want)
	}
	for _, text := range []string{string(b), `{"digit":-1,"verdict":"blank"}`} {
		var back registry.Reading
		if err := json.Unmarshal([]byte(text), &back); err != nil || back != none {
			t.Errorf("read %s as %+v, %v", text, back, err)
		}
	}
}
