package drawn_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"rakam/trainer/drawn"
	"rakam/wasm/ink"
)

// by makes a drawing by each writer, with IDs that begin with prefix.
func by(prefix string, writers ...string) []drawn.Drawn {
	var list []drawn.Drawn
	for i, w := range writers {
		list = append(list, drawn.Drawn{ID: prefix + string(rune('0'+i)), Label: i % 10, Writer: w, Strokes: ink.Drawing{{{X: 1, Y: 2}}}})
	}
	return list
}

func TestSelect(t *testing.T) {
	list := by("", "w02", "w10", "w01", "tes-w01", "", "w9", "w100", "w")
	for writers, want := range map[string]string{
		"w09..w10":         "w10 w9", // with a zero or without
		"w1..w24":          "w02 w10 w01 w9",
		"w01..w100":        "w02 w10 w01 w9 w100",
		"w2,w09,w":         "w02 w9 w",
		"tes-w01,w02":      "w02 tes-w01",
		"w100..w999":       "w100",
		"w01,w01..w02,w02": "w02 w01",
	} {
		got, err := drawn.Select(list, writers)
		if err != nil {
			t.Errorf("%s: %v", writers, err)
		}
		var names []string
		for _, d := range got {
			names = append(names, d.Writer)
		}
		if strings.Join(names, " ") != want {
			t.Errorf("%s selects %v, want %s", writers, names, want)
		}
	}
	for writers, want := range map[string]string{
		"w03":      `by writer "w03": there are tes-w01,w,w01,w02,w9,w10,w100`,
		"w01,":     `by writer ""`,
		"w10..w09": `at writers "w10..w09": the range runs backwards`,
		"..w09":    `at writers "..w09"`,
		"w01..x02": `at writers "w01..x02": write the ends`,
		"w..w02":   `at writers "w..w02"`,
		"w01..":    `at writers "w01.."`,
		"":         `by writer ""`,
	} {
		if got, err := drawn.Select(list, writers); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q selects %v, %v; want an error with %s", writers, got, err, want)
		}
	}
	if _, err := drawn.Select(by("", ""), "w01"); err == nil || !strings.Contains(err.Error(), "name no writer") {
		t.Errorf("drawings by nobody: %v", err)
	}
}

// write makes a stroke file in a folder of its own.
func write(t *testing.T, name string, list []drawn.Drawn) (path string) {
	t.Helper()
	var b bytes.Buffer
	if err := drawn.Write(&b, list, drawn.Digits); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadSet(t *testing.T) {
	six := []string{"w26", "w25", "w27", "w30", "w28", "w03"}
	all := slices.Repeat(six, 250) // as many as UCI's writers have
	for name, c := range map[string]struct {
		path, name, credit string
		drawings           int
	}{
		"own":                 {write(t, "mine.jsonl", by("a", "x", "y", "x")), "mine.jsonl", "", 3},
		"own, one writer":     {write(t, "mine.jsonl", by("a", "x", "y", "x")) + "@x", "mine.jsonl@x", "", 2},
		"a name with the @":   {write(t, "me@x", by("a", "x", "y")), "me@x", "", 2},
		"UCI's, repacked":     {write(t, "dev.jsonl", by("pendigits/tra/", all...)), "pendigits-orig.tra@w03,w25..w28,w30", drawn.PendigitsCredit, 1500},
		"UCI's, some of them": {write(t, "dev.jsonl", by("pendigits/tra/", all...)) + "@w25..w27", "pendigits-orig.tra@w25..w27", drawn.PendigitsCredit, 750},
		"UCI's, a few":        {write(t, "few.jsonl", by("pendigits/tra/", six...)), "few.jsonl", drawn.PendigitsCredit, 6},
		"UCI's and others":    {write(t, "mix.jsonl", slices.Concat(by("pendigits/tra/", "w25"), by("a", "x"))), "mix.jsonl", drawn.PendigitsCredit, 2},
		"two files of UCI's":  {write(t, "mix.jsonl", slices.Concat(by("pendigits/tra/", "w25"), by("pendigits/tes/", "tes-w01"))), "mix.jsonl", drawn.PendigitsCredit, 2},
		"UCI's own":           {"testdata/pendigits-orig.tra@w26", "pendigits-orig.tra@w26", drawn.PendigitsCredit, 1},
	} {
		set, err := drawn.LoadSet(c.path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if set.Name != c.name || set.Credit != c.credit || len(set.Drawings) != c.drawings {
			t.Errorf("%s: %q, %q, %d drawings", name, set.Name, set.Credit, len(set.Drawings))
		}
	}
	path := write(t, "mine.jsonl", by("a", "x"))
	if _, err := drawn.LoadSet(path + "@z"); err == nil || err.Error() != path+`: holds no drawing by writer "z": there are x` {
		t.Errorf("a writer who is not there: %v", err)
	}
}

// TestLoadOthers: what is no digit has no label; each of the two loaders takes
// only what it is for.
func TestLoadOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "others.jsonl")
	const others = `{"id":"letter/0","label":null,"strokes":[[[1,2]]]}` + "\n" + `{"id":"scribble/1","strokes":[[[1,2],[3,4]]]}`
	if err := os.WriteFile(path, []byte(others), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := drawn.Load(path, drawn.NoDigits)
	if err != nil || len(got) != 2 || got[1].Label != drawn.Unlabelled || got[1].ID != "scribble/1" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := drawn.Load(path, drawn.Digits); err == nil || !strings.Contains(err.Error(), "line 1: label is null, want 0 to 9") {
		t.Errorf("without a label a drawing was taken for a digit: %v", err)
	}
	if _, err := drawn.Load(write(t, "digits.jsonl", by("a", "x")), drawn.NoDigits); err == nil || !strings.Contains(err.Error(), "line 1: label is 0, want none or null") {
		t.Errorf("a digit was taken for none: %v", err)
	}
	if err := drawn.Write(&bytes.Buffer{}, got, drawn.Digits); err == nil {
		t.Error("what is no digit was written among digits")
	}
	if _, err := drawn.Load(path, drawn.Both); err == nil || !strings.Contains(err.Error(), "line 2: label is missing, want 0 to 9, or null") {
		t.Errorf("where either may be, one that says nothing was taken: %v", err)
	}
	mixed := append(got, drawn.Drawn{ID: "digit/2", Label: 4, Strokes: ink.Drawing{{{X: 1, Y: 2}}}})
	var file bytes.Buffer
	if err := drawn.Write(&file, mixed, drawn.Both); err != nil {
		t.Fatal(err)
	}
	if again, err := drawn.Read(&file, drawn.Both); err != nil || !reflect.DeepEqual(again, mixed) {
		t.Errorf("written %+v, read %+v, %v", mixed, again, err)
	}
	if _, err := drawn.Load("testdata/pendigits-orig.tra", drawn.NoDigits); err == nil || !strings.Contains(err.Error(), "is UNIPEN") {
		t.Errorf("UCI's digits were taken for none: %v", err)
	}
}
