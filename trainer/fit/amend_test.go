package fit

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rakam/trainer/drawn"
	"rakam/trainer/report"
	"rakam/wasm/ink"
)

// TestAmend: a version measured on drawings afterwards has the same files as one
// that was measured on them at once.
func TestAmend(t *testing.T) {
	set := &drawn.Set{Name: "mine", Credit: "me", Drawings: []drawn.Drawn{
		{Label: 1, Writer: "w", Strokes: ink.Drawing{{{X: 1, Y: 0}, {X: 1, Y: 9}}}},
		{Label: 7, Writer: "v", Strokes: ink.Drawing{{{X: 1, Y: 0}, {X: 1, Y: 9}}}},
	}}
	res := mustRun(t, config(t, small()))
	atOnce, later := t.TempDir(), t.TempDir()
	rep, err := WriteArtifacts(atOnce, res, set)
	if err != nil {
		t.Fatal(err)
	}
	if rep.Drawn == nil || rep.Drawn.ModelSHA256 != rep.ModelSHA256 || rep.Drawn.Samples != 2 || rep.Dataset != report.MNISTTest {
		t.Fatalf("%v on %s, %v", rep, rep.Dataset, rep.Drawn)
	}
	if _, err := WriteArtifacts(later, res, nil); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second replaces the first
		if err := Amend(later, rep.Drawn, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{ModelFile, ReportFile, HistoryFile, CardFile} {
		if want, got := read(t, atOnce, name), read(t, later, name); !bytes.Equal(got, want) {
			t.Errorf("%s is\n%s\nwant\n%s", name, got, want)
		}
	}
	// A robustness, and the calibration error of before, stay beside the scores of the same drawings, but not of others that
	// have the same name.
	measured, again, others := *rep.Drawn, *rep.Drawn, *rep.Drawn
	measured.Robustness = []report.Variation{{Change: "narrow", Amount: 0.6}}
	before := 0.5
	measured.Calibration.Before = &before
	others.Confusion[1][1]++
	for i, added := range []*report.Report{&measured, &again, &others} {
		if err := Amend(atOnce, added, nil); err != nil {
			t.Fatal(err)
		}
		var amended report.Report
		if err := json.Unmarshal(read(t, atOnce, ReportFile), &amended); err != nil {
			t.Fatal(err)
		}
		if got, want := len(amended.Drawn.Robustness), []int{1, 1, 0}[i]; got != want {
			t.Errorf("after measurement %d there are %d changes, want %d", i, got, want)
		}
		if kept := amended.Drawn.Calibration.Before != nil; kept != (i < 2) {
			t.Errorf("after measurement %d the calibration error of before is there: %v", i, kept)
		}
	}
	if card := string(read(t, later, CardFile)); strings.Count(card, "On 2 drawings, `mine`") != 1 || !strings.Contains(card, "Drawings: me.") {
		t.Errorf("the card does not have the score once:\n%s", card)
	}
}

func TestAmendOthers(t *testing.T) {
	dir := t.TempDir()
	if err := Amend(dir, nil, nil); err == nil {
		t.Error("a folder without a version was amended")
	}
	before, err := encodeJSON(report.Report{ModelSHA256: "cafe", Drawn: &report.Report{Samples: 3}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ReportFile), before, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"others": Amend(dir, nil, &report.Others{ModelSHA256: "beef"}),
		"digits": Amend(dir, &report.Report{ModelSHA256: "beef"}, nil),
	} {
		if err == nil || !strings.Contains(err.Error(), "another model file") {
			t.Errorf("%s of another model: %v", name, err)
		}
	}
	if !bytes.Equal(read(t, dir, ReportFile), before) {
		t.Error("what was refused changed the report")
	}
	if err := os.WriteFile(filepath.Join(dir, CardFile), []byte("# x\n\n## On drawn digits\n\nOf before.\n\n## Training\n\nLong.\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second replaces the first
		if err := Amend(dir, nil, &report.Others{ModelSHA256: "cafe", Dataset: "o.jsonl", Samples: 7, Refused: 0.5}); err != nil {
			t.Fatal(err)
		}
	}
	card := string(read(t, dir, CardFile))
	if strings.Count(card, "Of 7 drawings that are no digits, `o.jsonl`, it takes **50.00 %** for none") != 1 || !strings.Contains(card, "On 3 drawings") || strings.Contains(card, "Of before") || !strings.HasSuffix(card, "\n\n## Training\n\nLong.\n") {
		t.Errorf("the card is\n%s", card)
	}
	var rep report.Report
	if err := json.Unmarshal(read(t, dir, ReportFile), &rep); err != nil || rep.Others.Samples != 7 || rep.Drawn.Samples != 3 {
		t.Errorf("%+v, %v", rep, err)
	}
	if err := os.Remove(filepath.Join(dir, CardFile)); err != nil {
		t.Fatal(err)
	}
	if err := Amend(dir, &report.Report{ModelSHA256: "cafe"}, nil); err == nil {
		t.Error("a version without a card was amended")
	}
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
